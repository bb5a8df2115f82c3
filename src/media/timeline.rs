//! One clock for a broadcast, whatever its publishers do with theirs. Time of arrival is an argument.

use crate::media::packet::{Kind, Packet, Role};
use std::time::Instant;

/// A step forward larger than this is a new clock, not a gap. Milliseconds.
const FORWARD: i32 = 10_000;
/// A step back larger than this is a new clock, not disorder. Milliseconds.
const BACK: i32 = -1_000;

/// Maps a publisher's timestamps to the broadcast's: unchanged for the first publisher, continued for the next.
#[derive(Debug, Default)]
pub struct Timeline {
    /// Added to what comes in, modulo 2^32.
    offset: u32,
    audio: Option<u32>,
    video: Option<u32>,
    /// The latest time given out, and when.
    last: Option<(u32, Instant)>,
    restarted: bool,
}

impl Timeline {
    /// Another publisher's timestamps follow.
    pub fn restart(&mut self) {
        (self.audio, self.video) = (None, None);
        self.restarted = self.last.is_some();
    }

    /// The broadcast's time of `packet`, modulo 2^32. Only frames move the clock: encoders stamp headers as they like.
    pub fn place(&mut self, packet: &Packet, now: Instant) -> u32 {
        let Some((last, at)) = self.last else {
            self.note(packet, packet.timestamp, now);
            return packet.timestamp;
        };
        let ahead = u32::try_from(now.saturating_duration_since(at).as_millis()).unwrap_or(u32::MAX).max(1);
        let out = packet.timestamp.wrapping_add(self.offset);
        let near = !self.restarted && in_step(out, last);
        if packet.role == Role::Metadata || packet.role == Role::SequenceHeader || packet.kind == Kind::Data {
            return if near { out } else { last };
        }
        let before = if packet.kind == Kind::Audio { self.audio } else { self.video };
        let follows = !self.restarted && before.is_some_and(|before| in_step(packet.timestamp, before));
        let out = if near || follows {
            out
        } else {
            self.restarted = false;
            let out = last.wrapping_add(ahead);
            self.offset = out.wrapping_sub(packet.timestamp);
            out
        };
        self.note(packet, out, now);
        out
    }

    fn note(&mut self, packet: &Packet, out: u32, now: Instant) {
        match (packet.role, packet.kind) {
            (Role::Metadata | Role::SequenceHeader, _) | (_, Kind::Data) => return,
            (_, Kind::Audio) => self.audio = Some(packet.timestamp),
            (_, Kind::Video) => self.video = Some(packet.timestamp),
        }
        if self.last.is_none_or(|(last, _)| step(out, last) >= 0) {
            self.last = Some((out, now));
        }
    }
}

fn step(to: u32, from: u32) -> i32 {
    to.wrapping_sub(from).cast_signed()
}

fn in_step(to: u32, from: u32) -> bool {
    (BACK..=FORWARD).contains(&step(to, from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use std::time::Duration;

    fn frame(kind: Kind, timestamp: u32) -> Packet {
        Packet { kind, role: Role::Frame, timestamp, payload: Bytes::new() }
    }

    #[test]
    fn the_first_publisher_keeps_its_times_over_both_wraps() {
        let (mut line, now) = (Timeline::default(), Instant::now());
        for base in [0_u32, 0xff_fff0, 0xffff_fff0] {
            line = Timeline { last: None, ..line };
            line.restart();
            line.offset = 0;
            for i in 0..100 {
                let timestamp = base.wrapping_add(i * 40);
                assert_eq!(line.place(&frame(Kind::Video, timestamp), now), timestamp);
                assert_eq!(line.place(&frame(Kind::Audio, timestamp.wrapping_sub(7)), now), timestamp.wrapping_sub(7));
            }
        }
    }

    #[test]
    fn the_next_publisher_goes_on_where_the_last_one_ended_with_the_time_between() {
        let (mut line, start) = (Timeline::default(), Instant::now());
        assert_eq!(line.place(&frame(Kind::Video, 5_000), start), 5_000);
        line.restart();
        let now = start + Duration::from_secs(20);
        let header = Packet { role: Role::SequenceHeader, ..frame(Kind::Video, 0) };
        assert_eq!(line.place(&header, now), 5_000, "a header alone sets no clock");
        assert_eq!(line.place(&frame(Kind::Video, 3_600_000), now), 25_000);
        assert_eq!(line.place(&frame(Kind::Audio, 3_600_010), now), 25_010);
    }

    #[test]
    fn a_jump_is_rebased_once_for_both_kinds_and_small_disorder_is_left_alone() {
        for jump in [60_000_u32, 0_u32.wrapping_sub(50_000)] {
            let (mut line, now) = (Timeline::default(), Instant::now());
            for t in [100_000, 100_040, 100_020] {
                assert_eq!(line.place(&frame(Kind::Video, t), now), t);
            }
            line.place(&frame(Kind::Audio, 100_050), now);
            let video = line.place(&frame(Kind::Video, 100_080_u32.wrapping_add(jump)), now);
            let audio = line.place(&frame(Kind::Audio, 100_071_u32.wrapping_add(jump)), now);
            assert_eq!((video, audio), (100_051, 100_042), "sound and picture stay together");
        }
    }
}
