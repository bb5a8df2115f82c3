//! What is sealed where, and how it is sealed anew when a master key is replaced, while everything goes on: a few records
//! in each write, each whole in itself, so that a crash at any point leaves every record readable by the ring.

use super::draft::decode;
use super::keyring::{Keyring, Sealed};
use super::open::{CHECK, CHECK_PLACE, OpenError};
use super::{Draft, Result, Store, StoreError, ingest, open, passes, people, schema, sources, targets};
use serde_json::Value;

/// Records that are sealed anew in one write.
const STEP: usize = 16;

/// Where in the record at `key` something is sealed: JSON pointers, each with the place that it is sealed for.
fn spots(key: &str) -> Vec<(&'static str, String)> {
    let number = |part: Option<&str>| part.and_then(|text| text.parse::<u64>().ok());
    let mut parts = key.split('/');
    let (kind, first, second) = (parts.next(), number(parts.next()), number(parts.next()));
    match (kind, first, second) {
        (Some("target"), Some(studio), Some(target)) => targets::sealed(studio, target),
        (Some("ingest"), Some(studio), Some(user)) => ingest::sealed(studio, user),
        (Some("pull"), Some(studio), None) => sources::sealed_pull(studio),
        (Some(kind @ ("play" | "watch")), Some(studio), None) => passes::sealed(kind, studio),
        (Some("dialogue"), Some(user), None) => people::sealed_dialogue(user),
        _ => match key {
            people::CLAIM => vec![("", people::CLAIM_PLACE.to_owned())],
            CHECK => vec![("", CHECK_PLACE.to_owned())],
            schema::INDEX => vec![("", schema::INDEX_PLACE.to_owned())],
            _ => Vec::new(),
        },
    }
}

/// What is sealed in the record at `key`, with its places.
pub(super) fn sealed_in(key: &str, value: &[u8]) -> Vec<(String, Sealed)> {
    let spots = spots(key);
    if spots.is_empty() {
        return Vec::new();
    }
    let record: Value = decode(value).unwrap_or_default();
    let at = |pointer: &str| serde_json::from_value(record.pointer(pointer)?.clone()).ok();
    spots.into_iter().filter_map(|(pointer, place)| Some((place, at(pointer)?))).collect()
}

impl Store {
    /// Takes another ring in place of the present one: from now on its newest key seals.
    ///
    /// # Errors
    /// [`OpenError::MissingKey`] where it lacks a key that something is still sealed with; the present one stays.
    pub fn adopt(&self, ring: &Keyring) -> std::result::Result<(), OpenError> {
        open::check(&self.0.records.lock(), ring)?;
        self.0.keys.adopt(ring);
        Ok(())
    }

    /// Seals with the newest key whatever an older one sealed, and makes the copies anew; answers how many records.
    ///
    /// # Errors
    /// [`StoreError::Failed`]; what was not sealed anew can still be read.
    pub async fn reseal(&self) -> Result<usize> {
        let stale = self.stale();
        for some in stale.chunks(STEP) {
            let some = some.to_vec();
            self.write(move |draft| some.iter().try_for_each(|key| seal_anew(draft, key))).await?;
        }
        if !stale.is_empty() {
            self.forget_copies();
        }
        Ok(stale.len())
    }

    /// The records in which an older key sealed something.
    fn stale(&self) -> Vec<String> {
        let records = self.0.records.lock();
        let old = |(key, value): &(&String, &Vec<u8>)| {
            sealed_in(key, value).iter().any(|(_, sealed)| !self.0.keys.is_newest(sealed))
        };
        records.iter().filter(old).map(|(key, _)| key.clone()).collect()
    }
}

fn seal_anew(draft: &mut Draft<'_>, key: &str) -> Result<()> {
    let Some(mut record) = draft.get::<Value>(key) else { return Ok(()) };
    for (pointer, place) in spots(key) {
        let Some(spot) = record.pointer_mut(pointer) else { continue };
        let failed = |words: String| StoreError::Failed(words);
        let sealed: Sealed = serde_json::from_value(spot.clone()).map_err(|e| failed(e.to_string()))?;
        if draft.keys().is_newest(&sealed) {
            continue;
        }
        let anew = draft.keys().seal_again(&place, &sealed).map_err(|e| failed(format!("{key}: {e}")))?;
        *spot = serde_json::to_value(anew).map_err(|e| failed(e.to_string()))?;
    }
    draft.put(key, &record)
}
