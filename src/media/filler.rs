//! What keeps a broadcast fed while its publisher is gone or silent: its last keyframe again and again, and silent AAC.
//! Nothing is encoded. Time is an argument, in milliseconds of the broadcast, modulo 2^32.
//!
//! [`Stock`] remembers what can be sent again, [`Filler`] decides what comes next.

use super::bits::Bits;
use super::nal;
use super::packet::{Kind, Packet, Role};
use super::tag::{self, Codec, Part};
use super::timeline::step;
use bytes::Bytes;

/// The least and the longest time between two repeats, in milliseconds.
const REPEAT: u64 = 1_000;
const SELDOM: u64 = 3_600_000;
/// Two pictures of which one is a repeat are shown at least so far apart, in milliseconds: players that count in frames
/// must not take them for one.
pub const APART: u32 = 50;
/// Nothing is made up for more than this, in milliseconds: whoever slept for longer goes on from the present. Nor does a
/// picture wait for one that is said to be shown so much later.
const BEHIND: i32 = 10_000;
/// Samples of an AAC-LC frame (ISO/IEC 14496-3 §4.5.2.1.1).
const SAMPLES: u64 = 1_024;
/// Silent AAC-LC frames, as encoders write them.
const SILENT_MONO: [u8; 6] = [0x00, 0xc8, 0x00, 0x80, 0x23, 0x80];
const SILENT_STEREO: [u8; 9] = [0x21, 0x00, 0x49, 0x90, 0x02, 0x19, 0x00, 0x23, 0x80];

/// What of a stream can be sent again: its headers in force and its last keyframe.
#[derive(Debug, Default)]
pub struct Stock {
    video: Option<Bytes>,
    audio: Option<Bytes>,
    keyframe: Option<Bytes>,
}

impl Stock {
    /// Remembers sequence headers and keyframes; shares their payloads. A keyframe that another header belongs to is
    /// forgotten, and so is the header of sound that goes on in another codec.
    pub fn note(&mut self, packet: &Packet) {
        match (packet.role, packet.kind) {
            (Role::SequenceHeader, Kind::Video) if self.video.as_ref() != Some(&packet.payload) => {
                (self.video, self.keyframe) = (Some(packet.payload.clone()), None);
            }
            (Role::SequenceHeader, Kind::Audio) => self.audio = Some(packet.payload.clone()),
            (Role::Keyframe, _) => self.keyframe = Some(packet.payload.clone()),
            // Not every codec has a header.
            (Role::Frame, Kind::Audio) => {
                let codec = tag::codec(Kind::Audio, &packet.payload);
                self.audio.take_if(|header| codec.is_some() && tag::codec(Kind::Audio, header) != codec);
            }
            _ => {}
        }
    }

    /// Whether the stream has a picture at all.
    #[must_use]
    pub fn has_picture(&self) -> bool {
        self.video.is_some() || self.keyframe.is_some()
    }

    /// Whether there is a keyframe that the headers belong to.
    #[must_use]
    pub fn has_keyframe(&self) -> bool {
        self.keyframe.is_some()
    }

    /// The last keyframe, if it can be repeated, from time `from` on, in a stream of `mean` bytes a second. `shown` is
    /// when the last picture before it is shown: none is shown before that.
    #[must_use]
    pub fn still(&self, from: u32, shown: Option<u32>, mean: u64) -> Option<Still> {
        let (header, payload) = (tag::video(self.video.as_ref()?)?, self.keyframe.clone()?);
        let picture = tag::video(&payload)?;
        if header.codec != picture.codec || !nal::stands_alone(header.codec, header.body, picture.body) {
            return None;
        }
        // As many bytes as come in that time, the silence beside it left out.
        let spare = mean.saturating_sub(SILENCE_A_SECOND).max(1);
        let interval = (payload.len() as u64 * 1_000).div_ceil(spare).clamp(REPEAT, SELDOM);
        let behind =
            shown.map(|shown| shown.wrapping_add(APART).wrapping_add_signed(picture.composition.saturating_neg()));
        let due = behind.filter(|behind| (1..=BEHIND).contains(&step(*behind, from))).unwrap_or(from);
        Some(Still { payload, due, begun: false, interval: interval as u32 })
    }

    /// Silence that follows a frame of time `last`, where the stream's sound is AAC-LC of 44.1 or 48 kHz with one or
    /// two channels.
    #[must_use]
    pub fn silence(&self, last: u32) -> Option<Silence> {
        let header = tag::audio(self.audio.as_ref()?).filter(|tag| tag.part == Part::Header)?;
        let mut payload = match header.codec {
            Codec::Old(tag::AAC) => vec![*self.audio.as_ref()?.first()?, 1],
            Codec::FourCc(name) if &name == b"mp4a" => [b"\x91", &name[..]].concat(),
            Codec::Old(_) | Codec::FourCc(_) => return None,
        };
        let (rate, channels) = low_complexity(header.body)?;
        match channels {
            1 => payload.extend(SILENT_MONO),
            _ => payload.extend(SILENT_STEREO),
        }
        Some(Silence { payload: payload.into(), rate, base: last, frames: 1 })
    }
}

/// When a picture is shown, where `packet` is one.
#[must_use]
pub fn shown(packet: &Packet) -> Option<u32> {
    let is_picture = packet.kind == Kind::Video && matches!(packet.role, Role::Keyframe | Role::Frame);
    let tag = is_picture.then(|| tag::video(&packet.payload)).flatten()?;
    Some(packet.timestamp.wrapping_add_signed(tag.composition))
}

/// The most that silence takes, in bytes a second, with its tags' heads: 47 frames of 14.
const SILENCE_A_SECOND: u64 = 700;

/// Sample rate and channels of an AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1) that silence is known for: AAC-LC in
/// frames of 1024 samples.
fn low_complexity(config: &[u8]) -> Option<(u64, u8)> {
    let mut bits = Bits::new(config);
    let (object, rate, channels) = (bits.take(5)?, bits.take(4)?, bits.take(4)?);
    let short_frames = bits.take(1)? == 1;
    match (object, rate, channels) {
        (2, 3, 1 | 2) if !short_frames => Some((48_000, channels as u8)),
        (2, 4, 1 | 2) if !short_frames => Some((44_100, channels as u8)),
        _ => None,
    }
}

/// A keyframe that is repeated.
#[derive(Debug)]
pub struct Still {
    payload: Bytes,
    due: u32,
    begun: bool,
    interval: u32,
}

impl Still {
    fn take(&mut self) -> Packet {
        let timestamp = self.due;
        self.begun = true;
        self.due = timestamp.wrapping_add(self.interval);
        Packet { kind: Kind::Video, role: Role::Keyframe, timestamp, payload: self.payload.clone() }
    }
}

/// Silent frames at their own cadence.
#[derive(Debug)]
pub struct Silence {
    payload: Bytes,
    rate: u64,
    base: u32,
    /// The next one's number, counted from `base`.
    frames: u64,
}

impl Silence {
    /// The next frame's time.
    #[must_use]
    pub fn due(&self) -> u32 {
        self.at(self.frames)
    }

    fn at(&self, frame: u64) -> u32 {
        // Samples are counted, not milliseconds: nothing drifts. The times are modulo 2^32.
        self.base.wrapping_add((frame * SAMPLES * 1_000 / self.rate) as u32)
    }

    /// The last frame's time: one that was given out, or the one that silence follows.
    #[must_use]
    pub fn last(&self) -> u32 {
        self.at(self.frames.saturating_sub(1))
    }

    /// The frames that are due by `until`, into `out`; after a gap of more than [`BEHIND`] only the last one.
    pub fn fill(&mut self, until: u32, out: &mut Vec<Packet>) {
        if step(until, self.due()) > BEHIND {
            (self.base, self.frames) = (until, 0);
        }
        while step(until, self.due()) >= 0 {
            out.push(self.take());
        }
    }

    fn take(&mut self) -> Packet {
        let timestamp = self.due();
        self.frames += 1;
        Packet { kind: Kind::Audio, role: Role::Frame, timestamp, payload: self.payload.clone() }
    }
}

/// What comes next.
#[derive(Debug, Default)]
pub struct Filler {
    /// The picture, while it is filled.
    pub still: Option<Still>,
    /// The sound, while it is filled.
    pub silence: Option<Silence>,
}

impl Filler {
    /// What is due by `until`, in order, into `out`.
    pub fn fill(&mut self, until: u32, out: &mut Vec<Packet>) {
        if let Some(still) = &mut self.still {
            if step(until, still.due) > BEHIND {
                still.due = until;
            }
            // The first is sent at once, a little ahead of its time where pictures before it are shown later yet.
            while !still.begun || step(until, still.due) >= 0 {
                if let Some(silence) = &mut self.silence {
                    silence.fill(still.due, out);
                }
                out.push(still.take());
            }
        }
        if let Some(silence) = &mut self.silence {
            silence.fill(until, out);
        }
    }

    /// When more is due, if ever.
    #[must_use]
    pub fn due(&self) -> Option<u32> {
        let (picture, sound) = (self.still.as_ref().map(|still| still.due), self.silence.as_ref().map(Silence::due));
        match (picture, sound) {
            (Some(picture), Some(sound)) => Some(if step(picture, sound) < 0 { picture } else { sound }),
            (picture, sound) => picture.or(sound),
        }
    }
}

#[cfg(test)]
mod tests;
