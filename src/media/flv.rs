//! FLV files (Adobe FLV 10.1 §E.2, §E.3): messages as they came, for codecs that MP4 has no place for.

use super::packet::{Kind, Packet};

/// What stands in front: version 1, sound and picture, and no tag before the first.
pub const HEAD: [u8; 13] = [b'F', b'L', b'V', 1, 5, 0, 0, 0, 9, 0, 0, 0, 0];
/// Bytes in front of a tag's body, and behind it.
pub const AROUND: usize = 11 + 4;

/// Appends `packet` as a tag that is due at `time`, in ms since the beginning. A tag has room for 16 MiB; what is larger is
/// left out.
pub fn append(packet: &Packet, time: u32, out: &mut Vec<u8>) {
    let kind = match packet.kind {
        Kind::Audio => 8,
        Kind::Video => 9,
        Kind::Data => 18,
    };
    let Some([0, size @ ..]) = u32::try_from(packet.payload.len()).ok().map(u32::to_be_bytes) else { return };
    let [high, low @ ..] = time.to_be_bytes();
    out.push(kind);
    out.extend(size);
    out.extend(low);
    out.extend([high, 0, 0, 0]);
    out.extend_from_slice(&packet.payload);
    out.extend((packet.payload.len() as u32 + 11).to_be_bytes());
}

/// How long a tag is that begins with these bytes, all in all.
#[must_use]
pub fn tag_length(head: [u8; 4]) -> u64 {
    let [_, a, b, c] = head;
    u64::from(u32::from_be_bytes([0, a, b, c])) + AROUND as u64
}
