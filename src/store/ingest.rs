//! Ingest keys: one per person and studio, sealed, found by their HMAC; their public ids lead a wrong key to its owner.

use super::keyring::Sealed;
use super::{Draft, Found, Result, Store, StoreError, Studio, studios};
use crate::domain::id::{StudioId, UserId};
use crate::domain::secret::IngestKey;
use serde::{Deserialize, Serialize};

/// Public ids of renewed keys that are remembered, so that an encoder left with an old one can be explained.
const FORMER: usize = 8;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct IngestRecord {
    key: Sealed,
    index: String,
    public_id: String,
    #[serde(default)]
    former: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Holder {
    studio: StudioId,
    user: UserId,
}

impl Holder {
    fn key(self) -> String {
        format!("ingest/{:020}/{:020}", self.studio.0, self.user.0)
    }

    fn place(self) -> String {
        format!("{}/person-{}/ingest", self.studio, self.user)
    }
}

fn index_key(index: &str) -> String {
    format!("ingest-index/{index}")
}

fn id_key(public_id: &str) -> String {
    format!("ingest-id/{public_id}")
}

impl Store {
    /// The key of `user` in `studio`, made when missing.
    ///
    /// # Errors
    /// [`StoreError::Missing`] without such a studio, [`StoreError::Failed`].
    pub async fn ingest_key(&self, studio: StudioId, user: UserId) -> Result<IngestKey> {
        let holder = Holder { studio, user };
        self.write(move |draft| {
            let Some(record) = draft.get::<IngestRecord>(&holder.key()) else {
                return issue(draft, holder, Vec::new());
            };
            let clear = draft.keys().unseal_text(&holder.place(), &record.key);
            clear.map(|text| IngestKey::from_stream_name(&text)).map_err(|e| StoreError::Failed(e.to_string()))
        })
        .await
    }

    /// Another key for `user` in `studio`; the old one is worth nothing from now on.
    ///
    /// # Errors
    /// [`StoreError::Missing`] without such a studio, [`StoreError::Failed`].
    pub async fn renew_ingest_key(&self, studio: StudioId, user: UserId) -> Result<IngestKey> {
        let holder = Holder { studio, user };
        self.write(move |draft| {
            let mut former = Vec::new();
            if let Some(old) = draft.get::<IngestRecord>(&holder.key()) {
                draft.delete(index_key(&old.index));
                former = old.former;
                former.push(old.public_id);
                if former.len() > FORMER {
                    draft.delete(id_key(&former.remove(0)));
                }
            }
            issue(draft, holder, former)
        })
        .await
    }

    /// Takes the key of `user` in `studio` away, as if it had never been; says whether there was one.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn revoke_ingest(&self, studio: StudioId, user: UserId) -> Result<bool> {
        let holder = Holder { studio, user };
        self.write(move |draft| {
            let had = draft.get::<IngestRecord>(&holder.key()).is_some();
            revoke_all(draft, |s, u| (s, u) == (studio, user))?;
            Ok(had)
        })
        .await
    }

    /// Everybody who has a key in `studio`.
    #[must_use]
    pub fn ingest_holders(&self, studio: StudioId) -> Vec<UserId> {
        let prefix = format!("ingest/{:020}/", studio.0);
        let keys = self.scan::<IngestRecord>(&prefix).into_iter();
        keys.filter_map(|(key, _)| key.rsplit('/').next()?.parse().ok().map(UserId)).collect()
    }

    /// Whose key an encoder showed.
    #[must_use]
    pub fn find_ingest(&self, key: &IngestKey) -> Found {
        // Looked up by HMAC: how long it takes tells nothing of the keys.
        let exact = self.0.keys.index(key.expose()).ok().and_then(|index| self.read(&index_key(&index)));
        if let Some(Holder { studio, user }) = exact {
            return Found::Exact { studio, user };
        }
        match key.public_id().and_then(|id| self.read(&id_key(id))) {
            Some(Holder { studio, user }) => Found::Stale { studio, user },
            None => Found::Unknown,
        }
    }
}

/// Where an ingest key's record holds what is sealed, and for which place.
pub(super) fn sealed(studio: u64, user: u64) -> Vec<(&'static str, String)> {
    vec![("/key", Holder { studio: StudioId(studio), user: UserId(user) }.place())]
}

/// Takes away every key whose studio and person `doomed` names.
pub(super) fn revoke_all(draft: &mut Draft<'_>, doomed: impl Fn(StudioId, UserId) -> bool) -> Result<()> {
    for (index, holder) in draft.scan::<Holder>("ingest-index/") {
        if !doomed(holder.studio, holder.user) {
            continue;
        }
        if let Some(record) = draft.get::<IngestRecord>(&holder.key()) {
            for id in record.former.iter().chain([&record.public_id]) {
                draft.delete(id_key(id));
            }
        }
        draft.delete(index);
        draft.delete(holder.key());
    }
    Ok(())
}

fn issue(draft: &mut Draft<'_>, holder: Holder, former: Vec<String>) -> Result<IngestKey> {
    draft.need::<Studio>(&studios::studio_key(holder.studio))?;
    loop {
        let mut random = [0u8; 31];
        getrandom::fill(&mut random).map_err(|e| StoreError::Failed(e.to_string()))?;
        let key = IngestKey::from_random(&random);
        let Some(public_id) = key.public_id().map(str::to_owned) else { continue };
        // 33 million public ids: another person's is drawn again.
        if draft.get::<Holder>(&id_key(&public_id)).is_some() {
            continue;
        }
        let index = draft.keys().index(key.expose()).map_err(|e| StoreError::Failed(e.to_string()))?;
        let sealed = draft.seal(&holder.place(), key.expose())?;
        draft.put(index_key(&index), &holder)?;
        draft.put(id_key(&public_id), &holder)?;
        draft.put(holder.key(), &IngestRecord { key: sealed, index, public_id, former })?;
        return Ok(key);
    }
}
