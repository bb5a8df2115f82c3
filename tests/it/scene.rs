//! A whole Telecast in front of the Bot API stand-in, and people who talk with it. What every conversation must keep
//! is checked at its end: no flood control, no refused request, no tap without an answer, no key in any chat.

use crate::bed::pages;
use secrecy::SecretString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use telecast::app::{App, Settings, WebSettings};
use telecast::chat::Timing;
use telecast::demo::bot_api::{
    Action, BotApi, MING, Message, OLIVIA, Phone, SAM, Setup, Tapped, Toast, WEEKEND_SHOW, World,
};
use telecast::domain::id::{ChatId, UserId};
use telecast::domain::recording::{Container, RecordingName};
use telecast::domain::rtmp_url::{PushPoint, ServerUrl};
use telecast::domain::secret::StreamKey;
use telecast::platform::Catalogue;
use telecast::platform::live_check::{Apps, HostApp};
use telecast::store::{KeySource, Keyring, Store};

/// No answer takes longer, but for the pace that Telegram asks for.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// A key as Bilibili gives them. What is planted must never be seen again.
pub(crate) const BILIBILI_KEY: &str =
    "?streamname=live_1234567_89012345&key=0a1b2c3d4e5f60718293a4b5c6d7e8f9&schedule=rtmp&pflag=1";
/// A server and a key of some other platform.
pub(crate) const OTHER_SERVER: &str = "rtmp://push.example.invalid/live";
pub(crate) const OTHER_KEY: &str = "planted-stream-key-0123456789";

/// The stage.
pub(crate) struct Scene {
    pub(crate) api: BotApi,
    pub(crate) phone: Phone,
    pub(crate) app: Option<App>,
    pub(crate) data: tempfile::TempDir,
    listen: Option<SocketAddr>,
    catalogue: Catalogue,
    /// What its host can send, in Mbit/s, where that was said.
    uplink: Option<u32>,
    /// What recordings may take, in GiB.
    room: u32,
    /// The host has an address for web pages.
    web: bool,
    /// What stands for all public pages, where somebody is to see the shows; they know the host's application as `gated`.
    pages: Option<url::Url>,
    taps: std::sync::Mutex<Vec<Tapped>>,
    /// Requests that Telegram refused and that this scene is about.
    refusals: bool,
}

/// Private chats and the group.
pub(crate) const OLIVIAS: ChatId = Phone::private(OLIVIA);
pub(crate) const MINGS: ChatId = Phone::private(MING);
pub(crate) const SAMS: ChatId = Phone::private(SAM);

impl Scene {
    /// Nobody owns it yet.
    pub(crate) async fn new() -> Self {
        Self::of(World::demo()).await
    }

    /// Nobody owns it yet, in another world.
    pub(crate) async fn of(world: World) -> Self {
        Box::pin(Self::knowing(world, Catalogue::builtin())).await
    }

    /// Olivia owns it, and it knows these platforms beside ours.
    pub(crate) async fn owned_knowing(platforms: &str) -> Self {
        let scene = Self::knowing(World::demo(), Catalogue::extended(platforms).unwrap()).await;
        scene.claim().await;
        scene
    }

    /// The same, on a host that can send so many Mbit/s.
    pub(crate) async fn owned_sending(platforms: &str, uplink: u32) -> Self {
        let mut scene = Self::knowing(World::demo(), Catalogue::extended(platforms).unwrap()).await;
        scene.stop().await;
        scene.uplink = Some(uplink);
        scene.start().await;
        scene.claim().await;
        scene
    }

    /// Olivia owns it, and its host has an address for web pages.
    pub(crate) async fn owned_with_web() -> Self {
        let mut scene = Self::new().await;
        scene.stop().await;
        scene.web = true;
        scene.start().await;
        scene.claim().await;
        scene
    }

    /// Olivia owns it, and its host has no room for recordings: none at all, or none beside one of another's of so many bytes.
    pub(crate) async fn owned_without_room(taken: Option<u64>) -> Self {
        let mut scene = Self::new().await;
        scene.stop().await;
        scene.room = u32::from(taken.is_some());
        if let Some(bytes) = taken {
            let dir = scene.data.path().join("recordings/99");
            std::fs::create_dir_all(&dir).unwrap();
            let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
            let name = RecordingName { began: now, seconds: 1, container: Container::Mp4 }.to_string();
            std::fs::File::create(dir.join(name)).unwrap().set_len(bytes).unwrap();
        }
        scene.start().await;
        scene.claim().await;
        scene
    }

    /// The same, with what stands for all public pages.
    pub(crate) async fn owned_seeing(platforms: &str, pages: url::Url) -> Self {
        let mut scene = Self::knowing(World::demo(), Catalogue::extended(platforms).unwrap()).await;
        scene.stop().await;
        scene.pages = Some(pages);
        scene.start().await;
        scene.claim().await;
        scene
    }

    async fn knowing(world: World, catalogue: Catalogue) -> Self {
        let journal = Some(journal());
        let api = BotApi::start(world, Setup { journal, ..Setup::default() }).await.unwrap();
        let data = tempfile::tempdir().unwrap();
        let phone = api.phone();
        let (listen, taps) = (None, Vec::new().into());
        let (uplink, room, pages, web) = (None, 1, None, false);
        let mut scene =
            Self { api, phone, app: None, data, listen, catalogue, uplink, room, web, pages, taps, refusals: false };
        scene.start().await;
        scene
    }

    /// Olivia owns it and has been told so.
    pub(crate) async fn owned() -> Self {
        let scene = Self::new().await;
        scene.claim().await;
        scene
    }

    /// Olivia owns it, and the group, of which Ming is the creator and Sam a member, may use it.
    pub(crate) async fn with_group() -> Self {
        let scene = Box::pin(Self::owned()).await;
        scene.phone.add_bot(OLIVIA, WEEKEND_SHOW).unwrap();
        scene.hears(WEEKEND_SHOW, 0, "I put this group’s live stream on many platforms").await;
        scene
    }

    pub(crate) async fn claim(&self) {
        let code = self.app.as_ref().unwrap().claim_code().await.unwrap();
        self.asks(OLIVIA, OLIVIAS, &format!("/start {code}"), "This Telecast is yours now.").await;
    }

    /// Starts the app on what is stored.
    pub(crate) async fn start(&mut self) {
        let api_url = self.api.url().parse().unwrap();
        let token = SecretString::from(self.api.token());
        let timing = Timing {
            hold: Duration::from_secs(5),
            patience: Duration::from_secs(2),
            backoff: Duration::from_millis(50),
            backoff_most: Duration::from_millis(200),
            ..Timing::default()
        };
        let catalogue = self.catalogue.clone();
        let local = Settings::local(token, api_url, self.data.path().to_owned());
        let mut settings = Settings { timing, catalogue, uplink_mbps: self.uplink, ..local };
        if let Some(pages) = &self.pages {
            let host = HostApp { id: Some(pages::ID.into()), secret: Some(pages::SECRET.into()) };
            settings.apps = Apps::new([("gated".to_owned(), host)]);
            settings.pages = Some(pages.clone());
        }
        settings.recordings.gib = self.room;
        let url = "https://live.example.com/telecast".parse().unwrap();
        settings.web = self.web.then(|| WebSettings { url, listen: (std::net::Ipv4Addr::LOCALHOST, 0).into() });
        // Encoders come back to the same address.
        let listen = self.listen.unwrap_or(settings.listen);
        let app = Box::pin(App::start(Settings { listen, ..settings })).await.unwrap();
        self.listen = Some(app.ingest_addr());
        self.app = Some(app);
    }

    /// Stops the app, as SIGTERM does.
    pub(crate) async fn stop(&mut self) {
        self.app.take().unwrap().stop().await;
    }

    /// Starts it anew; `meanwhile` reads and changes what is stored.
    pub(crate) async fn restarts_with(&mut self, meanwhile: impl AsyncFnOnce(&Store)) {
        self.stop().await;
        let data = self.data.path();
        let store = Store::open(data, Keyring::load_or_create(data, &KeySource::Data).unwrap()).unwrap();
        meanwhile(&store).await;
        store.close().await;
        drop(store);
        // What the old process had just written counts with the flood control, and nothing tells the new one.
        self.phone.advance(Duration::from_secs(60));
        self.start().await;
    }

    /// Starts it anew with another hold time for the studio of `chat`.
    pub(crate) async fn set_hold(&mut self, chat: ChatId, hold: Duration) {
        self.restarts_with(async |store| {
            let studio = store.studio_of(chat).unwrap().id;
            store.update_studio(studio, move |studio| studio.hold = hold).await.unwrap();
        })
        .await;
    }

    /// From here on Telegram may refuse requests: the scene is about that.
    pub(crate) fn expect_refusals(&mut self) {
        self.refusals = true;
    }

    /// `user` writes, and the bot's newest message then holds `words`.
    pub(crate) async fn asks(&self, user: UserId, chat: ChatId, text: &str, words: &str) -> Message {
        let sent = self.phone.say(user, chat, text).unwrap();
        self.hears(chat, sent, words).await
    }

    /// The bot's message after number `after` that holds `words`.
    pub(crate) async fn hears(&self, chat: ChatId, after: i32, words: &str) -> Message {
        self.phone.wait_for_text(chat, after, words, SOON).await.unwrap()
    }

    /// `user` taps the newest button that says `label`.
    pub(crate) fn taps(&self, user: UserId, chat: ChatId, label: &str) -> Tapped {
        let tapped = self.phone.press(user, chat, label).unwrap();
        self.taps.lock().unwrap().push(tapped.clone());
        tapped
    }

    /// A tap, and what is said after it: a new message, or the same one made another.
    pub(crate) async fn taps_for(&self, user: UserId, chat: ChatId, label: &str, words: &str) -> Message {
        self.phone.wait_for_button(chat, label, SOON).await.unwrap();
        self.taps(user, chat, label);
        self.hears(chat, 0, words).await
    }

    /// A tap, and the line that answers it.
    pub(crate) async fn taps_for_toast(&self, user: UserId, chat: ChatId, label: &str) -> Toast {
        let tapped = self.taps(user, chat, label);
        self.phone.wait_for_toast(&tapped, SOON).await.unwrap()
    }

    /// Server and key of an encoder, as the private chat's newest buttons copy them.
    pub(crate) fn told(&self, chat: ChatId) -> PushPoint {
        let messages = self.phone.messages(chat);
        let buttons: Vec<_> = messages.iter().rev().flat_map(|message| message.keyboard.iter().flatten()).collect();
        let copied = |wanted: fn(&str) -> bool| {
            let texts = buttons.iter().filter_map(|button| match &button.action {
                Action::Copy(text) => Some(text.as_str()),
                _ => None,
            });
            texts.into_iter().find(|text| wanted(text)).map(str::to_owned)
        };
        let server = copied(|text| text.starts_with("rtmp://") && text.ends_with("/live")).expect("a server");
        let key = copied(|text| text.len() == 32 && text.as_bytes()[5] == b'-').expect("a key");
        PushPoint { server: ServerUrl::parse(&server).unwrap(), key: StreamKey::parse(&key).unwrap() }
    }

    /// A tap that opens the private chat by a link.
    pub(crate) async fn taps_for_link(&self, user: UserId, chat: ChatId, label: &str) -> String {
        self.taps_for_toast(user, chat, label).await.url.expect("a link to the private chat")
    }

    /// Opens the private chat by the newest link of a group that leads there; what it says comes behind the answered number.
    pub(crate) async fn goes_private(&self, user: UserId, chat: ChatId) -> i32 {
        let link = self.taps_for_link(user, chat, "Go on in private").await;
        self.phone.open_link(user, &link).unwrap()
    }

    /// Waits for what nobody in the chats sees.
    pub(crate) async fn until(&self, what: &str, mut test: impl FnMut(&Phone) -> bool) {
        let deadline = Instant::now() + SOON;
        while !test(&self.phone) {
            assert!(Instant::now() < deadline, "waited in vain for {what}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Everything that everybody can read, deleted messages no more.
    pub(crate) fn all_text(&self) -> String {
        [OLIVIAS, MINGS, SAMS, WEEKEND_SHOW].map(|chat| self.phone.transcript(chat)).join("\n")
    }

    /// The curtain, with what every conversation must keep.
    pub(crate) async fn end(mut self) {
        let taps = std::mem::take(&mut *self.taps.lock().unwrap());
        for tapped in taps {
            if matches!(tapped, Tapped::Asked(_)) {
                self.phone.wait_for_toast(&tapped, SOON).await.expect("every tap is answered");
            }
        }
        self.stop().await;
        assert_eq!(self.phone.flood_trips(), 0, "the bot ran into the flood control");
        if !self.refusals {
            for call in self.phone.calls("") {
                assert_eq!(call.code, 200, "{}: {} was refused: {}", call.method, call.params, call.response);
            }
        }
        let text = self.all_text();
        for planted in ["0a1b2c3d4e5f60718293a4b5c6d7e8f9", OTHER_KEY] {
            assert!(!text.contains(planted), "a planted key is still to be read:\n{text}");
        }
        for call in self.phone.calls("") {
            let sent = call.params.to_string();
            assert!(!sent.contains("0a1b2c3d4e5f60718293a4b5c6d7e8f9") && !sent.contains(OTHER_KEY), "{sent}");
        }
        self.api.stop().await;
    }
}

/// A file of its own for the calling test, where `tests/oracle/run` looks for it.
fn journal() -> PathBuf {
    let dir = std::env::var_os("TELECAST_JOURNALS").map(PathBuf::from);
    let dir = dir.unwrap_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("journals"));
    std::fs::create_dir_all(&dir).unwrap();
    let test = std::thread::current().name().unwrap_or("unnamed").replace("::", "-");
    let path = dir.join(format!("{test}.jsonl"));
    // One run's journal only.
    let _ = std::fs::remove_file(&path);
    path
}
