//! Every studio's recordings: files in a directory of its own, whose names say all that is known of them.

use super::mend::mend;
use super::recording::{PART, Recording, keep};
use super::space;
use crate::domain::id::StudioId;
use crate::domain::recording::{Container, RecordingName, parse_time};
use crate::media::packet::Packet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// See the module's head.
#[derive(Debug)]
pub struct Archive {
    dir: PathBuf,
    most: u64,
    keeps: Duration,
    /// Bytes of all files.
    used: AtomicU64,
}

/// A recording that is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its name in the studio's directory.
    pub name: RecordingName,
    /// How large it is.
    pub bytes: u64,
}

impl Archive {
    /// Recordings in `dir`, which need not be there yet: `most` bytes in all, each for as long as `keeps` says.
    #[must_use]
    pub fn new(dir: PathBuf, most: u64, keeps: Duration) -> Self {
        Self { dir, most, keeps, used: AtomicU64::new(0) }
    }

    /// Whether the host has room for recordings at all.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.most > 0
    }

    /// How long a recording is kept.
    #[must_use]
    pub const fn keeps(&self) -> Duration {
        self.keeps
    }

    /// Makes whole what a killed process was writing, and counts what there is. Before the first recording.
    pub fn open(&self) {
        for path in self.files() {
            if let Err(error) = self.mend(&path) {
                tracing::warn!(file = %path.display(), %error, "a recording that was cut off could not be mended");
            }
        }
        self.count();
    }

    /// Deletes what has been kept for long enough.
    pub fn tidy(&self, now: SystemTime) {
        for path in self.files() {
            let name = path.file_name().and_then(|name| RecordingName::parse(name.to_str()?));
            let ended = name.map(|name| SystemTime::UNIX_EPOCH + Duration::from_secs(name.began) + name.lasts());
            if ended.is_some_and(|ended| now.duration_since(ended).is_ok_and(|since| since > self.keeps))
                && let Err(error) = fs::remove_file(&path)
            {
                tracing::warn!(file = %path.display(), %error, "an old recording could not be deleted");
            }
        }
        self.count();
    }

    /// A recording that begins, behind the headers that are in force.
    #[must_use]
    pub fn recording(self: &Arc<Self>, studio: StudioId, headers: Vec<Packet>) -> Recording {
        Recording::new(Arc::clone(self), studio, headers)
    }

    /// A studio's, newest first.
    #[must_use]
    pub fn list(&self, studio: StudioId) -> Vec<Kept> {
        let kept = |path: PathBuf| {
            let name = RecordingName::parse(path.file_name()?.to_str()?)?;
            Some(Kept { name, bytes: path.metadata().ok()?.len() })
        };
        let mut all: Vec<_> = files_of(&self.dir_of(studio)).filter_map(kept).collect();
        all.sort_by_key(|kept| std::cmp::Reverse(kept.name));
        all
    }

    /// Where a studio's recording lies, if there is one of this name.
    #[must_use]
    pub fn path(&self, studio: StudioId, name: RecordingName) -> Option<PathBuf> {
        let path = self.dir_of(studio).join(name.to_string());
        path.is_file().then_some(path)
    }

    /// Deletes a recording. False: there is none of this name.
    ///
    /// # Errors
    /// The disk's.
    pub fn delete(&self, studio: StudioId, name: RecordingName) -> io::Result<bool> {
        let Some(path) = self.path(studio, name) else { return Ok(false) };
        fs::remove_file(path)?;
        self.count();
        Ok(true)
    }

    /// Deletes all of a studio's.
    ///
    /// # Errors
    /// The disk's.
    pub fn forget(&self, studio: StudioId) -> io::Result<()> {
        match fs::remove_dir_all(self.dir_of(studio)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => {
                self.count();
                Ok(())
            }
        }
    }

    pub(super) fn dir_of(&self, studio: StudioId) -> PathBuf {
        self.dir.join(studio.0.to_string())
    }

    /// Whether so many bytes more may be recorded.
    pub(super) fn claim(&self, bytes: u64) -> io::Result<()> {
        if self.used.load(Ordering::Relaxed).saturating_add(bytes) > self.most {
            return Err(io::ErrorKind::StorageFull.into());
        }
        space::claim(&self.dir, bytes)
    }

    /// So many bytes were written.
    pub(super) fn took(&self, bytes: u64) {
        self.used.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts anew what the files take.
    pub(super) fn count(&self) {
        let sizes = self.files().into_iter().filter_map(|path| Some(path.metadata().ok()?.len()));
        self.used.store(sizes.sum(), Ordering::Relaxed);
    }

    fn files(&self) -> Vec<PathBuf> {
        let studios = fs::read_dir(&self.dir).into_iter().flatten().flatten();
        studios.flat_map(|studio| files_of(&studio.path()).collect::<Vec<_>>()).collect()
    }

    fn mend(&self, path: &Path) -> io::Result<()> {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some((time, extension)) = name.split_once(PART) else { return Ok(()) };
        let container = [Container::Mp4, Container::Flv].into_iter().find(|one| one.extension() == extension);
        let (Some(began), Some(container)) = (parse_time(time), container) else { return Ok(()) };
        match mend(path, container)? {
            Some(lasts) => keep(path, began, lasts, container),
            None => fs::remove_file(path),
        }
    }
}

fn files_of(dir: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path())
}
