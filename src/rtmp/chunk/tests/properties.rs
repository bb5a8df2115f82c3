use super::super::{MediaHeader, encode};
use super::model::Writer;
use super::read;
use crate::rtmp::fuzz;
use crate::rtmp::message::Message;
use bytes::Bytes;
use proptest::prelude::*;

/// Bytes that differ along the way, so that no two places are mistaken for each other.
fn filling(seed: u64, len: usize) -> Bytes {
    let mut state = seed | 1;
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..len).map(next).collect()
}

/// Times around everything where a field overflows.
fn timestamp() -> impl Strategy<Value = u32> {
    let near = |at: u32| (0_u32..80).prop_map(move |by| at.wrapping_add(by).wrapping_sub(40));
    prop_oneof![near(0xff_ffff), near(0), near(0x7fff_ffff), 0_u32..200_000, any::<u32>()]
}

fn chunk_size() -> impl Strategy<Value = usize> {
    prop_oneof![Just(1_usize), 1_usize..10, Just(128), 100_usize..5_000, 1_usize..=65_536, Just(65_536)]
}

fn csid() -> impl Strategy<Value = u32> {
    prop_oneof![3_u32..7, Just(63), 64_u32..67, 318_u32..322, Just(65_599)]
}

fn message(lens: impl Strategy<Value = usize>) -> impl Strategy<Value = Message> {
    let kind = prop_oneof![Just(8_u8), Just(9), Just(18), Just(20), 23_u8..];
    (kind, 0_u32..3, timestamp(), lens, any::<u64>()).prop_map(|(kind, stream, timestamp, len, seed)| {
        // Every other payload looks like the start of its extended timestamp everywhere.
        let payload = match seed % 2 {
            0 => filling(seed, len),
            _ => [timestamp.to_be_bytes()[0], 0x5a].into_iter().cycle().take(len).collect(),
        };
        Message { kind, stream, timestamp, payload }
    })
}

/// One thing that a sender does next.
#[derive(Clone, Debug)]
enum Move {
    /// Begins a message if its chunk stream is free, preferring a header format.
    Begin(u32, Message, u8),
    /// The like of the last one on the stream, so that short formats come up: milliseconds later, or as many later as
    /// the last one's timestamp.
    Repeat(u32, Option<u32>, u8),
    /// Another chunk of one of those under way.
    GoOn(usize),
    /// Gives up one of those under way.
    Abort(usize),
    Resize(usize),
}

fn moves(lens: impl Strategy<Value = usize>) -> impl Strategy<Value = Vec<Move>> {
    let steps = [0, 23, 40, 0xff_fffe, 0xff_ffff, 0x100_0000].map(Some);
    let step = prop_oneof![2 => prop::sample::select(steps.to_vec()), 1 => Just(None)];
    let one = prop_oneof![
        3 => (csid(), message(lens), 0_u8..4).prop_map(|(csid, message, fmt)| Move::Begin(csid, message, fmt)),
        3 => (csid(), step, 0_u8..4).prop_map(|(csid, step, fmt)| Move::Repeat(csid, step, fmt)),
        6 => any::<usize>().prop_map(Move::GoOn),
        1 => any::<usize>().prop_map(Move::Abort),
        1 => chunk_size().prop_map(Move::Resize),
    ];
    prop::collection::vec(one, 1..60)
}

fn play(moves: Vec<Move>, omits: bool) -> Writer {
    let mut writer = Writer::new();
    writer.omits = omits;
    let mut last = std::collections::HashMap::new();
    for step in moves {
        match step {
            Move::Begin(csid, message, fmt) if !writer.is_open(csid) && writer.open_count() < 7 => {
                last.insert(csid, message.clone());
                writer.begin(csid, message, fmt);
            }
            Move::Repeat(csid, later, fmt) if !writer.is_open(csid) && writer.open_count() < 7 => {
                let Some(message) = last.get_mut(&csid) else { continue };
                message.timestamp = message.timestamp.wrapping_add(later.unwrap_or(message.timestamp));
                writer.begin(csid, message.clone(), fmt);
            }
            Move::GoOn(which) if writer.open_count() > 0 => writer.go_on(which % writer.open_count()),
            Move::Abort(which) if writer.open_count() > 0 => writer.abort(which % writer.open_count()),
            Move::Resize(size) => writer.set_chunk_size(size),
            _ => {}
        }
    }
    // Large enough to come to an end.
    writer.set_chunk_size(4_096);
    let mut which: usize = 0;
    while writer.open_count() > 0 {
        writer.go_on(which % writer.open_count());
        which += 1;
    }
    // A last byte that is like the first of a timestamp left out shows itself only by what follows.
    writer.set_chunk_size(4_096);
    writer
}

/// `wire` cut at the given places, taken modulo what is left.
fn cut<'a>(wire: &'a [u8], lens: &[usize]) -> Vec<&'a [u8]> {
    let (mut rest, mut parts) = (wire, Vec::new());
    for len in lens.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (part, after) = rest.split_at((*len).clamp(1, rest.len()));
        parts.push(part);
        rest = after;
    }
    parts
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn interleaved_messages_come_out_whole_at_every_chunk_size(moves in moves(0_usize..3_000)) {
        let writer = play(moves, false);
        prop_assert_eq!(read([&writer.wire[..]]), Ok(writer.whole));
    }

    #[test]
    fn reads_of_one_byte_change_nothing(moves in moves(0_usize..600)) {
        let writer = play(moves, false);
        prop_assert_eq!(read(writer.wire.chunks(1)), Ok(writer.whole));
    }

    #[test]
    fn reads_cut_anywhere_change_nothing(
        moves in moves(0_usize..3_000),
        lens in prop::collection::vec(prop_oneof![1_usize..20, 1_usize..3_000], 1..40),
    ) {
        let writer = play(moves, false);
        prop_assert_eq!(read(cut(&writer.wire, &lens)), Ok(writer.whole));
    }

    #[test]
    fn a_sender_that_leaves_extended_timestamps_out_of_fmt_3_is_read(
        moves in moves(0_usize..600),
        lens in prop::collection::vec(1_usize..9, 1..40),
    ) {
        let writer = play(moves, true);
        prop_assert_eq!(read([&writer.wire[..]]), Ok(writer.whole.clone()));
        prop_assert_eq!(read(cut(&writer.wire, &lens)), Ok(writer.whole));
    }

    #[test]
    fn what_the_writer_says_is_read(
        messages in prop::collection::vec(message(0_usize..9_000), 1..8),
        csid in 2_u8..64,
        chunk_size in chunk_size(),
        lens in prop::collection::vec(1_usize..900, 1..40),
    ) {
        let mut wire = Vec::new();
        let size = Message { kind: 1, stream: 0, timestamp: 0, payload: (chunk_size as u32).to_be_bytes().to_vec().into() };
        encode(2, &size, 128, &mut wire);
        messages.iter().for_each(|message| encode(csid, message, chunk_size, &mut wire));
        let read = read(cut(&wire, &lens)).unwrap();
        prop_assert_eq!(&read[1..], &messages[..]);
    }

    #[test]
    fn the_writer_agrees_with_the_model(message in message(0_usize..9_000), csid in 2_u8..64, chunk_size in chunk_size()) {
        let mut model = Writer::new();
        model.set_chunk_size(chunk_size);
        let prefix = model.wire.len();
        model.begin(u32::from(csid), message.clone(), 0);
        while model.open_count() > 0 {
            model.go_on(0);
        }
        let mut wire = Vec::new();
        encode(csid, &message, chunk_size, &mut wire);
        prop_assert_eq!(&wire[..], &model.wire[prefix..]);
        let header = MediaHeader::new(csid, message.kind, message.stream, message.timestamp, message.payload.len());
        prop_assert_eq!(header.first(), &wire[..header.first().len()]);
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..4_000), split in 0_usize..30) {
        prop_assert!(fuzz::chunks(&bytes, split));
    }

    #[test]
    fn a_stream_that_was_damaged_is_read_without_a_panic(
        moves in moves(0_usize..300),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        split in 0_usize..30,
    ) {
        let mut wire = play(moves, false).wire;
        for (at, byte) in damage {
            let at = at.index(wire.len());
            wire[at] = byte;
        }
        prop_assert!(fuzz::chunks(&wire, split));
    }
}

#[test]
fn a_read_may_end_at_every_byte_of_every_kind_of_header() {
    let mut writer = Writer::new();
    for (csid, timestamp) in [(4, 10), (70, 0xff_ffff), (400, 0x100_0000)] {
        for (fmt, later) in [(0, 0), (1, 20), (2, 20), (3, 20), (2, 0x100_0000), (3, 0x100_0000)] {
            let timestamp = u32::wrapping_add(timestamp, later * (1 + u32::from(fmt)));
            let message = Message { kind: 9, stream: 1, timestamp, payload: filling(u64::from(timestamp), 300) };
            writer.begin(csid, message, fmt);
            writer.go_on(0);
            writer.go_on(0);
        }
    }
    for at in 0..=writer.wire.len() {
        let (before, after) = writer.wire.split_at(at);
        assert_eq!(read([before, after]).as_ref(), Ok(&writer.whole), "cut at {at}");
    }
}
