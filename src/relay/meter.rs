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
/// Looks that lie closer together tell nothing. Less than lies between two, so that the second gives a rate.
const LEAST: Duration = Duration::from_millis(700);

/// kbit/s over the last seconds, from a count of bytes that is looked at about once a second.
#[derive(Debug, Default)]
pub(super) struct Rate {
    looks: VecDeque<(Instant, u64)>,
}

impl Rate {
    /// The rate at `now`, when the count is `bytes`. 0 until two looks lie 0.7 s apart.
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

/// The longest time between two keyframes by the encoder's clock, the time since the last one included.
#[derive(Debug, Default)]
pub(super) struct KeyframeGap {
    last: Option<u32>,
    longest: u32,
}

impl KeyframeGap {
    /// A clock that jumped farther than this measures nothing.
    const MOST: u32 = 60_000;

    /// A frame of time `timestamp` (ms, modulo 2^32).
    pub(super) fn note(&mut self, timestamp: u32, keyframe: bool) {
        let gap = self.last.map_or(0, |last| timestamp.wrapping_sub(last));
        if gap <= Self::MOST {
            self.longest = self.longest.max(gap);
        }
        if keyframe || gap > Self::MOST {
            self.last = keyframe.then_some(timestamp);
        }
    }

    pub(super) fn longest(&self) -> Duration {
        Duration::from_millis(self.longest.into())
    }
}

/// The most B-frames in a row: frames that are shown before one that came earlier.
#[derive(Debug, Default)]
pub(super) struct BFrames {
    /// When the last of the frames so far is shown.
    last: Option<u32>,
    row: u32,
    most: u32,
}

impl BFrames {
    /// No encoder puts a frame so far behind one that is shown later, in milliseconds: the clock jumped.
    const MOST: u32 = 2_000;

    /// A frame that is shown at `shown` (ms, modulo 2^32).
    pub(super) fn note(&mut self, shown: u32) {
        let behind = self.last.map_or(0, |last| last.wrapping_sub(shown));
        if (1..=Self::MOST).contains(&behind) {
            self.row += 1;
            self.most = self.most.max(self.row);
        } else {
            (self.last, self.row) = (Some(shown), 0);
        }
    }

    pub(super) fn most(&self) -> u32 {
        self.most
    }
}

/// kbit/s by the encoder's own clock, over 2 s of it.
#[derive(Debug, Default)]
pub(super) struct BitRate {
    start: Option<u32>,
    bytes: u64,
}

impl BitRate {
    const SPAN: u32 = 2_000;

    /// A frame of time `timestamp` (ms, modulo 2^32) and of `bytes`; a rate at the end of each span.
    pub(super) fn note(&mut self, timestamp: u32, bytes: usize) -> Option<u32> {
        let span = timestamp.wrapping_sub(*self.start.get_or_insert(timestamp));
        let sound = span <= 2 * Self::SPAN;
        if sound && span < Self::SPAN {
            self.bytes = self.bytes.saturating_add(bytes as u64);
            return None;
        }
        let before = std::mem::replace(self, Self { start: Some(timestamp), bytes: bytes as u64 });
        let rate = before.bytes.saturating_mul(8) / u64::from(span.max(1));
        sound.then(|| u32::try_from(rate).unwrap_or(u32::MAX))
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
    fn the_longest_gap_between_keyframes_counts_one_that_goes_on_too() {
        for start in [0, u32::MAX - 500] {
            let mut gap = KeyframeGap::default();
            let mut frames = |from: u32, to: u32, keys: u32| {
                for i in from..to {
                    gap.note(start.wrapping_add(i * 40), i % keys == 0);
                }
                gap.longest().as_millis()
            };
            assert_eq!(frames(0, 101, 50), 2000);
            assert_eq!(frames(101, 300, 50), 2000);
            assert_eq!(frames(300, 550, 1000), (549 - 250) * 40, "none since the 250th frame");
        }
        let mut gap = KeyframeGap::default();
        [(0, true), (2_000, true), (9_000_000, false), (9_000_040, true), (9_001_040, true)]
            .into_iter()
            .for_each(|(timestamp, key)| gap.note(timestamp, key));
        assert_eq!(gap.longest().as_millis(), 2000, "a jump of the clock is no gap");
    }

    #[test]
    fn frames_that_are_shown_before_an_earlier_one_are_counted_in_a_row() {
        let most = |shown: &[u32]| {
            let mut frames = BFrames::default();
            shown.iter().for_each(|shown| frames.note((u32::MAX - 100).wrapping_add(*shown)));
            frames.most()
        };
        assert_eq!(most(&[0, 40, 80, 80, 120]), 0);
        assert_eq!(most(&[80, 120, 160]), 0, "all of them later, by the same");
        assert_eq!(most(&[0, 120, 40, 80, 240, 160, 200]), 2);
        assert_eq!(most(&[0, 160, 80, 40, 120, 200]), 3, "B-frames that others refer to");
        assert_eq!(most(&[10_000, 0, 40, 80]), 0, "a clock that jumped back");
    }

    #[test]
    fn sound_is_counted_in_bits_by_the_encoders_clock() {
        let mut rate = BitRate::default();
        // 400 bytes each 20 ms.
        let rates: Vec<_> =
            (0..301_u32).filter_map(|i| rate.note((u32::MAX - 900).wrapping_add(i * 20), 400)).collect();
        assert_eq!(rates, [160, 160, 160]);
        assert_eq!(rate.note(900_000_000, 400), None, "a clock that jumped");
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
