//! Media messages to packets, in the one form that targets are sent: AMF3 data as AMF0, aggregates split, metadata
//! behind `@setDataFrame`. Everything else stays as it came.

use crate::media::packet::{Kind, Packet, Role};
use crate::media::tag;
use crate::rtmp::message::Message;
use bytes::Bytes;

/// Message types that carry media.
const AUDIO: u8 = 8;
const VIDEO: u8 = 9;
const DATA_AMF3: u8 = 15;
const DATA: u8 = 18;
const AGGREGATE: u8 = 22;

/// `@setDataFrame`, as AMF0.
pub(in crate::rtmp) const SET_DATA_FRAME: &[u8] = b"\x02\x00\x0d@setDataFrame";
/// `onMetaData`, as AMF0.
const ON_META_DATA: &[u8] = b"\x02\x00\x0aonMetaData";

/// The head of a message within an aggregate: type, length, timestamp, stream (RTMP 1.0, §7.1.6).
const PART_HEAD: usize = 11;
/// Its length once more, behind it.
const PART_TAIL: usize = 4;
/// Messages taken of one aggregate.
const MAX_PARTS: usize = 4096;

/// Whether messages of this type carry media.
pub(in crate::rtmp) fn is_media(kind: u8) -> bool {
    matches!(kind, AUDIO | VIDEO | DATA_AMF3 | DATA | AGGREGATE)
}

/// Whether a message of this type that begins with `came` is a keyframe.
pub(super) fn begins_keyframe(kind: u8, came: &[u8]) -> bool {
    kind == VIDEO && tag::role(Kind::Video, came) == Role::Keyframe
}

/// Appends what is in `message`.
pub(super) fn append(message: Message, packets: &mut Vec<Packet>) {
    if message.kind == AGGREGATE {
        packets.extend(parts(&message).filter_map(packet));
    } else if let Some(packet) = packet(message) {
        packets.push(packet);
    }
}

fn packet(message: Message) -> Option<Packet> {
    let Message { kind, timestamp, payload, .. } = message;
    let (kind, payload) = match kind {
        AUDIO => (Kind::Audio, payload),
        VIDEO => (Kind::Video, payload),
        DATA => (Kind::Data, framed(payload)),
        DATA_AMF3 => (Kind::Data, framed(if payload.first() == Some(&0) { payload.slice(1..) } else { payload })),
        _ => return None,
    };
    Some(Packet { kind, role: tag::role(kind, &payload), timestamp, payload })
}

/// Metadata behind `@setDataFrame`: only so do servers keep it for viewers who come later.
fn framed(payload: Bytes) -> Bytes {
    if payload.starts_with(ON_META_DATA) { [SET_DATA_FRAME, &payload].concat().into() } else { payload }
}

/// The messages within an aggregate, up to the first that is not whole. Their timestamps keep their distance from
/// one another; the first has the aggregate's own.
fn parts(aggregate: &Message) -> impl Iterator<Item = Message> {
    let (stream, base) = (aggregate.stream, aggregate.timestamp);
    let (mut rest, mut first) = (aggregate.payload.clone(), None);
    let next = move || {
        let [kind, l0, l1, l2, t0, t1, t2, t3, ..] = *rest.first_chunk::<PART_HEAD>()?;
        let len = u32::from_be_bytes([0, l0, l1, l2]) as usize;
        let time = u32::from_be_bytes([t3, t0, t1, t2]);
        let end = PART_HEAD.saturating_add(len);
        if end > rest.len() {
            return None;
        }
        // A copy: a share of it would keep all of the aggregate, for as long as the least of its messages is kept.
        let payload = Bytes::copy_from_slice(&rest[PART_HEAD..end]);
        rest = rest.slice(rest.len().min(end.saturating_add(PART_TAIL))..);
        let timestamp = base.wrapping_add(time.wrapping_sub(*first.get_or_insert(time)));
        Some(Message { kind, stream, timestamp, payload })
    };
    std::iter::from_fn(next).take(MAX_PARTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packets(kind: u8, payload: &[u8]) -> Vec<Packet> {
        let mut packets = Vec::new();
        append(Message { kind, stream: 1, timestamp: 5000, payload: payload.to_vec().into() }, &mut packets);
        packets
    }

    fn part(kind: u8, time: u32, payload: &[u8]) -> Vec<u8> {
        let [t3, t0, t1, t2] = time.to_be_bytes();
        let head = [kind, 0, 0, payload.len() as u8, t0, t1, t2, t3, 0, 0, 0];
        [&head, payload, &(payload.len() as u32 + 11).to_be_bytes()].concat()
    }

    #[test]
    fn bare_metadata_is_framed_and_framed_metadata_is_left_alone() {
        let bare = [ON_META_DATA, b"\x05"].concat();
        let framed = [SET_DATA_FRAME, &bare].concat();
        for (kind, payload) in [(18, bare.clone()), (18, framed.clone()), (15, [&[0][..], &bare].concat()), (15, bare)]
        {
            let packets = packets(kind, &payload);
            assert_eq!((packets[0].kind, &packets[0].payload[..]), (Kind::Data, &framed[..]));
        }
        assert_eq!(packets(18, b"\x02\x00\x0aonTextData\x05")[0].payload[..], b"\x02\x00\x0aonTextData\x05"[..]);
    }

    #[test]
    fn what_is_kept_of_an_aggregate_keeps_none_of_the_rest() {
        let whole: Bytes = [part(9, 0, b"\x17\x01"), vec![0; 1 << 20]].concat().into();
        let mut packets = Vec::new();
        append(Message { kind: AGGREGATE, stream: 1, timestamp: 0, payload: whole.clone() }, &mut packets);
        assert_eq!(packets[0].payload[..], b"\x17\x01"[..]);
        assert!(whole.is_unique());
    }

    #[test]
    fn an_aggregate_is_split_and_its_times_start_at_its_own() {
        let body = [part(9, 0x0100_0000, b"\x17\x01"), part(8, 0x0100_0014, b""), part(4, 0, b"x")].concat();
        let times: Vec<_> = packets(22, &body).iter().map(|p| (p.kind, p.timestamp, p.payload.len())).collect();
        assert_eq!(times, [(Kind::Video, 5000, 2), (Kind::Audio, 5020, 0)]);
        for cut in 0..body.len() {
            assert!(packets(22, &body[..cut]).len() <= 2, "{cut}");
        }
    }
}
