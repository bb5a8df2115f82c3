//! The head of a media message: FLV tags (Adobe FLV 10.1 §E.4) and Enhanced RTMP (veovera, v1 and v2).

use super::packet::{Kind, Role};

/// Codecs by their old numbers.
pub(super) const AVC: u8 = 7;
/// Not in the FLV specification, but sent by many encoders of Chinese platforms.
pub(super) const HEVC: u8 = 12;
/// As [`HEVC`].
pub(super) const AV1: u8 = 13;
pub(super) const MP3: u8 = 2;
pub(super) const AAC: u8 = 10;

/// A sound format of 9 says that an Enhanced RTMP header follows.
const EXTENDED_AUDIO: u8 = 9;
const KEY: u8 = 1;
const COMMAND: u8 = 5;

const MOD_EX: u8 = 7;
/// Most of them that a message is read through: a megabyte of them would be read anew with every look at its beginning.
const MOD_EXES: usize = 16;
const VIDEO_MULTITRACK: u8 = 6;
const AUDIO_MULTITRACK: u8 = 5;

/// How a tag names its codec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// By its number in FLV.
    Old(u8),
    /// By four characters, as Enhanced RTMP does.
    FourCc([u8; 4]),
}

/// What a tag carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Header,
    /// Colours, or the order of channels.
    Detail,
    Frames,
    /// End of sequence, commands.
    Other,
}

/// A tag that was understood.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag<'a> {
    pub(super) codec: Codec,
    pub(super) part: Part,
    key: bool,
    /// 0 but for the extra tracks of Enhanced RTMP v2. Of a message with many tracks, the first.
    track: u8,
    /// How much later than it is decoded the picture is shown, in ms; 0 where the codec's tags do not say.
    pub(super) composition: i32,
    /// For a header the decoder's configuration, for a frame what the codec made of it.
    pub(super) body: &'a [u8],
}

/// What the message is to a decoder that joins late. What is not understood is a frame: it is passed on and may be
/// dropped.
///
/// Extra tracks have roles of their own: they begin no group of pictures and replace no header of the main track.
pub fn role(kind: Kind, payload: &[u8]) -> Role {
    match read(kind, payload) {
        _ if kind == Kind::Data && is_metadata(payload) => Role::Metadata,
        Some(Tag { track: 1.., part: Part::Header, body: [_, ..], .. }) => Role::ExtraHeader,
        Some(Tag { track: 1.., .. }) => Role::Extra,
        None => Role::Frame,
        Some(Tag { part: Part::Header, body: [_, ..], .. }) => Role::SequenceHeader,
        Some(Tag { part: Part::Detail, body: [_, ..], .. }) => Role::Detail,
        Some(Tag { part: Part::Frames, key: true, .. }) if kind == Kind::Video => Role::Keyframe,
        Some(_) => Role::Frame,
    }
}

/// The codec of the main track's headers and frames. Nothing where the message carries neither, or is not understood.
pub fn codec(kind: Kind, payload: &[u8]) -> Option<Codec> {
    let tag = read(kind, payload)?;
    (tag.track == 0 && matches!(tag.part, Part::Header | Part::Frames)).then_some(tag.codec)
}

/// The track that the message is of, the first one where it is of many; 0 is the main one.
pub fn track(kind: Kind, payload: &[u8]) -> u8 {
    read(kind, payload).map_or(0, |tag| tag.track)
}

/// Whether two messages name the same codec, whatever they carry.
pub fn same_codec(kind: Kind, one: &[u8], other: &[u8]) -> bool {
    let codec = |payload| read(kind, payload).map(|tag| tag.codec);
    codec(one).is_some() && codec(one) == codec(other)
}

fn read(kind: Kind, payload: &[u8]) -> Option<Tag<'_>> {
    match kind {
        Kind::Data => None,
        Kind::Video => video(payload),
        Kind::Audio => audio(payload),
    }
}

/// `onMetaData`, or `@setDataFrame` and then `onMetaData`, as AMF0 strings.
fn is_metadata(payload: &[u8]) -> bool {
    let payload = payload.strip_prefix(b"\x02\x00\x0d@setDataFrame").unwrap_or(payload);
    payload.starts_with(b"\x02\x00\x0aonMetaData")
}

pub(super) fn video(payload: &[u8]) -> Option<Tag<'_>> {
    let first = *payload.first()?;
    let frame = first >> 4 & 7;
    let key = frame == KEY;
    if first & 0x80 != 0 {
        let extended = Extended::read(payload, VIDEO_MULTITRACK)?;
        let part = match extended.packet {
            // Of any frame type: ffmpeg calls it a command, OBS nothing.
            4 => Part::Detail,
            _ if frame == COMMAND => Part::Other,
            0 | 5 => Part::Header,
            1 | 3 => Part::Frames,
            _ => Part::Other,
        };
        let composed = extended.packet == 1 && matches!(&extended.four_cc, b"avc1" | b"hvc1" | b"vvc1");
        let tag = extended.tag(part, key);
        return Some(match tag.body {
            &[a, b, c, ref body @ ..] if composed => Tag { composition: signed(a, b, c), body, ..tag },
            _ => tag,
        });
    }
    let codec = first & 0x0f;
    let mut composition = 0;
    let (part, body) = match codec {
        _ if frame == COMMAND => (Part::Other, &payload[1..]),
        AVC | HEVC | AV1 => match payload.get(1)? {
            0 => (Part::Header, payload.get(5..)?),
            1 => {
                let &[a, b, c] = payload.get(2..)?.first_chunk()?;
                composition = signed(a, b, c);
                (Part::Frames, &payload[5..])
            }
            _ => (Part::Other, &payload[2..]),
        },
        // H.263, screen video, VP6: every frame for itself.
        2..=6 => (Part::Frames, &payload[1..]),
        _ => return None,
    };
    Some(Tag { codec: Codec::Old(codec), part, key, track: 0, composition, body })
}

/// SI24 of FLV.
fn signed(a: u8, b: u8, c: u8) -> i32 {
    i32::from_be_bytes([a, b, c, 0]) >> 8
}

pub(super) fn audio(payload: &[u8]) -> Option<Tag<'_>> {
    let codec = *payload.first()? >> 4;
    if codec == EXTENDED_AUDIO {
        let extended = Extended::read(payload, AUDIO_MULTITRACK)?;
        let part = match extended.packet {
            0 => Part::Header,
            1 => Part::Frames,
            4 => Part::Detail,
            _ => Part::Other,
        };
        return Some(extended.tag(part, false));
    }
    let (part, body) = match codec {
        AAC if *payload.get(1)? == 0 => (Part::Header, &payload[2..]),
        AAC => (Part::Frames, &payload[2..]),
        _ => (Part::Frames, &payload[1..]),
    };
    Some(Tag { codec: Codec::Old(codec), part, key: false, track: 0, composition: 0, body })
}

/// The head that audio and video have in common in Enhanced RTMP (ExAudioTagHeader, ExVideoTagHeader).
struct Extended<'a> {
    packet: u8,
    four_cc: [u8; 4],
    track: u8,
    body: &'a [u8],
}

impl<'a> Extended<'a> {
    /// `multitrack` is the packet type that says so: audio and video number it differently.
    fn read(payload: &'a [u8], multitrack: u8) -> Option<Self> {
        let (first, mut rest) = payload.split_first()?;
        let mut packet = first & 0x0f;
        for _ in 0..MOD_EXES {
            if packet != MOD_EX {
                break;
            }
            let (&size, after) = rest.split_first()?;
            let (size, after) = match size {
                255 => (usize::from(u16::from_be_bytes(*after.first_chunk()?)) + 1, &after[2..]),
                size => (usize::from(size) + 1, after),
            };
            let (next, after) = after.get(size..)?.split_first()?;
            (packet, rest) = (next & 0x0f, after);
        }
        let mut many = None;
        if packet == multitrack {
            let (next, after) = rest.split_first()?;
            (packet, rest, many) = (next & 0x0f, after, Some(next >> 4));
        }
        let four_cc = *rest.first_chunk::<4>()?;
        if packet == multitrack || packet == MOD_EX || !four_cc.iter().all(|byte| (b' '..=b'~').contains(byte)) {
            return None;
        }
        rest = &rest[4..];
        let (track, body) = match many {
            None => (0, rest),
            Some(0) => {
                let (&track, body) = rest.split_first()?;
                (track, body)
            }
            Some(1 | 2) => {
                let &[track, a, b, c] = rest.first_chunk()?;
                (track, rest[4..].get(..u32::from_be_bytes([0, a, b, c]) as usize)?)
            }
            Some(_) => return None,
        };
        Some(Self { packet, four_cc, track, body })
    }

    fn tag(self, part: Part, key: bool) -> Tag<'a> {
        let codec = Codec::FourCc(self.four_cc);
        Tag { codec, part, key, track: self.track, composition: 0, body: self.body }
    }
}
