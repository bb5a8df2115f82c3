//! Chunk headers as bytes (RTMP 1.0 §5.3.1).

use super::EXTENDED;

/// The longest chunk header in bytes: basic 3, message 11, extended timestamp 4.
pub(super) const LONGEST: usize = 18;

/// What one chunk says of its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fields {
    /// fmt 0: everything.
    Full { timestamp: u32, len: usize, kind: u8, stream: u32 },
    /// fmt 1: a new length and type.
    Same { delta: u32, len: usize, kind: u8 },
    /// fmt 2: a new time only.
    Later { delta: u32 },
    /// fmt 3: nothing.
    Again,
}

/// One chunk's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Chunk stream id, 2 to 65,599.
    pub(super) csid: u32,
    pub(super) fields: Fields,
    /// An extended timestamp was there.
    pub(super) extended: bool,
    /// Bytes that the header takes.
    pub(super) size: usize,
}

impl Header {
    /// The header that `bytes` begins with; `None` until enough is there, which [`LONGEST`] bytes always are.
    ///
    /// `extended` gives the extended timestamp that the last header of a chunk stream had. fmt 3 must repeat it, but
    /// old librtmp senders do not: what differs from it is payload.
    #[inline]
    pub(super) fn parse(bytes: &[u8], extended: impl FnOnce(u32) -> Option<u32>) -> Option<Self> {
        let first = *bytes.first()?;
        let (csid, basic) = match first & 0x3f {
            0 => (64 + u32::from(*bytes.get(1)?), 2),
            1 => (64 + u32::from(*bytes.get(1)?) + 256 * u32::from(*bytes.get(2)?), 3),
            csid => (u32::from(csid), 1),
        };
        let rest = bytes.get(basic..)?;
        if first >> 6 == 3 {
            let (extended, size) = match extended(csid) {
                None => (false, basic),
                Some(expected) => {
                    let expected = expected.to_be_bytes();
                    let there = &rest[..rest.len().min(4)];
                    match there == &expected[..there.len()] {
                        true if there.len() < 4 => return None,
                        true => (true, basic + 4),
                        false => (false, basic),
                    }
                }
            };
            return Some(Self { csid, fields: Fields::Again, extended, size });
        }
        let time = u24(rest)?;
        let message = [11, 7, 3][usize::from(first >> 6)];
        let is_extended = time == EXTENDED;
        let time = if is_extended { u32::from_be_bytes(*rest.get(message..)?.first_chunk()?) } else { time };
        let fields = match first >> 6 {
            0 => {
                let stream = u32::from_le_bytes(*rest.get(7..)?.first_chunk()?);
                Fields::Full { timestamp: time, len: u24(rest.get(3..)?)? as usize, kind: rest[6], stream }
            }
            1 => Fields::Same { delta: time, len: u24(rest.get(3..)?)? as usize, kind: *rest.get(6)? },
            _ => Fields::Later { delta: time },
        };
        let size = basic + message + if is_extended { 4 } else { 0 };
        Some(Self { csid, fields, extended: is_extended, size })
    }
}

fn u24(bytes: &[u8]) -> Option<u32> {
    let &[a, b, c] = bytes.first_chunk()?;
    Some(u32::from_be_bytes([0, a, b, c]))
}
