//! A group's show on six platforms, with the whole product in one thread whose clock stands until it is moved.

use super::script::{self, LASTS, Spell, TARGETS, Who};
use crate::bed::house::{House, OWNER};
use crate::bed::thin::Thin;
use crate::bed::{Fault, Result};
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};
use telecast::demo::bot_api::{ChatKind, Message, Role, World};
use telecast::demo::platform::{Mood, Platform, Setup};
use telecast::domain::access::Operators;
use telecast::domain::id::{ChatId, StudioId, TargetId, UserId};
use telecast::domain::rtmp_url::{PushPoint, ServerUrl};
use telecast::domain::status::{Phase, TargetState};
use telecast::domain::target::TargetName;
use telecast::store::{NewTarget, StudioKind};
use tokio_util::task::TaskTracker;

const GROUP: ChatId = ChatId(-1_002_000_000_001);
const SOON: Duration = Duration::from_secs(20);
/// How far the clock is moved at once, and how long everybody then has at least to do what is due: so time runs 125 times
/// as fast at most, and what takes real time, the disk, seems slower than it is.
const STEP: Duration = Duration::from_millis(250);
const ROOM: Duration = Duration::from_millis(2);
/// A panel is looked at, and what is true noted, once in this time.
const LOOK: Duration = Duration::from_secs(1);
/// Older than this it is worth a line.
const STALE: Duration = Duration::from_secs(20);

/// What was seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) faults: usize,
    /// How often Telegram said 429.
    pub(super) floods: u32,
    /// What made a sound: chat and first line.
    pub(super) sounds: Vec<String>,
    /// All messages that were sent.
    pub(super) messages: usize,
    /// The oldest that a panel was: how long before what it says was last true.
    pub(super) stalest: Duration,
    pub(super) edits: usize,
    /// Seconds on which every platform was sent to.
    pub(super) well: u64,
}

/// Everything.
struct Show {
    house: House,
    studio: StudioId,
    platforms: Vec<Platform>,
    targets: Vec<TargetId>,
    encoder: Thin,
}

/// Plays the show of one seed.
pub(super) async fn play(seed: u64) -> Result<Seen> {
    let show = Show::begin().await?;
    let spells = script::write(seed);
    tokio::time::pause();
    let seen = show.watch(&spells).await;
    tokio::time::resume();
    show.house.close().await;
    seen
}

impl Show {
    async fn begin() -> Result<Self> {
        let mut world = World::new("Telecast", "telecast_demo_bot");
        let (kim, rio) = (UserId(2), UserId(3));
        world.add_person(kim, "Kim", "en").add_person(rio, "Rio", "en").add_person(OWNER, "Olivia", "en");
        let members = [(OWNER, Role::Creator), (kim, Role::Admin(Default::default())), (rio, Role::Member)];
        let members = [&members[..], &[(world.bot_id(), Role::Member)]].concat();
        world.add_group(GROUP, ChatKind::Supergroup, "Long show", &members);
        let house = House::open(world).await?;
        let studio = house.studio(GROUP, StudioKind::Group, Operators::default()).await?;
        let (mut platforms, mut targets) = (Vec::new(), Vec::new());
        for nth in 0..TARGETS {
            let (name, key) = (format!("Platform {nth}"), Some(format!("a-key-of-platform-{nth}")));
            let setup = Setup { name, app: "live".into(), key, tls: None, login: None, listen: None };
            let platform = Platform::start(setup).await?;
            let new = NewTarget {
                name: TargetName::parse(platform.name()).map_err(|fault| Fault(format!("{fault:?}")))?,
                platform: "custom".into(),
                point: platform.point().ok_or(Fault("no address".into()))?,
                viewer_link: None,
                status_id: None,
                key_owner: OWNER,
            };
            targets.push(house.store.add_target(studio, new).await?.id);
            platforms.push(platform);
        }
        let server = ServerUrl::parse(&format!("rtmp://{}/live", house.ingest));
        let server = server.map_err(|fault| Fault(format!("{fault:?}")))?;
        let key = house.store.ingest_key(studio, OWNER).await?;
        let key =
            telecast::domain::secret::StreamKey::parse(key.expose()).map_err(|fault| Fault(format!("{fault:?}")))?;
        let encoder = Thin::start(PushPoint { server, key }, &TaskTracker::new())?;
        let show = Self { house, studio, platforms, targets, encoder };
        show.house.phone.say(OWNER, GROUP, "/golive")?;
        show.house.phone.wait("a show that is live everywhere", SOON, |_| show.is_well().then_some(())).await?;
        Ok(show)
    }

    fn is_well(&self) -> bool {
        let status = self.house.relay.status(self.studio);
        let sends = |id| status.targets.get(id).is_some_and(|target| target.state == TargetState::Sending);
        matches!(status.phase, Phase::Live { .. }) && self.targets.iter().all(sends)
    }

    /// Lets three hours pass, in small steps.
    async fn watch(&self, spells: &[Spell]) -> Result<Seen> {
        let before = self.sent();
        let mut seen = Seen { faults: spells.len(), ..Seen::default() };
        let mut said = Said::default();
        let (mut at, mut look) = (Duration::ZERO, Duration::ZERO);
        let mut known: BTreeMap<(i64, i32), Message> = BTreeMap::new();
        while at < LASTS {
            self.befall(&script::at(spells, at));
            tokio::time::advance(STEP).await;
            at += STEP;
            let began = Instant::now();
            while began.elapsed() < ROOM {
                tokio::task::yield_now().await;
                said.note(at, self.truth());
            }
            if at >= look {
                look += LOOK;
                let panel = self.house.service.studio(self.studio).and_then(|studio| studio.panel);
                let panel = panel.and_then(|number| self.house.phone.message(GROUP, number));
                let age = said.age(at, panel.as_ref().map_or("", Message::text));
                if age > seen.stalest && age > STALE {
                    let (truth, panel) = (self.truth(), panel.as_ref().map_or("", Message::text));
                    println!("at {} s the panel is {} s old: {truth:?}\n{panel}", at.as_secs(), age.as_secs());
                }
                seen.stalest = seen.stalest.max(age);
                seen.well += u64::from(self.is_well());
                for chat in [GROUP, ChatId(OWNER.0.cast_signed())] {
                    known.extend(self.house.phone.messages(chat).into_iter().map(|m| ((m.chat, m.id), m)));
                }
            }
        }
        known.retain(|key, message| message.by_bot && !before.contains_key(key));
        let aloud = known.values().filter(|message| !message.silent);
        seen.sounds = aloud.map(|m| format!("{}: {}", m.chat, m.text().lines().next().unwrap_or_default())).collect();
        (seen.messages, seen.floods) = (known.len(), self.house.phone.flood_trips());
        seen.edits = self.house.phone.calls("editMessageText").len();
        Ok(seen)
    }

    fn sent(&self) -> BTreeMap<(i64, i32), Message> {
        let chats = [GROUP, ChatId(OWNER.0.cast_signed())];
        chats.into_iter().flat_map(|chat| self.house.phone.messages(chat)).map(|m| ((m.chat, m.id), m)).collect()
    }

    fn befall(&self, whom: &[Who]) {
        self.encoder.set_on(!whom.contains(&Who::Encoder));
        let spares = |who: &Who| !whom.contains(who);
        for (nth, platform) in self.platforms.iter().enumerate() {
            let mood = if !(spares(&Who::All) && spares(&Who::Down(nth))) {
                Mood::Down
            } else if !spares(&Who::Refusing(nth)) {
                Mood::Refusing
            } else if !spares(&Who::Deaf(nth)) {
                Mood::Deaf
            } else {
                Mood::Well
            };
            platform.set_mood(mood);
        }
    }

    /// What the panel should say: of the show, then of each platform.
    fn truth(&self) -> Vec<&'static str> {
        let status = self.house.relay.status(self.studio);
        let show = match status.phase {
            Phase::Live { .. } => "Live for",
            Phase::Held { .. } => "Your picture is gone",
            Phase::Paused { .. } => "Paused",
            Phase::Idle | Phase::Waiting { .. } => "nothing of the kind",
        };
        let of = |id: &TargetId| match status.targets.get(id).map(|target| &target.state) {
            Some(TargetState::Sending | TargetState::OnAir) => "sending",
            Some(TargetState::Connecting) => "connecting",
            Some(TargetState::Accepted) => "accepted",
            Some(TargetState::Slow) => "too slow",
            Some(TargetState::Reconnecting { .. }) => "reconnecting",
            Some(TargetState::Refused { .. }) => "refused",
            Some(TargetState::Waiting) => "waits",
            Some(TargetState::Off) | None => "off",
        };
        [show].into_iter().chain(self.targets.iter().map(of)).collect()
    }
}

/// What was true lately, and from when to when.
#[derive(Default)]
struct Said(VecDeque<(Duration, Duration, Vec<&'static str>)>);

impl Said {
    fn note(&mut self, now: Duration, truth: Vec<&'static str>) {
        match self.0.front_mut() {
            Some((_, until, same)) if *same == truth => *until = now,
            _ => self.0.push_front((now, now, truth)),
        }
        self.0.truncate(1000);
    }

    /// How long ago each line of the panel was true for the last time, the oldest of them.
    fn age(&self, now: Duration, panel: &str) -> Duration {
        let lines: Vec<&str> = panel.lines().collect();
        let line = |nth: usize| match nth {
            0 => lines.first().copied().unwrap_or_default(),
            nth => {
                let name = format!("Platform {} · ", nth - 1);
                lines.iter().find_map(|line| Some(line.split_once(&name)?.1)).unwrap_or_default()
            }
        };
        // Of the show the first line says more; of a platform a line begins so.
        let says = |nth, line: &str, word| if nth == 0 { line.contains(word) } else { line.starts_with(word) };
        let age = |nth: usize| {
            let line = line(nth);
            let last = self.0.iter().find(|(.., then)| then.get(nth).is_some_and(|word| says(nth, line, word)));
            last.map_or(now, |(_, until, _)| now.saturating_sub(*until))
        };
        (0..=TARGETS).map(age).max().unwrap_or_default()
    }
}
