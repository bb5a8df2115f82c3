//! What is counted of every connection.

use crate::media::packet::{Packet, Role};
use std::ops::{AddAssign, Sub};

/// Frames and their payload bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Audio, video and data messages, headers and metadata not counted.
    pub frames: u64,
    /// Their payloads.
    pub bytes: u64,
}

impl Count {
    /// What `packet` counts for: headers and metadata count for nothing, they may be sent again and again; nor do extra
    /// tracks, which few targets take.
    #[must_use]
    pub fn of(packet: &Packet) -> Self {
        if packet.role.is_header() || packet.role == Role::Extra {
            Self::default()
        } else {
            Self { frames: 1, bytes: packet.payload.len() as u64 }
        }
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.frames += other.frames;
        self.bytes += other.bytes;
    }
}

impl Sub for Count {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self { frames: self.frames - other.frames, bytes: self.bytes - other.bytes }
    }
}

/// What became of everything that the publisher sent since a connection's first frame:
/// `entered = sent + dropped + queued`, always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Came in since the first frame of this connection.
    pub entered: Count,
    /// Was taken to be sent.
    pub sent: Count,
    /// Was passed over.
    pub dropped: Count,
    /// Lies ahead of the cursor.
    pub queued: Count,
    /// Payload bytes of metadata and sequence headers that were taken.
    pub header_bytes: u64,
    /// Was taken, but sent by no publisher: what fills its absence. Not part of the sum.
    pub filler: Count,
}
