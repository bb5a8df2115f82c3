//! What every run checks, whatever its fault was: the invariants I1 to I8. A run says which of them it can judge.

use super::ledger::Ledger;
use super::publisher::Publisher;
use crate::bed::proc::Proc;
use std::fmt;

/// The longest that an unharmed target may wait more than at rest, ms.
const ADDED: u32 = 50;

/// One of the eight, and whether it held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// 1 to 8.
    pub number: u8,
    /// What was wrong, where something was.
    pub broken: Option<String>,
}

/// The verdicts of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdicts(pub Vec<Verdict>);

impl Verdicts {
    /// Notes a verdict: `broken` holds what was wrong.
    pub fn note(&mut self, number: u8, broken: Option<String>) {
        self.0.push(Verdict { number, broken });
    }

    /// All that were judged held.
    pub fn hold(&self) -> bool {
        self.0.iter().all(|verdict| verdict.broken.is_none())
    }

    /// I1, isolation: a target that nothing was done to lost nothing, and its frames took at most 50 ms longer than
    /// `rest` ms, which 99 of 100 took before.
    pub fn isolation(&mut self, unharmed: &Ledger, rest: u32) {
        let (inside, between) = unharmed.missing();
        let slow = unharmed.delay(990);
        let lost = (inside.bytes + between.bytes > 0).then(|| format!("{inside:?} and {between:?} lost elsewhere"));
        self.note(
            1,
            lost.or_else(|| (slow > rest + ADDED).then(|| format!("p99 {slow} ms elsewhere, {rest} at rest"))),
        );
    }

    /// I2, order: headers, keyframe, times that go on, no picture whose reference is missing; nothing changed.
    pub fn order(&mut self, ledger: &Ledger) {
        let Ledger { strange, backwards, unready, torn, garbled, .. } = ledger;
        let broken = [strange, backwards, unready, torn, garbled].iter().any(|count| **count > 0);
        self.note(2, broken.then(|| ledger.first_fault.clone().unwrap_or_default()));
    }

    /// I3, the ledger: see [`Balance`].
    pub fn ledger(&mut self, balance: &Balance) {
        self.note(3, (balance.difference != 0).then(|| balance.to_string()));
    }

    /// I4, resources: memory and open files of a program against what they may be.
    pub fn resources(&mut self, before: Resources, after: Resources, more_kib: u64) {
        let grown = after.rss_kib.saturating_sub(before.rss_kib);
        let files = after.files.saturating_sub(before.files);
        let broken = grown > more_kib || files > 0;
        self.note(4, broken.then(|| format!("{grown} KiB and {files} files more")));
    }

    /// I5, secrets: none of `canaries` in what a program said.
    pub fn secrets(&mut self, said: &str, canaries: &[&str]) {
        let found = canaries.iter().any(|canary| said.contains(canary));
        self.note(5, found.then(|| "a stream key was logged".into()));
    }

    /// I7, no panic.
    pub fn panics(&mut self, proc: &mut Proc) {
        let ended = proc.ended();
        let said = proc.log();
        let panicked = said.contains("panicked");
        self.note(7, (panicked || ended.is_some()).then(|| format!("panicked: {panicked}, ended: {ended:?}")));
    }

    /// I8, it was well again within `limit` µs.
    pub fn recovery(&mut self, took: Option<u64>, limit: u64) {
        let broken = took.is_none_or(|took| took > limit);
        self.note(8, broken.then(|| format!("well again after {took:?} µs, not {limit}")));
    }
}

impl fmt::Display for Verdicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut gap = "";
        for number in 1..=8 {
            let mut judged = self.0.iter().filter(|verdict| verdict.number == number).peekable();
            if judged.peek().is_none() {
                continue;
            }
            write!(f, "{gap}I{number}")?;
            gap = " ";
            if let Some(words) = judged.find_map(|verdict| verdict.broken.as_ref()) {
                write!(f, " BROKEN ({words})")?;
            }
        }
        Ok(())
    }
}

/// A program's memory and files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    /// Resident memory, KiB.
    pub rss_kib: u64,
    /// Open files.
    pub files: usize,
}

impl Resources {
    /// Of a program that runs.
    pub fn of(id: u32) -> Self {
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let rss = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let rss_kib = rss.and_then(|rss| rss.split_whitespace().next()?.parse().ok()).unwrap_or(0);
        let files = std::fs::read_dir(format!("/proc/{id}/fd")).map_or(0, Iterator::count);
        Self { rss_kib, files }
    }
}

/// Frames at one target, by content: what was sent since the push's first frame, and what became of it, in payload
/// bytes. Replay, filler and headers are none of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Sent by the publishers, from the first number that was to come.
    pub published: u64,
    /// Came, each number once.
    pub received: u64,
    /// Passed over amid a connection. Where the relay said how much it dropped, that is it.
    pub dropped: u64,
    /// Passed over from one connection to the next: never the push's to send, or lost with the connection.
    pub between: u64,
    /// Behind the last that came.
    pub queued: u64,
    /// What is left unexplained.
    pub difference: i64,
}

impl Balance {
    /// What these publishers sent, at a target; `dropped` is what the relay said of it, where it did. Of four publishers
    /// at most.
    pub fn of(publishers: &[&Publisher], ledger: &Ledger, dropped: Option<u64>) -> Self {
        let mut sum = Self::default();
        for publisher in publishers {
            let published = publisher.published();
            let Some(account) = ledger.account(publisher.source, published.next) else { continue };
            // What it was told to pass over counts as never sent.
            let held = published.held.bytes.min(account.inside);
            sum.published += published.sent.bytes + published.held.bytes - account.early - held;
            sum.received += account.received;
            sum.dropped += account.inside - held;
            sum.between += account.between;
            sum.queued += account.behind;
        }
        sum.dropped = dropped.unwrap_or(sum.dropped);
        let explained = sum.received + sum.dropped + sum.between + sum.queued;
        sum.difference = sum.published.cast_signed() - explained.cast_signed();
        sum
    }
}

impl fmt::Display for Balance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { published, received, dropped, between, queued, difference } = self;
        write!(
            f,
            "{published} sent = {received} received + {dropped} dropped + {between} between connections + {queued} \
             behind, difference {difference}"
        )
    }
}
