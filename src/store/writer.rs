//! The one thread that writes. Group commit: all that waits is applied, flushed and fsynced together, then each
//! write is acknowledged. After the first failure nothing is written any more.

use super::draft::Draft;
use super::keyring::Keyring;
use super::{Result, StoreError, targets};
use std::cell::RefCell;
use std::fs::File;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::mpsc;

/// Acknowledges a write with what became of the commit it was part of.
pub(super) type Acknowledge = Box<dyn FnOnce(Result<()>) + Send>;
/// Applies one transaction in memory and says how to acknowledge it.
pub(super) type Job = Box<dyn FnOnce(&Writer) -> Acknowledge + Send>;

/// Most writes in one commit.
const GROUP: usize = 256;
/// How often removed targets whose time is over are looked for, when something is written at all.
const PURGE: Duration = Duration::from_secs(60);

pub(super) struct Writer {
    tree: sled::Tree,
    keys: Keyring,
    /// A second descriptor of sled's file: sled's flush does not fsync it.
    synced: File,
    failed: RefCell<Option<StoreError>>,
}

impl Writer {
    pub(super) fn new(tree: sled::Tree, keys: Keyring, synced: File) -> Self {
        Self { tree, keys, synced, failed: RefCell::new(None) }
    }

    /// Serves the queue until every sender is gone.
    pub(super) fn run(self, mut queue: mpsc::Receiver<Job>) {
        let mut purged: Option<Instant> = None;
        while let Some(first) = queue.blocking_recv() {
            let mut acknowledgements = vec![first(&self)];
            while acknowledgements.len() < GROUP
                && let Ok(job) = queue.try_recv()
            {
                acknowledgements.push(job(&self));
            }
            if purged.is_none_or(|at| at.elapsed() >= PURGE) {
                purged = Some(Instant::now());
                let _ = self.apply(|draft| targets::purge(draft, SystemTime::now()));
            }
            let durable = self.commit();
            for acknowledge in acknowledgements {
                acknowledge(durable.clone());
            }
        }
    }

    /// Makes one transaction: all of `change` or nothing of it.
    pub(super) fn apply<T>(&self, change: impl FnOnce(&mut Draft<'_>) -> Result<T>) -> Result<T> {
        if let Some(error) = &*self.failed.borrow() {
            return Err(error.clone());
        }
        let mut draft = Draft::new(&self.tree, &self.keys);
        let outcome = change(&mut draft).and_then(|made| {
            self.tree.apply_batch(draft.into_batch()).map_err(|e| StoreError::Failed(e.to_string()))?;
            Ok(made)
        });
        self.note(outcome)
    }

    fn commit(&self) -> Result<()> {
        if let Some(error) = &*self.failed.borrow() {
            return Err(error.clone());
        }
        let flushed = self.tree.flush().map_err(|e| e.to_string());
        let synced = flushed.and_then(|_| self.synced.sync_data().map_err(|e| e.to_string()));
        self.note(synced.map_err(StoreError::Failed))
    }

    fn note<T>(&self, outcome: Result<T>) -> Result<T> {
        if let Err(error @ StoreError::Failed(words)) = &outcome {
            tracing::error!(error = %words, "store: a write failed, nothing more will be written");
            self.failed.replace(Some(error.clone()));
        }
        outcome
    }
}
