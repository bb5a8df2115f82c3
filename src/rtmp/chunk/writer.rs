//! Messages to bytes. Every message begins with fmt 0, so that any can be dropped before it with no state to mend.

use super::EXTENDED;
use crate::rtmp::message::Message;

/// The headers of one message's chunks, on the stack; the payload stays where it is.
///
/// On the wire: [`first`](Self::first), payload up to the chunk size, then [`continuation`](Self::continuation) and
/// as much payload again, until all is said.
#[derive(Clone, Copy, Debug)]
pub(in crate::rtmp) struct MediaHeader {
    first: [u8; 16],
    continuation: [u8; 5],
    extended: bool,
}

impl MediaHeader {
    /// `csid` is 2 to 63; `timestamp` milliseconds modulo 2^32; `len` the payload's bytes, below 16 MiB.
    pub(in crate::rtmp) fn new(csid: u8, kind: u8, stream: u32, timestamp: u32, len: usize) -> Self {
        debug_assert!((2..64).contains(&csid) && len <= 0xff_ffff);
        let (basic, time, len) = (csid & 0x3f, timestamp.to_be_bytes(), (len as u32).to_be_bytes());
        let [a, b, c, d] = stream.to_le_bytes();
        let extended = timestamp >= EXTENDED;
        let [_, x, y, z] = if extended { [0xff; 4] } else { time };
        Self {
            first: [basic, x, y, z, len[1], len[2], len[3], kind, a, b, c, d, time[0], time[1], time[2], time[3]],
            continuation: [0xc0 | basic, time[0], time[1], time[2], time[3]],
            extended,
        }
    }

    /// The header of the first chunk, 12 or 16 bytes.
    pub(in crate::rtmp) fn first(&self) -> &[u8] {
        &self.first[..if self.extended { 16 } else { 12 }]
    }

    /// The header of every further chunk, 1 or 5 bytes.
    pub(in crate::rtmp) fn continuation(&self) -> &[u8] {
        &self.continuation[..if self.extended { 5 } else { 1 }]
    }
}

/// Appends `message`, cut at `chunk_size` bytes (at least 1), for what is said too rarely to save the copy.
pub(in crate::rtmp) fn encode(csid: u8, message: &Message, chunk_size: usize, out: &mut Vec<u8>) {
    let payload = &message.payload;
    let header = MediaHeader::new(csid, message.kind, message.stream, message.timestamp, payload.len());
    out.extend_from_slice(header.first());
    for (index, part) in payload.chunks(chunk_size.max(1)).enumerate() {
        if index > 0 {
            out.extend_from_slice(header.continuation());
        }
        out.extend_from_slice(part);
    }
}
