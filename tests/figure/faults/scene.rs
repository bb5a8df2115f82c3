//! One run of one row: a relay, an encoder, platforms; and what is checked of all of them at its end.

use super::subject::{Kind, Subject, Told};
use crate::bed::field::invariants::{Balance, Resources, Verdicts};
use crate::bed::field::{Clip, Ledger, Options, Publisher, Sink};
use crate::bed::{Result, fault, until};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Far beyond what anything here should take.
pub(crate) const SOON: Duration = Duration::from_secs(15);
/// How long the delay at rest is measured.
const REST: Duration = Duration::from_secs(3);
/// What a relay's memory may grow by in a run, KiB: its log, and a queue in a socket.
const MEMORY: u64 = 24 << 10;
/// A part of every key: it must not be found in what a relay says.
const CANARY: &str = "canary";
/// The mark in the frames of another studio's encoder.
const NEIGHBOUR: u16 = 999;

/// What every run has at hand.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    pub(crate) dir: PathBuf,
    pub(crate) clip: Arc<Clip>,
    pub(crate) kind: Kind,
}

/// What a run came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    /// In numbers.
    pub(crate) measured: String,
    /// As it should be.
    pub(crate) good: bool,
    pub(crate) verdicts: Verdicts,
    /// Ledgers that were balanced, and the sum of their differences without sign.
    pub(crate) ledgers: u64,
    pub(crate) difference: u64,
}

/// See the module's head.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) ground: Ground,
    pub(crate) subject: Subject,
    pub(crate) sinks: Vec<Sink>,
    pub(crate) publishers: Vec<Publisher>,
    pub(crate) verdicts: Verdicts,
    neighbour: Option<Neighbour>,
    key: String,
    before: Resources,
    rest: Option<u32>,
    /// Frames that the first platform missed before it was at rest.
    early: u64,
}

/// Another studio of the same relay, which nothing is done to in any run.
#[derive(Debug)]
struct Neighbour {
    sink: Sink,
    publisher: Publisher,
    /// What its platform missed before the run began.
    early: u64,
}

impl Neighbour {
    /// Live, and its platform gets frames.
    async fn live(ingest: SocketAddr, key: &str, clip: &Arc<Clip>, sink: Sink) -> Result<Self> {
        let publisher = Publisher::start(ingest, key, clip, Options::of(NEIGHBOUR)).await?;
        sink.until("the neighbour's frames", SOON, |ledger| ledger.received.frames > 50).await?;
        let early = sink.look(missed);
        Ok(Self { sink, publisher, early })
    }

    /// I6: it lost nothing, over one connection.
    fn judge(&self, verdicts: &mut Verdicts) {
        let ledger = self.sink.ledger();
        let (lost, connections) = (missed(&ledger) - self.early, ledger.accepted);
        let cut = self.publisher.published().ended.is_some();
        let harmed = lost > 0 || connections != 1 || cut;
        verdicts.note(
            6,
            harmed.then(|| format!("another studio lost {lost} frames over {connections} connections, cut off: {cut}")),
        );
    }
}

impl Ground {
    /// A platform on loopback.
    ///
    /// # Errors
    /// No port is free.
    pub(crate) fn sink(&self) -> Result<Sink> {
        Sink::start(&self.clip)
    }
}

/// Where a target's key is a canary.
pub(crate) fn keyed(sink: &Sink, number: usize) -> String {
    sink.url(&format!("{CANARY}-target-{number}"))
}

impl Scene {
    /// The relay sends on to these platforms, by their own addresses.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) async fn of(ground: &Ground, sinks: Vec<Sink>) -> Result<Self> {
        let targets = sinks.iter().enumerate().map(|(number, sink)| keyed(sink, number)).collect::<Vec<_>>();
        Self::with(ground, sinks, &targets, &[]).await
    }

    /// The same, by other addresses; `wrap` stands before the relay's command.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) async fn with(ground: &Ground, sinks: Vec<Sink>, targets: &[String], wrap: &[String]) -> Result<Self> {
        let key = format!("{CANARY}-ingest");
        let beside = ground.sink()?;
        let other = [(format!("{CANARY}-neighbour"), keyed(&beside, 0))];
        let subject = Subject::start(ground.kind, &key, targets, &other, wrap, &ground.dir).await?;
        let neighbour = match ground.kind {
            Kind::Telecast => Some(Neighbour::live(subject.ingest, &other[0].0, &ground.clip, beside).await?),
            _ => None,
        };
        Ok(Self {
            ground: ground.clone(),
            subject,
            sinks,
            publishers: Vec::new(),
            verdicts: Verdicts::default(),
            neighbour,
            key,
            before: Resources::default(),
            rest: None,
            early: 0,
        })
    }

    /// Two platforms, and an encoder that publishes; both get frames. The first is unharmed in every run.
    ///
    /// # Errors
    /// It does not come so far.
    pub(crate) async fn live(ground: &Ground) -> Result<Self> {
        let sinks = vec![ground.sink()?, ground.sink()?];
        let mut scene = Self::of(ground, sinks).await?;
        scene.publish(Options::of(1)).await?;
        scene.settle().await?;
        Ok(scene)
    }

    /// An encoder publishes; it asks again until it is let in.
    ///
    /// # Errors
    /// It is not.
    pub(crate) async fn publish(&mut self, options: Options) -> Result<&Publisher> {
        let clip = Arc::clone(&self.ground.clip);
        self.publish_as(&clip, options).await
    }

    /// The same, of another clip.
    ///
    /// # Errors
    /// See [`Self::publish`].
    pub(crate) async fn publish_as(&mut self, clip: &Arc<Clip>, options: Options) -> Result<&Publisher> {
        let deadline = Instant::now() + SOON;
        loop {
            match Publisher::start(self.subject.ingest, &self.key, clip, options.clone()).await {
                Ok(publisher) => self.publishers.push(publisher),
                Err(_) if Instant::now() < deadline => {
                    pause(Duration::from_millis(300)).await;
                    continue;
                }
                Err(error) => return Err(error),
            }
            return self.publishers.last().map_or_else(|| fault("no publisher"), Ok);
        }
    }

    /// One try.
    ///
    /// # Errors
    /// The relay's words.
    pub(crate) async fn try_publish(&mut self, options: Options) -> Result<&Publisher> {
        let publisher = Publisher::start(self.subject.ingest, &self.key, &self.ground.clip, options).await?;
        self.publishers.push(publisher);
        self.publishers.last().map_or_else(|| fault("no publisher"), Ok)
    }

    /// The newest encoder.
    pub(crate) fn encoder(&self) -> &Publisher {
        &self.publishers[self.publishers.len() - 1]
    }

    /// Waits until the unharmed platform gets frames, and measures how long they take at rest.
    ///
    /// # Errors
    /// It gets none.
    pub(crate) async fn settle(&mut self) -> Result<()> {
        self.sinks[0].until("frames at rest", SOON, |ledger| ledger.received.frames > 150).await?;
        self.sinks[0].forget_delays();
        pause(REST).await;
        self.rest = Some(self.sinks[0].look(|ledger| ledger.delay(990)));
        self.sinks[0].forget_delays();
        self.early = self.sinks[0].look(missed);
        self.before = Resources::of(self.subject.proc.id());
        Ok(())
    }

    /// I1 is to be judged of these: nothing was done to them.
    pub(crate) fn isolated(&mut self, unharmed: impl IntoIterator<Item = usize>) {
        let rest = self.rest.unwrap_or_default();
        for number in unharmed {
            let ledger = self.sinks[number].ledger();
            self.verdicts.isolation(&ledger, rest);
        }
    }

    /// Frames that the first platform missed since it was at rest: how a push begins is another matter.
    pub(crate) fn lost(&self) -> u64 {
        self.sinks[0].look(missed) - self.early
    }

    /// The delay at rest, ms.
    pub(crate) fn rest(&self) -> u32 {
        self.rest.unwrap_or_default()
    }

    /// How often the relay's log says all of these in one line.
    pub(crate) fn said(&self, words: &[&str]) -> usize {
        let log = self.subject.proc.log();
        log.lines().filter(|line| words.iter().all(|word| line.contains(word))).count()
    }

    /// Ends everything in order, encoder first, and judges what every run is judged by.
    ///
    /// # Errors
    /// The relay does not end.
    pub(crate) async fn close(mut self, measured: String, good: bool) -> Result<Outcome> {
        let mut outcome = Outcome { measured, good, ..Outcome::default() };
        if let Some(last) = self.publishers.last() {
            last.stall().await;
            pause(Duration::from_millis(300)).await;
        }
        if self.ground.kind != Kind::Telecast {
            return Ok(outcome);
        }
        let after = Resources::of(self.subject.proc.id());
        let alive = self.subject.proc.ended().is_none();
        if let Some(neighbour) = &self.neighbour {
            neighbour.judge(&mut self.verdicts);
        }
        let told = self.subject.finish(self.sinks.len()).await?;
        pause(Duration::from_millis(100)).await;
        for (sink, told) in self.sinks.iter().zip(told) {
            let ledger = sink.ledger();
            self.verdicts.order(&ledger);
            let balance = self.balance(sink, told);
            self.verdicts.ledger(&balance);
            outcome.ledgers += 1;
            outcome.difference += balance.difference.unsigned_abs();
        }
        if self.before != Resources::default() {
            let files = self.before.files + 1;
            self.verdicts.resources(Resources { files, ..self.before }, after, MEMORY);
        }
        let log = self.subject.proc.log();
        self.verdicts.secrets(&log, &[CANARY]);
        let panicked = log.contains("panicked") || !alive;
        self.verdicts.note(7, panicked.then(|| "it panicked or ended".into()));
        outcome.verdicts = self.verdicts;
        Ok(outcome)
    }

    /// Where the only connection ended in order, what was dropped is what the relay says; else what the content shows.
    fn balance(&self, sink: &Sink, told: Told) -> Balance {
        let ledger = sink.ledger();
        let whole = ledger.accepted == 1
            && told.reconnects == 0
            && ledger.newest().is_some_and(|connection| connection.ended.is_some_and(|(_, in_order)| in_order))
            && self.publishers.len() == 1;
        let publishers: Vec<&Publisher> = self.publishers.iter().rev().take(4).collect();
        Balance::of(&publishers, &ledger, whole.then_some(told.dropped))
    }
}

fn missed(ledger: &Ledger) -> u64 {
    let (inside, between) = ledger.missing();
    inside.frames + between.frames
}

/// Time that passes.
pub(crate) async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Seconds.
pub(crate) const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// µs as ms, for people.
pub(crate) fn ms(us: u64) -> u64 {
    us / 1_000
}

/// Waits until `look` is true, or `within` is over; whether it was.
pub(crate) async fn comes(within: Duration, mut look: impl FnMut() -> bool) -> bool {
    until("it", within, || look().then_some(())).await.is_ok()
}

/// A file's text, or nothing.
pub(crate) fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}
