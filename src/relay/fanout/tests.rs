//! What the fan-out promises.

use super::*;
use crate::media::packet::{Kind, Role};
use bytes::Bytes;
use proptest::prelude::*;
use std::time::Duration;

/// An encoder with a clock of its own.
#[derive(Debug)]
struct Encoder {
    number: u64,
    clock: u32,
    frames: u32,
}

impl Encoder {
    fn packet(&self, kind: Kind, role: Role, jitter: i32) -> Packet {
        let timestamp = self.clock.wrapping_add_signed(jitter);
        Packet { kind, role, timestamp, payload: Bytes::from_static(&[0; 100]) }
    }

    /// 40 ms of picture and sound, with headers before each keyframe.
    fn next(&mut self, jitter: i32) -> Vec<Packet> {
        let mut packets = Vec::new();
        let key = self.frames.is_multiple_of(25);
        if key {
            packets.push(self.packet(Kind::Data, Role::Metadata, 0));
            packets.push(self.packet(Kind::Video, Role::SequenceHeader, 0));
            packets.push(self.packet(Kind::Audio, Role::SequenceHeader, 0));
        }
        packets.push(self.packet(Kind::Video, if key { Role::Keyframe } else { Role::Frame }, jitter));
        packets.push(self.packet(Kind::Audio, Role::Frame, -13 - jitter));
        self.clock = self.clock.wrapping_add(40);
        self.frames += 1;
        packets
    }
}

/// As a widely copied example of librtmp has it: the header at time 0 before each keyframe; and the picture behind the sound.
#[test]
fn a_header_of_any_time_before_each_keyframe_leaves_the_picture_its_times() {
    let (fanout, start) = (Arc::<Fanout>::default(), Instant::now());
    let source = fanout.begin_source();
    let reader = fanout.join();
    let packet = |kind, role, timestamp| Packet { kind, role, timestamp, payload: Bytes::from_static(&[0; 100]) };
    let mut times = Vec::new();
    for frame in 0..200_u32 {
        let time = 10_000 + frame * 40;
        let key = frame.is_multiple_of(50);
        let header = key.then(|| packet(Kind::Video, Role::SequenceHeader, 0));
        let picture = packet(Kind::Video, if key { Role::Keyframe } else { Role::Frame }, time);
        let mut packets: Vec<_> = [packet(Kind::Audio, Role::Frame, time + 400)].into_iter().chain(header).collect();
        packets.push(picture);
        let now = start + Duration::from_millis(u64::from(frame) * 40);
        assert!(fanout.append(source, now, &mut packets));
        let mut out = Vec::new();
        reader.take(now, usize::MAX, &mut out);
        let pictures = out.iter().filter(|sent| sent.kind == Kind::Video && !sent.role.is_header());
        times.extend(pictures.map(|sent| sent.timestamp));
    }
    assert_eq!(times.len(), 200);
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] == 40), "{times:?}");
}

#[derive(Clone, Debug)]
enum Step {
    Send(u32, i32),
    Jump(i32),
    Pause(u64),
    Return(u32),
    Join,
    Take(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let jump = prop_oneof![Just(3_600_000), Just(-5_000), Just(-900), Just(-40), Just(40), Just(9_990), any::<i32>()];
    let start = prop_oneof![Just(0), Just(0x00ff_ff00), Just(0xffff_ff00), any::<u32>()];
    let step = prop_oneof![
        8 => (1_u32..100, -40_i32..=40).prop_map(|(frames, jitter)| Step::Send(frames, jitter)),
        1 => jump.prop_map(Step::Jump),
        1 => (0_u64..20_000).prop_map(Step::Pause),
        1 => start.prop_map(Step::Return),
        1 => Just(Step::Join),
        4 => (0_usize..4).prop_map(Step::Take),
    ];
    prop::collection::vec(step, 1..80)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    /// Whatever encoders do with their clocks, and however slow a target is: no kind's time ever goes back on a
    /// connection, headers and what follows a drop included.
    #[test]
    fn on_every_connection_time_goes_on(start in prop_oneof![Just(0_u32), Just(0x00ff_ff00), Just(0xffff_ff00)],
                                        steps in steps()) {
        let (fanout, mut now) = (Arc::<Fanout>::default(), Instant::now());
        let mut encoder = Encoder { number: fanout.begin_source(), clock: start, frames: 0 };
        let mut readers: Vec<(Reader, [Option<u32>; 3])> = Vec::new();
        for step in steps {
            match step {
                Step::Send(frames, jitter) => for frame in 0..frames {
                    now += Duration::from_millis(40);
                    let jitter = if frame % 2 == 0 { jitter } else { -jitter };
                    prop_assert!(fanout.append(encoder.number, now, &mut encoder.next(jitter)));
                },
                Step::Jump(by) => encoder.clock = encoder.clock.wrapping_add_signed(by),
                Step::Pause(time) => now += Duration::from_millis(time),
                Step::Return(clock) => encoder = Encoder { number: fanout.begin_source(), clock, frames: 0 },
                Step::Join => readers.push((fanout.join(), [None; 3])),
                Step::Take(which) => {
                    let Some((reader, times)) = readers.get_mut(which) else { continue };
                    let mut out = Vec::new();
                    reader.take(now, usize::MAX, &mut out);
                    for packet in out {
                        let newest = &mut times[packet.kind as usize];
                        let back = newest.map_or(0, |newest| packet.timestamp.wrapping_sub(newest).cast_signed());
                        prop_assert!(back >= 0, "{back} ms: {packet:?}");
                        *newest = Some(packet.timestamp);
                    }
                }
            }
        }
    }
}
