//! What must survive a kill. The only module that names `sled`.
//!
//! Reads are synchronous, from memory (`records`), which holds what is on the disk and nothing else. Every write goes through
//! one thread (`writer`) and is acknowledged only when it is safe (`disk`); one that is not is nowhere, and the next tries
//! again. Values are `[version][JSON]` under textual keys in one tree, so that one batch is one transaction; secrets are
//! sealed (`keyring`). It must not know Telegram, sockets, or what a broadcast does.
//!
//! Read [`Store`] first, then [`Studio`] and [`NewTarget`]. Use cases by file: `people`, `studios`, `targets`,
//! `ingest`, `sources`, `passes`, `shows`, `announce`, `host`, `messages`; for the host, `export`, `import`, `reseal`, `schema`.

mod announce;
mod disk;
mod draft;
mod export;
mod host;
mod import;
mod ingest;
mod key_file;
mod keyring;
mod messages;
mod open;
mod passes;
mod people;
mod record;
mod records;
mod reseal;
mod schema;
mod shows;
mod sources;
mod studios;
mod targets;
mod writer;

pub use host::{Guest, Invite};
pub use import::{ImportError, Imported, import};
pub use key_file::{KeySource, MasterKeyError};
pub use keyring::Keyring;
pub use open::OpenError;
pub use record::{BroadcastRecord, Found, NewTarget, Person, Playable, PullInfo, Studio, StudioKind};
pub use targets::{Gone, UNDO};

use disk::Disk;
use draft::Draft;
use records::Records;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};
use writer::{Job, Writer};

/// Writes that may wait for the writer; more wait for room.
const QUEUE: usize = 256;

/// Why a change was not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// It could not be written, and is not made. The next change tries again, and reads go on.
    #[error("the store cannot write ({0}): see to the disk, then it goes on by itself")]
    Failed(String),
    /// What should be changed is not there (any more).
    #[error("there is no such record")]
    Missing,
    /// The chat already has a studio with targets of its own.
    #[error("that chat already has a studio")]
    Taken,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}

/// What a write answers.
pub type Result<T> = std::result::Result<T, StoreError>;

/// The store. Clones are handles to the same one; when the last is dropped, its files are free.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    writer: Mutex<Option<(mpsc::Sender<Job>, JoinHandle<()>)>>,
    records: Arc<Records>,
    keys: Keyring,
    dir: PathBuf,
    _temporary: Option<open::TemporaryDir>,
}

impl Store {
    /// Opens the store in the data directory `dir`, repairs it where that is safe, and writes an export.
    ///
    /// # Errors
    /// [`OpenError`] says what is wrong and what to do.
    pub fn open(dir: &Path, keys: Keyring) -> std::result::Result<Self, OpenError> {
        Self::open_with(dir, keys, &open::db_file(dir), None)
    }

    /// Whether there is one in the data directory `dir`.
    #[must_use]
    pub fn is_in(dir: &Path) -> bool {
        open::has_data(dir)
    }

    /// The newest export in the data directory `dir`.
    #[must_use]
    pub fn newest_export(dir: &Path) -> Option<PathBuf> {
        export::newest(dir)
    }

    /// An empty store in a directory of its own that goes when the last handle goes: for tests and the demo.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn temporary() -> std::result::Result<Self, OpenError> {
        let dir = open::TemporaryDir::create()?;
        let path = dir.0.clone();
        Self::open_with(&path, Keyring::from_master([7; 32]), &open::db_file(&path), Some(dir))
    }

    /// `synced` is the file whose `fsync` makes a commit durable; a test names one that cannot be synced.
    fn open_with(
        dir: &Path,
        keys: Keyring,
        synced: &Path,
        temporary: Option<open::TemporaryDir>,
    ) -> std::result::Result<Self, OpenError> {
        let (mut disk, all) = Disk::open(dir, synced)?;
        open::check(&all, &keys)?;
        let records = Records::new(all);
        let changes = schema::migrate(&records, &keys)?;
        if !changes.is_empty() {
            // A copy of what it was, before it is brought up to date.
            copy(dir, &records);
            disk.write(&records, &changes).map_err(|error| disk::io_fault(dir, &error.to_string()))?;
            records.apply(changes);
        }
        schema::use_index(&records, &keys)?;
        copy(dir, &records);
        let (records, dir) = (Arc::new(records), dir.to_owned());
        let writer = Writer { records: Arc::clone(&records), keys: keys.clone(), disk, dir: dir.clone() };
        let (jobs, queue) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new().name("store".into()).spawn(move || writer.run(queue));
        let thread = thread.map_err(|cause| OpenError::Io { path: dir.clone(), cause })?;
        let writer = Mutex::new(Some((jobs, thread)));
        Ok(Self(Arc::new(Inner { writer, records, keys, dir, _temporary: temporary })))
    }

    /// Waits for every write that was asked for, and takes no more. Reads go on until the last handle is dropped.
    pub async fn close(&self) {
        let writer = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((jobs, thread)) = writer {
            drop(jobs);
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }

    /// Writes an export to `path`, as it is now: secrets stay sealed.
    ///
    /// # Errors
    /// What the system says of the file.
    pub fn export(&self, path: &Path) -> std::io::Result<()> {
        export::write(path, &self.0.records)
    }

    /// Runs `change` on the writer's thread as one transaction; returns when it is on the disk.
    async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Draft<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let jobs = {
            let writer = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
            writer.as_ref().map(|(jobs, _)| jobs.clone()).ok_or(StoreError::Closed)?
        };
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |commit| {
            let outcome = commit.add(change);
            // Whoever changed nothing, and saw nothing that is yet to be written, has their answer whatever the disk says.
            let hangs_on_it = !commit.is_empty();
            Box::new(move |durable| {
                let _ = answer.send(if hangs_on_it { durable.and(outcome) } else { outcome });
            })
        });
        let gone = || StoreError::Failed("its writer ended".into());
        jobs.send(job).await.map_err(|_| gone())?;
        drop(jobs);
        answered.await.map_err(|_| gone())?
    }

    /// Makes the copies anew, without what was forgotten.
    fn forget_copies(&self) {
        if let Err(error) = export::renew(&self.0.dir, &self.0.records) {
            tracing::error!(%error, "store: what was forgotten may still be in an export");
        }
    }

    fn read<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        self.0.records.get(key)
    }

    /// Every record under `prefix`, in the order of its keys.
    fn scan<T: DeserializeOwned>(&self, prefix: &str) -> Vec<(String, T)> {
        self.0.records.scan(prefix)
    }
}

/// A disk that has no room for a copy may have room for what is to come.
fn copy(dir: &Path, records: &Records) {
    if let Err(error) = export::rotate(dir, records) {
        tracing::error!(%error, "store: no copy could be made");
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let writer = self.writer.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((jobs, thread)) = writer {
            drop(jobs);
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{ChatId, StudioId, TargetId, UserId};
    use crate::domain::rtmp_url::{PushPoint, ServerUrl};
    use crate::domain::secret::StreamKey;
    use crate::domain::target::TargetName;
    use std::time::SystemTime;

    #[tokio::test]
    async fn a_failed_write_is_said_to_everyone_and_reads_go_on() {
        let dir = open::TemporaryDir::create().unwrap();
        let path = dir.0.clone();
        drop(Store::open(&path, Keyring::from_master([1; 32])).unwrap());
        // /dev/null cannot be fsynced.
        let store = Store::open_with(&path, Keyring::from_master([1; 32]), Path::new("/dev/null"), Some(dir)).unwrap();
        assert!(matches!(store.set_last_update(5).await, Err(StoreError::Failed(_))));
        assert!(matches!(store.set_last_update(6).await, Err(StoreError::Failed(_))));
        assert_eq!(store.last_update(), None, "what was not saved is not there");
        assert_eq!(store.revoke_ingest(StudioId(1), UserId(1)).await, Ok(false), "what changes nothing needs no disk");
        store.close().await;
        assert_eq!(store.set_last_update(7).await, Err(StoreError::Closed));
    }

    #[tokio::test]
    async fn a_removed_target_is_gone_after_its_time() {
        let store = Store::temporary().unwrap();
        let studio = store.open_studio(ChatId(1), StudioKind::Private, "").await.unwrap().id;
        let point = PushPoint {
            server: ServerUrl::parse("rtmp://host/live").unwrap(),
            key: StreamKey::parse("0123456789abcdef").unwrap(),
        };
        let name = TargetName::parse("a").unwrap();
        let (viewer_link, status_id) = (None, None);
        let new = NewTarget { name, platform: "custom".into(), point, viewer_link, status_id, key_owner: UserId(1) };
        let target = store.add_target(studio, new).await.unwrap().id;
        let long_ago = SystemTime::now() - UNDO - std::time::Duration::from_secs(1);
        store.remove_target_at(studio, target, long_ago).await.unwrap();
        assert_eq!(store.restore_target(studio, target).await, Err(StoreError::Missing));
        let purge = |draft: &mut Draft<'_>| {
            targets::purge(draft, SystemTime::now());
            Ok(())
        };
        store.write(purge).await.unwrap();
        assert!(store.scan::<record::TargetRecord>("target/").is_empty(), "its sealed key is gone as well");
        assert_eq!(target, TargetId(1));
    }
}
