//! A relay with a show that nothing may hurt, and somebody who attacks it.
//!
//! Read [`Siege`] first, then [`stranger::Stranger`].

pub mod stranger;

use crate::bed::field::invariants::Resources;
use crate::bed::field::{Clip, Ledger, Options, Publisher, Sink};
use crate::bed::proc::Proc;
use crate::bed::{Result, example_relay, free_port, until};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::sleep;
use tokio_util::task::TaskTracker;

/// Far beyond what anything here should take.
pub const SOON: Duration = Duration::from_secs(15);
/// Until a relay that has just begun needs no more memory than it will.
const SETTLES: Duration = Duration::from_secs(4);
/// How long after an attack everything must be as it was.
const AFTER: Duration = Duration::from_secs(5);
/// What its memory may have grown by then, KiB.
const MEMORY: u64 = 1 << 10;
/// A publisher in good faith is let in within this time, whatever goes on.
pub const LET_IN: Duration = Duration::from_secs(1);
/// A part of every key: it must not be found in what a relay says.
pub const CANARY: &str = "canary";
/// The keys of the routes.
const WATCHED: &str = "canary-watched";
pub const GUEST: &str = "canary-guest";
pub const INSIDER: &str = "canary-insider";

/// What every run has at hand.
#[derive(Clone, Debug)]
pub struct Ground {
    pub dir: PathBuf,
    pub clip: Arc<Clip>,
}

/// What a run came to.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// In numbers.
    pub measured: String,
    /// As it should be.
    pub good: bool,
    /// What was found of the relay and of the show beside.
    pub alive: String,
}

impl Outcome {
    /// Of a row without a relay.
    pub fn of(measured: impl Into<String>, good: bool) -> Self {
        Self { measured: measured.into(), good, alive: "–".into() }
    }
}

/// See the module's head.
#[derive(Debug)]
pub struct Siege {
    pub proc: Proc,
    pub ingest: SocketAddr,
    /// Where the insider's show goes.
    _far: Sink,
    clip: Arc<Clip>,
    watched: Sink,
    publisher: Publisher,
    /// Whose targets are hostile, where there are such.
    insider: Option<Publisher>,
    /// The longest time for which this machine did not get on, ms.
    base: Resources,
    /// What a rehearsal left in the allocator, KiB.
    kept: u64,
    early: u64,
}

impl Siege {
    /// Starts a relay and a show, and lets everybody in once who will be. Where there are `targets`, an insider publishes to
    /// them, and to one that is well.
    ///
    /// # Errors
    /// It does not come so far.
    pub async fn begin(ground: &Ground, targets: &[String]) -> Result<Self> {
        let (watched, far) = (Sink::start(&ground.clip)?, Sink::start(&ground.clip)?);
        let ingest = SocketAddr::from(([127, 0, 0, 1], free_port()?));
        // Without any, nothing of the insider's goes anywhere.
        let to = if targets.is_empty() {
            String::new()
        } else {
            [&[far.url("canary-target-2")], targets].concat().join(",")
        };
        let routes =
            [format!("{WATCHED}={}", watched.url("canary-target-1")), format!("{GUEST}="), format!("{INSIDER}={to}")];
        let mut command = Command::new(example_relay());
        command.args(["--listen", &ingest.to_string()]);
        for route in &routes {
            command.args(["--route", route]);
        }
        let mut proc = Proc::start("relay", &command, &ground.dir)?;
        proc.wait_for("ready", SOON).await?;
        let publisher = Publisher::start(ingest, WATCHED, &ground.clip, Options::of(1)).await?;
        watched.until("the show", SOON, |ledger| ledger.received.frames > 150).await?;
        let mut siege = Self {
            proc,
            ingest,
            _far: far,
            clip: Arc::clone(&ground.clip),
            watched,
            publisher,
            insider: None,
            base: Resources::default(),
            kept: 0,
            early: 0,
        };
        siege.guest().await?;
        if !targets.is_empty() {
            let options = Options { from: Ipv4Addr::new(127, 0, 9, 8).into(), ..Options::of(3) };
            siege.insider = Some(Publisher::start(ingest, INSIDER, &ground.clip, options).await?);
        }
        sleep(SETTLES).await;
        siege.early = siege.watched.look(missed);
        siege.base = siege.now();
        // Dials come and go.
        siege.base.files += targets.len();
        Ok(siege)
    }

    /// What has happened so far was a rehearsal: what the allocator keeps of the room that a crowd took is no growth, if the
    /// next crowd finds room in it. How much it gives back is by chance: of several rehearsals the most counts.
    pub async fn rehearsed(&mut self) {
        sleep(SETTLES / 2).await;
        let grown = self.grown();
        self.kept += grown;
        self.base.rss_kib += grown;
    }

    /// The relay's memory and files.
    pub fn now(&self) -> Resources {
        Resources::of(self.proc.id())
    }

    /// Its memory beyond what it had at rest, KiB.
    pub fn grown(&self) -> u64 {
        self.now().rss_kib.saturating_sub(self.base.rss_kib)
    }

    /// The same with what a rehearsal has left.
    pub fn grown_in_all(&self) -> u64 {
        self.grown() + self.kept
    }

    /// Its files beyond those.
    pub fn opened(&self) -> usize {
        self.now().files.saturating_sub(self.base.files)
    }

    /// Processor time that it has had, ms.
    pub fn cpu(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.proc.id())).unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        fields.get(11..13).map_or(0, |both| both.iter().filter_map(|field| field.parse::<u64>().ok()).sum::<u64>() * 10)
    }

    /// A publisher in good faith comes, from an address of its own, and goes: how long it took to be let in.
    ///
    /// # Errors
    /// It was not.
    pub async fn guest(&self) -> Result<Duration> {
        self.guest_from(Ipv4Addr::new(127, 0, 9, 9)).await
    }

    /// The same from this address.
    ///
    /// # Errors
    /// It was not let in.
    pub async fn guest_from(&self, from: Ipv4Addr) -> Result<Duration> {
        let began = Instant::now();
        let options = Options { from: from.into(), headers: false, plays: false, ..Options::of(2) };
        let publisher = Publisher::start(self.ingest, GUEST, &self.clip, options).await?;
        let took = began.elapsed();
        publisher.goodbye().await;
        Ok(took)
    }

    /// Guests come as long as `attack` lasts, twice a second and once at least; the longest that one waited.
    ///
    /// # Errors
    /// The attack's.
    pub async fn beside<T>(&self, attack: impl Future<Output = Result<T>>) -> Result<(T, Option<Duration>)> {
        let mut attack = std::pin::pin!(attack);
        let mut slowest = Some(Duration::ZERO);
        loop {
            let visit = async {
                let took = self.guest().await.ok();
                sleep(Duration::from_millis(500)).await;
                took
            };
            tokio::select! {
                done = &mut attack => {
                    let last = self.guest().await.ok();
                    return Ok((done?, slowest.zip(last).map(|(slowest, last)| slowest.max(last))));
                }
                took = visit => slowest = slowest.zip(took).map(|(slowest, took)| slowest.max(took)),
            }
        }
    }

    /// Ends the run: the relay is the same process, the show beside has lost nothing, memory and files are as they were.
    ///
    /// # Errors
    /// The show cannot be looked at.
    pub async fn end(mut self, measured: impl Into<String>, good: bool) -> Result<Outcome> {
        let well = || {
            let now = self.now();
            (now.rss_kib <= self.base.rss_kib + MEMORY && now.files <= self.base.files).then_some(())
        };
        let settled = until("it to settle", AFTER, well).await.is_ok();
        let (grown, opened) = (self.grown(), self.opened());
        let before = self.watched.look(|ledger| ledger.received.frames);
        let goes_on = self.watched.until("the show to go on", SOON, |l| l.received.frames > before + 30).await.is_ok();
        let lost = self.watched.look(missed) - self.early;
        let (connections, strange) = self.watched.look(|ledger| (ledger.accepted, ledger.strange + ledger.garbled));
        let same = self.proc.ended().is_none();
        let log = self.proc.log();
        let (panicked, told) = (log.contains("panicked"), log.contains(CANARY));
        let alive = settled && goes_on && lost == 0 && connections == 1 && strange == 0 && same && !panicked && !told;
        let kept = if self.kept > MEMORY { format!(" ({} the first time)", self.kept) } else { String::new() };
        let words = format!("{lost} frames lost beside, +{grown} KiB{kept}, +{opened} files");
        let faults = [
            (!same, "the process ended"),
            (!goes_on, "the show stopped"),
            (connections != 1, "the show's target was dialled again"),
            (strange > 0, "the show was changed"),
            (panicked, "a task panicked"),
            (told, "a key was logged"),
        ];
        let faults: String = faults.iter().filter(|(wrong, _)| *wrong).map(|(_, words)| format!(", {words}")).collect();
        drop((self.publisher, self.insider));
        Ok(Outcome { measured: measured.into(), good: good && alive, alive: format!("{words}{faults}") })
    }
}

fn missed(ledger: &Ledger) -> u64 {
    let (inside, between) = ledger.missing();
    inside.frames + between.frames
}
