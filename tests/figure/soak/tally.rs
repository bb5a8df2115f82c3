//! Bytes by content: what was sent, and what became of it at each target.

use super::{TARGETS, Target};
use crate::bed::field::{Account, Ledger};
use tokio::time::Instant;

/// Faults that are told in full.
const SHOWN: usize = 8;

/// One connection of an encoder.
pub(super) struct Source {
    pub(super) id: u16,
    pub(super) began: Instant,
    pub(super) ended: Instant,
    pub(super) bytes: u64,
    pub(super) next: u64,
    pub(super) stalled: bool,
    pub(super) in_order: bool,
}

/// What became of what was sent.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) connections: u64,
    pub(super) refused: u64,
    pub(super) stalls: u64,
    /// Payload bytes, over all encoders and their targets, once for each target.
    published: u64,
    received: u64,
    dropped: u64,
    between: u64,
    behind: u64,
    /// Unexplained.
    difference: i64,
    /// Missing at targets that were well all the while.
    lost: u64,
    judged: u64,
    faults: Vec<String>,
    pub(super) over: bool,
}

impl Tally {
    pub(super) fn holds(&self) -> bool {
        self.difference == 0 && self.lost == 0 && self.faults.is_empty() && self.judged > 0
    }

    /// Once a source's successor sends and nothing of it is under way any more.
    pub(super) fn close(&mut self, source: &Source, index: usize, sinks: &[Target]) {
        for (number, target) in sinks[index * TARGETS..][..TARGETS].iter().enumerate() {
            let Some(account) = target.sink.look(|ledger| ledger.account(source.id, source.next)) else { continue };
            let published = source.bytes - account.early;
            self.published += published;
            self.received += account.received;
            self.dropped += account.inside;
            self.between += account.between;
            self.behind += account.behind;
            self.difference += published.cast_signed()
                - (account.received + account.inside + account.between + account.behind).cast_signed();
            if target.was_well(source.began, source.ended) && !source.stalled {
                self.judged += 1;
                let Account { inside, between, .. } = account;
                let behind = if source.in_order { account.behind } else { 0 };
                let lost = inside + between + behind;
                self.lost += lost;
                if lost > 0 {
                    self.faults.push(format!(
                        "of {}, {inside} bytes lost amid a connection to target {}.{}, {between} between two, {behind} \
                         at its end",
                        source.id,
                        index + 1,
                        number + 1
                    ));
                }
            }
        }
    }

    /// What the relay says it dropped must be all that is missing amid connections.
    pub(super) fn settle(&mut self, log: &str, sinks: &[Target]) {
        for (index, target) in sinks.iter().enumerate() {
            let (studio, number) = (index / TARGETS + 1, index % TARGETS + 1);
            let (missing, words) = target.sink.look(|ledger| (ledger.missing().0.bytes, judge(ledger)));
            self.faults.extend(words.map(|words| format!("target {studio}.{number}: {words}")));
            let said = log.lines().find_map(|line| account(line, studio, number));
            match said {
                Some(said) if said >= missing => {}
                _ => self.faults.push(format!("target {studio}.{number}: {missing} missing, {said:?} said")),
            }
        }
    }
}

/// What the relay dropped for a target, as a line of its log may say.
fn account(line: &str, studio: usize, target: usize) -> Option<u64> {
    let field = |name: &str| -> Option<u64> {
        let rest = &line[line.find(&format!(" {name}="))? + name.len() + 2..];
        rest[..rest.find(' ').unwrap_or(rest.len())].parse().ok()
    };
    let mine = field("studio")? == studio as u64 && field("target")? == target as u64;
    if mine { field("dropped_bytes") } else { None }
}

/// What was wrong at a target, in words.
fn judge(ledger: &Ledger) -> Option<String> {
    let Ledger { strange, backwards, unready, torn, garbled, first_fault, .. } = ledger;
    (strange + backwards + unready + torn + garbled > 0).then(|| {
        format!("{strange} strange, {backwards} backwards, {unready} unready, {torn} torn, {garbled} garbled: {first_fault:?}")
    })
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { connections, refused, stalls, published, received, dropped, between, behind, .. } = self;
        let Self { difference, lost, judged, faults, .. } = self;
        write!(
            f,
            "{connections} publishes ({refused} refused, {stalls} stalls), {published} bytes = {received} received + \
             {dropped} dropped + {between} between connections + {behind} lost with an encoder, difference \
             {difference}; {lost} lost in {judged} streams at unharmed targets; {} faults{}{}",
            faults.len(),
            if faults.is_empty() { "" } else { ": " },
            faults[..faults.len().min(SHOWN)].join("; ")
        )
    }
}
