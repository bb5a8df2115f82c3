//! What a track takes of a message: a frame without its tag.

use crate::media::packet::{Kind, Packet, Role};
use crate::media::tag::{self, Codec, Part};

pub(super) struct Sample<'a> {
    /// How much later than it is decoded it is shown, in ms.
    pub(super) composition: i32,
    pub(super) key: bool,
    pub(super) body: &'a [u8],
}

/// Nothing of what is no frame of the main picture or sound, or is an empty one.
pub(super) fn read(packet: &Packet) -> Option<Sample<'_>> {
    let tag = match (packet.kind, packet.role) {
        (Kind::Video, Role::Keyframe | Role::Frame) => tag::video(&packet.payload),
        (Kind::Audio, Role::Frame) => tag::audio(&packet.payload),
        _ => None,
    }?;
    let av1 = packet.kind == Kind::Video
        && matches!(tag.codec, Codec::Old(tag::AV1) | Codec::FourCc([b'a', b'v', b'0', b'1']));
    let body = if av1 { undelimited(tag.body) } else { tag.body };
    let whole = tag.part == Part::Frames && !body.is_empty();
    whole.then_some(Sample { composition: tag.composition, key: packet.role == Role::Keyframe, body })
}

/// Without the temporal delimiter that encoders put in front; a sample in a file has none (AV1 in ISOBMFF §2.4).
fn undelimited(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\x12\0").unwrap_or(body)
}
