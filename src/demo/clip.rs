//! The test encoder's picture and sound, without end: a clip of 4 s made for this project (`tests/make-clip`).
//!
//! Picture and sound loop each by its own length, so that neither has a gap nor drifts from its own clock.

use crate::media::packet::{Kind, Packet, Role};
use crate::media::tag;
use bytes::{BufMut as _, BytesMut};
use std::io;
use std::sync::Arc;
use std::time::Duration;

const FLV: &[u8] = include_bytes!("clip.flv");
/// Frames a second of the picture.
const FPS: u64 = 30;
/// Samples of one AAC frame, and samples a second.
const AAC_FRAME: u64 = 1024;
const SAMPLE_RATE: u64 = 44_100;
/// AMF0: the string that tells a server to keep what follows for those who come late.
const SET_DATA_FRAME: &[u8] = b"\x02\x00\x0d@setDataFrame";

/// A clip, taken apart.
#[derive(Clone, Debug)]
pub struct Clip {
    /// Metadata, then the sequence headers of picture and sound.
    headers: Vec<Packet>,
    /// One loop of frames, the first a keyframe.
    video: Vec<Packet>,
    audio: Vec<Packet>,
}

impl Clip {
    /// The clip that is part of the program.
    ///
    /// # Errors
    /// The file is no FLV of H.264 and AAC: a fault of the build, found by a test.
    pub fn builtin() -> io::Result<Self> {
        Self::read(FLV).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the clip is damaged"))
    }

    /// FLV file format, Annex E.3 and E.4.
    fn read(flv: &[u8]) -> Option<Self> {
        let body = flv.strip_prefix(b"FLV\x01")?;
        let mut rest = body.get(usize::try_from(u32::from_be_bytes(body.get(1..5)?.try_into().ok()?)).ok()?..)?;
        let mut clip = Self { headers: Vec::new(), video: Vec::new(), audio: Vec::new() };
        while let Some((head, after)) = rest.split_at_checked(11) {
            let length = head[1..4].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            let payload = after.get(..length)?;
            rest = after.get(length + 4..)?;
            clip.take(head[0], payload);
        }
        let whole = clip.headers.len() == 3 && clip.video.first()?.role == Role::Keyframe && !clip.audio.is_empty();
        whole.then_some(clip)
    }

    fn take(&mut self, tag_type: u8, payload: &[u8]) {
        let kind = match (tag_type, payload) {
            (8, _) => Kind::Audio,
            // The end of the picture: it has none.
            (9, [_, 2, ..]) => return,
            (9, _) => Kind::Video,
            _ => Kind::Data,
        };
        let mut whole = BytesMut::with_capacity(SET_DATA_FRAME.len() + payload.len());
        if kind == Kind::Data {
            whole.put_slice(SET_DATA_FRAME);
        }
        whole.put_slice(payload);
        let packet = Packet { kind, role: tag::role(kind, &whole), timestamp: 0, payload: whole.freeze() };
        match (kind, packet.role) {
            (Kind::Data, _) | (_, Role::SequenceHeader) => self.headers.push(packet),
            (Kind::Audio, _) => self.audio.push(packet),
            (Kind::Video, _) => self.video.push(packet),
        }
    }

    /// Everything that an encoder sends, and when: headers, then frames for ever.
    #[must_use]
    pub fn play(self: &Arc<Self>) -> Play {
        Play { clip: self.clone(), headers: 0, video: 0, audio: 0 }
    }
}

/// A clip that is being played. Never ends.
#[derive(Clone, Debug)]
pub struct Play {
    clip: Arc<Clip>,
    headers: usize,
    /// Frames given out.
    video: u64,
    audio: u64,
}

impl Iterator for Play {
    /// When it is due, counted from the first, and what.
    type Item = (Duration, Packet);

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(header) = self.clip.headers.get(self.headers) {
            self.headers += 1;
            return Some((Duration::ZERO, header.clone()));
        }
        // Milliseconds.
        let video = self.video * 1000 / FPS;
        let audio = self.audio * AAC_FRAME * 1000 / SAMPLE_RATE;
        let (due, frames, count) = if video <= audio {
            (video, &self.clip.video, &mut self.video)
        } else {
            (audio, &self.clip.audio, &mut self.audio)
        };
        let at = usize::try_from(*count % frames.len() as u64).unwrap_or_default();
        *count += 1;
        // RTMP's clock is of 32 bits.
        let timestamp = u32::try_from(due & u64::from(u32::MAX)).unwrap_or_default();
        Some((Duration::from_millis(due), Packet { timestamp, ..frames.get(at)?.clone() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_with_headers_and_a_keyframe_and_has_one_a_second() {
        let packets: Vec<_> = Arc::new(Clip::builtin().unwrap()).play().take(4 + 2000).collect();
        let roles: Vec<_> = packets[..4].iter().map(|(_, packet)| (packet.kind, packet.role)).collect();
        assert_eq!(
            roles,
            [
                (Kind::Data, Role::Metadata),
                (Kind::Video, Role::SequenceHeader),
                (Kind::Audio, Role::SequenceHeader),
                (Kind::Video, Role::Keyframe)
            ]
        );
        let keyframes = packets.iter().filter(|(_, packet)| packet.role == Role::Keyframe);
        let times: Vec<_> = keyframes.map(|(due, _)| due.as_millis()).collect();
        assert!(times.len() > 20 && times.iter().enumerate().all(|(n, time)| *time == n as u128 * 1000), "{times:?}");
    }

    #[test]
    fn the_loop_has_no_seam_in_picture_or_sound() {
        let clip = Arc::new(Clip::builtin().unwrap());
        for (kind, length, longest) in [(Kind::Video, clip.video.len(), 34), (Kind::Audio, clip.audio.len(), 24)] {
            let frames: Vec<_> = clip.play().skip(3).filter(|(_, p)| p.kind == kind).take(length * 3 + 1).collect();
            for pair in frames.windows(2) {
                let step = pair[1].1.timestamp - pair[0].1.timestamp;
                assert!((longest - 1..=longest).contains(&step), "{kind:?} {} {step}", pair[0].1.timestamp);
            }
            let again = &frames[length * 3].1;
            assert_eq!(again.payload, frames[0].1.payload);
        }
        let mut last = Duration::ZERO;
        for (due, packet) in clip.play().take(5000) {
            assert!(due >= last, "never back");
            assert_eq!(u128::from(packet.timestamp), due.as_millis());
            last = due;
        }
    }

    #[test]
    fn the_clock_goes_on_over_the_wrap() {
        let clip = Arc::new(Clip::builtin().unwrap());
        let mut play = Play { headers: 3, video: (1 << 32) * 30 / 1000, audio: (1 << 32) * 441 / 10_240, clip };
        let times: Vec<_> = play.by_ref().take(8).map(|(_, packet)| packet.timestamp).collect();
        assert!(times[0] > u32::MAX - 50 && times[7] < 100, "{times:?}");
    }

    #[test]
    fn a_damaged_file_is_told() {
        assert!(Clip::read(&FLV[..FLV.len() / 2]).is_none());
        assert!(Clip::read(b"FLV\x01").is_none());
        assert!(Clip::read(b"").is_none());
    }
}
