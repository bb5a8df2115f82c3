//! Who may see a studio's stream: players by its read key, people by the link to its watch page. Both are off until somebody
//! opens them, sealed, and found by their HMAC as ingest keys are, each in a place of its own: none ever opens what another does.

use super::keyring::Sealed;
use super::{Draft, Playable, Result, Store, StoreError, Studio, studios};
use crate::domain::id::StudioId;
use crate::domain::secret::{ReadKey, WatchKey};
use serde::{Deserialize, Serialize};

/// What a pass opens.
#[derive(Clone, Copy)]
enum Door {
    Play,
    Watch,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct PassRecord {
    key: Sealed,
    index: String,
    /// Whether it opens anything now.
    on: bool,
}

impl Door {
    const ALL: [Self; 2] = [Self::Play, Self::Watch];

    const fn name(self) -> &'static str {
        match self {
            Self::Play => "play",
            Self::Watch => "watch",
        }
    }

    fn key(self, studio: StudioId) -> String {
        format!("{}/{:020}", self.name(), studio.0)
    }

    /// What its key is sealed for.
    fn place(self, studio: StudioId) -> String {
        format!("{studio}/{}", self.name())
    }

    fn index(self, index: &str) -> String {
        format!("{}-index/{index}", self.name())
    }

    /// A new key, in clear.
    fn make(self) -> Result<String> {
        let mut random = [0u8; 26];
        getrandom::fill(&mut random).map_err(|e| StoreError::Failed(e.to_string()))?;
        Ok(match self {
            Self::Play => ReadKey::from_random(&random).expose().to_owned(),
            Self::Watch => WatchKey::from_random(&random).expose().to_owned(),
        })
    }

    fn open(self, draft: &Draft<'_>, studio: StudioId, record: &PassRecord) -> Result<String> {
        let clear = draft.keys().unseal_text(&self.place(studio), &record.key);
        clear.map(|text| text.to_string()).map_err(|e| StoreError::Failed(e.to_string()))
    }

    fn issue(self, draft: &mut Draft<'_>, studio: StudioId) -> Result<String> {
        draft.need::<Studio>(&studios::studio_key(studio))?;
        let key = self.make()?;
        let index = draft.keys().index(&key).map_err(|e| StoreError::Failed(e.to_string()))?;
        let sealed = draft.seal(&self.place(studio), &key)?;
        draft.put(self.index(&index), &studio)?;
        draft.put(self.key(studio), &PassRecord { key: sealed, index, on: true })?;
        Ok(key)
    }
}

impl Store {
    /// The studio's read key, if it may be played.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn read_key(&self, studio: StudioId) -> Result<Option<ReadKey>> {
        Ok(self.pass(studio, Door::Play).await?.map(|key| ReadKey::from_stream_name(&key)))
    }

    /// Lets the studio be played with its read key, which is made when missing.
    ///
    /// # Errors
    /// [`StoreError::Missing`] without such a studio, [`StoreError::Failed`].
    pub async fn share(&self, studio: StudioId) -> Result<ReadKey> {
        Ok(ReadKey::from_stream_name(&self.open_pass(studio, Door::Play).await?))
    }

    /// Lets nobody play it any more; its read key is kept for when it is shared again.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn unshare(&self, studio: StudioId) -> Result<()> {
        self.close_pass(studio, Door::Play).await
    }

    /// Another read key, with which the studio may be played; the old one is worth nothing from now on.
    ///
    /// # Errors
    /// [`StoreError::Missing`] without such a studio, [`StoreError::Failed`].
    pub async fn renew_read_key(&self, studio: StudioId) -> Result<ReadKey> {
        Ok(ReadKey::from_stream_name(&self.renew_pass(studio, Door::Play).await?))
    }

    /// What a player may play by the key that it showed.
    #[must_use]
    pub fn find_read(&self, key: &ReadKey) -> Playable {
        self.find_pass(key.expose(), Door::Play)
    }

    /// What the link to the studio's watch page ends with, if it has one now. Nobody waits for it: it is read from memory.
    #[must_use]
    pub fn watch_key(&self, studio: StudioId) -> Option<WatchKey> {
        let record: PassRecord = self.read(&Door::Watch.key(studio)).filter(|record: &PassRecord| record.on)?;
        let clear = self.0.keys.unseal_text(&Door::Watch.place(studio), &record.key);
        let clear = clear.inspect_err(|e| tracing::error!(%studio, error = %e, "store: the link to a watch page"));
        Some(WatchKey::from_path(&clear.ok()?))
    }

    /// Opens the studio's watch page: the link is made when missing.
    ///
    /// # Errors
    /// [`StoreError::Missing`] without such a studio, [`StoreError::Failed`].
    pub async fn open_watch_page(&self, studio: StudioId) -> Result<WatchKey> {
        Ok(WatchKey::from_path(&self.open_pass(studio, Door::Watch).await?))
    }

    /// Closes it; its link is kept for when it is opened again.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn close_watch_page(&self, studio: StudioId) -> Result<()> {
        self.close_pass(studio, Door::Watch).await
    }

    /// Another link to it, which is open; the old one leads nowhere from now on.
    ///
    /// # Errors
    /// [`StoreError::Missing`] without such a studio, [`StoreError::Failed`].
    pub async fn renew_watch_page(&self, studio: StudioId) -> Result<WatchKey> {
        Ok(WatchKey::from_path(&self.renew_pass(studio, Door::Watch).await?))
    }

    /// Whose watch page a link leads to.
    #[must_use]
    pub fn find_watch(&self, key: &WatchKey) -> Option<StudioId> {
        match self.find_pass(key.expose(), Door::Watch) {
            Playable::Studio(studio) => Some(studio),
            Playable::Off | Playable::Unknown => None,
        }
    }

    async fn pass(&self, studio: StudioId, door: Door) -> Result<Option<String>> {
        self.write(move |draft| match draft.get::<PassRecord>(&door.key(studio)) {
            Some(record) if record.on => door.open(draft, studio, &record).map(Some),
            _ => Ok(None),
        })
        .await
    }

    async fn open_pass(&self, studio: StudioId, door: Door) -> Result<String> {
        self.write(move |draft| match draft.get::<PassRecord>(&door.key(studio)) {
            Some(record) => {
                draft.put(door.key(studio), &PassRecord { on: true, ..record.clone() })?;
                door.open(draft, studio, &record)
            }
            None => door.issue(draft, studio),
        })
        .await
    }

    async fn close_pass(&self, studio: StudioId, door: Door) -> Result<()> {
        self.write(move |draft| match draft.get::<PassRecord>(&door.key(studio)) {
            Some(record) => draft.put(door.key(studio), &PassRecord { on: false, ..record }),
            None => Ok(()),
        })
        .await
    }

    async fn renew_pass(&self, studio: StudioId, door: Door) -> Result<String> {
        self.write(move |draft| {
            if let Some(old) = draft.get::<PassRecord>(&door.key(studio)) {
                draft.delete(door.index(&old.index));
            }
            door.issue(draft, studio)
        })
        .await
    }

    fn find_pass(&self, key: &str, door: Door) -> Playable {
        // Looked up by HMAC: how long it takes tells nothing of the keys.
        let found = self.0.keys.index(key).ok().and_then(|index| self.read(&door.index(&index)));
        let Some(studio) = found else { return Playable::Unknown };
        let on = self.read::<PassRecord>(&door.key(studio)).is_some_and(|record| record.on);
        if on { Playable::Studio(studio) } else { Playable::Off }
    }
}

/// Where a pass's record, of this kind, holds what is sealed, and for which place; nothing for another kind.
pub(super) fn sealed(kind: &str, studio: u64) -> Vec<(&'static str, String)> {
    let door = Door::ALL.into_iter().find(|door| door.name() == kind);
    door.map(|door| ("/key", door.place(StudioId(studio)))).into_iter().collect()
}

/// Forgets the passes of a studio that gives way.
pub(super) fn forget(draft: &mut Draft<'_>, studio: StudioId) {
    for door in Door::ALL {
        if let Some(record) = draft.get::<PassRecord>(&door.key(studio)) {
            draft.delete(door.index(&record.index));
        }
        draft.delete(door.key(studio));
    }
}
