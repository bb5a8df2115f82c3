//! The story of the demo, played by itself: what Olivia does with her phone, what she sees, and what arrives at the
//! platforms. Words and buttons are those of the English screens; nothing is known here that she could not see.

mod origin;

pub use origin::play as play_origin;

use super::bot_api::{Message, OLIVIA, Phone, Stuck};
use super::panel::told_address;
use super::platform::{Connection, Missed, Platform, Received};
use super::scene::Scene;
use crate::domain::id::ChatId;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// For an answer of the bot.
const ANSWER: Duration = Duration::from_secs(5);
/// For a picture to arrive where it was not.
const PICTURE: Duration = Duration::from_secs(10);
/// For a state that takes its time: a refusal that is certain, media that counts as taken, a status page.
const STATE: Duration = Duration::from_secs(50);
/// For one step, whatever it waits for.
const STEP: Duration = Duration::from_secs(60);
/// The clip has a video frame each 33 or 34 ms: a longer step is a frame that was lost.
const FRAME: Duration = Duration::from_millis(34);
/// Enough frames to say that a picture flows: a second and a half.
const FLOWS: u64 = 45;

/// The step that failed, and what was seen instead.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{step}: {seen}")]
pub struct Failed {
    step: &'static str,
    seen: String,
}

/// What was seen instead of what should have been.
#[derive(Debug)]
struct Seen(String);

impl From<Stuck> for Seen {
    fn from(stuck: Stuck) -> Self {
        Self(stuck.to_string())
    }
}

impl From<Missed> for Seen {
    fn from(missed: Missed) -> Self {
        Self(missed.to_string())
    }
}

type Step = Result<(), Seen>;

/// Plays the story; `tell` hears of each step that passed. About 40 s.
///
/// # Errors
/// The first step that failed.
pub async fn play(scene: &Scene, mut tell: impl FnMut(&str)) -> Result<(), Failed> {
    let start = Instant::now();
    let tour = Tour::new(scene);
    let mut step = async |name: &'static str, work: std::pin::Pin<Box<dyn Future<Output = Step> + Send + '_>>| {
        step(name, start, &mut tell, work).await
    };
    step("Olivia claims Telecast by its one-time link", Box::pin(tour.claim())).await?;
    step("she adds Alpha TV: its server answers, her message with the key is gone", Box::pin(tour.add_alpha())).await?;
    step("she adds Beta Live on RTMPS, with a wrong key", Box::pin(tour.add_beta())).await?;
    step("the bot gives her server and key, the encoder starts, the first picture is told", Box::pin(tour.camera()))
        .await?;
    step("she goes live: Alpha TV receives headers, a keyframe, picture and sound", Box::pin(tour.go_live())).await?;
    step("Beta Live refuses the key: she is told, in its own words", Box::pin(tour.refused())).await?;
    step("she gives the right key: Beta Live receives headers, a keyframe, picture and sound", Box::pin(tour.rekey()))
        .await?;
    step("she switches Beta Live off and on again: Alpha TV has lost no frame", Box::pin(tour.off_and_on())).await?;
    step("both platforms take what is sent, and Alpha TV's page says on air", Box::pin(tour.on_air())).await?;
    step("she stops: both platforms hear goodbye, the report names both", Box::pin(tour.stop())).await?;
    Ok(())
}

/// One step of a tour that has begun at `start`.
async fn step(
    name: &'static str,
    start: Instant,
    tell: &mut impl FnMut(&str),
    work: impl Future<Output = Step>,
) -> Result<(), Failed> {
    let done = timeout(STEP, work).await.unwrap_or_else(|_| Err(Seen(format!("not done within {STEP:?}"))));
    done.map_err(|Seen(seen)| Failed { step: name, seen })?;
    tell(&format!("✓ {name} ({:.1} s)", start.elapsed().as_secs_f32()));
    Ok(())
}

struct Tour<'a> {
    scene: &'a Scene,
    phone: Phone,
    chat: ChatId,
}

impl<'a> Tour<'a> {
    fn new(scene: &'a Scene) -> Self {
        Self { scene, phone: scene.bot_api.phone(), chat: Phone::private(OLIVIA) }
    }
}

impl Tour<'_> {
    async fn claim(&self) -> Step {
        let code = self.scene.app().claim_code().await.ok_or(Seen("there is no claim code".into()))?;
        self.phone.open_link(OLIVIA, &format!("https://t.me/telecast_demo_bot?start={code}"))?;
        self.reads("This Telecast is yours now").await?;
        Ok(())
    }

    async fn add_alpha(&self) -> Step {
        self.tap("Add platform").await?;
        self.tap("Bilibili").await?;
        self.reads("Bilibili: send me").await?;
        let alpha = &self.scene.alpha;
        self.paste(alpha, alpha.key()).await?;
        self.save_as("Alpha TV").await
    }

    async fn add_beta(&self) -> Step {
        self.tap("Add another").await?;
        self.tap("Other RTMP server").await?;
        self.reads("Other RTMP server: send me").await?;
        self.paste(&self.scene.beta, "beta-0123456789abcdef0123456789abcdef").await?;
        self.save_as("Beta Live").await
    }

    async fn camera(&self) -> Step {
        self.tap("Camera / OBS").await?;
        self.phone.wait_for_button(self.chat, "Copy key", ANSWER).await?;
        let told = told_address(&self.phone, &[OLIVIA]).ok_or(Seen("no server and key to copy".into()))?;
        self.scene.encoder.start(told);
        let notice = self.phone.wait_for_text(self.chat, 0, "Your picture is here", PICTURE).await;
        let notice = notice.map_err(|stuck| Seen(format!("{stuck}\nencoder: {:?}", self.scene.encoder.state())))?;
        for words in ["640×360", "H.264", "AAC"] {
            if !notice.text().contains(words) {
                return Err(Seen(format!("{words} is missing in: {}", notice.text())));
            }
        }
        Ok(())
    }

    async fn go_live(&self) -> Step {
        self.tap("Go live").await?;
        receives(&self.scene.alpha, |received| received.live().cloned()).await?;
        self.reads("Live for").await?;
        Ok(())
    }

    async fn refused(&self) -> Step {
        let words = "Beta Live refuses the stream key";
        let notice = self.phone.wait_for_text(self.chat, 0, words, STATE).await?;
        if !notice.text().contains("the stream key is not valid") {
            return Err(Seen(format!("not the platform's words: {}", notice.text())));
        }
        self.phone.tap(OLIVIA, self.chat, notice.id, "New key")?;
        self.reads("Send me the new key of Beta Live").await?;
        Ok(())
    }

    async fn rekey(&self) -> Step {
        let beta = &self.scene.beta;
        self.paste(beta, beta.key()).await?;
        self.tap("Save").await?;
        self.reads("Beta Live has its new key").await?;
        receives(beta, |received| received.live().cloned()).await
    }

    async fn off_and_on(&self) -> Step {
        let (alpha, beta) = (&self.scene.alpha, &self.scene.beta);
        let before = alpha.received().live().cloned().ok_or(Seen("Alpha TV receives nothing".into()))?;
        let first = beta.received().live().map_or(0, |live| live.number);
        let asked = self.phone.say(OLIVIA, self.chat, "/targets")?;
        self.tap("🟢 Beta Live").await?;
        let page = self.phone.wait_for_text(self.chat, asked, "Watch link", ANSWER).await?;
        self.phone.tap(OLIVIA, self.chat, page.id, "Switch off")?;
        beta.wait("the end of its stream", PICTURE, |received| received.live().is_none().then_some(())).await?;
        self.tap("Switch on").await?;
        receives(beta, |received| received.live().filter(|live| live.number > first).cloned()).await?;
        let after = alpha.received().live().cloned().ok_or(Seen("Alpha TV receives nothing more".into()))?;
        let same = after.number == before.number && after.video_frames > before.video_frames;
        if same { whole(&after) } else { Err(Seen(format!("Alpha TV: first {before:?}, then {after:?}"))) }
    }

    async fn on_air(&self) -> Step {
        for words in ["Beta Live · sending", "Alpha TV · on air"] {
            let shows = |message: &Message| message.by_bot && message.text().contains(words);
            self.phone.wait(words, STATE, |phone| phone.messages(self.chat).into_iter().find(shows)).await?;
        }
        for platform in [&self.scene.alpha, &self.scene.beta] {
            whole(platform.received().live().ok_or(Seen(format!("{} receives nothing", platform.name())))?)?;
        }
        Ok(())
    }

    async fn stop(&self) -> Step {
        let both = [&*self.scene.alpha, &*self.scene.beta];
        self.stop_all(&both.map(|platform| (platform.name(), platform))).await
    }

    /// Stops the show, and the encoder; `all` are under the names that she gave them.
    async fn stop_all(&self, all: &[(&str, &Platform)]) -> Step {
        self.phone.say(OLIVIA, self.chat, "/stoplive")?;
        self.tap("Stop now").await?;
        let report = self.reads("The show is over").await?;
        for (name, platform) in all {
            if !report.text().contains(&format!("✅ {name}")) {
                return Err(Seen(format!("{name} is missing in: {}", report.text())));
            }
            let ended = |received: &Received| received.connections.last().filter(|last| last.ended_in_order).map(drop);
            platform.wait("a goodbye", ANSWER, ended).await?;
        }
        self.scene.encoder.stop();
        match self.phone.flood_trips() {
            0 => Ok(()),
            trips => Err(Seen(format!("the bot ran into Telegram's flood control {trips} times"))),
        }
    }

    /// Taps the newest button that says `label`, as soon as there is one.
    async fn tap(&self, label: &str) -> Step {
        let message = self.phone.wait_for_button(self.chat, label, ANSWER).await?;
        self.phone.tap(OLIVIA, self.chat, message.id, label)?;
        Ok(())
    }

    /// Waits until the bot has said `words` in its newest message or in one that it changed.
    async fn reads(&self, words: &str) -> Result<Message, Stuck> {
        self.phone.wait_for_text(self.chat, 0, words, ANSWER).await
    }

    /// Sends a platform's server and a key as its dashboard shows them, and sees them understood and deleted.
    async fn paste(&self, platform: &Platform, key: &str) -> Step {
        let text = format!("Server: {}\nStream key: {key}", platform.server());
        let sent = self.phone.say(OLIVIA, self.chat, &text)?;
        self.phone.wait_for_text(self.chat, sent, "the server answers", PICTURE).await?;
        let gone = |phone: &Phone| phone.deletions(self.chat).contains(&sent).then_some(());
        self.phone.wait("the key to be deleted from the chat", ANSWER, gone).await?;
        Ok(())
    }

    async fn save_as(&self, name: &str) -> Step {
        self.tap("Change name").await?;
        self.reads("What should").await?;
        let sent = self.phone.say(OLIVIA, self.chat, name)?;
        self.phone.wait_for_text(self.chat, sent, &format!("{name} is saved"), ANSWER).await?;
        Ok(())
    }
}

/// Waits until what `look` picks has begun as it should and flows.
async fn receives(platform: &Platform, look: impl Fn(&Received) -> Option<Connection>) -> Step {
    let flows = |live: &Connection| live.video_frames >= FLOWS && live.audio_frames >= FLOWS;
    let live = platform.wait("picture and sound", PICTURE, |received| look(received).filter(flows)).await?;
    if live.begins_well() { Ok(()) } else { Err(Seen(format!("{} began with {:?}", platform.name(), live.first))) }
}

/// Nothing was lost or out of order since the connection began, and both formats are those of the clip.
fn whole(live: &Connection) -> Step {
    let format = live.video.as_ref().map(|video| (video.codec, video.width, video.height));
    let fine = live.backwards == 0
        && live.longest_step <= FRAME
        && format == Some(("H.264", 640, 360))
        && live.audio.as_ref().is_some_and(|audio| audio.codec == "AAC");
    if fine { Ok(()) } else { Err(Seen(format!("not whole: {live:?}"))) }
}
