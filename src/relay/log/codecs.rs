//! Notices that a publisher goes on in another codec: a decoder at a platform can't follow over the same connection.

use crate::media::packet::{Kind, Packet, Role};
use crate::media::tag::{self, Codec};

/// In which codecs the main tracks came last.
#[derive(Debug, Default)]
pub(super) struct Codecs {
    audio: Option<Codec>,
    video: Option<Codec>,
}

impl Codecs {
    /// Whether `packet` is in another codec than those of its kind before it. A track that begins is no change.
    pub(super) fn change(&mut self, packet: &Packet) -> bool {
        let newest = match (packet.kind, packet.role) {
            (Kind::Audio, _) => &mut self.audio,
            // Where a picture may begin.
            (Kind::Video, Role::SequenceHeader | Role::Keyframe) => &mut self.video,
            _ => return false,
        };
        let Some(codec) = tag::codec(packet.kind, &packet.payload) else { return false };
        newest.replace(codec).is_some_and(|before| before != codec)
    }
}
