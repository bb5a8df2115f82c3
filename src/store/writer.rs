//! The one thread that writes. Group commit: all that waits is written, flushed and fsynced together, then each write is
//! acknowledged. What could not be written is nowhere, and the next write tries again.

use super::disk::{COMMITS, Disk, commits};
use super::draft::{Draft, encode};
use super::keyring::Keyring;
use super::records::{Changes, Records};
use super::{Result, export, targets};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::mpsc;

/// Acknowledges a write with what became of the commit it was part of.
pub(super) type Acknowledge = Box<dyn FnOnce(Result<()>) + Send>;
/// Adds one transaction to a commit and says how to acknowledge it.
pub(super) type Job = Box<dyn FnOnce(&mut Commit<'_>) -> Acknowledge + Send>;

/// Most writes in one commit.
const GROUP: usize = 256;
/// How often removed targets whose time is over are looked for, when something is written at all.
const PURGE: Duration = Duration::from_secs(60);
/// How often a copy is made, when something is written at all.
const COPY: Duration = Duration::from_secs(24 * 3600);

pub(super) struct Writer {
    pub(super) records: Arc<Records>,
    pub(super) keys: Keyring,
    pub(super) disk: Disk,
    /// The data directory.
    pub(super) dir: PathBuf,
}

/// What is to be written together.
pub(super) struct Commit<'a> {
    records: &'a Records,
    keys: &'a Keyring,
    changes: Changes,
}

impl Commit<'_> {
    /// Adds one transaction: all of `change` or nothing of it.
    pub(super) fn add<T>(&mut self, change: impl FnOnce(&mut Draft<'_>) -> Result<T>) -> Result<T> {
        let mut draft = Draft::new(self.records, &self.changes, self.keys);
        let made = change(&mut draft)?;
        let changes = draft.into_changes();
        self.changes.extend(changes);
        Ok(made)
    }

    /// Whether nothing is to be written so far: what was read, then, is on the disk.
    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

impl Writer {
    /// Serves the queue until every sender is gone.
    pub(super) fn run(mut self, mut queue: mpsc::Receiver<Job>) {
        let mut purged: Option<Instant> = None;
        let mut copied = Instant::now();
        while let Some(first) = queue.blocking_recv() {
            let mut commit = Commit { records: &self.records, keys: &self.keys, changes: Changes::new() };
            let mut acknowledgements = vec![first(&mut commit)];
            while acknowledgements.len() < GROUP
                && let Ok(job) = queue.try_recv()
            {
                acknowledgements.push(job(&mut commit));
            }
            if purged.is_none_or(|at| at.elapsed() >= PURGE) {
                purged = Some(Instant::now());
                let _ = commit.add(|draft| {
                    targets::purge(draft, SystemTime::now());
                    Ok(())
                });
            }
            let mut changes = commit.changes;
            if !changes.is_empty()
                && let Ok(number) = encode(&(commits(&self.records.lock()) + 1))
            {
                changes.insert(COMMITS.into(), Some(number));
            }
            let durable = self.disk.write(&self.records, &changes);
            if durable.is_ok() {
                self.records.apply(changes);
            }
            for acknowledge in acknowledgements {
                acknowledge(durable.clone());
            }
            if durable.is_ok() && copied.elapsed() >= COPY {
                copied = Instant::now();
                if let Err(error) = export::rotate(&self.dir, &self.records) {
                    tracing::error!(%error, "store: no copy could be made");
                }
            }
        }
        self.disk.close();
    }
}
