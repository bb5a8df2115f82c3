//! How long a film in pieces is: known when it has ended, and written into the place that its head has for it
//! (ISO/IEC 14496-12 §8.8.2).

use super::TIMESCALE;
use mp4_atom::{Decode as _, Moof};
use std::time::Duration;

/// The box, and its version with 64 bits.
const MEHD: &[u8] = b"mehd\x01\0\0\0";

/// Where in the head of a file [`length`] goes, if it is the head of such a film.
#[must_use]
pub fn place_of_length(head: &[u8]) -> Option<usize> {
    head.windows(MEHD.len()).position(|bytes| bytes == MEHD).map(|at| at + MEHD.len())
}

/// What goes there.
#[must_use]
pub fn length(lasts: Duration) -> [u8; 8] {
    let units = lasts.as_millis() * u128::from(TIMESCALE) / 1_000;
    u64::try_from(units).unwrap_or(u64::MAX).to_be_bytes()
}

/// When a piece ends that begins with this `moof`, since the film's beginning.
#[must_use]
pub fn end_of(mut moof: &[u8]) -> Option<Duration> {
    let moof = Moof::decode(&mut moof).ok()?;
    let ends = moof.traf.iter().filter_map(|traf| {
        let samples = traf.trun.iter().flat_map(|trun| trun.samples.iter());
        let lasts: u64 = samples.map(|sample| u64::from(sample.duration.unwrap_or_default())).sum();
        Some(traf.tfdt.as_ref()?.base_media_decode_time.saturating_add(lasts))
    });
    ends.max().map(|end| Duration::from_millis(end.saturating_mul(1_000) / u64::from(TIMESCALE)))
}
