//! How soon a command is answered with 1,000 studios in the store, while 200 shows begin at once, and while they are on.

use super::Figure;
use crate::bed::house::House;
use crate::bed::thin::{Crowd, Thin};
use crate::bed::{Fault, Result};
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use std::time::{Duration, Instant};
use telecast::demo::bot_api::{Phone, World};
use telecast::domain::access::Operators;
use telecast::domain::id::UserId;
use telecast::domain::rtmp_url::{PushPoint, ServerUrl};
use telecast::domain::secret::StreamKey;
use telecast::domain::status::Phase;
use telecast::domain::target::TargetName;
use telecast::store::{NewTarget, StudioKind};
use tokio_util::task::TaskTracker;

const STUDIOS: usize = 1000;
const LIVE: usize = 200;
/// Platforms of each studio.
const TARGETS: usize = 2;
/// Studios that are made at once.
const AT_ONCE: usize = 50;
const SOON: Duration = Duration::from_secs(60);
/// How long after the encoders came the shows begin.
const SEEN: Duration = Duration::from_secs(25);
/// How long is measured while they begin: until all that is told of it is out.
const STORM: Duration = Duration::from_secs(20);
/// How long after the last show's beginning it is measured once more.
const BEGUN: Duration = Duration::from_secs(20);
/// How long is measured then, and how often somebody asks something.
const MEASURED: Duration = Duration::from_secs(40);
const EVERY: Duration = Duration::from_millis(100);
/// An answer that takes longer is none. Of 200 panels at 22 a second the last takes ten.
const ANSWERED: Duration = Duration::from_secs(25);
const GOAL: Duration = Duration::from_millis(200);

/// What is asked, in turn: each command but those that end a show or begin a dialogue with a deletion.
const COMMANDS: [&str; 12] = [
    "/status",
    "/targets",
    "/links",
    "/help",
    "/ingest",
    "/settings",
    "/mykeys",
    "/golive",
    "/addtarget",
    "/cancel",
    "/language",
    "/start",
];

pub(super) async fn measure() -> Result<Figure> {
    let mut world = World::new("Telecast", "telecast_demo_bot");
    let people: Vec<UserId> = (0..STUDIOS).map(|nth| UserId(100_000 + nth as u64)).collect();
    for user in &people {
        world.add_person(*user, "Rio", "en");
    }
    let house = House::open(world).await?;
    let (tasks, crowd) = (TaskTracker::new(), Crowd::start().await?);
    stream::iter(&people).map(|user| open(&house, *user, &crowd)).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    let live = &people[..LIVE];
    let mut encoders = Vec::new();
    for user in live {
        encoders.push(publish(&house, *user, &tasks).await?);
    }
    // What was told when the encoders came is out by then; the idle ask while the others go live, all at once.
    tokio::time::sleep(SEEN).await;
    // One more /golive is part of the storm: its panel waits behind theirs, as Telegram's pace will have it.
    let others: Vec<_> = COMMANDS.into_iter().filter(|text| *text != "/golive").collect();
    let begins: Vec<_> = live.iter().map(|user| answer(house.phone.clone(), *user, "/golive")).collect();
    let begins = tasks.spawn(join_all(begins));
    let storm = ask(&house, &people[LIVE..], &others, STORM).await?;
    let begins = begins.await?.into_iter().collect::<Result<Vec<_>>>()?;
    let is_live = |user: &&UserId| {
        let studio = house.service.studio_of(Phone::private(**user)).map(|studio| studio.id);
        studio.is_some_and(|studio| matches!(house.relay.status(studio).phase, Phase::Live { .. }))
    };
    crate::bed::until("all shows", SOON, || (live.iter().filter(is_live).count() == LIVE).then_some(())).await?;
    tokio::time::sleep(BEGUN).await;
    let (began, edits) = (Instant::now(), house.phone.calls("editMessageText").len());
    let steady = ask(&house, &people, &COMMANDS, MEASURED).await?;
    let per_second = (house.phone.calls("editMessageText").len() - edits) as f64 / began.elapsed().as_secs_f64();
    let on = live.iter().filter(is_live).count();
    let floods = house.phone.flood_trips();
    drop(encoders);
    house.close().await;
    let last = begins.iter().max().copied().unwrap_or_default();
    Ok(Figure {
        measured: format!(
            "while {LIVE} shows begin, all but /golive: {}; {LIVE} panels of theirs within {:.1} s; with {on} on and {STUDIOS} studios: {}, \
             {per_second:.1} edits a second; {floods} times 429",
            storm.told(),
            last.as_secs_f64(),
            steady.told(),
        ),
        goal: "p99 at most 200 ms in both, 200 shows on, panels edited, 0 times 429 where 30 a second are let through",
        holds: storm.at(99) <= GOAL && steady.at(99) <= GOAL && floods == 0 && on == LIVE && per_second >= 5.0,
    })
}

/// How long answers took, the shortest first.
struct Waits(Vec<(Duration, &'static str)>);

impl Waits {
    fn of(&self, of_100: usize) -> (Duration, &'static str) {
        self.0.get((self.0.len() * of_100 / 100).min(self.0.len().saturating_sub(1))).copied().unwrap_or_default()
    }

    fn at(&self, of_100: usize) -> Duration {
        self.of(of_100).0
    }

    fn told(&self) -> String {
        let (p99, slowest) = self.of(99);
        let [p50, worst] = [50, 100].map(|of_100| self.at(of_100).as_millis());
        let count = self.0.len();
        format!(
            "{count} commands, each answered: p50 {p50} ms, p99 {} ms ({slowest}), worst {worst} ms",
            p99.as_millis()
        )
    }
}

/// Somebody of `people` asks something of `commands`, ten times a second, for so long.
async fn ask(house: &House, people: &[UserId], commands: &[&'static str], time: Duration) -> Result<Waits> {
    let (began, answers) = (Instant::now(), TaskTracker::new());
    let mut waits = Vec::new();
    while began.elapsed() < time {
        // Nobody asks twice within what one chat may be told in.
        let asked = waits.len();
        let user = people[asked * 7 % people.len()];
        let text = commands[asked / 3 % commands.len()];
        waits.push((text, answers.spawn(answer(house.phone.clone(), user, text))));
        tokio::time::sleep_until((began + EVERY * u32::try_from(asked + 1).unwrap_or(u32::MAX)).into()).await;
    }
    let mut times = Vec::new();
    for (text, wait) in waits {
        times.push((wait.await.map_err(|died| Fault(died.to_string()))??, text));
    }
    times.sort_unstable();
    Ok(Waits(times))
}

/// A studio with its person let in and its platforms.
async fn open(house: &House, user: UserId, crowd: &Crowd) -> Result<()> {
    let studio = house.studio(Phone::private(user), StudioKind::Private, Operators::default()).await?;
    house.store.update_person(user, |person| person.approved = true).await?;
    for nth in 0..TARGETS {
        let new = NewTarget {
            name: TargetName::parse(&format!("Platform {nth}")).map_err(|fault| Fault(format!("{fault:?}")))?,
            platform: "custom".into(),
            point: point(&format!("rtmp://{}/live", crowd.address()), &format!("key-{}-{nth}-0123456789", user.0))?,
            viewer_link: None,
            status_id: None,
            key_owner: user,
        };
        house.store.add_target(studio, new).await?;
    }
    Ok(())
}

async fn publish(house: &House, user: UserId, tasks: &TaskTracker) -> Result<Thin> {
    let studio = house.service.studio_of(Phone::private(user)).ok_or(Fault("no studio".into()))?;
    let key = house.store.ingest_key(studio.id, user).await?;
    Thin::start(point(&format!("rtmp://{}/live", house.ingest), key.expose())?, tasks)
}

fn point(server: &str, key: &str) -> Result<PushPoint> {
    let server = ServerUrl::parse(server).map_err(|fault| Fault(format!("{fault:?}")))?;
    let key = StreamKey::parse(key).map_err(|fault| Fault(format!("{fault:?}")))?;
    Ok(PushPoint { server, key })
}

/// How long the answer to a command takes: the first new message of the bot in that chat.
async fn answer(phone: Phone, user: UserId, text: &'static str) -> Result<Duration> {
    let chat = Phone::private(user);
    let (sent, asked) = (phone.say(user, chat, text)?, Instant::now());
    let new = |phone: &Phone| phone.messages(chat).iter().any(|m| m.by_bot && m.id > sent).then_some(());
    phone.wait(&format!("the answer to {text}"), ANSWERED, new).await?;
    Ok(asked.elapsed())
}
