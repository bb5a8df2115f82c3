//! Every record in memory, as it is on the disk: all that reads see. A change shows up here when it is safe there, so that
//! nobody reads what may yet be lost, and a disk that fails keeps nobody from reading.

use super::draft::decode;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

/// Values by key; none: no such record any more.
pub(super) type Changes = BTreeMap<String, Option<Vec<u8>>>;

#[derive(Default)]
pub(super) struct Records(RwLock<BTreeMap<String, Vec<u8>>>);

impl Records {
    pub(super) fn new(records: BTreeMap<String, Vec<u8>>) -> Self {
        Self(RwLock::new(records))
    }

    /// For a look that must not be mixed with a change.
    pub(super) fn lock(&self) -> RwLockReadGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        let records = self.lock();
        let record = decode(records.get(key)?);
        if record.is_none() {
            tracing::error!(key, "store: a record cannot be understood");
        }
        record
    }

    /// Every record under `prefix` that is understood, in the order of its keys.
    pub(super) fn scan<T: DeserializeOwned>(&self, prefix: &str) -> Vec<(String, T)> {
        let records = self.lock();
        let under = records.range(prefix.to_owned()..).take_while(|(key, _)| key.starts_with(prefix));
        under.filter_map(|(key, value)| Some((key.clone(), decode(value)?))).collect()
    }

    pub(super) fn apply(&self, changes: Changes) {
        let mut records = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for (key, change) in changes {
            match change {
                Some(value) => records.insert(key, value),
                None => records.remove(&key),
            };
        }
    }
}
