//! Two hours (`SOAK_SECONDS`) of 10 encoders that drop and 30 targets that fail at random: memory, files and bytes.

mod tally;

use super::Figure;
use crate::bed::field::invariants::Resources;
use crate::bed::field::{Behaviour, Clip, Ledger, Options, Publisher, Sink};
use crate::bed::proc::Proc;
use crate::bed::{Result, example_relay, fault, free_port, place, setting, until};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tally::{Source, Tally};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

const ENCODERS: usize = 10;
const TARGETS: usize = 3;
const SECONDS: u64 = 2 * 3600;
/// Every run does the same things at the same times, give or take what the relay makes of them.
const SEED: u64 = 0x5eed;
const SOON: Duration = Duration::from_secs(20);
/// A target that was refused or failed often is dialled again after this at the latest.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
const GOAL: &str = "≤ 1 MiB/h after warm-up, no more files than at the start, ledger 0";

pub(super) async fn measure() -> Result<Figure> {
    let dir = place("soak")?;
    let seconds = setting("SOAK_SECONDS").unwrap_or(SECONDS);
    let clip = Clip::new(500)?;
    let mut sinks = Vec::new();
    for _ in 0..ENCODERS * TARGETS {
        sinks.push(Target { sink: Sink::start(&clip)?, faults: Mutex::default() });
    }
    let sinks: Arc<[Target]> = sinks.into();
    let port = free_port()?;
    let mut relay = start(&dir, port, &sinks)?;
    relay.wait_for("ready", SOON).await?;

    let began = Instant::now();
    let end = began + Duration::from_secs(seconds);
    let tally = Arc::<Mutex<Tally>>::default();
    let server = SocketAddr::from(([127, 0, 0, 1], port));
    let mut work = JoinSet::new();
    for index in 0..ENCODERS {
        let encoder = Encoder { index, server, clip: Arc::clone(&clip), sinks: Arc::clone(&sinks), end };
        work.spawn(encoder.run(Arc::clone(&tally)));
    }
    all_well(&sinks, SOON).await?;
    sleep(Duration::from_secs(5)).await;
    let base = Resources::of(relay.id());
    for index in 0..sinks.len() {
        work.spawn(misbehave(index, Arc::clone(&sinks), end));
    }
    let mut memory = Vec::new();
    let mut minute = Vec::new();
    let step = Duration::from_secs((seconds / 120).clamp(1, 60));
    let mut next = Instant::now() + step;
    while Instant::now() < end && relay.ended().is_none() {
        sleep(Duration::from_secs(1)).await;
        minute.push(Resources::of(relay.id()).rss_kib);
        if Instant::now() >= next {
            next += step;
            minute.sort_unstable();
            let at = began.elapsed().as_secs_f64() / 3600.0;
            memory.push((at, minute[minute.len() / 2] as f64));
            minute.clear();
            let files = Resources::of(relay.id()).files;
            let (slope, _) = slope(&memory, seconds);
            let tally = tally.lock().unwrap_or_else(PoisonError::into_inner).clone();
            println!(
                "{:.0} s: {:.0} KiB, {slope:+.2} MiB/h since warm-up, {files} files, {tally}",
                began.elapsed().as_secs_f64(),
                memory[memory.len() - 1].1
            );
        }
    }
    if relay.ended().is_some() {
        return fault(format!("the relay ended:\n{}", relay.log()));
    }
    // The encoders stay until all that fell has come back, so that what is open is what was open.
    for target in &*sinks {
        target.sink.behave(Behaviour::Well);
    }
    let recovered = all_well(&sinks, PATIENCE).await;
    sleep(Duration::from_secs(5)).await;
    let last = Resources::of(relay.id());
    let recovery = end.elapsed();
    tally.lock().unwrap_or_else(PoisonError::into_inner).over = true;
    while work.join_next().await.is_some() {}
    relay.signal("TERM")?;
    relay.wait_for_end(SOON).await?;
    let log = relay.log();
    let (slope, error) = slope(&memory, seconds);
    let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner).clone();
    tally.settle(&log, &sinks);
    let panics = log.matches("panicked").count();
    let enough = seconds >= 3600;
    let holds = enough && slope <= 1.0 && last.files <= base.files && tally.holds() && panics == 0 && recovered.is_ok();
    Ok(Figure {
        measured: format!(
            "{seconds} s, {}{slope:+.2} ± {error:.2} MiB/h, {} KiB and {} files at the start, {} KiB and {} files at \
             the end, all targets back after {:.0} s: {}, {panics} panics, {tally}",
            if enough { "" } else { "inconclusive: too short; " },
            base.rss_kib,
            base.files,
            last.rss_kib,
            last.files,
            recovery.as_secs_f64(),
            recovered.is_ok()
        ),
        goal: GOAL,
        holds,
    })
}

/// A target, and when it was at fault: from, until, and whether its connection stayed.
struct Target {
    sink: Sink,
    faults: Mutex<Vec<(Instant, Instant)>>,
}

impl Target {
    fn was_well(&self, from: Instant, until: Instant) -> bool {
        let faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        // What a fault broke is dialled again, and what it held back arrives, a while after it.
        faults.iter().all(|(began, ended)| *began > until || *ended + Duration::from_secs(90) < from)
    }
}

fn start(dir: &Path, port: u16, sinks: &[Target]) -> Result<Proc> {
    let built = example_relay();
    // A copy, which no build replaces meanwhile.
    let program: PathBuf = dir.join("relay");
    std::fs::copy(built, &program)?;
    let mut command = Command::new(program);
    command.args(["--listen", &format!("127.0.0.1:{port}")]).env("NO_COLOR", "1");
    for (index, targets) in sinks.chunks(TARGETS).enumerate() {
        let urls: Vec<String> = targets.iter().map(|target| target.sink.url("k")).collect();
        command.args(["--route", &format!("key{index}={}", urls.join(","))]);
    }
    Proc::start("relay-log", &command, dir)
}

/// Waits until every target gets frames now.
async fn all_well(sinks: &[Target], within: Duration) -> Result<()> {
    let before: Vec<u64> = sinks.iter().map(|target| target.sink.look(Ledger::frames)).collect();
    let more = |(target, before): (&Target, &u64)| target.sink.look(Ledger::frames) > *before;
    until("frames at every target", within, || sinks.iter().zip(&before).all(more).then_some(())).await
}

struct Encoder {
    index: usize,
    server: SocketAddr,
    clip: Arc<Clip>,
    sinks: Arc<[Target]>,
    end: Instant,
}

impl Encoder {
    async fn run(self, tally: Arc<Mutex<Tally>>) {
        let tally = || tally.lock().unwrap_or_else(PoisonError::into_inner);
        let mut dice = Dice(SEED + self.index as u64);
        let mut gone: Vec<Source> = Vec::new();
        let mut half_open = None;
        let mut id = self.index as u16 * 6000;
        loop {
            id += 1;
            let began = Instant::now();
            let key = format!("key{}", self.index);
            let publisher = match Publisher::start(self.server, &key, &self.clip, Options::of(id)).await {
                Ok(publisher) => publisher,
                Err(_) => {
                    tally().refused += 1;
                    sleep(Duration::from_secs(2)).await;
                    continue;
                }
            };
            tally().connections += 1;
            let mut stalled = false;
            let until = (began + dice.seconds(30, 120)).min(self.end);
            if dice.below(4) == 0 {
                stalled = true;
                tally().stalls += 1;
                sleep(dice.seconds(5, 15)).await;
                publisher.stall().await;
                sleep(dice.seconds(1, 12)).await;
                if dice.below(2) == 0 { publisher.go_on().await } else { publisher.catch_up().await }
            }
            sleep_until(until).await;
            while self.end <= Instant::now() && !tally().over {
                sleep(Duration::from_millis(100)).await;
            }
            let over = tally().over;
            drop(half_open.take());
            let kind = if over { 0 } else { dice.below(4) };
            match kind {
                0 => publisher.goodbye().await,
                1 => publisher.close().await,
                2 => publisher.reset().await,
                _ => publisher.vanish().await,
            }
            let ended = Instant::now();
            let published = publisher.published();
            let (bytes, next) = (published.sent.bytes, published.next);
            gone.push(Source { id, began, ended, bytes, next, stalled, in_order: kind == 0 });
            if kind == 3 {
                half_open = Some(publisher);
            }
            if over {
                break;
            }
            if gone.len() > 2 {
                tally().close(&gone.remove(0), self.index, &self.sinks);
            }
            if half_open.is_none() {
                sleep(dice.seconds(0, 15)).await;
            }
        }
        sleep(Duration::from_secs(2)).await;
        for source in gone {
            tally().close(&source, self.index, &self.sinks);
        }
    }
}

/// A target that is well for minutes and at fault for seconds.
async fn misbehave(index: usize, sinks: Arc<[Target]>, end: Instant) {
    let mut dice = Dice(SEED ^ (index as u64 + 1) << 20);
    let Target { sink, faults } = &sinks[index];
    loop {
        sleep_until((Instant::now() + dice.seconds(60, 240)).min(end)).await;
        if Instant::now() >= end {
            return;
        }
        let refuse = Behaviour::Refuse("NetStream.Publish.BadName", "as told");
        let behaviours = [
            (true, Behaviour::Down),
            (true, Behaviour::MuteHandshake),
            (true, Behaviour::MuteConnect),
            (true, Behaviour::Late(Duration::from_secs(3))),
            (true, refuse),
            (true, Behaviour::HangUp),
            (false, Behaviour::CutAfter(Duration::ZERO)),
            (false, Behaviour::ResetAfter(Duration::ZERO)),
            (false, Behaviour::Deaf),
            (false, Behaviour::Deaf),
            (false, Behaviour::Slow(20_000)),
            (false, Behaviour::Slow(20_000)),
            (false, Behaviour::Say(vec![0x55; 200])),
        ];
        let (cuts, behaviour) = behaviours[dice.below(behaviours.len() as u64) as usize].clone();
        let began = Instant::now();
        let until = (began + dice.seconds(3, 25)).min(end);
        faults.lock().unwrap_or_else(PoisonError::into_inner).push((began, until));
        if cuts {
            sink.behave(Behaviour::Down);
            sleep(Duration::from_millis(200)).await;
        }
        sink.behave(behaviour);
        sleep_until(until).await;
        sink.behave(Behaviour::Well);
    }
}

/// MiB an hour, and its standard error, of what is behind the first sixth.
fn slope(memory: &[(f64, f64)], seconds: u64) -> (f64, f64) {
    let warm = seconds as f64 / 3600.0 / 6.0;
    let points: Vec<_> = memory.iter().filter(|(at, _)| *at >= warm).map(|(at, kib)| (*at, kib / 1024.0)).collect();
    if points.len() < 3 {
        return (0.0, 0.0);
    }
    let count = points.len() as f64;
    let mean = |part: fn(&(f64, f64)) -> f64| points.iter().map(part).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let spread: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
    let slope = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum::<f64>() / spread;
    let rest: f64 = points.iter().map(|point| (point.1 - y - slope * (point.0 - x)).powi(2)).sum();
    (slope, (rest / (count - 2.0) / spread).sqrt())
}

/// Numbers that look random and are the same in every run (Steele and others, `SplitMix64`).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }

    fn seconds(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from * 1000 + self.below((to - from) * 1000))
    }
}
