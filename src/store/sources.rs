//! Where a studio's stream is fetched from. The address is sealed, for it may hold a key.

use super::keyring::Sealed;
use super::targets::open_point;
use super::{Draft, PullInfo, Result, Store, Studio, studios};
use crate::domain::id::{StudioId, UserId};
use crate::domain::rtmp_url::PushPoint;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct PullRecord {
    server: Sealed,
    name: Sealed,
    info: PullInfo,
}

fn pull_key(studio: StudioId) -> String {
    format!("pull/{:020}", studio.0)
}

fn pull_place(studio: StudioId, field: &str) -> String {
    format!("{studio}/pull/{field}")
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
    /// [`StoreError::Missing`](super::StoreError::Missing) without such a studio, [`StoreError::Failed`](super::StoreError::Failed).
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
    /// [`StoreError::Failed`](super::StoreError::Failed).
    pub async fn drop_pull(&self, studio: StudioId) -> Result<()> {
        self.write(move |draft| {
            draft.delete(pull_key(studio));
            Ok(())
        })
        .await
    }
}

/// Where the record of a source holds what is sealed, and for which place.
pub(super) fn sealed_pull(studio: u64) -> Vec<(&'static str, String)> {
    let place = |field| pull_place(StudioId(studio), field);
    vec![("/server", place("server")), ("/name", place("name"))]
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

/// Forgets where the stream of a studio is fetched from that gives way.
pub(super) fn forget(draft: &mut Draft<'_>, studio: StudioId) {
    draft.delete(pull_key(studio));
}
