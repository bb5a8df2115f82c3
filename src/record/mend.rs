//! Files that nobody ended, because the process was killed: cut behind the last piece that is whole, and told how long they
//! are.

use crate::domain::recording::Container;
use crate::media::{flv, mp4};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::Duration;

/// Larger than the head of any film.
const HEAD: u64 = 64 << 10;
/// Larger than any piece's own head: a second has some hundred samples.
const PIECE: u64 = 1 << 20;

/// Makes the file whole; how long it plays. Nothing: there is nothing in it.
///
/// # Errors
/// The disk's.
pub(super) fn mend(path: &Path, container: Container) -> io::Result<Option<Duration>> {
    let file = File::options().read(true).write(true).open(path)?;
    let length = file.metadata()?.len();
    let (whole, lasts) = match container {
        Container::Mp4 => whole_mp4(&file, length)?,
        Container::Flv => whole_flv(&file, length)?,
    };
    if whole < length {
        file.set_len(whole)?;
    }
    if let (Some(lasts), Container::Mp4) = (lasts, container) {
        tell_length(&file, lasts)?;
    }
    file.sync_all()?;
    Ok(lasts)
}

/// Writes into the head of a film in pieces how long it plays.
///
/// # Errors
/// The disk's.
pub(super) fn tell_length(file: &File, lasts: Duration) -> io::Result<()> {
    let mut head = vec![0; HEAD.min(file.metadata()?.len()) as usize];
    file.read_exact_at(&mut head, 0)?;
    match mp4::place_of_length(&head) {
        Some(at) => file.write_all_at(&mp4::length(lasts), at as u64),
        None => Ok(()),
    }
}

/// Up to where boxes are whole, and how long what they hold plays.
fn whole_mp4(file: &File, length: u64) -> io::Result<(u64, Option<Duration>)> {
    let (mut at, mut whole, mut last, mut piece) = (0, 0, None, None);
    while length - at >= 8 {
        let mut head = [0; 8];
        file.read_exact_at(&mut head, at)?;
        let [a, b, c, d, kind @ ..] = head;
        let size = u64::from(u32::from_be_bytes([a, b, c, d]));
        if size < 8 || size > length - at {
            break;
        }
        match &kind {
            b"moof" => piece = Some((at, size)),
            b"mdat" => (last, whole) = (piece, at + size),
            _ => {}
        }
        at += size;
    }
    let Some((at, size)) = last.filter(|(_, size)| *size <= PIECE) else { return Ok((0, None)) };
    let mut moof = vec![0; size as usize];
    file.read_exact_at(&mut moof, at)?;
    Ok((whole, mp4::end_of(&moof)))
}

/// Up to where tags are whole, and the time of the last one.
fn whole_flv(file: &File, length: u64) -> io::Result<(u64, Option<Duration>)> {
    let (mut at, mut lasts) = (flv::HEAD.len() as u64, None);
    while length.saturating_sub(at) >= flv::AROUND as u64 {
        let mut head = [0; 8];
        file.read_exact_at(&mut head, at)?;
        let [kind, a, b, c, time @ .., high] = head;
        let size = flv::tag_length([kind, a, b, c]);
        if size > length - at {
            break;
        }
        let [t, u, v] = time;
        lasts = Some(Duration::from_millis(u32::from_be_bytes([high, t, u, v]).into()));
        at += size;
    }
    Ok((at, lasts))
}
