//! Notices that a publisher goes on in another codec: a decoder at a platform can't follow over the same connection.

use crate::media::packet::{Kind, Packet, Role};
use crate::media::tag::{self, Codec};
use crate::rtmp::Offer;

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

    /// What a server is told of the stream.
    pub(super) fn offer(&self) -> Offer {
        let four_cc = |codec| if let Some(Codec::FourCc(name)) = codec { Some(name) } else { None };
        Offer { video: four_cc(self.video), audio: four_cc(self.audio), tracks: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn packet(kind: Kind, payload: &'static [u8]) -> Packet {
        Packet { kind, role: tag::role(kind, payload), timestamp: 0, payload: Bytes::from_static(payload) }
    }

    #[test]
    fn codecs_are_told_apart_by_number_and_by_four_characters_and_extra_tracks_count_for_nothing() {
        let mut codecs = Codecs::default();
        let mut change = |kind, payload| codecs.change(&packet(kind, payload));
        let steps: [(_, &[u8], _); 12] = [
            (Kind::Video, b"\x17\0\0\0\0\x01", false),
            (Kind::Audio, b"\xaf\0\x12\x10", false),
            (Kind::Audio, b"\xaf\x01\x21", false),
            (Kind::Audio, b"\x90OpusOpusHead", true),
            (Kind::Audio, b"\x91Opus\x01", false),
            // Track 1 of Enhanced RTMP v2, in AAC.
            (Kind::Audio, b"\x95\x01mp4a\x01\x21", false),
            (Kind::Video, b"\x90hvc1\x01", true),
            (Kind::Video, b"\x93hvc1\x01", false),
            // Between keyframes nothing is decoded anew.
            (Kind::Video, b"\x27\x01\0\0\0\x01", false),
            (Kind::Video, b"\x90av01\x81", true),
            (Kind::Data, b"\x02\0\x0aonMetaData", false),
            (Kind::Video, b"", false),
        ];
        for (kind, payload, changes) in steps {
            assert_eq!(change(kind, payload), changes, "{kind:?} {payload:?}");
        }
    }
}
