//! `demo --real`: the page guards itself, and what is done there is done to the real data and to a real platform.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use telecast::demo::platform::Platform;
use telecast::domain::id::UserId;
use telecast::store::{KeySource, Keyring, Store};

const SOON: Duration = Duration::from_secs(20);

/// The program, and the address that it printed.
struct Console {
    child: Child,
    // Closed, it would take the program with it.
    _told: BufReader<ChildStdout>,
    url: String,
    client: reqwest::Client,
}

impl Console {
    fn start(dir: &Path) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_telecast"));
        program.env_clear().current_dir(dir).args(["demo", "--real"]).stdout(Stdio::piped()).stderr(Stdio::null());
        program.env("TELECAST_LISTEN", "127.0.0.1:0").env("TELECAST_ALLOW_PRIVATE", "127.0.0.0/8");
        let mut child = program.spawn().unwrap();
        let (mut told, mut line) = (BufReader::new(child.stdout.take().unwrap()), String::new());
        told.read_line(&mut line).unwrap();
        let url = line.split_whitespace().find(|word| word.starts_with("http://")).expect(&line).to_owned();
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        Self { child, _told: told, url, client: client.build().unwrap() }
    }

    fn page(&self) -> &str {
        self.url.split("/?").next().unwrap()
    }

    /// What a browser gets for the key.
    async fn cookie(&self) -> String {
        let answer = self.client.get(&self.url).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()), (303, "/"));
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
        cookie.split(';').next().unwrap().to_owned()
    }

    async fn view(&self, cookie: &str) -> serde_json::Value {
        let request = self.client.get(format!("{}/page/view?as=1", self.page())).header("cookie", cookie);
        request.send().await.unwrap().json().await.unwrap()
    }

    async fn act(&self, cookie: &str, deed: serde_json::Value) {
        let request = self.client.post(format!("{}/page/do", self.page())).header("cookie", cookie);
        let answer = request.header("origin", self.page()).json(&deed).send().await.unwrap();
        assert!(answer.status().is_success(), "{deed}: {}", answer.text().await.unwrap());
    }

    async fn says(&self, cookie: &str, text: &str) {
        self.act(cookie, serde_json::json!({"do": "say", "user": 1, "chat": 1, "text": text})).await;
    }

    /// The newest message of the bot that holds `words`, or a button that does, once it is there.
    async fn hears(&self, cookie: &str, words: &str) -> serde_json::Value {
        let deadline = Instant::now() + SOON;
        loop {
            let view = self.view(cookie).await;
            let messages = view["chats"][0]["messages"].as_array().cloned().unwrap_or_default();
            let fits = |m: &serde_json::Value| m["bot"] == true && m.to_string().contains(words);
            if let Some(message) = messages.into_iter().rev().find(fits) {
                return message;
            }
            assert!(Instant::now() < deadline, "waited in vain for {words:?} in {view}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn end(mut self) {
        assert!(Command::new("kill").arg(self.child.id().to_string()).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_private_page_leads_the_real_telecast_live_on_a_platform_without_telegram() {
    let dir = tempfile::tempdir().unwrap();
    let console = Console::start(dir.path());
    let page = console.page();
    assert!(page.starts_with("http://127.0.0.1:"), "{page}");
    for path in [
        "/",
        "/?key=",
        "/?key=0123456789abcdef0123456789abcdef",
        "/page/view?as=1",
        "/page/live?as=1",
        "/page/app.js",
        "/side",
    ] {
        let answer = console.client.get(format!("{page}{path}")).send().await.unwrap();
        assert_eq!(answer.status(), 403, "{path}");
    }
    let cookie = console.cookie().await;
    let foreign =
        console.client.get(format!("{page}/")).header("cookie", &cookie).header("origin", "http://evil.example");
    assert_eq!(foreign.send().await.unwrap().status(), 403, "a foreign page has no use of the cookie");
    assert_eq!(console.view(&cookie).await["console"], true);

    let alpha = Platform::alpha_tv(None).await.unwrap();
    console.says(&cookie, &format!("{}\n{}", alpha.server(), alpha.key())).await;
    let asked = console.hears(&cookie, "Save").await;
    let (row, column) = place(&asked, "Save");
    let tap =
        serde_json::json!({"do": "tap", "user": 1, "chat": 1, "message": asked["id"], "row": row, "column": column});
    console.act(&cookie, tap).await;
    console.hears(&cookie, "is saved").await;
    console.says(&cookie, "/ingest").await;
    console.hears(&cookie, "Stream Key:").await;
    let click = console.client.post(format!("{page}/side")).header("cookie", &cookie).header("origin", page);
    assert!(click.json(&serde_json::json!({"click": "start"})).send().await.unwrap().status().is_success());
    console.hears(&cookie, "Your picture is here").await;
    console.says(&cookie, "/golive").await;
    let flows =
        |received: &telecast::demo::platform::Received| received.live().filter(|live| live.video_frames > 30).map(drop);
    alpha.wait("a picture", SOON, flows).await.unwrap();
    console.hears(&cookie, "Live for").await;
    console.says(&cookie, "/stoplive now").await;
    console.hears(&cookie, "The show is over").await;
    console.end();

    // What was done there is kept, apart from what a real owner will find.
    let data = dir.path().join("data");
    assert!(!Store::is_in(&data));
    let kept =
        Store::open(&data.join("console"), Keyring::load_or_create(&data.join("console"), &KeySource::Data).unwrap())
            .unwrap();
    assert_eq!((kept.owner(), kept.studios().len()), (Some(UserId(1)), 1));
    assert_eq!(kept.targets(kept.studios()[0].id).len(), 1);
}

#[tokio::test]
async fn whoever_owns_a_telecast_finds_their_own_studio_in_its_console() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let store = Store::open(&data, Keyring::load_or_create(&data, &KeySource::Data).unwrap()).unwrap();
    let code = store.claim_code().await.unwrap().unwrap();
    let owner = UserId(4_242_424_242);
    assert!(store.claim(&code, owner).await.unwrap());
    store.set_last_update(700_000_000).await.unwrap();
    store.close().await;
    drop(store);

    let console = Console::start(dir.path());
    let cookie = console.cookie().await;
    let chat = owner.0;
    console.act(&cookie, serde_json::json!({"do": "say", "user": chat, "chat": chat, "text": "/targets"})).await;
    let request = console.client.get(format!("{}/page/view?as={chat}", console.page())).header("cookie", &cookie);
    let deadline = Instant::now() + SOON;
    while !request.try_clone().unwrap().send().await.unwrap().text().await.unwrap().contains("There is no platform yet")
    {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    console.end();
    let store = Store::open(&data, Keyring::load_or_create(&data, &KeySource::Data).unwrap()).unwrap();
    assert_eq!(store.owner(), Some(owner));
    let last = i64::from(store.last_update().unwrap());
    assert!(last - 700_000_000 > 2_000_000, "Telegram's own numbers go on from there as if nothing had been: {last}");
}

/// Where a button is.
fn place(message: &serde_json::Value, label: &str) -> (usize, usize) {
    let rows = message["keyboard"].as_array().unwrap();
    let found = rows.iter().enumerate().find_map(|(row, buttons)| {
        let column = buttons.as_array()?.iter().position(|b| b.to_string().contains(label))?;
        Some((row, column))
    });
    found.unwrap_or_else(|| panic!("no button {label} under {message}"))
}
