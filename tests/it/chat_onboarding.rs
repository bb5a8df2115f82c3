//! The first minutes: from the claim to a live target, counted; what Telegram shows of the bot, set once.

use crate::scene::{OLIVIAS, SAMS, SOON, Scene};
use telecast::demo::bot_api::{Action, OLIVIA, Phone, SAM};
use telecast::demo::encoder::Encoder;
use telecast::demo::platform::Platform;
use telecast::domain::rtmp_url::{PushPoint, ServerUrl};
use telecast::domain::secret::StreamKey;

/// A thumb that counts.
struct Thumb<'a> {
    scene: &'a Scene,
    taps: u32,
    pastes: u32,
    script: Vec<String>,
}

impl Thumb<'_> {
    async fn tap(&mut self, label: &str, words: &str) {
        self.scene.taps_for(OLIVIA, OLIVIAS, label, words).await;
        self.taps += 1;
        self.script.push(format!("tap {label}"));
    }

    /// What a button puts on the clipboard.
    async fn copy(&mut self, label: &str) -> String {
        let message = self.scene.phone.wait_for_button(OLIVIAS, label, SOON).await.unwrap();
        let button = message.keyboard.iter().flatten().find(|button| button.label.contains(label)).unwrap();
        self.taps += 1;
        self.script.push(format!("tap {label}"));
        match &button.action {
            Action::Copy(text) => text.clone(),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn from_the_claim_to_a_first_live_target_it_takes_eight_taps_and_two_pastes_at_most() {
    let platform = Platform::alpha_tv(None).await.unwrap();
    let scene = Scene::new().await;
    let mut thumb = Thumb { scene: &scene, taps: 0, pastes: 0, script: Vec::new() };

    // The link in the console opens the chat, where one taps Start.
    let code = scene.app.as_ref().unwrap().claim_code().await.unwrap();
    scene.phone.open_link(OLIVIA, &format!("https://t.me/telecast_demo_bot?start={code}")).unwrap();
    thumb.taps += 1;
    thumb.script.push("tap Start".into());
    let hello = scene.hears(OLIVIAS, 0, "This Telecast is yours now.").await;
    assert_eq!(hello.keyboard.iter().flatten().count(), 3, "three buttons: {:?}", hello.labels());

    thumb.tap("Add platform", "Where will people watch?").await;
    thumb.tap("Other RTMP server", "send me server and stream key").await;
    scene.phone.say(OLIVIA, OLIVIAS, &format!("{}\n{}", platform.server(), platform.key())).unwrap();
    thumb.pastes += 1;
    thumb.script.push("paste server and key".into());
    scene.phone.wait_for_button(OLIVIAS, "Save", SOON).await.unwrap();
    thumb.tap("Save", "is saved.").await;
    thumb.tap("Camera", "Connect your camera or OBS").await;
    thumb.tap("Larix", "Larix: Settings").await;
    let url = thumb.copy("Copy URL").await;
    let (server, key) = url.rsplit_once('/').unwrap();
    let encoder = Encoder::new().unwrap();
    encoder.start(PushPoint { server: ServerUrl::parse(server).unwrap(), key: StreamKey::parse(key).unwrap() });
    thumb.pastes += 1;
    thumb.script.push("paste the URL into the camera app, and start it".into());
    scene.hears(OLIVIAS, 0, "Your picture is here").await;
    thumb.tap("🔴 Go live", "Live for").await;
    let sends = |phone: &Phone| {
        phone.messages(OLIVIAS).iter().any(|m| m.text().contains("· sending") || m.text().contains("· accepted"))
    };
    scene.until("a target that takes it", sends).await;

    assert!(thumb.taps <= 8 && thumb.pastes <= 2, "{} taps, {} pastes: {:?}", thumb.taps, thumb.pastes, thumb.script);
    let docs = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/first-show.md")).unwrap();
    for (number, step) in (1..).zip(&thumb.script) {
        assert!(docs.contains(&format!("{number}. {step}")), "docs/first-show.md lacks “{number}. {step}”");
    }
    encoder.close().await;
    scene.end().await;
}

#[tokio::test]
async fn what_telegram_shows_of_the_bot_is_set_once_and_a_second_start_asks_nothing() {
    let set = |phone: &Phone| {
        let all = ["setMyCommands", "setMyDescription", "setMyShortDescription", "setChatMenuButton"];
        all.iter().map(|method| phone.calls(method).len()).sum::<usize>()
    };
    let asked = |phone: &Phone| {
        let all = ["getMyCommands", "getMyDescription", "getMyShortDescription", "getChatMenuButton"];
        all.iter().map(|method| phone.calls(method).len()).sum::<usize>()
    };
    let mut scene = Scene::owned().await;
    // Three scopes and the owner's chat, two languages, two descriptions each.
    scene.until("all of it is set", |phone| !phone.calls("getChatMenuButton").is_empty() && set(phone) >= 12).await;
    let owners = scene.phone.commands(OLIVIA, OLIVIAS);
    assert!(owners.iter().any(|(name, words)| name == "check" && words.contains("Test")), "{owners:?}");
    let everybodys = scene.phone.commands(SAM, SAMS);
    assert!(everybodys.iter().all(|command| owners.contains(command)), "{owners:?} lacks some of {everybodys:?}");
    // For nobody 11 questions, then for the owner, who has a list of their own in both languages, 13.
    scene.until("all of it is asked for", |phone| asked(phone) >= 24).await;
    // Behind the last answer its mark is kept, and long before this one.
    scene.asks(OLIVIA, OLIVIAS, "/targets", "There is no platform yet.").await;
    scene.stop().await;
    let before = (set(&scene.phone), asked(&scene.phone));
    scene.start().await;
    scene.asks(OLIVIA, OLIVIAS, "/start", "Three steps:").await;
    assert_eq!((set(&scene.phone), asked(&scene.phone)), before, "nothing has changed, so nothing is asked");
    scene.end().await;
}
