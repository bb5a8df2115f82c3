//! Counts that one task raises and another reads, and what rates they come to.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// A count that only grows.
#[derive(Debug, Default)]
pub(super) struct Meter(AtomicU64);

impl Meter {
    pub(super) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What is counted of one target, over all its connections of a broadcast.
#[derive(Debug, Default)]
pub(super) struct PushMeter {
    /// Bytes handed to the socket.
    pub(super) wire: Meter,
    /// Payload bytes taken to be sent, headers not counted.
    pub(super) sent: Meter,
    pub(super) dropped_frames: Meter,
    pub(super) dropped_bytes: Meter,
    /// The server failed at an offer of Enhanced RTMP, so that it gets no more of them.
    pub(super) plain: AtomicBool,
}

/// Over how long a rate is measured.
const WINDOW: Duration = Duration::from_secs(4);
/// Looks that lie closer together tell nothing.
const LEAST: Duration = Duration::from_millis(900);

/// kbit/s over the last seconds, from a count of bytes that is looked at about once a second.
#[derive(Debug, Default)]
pub(super) struct Rate {
    looks: VecDeque<(Instant, u64)>,
}

impl Rate {
    /// The rate at `now`, when the count is `bytes`. 0 until two looks lie about a second apart.
    pub(super) fn look(&mut self, now: Instant, bytes: u64) -> u32 {
        while self.looks.len() > 1 && self.looks.front().is_some_and(|(then, _)| now - *then > WINDOW) {
            self.looks.pop_front();
        }
        let rate = match self.looks.front() {
            // bytes * 8 / 1000 by seconds, in one step by milliseconds.
            Some((then, before)) if now - *then >= LEAST => {
                bytes.saturating_sub(*before).saturating_mul(8) / (now - *then).as_millis() as u64
            }
            _ => 0,
        };
        self.looks.push_back((now, bytes));
        u32::try_from(rate).unwrap_or(u32::MAX)
    }
}

/// Frames a second by the encoder's own clock, over 2 s of it: exact whenever they arrive.
#[derive(Debug, Default)]
pub(super) struct FrameRate {
    start: Option<u32>,
    frames: u32,
}

impl FrameRate {
    const SPAN: u32 = 2_000;

    /// A frame of time `timestamp` (ms, modulo 2^32); a rate at the end of each span.
    pub(super) fn note(&mut self, timestamp: u32) -> Option<f32> {
        let start = *self.start.get_or_insert(timestamp);
        let span = timestamp.wrapping_sub(start);
        // A clock that jumped, back or far ahead, measures nothing.
        if span > 2 * Self::SPAN {
            *self = Self { start: Some(timestamp), frames: 1 };
            return None;
        }
        if span < Self::SPAN {
            self.frames += 1;
            return None;
        }
        let fps = self.frames as f32 * 1000.0 / span as f32;
        *self = Self { start: Some(timestamp), frames: 1 };
        Some(fps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_bits_over_the_last_seconds() {
        let (mut rate, start) = (Rate::default(), Instant::now());
        let mut seen = Vec::new();
        for second in 0..20_u64 {
            let bytes = if second <= 10 { second * 125_000 } else { 10 * 125_000 };
            seen.push(rate.look(start + Duration::from_secs(second), bytes));
        }
        assert_eq!(seen[..4], [0, 1000, 1000, 1000]);
        assert_eq!((seen[10], seen[12], seen[19]), (1000, 500, 0));
        let mut rate = Rate::default();
        let looks = [(0, 0), (3, 9_000), (1000, 125_000)]
            .map(|(at, bytes)| rate.look(start + Duration::from_millis(at), bytes));
        assert_eq!(looks, [0, 0, 1000], "two looks at almost the same moment");
    }

    #[test]
    fn frames_are_counted_by_the_encoders_clock_over_its_wrap_too() {
        for start in [0, u32::MAX - 500] {
            let mut rate = FrameRate::default();
            let rates: Vec<_> = (0..130_u32).filter_map(|i| rate.note(start.wrapping_add(i * 100 / 3))).collect();
            assert!(rates.len() == 2 && rates.iter().all(|fps| (fps - 30.0).abs() < 0.1), "{rates:?}");
        }
        let mut rate = FrameRate::default();
        assert_eq!([0, 40, 1_000_000, 1_000_040].map(|t| rate.note(t)), [None; 4]);
    }
}
