//! A real browser: Chromium, spoken to through its DevTools pipe (JSON, each message ended by a zero byte).

use super::{Result, fault};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The pipe is the browser's files 3 and 4. A browser that hangs is ended, which is seen as the end of the pipe.
const START: &str = "exec timeout 300 chromium \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1";

/// A browser with one open page. Calls block.
pub struct Browser {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    session: Option<String>,
    last: u64,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// # Errors
    /// Chromium is missing, or does not answer.
    pub fn open(url: &str) -> Result<Self> {
        let profile = tempfile::tempdir()?;
        let mut child = Command::new("sh")
            .args(["-c", START, "sh", "--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu"])
            .args(["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"])
            .args(["--disable-component-update", "--hide-scrollbars", "--window-size=1280,800"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (to, Some(from)) = (child.stdin.take(), child.stdout.take()) else { return fault("no pipe") };
        let mut browser = Self { child, to, from: BufReader::new(from), session: None, last: 0, _profile: profile };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}))?["targetId"].clone();
        let attached = browser.call("Target.attachToTarget", json!({"targetId": target, "flatten": true}))?;
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        browser.call("Page.navigate", json!({"url": url}))?;
        Ok(browser)
    }

    fn call(&mut self, method: &str, params: Value) -> Result<Value> {
        self.last += 1;
        let mut message = json!({"id": self.last, "method": method, "params": params});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let Some(to) = self.to.as_mut() else { return fault("the browser is closed") };
        to.write_all(message.to_string().as_bytes())?;
        to.write_all(&[0])?;
        to.flush()?;
        loop {
            let mut bytes = Vec::new();
            self.from.read_until(0, &mut bytes)?;
            if bytes.pop() != Some(0) {
                return fault("chromium, which tests/run installs, is missing or has ended");
            }
            let answer: Value = serde_json::from_slice(&bytes)?;
            if answer["id"] == self.last {
                if !answer["error"].is_null() {
                    return fault(format!("{method}: {answer}"));
                }
                return Ok(answer["result"].clone());
            }
        }
    }

    /// Makes the page as large as a phone's; `sharp`: pixels of the screen for one of the page.
    ///
    /// # Errors
    /// The browser does not answer.
    pub fn be_phone(&mut self, width: u32, height: u32, sharp: f64) -> Result<()> {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": sharp, "mobile": true});
        self.call("Emulation.setDeviceMetricsOverride", size).map(drop)
    }

    /// What is on the screen, as a PNG.
    ///
    /// # Errors
    /// The browser does not answer.
    pub fn picture(&mut self) -> Result<Vec<u8>> {
        use base64::Engine as _;
        let answer = self.call("Page.captureScreenshot", json!({"format": "png"}))?;
        Ok(base64::engine::general_purpose::STANDARD.decode(answer["data"].as_str().unwrap_or_default())?)
    }

    /// Runs a script in the page until what it gives is true (not `false`, `null`, `""`), and gives that.
    ///
    /// # Errors
    /// That takes longer than 10 s; the words are the script and what the page shows.
    pub fn wait_for(&mut self, script: &str) -> Result<Value> {
        let until = format!(
            "new Promise((done, failed) => {{ const end = Date.now() + 10000; const look = () => {{
                let seen; try {{ seen = {script} }} catch {{ seen = null }}
                if (seen) done(seen); else if (Date.now() > end) failed(new Error(document.body?.innerText));
                else setTimeout(look, 20) }}; look() }})"
        );
        let params = json!({"expression": until, "awaitPromise": true, "returnByValue": true, "userGesture": true});
        let answer = self.call("Runtime.evaluate", params)?;
        if !answer["exceptionDetails"].is_null() {
            return fault(format!("{script} never held: {answer}"));
        }
        Ok(answer["result"]["value"].clone())
    }

    /// Clicks the first element that fits `selector` and says `words`.
    ///
    /// # Errors
    /// There is none within 10 s.
    pub fn click(&mut self, selector: &str, words: &str) -> Result<()> {
        let (selector, words) = (json!(selector), json!(words));
        let found = format!("[...document.querySelectorAll({selector})].find(e => e.textContent.includes({words}))");
        self.wait_for(&format!("({found}.click(), true)")).map(drop)
    }
}

impl Drop for Browser {
    /// The end of the pipe ends the browser.
    fn drop(&mut self) {
        self.to = None;
        let _ = self.child.wait();
    }
}
