//! What the log promises.

use super::*;
use bytes::Bytes;
use proptest::prelude::*;

mod begin;
mod crew;
mod detail;
mod next;
mod shelf;
mod slow;

fn packet(kind: Kind, role: Role, timestamp: u32, size: usize) -> Packet {
    Packet { kind, role, timestamp, payload: Bytes::from(vec![0; size]) }
}
fn key(t: u32) -> Packet {
    packet(Kind::Video, Role::Keyframe, t, 1000)
}
fn frame(t: u32) -> Packet {
    packet(Kind::Video, Role::Frame, t, 100)
}
fn audio(t: u32) -> Packet {
    packet(Kind::Audio, Role::Frame, t, 10)
}
fn header(kind: Kind, t: u32, size: usize) -> Packet {
    let role = if kind == Kind::Data { Role::Metadata } else { Role::SequenceHeader };
    packet(kind, role, t, size)
}
fn headers() -> Vec<Packet> {
    vec![header(Kind::Data, 0, 300), header(Kind::Video, 0, 40), header(Kind::Audio, 0, 4)]
}
fn taken(log: &mut Log, reader: u64, now: Instant) -> Vec<Packet> {
    let mut out = Vec::new();
    log.take(reader, now, usize::MAX, &mut out);
    out
}
fn shape(packets: &[Packet]) -> String {
    let letter = |p: &Packet| match (p.kind, p.role) {
        (_, Role::Metadata) => 'm',
        (Kind::Video, Role::SequenceHeader) => 'V',
        (_, Role::SequenceHeader) => 'A',
        (_, Role::Keyframe) => 'K',
        (Kind::Video, _) => 'v',
        (Kind::Audio, _) => 'a',
        (Kind::Data, _) => 'd',
    };
    packets.iter().map(letter).collect()
}

#[test]
fn a_late_joiner_gets_headers_and_the_gop_from_its_keyframe() {
    let (mut log, now) = (Log::default(), Instant::now());
    log.append(now, headers());
    log.append(now, [key(0), frame(40), audio(41), key(80), audio(81), frame(120)]);
    let reader = log.join();
    let out = taken(&mut log, reader, now);
    assert_eq!(shape(&out), "mVAKav");
    assert!(out[..4].iter().all(|p| p.timestamp == 80), "headers bear the keyframe's time");
    log.append(now, [audio(121), frame(160)]);
    assert_eq!(shape(&taken(&mut log, reader, now)), "av");
}

#[test]
fn the_headers_before_a_keyframe_are_those_it_needs_not_newer_ones() {
    let (mut log, now) = (Log::default(), Instant::now());
    log.append(now, headers());
    log.append(now, [key(0), frame(40), header(Kind::Video, 80, 41), frame(80)]);
    let reader = log.join();
    let out = taken(&mut log, reader, now);
    assert_eq!(shape(&out), "mVAKvVv");
    assert_eq!((out[1].payload.len(), out[5].payload.len()), (40, 41));
}

#[test]
fn without_a_gop_a_joiner_gets_headers_and_sound_until_the_next_keyframe() {
    let (mut log, now) = (Log::default(), Instant::now());
    log.append(now, headers());
    log.append(now, [frame(0), audio(1)]);
    let reader = log.join();
    assert_eq!(shape(&taken(&mut log, reader, now)), "mVA");
    log.append(now, [frame(40), audio(41), key(80), frame(120)]);
    assert_eq!(shape(&taken(&mut log, reader, now)), "aKv");
    assert_eq!(log.take(reader, now, 1, &mut Vec::new()).ledger.dropped, Count { frames: 1, bytes: 100 });
}

#[test]
fn the_gop_that_begins_a_connection_may_be_old_what_follows_may_not() {
    let (mut log, start) = (Log::default(), Instant::now());
    log.append(start, headers());
    for i in 0..9_u32 {
        let packet = if i == 0 { key(0) } else { frame(i * 1000) };
        log.append(start + Duration::from_secs(i.into()), [packet]);
    }
    let reader = log.join();
    log.append(start + Duration::from_secs(9), [frame(9000)]);
    let mut out = Vec::new();
    let took = log.take(reader, start + Duration::from_secs(9), usize::MAX, &mut out);
    assert_eq!((shape(&out).as_str(), took.overflowed), ("mVAKvvvvvvvvv", false));
}

#[test]
fn what_all_have_passed_and_no_joiner_needs_is_let_go_and_the_bounds_hold() {
    let (mut log, start) = (Log::default(), Instant::now());
    let reader = log.join();
    for i in 0..100_u32 {
        log.append(start, [if i % 10 == 0 { key(i) } else { frame(i) }]);
        taken(&mut log, reader, start);
        assert!(log.entries.len() <= 10);
    }
    for i in 0..200 {
        log.append(start, [packet(Kind::Video, Role::Frame, i, 100_000)]);
        assert!(log.bytes <= MAX_BYTES);
    }
    log.append(start + MAX_AGE * 2, [frame(0)]);
    assert_eq!(log.entries.len(), 1);
}

#[test]
fn a_new_publisher_goes_on_with_its_first_keyframe() {
    let (mut log, now) = (Log::default(), Instant::now());
    log.append(now, [key(0)]);
    let reader = log.join();
    taken(&mut log, reader, now);
    log.begin_source();
    log.append(now, [header(Kind::Video, 9, 9), frame(10), audio(10), key(20), frame(30)]);
    let mut out = Vec::new();
    let took = log.take(reader, now, usize::MAX, &mut out);
    assert_eq!(shape(&out), "VaKv");
    assert_eq!(took.ledger.dropped.frames, 1);
    assert!(!took.overflowed);
}

/// A packet whose payload says its codec and part.
fn coded(kind: Kind, t: u32, payload: &'static [u8]) -> Packet {
    Packet { kind, role: crate::media::tag::role(kind, payload), timestamp: t, payload: Bytes::from_static(payload) }
}
const AVC_HEADER: &[u8] = b"\x17\0\0\0\0\x01";
const AVC_KEY: &[u8] = b"\x17\x01\0\0\0\x01";
const HEVC_HEADER: &[u8] = b"\x1c\0\0\0\0\x01";
const HEVC_KEY: &[u8] = b"\x1c\x01\0\0\0\x01";
const AAC_HEADER: &[u8] = b"\xaf\0\x12\x10";
const AAC: &[u8] = b"\xaf\x01\x01";
const MP3: &[u8] = b"\x2f\x01\x01";

#[test]
fn a_change_of_resolution_goes_out_in_order_and_only_the_new_header_is_kept() {
    let (mut log, now) = (Log::default(), Instant::now());
    log.append(now, headers());
    log.append(now, [key(0), frame(40)]);
    let reader = log.join();
    taken(&mut log, reader, now);
    log.append(now, [audio(70), header(Kind::Video, 80, 41), header(Kind::Audio, 80, 5), key(80), frame(120)]);
    assert_eq!(shape(&taken(&mut log, reader, now)), "aVAKv");
    let late = log.join();
    let out = taken(&mut log, late, now);
    assert_eq!(shape(&out), "mVAKv");
    assert_eq!((out[1].payload.len(), out[2].payload.len()), (41, 5));
}

#[test]
fn where_another_codec_begins_a_connection_ends_and_the_next_one_begins_with_its_headers() {
    let (mut log, now) = (Log::default(), Instant::now());
    let old = [coded(Kind::Video, 0, AVC_HEADER), coded(Kind::Audio, 0, AAC_HEADER), coded(Kind::Video, 0, AVC_KEY)];
    log.append(now, old);
    let (quick, slow) = (log.join(), log.join());
    assert_eq!(shape(&taken(&mut log, quick, now)), "VAK");
    let new = [coded(Kind::Audio, 40, AAC), coded(Kind::Video, 40, HEVC_HEADER), coded(Kind::Video, 40, HEVC_KEY)];
    log.append(now, new);
    log.append(now, [coded(Kind::Audio, 60, AAC)]);
    for (reader, before) in [(quick, "a"), (slow, "VAKa")] {
        let mut out = Vec::new();
        let took = log.take(reader, now, usize::MAX, &mut out);
        assert_eq!((shape(&out).as_str(), took.ended, took.more), (before, false, true));
        let took = log.take(reader, now, usize::MAX, &mut out);
        assert!(took.ended && out.len() == before.len(), "nothing of the new codec");
        assert_eq!(took.ledger.entered.frames, took.ledger.sent.frames + took.ledger.queued.frames);
        log.leave(reader);
    }
    let next = log.join();
    let mut out = Vec::new();
    assert!(!log.take(next, now, usize::MAX, &mut out).ended);
    assert_eq!(shape(&out), "VAKa");
    assert_eq!((&out[0].payload[..], &out[2].payload[..]), (HEVC_HEADER, HEVC_KEY));
}

#[test]
fn a_reader_that_was_left_behind_a_change_of_codec_ends_too_and_a_codec_without_header_leaves_none() {
    let (mut log, start) = (Log::default(), Instant::now());
    log.append(
        start,
        [coded(Kind::Video, 0, AVC_HEADER), coded(Kind::Audio, 0, AAC_HEADER), coded(Kind::Video, 0, AVC_KEY)],
    );
    let reader = log.join();
    taken(&mut log, reader, start);
    log.append(start, [coded(Kind::Audio, 40, MP3), coded(Kind::Audio, 60, MP3)]);
    let later = start + MAX_AGE * 2;
    log.append(later, [coded(Kind::Video, 20_000, AVC_KEY), coded(Kind::Audio, 20_000, MP3)]);
    assert!(log.take(reader, later, usize::MAX, &mut Vec::new()).ended);
    let next = log.join();
    assert_eq!(shape(&taken(&mut log, next, later)), "VKa", "no header of the codec that is gone");
}

#[test]
fn a_track_that_begins_late_or_pauses_is_no_change_of_codec() {
    let (mut log, now) = (Log::default(), Instant::now());
    let reader = log.join();
    log.append(now, [coded(Kind::Video, 0, AVC_HEADER), coded(Kind::Video, 0, AVC_KEY)]);
    log.append(now, [coded(Kind::Audio, 10_000, AAC_HEADER), coded(Kind::Audio, 10_000, AAC)]);
    // The end of a sequence, and a message that is not understood.
    log.append(now, [coded(Kind::Video, 10_000, b"\x17\x02\0\0\0"), coded(Kind::Audio, 10_000, b"")]);
    log.begin_source();
    log.append(now, [coded(Kind::Video, 20_000, AVC_HEADER), coded(Kind::Video, 20_000, AVC_KEY)]);
    let mut out = Vec::new();
    assert!(!log.take(reader, now, usize::MAX, &mut out).ended);
    assert!(!log.take(reader, now, usize::MAX, &mut out).ended);
}

#[test]
fn a_reader_that_parts_ends_before_the_next_keyframe_and_the_next_one_begins_there() {
    let (mut log, now) = (Log::default(), Instant::now());
    log.append(now, headers());
    log.append(now, [key(0), frame(40)]);
    let reader = log.join();
    taken(&mut log, reader, now);
    log.part(reader);
    log.append(now, [frame(80), audio(85), key(120), frame(160), key(200), audio(205)]);
    let mut out = Vec::new();
    let old = log.take(reader, now, usize::MAX, &mut out).ledger;
    assert_eq!(shape(&out), "va");
    assert!(log.take(reader, now, usize::MAX, &mut out).ended && out.len() == 2);
    let next = log.follow(reader);
    let mut out = Vec::new();
    let new = log.take(next, now, usize::MAX, &mut out).ledger;
    assert_eq!(shape(&out), "mVAKvKa", "not at the newest keyframe");
    assert_eq!((old.sent.frames, old.queued.frames, new.entered.frames, new.sent.frames), (4, 4, 4, 4));
}

#[test]
fn filler_stands_in_a_column_of_its_own_and_a_picture_goes_on_behind_it_with_a_keyframe() {
    let (mut log, now) = (Log::default(), Instant::now());
    log.append(now, headers());
    log.append(now, [key(0), frame(40), audio(41)]);
    let early = log.join();
    log.fill(now, [key(1000), audio(1010), audio(1031)]);
    let late = log.join();
    assert_eq!(shape(&taken(&mut log, early, now)), "mVAKvaKaa");
    assert_eq!(shape(&taken(&mut log, late, now)), "mVAKaa", "who joins meanwhile begins with the repeated picture");
    log.append(now, [frame(1040), audio(1052), key(1060), frame(1100)]);
    let mut out = Vec::new();
    let Ledger { entered, sent, dropped, filler, .. } = log.take(early, now, usize::MAX, &mut out).ledger;
    assert_eq!(shape(&out), "aKv");
    assert_eq!((entered.frames, sent.frames, dropped.frames), (7, 6, 1));
    assert_eq!(filler, Count { frames: 3, bytes: 1020 });
    let late = log.take(late, now, usize::MAX, &mut Vec::new()).ledger;
    assert_eq!((late.entered.frames, late.sent.frames, late.dropped.frames, late.filler.frames), (4, 3, 1, 3));
}

#[derive(Clone, Debug)]
enum Step {
    Append(Vec<(u8, usize)>),
    Wait(u64),
    Take(usize, usize),
    Join,
    NewSource,
    Fill(bool, usize),
    Await,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let batch = prop::collection::vec((0_u8..10, 0_usize..400_000), 0..8);
    let step = prop_oneof![
        8 => batch.prop_map(Step::Append),
        3 => (0_u64..6000).prop_map(Step::Wait),
        6 => (0_usize..4, 0_usize..2_000_000).prop_map(|(r, max)| Step::Take(r, max)),
        1 => Just(Step::Join),
        1 => Just(Step::NewSource),
        2 => (any::<bool>(), 0_usize..400_000).prop_map(|(picture, size)| Step::Fill(picture, size)),
        1 => Just(Step::Await),
    ];
    prop::collection::vec(step, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    /// Sent + dropped + queued = entered after every step, what is sent is what was counted, the first
    /// frame of video is a keyframe, and the bounds hold: whatever publisher and readers do.
    #[test]
    fn the_ledger_balances(steps in steps()) {
        let (mut log, mut now, mut readers) = (Log::default(), Instant::now(), Vec::new());
        let mut t = 0;
        for step in steps {
            match step {
                Step::Append(batch) => log.append(now, batch.into_iter().map(|(what, size)| {
                    t += 1;
                    match what {
                        0 => header(Kind::Data, t, size % 500),
                        1 => header(Kind::Video, t, size % 500),
                        2 => header(Kind::Audio, t, size % 500),
                        3 => packet(Kind::Video, Role::Keyframe, t, size),
                        4 | 5 => packet(Kind::Audio, Role::Frame, t, size % 500),
                        6 => packet(Kind::Data, Role::Frame, t, size % 500),
                        _ => packet(Kind::Video, Role::Frame, t, size / 4),
                    }
                })),
                Step::Wait(ms) => now += Duration::from_millis(ms),
                Step::Join => readers.push((log.join(), Count::default(), false)),
                Step::NewSource => log.begin_source(),
                Step::Await => log.await_keyframe(now),
                Step::Fill(picture, size) => {
                    t += 1;
                    let sound = packet(Kind::Audio, Role::Frame, t, 11);
                    log.fill(now, [if picture { packet(Kind::Video, Role::Keyframe, t, size) } else { sound }]);
                }
                Step::Take(which, max) => {
                    let Some((reader, sent, started)) = readers.get_mut(which) else { continue };
                    let mut out = Vec::new();
                    let took = log.take(*reader, now, max, &mut out);
                    for packet in &out {
                        *sent += Count::of(packet);
                        let frame = packet.kind == Kind::Video && packet.role == Role::Frame;
                        prop_assert!(*started || !frame, "a frame before any keyframe");
                        *started |= packet.role == Role::Keyframe;
                    }
                    let Ledger { entered, dropped, queued, .. } = took.ledger;
                    let mut taken = took.ledger.sent;
                    taken += took.ledger.filler;
                    prop_assert_eq!(taken, *sent, "what was sent and what filled are told apart and nothing else");
                    let mut sum = took.ledger.sent;
                    sum += dropped;
                    sum += queued;
                    prop_assert_eq!(sum, entered);
                    prop_assert_eq!(took.more, log.has_news(*reader));
                }
            }
            prop_assert!(log.bytes <= MAX_BYTES);
            prop_assert_eq!(log.bytes, log.entries.iter().map(weight).sum::<usize>());
        }
    }
}
