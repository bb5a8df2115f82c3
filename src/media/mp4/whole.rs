//! A film in pieces as one whole, whose tables stand in front: some players take nothing else.

use super::track::Track;
use super::{Mp4, file};
use mp4_atom::{Atom as _, FourCC, Header, Moof, Moov, ReadFrom as _};
use std::time::Duration;

/// More tracks than a film of ours has.
const TRACKS: usize = 2;

/// What a film of [`Fragments`](super::Fragments) is in one piece; nothing where it is none.
#[must_use]
pub fn whole(film: &[u8]) -> Option<Mp4> {
    let (mut tracks, mut data) = (Vec::new(), Vec::new());
    let (mut size, mut piece, mut at) = ((0, 0), None, 0);
    while at < film.len() {
        let mut rest = &film[at..];
        let header = Header::read_from(&mut rest).ok()?;
        let begin = film.len() - rest.len();
        let end = begin.checked_add(header.size?).filter(|end| *end <= film.len())?;
        let mut body = &film[begin..end];
        if header.kind == Moov::KIND {
            let moov = Moov::decode_body(&mut body).ok()?;
            for trak in moov.trak.into_iter().take(TRACKS) {
                size = size.max((trak.tkhd.width.integer().into(), trak.tkhd.height.integer().into()));
                let entry = trak.mdia.minf.stbl.stsd.codecs.into_iter().next()?;
                tracks.push((trak.tkhd.track_id, Track::new(entry)));
            }
        } else if header.kind == Moof::KIND {
            piece = Some((at, Moof::decode_body(&mut body).ok()?));
        } else if header.kind == FourCC::new(b"mdat")
            && let Some((moof_at, moof)) = piece.take()
        {
            take(film, moof_at, &moof, &mut tracks, &mut data)?;
        }
        at = end;
    }
    let tracks: Vec<Track> = tracks.into_iter().map(|(_, track)| track).filter(|track| !track.is_empty()).collect();
    let shown = tracks.first()?.shown()?;
    let sound = tracks.len() > 1;
    let duration = Duration::from_millis(tracks.first()?.duration());
    let bytes = file(&tracks.iter().collect::<Vec<_>>(), shown, size, &data)?;
    Some(Mp4 { bytes, width: size.0, height: size.1, sound, duration })
}

/// The samples of one piece, which begins at `moof_at`.
fn take(film: &[u8], moof_at: usize, moof: &Moof, tracks: &mut [(u32, Track)], data: &mut Vec<u8>) -> Option<()> {
    for traf in &moof.traf {
        let (_, track) = tracks.iter_mut().find(|(id, _)| *id == traf.tfhd.track_id)?;
        let mut time = i32::try_from(traf.tfdt.as_ref()?.base_media_decode_time).ok()?;
        for trun in &traf.trun {
            let mut from = moof_at.checked_add_signed(trun.data_offset? as isize)?;
            track.begin_chunk(data.len());
            for sample in trun.samples.iter() {
                let bytes = sample.size? as usize;
                let body = film.get(from..from.checked_add(bytes)?)?;
                // Others depend on it, and it on none.
                let key = sample.flags? & 0x0001_0000 == 0;
                track.push(time, sample.cts.unwrap_or_default().try_into().ok()?, key, bytes);
                data.extend_from_slice(body);
                from += bytes;
                time = time.checked_add_unsigned(sample.duration?)?;
            }
        }
    }
    Some(())
}
