//! How loud the sound is. A few frames of AAC are decoded and measured, and the others are not looked into.

use super::format::{AacConfig, RATES};
use super::packet::{Kind, Packet, Role};
use super::tag::{self, Codec, Part};
use crate::domain::monitor::{Level, Sound};
use bytes::Bytes;
use std::fmt;
use symphonia_codec_aac::AacDecoder;
use symphonia_core::audio::layouts::{CHANNEL_LAYOUT_MONO, CHANNEL_LAYOUT_STEREO};
use symphonia_core::audio::{Audio as _, GenericAudioBufferRef};
use symphonia_core::codecs::audio::well_known::CODEC_ID_AAC;
use symphonia_core::codecs::audio::{AudioCodecParameters, AudioDecoder as _, AudioDecoderOptions};
use symphonia_core::packet::PacketRef;
use symphonia_core::units::{Duration, Timestamp};

/// The longest frame that is decoded, in bytes. Of two channels, 1,536 are all that the standard allows (ISO/IEC 14496-3
/// §4.5.3.2), without what else may lie in it.
const LONGEST: usize = 8_192;
/// So many frames are kept at most until they are measured.
const MOST: usize = 256;
/// The element that ends a frame (ISO/IEC 14496-3 table 4.85).
const END: u8 = 7;
/// So many moments of a second are listened to.
const FEW: usize = 2;
/// Of one that seems silent more: a word may lie between two of them.
const MANY: usize = 4;
/// Of a second, in thousandths.
const WHOLE: usize = 1_000;
/// What cannot be decoded again and again is left alone, for twice as long each time, up to so many doublings.
const LONGEST_REST: u32 = 5;
/// By the golden ratio: of all steps, it comes near where it was before the latest.
const TURN: usize = 618;
/// A sample above this, of 1, is at the ceiling: what was cut off there has ripples behind an encoder.
const CEILING: f32 = 0.89;
/// So many samples in a hundred at the ceiling are heard as distortion. Loud music touches it now and then.
const CLIPPED: usize = 5;

/// Measures one stream's sound, a second or so at a time.
#[derive(Default)]
pub struct Meter {
    /// The sound's header, and the decoder for what it says; none where it cannot be decoded.
    header: Option<(Packet, Option<Box<AacDecoder>>)>,
    /// What came since it was measured.
    frames: Vec<Bytes>,
    /// That cannot be decoded.
    other: bool,
    /// Something of this second could not be decoded.
    broken: bool,
    /// In how many seconds in a row that was so, and for how many more it is left alone: to make a decoder costs more than to
    /// use one for some seconds.
    failed: u32,
    rest: u32,
    /// Where in a second it begins to listen.
    turn: usize,
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meter").finish_non_exhaustive()
    }
}

impl Meter {
    /// These came, in this order.
    pub fn note(&mut self, packets: &[Packet]) {
        for packet in packets.iter().filter(|packet| packet.kind == Kind::Audio) {
            match packet.role {
                Role::SequenceHeader if self.is_other(packet) => {
                    self.header = Some((packet.clone(), None));
                    self.frames.clear();
                    (self.failed, self.rest) = (0, 0);
                }
                Role::Frame => match tag::audio(&packet.payload).filter(|tag| tag.part == Part::Frames) {
                    Some(tag) if is_aac(tag.codec) && tag.body.len() <= LONGEST && self.frames.len() < MOST => {
                        self.frames.push(packet.payload.slice_ref(tag.body));
                    }
                    Some(_) => self.other = true,
                    None => {}
                },
                _ => {}
            }
        }
    }

    fn is_other(&self, header: &Packet) -> bool {
        self.header.as_ref().is_none_or(|(known, _)| known.payload != header.payload)
    }

    /// How loud it was since this was asked. Of AAC-LC in one channel or two, that is, and of what has it as its core
    /// (HE-AAC), where the level is that of the lower half of its sound, in which nearly all of it is.
    pub fn second(&mut self) -> Sound {
        let (frames, other) = (std::mem::take(&mut self.frames), std::mem::take(&mut self.other));
        match self.level(&frames) {
            Some(level) => Sound::Level(level),
            None if frames.is_empty() && !other => Sound::Missing,
            None => Sound::Unknown,
        }
    }

    fn level(&mut self, frames: &[Bytes]) -> Option<Level> {
        self.turn = (self.turn + TURN) % WHOLE;
        if self.rest > 0 {
            self.rest -= 1;
            return None;
        }
        self.broken = false;
        let few = self.mean(frames, FEW);
        let level = if few.is_some_and(|few| few.is_silent()) { self.mean(frames, MANY) } else { few };
        if self.broken {
            self.rest = (1 << self.failed.min(LONGEST_REST)) - 1;
            self.failed += 1;
        } else {
            self.failed = 0;
        }
        level
    }

    /// The mean of so many moments, evenly apart; where they begin is another one each time, so that no beat hides between.
    fn mean(&mut self, frames: &[Bytes], moments: usize) -> Option<Level> {
        let place = |moment| (self.turn + moment * WHOLE / moments) % WHOLE;
        let places: Vec<_> =
            (0..moments).map(|moment| 1 + place(moment) * frames.len().saturating_sub(1) / WHOLE).collect();
        let heard: Vec<Level> = places.into_iter().filter_map(|at| self.frame(frames, at)).collect();
        Level::mean(&heard)
    }

    /// How loud one frame is. Half of its sound lies in the one before.
    fn frame(&mut self, frames: &[Bytes], at: usize) -> Option<Level> {
        let (header, decoder) = self.header.as_mut().filter(|_| !self.broken)?;
        if decoder.is_none() {
            *decoder = decoder_of(header);
        }
        let known = decoder.as_mut()?;
        known.reset();
        for frame in frames.get(at.checked_sub(1)?..=at)? {
            let packet = PacketRef::new(0, Timestamp::ZERO, Duration::ZERO, frame);
            // One that ends where it begins has no sound in it, not even silence.
            let ends = frame.first().is_none_or(|first| first >> 5 == END);
            if ends || known.decode_ref(&packet).is_err() {
                // One of other channels than it began with would spoil it for all that follow.
                *decoder = None;
                self.broken = true;
                return None;
            }
        }
        level(&known.last_decoded())
    }
}

fn is_aac(codec: Codec) -> bool {
    matches!(codec, Codec::Old(tag::AAC) | Codec::FourCc([b'm', b'p', b'4', b'a']))
}

fn decoder_of(header: &Packet) -> Option<Box<AacDecoder>> {
    let tag = tag::audio(&header.payload).filter(|tag| tag.part == Part::Header && is_aac(tag.codec))?;
    let (rate, channels) = AacConfig::read(tag.body)?.core.filter(|(rate, _)| RATES.contains(rate))?;
    let layout = match channels {
        1 => CHANNEL_LAYOUT_MONO,
        2 => CHANNEL_LAYOUT_STEREO,
        _ => return None,
    };
    let mut wanted = AudioCodecParameters::new();
    wanted.for_codec(CODEC_ID_AAC).with_sample_rate(rate).with_channels(layout);
    AacDecoder::try_new(&wanted, &AudioDecoderOptions::default()).ok().map(Box::new)
}

/// None where it is no sound: of broken frames, numbers come that are none.
fn level(sound: &GenericAudioBufferRef<'_>) -> Option<Level> {
    let GenericAudioBufferRef::F32(sound) = sound else { return None };
    let (mut sum, mut count, mut high) = (0.0, 0, 0);
    for plane in sound.iter_planes() {
        sum += plane.iter().map(|sample| sample * sample).sum::<f32>();
        high += plane.iter().filter(|sample| sample.abs() > CEILING).count();
        count += plane.len();
    }
    let db = 10.0 * (sum / count as f32).log10();
    (count > 0 && !db.is_nan() && db < f32::INFINITY)
        .then(|| Level { db: db.max(Level::FLOOR), clips: high * 100 > CLIPPED * count })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AAC-LC, 44.1 kHz, stereo.
    const LC: &[u8] = &[0x12, 0x10];
    /// Its silence.
    const SILENT: &[u8] = &[0x21, 0x00, 0x49, 0x90, 0x02, 0x19, 0x00, 0x23, 0x80];

    fn tag(kind: u8, body: &[u8]) -> Packet {
        let payload = Bytes::from([&[0xaf, kind], body].concat());
        Packet { kind: Kind::Audio, role: tag::role(Kind::Audio, &payload), timestamp: 0, payload }
    }

    fn measure(meter: &mut Meter, packets: &[Packet]) -> Sound {
        meter.note(packets);
        meter.second()
    }

    fn heard(config: &[u8], frames: &[&[u8]]) -> Sound {
        let frames = frames.iter().map(|frame| tag(1, frame));
        measure(&mut Meter::default(), &std::iter::once(tag(0, config)).chain(frames).collect::<Vec<_>>())
    }

    #[test]
    fn silence_is_as_quiet_as_can_be_whatever_lies_over_the_core() {
        let silence = Sound::Level(Level { db: Level::FLOOR, clips: false });
        assert_eq!(heard(LC, &[SILENT; 40]), silence);
        // HE-AAC as phones say it: 22.05 kHz doubled by SBR.
        assert_eq!(heard(&[0x2b, 0x92, 0x08, 0x00], &[SILENT; 20]), silence);
    }

    #[test]
    fn what_cannot_be_decoded_is_unknown_and_what_is_not_there_missing() {
        assert_eq!(heard(&[0x0a, 0x10], &[SILENT; 40]), Sound::Unknown, "AAC Main");
        assert_eq!(heard(&[0x12, 0x30], &[SILENT; 40]), Sound::Unknown, "5.1");
        assert_eq!(heard(LC, &[&[0xff; 200][..]; 40]), Sound::Unknown, "noise");
        assert_eq!(heard(LC, &[&[0; LONGEST + 1][..]; 40]), Sound::Unknown, "longer than any frame");
        assert_eq!(heard(LC, &[SILENT]), Sound::Unknown, "half of it is in the frame before");
        assert_eq!(heard(LC, &[]), Sound::Missing);
        let mp3 = Bytes::from_static(&[0x2f, 0xff, 0xfb, 0x90, 0]);
        let mp3 = Packet { kind: Kind::Audio, role: Role::Frame, timestamp: 0, payload: mp3 };
        assert_eq!(measure(&mut Meter::default(), &[mp3]), Sound::Unknown);
    }

    #[test]
    fn a_header_goes_on_until_another_one_comes_and_a_broken_frame_spoils_nothing() {
        let silence = Sound::Level(Level { db: Level::FLOOR, clips: false });
        let frames = |frame: &[u8]| vec![tag(1, frame); 40];
        let mut meter = Meter::default();
        assert_eq!(measure(&mut meter, &frames(SILENT)), Sound::Unknown, "no header yet");
        measure(&mut meter, &[tag(0, LC)]);
        assert_eq!(measure(&mut meter, &frames(SILENT)), silence);
        assert_eq!(measure(&mut meter, &frames(&[0xff; 9])), Sound::Unknown);
        assert_eq!(measure(&mut meter, &frames(SILENT)), silence);
        measure(&mut meter, &[tag(0, &[0x0a, 0x10])]);
        assert_eq!(measure(&mut meter, &frames(SILENT)), Sound::Unknown);
    }

    #[test]
    fn what_can_never_be_decoded_is_tried_ever_less_often_and_what_can_be_again_is_heard_within_half_a_minute() {
        let (noise, silence) = (vec![tag(1, &[0xff; 9]); 40], vec![tag(1, SILENT); 40]);
        let mut meter = Meter::default();
        measure(&mut meter, &[tag(0, LC)]);
        for _ in 0..600 {
            assert_eq!(measure(&mut meter, &noise), Sound::Unknown);
        }
        assert!((6..30).contains(&meter.failed), "tried in {} of 600 seconds", meter.failed);
        let heard = (0..32).map(|_| measure(&mut meter, &silence)).position(|sound| matches!(sound, Sound::Level(_)));
        assert!(heard.is_some());
        assert!(matches!(measure(&mut meter, &silence), Sound::Level(_)), "and from then on");
    }
}
