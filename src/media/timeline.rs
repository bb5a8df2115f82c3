//! One clock for a broadcast, whatever its publishers do with theirs. Time of arrival is an argument.

use super::packet::{Kind, Packet};
use std::time::Instant;

/// A step forward larger than this is a new clock, not a gap. Milliseconds.
const FORWARD: i32 = 10_000;
/// A step back larger than this is a new clock, not disorder. Milliseconds.
const BACK: i32 = -1_000;
/// But where it is the first of its kind: pictures take longer to encode than sound, and not every encoder has one wait for the
/// other. Milliseconds.
const BEHIND: i32 = -5_000;

/// Maps a publisher's timestamps to the broadcast's: unchanged for the first publisher, continued for the next.
#[derive(Debug, Default)]
pub struct Timeline {
    /// Added to what comes in, modulo 2^32.
    offset: u32,
    audio: Option<Track>,
    video: Option<Track>,
    /// The time given to the last sound.
    sounded: Option<u32>,
    /// The latest time given out, and when.
    last: Option<(u32, Instant)>,
    /// The latest time that a header bore before any frame came.
    header: u32,
    restarted: bool,
}

/// The newest frame of one kind.
#[derive(Clone, Copy, Debug)]
struct Track {
    /// Its time as it came.
    raw: u32,
    /// What was added to it.
    offset: u32,
}

impl Timeline {
    /// Another publisher's timestamps follow.
    pub fn restart(&mut self) {
        (self.audio, self.video) = (None, None);
        self.restarted = self.last.is_some();
    }

    /// Whether the times of the present publisher, or its present ones, have not been placed yet.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.restarted
    }

    /// The latest time given out, and when.
    #[must_use]
    pub fn last(&self) -> Option<(u32, Instant)> {
        self.last
    }

    /// The time given to the last sound, of whatever publisher.
    #[must_use]
    pub fn sounded(&self) -> Option<u32> {
        self.sounded
    }

    /// The broadcast's time of a frame if the publisher's clock goes on as it did.
    #[must_use]
    pub fn expect(&self, packet: &Packet) -> u32 {
        let track = if packet.kind == Kind::Audio { self.audio } else { self.video };
        packet.timestamp.wrapping_add(track.map_or(self.offset, |track| track.offset))
    }

    /// The time that a frame would be given which comes first of a publisher's.
    #[must_use]
    pub fn foresee(&self, packet: &Packet, now: Instant) -> u32 {
        self.last.filter(|_| self.restarted).map_or_else(|| self.expect(packet), |last| after(last, now))
    }

    /// Something that no publisher sent was given the time `time`, a sound for one.
    pub fn fill(&mut self, kind: Kind, time: u32, now: Instant) {
        if kind == Kind::Audio {
            self.sounded = Some(time);
        }
        if self.last.is_none_or(|(last, _)| step(time, last) >= 0) {
            self.last = Some((time, now));
        }
    }

    /// Everything that comes is placed `by` milliseconds later from here on.
    pub fn shift(&mut self, by: u32) {
        self.offset = self.offset.wrapping_add(by);
        for track in [&mut self.audio, &mut self.video].into_iter().flatten() {
            track.offset = track.offset.wrapping_add(by);
        }
    }

    /// The broadcast's time of `packet`, modulo 2^32. Only frames move the clock: encoders stamp headers as they like.
    pub fn place(&mut self, packet: &Packet, now: Instant) -> u32 {
        let raw = packet.timestamp;
        let header = packet.role.is_header();
        let Some((last, at)) = self.last else {
            if header || packet.kind == Kind::Data {
                self.header = self.header.max(raw);
                return raw;
            }
            // What goes out already is not followed by earlier times.
            self.offset = self.header.saturating_sub(raw);
            return self.note(packet, self.offset, now);
        };
        let shared = raw.wrapping_add(self.offset);
        let track = match packet.kind {
            Kind::Audio => self.audio,
            Kind::Video => self.video,
            Kind::Data => None,
        };
        let back = if track.is_some() { BACK } else { BEHIND };
        let near = !self.restarted && (back..=FORWARD).contains(&step(shared, last));
        if header || packet.kind == Kind::Data {
            // Never ahead of the frames that follow, which may be far behind those of the other kind.
            let own = track.map(|track| track.raw.wrapping_add(track.offset)).filter(|own| step(*own, last) < 0);
            return if near && step(shared, last) <= 0 { shared } else { own.unwrap_or(last) };
        }
        // A kind whose own times go on may follow another one's jump later, or never.
        let own = track.filter(|track| in_step(raw, track.raw)).map(|track| track.offset);
        let distance = |offset: u32| step(raw.wrapping_add(offset), last).unsigned_abs();
        let offset = match own {
            Some(own) if !near || distance(own) < distance(self.offset) => own,
            _ if near => self.offset,
            _ => {
                self.restarted = false;
                self.offset = after((last, at), now).wrapping_sub(raw);
                self.offset
            }
        };
        self.note(packet, offset, now)
    }

    /// A frame's time by `offset`.
    fn note(&mut self, packet: &Packet, offset: u32, now: Instant) -> u32 {
        let (out, track) = (packet.timestamp.wrapping_add(offset), Track { raw: packet.timestamp, offset });
        match packet.kind {
            Kind::Audio => (self.audio, self.sounded) = (Some(track), Some(out)),
            Kind::Video => self.video = Some(track),
            Kind::Data => {}
        }
        if self.last.is_none_or(|(last, _)| step(out, last) >= 0) {
            self.last = Some((out, now));
        }
        out
    }
}

/// What time it is where it was `last`'s at that instant; a millisecond later at least.
fn after((last, at): (u32, Instant), now: Instant) -> u32 {
    last.wrapping_add(u32::try_from(now.saturating_duration_since(at).as_millis()).unwrap_or(u32::MAX).max(1))
}

/// Milliseconds from one time to another, over the wrap.
#[must_use]
pub fn step(to: u32, from: u32) -> i32 {
    to.wrapping_sub(from).cast_signed()
}

fn in_step(to: u32, from: u32) -> bool {
    (BACK..=FORWARD).contains(&step(to, from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::packet::Role;
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

    /// Sound and picture of an encoder, 40 ms apart, by its own clock; what each packet was given.
    fn run(line: &mut Timeline, now: &mut Instant, from: u32, count: u32) -> Vec<(u32, u32)> {
        let times = (0..count).map(|i| from.wrapping_add(i * 40));
        times
            .map(|time| {
                *now += Duration::from_millis(40);
                let video = line.place(&frame(Kind::Video, time), *now);
                (video, line.place(&frame(Kind::Audio, time.wrapping_add(13)), *now))
            })
            .collect()
    }

    #[test]
    fn an_encoder_that_comes_back_at_0_or_just_below_a_wrap_and_crosses_it_goes_on_without_a_seam() {
        for first in [0_u32, 0x00ff_ff00, 0xffff_ff00, 0x7fff_ff00] {
            for second in [0_u32, 0x00ff_ff00, 0xffff_ff00] {
                let (mut line, mut now) = (Timeline::default(), Instant::now());
                let mut given = run(&mut line, &mut now, first, 50);
                assert_eq!(given[49], (first.wrapping_add(49 * 40), first.wrapping_add(49 * 40 + 13)), "as it came");
                line.restart();
                given.extend(run(&mut line, &mut now, second, 50));
                for pair in given.windows(2) {
                    let [(video, audio), (next, sound)] = [pair[0], pair[1]];
                    // At the seam the time between the last sound and the first picture counts.
                    assert!((40..=53).contains(&next.wrapping_sub(video)), "{first} {second} {pair:?}");
                    assert_eq!(sound.wrapping_sub(next), 13, "together");
                    assert_eq!(audio.wrapping_sub(video), 13, "together");
                }
            }
        }
    }

    #[test]
    fn a_jump_that_sound_follows_later_than_picture_moves_neither_of_them() {
        for jump in [3_600_000_u32, 0_u32.wrapping_sub(5_000), 10_020, 0_u32.wrapping_sub(3_600_000)] {
            for (early, late) in [(Kind::Video, Kind::Audio), (Kind::Audio, Kind::Video)] {
                let (mut line, mut now) = (Timeline::default(), Instant::now());
                let start = 10_000_000;
                run(&mut line, &mut now, start, 10);
                for i in 10..40_u32 {
                    now += Duration::from_millis(40);
                    let (raw, true_time) = (start + i * 40, start + i * 40);
                    let jumped = raw.wrapping_add(jump);
                    let a = line.place(&frame(early, jumped), now);
                    let b = line.place(&frame(late, if i < 15 { raw } else { jumped }), now);
                    for given in [a, b] {
                        assert!(given.abs_diff(true_time) <= 60, "{} {jump} {given} {true_time}", i);
                    }
                    assert!(a.abs_diff(b) <= 60, "apart by {}", a.abs_diff(b));
                }
            }
        }
    }

    #[test]
    fn sound_and_picture_stay_together_where_one_of_them_begins_late() {
        for (early, late) in [(Kind::Video, Kind::Audio), (Kind::Audio, Kind::Video)] {
            let (mut line, now) = (Timeline::default(), Instant::now());
            for clock in [0_u32, 700_000] {
                line.restart();
                let first = line.place(&frame(early, clock), now);
                for time in (40..=3_000).step_by(40) {
                    assert_eq!(line.place(&frame(early, clock + time), now), first + time);
                }
                let header = Packet { role: Role::SequenceHeader, ..frame(late, clock) };
                assert_eq!(line.place(&header, now), first, "never ahead of what follows");
                for time in (0..=3_000).step_by(40) {
                    assert_eq!(line.place(&frame(late, clock + time), now), first + time);
                }
            }
        }
    }

    #[test]
    fn jitter_is_no_jump() {
        let (mut line, now) = (Timeline::default(), Instant::now());
        for (i, jitter) in [0, 40, -40, 40, 0, -40, -40, 40].into_iter().cycle().take(400).enumerate() {
            let time = (1_000 + i as i32 * 20 + jitter) as u32;
            assert_eq!(line.place(&frame(Kind::Video, time), now), time);
        }
    }

    #[test]
    fn headers_are_never_ahead_of_the_frames_that_follow_them() {
        let header = |time| Packet { role: Role::SequenceHeader, ..frame(Kind::Video, time) };
        let (mut line, now) = (Timeline::default(), Instant::now());
        assert_eq!(line.place(&header(5_000), now), 5_000);
        assert_eq!(line.place(&frame(Kind::Video, 100), now), 5_000, "what went out is not followed by earlier times");
        assert_eq!(line.place(&frame(Kind::Audio, 120), now), 5_020);
        assert_eq!(line.place(&header(9_000), now), 5_000, "sound may be ahead of the picture that follows");
        assert_eq!(line.place(&header(110), now), 5_010);
        assert_eq!(line.place(&header(0), now), 5_020 - 120, "a little back is as it came");
        line.shift(200);
        assert_eq!(line.place(&header(9_000), now), 5_020, "what is placed later follows it");
        let (mut line, now) = (Timeline::default(), Instant::now());
        line.place(&header(0), now);
        assert_eq!(
            line.place(&frame(Kind::Video, u32::MAX - 7_000), now),
            u32::MAX - 7_000,
            "headers at 0 say nothing"
        );
    }
}
