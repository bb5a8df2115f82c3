//! One audio, video or data message, and what a relay must know of it.

use bytes::Bytes;

/// The three kinds of media message (RTMP message types 8, 9 and 18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Type 8.
    Audio,
    /// Type 9.
    Video,
    /// Type 18, AMF0 data such as `@setDataFrame onMetaData`.
    Data,
}

/// What a packet is to a decoder that joins late, and to a queue that must drop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `onMetaData`: sent again on every connection.
    Metadata,
    /// A codec's sequence header: sent again on every connection, never dropped.
    SequenceHeader,
    /// How colours or channels are meant (E-RTMP v2 `VideoPacketType.Metadata`, `AudioPacketType.MultichannelConfig`): as a
    /// sequence header, beside it.
    Detail,
    /// A video frame where decoding can begin.
    Keyframe,
    /// A sequence header of an extra track (E-RTMP v2): for those who take more tracks than one of a kind.
    ExtraHeader,
    /// Anything else of an extra track.
    Extra,
    /// Anything else.
    Frame,
}

impl Role {
    /// What is no media but says how to read it: never dropped, sent again where it is needed.
    #[must_use]
    pub const fn is_header(self) -> bool {
        matches!(self, Self::Metadata | Self::SequenceHeader | Self::Detail | Self::ExtraHeader)
    }
}

/// A media message. Cloning shares the payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Audio, video or data.
    pub kind: Kind,
    /// See [`Role`].
    pub role: Role,
    /// Milliseconds, modulo 2^32.
    pub timestamp: u32,
    /// The message body as it came, FLV tag header included.
    pub payload: Bytes,
}
