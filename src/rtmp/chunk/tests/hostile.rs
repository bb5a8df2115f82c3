//! What no honest peer sends, and what strange ones do.

use super::super::reader::MAX_CHUNKS;
use super::super::{ChunkFault, ChunkReader, Limits, encode};
use super::{feed, read};
use crate::rtmp::message::Message;
use bytes::Bytes;

const TIGHT: Limits = Limits { max_message: 1_000, max_chunk_streams: 64, max_partial: 8, max_held: 4_000 };

/// A one-byte basic header and a fmt 0 message header.
fn full(csid: u8, timestamp: u32, len: u32, kind: u8) -> Vec<u8> {
    let mut header = vec![csid];
    header.extend(&timestamp.to_be_bytes()[1..]);
    header.extend(&len.to_be_bytes()[1..]);
    header.push(kind);
    header.extend(1_u32.to_le_bytes());
    header
}

fn set_chunk_size(value: u32) -> Vec<u8> {
    [full(2, 0, 4, 1), value.to_be_bytes().to_vec()].concat()
}

fn fault(wire: &[u8]) -> Option<ChunkFault> {
    let (mut reader, mut out) = (ChunkReader::new(TIGHT), Vec::new());
    feed(&mut reader, wire, &mut out).err()
}

#[test]
fn chunk_size_0_is_refused_with_the_first_bit_set_too() {
    assert_eq!(fault(&set_chunk_size(0)), Some(ChunkFault::ChunkSizeZero));
    assert_eq!(fault(&set_chunk_size(0x8000_0000)), Some(ChunkFault::ChunkSizeZero));
}

#[test]
fn a_huge_chunk_size_is_obeyed_and_takes_no_memory() {
    for value in [0x7fff_ffff, 0x8000_0000 | 70_000, u32::MAX] {
        let mut wire = set_chunk_size(value);
        wire.extend(full(4, 0, 66_000, 9));
        let mut reader = ChunkReader::new(Limits::AFTER_PUBLISH);
        let mut out = Vec::new();
        feed(&mut reader, &wire, &mut out).unwrap();
        assert_eq!(reader.allocated(), 0);
        feed(&mut reader, &[7; 66_000], &mut out).unwrap();
        assert_eq!(out[1].payload, vec![7; 66_000]);
        assert_eq!(reader.allocated(), 0);
    }
}

#[test]
fn a_set_chunk_size_without_its_value_changes_nothing() {
    let wire = [full(2, 0, 1, 1), vec![9], full(4, 0, 2, 9), vec![1, 2]].concat();
    assert_eq!(read([&wire[..]]).unwrap()[1].payload, vec![1, 2]);
}

#[test]
fn a_declared_length_takes_no_memory_until_bytes_come() {
    let mut reader = ChunkReader::new(Limits::AFTER_PUBLISH);
    let mut out = Vec::new();
    let len: usize = 8 << 20;
    feed(&mut reader, &set_chunk_size(60_000), &mut out).unwrap();
    feed(&mut reader, &full(4, 0, len as u32, 9), &mut out).unwrap();
    assert_eq!(reader.allocated(), 0);
    let mut sent: usize = 0;
    while sent < len {
        let part = vec![1; 60_000.min(len - sent)];
        feed(&mut reader, &part, &mut out).unwrap();
        sent += part.len();
        assert!(reader.allocated() <= (2 * sent).max(64 * 1024), "{} for {sent}", reader.allocated());
        if sent < len {
            feed(&mut reader, &[0xc4], &mut out).unwrap();
        }
    }
    assert_eq!((out[1].payload.len(), reader.allocated()), (len, 0));
}

#[test]
fn many_messages_that_are_only_begun_take_the_room_of_one() {
    let mut reader = ChunkReader::new(Limits::BEFORE_PUBLISH);
    let mut out = Vec::new();
    let mut sent = 0;
    for csid in 3..11 {
        let part = [full(csid, 0, 64 * 1024, 9), vec![1; 128]].concat();
        // One byte at a time, as a slow stranger would.
        part.chunks(1).for_each(|byte| feed(&mut reader, byte, &mut out).unwrap());
        sent += part.len();
        assert!(reader.allocated() <= 64 * 1024 + 2 * sent, "{} for {sent}", reader.allocated());
    }
    assert!(out.is_empty());
}

#[test]
fn messages_over_the_limit_are_refused_at_their_header() {
    assert_eq!(fault(&full(4, 0, 1_000, 9)), None);
    assert_eq!(fault(&full(4, 0, 1_001, 9)), Some(ChunkFault::MessageTooLong { len: 1_001, max: 1_000 }));
    let mut reader = ChunkReader::new(Limits::BEFORE_PUBLISH);
    reader.set_limits(Limits::AFTER_PUBLISH);
    assert_eq!(feed(&mut reader, &full(4, 0, 8 << 20, 9), &mut Vec::new()), Ok(()), "limits can be widened");
}

#[test]
fn the_65th_chunk_stream_is_refused() {
    let open = |count: u8| (0..count).flat_map(|at| [vec![0, at], full(0, 0, 0, 9)[1..].to_vec()].concat()).collect();
    let wire: Vec<u8> = open(64);
    assert_eq!(fault(&wire), None);
    let wire: Vec<u8> = open(65);
    assert_eq!(fault(&wire), Some(ChunkFault::TooManyChunkStreams));
}

#[test]
fn the_ninth_unfinished_message_is_refused() {
    let open = |count: u8| (3..3 + count).flat_map(|csid| [full(csid, 0, 200, 9), vec![1; 128]].concat()).collect();
    let wire: Vec<u8> = open(8);
    assert_eq!(fault(&wire), None);
    let wire: Vec<u8> = open(9);
    assert_eq!(fault(&wire), Some(ChunkFault::TooManyPartial));
}

#[test]
fn bytes_of_unfinished_messages_are_bounded_together() {
    let mut wire = set_chunk_size(900);
    for csid in 3..8 {
        wire.extend(full(csid, 0, 1_000, 9));
        wire.extend([1; 900]);
    }
    assert_eq!(fault(&wire), Some(ChunkFault::TooMuchHeld));
    wire.truncate(wire.len() - 501);
    assert_eq!(fault(&wire), None);
}

#[test]
fn only_fmt_1_may_stand_in_for_a_full_header_at_first() {
    for fmt in [2_u8, 3] {
        let wire = [fmt << 6 | 4, 0, 0, 0, 0];
        assert_eq!(fault(&wire), Some(ChunkFault::NothingBefore { csid: 4 }));
    }
    let wire = [0x44, 0, 0, 25, 0, 0, 1, 8, 0xaf];
    let payload = Bytes::from_static(&[0xaf]);
    assert_eq!(read([&wire[..]]), Ok(vec![Message { kind: 8, stream: 0, timestamp: 25, payload }]));
}

#[test]
fn no_message_begins_inside_another() {
    let begun = [full(4, 0, 200, 9), vec![1; 128]].concat();
    let inside = Some(ChunkFault::BeginsInside { csid: 4 });
    assert_eq!(fault(&[begun.clone(), full(4, 0, 200, 9)].concat()), inside);
    assert_eq!(fault(&[begun.clone(), vec![0x44, 0, 0, 0, 0, 0, 201, 9]].concat()), inside, "another length");
    assert_eq!(fault(&[begun.clone(), vec![0x44, 0, 0, 0, 0, 0, 200, 8]].concat()), inside, "another type");
    let same = [begun, vec![0x44, 0, 0, 40, 0, 0, 200, 9], vec![2; 72]].concat();
    let whole = read([&same[..]]).unwrap();
    assert_eq!((whole[0].payload.len(), whole[0].timestamp), (200, 0), "the same length again is no fault");
}

#[test]
fn what_looked_like_a_time_for_a_while_is_read_however_it_is_split() {
    // Each fmt 3 leaves the time 0x01c4c4c4 out, and what follows it begins like that.
    let head = [&full(4, 0xff_ffff, 1, 9)[..], &[1, 0xc4, 0xc4, 0xc4, 7]].concat();
    let wire = [&head[..], &[0xc4, 1].repeat(5), &[0xc4, 2]].concat();
    for split in 1..=wire.len() {
        let payloads: Vec<u8> = read(wire.chunks(split)).unwrap().iter().map(|message| message.payload[0]).collect();
        assert_eq!(payloads, [7, 1, 1, 1, 1, 1, 2], "{split}");
    }
}

#[test]
fn tiny_chunks_cannot_ask_for_work_without_end() {
    let mut reader = ChunkReader::new(Limits::AFTER_PUBLISH);
    let mut out = Vec::new();
    feed(&mut reader, &set_chunk_size(1), &mut out).unwrap();
    feed(&mut reader, &full(4, 0, 8 << 20, 9), &mut out).unwrap();
    feed(&mut reader, &[1], &mut out).unwrap();
    for _ in 1..MAX_CHUNKS {
        feed(&mut reader, &[0xc4, 1], &mut out).unwrap();
    }
    assert_eq!(feed(&mut reader, &[0xc4, 1], &mut out), Err(ChunkFault::TooManyChunks));
}

#[test]
fn the_longest_message_fits_at_the_initial_chunk_size() {
    let message = Message { kind: 9, stream: 1, timestamp: 0, payload: vec![3; 8 << 20].into() };
    let mut wire = Vec::new();
    encode(4, &message, 128, &mut wire);
    assert_eq!(read([&wire[..]]), Ok(vec![message]));
}

#[test]
fn abort_forgets_an_unfinished_message_and_only_that() {
    let abort = |csid: u32| [full(2, 0, 4, 2), csid.to_be_bytes().to_vec()].concat();
    let begun = |csid| [full(csid, 5, 200, 9), vec![1; 128]].concat();
    let wire = [begun(4), begun(5), abort(4), abort(9), abort(4), full(4, 6, 1, 8), vec![7], vec![0xc5], vec![1; 72]];
    let read = read(wire.iter().map(Vec::as_slice)).unwrap();
    let whole: Vec<_> = read.iter().filter(|message| message.kind != 2).map(|m| (m.kind, m.payload.len())).collect();
    assert_eq!(whole, [(8, 1), (9, 200)]);
}

#[test]
fn what_was_aborted_is_no_longer_held() {
    let mut wire = set_chunk_size(900);
    for _ in 0..20 {
        wire.extend([full(3, 0, 1_000, 9), vec![1; 900], full(2, 0, 4, 2), vec![0, 0, 0, 3]].concat());
    }
    assert_eq!(fault(&wire), None);
}

#[test]
fn fmt_3_begins_a_message_with_the_last_delta_or_the_first_timestamp() {
    let wire = [
        full(4, 1_000, 1, 8),
        vec![1, 0xc4, 2], // after fmt 0, its timestamp is the delta
        vec![0x84, 0, 0, 40, 3, 0xc4, 4, 0xc4, 5],
    ];
    let times: Vec<_> = read([&wire.concat()[..]]).unwrap().iter().map(|message| message.timestamp).collect();
    assert_eq!(times, [1_000, 2_000, 2_040, 2_080, 2_120]);
}

#[test]
fn empty_messages_of_every_type_are_messages() {
    let wire: Vec<u8> = (0..=255).flat_map(|kind| full(4, 0, 0, kind)).collect();
    let kinds: Vec<_> = read([&wire[..]]).unwrap().iter().map(|message| message.kind).collect();
    assert_eq!(kinds, (0..=255).collect::<Vec<_>>());
}

#[test]
fn a_payload_that_begins_like_the_extended_timestamp_it_lacks_is_not_waited_for_longer_than_it_is_like() {
    // fmt 3 without the extended timestamp 01 00 00 00, and two bytes of payload left: 01 02.
    let mut wire = full(4, 0xff_ffff, 130, 9);
    wire.extend([1, 0, 0, 0]);
    wire.extend([9; 128]);
    wire.extend([0xc4, 1, 2]);
    for parts in [vec![&wire[..]], wire.chunks(1).collect()] {
        let read = read(parts).unwrap();
        assert_eq!((read.len(), &read[0].payload[128..]), (1, &[1, 2][..]));
    }
}

#[test]
fn a_message_shown_for_debugging_shows_no_payload() {
    let message = Message { kind: 20, stream: 1, timestamp: 0, payload: Bytes::from_static(b"live_secret") };
    assert!(!format!("{message:?}").contains("secret"));
}

#[test]
fn a_message_of_any_length_is_what_was_sent_wherever_a_read_ends() {
    for len in [0, 1, 127, 128, 129, 499, 500, 501, 1_000] {
        let wire = [full(4, 0, len, 8), vec![5; len as usize]].concat();
        for cut in 12..=wire.len() {
            let mut reader = ChunkReader::new(Limits::AFTER_PUBLISH);
            let mut out = Vec::new();
            feed(&mut reader, &set_chunk_size(60_000), &mut out).unwrap();
            feed(&mut reader, &wire[..cut], &mut out).unwrap();
            feed(&mut reader, &wire[cut..], &mut out).unwrap();
            assert_eq!((&out[1].payload[..], reader.allocated()), (&wire[12..], 0), "{len} cut at {cut}");
        }
    }
}
