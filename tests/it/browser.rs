//! A real browser for tests: Chromium, spoken to through its DevTools pipe (JSON, each message ended by a zero byte).

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The pipe is the browser's files 3 and 4. A browser that hangs is ended, which the test sees as the end of the pipe.
const START: &str = "exec timeout 90 chromium \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1";

/// A browser with one open page. Calls block.
pub(super) struct Browser {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    session: Option<String>,
    last: u64,
    _profile: tempfile::TempDir,
}

impl Browser {
    pub(super) fn open(url: &str) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut child = Command::new("sh")
            .args(["-c", START, "sh", "--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu"])
            .args(["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"])
            .args(["--disable-component-update", "--window-size=1280,800"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, from) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        let mut browser = Self { child, to, from, session: None, last: 0, _profile: profile };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}))["targetId"].clone();
        let attached = browser.call("Target.attachToTarget", json!({"targetId": target, "flatten": true}));
        browser.session = Some(attached["sessionId"].as_str().unwrap().to_owned());
        browser.call("Page.navigate", json!({"url": url}));
        browser
    }

    fn call(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let mut message = json!({"id": self.last, "method": method, "params": params});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let to = self.to.as_mut().unwrap();
        to.write_all(message.to_string().as_bytes()).unwrap();
        to.write_all(&[0]).unwrap();
        to.flush().unwrap();
        loop {
            let mut bytes = Vec::new();
            self.from.read_until(0, &mut bytes).unwrap();
            assert_eq!(bytes.pop(), Some(0), "chromium, which tests/run installs, is missing or has ended");
            let answer: Value = serde_json::from_slice(&bytes).unwrap();
            if answer["id"] == self.last {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    /// Runs a script in the page until what it gives is true (not `false`, `null`, `""`), and gives that. The test
    /// fails with the script when that takes longer than 10 s.
    pub(super) fn wait_for(&mut self, script: &str) -> Value {
        let until = format!(
            "new Promise((done, failed) => {{ const end = Date.now() + 10000; const look = () => {{
                let seen; try {{ seen = {script} }} catch {{ seen = null }}
                if (seen) done(seen); else if (Date.now() > end) failed(new Error(document.body?.innerText));
                else setTimeout(look, 20) }}; look() }})"
        );
        let params = json!({"expression": until, "awaitPromise": true, "returnByValue": true, "userGesture": true});
        let answer = self.call("Runtime.evaluate", params);
        assert!(answer["exceptionDetails"].is_null(), "{script} never held: {answer}");
        answer["result"]["value"].clone()
    }

    /// Clicks the first element that fits `selector` and says `words`.
    pub(super) fn click(&mut self, selector: &str, words: &str) {
        let (selector, words) = (json!(selector), json!(words));
        let found = format!("[...document.querySelectorAll({selector})].find(e => e.textContent.includes({words}))");
        self.wait_for(&format!("({found}.click(), true)"));
    }
}

impl Drop for Browser {
    /// The end of the pipe ends the browser.
    fn drop(&mut self) {
        self.to = None;
        let _ = self.child.wait();
    }
}
