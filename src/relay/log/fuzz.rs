//! What the fuzzer of `fuzz/` must see of a log.

use super::{Log, weight};
use std::time::{Duration, Instant};

/// The bytes that it takes, counted anew.
pub fn bytes(log: &Log) -> usize {
    log.entries.iter().map(weight).sum()
}

/// How long ago its oldest packet came.
pub fn age(log: &Log, now: Instant) -> Duration {
    log.entries.front().map_or(Duration::ZERO, |front| now.saturating_duration_since(front.arrived))
}
