//! One thing that may be wrong: told when it lasts, taken back when it is over for sure, and told ever later where it comes
//! again and again.

use super::{Ailment, Fault, Finding};
use std::time::{Duration, Instant};

/// It is told after so many times its first patience at most.
const SLOWEST: u32 = 16;
/// What is noted is of the second before.
const SECOND: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Symptom {
    patience: Duration,
    /// For how long it must be well to be over.
    cure: Duration,
    /// How often it was told, as a factor of `patience`.
    slower: u32,
    ill: Option<Instant>,
    well: Option<Instant>,
    /// It was told; since when it was on.
    told: Option<Instant>,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// It has lasted so long.
    Worth(Duration),
    /// It is over, and was for so long.
    Over(Duration),
}

impl Symptom {
    pub(super) const fn new(patience_s: u64, cure_s: u64) -> Self {
        let (patience, cure) = (Duration::from_secs(patience_s), Duration::from_secs(cure_s));
        Self { patience, cure, slower: 1, ill: None, well: None, told: None }
    }

    /// How it was in the second before `now`; none where that is not known.
    fn note(&mut self, now: Instant, ill: Option<bool>) -> Option<Turn> {
        if ill? {
            self.well = None;
            let since = *self.ill.get_or_insert(before(now));
            let lasted = now.saturating_duration_since(since);
            let worth = self.told.is_none() && lasted >= self.patience * self.slower;
            worth.then(|| {
                self.told = Some(since);
                self.slower = (self.slower * 2).min(SLOWEST);
                Turn::Worth(lasted)
            })
        } else {
            self.ill = None;
            let since = self.told?;
            let well = *self.well.get_or_insert(before(now));
            (now.saturating_duration_since(well) >= self.cure).then(|| {
                self.told = None;
                Turn::Over(well.saturating_duration_since(since))
            })
        }
    }

    /// Nothing is counted on from before.
    pub(super) fn pause(&mut self) {
        (self.ill, self.well) = (None, None);
    }

    fn is_told(&self) -> bool {
        self.told.is_some()
    }

    /// Since when it is ill.
    pub(super) fn since(&self) -> Option<Instant> {
        self.ill
    }
}

/// A second ago.
fn before(now: Instant) -> Instant {
    now.checked_sub(SECOND).unwrap_or(now)
}

/// Notes how those of one kind were, all with the same cure. Those that were told are over together, when none is on any more:
/// a picture that was frozen and is black now has not come back.
pub(super) fn note<const N: usize>(
    now: Instant,
    ailment: Ailment,
    all: [(&mut Symptom, Option<bool>, Fault); N],
    found: &mut Vec<Finding>,
) {
    let unknown = all.iter().any(|(symptom, ill, _)| symptom.is_told() && ill.is_none());
    let together =
        if all.iter().any(|(_, ill, _)| *ill == Some(true)) { Some(true) } else { (!unknown).then_some(false) };
    let mut over = None;
    for (symptom, ill, fault) in all {
        match symptom.note(now, if symptom.is_told() { together } else { ill }) {
            Some(Turn::Worth(lasted)) => found.push(Finding::Found(fault, lasted)),
            Some(Turn::Over(lasted)) => over = over.max(Some(lasted)),
            None => {}
        }
    }
    found.extend(over.map(|lasted| Finding::Over(ailment, lasted)));
}
