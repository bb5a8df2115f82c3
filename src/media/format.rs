//! What a stream's headers say of its picture and sound. For people to read: what cannot be read is left open, and
//! nothing depends on it.

use super::av1;
use super::avc;
use super::bits::Bits;
use super::hevc;
use super::tag::{self, Codec, Part};
use crate::domain::status::{AudioInfo, Profile, VideoInfo};
use std::time::Duration;

/// The picture, from a video sequence header; `None` for anything else. Width and height are 0 where the header does
/// not tell, what must be measured always.
pub fn video(payload: &[u8]) -> Option<VideoInfo> {
    let tag = tag::video(payload).filter(|tag| tag.part == Part::Header)?;
    let (codec, size) = match tag.codec {
        Codec::Old(tag::AVC) => ("H.264", avc::size(tag.body)),
        Codec::Old(tag::HEVC) => ("HEVC", hevc::size(tag.body)),
        Codec::Old(tag::AV1) => ("AV1", av1::size(tag.body)),
        Codec::Old(_) => return None,
        Codec::FourCc(name) => match &name {
            b"avc1" => ("H.264", avc::size(tag.body)),
            b"hvc1" => ("HEVC", hevc::size(tag.body)),
            b"av01" => ("AV1", av1::size(tag.body)),
            b"vp09" => ("VP9", None),
            b"vp08" => ("VP8", None),
            b"vvc1" => ("VVC", None),
            _ => return None,
        },
    };
    let (width, height) = size.unwrap_or_default();
    let profile = if codec == "H.264" { profile(tag.body) } else { None };
    Some(VideoInfo { codec, width, height, fps: 0.0, keyframe_gap: Duration::ZERO, profile, bframes: 0 })
}

/// The sound, from an audio sequence header, or from any frame where the codec has no header (MP3, AC-3); `None` for
/// anything else.
pub fn audio(payload: &[u8]) -> Option<AudioInfo> {
    let tag = tag::audio(payload)?;
    let header = tag.part == Part::Header;
    let (codec, known) = match tag.codec {
        Codec::Old(tag::AAC) if header => ("AAC", aac(tag.body)),
        Codec::Old(tag::MP3) => ("MP3", mp3(tag.body)),
        Codec::Old(_) => return None,
        Codec::FourCc(_) if !matches!(tag.part, Part::Header | Part::Frames) => return None,
        Codec::FourCc(name) => match &name {
            b"mp4a" if header => ("AAC", aac(tag.body)),
            b"Opus" if header => ("Opus", opus(tag.body)),
            b"fLaC" if header => ("FLAC", None),
            b".mp3" => ("MP3", mp3(tag.body)),
            b"ac-3" => ("AC-3", None),
            b"ec-3" => ("E-AC-3", None),
            _ => return None,
        },
    };
    let (sample_rate, channels) = known.unwrap_or_default();
    Some(AudioInfo { codec, sample_rate, channels, kbps: 0 })
}

/// The profile in an AVC decoder configuration, `profile_idc` of ITU-T H.264, annex A.
fn profile(config: &[u8]) -> Option<Profile> {
    Some(match config.get(1)? {
        66 => Profile::Baseline,
        77 => Profile::Main,
        100 => Profile::High,
        110 => Profile::High10,
        122 => Profile::High422,
        44 | 244 => Profile::High444,
        _ => return None,
    })
}

/// Sample rate and channels of an AudioSpecificConfig, with explicit SBR and PS.
fn aac(config: &[u8]) -> Option<(u32, u8)> {
    AacConfig::read(config).map(|config| (config.sample_rate, config.channels))
}

/// An AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1).
pub(super) struct AacConfig {
    /// Samples a second, those of SBR where it is explicit.
    sample_rate: u32,
    /// Channels, those of PS where it is explicit; 0 where it does not tell.
    channels: u8,
    /// What AAC-LC has samples a second and channels, where it is that in frames of 1,024, alone or under SBR and PS.
    pub(super) core: Option<(u32, u8)>,
}

impl AacConfig {
    pub(super) fn read(config: &[u8]) -> Option<Self> {
        let mut bits = Bits::new(config);
        let object = |bits: &mut Bits<'_>| match bits.take(5)? {
            31 => Some(32 + bits.take(6)?),
            object => Some(object),
        };
        let rate = |bits: &mut Bits<'_>| match bits.take(4)? {
            15 => bits.take(24),
            index => RATES.get(index as usize).copied(),
        };
        let whole = object(&mut bits)?;
        let core = rate(&mut bits)?;
        let channels = match bits.take(4)? {
            7 => 8,
            channels @ 0..7 => channels as u8,
            _ => 0,
        };
        let (sample_rate, all) = match whole {
            5 => (rate(&mut bits)?, channels),
            29 => (rate(&mut bits)?, 2),
            _ => (core, channels),
        };
        let inner = if matches!(whole, 5 | 29) { object(&mut bits) } else { Some(whole) };
        let is_lc = inner == Some(2) && bits.take(1) == Some(0);
        Some(Self { sample_rate, channels: all, core: is_lc.then_some((core, channels)) })
    }
}

/// ISO/IEC 14496-3 table 1.18.
pub(super) const RATES: [u32; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

/// Channels of an Opus identification header (RFC 7845 §5.1). Opus always decodes to 48 kHz.
fn opus(config: &[u8]) -> Option<(u32, u8)> {
    let channels = *config.strip_prefix(b"OpusHead")?.get(1)?;
    Some((48_000, channels))
}

/// Sample rate and channels of an MPEG audio frame header (ISO/IEC 11172-3 §2.4.2.3).
fn mp3(frame: &[u8]) -> Option<(u32, u8)> {
    let &[0xff, version, rate, mode] = frame.first_chunk()? else { return None };
    let shift = match version >> 3 {
        0b11111 => 0,
        0b11110 => 1,
        0b11100 => 2,
        _ => return None,
    };
    let rate = [44_100, 48_000, 32_000].get(usize::from(rate >> 2 & 3))? >> shift;
    Some((rate, if mode >> 6 == 3 { 1 } else { 2 }))
}
