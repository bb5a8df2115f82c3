//! A show that is recorded: file after file, each of which begins with a keyframe and plays by itself.

use super::archive::Archive;
use super::film::{Film, container, is_outdated};
use crate::domain::id::StudioId;
use crate::domain::recording::{Container, RecordingName, time};
use crate::media::packet::{Kind, Packet, Role};
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A file goes on in another one at the first keyframe behind this.
const LONG: Duration = Duration::from_secs(3_600);
/// As [`LONG`], in bytes: more than most services take, Telegram among them.
const LARGE: u64 = 1_900 << 20;

/// See the module's head.
pub struct Recording {
    archive: Arc<Archive>,
    studio: StudioId,
    headers: Vec<Packet>,
    film: Option<Part>,
}

/// The file that is written now.
struct Part {
    film: Film,
    path: PathBuf,
    began: u64,
    container: Container,
}

impl Recording {
    pub(super) const fn new(archive: Arc<Archive>, studio: StudioId, headers: Vec<Packet>) -> Self {
        Self { archive, studio, headers, film: None }
    }

    /// Adds what came, at `now`. What comes before the first keyframe is left out.
    ///
    /// # Errors
    /// The disk's; [`io::ErrorKind::StorageFull`] also where recordings may take no more of it, or what others need would
    /// not be left free. What was added before is kept; nothing more should be.
    pub fn write(&mut self, now: SystemTime, packets: &[Packet]) -> io::Result<()> {
        let mut from = 0;
        for (at, packet) in packets.iter().enumerate() {
            if self.film.as_ref().is_some_and(|part| part.ends_before(packet)) {
                self.append(&packets[from..at])?;
                self.finish()?;
                from = at;
            }
            self.note(packet);
            if self.film.is_none() && self.begins_with(packet) {
                from = at;
                self.begin(now, &packets[at..])?;
            }
        }
        self.append(&packets[from..])
    }

    /// Ends the file that is written now, if there is one; one that holds nothing goes.
    ///
    /// # Errors
    /// The disk's. What was added before is kept.
    pub fn finish(&mut self) -> io::Result<()> {
        let Some(Part { film, path, began, container }) = self.film.take() else { return Ok(()) };
        if film.is_empty() {
            // What came first had no room.
            fs::remove_file(&path)?;
            self.archive.count();
            return Ok(());
        }
        let lasts = film.finish()?;
        keep(&path, began, lasts, container)
    }

    fn append(&mut self, packets: &[Packet]) -> io::Result<()> {
        let Some(part) = &mut self.film else { return Ok(()) };
        self.archive.claim(packets.iter().map(|packet| packet.payload.len() as u64).sum())?;
        let before = part.film.bytes();
        let written = part.film.write(packets);
        self.archive.took(part.film.bytes() - before);
        written
    }

    fn begin(&mut self, now: SystemTime, media: &[Packet]) -> io::Result<()> {
        // Some codecs have no header that would take the place of the old one.
        self.headers.retain(|header| !media.iter().any(|packet| is_outdated(header, packet)));
        let container = container(&self.headers, media);
        let dir = self.archive.dir_of(self.studio);
        fs::create_dir_all(&dir)?;
        let mut began = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        loop {
            let path = dir.join(format!("{}{PART}{}", time(began), container.extension()));
            match Film::create(&path, &self.headers, container) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => began += 1,
                Err(error) => return Err(error),
                Ok(film) => {
                    self.archive.took(film.bytes());
                    self.film = Some(Part { film, path, began, container });
                    return Ok(());
                }
            }
        }
    }

    /// Keeps the headers in force.
    fn note(&mut self, packet: &Packet) {
        let header = packet.role == Role::SequenceHeader;
        self.headers.retain(|old| !(header && old.kind == packet.kind || is_outdated(old, packet)));
        if header {
            self.headers.push(packet.clone());
        }
    }

    fn begins_with(&self, packet: &Packet) -> bool {
        let pictured = self.headers.iter().any(|header| header.kind == Kind::Video);
        let sounds = packet.kind == Kind::Audio && packet.role == Role::Frame;
        packet.role == Role::Keyframe
            || sounds && !pictured && self.headers.iter().any(|header| header.kind == Kind::Audio)
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        if let Err(error) = self.finish() {
            tracing::warn!(studio = %self.studio, %error, "a recording was not ended; it is mended at the next start");
        }
    }
}

impl Part {
    fn ends_before(&self, packet: &Packet) -> bool {
        let full = self.film.lasts() >= LONG || self.film.bytes() >= LARGE;
        self.film.changes(packet) || packet.role == Role::Keyframe && full
    }
}

/// What the name of a file holds while it is written.
pub(super) const PART: &str = ".part.";

/// Gives a file the name under which it is kept; where another has it, that of a second later.
pub(super) fn keep(path: &std::path::Path, began: u64, lasts: Duration, container: Container) -> io::Result<()> {
    let seconds = u32::try_from(lasts.as_secs()).unwrap_or(u32::MAX);
    let kept = (began..).map(|began| path.with_file_name(RecordingName { began, seconds, container }.to_string()));
    match kept.into_iter().find(|path| !path.exists()) {
        Some(kept) => fs::rename(path, kept),
        None => Ok(()),
    }
}
