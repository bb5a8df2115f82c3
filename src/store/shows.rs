//! Broadcasts as they should be, for the next start.

use super::{BroadcastRecord, Result, Store, Studio, studios};
use crate::domain::id::StudioId;

const PREFIX: &str = "broadcast/";

pub(super) fn broadcast_key(studio: StudioId) -> String {
    format!("{PREFIX}{:020}", studio.0)
}

impl Store {
    /// The studio's broadcast, if it should be in one.
    #[must_use]
    pub fn broadcast(&self, studio: StudioId) -> Option<BroadcastRecord> {
        self.read(&broadcast_key(studio))
    }

    /// Every studio that should be in a broadcast.
    #[must_use]
    pub fn broadcasts(&self) -> Vec<(StudioId, BroadcastRecord)> {
        let number = |key: &str| key.strip_prefix(PREFIX).and_then(|text| text.parse().ok()).map(StudioId);
        self.scan(PREFIX).into_iter().filter_map(|(key, record)| Some((number(&key)?, record))).collect()
    }

    /// Says that the studio should be in this broadcast, or in none.
    ///
    /// # Errors
    /// [`StoreError::Missing`](super::StoreError::Missing) without such a studio,
    /// [`StoreError::Failed`](super::StoreError::Failed).
    pub async fn set_broadcast(&self, studio: StudioId, broadcast: Option<BroadcastRecord>) -> Result<()> {
        self.write(move |draft| {
            draft.need::<Studio>(&studios::studio_key(studio))?;
            match broadcast {
                Some(record) => draft.put(broadcast_key(studio), &record),
                None => {
                    draft.delete(broadcast_key(studio));
                    Ok(())
                }
            }
        })
        .await
    }
}
