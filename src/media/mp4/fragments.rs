//! A film without an end: its head first, then piece after piece (ISO/IEC 14496-12 §8.8), each of which plays as soon as it is
//! there. What has been written is whole whenever writing ends.

use super::track::{ALONE, boxed, is_picture};
use super::{TIMESCALE, Unfit, entry, is_header, mime, same, sample};
use crate::media::format;
use crate::media::packet::{Kind, Packet};
use crate::media::timeline::step;
use bytes::Bytes;
use mp4_atom::{
    Codec, Encode as _, FourCC, Ftyp, Mehd, Mfhd, Moof, Moov, Mvex, Mvhd, Stbl, Stco, Stsd, Stsz, StszSamples, Tfdt,
    Tfhd, Traf, Trex, Trun, TrunEntry,
};

/// Others depend on it; it depends on none, and decoding can begin there (ISO/IEC 14496-12 §8.8.3.1).
const SYNC: u32 = 0x0200_0000;
/// It depends on others, and decoding cannot begin there.
const DEPENDENT: u32 = 0x0101_0000;

/// Makes a film of packets while they come. Holds one sample of each track back, whose end is not known before the next one
/// comes, and nothing else.
#[derive(Debug)]
pub struct Fragments {
    /// Those in force, also where MP4 has no place for their codec.
    headers: Vec<Packet>,
    init: Vec<u8>,
    mime: String,
    picture: Option<Track>,
    sound: Option<Track>,
    clock: Clock,
    written: u32,
}

/// A piece of a film: one `moof` and its `mdat`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// Whether a player can begin with it, behind the head.
    pub begins: bool,
    /// The whole of it.
    pub bytes: Vec<u8>,
}

impl Fragments {
    /// Begins a film behind these headers; where there are several of a kind, the last one counts. Sound in a codec that
    /// has no place in MP4 is left out.
    ///
    /// # Errors
    /// [`Unfit::Codec`] where the picture's has none either, [`Unfit::NoPicture`] where there is neither picture nor sound.
    pub fn new(headers: &[Packet]) -> Result<Self, Unfit> {
        let newest = |kind| headers.iter().rfind(|packet| packet.kind == kind && is_header(packet));
        let (video, audio) = (newest(Kind::Video), newest(Kind::Audio));
        let picture = video.map(|header| entry::video(header).ok_or(Unfit::Codec)).transpose()?;
        let sound = audio.and_then(entry::audio);
        let entries: Vec<&Codec> = picture.iter().chain(&sound).collect();
        if entries.is_empty() {
            return Err(Unfit::NoPicture);
        }
        let size = video.and_then(|header| format::video(&header.payload)).map(|info| (info.width, info.height));
        let init = head(&entries, size.unwrap_or_default()).ok_or(Unfit::Codec)?;
        let codecs: Option<Vec<String>> = entries.iter().map(|entry| mime::codec(entry)).collect();
        let mime = format!("video/mp4; codecs=\"{}\"", codecs.ok_or(Unfit::Codec)?.join(","));
        let (picture, sound) = (picture.map(|_| Track::default()), sound.map(|_| Track::default()));
        let headers = video.into_iter().chain(audio).cloned().collect();
        Ok(Self { headers, init, mime, picture, sound, clock: Clock::default(), written: 0 })
    }

    /// What stands in front of all pieces: `ftyp` and `moov`.
    #[must_use]
    pub fn init(&self) -> &[u8] {
        &self.init
    }

    /// Whether sound is part of it.
    #[must_use]
    pub fn has_sound(&self) -> bool {
        self.sound.is_some()
    }

    /// Its media type, as browsers want to know it beforehand.
    #[must_use]
    pub fn mime(&self) -> &str {
        &self.mime
    }

    /// Whether there is sound in it.
    #[must_use]
    pub fn sounds(&self) -> bool {
        self.sound.is_some()
    }

    /// Whether another film begins with this packet: a header other than the one in force.
    #[must_use]
    pub fn changes(&self, packet: &Packet) -> bool {
        is_header(packet) && !self.headers.iter().any(|old| same(old, packet))
    }

    /// What these packets make complete, in the order in which it is appended; nothing where they complete nothing.
    pub fn push(&mut self, packets: &[Packet]) -> Vec<u8> {
        self.pieces(packets).into_iter().flat_map(|piece| piece.bytes).collect()
    }

    /// As [`push`](Self::push), piece by piece: each keyframe begins one.
    pub fn pieces(&mut self, packets: &[Packet]) -> Vec<Fragment> {
        let mut pieces = Vec::new();
        for packet in packets {
            let Some(sample) = sample::read(packet) else { continue };
            let keyframe = packet.kind == Kind::Video && sample.key;
            if !self.clock.runs() && self.picture.is_some() && !keyframe {
                continue;
            }
            let time = self.clock.tell(packet.timestamp);
            let track = if packet.kind == Kind::Video { &mut self.picture } else { &mut self.sound };
            // What sounds before the first picture is not of it.
            let (Some(track), Ok(time)) = (track, u64::try_from(time)) else { continue };
            let sync = keyframe || packet.kind == Kind::Audio;
            let body = packet.payload.slice_ref(sample.body);
            track.push(Held { decoded: time, composition: sample.composition, sync, body });
            if keyframe {
                pieces.extend(self.write());
            }
        }
        pieces.extend(self.write());
        pieces
    }

    /// What was held back: as long as the sample before, since nothing tells for how long it lasts.
    pub fn finish(&mut self) -> Vec<u8> {
        for track in [&mut self.picture, &mut self.sound].into_iter().flatten() {
            track.end(track.usual.unwrap_or(ALONE));
        }
        self.write().map(|piece| piece.bytes).unwrap_or_default()
    }

    /// A piece of all that is complete.
    fn write(&mut self) -> Option<Fragment> {
        let tracks = self.picture.iter_mut().chain(&mut self.sound);
        let whole = (1..).zip(tracks).map(|(id, track)| (id, std::mem::take(&mut track.whole)));
        let whole: Vec<_> = whole.filter(|(_, samples)| !samples.is_empty()).collect();
        let (first, samples) = whole.first()?;
        let begins = *first == 1 && samples[0].0.sync;
        self.written = self.written.wrapping_add(1);
        Some(Fragment { begins, bytes: piece(self.written, &whole)? })
    }
}

/// The film's time, in ms since its first sample: signed, since what comes late may be older than that.
#[derive(Debug, Default)]
struct Clock(Option<(u32, i64)>);

impl Clock {
    fn runs(&self) -> bool {
        self.0.is_some()
    }

    fn tell(&mut self, timestamp: u32) -> i64 {
        let now = self.0.map_or(0, |(last, time)| time + i64::from(step(timestamp, last)));
        self.0 = Some((timestamp, now));
        now
    }
}

#[derive(Debug)]
struct Held {
    decoded: u64,
    composition: i32,
    sync: bool,
    body: Bytes,
}

#[derive(Debug, Default)]
struct Track {
    held: Option<Held>,
    /// How long the last complete sample lasts, in ms.
    usual: Option<u32>,
    /// When it ends.
    ended: u64,
    /// What is complete, and how long each lasts.
    whole: Vec<(Held, u32)>,
}

impl Track {
    /// Time goes on with each sample, if only by a millisecond: what lasts for no time is not shown.
    fn push(&mut self, mut next: Held) {
        let begin = self.held.as_ref().map_or(self.ended, |held| held.decoded + 1);
        next.decoded = next.decoded.max(begin);
        if let Some(held) = &self.held {
            let lasts = next.decoded - held.decoded;
            self.end(u32::try_from(lasts).unwrap_or(u32::MAX));
        }
        self.held = Some(next);
    }

    /// What is held lasts so long.
    fn end(&mut self, lasts: u32) {
        let Some(held) = self.held.take() else { return };
        (self.usual, self.ended) = (Some(lasts), held.decoded + u64::from(lasts));
        self.whole.push((held, lasts));
    }
}

/// `ftyp` and `moov`, the tables of which are empty: samples come in pieces.
fn head(entries: &[&Codec], size: (u32, u32)) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let compatible_brands = [b"iso5", b"iso6", b"mp41"].map(FourCC::new).to_vec();
    Ftyp { major_brand: FourCC::new(b"iso5"), minor_version: 512, compatible_brands }.encode(&mut bytes).ok()?;
    let mut moov = Moov {
        mvhd: Mvhd {
            timescale: TIMESCALE,
            rate: 1.into(),
            volume: 1.into(),
            next_track_id: entries.len() as u32 + 1,
            ..Mvhd::default()
        },
        ..Moov::default()
    };
    let mut mvex = Mvex { mehd: Some(Mehd::default()), ..Mvex::default() };
    for (id, entry) in (1..).zip(entries) {
        let stbl = Stbl {
            stsd: Stsd { codecs: vec![(*entry).clone()] },
            stsz: Stsz { samples: StszSamples::Different { sizes: Vec::new() } },
            stco: Some(Stco::default()),
            ..Stbl::default()
        };
        moov.trak.push(boxed(entry, id, 0, size, stbl)?);
        let default_sample_flags = if is_picture(entry) { DEPENDENT } else { SYNC };
        mvex.trex.push(Trex {
            track_id: id,
            default_sample_description_index: 1,
            default_sample_flags,
            ..Trex::default()
        });
    }
    moov.mvex = Some(mvex);
    moov.encode(&mut bytes).ok()?;
    Some(bytes)
}

/// One track's part of a piece. Its samples lie `offset` bytes behind the beginning of the `moof`.
fn traf(id: u32, samples: &[(Held, u32)], offset: usize) -> Option<Traf> {
    let entry = |(sample, lasts): &(Held, u32)| TrunEntry {
        duration: Some(*lasts),
        size: Some(sample.body.len() as u32),
        flags: Some(if sample.sync { SYNC } else { DEPENDENT }),
        cts: Some(sample.composition.into()),
    };
    let entries: Vec<TrunEntry> = samples.iter().map(entry).collect();
    Some(Traf {
        tfhd: Tfhd { track_id: id, default_base_is_moof: true, ..Tfhd::default() },
        tfdt: Some(Tfdt { base_media_decode_time: samples.first()?.0.decoded }),
        trun: vec![Trun { data_offset: Some(i32::try_from(offset).ok()?), samples: entries.into() }],
        ..Traf::default()
    })
}

/// `moof` and `mdat` of what is complete of each track, by its number.
fn piece(sequence_number: u32, tracks: &[(u32, Vec<(Held, u32)>)]) -> Option<Vec<u8>> {
    let bytes = |samples: &[(Held, u32)]| samples.iter().map(|(sample, _)| sample.body.len()).sum::<usize>();
    let moof = |mut offset: usize| {
        let mut traf = Vec::new();
        for (id, samples) in tracks {
            traf.push(self::traf(*id, samples, offset)?);
            offset += bytes(samples);
        }
        let mut written = Vec::new();
        Moof { mfhd: Mfhd { sequence_number }, traf }.encode(&mut written).ok()?;
        Some(written)
    };
    // How long it is does not depend on where the samples lie.
    let mut written = moof(moof(0)?.len() + 8)?;
    let samples = tracks.iter().flat_map(|(_, samples)| samples);
    let all: usize = tracks.iter().map(|(_, samples)| bytes(samples)).sum();
    written.reserve(8 + all);
    written.extend(u32::try_from(all + 8).ok()?.to_be_bytes());
    written.extend(b"mdat");
    samples.for_each(|(sample, _)| written.extend_from_slice(&sample.body));
    Some(written)
}
