//! `rml_rtmp` writes and we read, and the other way round, wherever it is right: it cannot interleave, drops empty
//! messages, and takes no delta that needs the extended field.

use super::super::encode;
use super::model::Writer;
use super::read;
use crate::rtmp::message::Message;
use bytes::Bytes;
use proptest::prelude::*;
use rml_rtmp::chunk_io::{ChunkDeserializer, ChunkSerializer};
use rml_rtmp::messages::MessagePayload;
use rml_rtmp::time::RtmpTimestamp;

fn theirs(message: &Message) -> MessagePayload {
    MessagePayload {
        timestamp: RtmpTimestamp::new(message.timestamp),
        type_id: message.kind,
        message_stream_id: message.stream,
        data: message.payload.clone(),
    }
}

fn ours(message: MessagePayload) -> Message {
    Message {
        kind: message.type_id,
        stream: message.message_stream_id,
        timestamp: message.timestamp.value,
        payload: message.data,
    }
}

/// All messages that `rml_rtmp` reads, chunk size obeyed.
fn read_by_rml(wire: &[u8]) -> Vec<Message> {
    let (mut reader, mut messages, mut input) = (ChunkDeserializer::new(), Vec::new(), wire);
    while let Some(message) = reader.get_next_message(input).unwrap() {
        input = &[];
        if message.type_id == 1 {
            let size = u32::from_be_bytes(message.data[..4].try_into().unwrap());
            reader.set_max_chunk_size(size as usize).unwrap();
        }
        messages.push(ours(message));
    }
    messages
}

/// Messages of growing time, `lens` bytes each.
fn messages(lens: std::ops::Range<usize>, start: impl Strategy<Value = u32>) -> impl Strategy<Value = Vec<Message>> {
    let one = (prop_oneof![Just(8_u8), Just(9), Just(18)], prop_oneof![Just(0_u32), Just(20), 0_u32..5_000], lens);
    (start, prop::collection::vec((one, any::<u8>(), any::<bool>()), 1..20)).prop_map(|(start, parts)| {
        let (mut timestamp, mut len) = (start, 1);
        let message = |((kind, later, new), byte, resize): ((u8, u32, usize), u8, bool)| {
            timestamp = timestamp.wrapping_add(later);
            len = if resize { new } else { len };
            let payload: Bytes = (0..len).map(|at| byte.wrapping_add((at % 251) as u8)).collect();
            Message { kind, stream: 1, timestamp, payload }
        };
        parts.into_iter().map(message).collect()
    })
}

fn start() -> impl Strategy<Value = u32> {
    prop_oneof![0_u32..100_000, 0xff_0000_u32..0x100_1000, 0xffff_f000_u32..]
}

fn chunk_size() -> impl Strategy<Value = u32> {
    prop_oneof![Just(1_u32), 1_u32..200, Just(4_096), 1_u32..=65_536, Just(65_536)]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_rml_writes_is_read(
        messages in messages(1..9_000, start()),
        chunk_size in chunk_size(),
        split in 1_usize..3_000,
    ) {
        let mut writer = ChunkSerializer::new();
        let mut wire = writer.set_max_chunk_size(chunk_size, RtmpTimestamp::new(0)).unwrap().bytes;
        for message in &messages {
            wire.extend(writer.serialize(&theirs(message), false, false).unwrap().bytes);
        }
        let read = read(wire.chunks(split)).unwrap();
        prop_assert_eq!(&read[1..], &messages[..]);
    }

    #[test]
    fn rml_reads_what_the_writer_says(messages in messages(1..9_000, start()), chunk_size in chunk_size()) {
        let mut wire = Vec::new();
        let size = Message { kind: 1, stream: 0, timestamp: 0, payload: chunk_size.to_be_bytes().to_vec().into() };
        encode(2, &size, 128, &mut wire);
        for message in &messages {
            encode(message.kind, message, chunk_size as usize, &mut wire);
        }
        prop_assert_eq!(&read_by_rml(&wire)[1..], &messages[..]);
    }

    #[test]
    fn both_readers_agree_on_every_header_format(
        messages in messages(1..2_000, 0_u32..100_000),
        chunk_size in chunk_size(),
        fmts in prop::collection::vec(0_u8..4, 20),
        csids in prop::sample::subsequence(vec![3_u32, 5, 63, 64, 319, 320, 4_000], 3),
    ) {
        let mut writer = Writer::new();
        writer.set_chunk_size(chunk_size as usize);
        for (message, fmt) in messages.iter().zip(fmts) {
            writer.begin(csids[usize::from(message.kind) % 3], message.clone(), fmt);
            while writer.open_count() > 0 {
                writer.go_on(0);
            }
        }
        prop_assert_eq!(read([&writer.wire[..]]), Ok(read_by_rml(&writer.wire)));
        prop_assert_eq!(&writer.whole[1..], &messages[..]);
    }
}
