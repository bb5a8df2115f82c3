//! sled on its disk. A write is safe when it is flushed *and* fsynced: sled's own flush tells the kernel, not the disk.
//!
//! After a failure nobody knows what of a write is there, and sled writes nothing more. So it is closed, and opened anew
//! by the next write, once a second at most; whatever differs then from what was acknowledged is put right before anything
//! else is written: what was told as not saved is not saved, and what the disk lost is there again.
//!
//! sled opens a log that lost its end as if that had never been. So the number of commits stands in a file beside it as well,
//! not synced, hence never ahead of what is on the disk: where sled finds fewer, something was lost, and that is told.

use super::draft::decode;
use super::open::{OpenError, open_db, sled_dir};
use super::records::{Changes, Records};
use super::{Result, StoreError};
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How many commits there were.
pub(super) const COMMITS: &str = "meta/commits";
/// The same, in a file among sled's.
const WITNESS: &str = "acknowledged";
/// Between attempts to open it again.
const AGAIN: Duration = Duration::from_secs(1);

pub(super) struct Disk {
    data: PathBuf,
    /// Whose `fsync` makes a commit durable.
    synced: PathBuf,
    open: Option<Open>,
    /// When it last failed, and how.
    failed: Option<(Instant, StoreError)>,
}

struct Open {
    tree: sled::Tree,
    _db: sled::Db,
    /// A second descriptor of sled's file, which has no public one.
    synced: File,
    witness: File,
}

impl Disk {
    /// Opens what is in the data directory, damage repaired where that is safe, and reads all of it. `synced` is the file
    /// that a commit must reach; a test names one that cannot be synced.
    pub(super) fn open(
        data: &Path,
        synced: &Path,
    ) -> std::result::Result<(Self, BTreeMap<String, Vec<u8>>), OpenError> {
        let (open, records) = Open::at(data, synced)?;
        let found = commits(&records);
        match witnessed(data) {
            seen if seen > found => {
                let exports = super::export::dir(data);
                return Err(OpenError::Lost { changes: seen - found, exports, witness: sled_dir(data).join(WITNESS) });
            }
            _ => {}
        }
        Ok((Self { data: data.into(), synced: synced.into(), open: Some(open), failed: None }, records))
    }

    /// Writes `changes`, which are on the disk when this returns; `records` is what was acknowledged before them.
    pub(super) fn write(&mut self, records: &Records, changes: &Changes) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        let written = match &self.open {
            Some(open) => open.write(changes),
            None => self.again(records).and_then(|open| open.write(changes)),
        };
        match written {
            Ok(()) => {
                if let (Some(open), Some(Some(value))) = (&self.open, changes.get(COMMITS)) {
                    // A disk without room for this has told so before, or will.
                    let _ =
                        open.witness.write_all_at(format!("{:020}\n", decode(value).unwrap_or(0_u64)).as_bytes(), 0);
                }
                if self.failed.take().is_some() {
                    tracing::info!("store: changes are saved again");
                }
                Ok(())
            }
            Err(error) => {
                self.note(&error);
                Err(error)
            }
        }
    }

    fn note(&mut self, error: &StoreError) {
        let at = match &self.failed {
            Some((at, _)) if self.open.is_none() && at.elapsed() < AGAIN => *at,
            None => {
                tracing::error!(%error, "store: changes are not saved");
                Instant::now()
            }
            Some(_) => Instant::now(),
        };
        self.close();
        self.failed = Some((at, error.clone()));
    }

    /// Opens it again, and puts right what differs.
    fn again(&mut self, records: &Records) -> Result<&Open> {
        if let Some((_, error)) = self.failed.as_ref().filter(|(at, _)| at.elapsed() < AGAIN) {
            return Err(error.clone());
        }
        let opened = catch_unwind(AssertUnwindSafe(|| Open::at(&self.data, &self.synced)));
        let opened = opened.unwrap_or_else(|_| Err(io_fault(&self.data, "it cannot be read")));
        let (open, found) = opened.map_err(|error| StoreError::Failed(error.to_string()))?;
        let amends = differences(&found, &records.lock());
        if !amends.is_empty() {
            open.write(&amends)?;
        }
        Ok(self.open.insert(open))
    }

    /// Lets go of the files. sled panics where it cannot sync them in passing.
    pub(super) fn close(&mut self) {
        let open = self.open.take();
        let _ = catch_unwind(AssertUnwindSafe(|| drop(open)));
    }
}

impl Open {
    fn at(data: &Path, synced: &Path) -> std::result::Result<(Self, BTreeMap<String, Vec<u8>>), OpenError> {
        let (db, records) = open_db(data)?;
        let io = |cause| OpenError::Io { path: data.to_owned(), cause };
        let synced = File::open(synced).map_err(io)?;
        let witness = File::options().create(true).truncate(false).write(true).open(sled_dir(data).join(WITNESS));
        let witness = witness.map_err(io)?;
        // A new file is lost with its directory's entry.
        for dir in [sled_dir(data), data.to_owned()] {
            File::open(dir).and_then(|dir| dir.sync_all()).map_err(io)?;
        }
        Ok((Self { tree: (*db).clone(), _db: db, synced, witness }, records))
    }

    fn write(&self, changes: &Changes) -> Result<()> {
        let mut batch = sled::Batch::default();
        for (key, change) in changes {
            match change {
                Some(value) => batch.insert(key.as_bytes(), value.as_slice()),
                None => batch.remove(key.as_bytes()),
            }
        }
        let flushed = self.tree.apply_batch(batch).and_then(|()| self.tree.flush());
        let synced =
            flushed.map_err(|e| e.to_string()).and_then(|_| self.synced.sync_data().map_err(|e| e.to_string()));
        synced.map_err(StoreError::Failed)
    }
}

/// How many commits there were, by the records.
pub(super) fn commits(records: &BTreeMap<String, Vec<u8>>) -> u64 {
    records.get(COMMITS).and_then(|value| decode(value)).unwrap_or(0)
}

/// The same, by the witness; 0 where there is none.
fn witnessed(data: &Path) -> u64 {
    let text = std::fs::read_to_string(sled_dir(data).join(WITNESS)).unwrap_or_default();
    text.trim().parse().unwrap_or(0)
}

/// What turns `from` into `to`.
fn differences(from: &BTreeMap<String, Vec<u8>>, to: &BTreeMap<String, Vec<u8>>) -> Changes {
    let gone = from.keys().filter(|key| !to.contains_key(*key)).map(|key| (key.clone(), None));
    let other = to.iter().filter(|(key, value)| from.get(*key) != Some(value));
    gone.chain(other.map(|(key, value)| (key.clone(), Some(value.clone())))).collect()
}

pub(super) fn io_fault(path: &Path, words: &str) -> OpenError {
    OpenError::Io { path: path.to_owned(), cause: io::Error::other(words.to_owned()) }
}
