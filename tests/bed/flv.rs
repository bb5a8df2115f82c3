//! FLV files, and whether what was received is what was sent. Adobe's FLV specification 10.1, annex E.

use super::{Result, fault};
use std::collections::HashMap;
use std::fmt;
use std::path::Path;

/// Audio or video.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Tag type 8.
    Audio,
    /// Tag type 9.
    Video,
    /// Any other: metadata.
    Data,
}

/// What a tag is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Configures a decoder.
    Header,
    /// A picture that can be shown without any before it.
    Keyframe,
    /// Any other picture, or sound.
    Frame,
    /// Neither: the end of a sequence, metadata.
    Other,
}

/// One message as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Its kind.
    pub kind: Kind,
    /// Milliseconds.
    pub timestamp: u32,
    /// Its payload.
    pub payload: Vec<u8>,
}

impl Tag {
    /// What it is for. Knows AVC and AAC, and Enhanced RTMP by its own bits.
    pub fn role(&self) -> Role {
        let (first, second) = (self.payload.first().copied(), self.payload.get(1).copied());
        match (self.kind, first) {
            (Kind::Video, Some(first)) if first & 0x80 != 0 => match (first & 0x0F, first >> 4 & 7) {
                (0, _) => Role::Header,
                (1 | 3, 1) => Role::Keyframe,
                (1 | 3, _) => Role::Frame,
                _ => Role::Other,
            },
            (Kind::Video, Some(first)) => match (first >> 4, first & 0x0F, second) {
                (_, 7 | 12, Some(0)) => Role::Header,
                (_, 7 | 12, Some(2)) => Role::Other,
                (1, ..) => Role::Keyframe,
                _ => Role::Frame,
            },
            (Kind::Audio, Some(first)) if first >> 4 == 10 && second == Some(0) => Role::Header,
            (Kind::Audio, Some(first)) if first >> 4 == 9 => match first & 0x0F {
                0 => Role::Header,
                1 => Role::Frame,
                _ => Role::Other,
            },
            (Kind::Audio, Some(_)) => Role::Frame,
            _ => Role::Other,
        }
    }

    /// A frame of silent AAC-LC that no encoder here sends so.
    pub fn is_silence(&self) -> bool {
        let silent: [&[u8]; 2] = [b"\x21\x00\x49\x90\x02\x19\x00\x23\x80", b"\x00\xc8\x00\x80\x23\x80"];
        self.kind == Kind::Audio && self.payload.get(2..).is_some_and(|body| silent.contains(&body))
    }
}

/// The tags of a file; what is cut at its end is left out, as the file may still be written.
///
/// # Errors
/// It can't be read, or is no FLV.
pub fn read(path: &Path) -> Result<Vec<Tag>> {
    let bytes = std::fs::read(path).map_err(|error| super::Fault(format!("{}: {error}", path.display())))?;
    if bytes.len() < 13 {
        return Ok(Vec::new());
    }
    if !bytes.starts_with(b"FLV\x01") {
        return fault(format!("{} is no FLV", path.display()));
    }
    let (mut tags, mut at) = (Vec::new(), 13);
    while let Some(head) = bytes.get(at..at + 11) {
        let number = |bytes: &[u8]| bytes.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte));
        let length = number(&head[1..4]) as usize;
        let timestamp = number(&head[4..7]) | u32::from(head[7]) << 24;
        let Some(payload) = bytes.get(at + 11..at + 11 + length) else { break };
        let Some(back) = bytes.get(at + 11 + length..at + 15 + length) else { break };
        if number(back) as usize != length + 11 {
            return fault(format!("{}: a tag at {at} whose length is written in two ways", path.display()));
        }
        let kind = match head[0] & 0x1F {
            8 => Kind::Audio,
            9 => Kind::Video,
            _ => Kind::Data,
        };
        tags.push(Tag { kind, timestamp, payload: payload.to_vec() });
        at += 15 + length;
    }
    Ok(tags)
}

/// How many pictures and sounds a file holds; none where it is not there yet.
pub fn frames(path: &Path) -> usize {
    let whole = |tag: &Tag| matches!(tag.role(), Role::Keyframe | Role::Frame);
    read(path).map_or(0, |tags| tags.iter().filter(|tag| whole(tag)).count())
}

/// What became of what was sent, from the first keyframe received on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Payloads of video that are byte for byte and in order what was sent.
    pub video: usize,
    /// Such of audio.
    pub audio: usize,
    /// Received, sent by the relay in the encoder's absence: silence, and the keyframe before it once more.
    pub filler: usize,
    /// Sent, not received.
    pub lost: usize,
    /// Received, never so sent, or not in this order.
    pub changed: usize,
    /// The first lost or changed one, in words.
    pub first: Option<String>,
}

impl Comparison {
    /// Everything arrived, and something did.
    pub fn holds(&self) -> bool {
        self.lost == 0 && self.changed == 0 && self.first.is_none() && self.video > 0 && self.audio > 0
    }

    fn note(&mut self, words: impl FnOnce() -> String) {
        self.first.get_or_insert_with(words);
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { video, audio, filler, lost, changed, first } = self;
        write!(
            f,
            "{video} video and {audio} audio payloads equal, {lost} lost, {changed} changed, {filler} of filler"
        )?;
        first.iter().try_for_each(|first| write!(f, " (first: {first})"))
    }
}

/// Compares two recordings. Order is that within video and within audio: recorders interleave as they like. Payloads
/// that were sent more than once count as often.
pub fn compare(sent: &[Tag], received: &[Tag]) -> Comparison {
    let mut result = Comparison::default();
    let is_picture = |tag: &&Tag| tag.kind == Kind::Video && matches!(tag.role(), Role::Keyframe | Role::Frame);
    let Some(first) = received.iter().find(is_picture) else {
        result.note(|| "no video was received".into());
        return result;
    };
    if first.role() != Role::Keyframe {
        result.note(|| format!("the first picture, at {} ms, is no keyframe", first.timestamp));
    }
    let Some(start) = sent.iter().position(|tag| tag.kind == first.kind && tag.payload == first.payload) else {
        result.changed = 1;
        result.note(|| format!("the first picture, at {} ms, was never sent", first.timestamp));
        return result;
    };
    for kind in [Kind::Video, Kind::Audio] {
        headers(kind, sent, received, &mut result);
        let of = |tags: &[Tag]| -> Vec<Tag> {
            let mine = |tag: &&Tag| tag.kind == kind && matches!(tag.role(), Role::Keyframe | Role::Frame);
            tags.iter().filter(mine).cloned().collect()
        };
        let (all, got) = (of(sent), of(received));
        let received = got.len();
        let got = without_filler(got);
        result.filler += received - got.len();
        // Sound that was sent before the keyframe may have come too; nothing after it may be missing.
        let from = of(&sent[..start]).len();
        let early = got.first().and_then(|first| all[..from].iter().rposition(|tag| tag.payload == first.payload));
        let equal = walk(kind, &all[early.unwrap_or(from)..], &got, &mut result);
        match kind {
            Kind::Video => result.video = equal,
            _ => result.audio = equal,
        }
    }
    result
}

/// What was received without what fills an encoder's absence: silence, and the keyframe before it once more.
pub fn without_filler(received: Vec<Tag>) -> Vec<Tag> {
    let mut keyframe = Vec::new();
    let real = |tag: &Tag| match tag.role() {
        Role::Keyframe => std::mem::replace(&mut keyframe, tag.payload.clone()) != tag.payload,
        _ => !tag.is_silence(),
    };
    received.into_iter().filter(real).collect()
}

/// A decoder is configured as it was by the sender, before its first frame.
fn headers(kind: Kind, sent: &[Tag], received: &[Tag], result: &mut Comparison) {
    let mine = |tag: &&Tag| tag.kind == kind && tag.role() != Role::Other;
    let header = |tags: &[Tag]| tags.iter().filter(mine).find(|tag| tag.role() == Role::Header).cloned();
    let Some(wanted) = header(sent) else { return };
    match received.iter().find(mine) {
        Some(tag) if tag.payload == wanted.payload => {}
        _ => {
            result.changed += 1;
            result.note(|| format!("{kind:?} does not begin with the sequence header that was sent"));
        }
    }
}

/// Goes along both; the number of equals.
fn walk(kind: Kind, sent: &[Tag], got: &[Tag], result: &mut Comparison) -> usize {
    let mut places: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (at, tag) in sent.iter().enumerate().rev() {
        places.entry(&tag.payload).or_default().push(at);
    }
    let (mut next, mut equal) = (0, 0);
    for tag in got {
        let place = places.get_mut(tag.payload.as_slice()).and_then(|places| {
            while places.last().is_some_and(|place| *place < next) {
                places.pop();
            }
            places.pop()
        });
        let Some(place) = place else {
            result.changed += 1;
            result.note(|| format!("{kind:?} of {} bytes at {} ms was not sent so", tag.payload.len(), tag.timestamp));
            continue;
        };
        if place > next {
            result.lost += place - next;
            result.note(|| format!("{kind:?} sent at {} ms did not come", sent[next].timestamp));
        }
        (next, equal) = (place + 1, equal + 1);
    }
    if next < sent.len() {
        result.lost += sent.len() - next;
        result.note(|| format!("{kind:?} sent at {} ms did not come", sent[next].timestamp));
    }
    equal
}
