//! One transaction being made: reads see its own changes, nothing is written until all of it is.

use super::keyring::{Keyring, SealFault, Sealed};
use super::records::{Changes, Records};
use super::{Result, StoreError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// Version of a record's encoding: JSON behind this byte. What changes within the JSON is read by `#[serde(default)]`, or
/// brought up to date by `schema`.
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

/// Changes over the records and over what is to be written together with them.
pub(super) struct Draft<'a> {
    records: &'a Records,
    earlier: &'a Changes,
    keys: &'a Keyring,
    changes: Changes,
}

impl<'a> Draft<'a> {
    pub(super) fn new(records: &'a Records, earlier: &'a Changes, keys: &'a Keyring) -> Self {
        Self { records, earlier, keys, changes: Changes::new() }
    }

    pub(super) fn keys(&self) -> &'a Keyring {
        self.keys
    }

    pub(super) fn get<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        match self.changes.get(key).or_else(|| self.earlier.get(key)) {
            Some(change) => change.as_deref().and_then(decode),
            None => self.records.get(key),
        }
    }

    /// The record, or [`StoreError::Missing`].
    pub(super) fn need<T: DeserializeOwned>(&self, key: &str) -> Result<T> {
        self.get(key).ok_or(StoreError::Missing)
    }

    pub(super) fn put<T: Serialize>(&mut self, key: impl Into<String>, record: &T) -> Result<()> {
        self.changes.insert(key.into(), Some(encode(record)?));
        Ok(())
    }

    pub(super) fn delete(&mut self, key: impl Into<String>) {
        self.changes.insert(key.into(), None);
    }

    /// Every record under `prefix`, in the order of its keys.
    pub(super) fn scan<T: DeserializeOwned>(&self, prefix: &str) -> Vec<(String, T)> {
        let mut found: BTreeMap<String, T> = self.records.scan(prefix).into_iter().collect();
        for (key, change) in self.earlier.iter().chain(&self.changes).filter(|(key, _)| key.starts_with(prefix)) {
            match change.as_deref().and_then(decode) {
                Some(record) => found.insert(key.clone(), record),
                None => found.remove(key),
            };
        }
        found.into_iter().collect()
    }

    /// The next number of the counter at `key`, from 1; never given twice.
    pub(super) fn next_number(&mut self, key: &str) -> Result<u64> {
        let number = self.get::<u64>(key).unwrap_or(0) + 1;
        self.put(key, &number)?;
        Ok(number)
    }

    pub(super) fn seal(&self, place: &str, clear: &str) -> Result<Sealed> {
        self.keys.seal(place, clear.as_bytes()).map_err(|e: SealFault| StoreError::Failed(e.to_string()))
    }

    pub(super) fn into_changes(self) -> Changes {
        self.changes
    }
}
