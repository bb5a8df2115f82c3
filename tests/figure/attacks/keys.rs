//! A18 to A20: who has no key, and tries.

use super::house::House;
use crate::bed::Result;
use crate::bed::siege::stranger::host;
use crate::bed::siege::{Ground, LET_IN, Outcome};
use futures_util::future::join_all;
use std::hint::black_box;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use telecast::domain::id::{ChatId, UserId};
use telecast::domain::secret::IngestKey;
use telecast::store::{Store, StudioKind};
use tokio::time::{sleep, timeout};

/// How long they guess.
const GUESSING: Duration = Duration::from_secs(12);

pub(super) async fn a18(g: &Ground) -> Result<Outcome> {
    let house = House::live(g).await?;
    let (tried, answered) = (AtomicUsize::new(0), [AtomicUsize::new(0), AtomicUsize::new(0)]);
    let guess = async |from: Ipv4Addr, which: usize| loop {
        let number = tried.fetch_add(1, Ordering::Relaxed);
        let began = Instant::now();
        let refused = house.publishes(&format!("abcde-{number:026}"), from, g).await;
        if refused.is_err_and(|words| words.contains("Denied")) {
            answered[which].fetch_add(1, Ordering::Relaxed);
        } else if began.elapsed() < Duration::from_millis(5) {
            sleep(Duration::from_millis(5)).await;
        }
    };
    let one = join_all((0..24).map(|_| guess(host(21, 0), 0)));
    let many = join_all((0..100).map(|at| guess(host(22, at % 50), 1)));
    let guessing = timeout(GUESSING, async { tokio::join!(one, many) });
    let owners = async {
        sleep(Duration::from_secs(7)).await;
        let (elsewhere, beside) =
            (house.publishes(&house.key, host(23, 0), g).await, house.publishes(&house.key, host(21, 0), g).await);
        (elsewhere, beside)
    };
    let (_, (elsewhere, beside)) = tokio::join!(guessing, owners);
    let per_minute = |which: usize| answered[which].load(Ordering::Relaxed) as u64 * 60 / GUESSING.as_secs();
    let log = house.studio.telecast.log();
    let lines = log.lines().filter(|line| line.contains("wrong key") && line.contains("127.21.0.1")).count();
    let ms = |took: &Result<Duration, String>| took.as_ref().map_or(u128::MAX, Duration::as_millis);
    let measured = format!(
        "{} guesses answered a minute from one address, {} from 50; the owner let in after {} ms from elsewhere, {} ms from \
         the guesser's own address; {lines} line of log for that address",
        per_minute(0),
        per_minute(1),
        ms(&elsewhere),
        ms(&beside)
    );
    let owner = [&elsewhere, &beside].iter().all(|took| took.as_ref().is_ok_and(|took| *took <= LET_IN));
    // Five are free, then each of the 32 places is taken for 5 to 9 s.
    let slow = per_minute(0) <= 32 * 12 + 25 && per_minute(1) <= 50 * 25 + 100 * 12;
    // The owner's encoder took over twice: that is no loss, but no continuous show either.
    let outcome = Outcome::of(measured, owner && slow && lines <= 1);
    house.stop();
    Ok(outcome)
}

pub(super) async fn a19(_: &Ground) -> Result<Outcome> {
    let store = Store::temporary()?;
    let studio = store.open_studio(ChatId(7), StudioKind::Private, "seven").await.map_err(|error| error.to_string())?;
    let key = store.ingest_key(studio.id, UserId(7)).await.map_err(|error| error.to_string())?;
    let right = key.expose().to_owned();
    let near = format!("{}{}", &right[..right.len() - 1], if right.ends_with('a') { 'b' } else { 'a' });
    let far = format!("{}{}", &right[..6], "a".repeat(right.len() - 6));
    let (near, far) = (IngestKey::from_stream_name(&near), IngestKey::from_stream_name(&far));
    let rounds = 100_000;
    let mut times = [Vec::with_capacity(rounds), Vec::with_capacity(rounds)];
    for round in 0..rounds * 2 {
        // In turn, so that whatever else the machine does meets both alike.
        let which = round % 2;
        let began = Instant::now();
        black_box(store.find_ingest(black_box([&near, &far][which])));
        times[which].push(began.elapsed());
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2].as_nanos() as i128
    };
    let (near, far) = (median(&mut times[0]), median(&mut times[1]));
    let difference = (near - far).abs();
    let measured = format!(
        "a key right but for its last letter {near} ns, one right in its public id alone {far} ns, the median of 10^5 tries \
         each: {difference} ns apart"
    );
    Ok(Outcome::of(measured, difference < 1_000))
}

pub(super) async fn a20(g: &Ground) -> Result<Outcome> {
    let house = House::live(g).await?;
    let key = house.key.clone();
    let encoded: String = key.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let wrong = [
        key.to_uppercase(),
        encoded,
        format!("{key}x"),
        key[..key.len() - 1].to_owned(),
        key[..5].to_owned(),
        format!("{}-{}", &key[..5], "a".repeat(26)),
        format!("live/{key}"),
        format!("x/../{key}"),
        format!("{key}\0"),
        format!("?key={key}"),
        String::new(),
        "*".into(),
        "' OR 1=1 --".into(),
    ];
    let mut refused = 0;
    for (at, name) in wrong.iter().enumerate() {
        refused += usize::from(house.publishes(name, host(24, at), g).await.is_err());
    }
    let on = house.is_on();
    // The forms in which encoders send a whole key.
    let mut taken = 0;
    for (at, name) in [format!("/{key}"), format!("{key}?token=x"), format!("{key}&x=y")].iter().enumerate() {
        taken += usize::from(house.publishes(name, host(25, at), g).await.is_ok());
    }
    let said = house.studio.say("/ingest")?;
    house.studio.press(said, "New key").await?;
    let options =
        crate::bed::field::Options { from: host(26, 0).into(), headers: true, ..crate::bed::field::Options::of(4) };
    let victim = crate::bed::field::Publisher::start(house.ingest, &key, &g.clip, options).await?;
    house.studio.press(said, "Make a new key").await?;
    let began = Instant::now();
    let cut = crate::bed::until("the end of an encoder", Duration::from_secs(5), || {
        victim.published().ended.map(|_| began.elapsed())
    });
    let cut = cut.await.ok();
    let old = house.publishes(&key, host(26, 1), g).await.is_err();
    let shown = cut.map_or_else(|| "never".into(), |cut| format!("after {} ms", cut.as_millis()));
    let measured = format!(
        "{refused} of {} wrong forms refused, {taken} of 3 forms of the whole key taken; a key that is renewed: its encoder \
         cut off {shown}, the old one refused: {old}",
        wrong.len()
    );
    let good =
        refused == wrong.len() && taken == 3 && on && old && cut.is_some_and(|cut| cut <= Duration::from_secs(1));
    house.stop();
    Ok(Outcome::of(measured, good))
}
