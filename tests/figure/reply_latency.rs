//! How soon a command is answered with 1,000 studios in the store and 200 shows on, whose panels are kept up meanwhile.

use super::Figure;
use crate::bed::thin::{Crowd, Thin};
use crate::bed::{Fault, Result};
use crate::rights::house::House;
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
/// How long after the last show's beginning it is measured.
const BEGUN: Duration = Duration::from_secs(45);
/// How long is measured, and how often somebody asks something.
const MEASURED: Duration = Duration::from_secs(40);
const EVERY: Duration = Duration::from_millis(100);
/// An answer that takes longer is none.
const ANSWERED: Duration = Duration::from_secs(10);
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
    for user in live {
        house.phone.say(*user, Phone::private(*user), "/golive")?;
    }
    let is_live = |user: &&UserId| {
        let studio = house.service.studio_of(Phone::private(**user)).map(|studio| studio.id);
        studio.is_some_and(|studio| matches!(house.relay.status(studio).phase, Phase::Live { .. }))
    };
    crate::bed::until("all shows", SOON, || (live.iter().filter(is_live).count() == LIVE).then_some(())).await?;
    // What is told when a show begins, two or three messages each, leaves at Telegram's pace; then the shows are on.
    tokio::time::sleep(BEGUN).await;
    let edits = house.phone.calls("editMessageText").len();
    let (began, mut asked) = (Instant::now(), 0);
    let answers = TaskTracker::new();
    let mut waits = Vec::new();
    while began.elapsed() < MEASURED {
        // Nobody asks twice within what one chat may be told in: every seventh, the live and the idle.
        let user = people[asked * 7 % STUDIOS];
        let text = COMMANDS[asked / 3 % COMMANDS.len()];
        waits.push((text, answers.spawn(answer(house.phone.clone(), user, text))));
        asked += 1;
        tokio::time::sleep_until((began + EVERY * u32::try_from(asked).unwrap_or(u32::MAX)).into()).await;
    }
    let took = began.elapsed();
    let edits = house.phone.calls("editMessageText").len() - edits;
    let mut times = Vec::new();
    for (text, wait) in waits {
        times.push((wait.await.map_err(|died| Fault(died.to_string()))??, text));
    }
    times.sort_unstable();
    let on = live.iter().filter(is_live).count();
    let at = |of_100: usize| times[(times.len() * of_100 / 100).min(times.len() - 1)];
    let (floods, (p99, slowest)) = (house.phone.flood_trips(), at(99));
    drop(encoders);
    house.close().await;
    let per_second = edits as f64 / took.as_secs_f64();
    Ok(Figure {
        measured: format!(
            "{} commands, each answered: p50 {} ms, p99 {} ms ({slowest}), worst {} ms, with {on} shows on and {STUDIOS} \
             studios; {per_second:.1} edits a second, {floods} times 429",
            times.len(),
            at(50).0.as_millis(),
            p99.as_millis(),
            at(100).0.as_millis(),
        ),
        goal: "p99 at most 200 ms, 200 shows on, panels edited, 0 times 429 where 30 a second are let through",
        holds: p99 <= GOAL && floods == 0 && on == LIVE && per_second >= 5.0,
    })
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
