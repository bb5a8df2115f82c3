//! One track's tables.

use super::TIMESCALE;
use mp4_atom::{
    Codec, Ctts, CttsEntry, Dinf, Dref, DrefEntry, Edts, Elst, ElstEntry, FourCC, Hdlr, Mdhd, Mdia, Minf, Smhd, Stbl,
    Stco, Stsc, StscEntry, Stsd, Stss, Stsz, StszSamples, Stts, SttsEntry, Tkhd, Trak, Url, Vmhd,
};

/// How long the last sample lasts where it is the only one, in ms.
pub(super) const ALONE: u32 = 40;

pub(super) fn is_picture(entry: &Codec) -> bool {
    matches!(entry, Codec::Avc1(_) | Codec::Hvc1(_) | Codec::Av01(_))
}

/// A track's box around its tables. `size` is the picture's.
pub(super) fn boxed(entry: &Codec, id: u32, duration: u64, size: (u32, u32), stbl: Stbl) -> Option<Trak> {
    let picture = is_picture(entry);
    let (width, height) = if picture { size } else { (0, 0) };
    let tkhd = Tkhd {
        track_id: id,
        duration,
        enabled: true,
        in_movie: true,
        volume: u8::from(!picture).into(),
        width: u16::try_from(width).ok()?.into(),
        height: u16::try_from(height).ok()?.into(),
        ..Tkhd::default()
    };
    let mdhd = Mdhd { timescale: TIMESCALE, duration, language: "und".into(), ..Mdhd::default() };
    let hdlr = Hdlr { handler: FourCC::new(if picture { b"vide" } else { b"soun" }), name: String::new() };
    let minf = Minf {
        vmhd: picture.then(Vmhd::default),
        smhd: (!picture).then(Smhd::default),
        dinf: Dinf { dref: Dref { entries: vec![DrefEntry::Url(Url { location: String::new() })] } },
        stbl,
        ..Minf::default()
    };
    Some(Trak { tkhd, mdia: Mdia { mdhd, hdlr, minf }, ..Trak::default() })
}

/// Samples in the order in which they are decoded, in runs that lie together in the file.
pub(super) struct Track {
    entry: Codec,
    samples: Vec<Sample>,
    /// Where each run lies behind the beginning of the media, and with which sample it begins.
    chunks: Vec<(usize, usize)>,
}

/// Times in ms since the first picture was decoded.
struct Sample {
    decoded: i64,
    composition: i32,
    key: bool,
    bytes: usize,
}

impl Track {
    pub(super) fn new(entry: Codec) -> Self {
        Self { entry, samples: Vec::new(), chunks: Vec::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// What is pushed from here on lies at `offset`.
    pub(super) fn begin_chunk(&mut self, offset: usize) {
        self.chunks.push((offset, self.samples.len()));
    }

    /// Time never goes back: a sample that is early is decoded with the one before.
    pub(super) fn push(&mut self, time: i32, composition: i32, key: bool, bytes: usize) {
        let decoded = i64::from(time).max(self.samples.last().map_or(i64::MIN, |last| last.decoded));
        self.samples.push(Sample { decoded, composition, key, bytes });
    }

    /// When its first sample is shown.
    pub(super) fn shown(&self) -> Option<i64> {
        self.samples.first().map(|first| first.decoded + i64::from(first.composition))
    }

    /// From its first sample to its last one's end, in ms.
    pub(super) fn duration(&self) -> u64 {
        self.deltas().map(u64::from).sum()
    }

    /// How long each sample lasts; the last one as long as the one before.
    fn deltas(&self) -> impl Iterator<Item = u32> {
        let gap = |pair: &[Sample]| u32::try_from(pair[1].decoded - pair[0].decoded).unwrap_or(0);
        let last = self.samples.windows(2).next_back().map_or(ALONE, gap);
        self.samples.windows(2).map(gap).chain(self.samples.last().map(move |_| last))
    }

    /// Its box. The movie begins at `shown`, and its media at `offset` of the file.
    pub(super) fn trak(&self, id: u32, shown: i64, size: (u32, u32), offset: usize) -> Option<Trak> {
        let duration = self.duration();
        let elst = Elst { entries: self.edits(shown, duration)? };
        let edts = Some(Edts { elst: Some(elst) });
        let stbl = self.stbl(is_picture(&self.entry), offset)?;
        Some(Trak { edts, ..boxed(&self.entry, id, duration, size, stbl)? })
    }

    /// Waits until its first sample's time has come, or passes over what lies before the movie's beginning.
    fn edits(&self, shown: i64, duration: u64) -> Option<Vec<ElstEntry>> {
        let first = self.samples.first()?;
        let late = first.decoded + i64::from(first.composition) - shown;
        let begin = i64::from(first.composition) - late.min(0);
        let edit =
            |time: u64, from: Option<u64>| ElstEntry { segment_duration: time, media_time: from, media_rate: 1.into() };
        let wait = u64::try_from(late).ok().filter(|wait| *wait > 0).map(|wait| edit(wait, None));
        let begin = u64::try_from(begin).unwrap_or(0);
        Some(wait.into_iter().chain([edit(duration.saturating_sub(begin), Some(begin))]).collect())
    }

    fn stbl(&self, picture: bool, offset: usize) -> Option<Stbl> {
        let mut stts: Vec<SttsEntry> = Vec::new();
        for delta in self.deltas() {
            match stts.last_mut() {
                Some(last) if last.sample_delta == delta => last.sample_count += 1,
                _ => stts.push(SttsEntry { sample_count: 1, sample_delta: delta }),
            }
        }
        let mut ctts: Vec<CttsEntry> = Vec::new();
        for sample in &self.samples {
            let offset = i64::from(sample.composition);
            match ctts.last_mut() {
                Some(last) if last.sample_offset == offset => last.sample_count += 1,
                _ => ctts.push(CttsEntry { sample_count: 1, sample_offset: offset }),
            }
        }
        let ends = self.chunks.iter().skip(1).map(|(_, begin)| *begin).chain([self.samples.len()]);
        let mut stsc: Vec<StscEntry> = Vec::new();
        for ((number, (_, begin)), end) in (1..).zip(&self.chunks).zip(ends) {
            let samples_per_chunk = (end - begin) as u32;
            if stsc.last().is_none_or(|last| last.samples_per_chunk != samples_per_chunk) {
                stsc.push(StscEntry { first_chunk: number, samples_per_chunk, sample_description_index: 1 });
            }
        }
        let place = |(at, _): &(usize, usize)| u32::try_from(offset + at).ok();
        let keys = (1..).zip(&self.samples).filter(|(_, sample)| sample.key).map(|(number, _)| number);
        Some(Stbl {
            stsd: Stsd { codecs: vec![self.entry.clone()] },
            stts: Stts { entries: stts },
            ctts: ctts.iter().any(|entry| entry.sample_offset != 0).then_some(Ctts { entries: ctts }),
            stss: picture.then(|| Stss { entries: keys.collect() }),
            stsc: Stsc { entries: stsc },
            stsz: Stsz {
                samples: StszSamples::Different { sizes: self.samples.iter().map(|one| one.bytes as u32).collect() },
            },
            stco: Some(Stco { entries: self.chunks.iter().map(place).collect::<Option<_>>()? }),
            ..Stbl::default()
        })
    }
}
