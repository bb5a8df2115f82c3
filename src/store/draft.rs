//! One transaction being made: reads see its own changes, nothing is written until all of it is.

use super::keyring::{Keyring, SealFault, Sealed};
use super::{Result, StoreError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// Version of the records' layout. Older ones are read by `#[serde(default)]`.
pub(super) const VERSION: u8 = 1;

/// `[version][JSON]`.
pub(super) fn encode<T: Serialize>(record: &T) -> Result<Vec<u8>> {
    let mut value = vec![VERSION];
    serde_json::to_writer(&mut value, record).map_err(|e| StoreError::Failed(e.to_string()))?;
    Ok(value)
}

/// The record in `value`, if this version understands it.
pub(super) fn decode<T: DeserializeOwned>(value: &[u8]) -> Option<T> {
    let (&version, json) = value.split_first()?;
    if version == VERSION { serde_json::from_slice(json).ok() } else { None }
}

/// Changes over the tree, applied as one batch.
pub(super) struct Draft<'a> {
    tree: &'a sled::Tree,
    keys: &'a Keyring,
    changes: BTreeMap<String, Option<Vec<u8>>>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(tree: &'a sled::Tree, keys: &'a Keyring) -> Self {
        Self { tree, keys, changes: BTreeMap::new() }
    }

    pub(super) fn keys(&self) -> &'a Keyring {
        self.keys
    }

    pub(super) fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>> {
        Ok(match self.changes.get(key) {
            Some(change) => change.as_deref().and_then(decode),
            None => self.tree.get(key).map_err(failed)?.and_then(|value| decode(&value)),
        })
    }

    /// The record, or [`StoreError::Missing`].
    pub(super) fn need<T: DeserializeOwned>(&self, key: &str) -> Result<T> {
        self.get(key)?.ok_or(StoreError::Missing)
    }

    pub(super) fn put<T: Serialize>(&mut self, key: impl Into<String>, record: &T) -> Result<()> {
        self.changes.insert(key.into(), Some(encode(record)?));
        Ok(())
    }

    pub(super) fn delete(&mut self, key: impl Into<String>) {
        self.changes.insert(key.into(), None);
    }

    /// Every record under `prefix`, in the order of its keys.
    pub(super) fn scan<T: DeserializeOwned>(&self, prefix: &str) -> Result<Vec<(String, T)>> {
        let mut found = BTreeMap::new();
        for entry in self.tree.scan_prefix(prefix) {
            let (key, value) = entry.map_err(failed)?;
            if let (Ok(key), Some(record)) = (String::from_utf8(key.to_vec()), decode(&value)) {
                found.insert(key, record);
            }
        }
        for (key, change) in self.changes.iter().filter(|(key, _)| key.starts_with(prefix)) {
            match change.as_deref().and_then(decode) {
                Some(record) => found.insert(key.clone(), record),
                None => found.remove(key),
            };
        }
        Ok(found.into_iter().collect())
    }

    /// The next number of the counter at `key`, from 1; never given twice.
    pub(super) fn next_number(&mut self, key: &str) -> Result<u64> {
        let number = self.get::<u64>(key)?.unwrap_or(0) + 1;
        self.put(key, &number)?;
        Ok(number)
    }

    pub(super) fn seal(&self, place: &str, clear: &str) -> Result<Sealed> {
        self.keys.seal(place, clear.as_bytes()).map_err(|e: SealFault| StoreError::Failed(e.to_string()))
    }

    pub(super) fn into_batch(self) -> sled::Batch {
        let mut batch = sled::Batch::default();
        for (key, change) in self.changes {
            match change {
                Some(value) => batch.insert(key.into_bytes(), value),
                None => batch.remove(key.into_bytes()),
            }
        }
        batch
    }
}

fn failed(error: sled::Error) -> StoreError {
    StoreError::Failed(error.to_string())
}
