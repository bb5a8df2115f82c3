//! A short MP4 of what was sent, nothing re-encoded: ISO/IEC 14496-12, with H.264 and HEVC by 14496-15, AV1 and Opus by their
//! own bindings. The tables stand in front of the media, so that it plays while it loads.

mod entry;
mod fragments;
mod length;
mod mime;
mod sample;
mod track;
mod whole;

use super::format;
use super::packet::{Kind, Packet, Role};
use super::timeline::step;
pub use fragments::{Fragment, Fragments};
pub use length::{end_of, length, place_of_length};
use mp4_atom::{Encode as _, FourCC, Ftyp, Moov, Mvhd};
use std::time::Duration;
use track::Track;
pub use whole::whole;

/// All times are in ms, as RTMP's are.
const TIMESCALE: u32 = 1_000;
/// The longest file that is made, in bytes: what Telegram takes from a bot.
const MOST: usize = 50 << 20;

/// A file, and what a player wants to know of it beforehand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mp4 {
    /// The whole file.
    pub bytes: Vec<u8>,
    /// Pixels; 0 where the stream does not tell.
    pub width: u32,
    /// As `width`.
    pub height: u32,
    /// Whether there is sound in it.
    pub sound: bool,
    /// From the first picture's beginning to the last one's end.
    pub duration: Duration,
}

/// Why there is no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// No keyframe, or nothing behind its header.
    #[error("there is no picture to begin with")]
    NoPicture,
    /// MP4 has no place for the picture's codec, or its header makes no sense.
    #[error("the picture's codec cannot be put into an MP4 file")]
    Codec,
    /// Beyond what may be sent.
    #[error("it is too long for a file")]
    TooLong,
}

/// Makes a file of packets in their order: headers, then media. It begins with the first keyframe, and its sound where the
/// picture begins. Sound in a codec that has no place in MP4 is left out, as is all that follows another header.
///
/// # Errors
/// [`Unfit`].
pub fn clip(packets: &[Packet]) -> Result<Mp4, Unfit> {
    let begin = packets.iter().position(|packet| packet.role == Role::Keyframe).ok_or(Unfit::NoPicture)?;
    let (before, media) = packets.split_at(begin);
    let header = |kind| before.iter().rfind(|packet| packet.kind == kind && packet.role == Role::SequenceHeader);
    let picture = header(Kind::Video).ok_or(Unfit::NoPicture)?;
    let seen = format::video(&picture.payload).ok_or(Unfit::Codec)?;
    let mut video = Track::new(entry::video(picture).ok_or(Unfit::Codec)?);
    let mut audio = header(Kind::Audio).and_then(entry::audio).map(Track::new);
    let first = media[0].timestamp;
    let (mut data, mut last) = (Vec::new(), None);
    for packet in media {
        if is_header(packet) && !before.iter().any(|old| same(old, packet)) {
            break;
        }
        let Some(sample::Sample { composition, key, body }) = sample::read(packet) else { continue };
        let track = match (packet.kind, &mut audio) {
            (Kind::Video, _) => &mut video,
            (_, Some(audio)) => audio,
            (_, None) => continue,
        };
        if packet.kind == Kind::Video && track.is_empty() && !key {
            continue;
        }
        if data.len() + body.len() > MOST {
            return Err(Unfit::TooLong);
        }
        let time = step(packet.timestamp, first);
        if last != Some(packet.kind) {
            track.begin_chunk(data.len());
        }
        last = Some(packet.kind);
        track.push(time, composition, key, body.len());
        data.extend_from_slice(body);
    }
    let shown = video.shown().ok_or(Unfit::NoPicture)?;
    let audio = audio.filter(|audio| !audio.is_empty());
    let (sound, duration) = (audio.is_some(), Duration::from_millis(video.duration()));
    let tracks: Vec<&Track> = [Some(&video), audio.as_ref()].into_iter().flatten().collect();
    let bytes = file(&tracks, shown, (seen.width, seen.height), &data).ok_or(Unfit::Codec)?;
    Ok(Mp4 { bytes, width: seen.width, height: seen.height, sound, duration })
}

fn same(old: &Packet, new: &Packet) -> bool {
    old.kind == new.kind && old.payload == new.payload
}

/// Of the main picture or sound.
fn is_header(packet: &Packet) -> bool {
    packet.kind != Kind::Data && packet.role == Role::SequenceHeader
}

/// `shown` is when the first picture is to be seen: what was heard before is passed over.
fn file(tracks: &[&Track], shown: i64, size: (u32, u32), data: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let compatible_brands = [b"isom", b"iso2", b"mp41"].map(FourCC::new).to_vec();
    Ftyp { major_brand: FourCC::new(b"isom"), minor_version: 512, compatible_brands }.encode(&mut bytes).ok()?;
    let moov = |offset: usize| {
        let trak =
            (1..).zip(tracks).map(|(id, track)| track.trak(id, shown, size, offset)).collect::<Option<Vec<_>>>()?;
        let duration = tracks.iter().map(|track| track.duration()).max()?;
        let mvhd = Mvhd {
            timescale: TIMESCALE,
            duration,
            rate: 1.into(),
            volume: 1.into(),
            next_track_id: trak.len() as u32 + 1,
            ..Mvhd::default()
        };
        let mut written = Vec::new();
        Moov { mvhd, trak, ..Moov::default() }.encode(&mut written).ok()?;
        Some(written)
    };
    // How long the tables are does not depend on where the media lies.
    let head = bytes.len() + moov(0)?.len() + 8;
    bytes.extend(moov(head)?);
    bytes.extend(u32::try_from(data.len() + 8).ok()?.to_be_bytes());
    bytes.extend(b"mdat");
    bytes.extend_from_slice(data);
    Some(bytes)
}
