//! The four platforms where the story began, from what people paste to the picture there.

use super::{ANSWER, Failed, PICTURE, STATE, Seen, Step, Tour, receives, step, whole};
use crate::demo::bot_api::{Message, OLIVIA, Phone, Screen};
use crate::demo::platform::{Origin, Platform};
use crate::demo::scene::Scene;
use std::sync::OnceLock;
use tokio::time::{Instant, timeout};

/// What the bot writes before a stream name that it made up.
const NAME: &str = "Stream name: ";

/// Plays it; `tell` hears of each step that passed. About 30 s. Alpha TV of the scene is its Bilibili.
///
/// # Errors
/// The first step that failed.
pub async fn play(scene: &Scene, mut tell: impl FnMut(&str)) -> Result<(), Failed> {
    let begun = Instant::now();
    let tour = OriginTour { tour: Tour::new(scene), origin: &scene.origin, made_up: OnceLock::new() };
    let tell = &mut tell;
    step("Olivia claims Telecast by its one-time link", begun, tell, tour.tour.claim()).await?;
    step("Bilibili: the key beginning with ? is understood and saved", begun, tell, tour.bilibili()).await?;
    step("Tencent Lexiang: the key with its query and the viewers' page", begun, tell, tour.lexiang()).await?;
    step("Azure style: said to have ended in 2024, and a name made up and shown", begun, tell, tour.azure()).await?;
    step("Wowza: user and password are found in the address, and not shown", begun, tell, tour.wowza()).await?;
    step("the encoder starts, the first picture is told", begun, tell, tour.tour.camera()).await?;
    step("she goes live: all four receive headers, a keyframe, picture and sound", begun, tell, tour.live()).await?;
    step("Azure style got the name that she was shown, and each has its screen", begun, tell, tour.screens()).await?;
    step("Bilibili's page says on air; the others are sent, and cannot be asked", begun, tell, tour.told()).await?;
    step("/links has the rooms of Bilibili and Lexiang", begun, tell, tour.links()).await?;
    step("she stops: all four hear goodbye, the report names them", begun, tell, tour.stop()).await?;
    Ok(())
}

struct OriginTour<'a> {
    tour: Tour<'a>,
    origin: &'a Origin,
    /// The stream name that the bot made up for Azure style.
    made_up: OnceLock<String>,
}

impl OriginTour<'_> {
    /// In the order in which they are added, under the names that the bot gives them.
    fn all(&self) -> [(&'static str, &Platform); 4] {
        let Origin { lexiang, azure, wowza, .. } = self.origin;
        let bilibili = &*self.tour.scene.alpha;
        [("Bilibili", bilibili), ("Tencent Lexiang", lexiang), ("Azure style", azure), ("Wowza", wowza)]
    }

    async fn bilibili(&self) -> Step {
        let alpha = &self.tour.scene.alpha;
        self.tour.tap("Add platform").await?;
        self.tour.tap("Bilibili").await?;
        self.tour.reads("Bilibili: send me").await?;
        let text = format!("服务器地址：{}\n串流密钥：{}", alpha.server(), alpha.key());
        self.add("Bilibili", &text, &[&alpha.server()], alpha.key()).await
    }

    async fn lexiang(&self) -> Step {
        let Origin { lexiang, lexiang_page, .. } = self.origin;
        self.tour.tap("Add another").await?;
        self.tour.tap("Tencent Lexiang").await?;
        self.tour.reads("I can only tell you that it is sent").await?;
        let text = format!("服务器：{}\n串流密钥：{}\n{lexiang_page}", lexiang.server(), lexiang.key());
        let shown = [&*lexiang.server(), "I took the web page as the watch link"];
        self.add("Tencent Lexiang", &text, &shown, lexiang.key()).await
    }

    async fn azure(&self) -> Step {
        let azure = &self.origin.azure;
        let ended = "Azure Media Services itself ended on 30 June 2024";
        self.tour.tap("Add another").await?;
        self.tour.reads("Where will people watch?").await?;
        // What has ended has no tile, and is known by its name.
        self.tour.phone.say(OLIVIA, self.tour.chat, "Azure style")?;
        self.tour.reads(ended).await?;
        let server = azure.server();
        let secret = server.rsplit('/').next().unwrap_or_default();
        let read = self.read("Azure style", &server, &[ended, NAME], secret).await?;
        let name = read.split_once(NAME).and_then(|(_, rest)| rest.lines().next()).unwrap_or_default();
        self.made_up.get_or_init(|| name.to_owned());
        self.save("Azure style").await
    }

    async fn wowza(&self) -> Step {
        let wowza = &self.origin.wowza;
        let server = wowza.server_with_login();
        self.tour.tap("Add another").await?;
        self.tour.tap("Wowza").await?;
        self.tour.reads("Wowza mostly asks for a user and a password").await?;
        let text = format!("{server}\nStream name: {}", wowza.key());
        let password = server.split(['@', ':']).nth(2).unwrap_or_default();
        self.add("Wowza", &text, &["rtmp://•••@"], password).await
    }

    async fn add(&self, name: &str, text: &str, shown: &[&str], secret: &str) -> Step {
        self.read(name, text, shown, secret).await?;
        self.save(name).await
    }

    /// Pastes what a dashboard shows and reads what the bot understood: all of `shown`, and nothing of `secret`.
    async fn read(&self, name: &str, text: &str, shown: &[&str], secret: &str) -> Result<String, Seen> {
        let Tour { phone, chat, .. } = &self.tour;
        let sent = phone.say(OLIVIA, *chat, text)?;
        let read = phone.wait_for_text(*chat, sent, "the server answers", PICTURE).await?;
        let read = read.text().to_owned();
        let platform = format!("Platform: {name}");
        if let Some(missing) = shown.iter().copied().chain([&*platform]).find(|words| !read.contains(words)) {
            return Err(Seen(format!("“{missing}” is missing in: {read}")));
        }
        if read.contains(secret) {
            return Err(Seen(format!("{name}'s secret is shown")));
        }
        let gone = |phone: &Phone| phone.deletions(*chat).contains(&sent).then_some(());
        phone.wait("the key to be deleted from the chat", ANSWER, gone).await?;
        Ok(read)
    }

    async fn save(&self, name: &str) -> Step {
        self.tour.tap("Save").await?;
        self.tour.reads(&format!("{name} is saved")).await?;
        Ok(())
    }

    async fn live(&self) -> Step {
        self.tour.tap("Go live").await?;
        for (_, platform) in self.all() {
            receives(platform, |received| received.live().cloned()).await?;
        }
        Ok(())
    }

    async fn screens(&self) -> Step {
        let (shown, got) = (self.made_up.get(), self.origin.azure.received());
        let got = got.live().and_then(|live| live.name.as_ref());
        if shown.is_none() || shown != got {
            return Err(Seen(format!("she was shown the name {shown:?}, and Azure style got {got:?}")));
        }
        let mut side = self.tour.scene.bot_api.side().subscribe();
        for (_, platform) in self.all() {
            let shows = |screen: &Screen| {
                let has_rate = screen.facts.iter().any(|(label, value)| label.en == "Rate" && value.en != "0 kbit/s");
                screen.name.en == platform.name() && screen.state.en.starts_with("live for") && has_rate
            };
            let drawn = side.wait_for(|side| side.screens.iter().any(shows));
            if timeout(PICTURE, drawn).await.is_err() {
                return Err(Seen(format!("no live screen of {}: {:?}", platform.name(), side.borrow().screens)));
            }
        }
        Ok(())
    }

    async fn told(&self) -> Step {
        for words in [
            "Bilibili · on air",
            "Tencent Lexiang · sending",
            "Azure style · sending",
            "Wowza · sending",
            "I can’t ask it whether viewers see it",
        ] {
            let shows = |message: &Message| message.by_bot && message.text().contains(words);
            let look = |phone: &Phone| phone.messages(self.tour.chat).into_iter().find(shows);
            self.tour.phone.wait(words, STATE, look).await?;
        }
        for (name, platform) in self.all() {
            let received = platform.received();
            whole(received.live().ok_or(Seen(format!("{name} receives nothing")))?)?;
            if (received.refused, received.connections.len()) != (0, 1) {
                return Err(Seen(format!("{name} was not published to once, and at once: {received:?}")));
            }
        }
        Ok(())
    }

    async fn links(&self) -> Step {
        let asked = self.tour.phone.say(OLIVIA, self.tour.chat, "/links")?;
        let room = format!("live.bilibili.com/{}", crate::demo::platform::RoomPage::ROOM);
        let told = self.tour.phone.wait_for_text(self.tour.chat, asked, &room, ANSWER).await?;
        let page = &self.origin.lexiang_page;
        if told.text().contains(page.as_str()) {
            Ok(())
        } else {
            Err(Seen(format!("{page} is missing: {}", told.text())))
        }
    }

    async fn stop(&self) -> Step {
        let all = self.all();
        self.tour.stop_all(&all).await
    }
}
