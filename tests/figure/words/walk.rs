//! One person's way through the main screens of the demo, in their language, with a browser beside it.

use super::buttons::{BROKEN, PHONE};
use super::text;
use crate::bed::browser::Browser;
use crate::bed::{Fault, Result, fault};
use std::time::Duration;
use telecast::demo::bot_api::{Action, Message, Phone, WEEKEND_SHOW};
use telecast::demo::scene::{Ports, Scene};
use telecast::domain::id::{ChatId, UserId};
use telecast::domain::rtmp_url::{PushPoint, ServerUrl};
use telecast::domain::secret::StreamKey;

const SOON: Duration = Duration::from_secs(20);
/// For what takes its time: a refusal that is certain, a status page.
const LATER: Duration = Duration::from_secs(60);

/// The video in the chat is played to its end, as fast as that goes, and then shows its beginning.
const PLAYED: &str = "(film => film && (film.ended ? (film.currentTime = 0.4, true) :
    (film.muted = true, film.playbackRate = 4, film.paused && film.play(), false)))(document.querySelector('video'))";

/// What is tapped and read on the way.
pub(super) struct Tongue {
    pub(super) add: &'static str,
    pub(super) bilibili: &'static str,
    pub(super) other: &'static str,
    pub(super) save: &'static str,
    pub(super) saved: &'static str,
    pub(super) copy_key: &'static str,
    pub(super) answers: &'static str,
    pub(super) change_name: &'static str,
    pub(super) called: &'static str,
    pub(super) picture: &'static str,
    pub(super) refuses: &'static str,
    pub(super) new_key: &'static str,
    pub(super) on_air: &'static str,
    pub(super) sending: &'static str,
    pub(super) goes_out: &'static str,
    pub(super) shows: &'static str,
    pub(super) stop_now: &'static str,
    pub(super) encoder_stopped: &'static str,
    pub(super) over: &'static str,
    pub(super) group: &'static str,
}

/// A screen as it was seen.
pub(super) struct Shot {
    pub(super) name: &'static str,
    pub(super) picture: Vec<u8>,
    pub(super) text: String,
}

pub(super) struct Walk {
    scene: Scene,
    phone: Phone,
    browser: Browser,
    user: UserId,
    tongue: &'static Tongue,
    pub(super) shots: Vec<Shot>,
    pub(super) broken: Vec<String>,
    pub(super) buttons: usize,
}

impl Walk {
    pub(super) async fn of(user: UserId, tongue: &'static Tongue) -> Result<Self> {
        let scene = Scene::open(Ports::friendly()).await?;
        let phone = scene.bot_api.phone();
        let mut browser = Browser::open(&format!("{}/#{}/{}", scene.bot_api.url(), user.0, user.0))?;
        browser.be_phone(PHONE.0, PHONE.1, 1.5)?;
        let mut walk = Self { scene, phone, browser, user, tongue, shots: Vec::new(), broken: Vec::new(), buttons: 0 };
        walk.go().await?;
        Ok(walk)
    }

    async fn go(&mut self) -> Result<()> {
        let (own, words) = (self.own(), self.tongue);
        let code = self.scene.app().claim_code().await.ok_or(Fault("no claim code".into()))?;
        self.phone.open_link(self.user, &format!("https://t.me/telecast_demo_bot?start={code}"))?;
        self.button(own, words.add).await?;
        self.say("/start", words.add, "start").await?;
        self.tap(words.add)?;
        self.seen(own, words.bilibili, "platforms").await?;
        self.tap(words.bilibili)?;
        self.seen(own, "streamname", "key").await?;
        let (alpha, beta) = (self.scene.alpha.clone(), self.scene.beta.clone());
        self.say(&format!("{}\n{}", alpha.server(), alpha.key()), words.answers, "understood").await?;
        self.tap(words.save)?;
        self.seen(own, words.saved, "saved").await?;
        self.asks("/addtarget", words.other).await?;
        self.tap(words.other)?;
        let wrong = "beta-0123456789abcdef0123456789abcdef";
        self.asks(&format!("{}\n{wrong}", beta.server()), words.save).await?;
        self.tap(words.change_name)?;
        self.text(own, words.called).await?;
        self.asks("Beta Live", words.saved).await?;
        self.say("/check", words.bilibili, "check").await?;
        let camera = self.say("/ingest", words.copy_key, "camera").await?;
        self.scene.encoder.start(point(&camera)?);
        self.seen(own, words.picture, "picture").await?;
        self.asks("/golive", "").await?;
        let trouble = self.seen(own, words.refuses, "trouble").await?;
        self.phone.tap(self.user, own, trouble.id, words.new_key)?;
        self.asks(beta.key(), words.save).await?;
        self.tap(words.save)?;
        self.asks("/status", "").await?;
        self.text(own, words.on_air).await?;
        self.seen(own, words.sending, "live").await?;
        self.asks("/look", words.goes_out).await?;
        self.browser.wait_for(PLAYED)?;
        self.seen(own, words.goes_out, "look").await?;
        self.seen(own, words.shows, "shown").await?;
        self.say("/targets", words.bilibili, "targets").await?;
        self.tap("🟢 ")?;
        self.seen(own, "••••", "platform").await?;
        self.scene.encoder.stop();
        self.seen(own, words.encoder_stopped, "held").await?;
        self.scene.encoder.start(point(&camera)?);
        for (command, name) in
            [("/watch", "watch"), ("/settings", "settings"), ("/mykeys", "mykeys"), ("/admin", "admin")]
        {
            self.say(command, "", name).await?;
        }
        self.say("/stoplive", words.stop_now, "stop").await?;
        self.tap(words.stop_now)?;
        self.seen(own, words.over, "report").await?;
        self.phone.add_bot(self.user, WEEKEND_SHOW)?;
        self.seen(WEEKEND_SHOW, words.group, "group").await?;
        self.say("/announce", "", "announce").await?;
        Ok(())
    }

    fn own(&self) -> ChatId {
        Phone::private(self.user)
    }

    fn tap(&self, label: &str) -> Result<()> {
        self.phone.press(self.user, self.own(), label)?;
        Ok(())
    }

    async fn button(&self, chat: ChatId, label: &str) -> Result<Message> {
        Ok(self.phone.wait_for_button(chat, label, SOON).await?)
    }

    async fn text(&self, chat: ChatId, words: &str) -> Result<Message> {
        Ok(self.phone.wait_for_text(chat, 0, words, LATER).await?)
    }

    /// Writes, and waits for an answer that says or offers `words`.
    async fn asks(&self, text: &str, words: &str) -> Result<Message> {
        let after = self.phone.say(self.user, self.own(), text)?;
        let fits = |m: &Message| m.by_bot && m.id > after && (m.text().contains(words) || m.has_button(words));
        let found = |phone: &Phone| phone.messages(Phone::private(self.user)).into_iter().rev().find(fits);
        Ok(self.phone.wait(words, SOON, found).await?)
    }

    async fn say(&mut self, text: &str, words: &str, name: &'static str) -> Result<Message> {
        let answer = self.asks(text, words).await?;
        self.shoot(self.own(), &answer, name).await
    }

    /// Waits for a message that says or offers `words`, and looks at it.
    async fn seen(&mut self, chat: ChatId, words: &str, name: &'static str) -> Result<Message> {
        let fits = |m: &Message| m.by_bot && (m.text().contains(words) || m.has_button(words));
        let found = |phone: &Phone| phone.messages(chat).into_iter().rev().find(fits);
        let message = self.phone.wait(words, LATER, found).await?;
        self.shoot(chat, &message, name).await
    }

    /// Takes a picture of the chat with this message in it, once nothing changes any more.
    async fn shoot(&mut self, chat: ChatId, message: &Message, name: &'static str) -> Result<Message> {
        let mut last = message.clone();
        // Its checks and pages come in by and by; what ticks would never rest.
        for _ in 0..8 {
            tokio::time::sleep(Duration::from_millis(700)).await;
            let Some(now) = self.phone.message(chat, message.id) else { return fault(format!("{name}: it is gone")) };
            if text::of(&now) == text::of(&last) {
                break;
            }
            last = now;
        }
        let hash = format!("{}/{}", self.user.0, chat.0);
        self.browser.wait_for(&format!("(location.hash = '{hash}', true)"))?;
        let shown = format!("document.querySelector('.message[data-id=\"{}\"]')", message.id);
        self.browser.wait_for(&shown)?;
        self.browser.wait_for(&format!(
            "({shown}.scrollIntoView({{block: 'end'}}), document.getElementById('down')?.setAttribute('hidden', ''), true)"
        ))?;
        let wide = format!("String(document.documentElement.scrollWidth <= {})", PHONE.0);
        if self.browser.wait_for(&wide)? != "true" {
            self.broken.push(format!("{name}: wider than the page"));
        }
        let broken = self.browser.wait_for(BROKEN)?;
        let broken = broken.as_array().cloned().unwrap_or_default();
        self.broken.extend(broken.iter().map(|words| format!("{name}: a button is broken: {words}")));
        self.buttons += last.labels().len();
        let picture = self.browser.picture()?;
        self.shots.push(Shot { name, picture, text: text::of(&last) });
        Ok(last)
    }

    pub(super) async fn close(self) {
        drop(self.browser);
        self.scene.close().await;
    }
}

/// Server and key of the buttons that copy them.
fn point(message: &Message) -> Result<PushPoint> {
    let copied = message.keyboard.iter().flatten().filter_map(|button| match &button.action {
        Action::Copy(text) => Some(text.as_str()),
        _ => None,
    });
    let (servers, keys): (Vec<_>, Vec<_>) = copied.partition(|text| text.contains("://"));
    let (Some(server), Some(key)) = (servers.first(), keys.first()) else { return fault("no server and key to copy") };
    let server = ServerUrl::parse(server).map_err(|wrong| Fault(format!("{wrong:?}")))?;
    Ok(PushPoint { server, key: StreamKey::parse(key).map_err(|wrong| Fault(format!("{wrong:?}")))? })
}
