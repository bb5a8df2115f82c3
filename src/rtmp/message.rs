//! One RTMP message: what chunks carry, and what sessions speak.

use bytes::Bytes;
use std::fmt;

/// A whole message, put together from its chunks. Cloning shares the payload.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Message {
    /// Message type id (RTMP 1.0 §5.4 and §7.1), any byte.
    pub kind: u8,
    /// Message stream id; 0 is the connection itself.
    pub stream: u32,
    /// Milliseconds, modulo 2^32.
    pub timestamp: u32,
    /// The body as it came.
    pub payload: Bytes,
}

/// Bodies hold stream keys: their length is all that is shown.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message {{ kind: {}, stream: {}, ", self.kind, self.stream)?;
        write!(f, "timestamp: {}, payload: {} bytes }}", self.timestamp, self.payload.len())
    }
}
