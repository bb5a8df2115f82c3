//! Where a studio's stream is fetched from, and who may play it. The address is sealed, for it may hold a key; read keys
//! are sealed and found by their HMAC, as ingest keys are, in a place of their own: neither ever opens what the other does.

use super::keyring::Sealed;
use super::targets::open_point;
use super::{Draft, Playable, PullInfo, Result, Store, StoreError, Studio, studios};
use crate::domain::id::{StudioId, UserId};
use crate::domain::rtmp_url::PushPoint;
use crate::domain::secret::ReadKey;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct PullRecord {
    server: Sealed,
    name: Sealed,
    info: PullInfo,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct PlayRecord {
    key: Sealed,
    index: String,
    /// Whether anybody may play.
    on: bool,
}

fn pull_key(studio: StudioId) -> String {
    format!("pull/{:020}", studio.0)
}

fn pull_place(studio: StudioId, field: &str) -> String {
    format!("{studio}/pull/{field}")
}

fn play_key(studio: StudioId) -> String {
    format!("play/{:020}", studio.0)
}

fn play_place(studio: StudioId) -> String {
    format!("{studio}/play")
}

fn index_key(index: &str) -> String {
    format!("play-index/{index}")
}

impl Store {
    /// What may be shown of where the studio's stream is fetched from.
    #[must_use]
    pub fn pull(&self, studio: StudioId) -> Option<PullInfo> {
        self.read::<PullRecord>(&pull_key(studio)).map(|record| record.info)
    }

    /// Where the studio's stream is fetched from, in clear: only for the dialler.
    #[must_use]
    pub fn pull_point(&self, studio: StudioId) -> Option<PushPoint> {
        let PullRecord { server, name, .. } = self.read(&pull_key(studio))?;
        let places = (pull_place(studio, "server"), pull_place(studio, "name"));
        let opened = open_point(&self.0.keys, (&places.0, &server), (&places.1, &name));
        opened.inspect_err(|e| tracing::error!(%studio, error = %e, "store: a studio's source")).ok()?
    }

    /// Every studio whose stream is fetched from where `user` has said.
    #[must_use]
    pub fn pulls_of(&self, user: UserId) -> Vec<(Studio, PullInfo)> {
        let own = |studio: Studio| self.pull(studio.id).filter(|info| info.owner == user).map(|info| (studio, info));
        self.studios().into_iter().filter_map(own).collect()
    }

    /// Has the studio's stream fetched from `point`, which `owner` gave.
    ///
    /// # Errors
    /// [`StoreError::Missing`] without such a studio, [`StoreError::Failed`].
    pub async fn set_pull(&self, studio: StudioId, point: PushPoint, owner: UserId) -> Result<PullInfo> {
        self.write(move |draft| {
            draft.need::<Studio>(&studios::studio_key(studio))?;
            // Without a name the path is what tells the stream.
            let shown = match point.key.expose() {
                "" => point.server.shown_host(),
                _ => point.server.shown(),
            };
            let shown = format!("{}/•••", shown.trim_end_matches("/•••"));
            let info = PullInfo { shown, owner };
            let server = draft.seal(&pull_place(studio, "server"), &point.server.expose())?;
            let name = draft.seal(&pull_place(studio, "name"), point.key.expose())?;
            draft.put(pull_key(studio), &PullRecord { server, name, info: info.clone() })?;
            Ok(info)
        })
        .await
    }

    /// Has it fetched from nowhere.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn drop_pull(&self, studio: StudioId) -> Result<()> {
        self.write(move |draft| {
            draft.delete(pull_key(studio));
            Ok(())
        })
        .await
    }

    /// The studio's read key, if it may be played.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn read_key(&self, studio: StudioId) -> Result<Option<ReadKey>> {
        self.write(move |draft| match draft.get::<PlayRecord>(&play_key(studio)) {
            Some(record) if record.on => open(draft, studio, &record).map(Some),
            _ => Ok(None),
        })
        .await
    }

    /// Lets the studio be played with its read key, which is made when missing.
    ///
    /// # Errors
    /// [`StoreError::Missing`] without such a studio, [`StoreError::Failed`].
    pub async fn share(&self, studio: StudioId) -> Result<ReadKey> {
        self.write(move |draft| match draft.get::<PlayRecord>(&play_key(studio)) {
            Some(record) => {
                draft.put(play_key(studio), &PlayRecord { on: true, ..record.clone() })?;
                open(draft, studio, &record)
            }
            None => issue(draft, studio),
        })
        .await
    }

    /// Lets nobody play it any more; its read key is kept for when it is shared again.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn unshare(&self, studio: StudioId) -> Result<()> {
        self.write(move |draft| match draft.get::<PlayRecord>(&play_key(studio)) {
            Some(record) => draft.put(play_key(studio), &PlayRecord { on: false, ..record }),
            None => Ok(()),
        })
        .await
    }

    /// Another read key, with which the studio may be played; the old one is worth nothing from now on.
    ///
    /// # Errors
    /// [`StoreError::Missing`] without such a studio, [`StoreError::Failed`].
    pub async fn renew_read_key(&self, studio: StudioId) -> Result<ReadKey> {
        self.write(move |draft| {
            if let Some(old) = draft.get::<PlayRecord>(&play_key(studio)) {
                draft.delete(index_key(&old.index));
            }
            issue(draft, studio)
        })
        .await
    }

    /// What a player may play by the key that it showed.
    #[must_use]
    pub fn find_read(&self, key: &ReadKey) -> Playable {
        // Looked up by HMAC: how long it takes tells nothing of the keys.
        let found = self.0.keys.index(key.expose()).ok().and_then(|index| self.read(&index_key(&index)));
        let Some(studio) = found else { return Playable::Unknown };
        let on = self.read::<PlayRecord>(&play_key(studio)).is_some_and(|record| record.on);
        if on { Playable::Studio(studio) } else { Playable::Off }
    }
}

/// Where the record of a source holds what is sealed, and for which place.
pub(super) fn sealed_pull(studio: u64) -> Vec<(&'static str, String)> {
    let place = |field| pull_place(StudioId(studio), field);
    vec![("/server", place("server")), ("/name", place("name"))]
}

/// Where a read key's record holds what is sealed, and for which place.
pub(super) fn sealed_play(studio: u64) -> Vec<(&'static str, String)> {
    vec![("/key", play_place(StudioId(studio)))]
}

/// Takes away what `user` gave for any studio to be fetched from; answers which studios.
pub(super) fn drop_pulls(draft: &mut Draft<'_>, user: UserId) -> Result<Vec<StudioId>> {
    let mut gone = Vec::new();
    for (key, record) in draft.scan::<PullRecord>("pull/") {
        if record.info.owner == user {
            gone.extend(key.rsplit('/').next().and_then(|text| text.parse().ok()).map(StudioId));
            draft.delete(key);
        }
    }
    Ok(gone)
}

/// Forgets all of a studio that gives way.
pub(super) fn forget(draft: &mut Draft<'_>, studio: StudioId) -> Result<()> {
    if let Some(record) = draft.get::<PlayRecord>(&play_key(studio)) {
        draft.delete(index_key(&record.index));
    }
    draft.delete(play_key(studio));
    draft.delete(pull_key(studio));
    Ok(())
}

fn open(draft: &Draft<'_>, studio: StudioId, record: &PlayRecord) -> Result<ReadKey> {
    let clear = draft.keys().unseal_text(&play_place(studio), &record.key);
    clear.map(|text| ReadKey::from_stream_name(&text)).map_err(|e| StoreError::Failed(e.to_string()))
}

fn issue(draft: &mut Draft<'_>, studio: StudioId) -> Result<ReadKey> {
    draft.need::<Studio>(&studios::studio_key(studio))?;
    let mut random = [0u8; 26];
    getrandom::fill(&mut random).map_err(|e| StoreError::Failed(e.to_string()))?;
    let key = ReadKey::from_random(&random);
    let index = draft.keys().index(key.expose()).map_err(|e| StoreError::Failed(e.to_string()))?;
    let sealed = draft.seal(&play_place(studio), key.expose())?;
    draft.put(index_key(&index), &studio)?;
    draft.put(play_key(studio), &PlayRecord { key: sealed, index, on: true })?;
    Ok(key)
}
