//! Draws the side panel and does what is clicked there.

use super::bot_api::{Action, Bilingual, Click, MING, Message, OLIVIA, Phone, SAM, Screen, Side};
use super::encoder::Encoder;
use super::platform::{Origin, Platform};
use super::scene::Scene;
use crate::app::App;
use crate::domain::id::UserId;
use crate::domain::rtmp_url::{PushPoint, ServerUrl};
use crate::domain::secret::StreamKey;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval};

/// How often it is drawn.
const DRAW: Duration = Duration::from_secs(1);

/// The side panel of a scene.
pub(super) struct Panel {
    phone: Phone,
    side: watch::Sender<Side>,
    alpha: Arc<Platform>,
    beta: Arc<Platform>,
    origin: Arc<Origin>,
    encoder: Arc<Encoder>,
    app: Arc<App>,
    clicks: mpsc::Receiver<Click>,
    /// “Start test encoder” was clicked, and not “Stop” after it.
    wanted: bool,
    owned: bool,
}

impl Panel {
    pub(super) fn new(scene: &Scene, clicks: mpsc::Receiver<Click>) -> Self {
        Self {
            phone: scene.bot_api.phone(),
            side: scene.bot_api.side(),
            alpha: scene.alpha.clone(),
            beta: scene.beta.clone(),
            origin: scene.origin.clone(),
            encoder: scene.encoder.clone(),
            app: scene.app(),
            clicks,
            wanted: false,
            owned: false,
        }
    }

    pub(super) async fn run(mut self) {
        let mut draw = interval(DRAW);
        draw.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = draw.tick() => {}
                Some(click) = self.clicks.recv() => self.click(click),
            }
            let told = told_address(&self.phone, &[OLIVIA, MING, SAM]);
            if let (true, Some(point)) = (self.wanted, &told) {
                self.encoder.start(point.clone());
            }
            let side = self.drawn(told.as_ref()).await;
            self.side.send_if_modified(|shown| std::mem::replace(shown, side.clone()) != side);
        }
    }

    fn click(&mut self, click: Click) {
        self.wanted = click == Click::Start;
        if !self.wanted {
            self.encoder.stop();
        }
    }

    async fn drawn(&mut self, told: Option<&PushPoint>) -> Side {
        let mut terminal = None;
        if !self.owned {
            terminal = self.app.claim_code().await.map(|code| console(&code));
            self.owned = terminal.is_none();
        }
        let bilibili = Bilingual::new("Bilibili, whose keys it has", "哔哩哔哩（密钥相同）");
        let other = Bilingual::new("Other RTMP server", "其他 RTMP 服务器");
        let mut screens = vec![self.alpha.screen(bilibili), self.beta.screen(other)];
        screens.extend(self.origin.screens());
        let mut encoder = self.encoder.shown(told.map(copy).unwrap_or_default());
        if self.wanted && told.is_none() {
            encoder.running = true;
            encoder.state = Bilingual::new(
                "waits for its key: tap “Camera / OBS” in the chat",
                "还没有密钥：请在聊天里点“推流设置”",
            );
        }
        Side { terminal, encoder: Some(encoder), screens }
    }
}

/// What the host sees in the terminal, as long as nobody owns this Telecast.
fn console(code: &str) -> Screen {
    Screen {
        name: Bilingual::new("Telecast's terminal", "Telecast 的终端"),
        state: Bilingual::new("nobody owns this Telecast yet", "这个 Telecast 还没有主人"),
        copy: vec![(Bilingual::new("Send this to the bot", "发送给机器人"), format!("/start {code}"))],
        ..Screen::default()
    }
}

pub(super) fn copy(point: &PushPoint) -> Vec<(Bilingual, String)> {
    let (server, key) = (point.server.tc_url(), point.key.expose());
    let line = format!("ffmpeg -re -stream_loop -1 -i video.mp4 -c copy -f flv '{server}/{key}'");
    vec![
        (Bilingual::new("Server", "服务器"), server),
        (Bilingual::new("Stream key", "推流码"), key.into()),
        (Bilingual::new("With ffmpeg", "用 ffmpeg"), line),
    ]
}

/// Where the bot has last told one of `people` to send: what is typed into an encoder.
pub(super) fn told_address(phone: &Phone, people: &[UserId]) -> Option<PushPoint> {
    let messages = people.iter().flat_map(|user| phone.messages(Phone::private(*user)));
    let mut told: Vec<_> = messages.filter_map(|message| Some((address_in(&message)?, message))).collect();
    told.sort_by_key(|(_, message)| (message.edited.unwrap_or(message.date), message.id));
    told.pop().map(|(point, _)| point)
}

/// Server and key under [Copy server] and [Copy key], or both under [Copy URL].
fn address_in(message: &Message) -> Option<PushPoint> {
    let copied = message.keyboard.iter().flatten().filter_map(|button| match &button.action {
        Action::Copy(text) => Some(text.as_str()),
        _ => None,
    });
    let (servers, keys): (Vec<_>, Vec<_>) = copied.partition(|text| text.starts_with("rtmp://"));
    let (server, key) = match (*servers.first()?, keys.first()) {
        (server, Some(key)) => (server, *key),
        (whole, None) => whole.rsplit_once('/')?,
    };
    Some(PushPoint { server: ServerUrl::parse(server).ok()?, key: StreamKey::parse(key).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::bot_api::{Button, Content, Marked};

    fn copied(texts: &[&str]) -> Option<(String, String)> {
        let button = |text: &&str| Button { label: "📋".into(), action: Action::Copy((*text).into()), style: None };
        let message = Message {
            id: 1,
            chat: 1,
            from: 1,
            anonymous: false,
            by_bot: true,
            date: 0,
            edited: None,
            content: Content::Text(Marked::default()),
            reply_to: None,
            topic: None,
            forwarded_from: None,
            keyboard: vec![texts.iter().map(button).collect()],
            silent: false,
            protected: false,
            album: None,
            reaction: None,
            revision: 0,
        };
        address_in(&message).map(|point| (point.server.tc_url(), point.key.expose().to_owned()))
    }

    #[test]
    fn an_encoder_takes_what_there_is_to_copy_in_two_boxes_or_in_one() {
        let told = Some(("rtmp://127.0.0.1:1935/live".to_owned(), "abcde-key".to_owned()));
        assert_eq!(copied(&["rtmp://127.0.0.1:1935/live", "abcde-key"]), told);
        assert_eq!(copied(&["rtmp://127.0.0.1:1935/live/abcde-key"]), told);
        assert_eq!(copied(&["abcde-key"]), None);
        assert_eq!(copied(&[]), None);
    }
}
