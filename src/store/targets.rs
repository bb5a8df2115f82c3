//! Targets, their sealed servers and keys, and the people who lent them.

use super::keyring::{Keyring, SealFault, Sealed};
use super::record::TargetRecord;
use super::{Draft, NewTarget, Result, Store, StoreError, Studio, ingest, people, sources, studios};
use crate::domain::id::{StudioId, TargetId, UserId};
use crate::domain::rtmp_url::{PushPoint, ServerUrl};
use crate::domain::secret::StreamKey;
use crate::domain::target::{Target, moved};
use std::time::{Duration, SystemTime};

/// How long a removed target can be brought back.
pub const UNDO: Duration = Duration::from_secs(600);

/// What [`Store::forget`] removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gone {
    /// Targets that used the person's stream keys.
    pub targets: Vec<(StudioId, TargetId)>,
    /// Studios whose stream was fetched from where the person had said.
    pub pulls: Vec<StudioId>,
}

fn prefix(studio: StudioId) -> String {
    format!("target/{:020}/", studio.0)
}

fn target_key(studio: StudioId, target: TargetId) -> String {
    format!("{}{:010}", prefix(studio), target.0)
}

fn place(studio: StudioId, target: TargetId, field: &str) -> String {
    format!("{studio}/{target}/{field}")
}

impl Store {
    /// The studio's targets, in the order that people gave them; new ones come last.
    #[must_use]
    pub fn targets(&self, studio: StudioId) -> Vec<Target> {
        in_order(self.scan(&prefix(studio)))
    }

    /// One target.
    #[must_use]
    pub fn target(&self, studio: StudioId, target: TargetId) -> Option<Target> {
        self.present(studio, target).map(|record| record.target)
    }

    /// Where to push for a target, in clear: only for the dialler.
    #[must_use]
    pub fn push_point(&self, studio: StudioId, target: TargetId) -> Option<PushPoint> {
        let record = self.present(studio, target)?;
        let places = (place(studio, target, "server"), place(studio, target, "key"));
        let opened = open_point(&self.0.keys, (&places.0, &record.server), (&places.1, &record.key));
        opened.inspect_err(|e| tracing::error!(%studio, %target, error = %e, "store: a target's key")).ok()?
    }

    /// Adds a target, switched on.
    ///
    /// # Errors
    /// [`StoreError::Missing`] without such a studio, [`StoreError::Failed`].
    pub async fn add_target(&self, studio: StudioId, new: NewTarget) -> Result<Target> {
        self.write(move |draft| {
            draft.need::<Studio>(&studios::studio_key(studio))?;
            let number = draft.next_number(&format!("meta/targets/{studio}"))?;
            let id = TargetId(u32::try_from(number).map_err(|e| StoreError::Failed(e.to_string()))?);
            let all = draft.scan::<TargetRecord>(&prefix(studio));
            let last = all.iter().map(|(_, record)| record.target.rank).max();
            let target = Target {
                id,
                name: new.name,
                platform: new.platform,
                shown_server: new.point.server.shown(),
                shown_key: new.point.key.masked(),
                viewer_link: new.viewer_link,
                unlinked: false,
                status_id: new.status_id,
                enabled: true,
                key_owner: new.key_owner,
                rank: last.map_or(0, |last| last.saturating_add(1)),
                flaw: None,
            };
            let (server, key) = seal_point(draft, studio, id, &new.point)?;
            draft.put(
                target_key(studio, id),
                &TargetRecord { target: target.clone(), server, key, removed_at: None, used: false },
            )?;
            Ok(target)
        })
        .await
    }

    /// Changes what may be shown of a target. Its id stays, and so do its key and whose key it is.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Failed`].
    pub async fn update_target(
        &self,
        studio: StudioId,
        target: TargetId,
        change: impl FnOnce(&mut Target) + Send + 'static,
    ) -> Result<Target> {
        self.write(move |draft| {
            let mut record = need_present(draft, studio, target)?;
            let before = record.target.clone();
            change(&mut record.target);
            record.target.id = before.id;
            record.target.key_owner = before.key_owner;
            (record.target.shown_server, record.target.shown_key) = (before.shown_server, before.shown_key);
            draft.put(target_key(studio, target), &record)?;
            Ok(record.target)
        })
        .await
    }

    /// Gives a target another server and key, which are `owner`'s.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Failed`].
    pub async fn rekey_target(
        &self,
        studio: StudioId,
        target: TargetId,
        point: PushPoint,
        owner: UserId,
    ) -> Result<Target> {
        self.point_target(studio, target, point, Some(owner)).await
    }

    /// Gives a target another server for the key that it has: whose that is stays, and whether a show has used it.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Failed`].
    pub async fn move_target(&self, studio: StudioId, target: TargetId, point: PushPoint) -> Result<Target> {
        self.point_target(studio, target, point, None).await
    }

    /// `owner`: of a new key.
    async fn point_target(
        &self,
        studio: StudioId,
        target: TargetId,
        point: PushPoint,
        owner: Option<UserId>,
    ) -> Result<Target> {
        self.write(move |draft| {
            let mut record = need_present(draft, studio, target)?;
            (record.server, record.key) = seal_point(draft, studio, target, &point)?;
            record.target.shown_server = point.server.shown();
            record.target.shown_key = point.key.masked();
            record.target.flaw = None;
            if let Some(owner) = owner {
                record.target.key_owner = owner;
                record.used = false;
            }
            draft.put(target_key(studio, target), &record)?;
            Ok(record.target)
        })
        .await
    }

    /// Puts a target at a place among the studio's, from 0; says whether it has moved.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Failed`].
    pub async fn place_target(&self, studio: StudioId, target: TargetId, to: usize) -> Result<bool> {
        self.write(move |draft| {
            need_present(draft, studio, target)?;
            let all = in_order(draft.scan(&prefix(studio)));
            let order: Vec<_> = all.iter().map(|target| target.id).collect();
            let Some(order) = moved(&order, target, to) else { return Ok(false) };
            for (rank, id) in (1..).zip(order) {
                let mut record = need_present(draft, studio, id)?;
                if record.target.rank != rank {
                    record.target.rank = rank;
                    draft.put(target_key(studio, id), &record)?;
                }
            }
            Ok(true)
        })
        .await
    }

    /// Removes a target. For [`UNDO`] it can be restored.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Failed`].
    pub async fn remove_target(&self, studio: StudioId, target: TargetId) -> Result<Target> {
        self.remove_target_at(studio, target, SystemTime::now()).await
    }

    pub(super) async fn remove_target_at(&self, studio: StudioId, target: TargetId, now: SystemTime) -> Result<Target> {
        self.write(move |draft| {
            let record = TargetRecord { removed_at: Some(now), ..need_present(draft, studio, target)? };
            draft.put(target_key(studio, target), &record)?;
            Ok(record.target)
        })
        .await
    }

    /// Removes a target at once and for good, its sealed key too.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Failed`].
    pub async fn delete_target(&self, studio: StudioId, target: TargetId) -> Result<Target> {
        self.write(move |draft| {
            let record = need_present(draft, studio, target)?;
            draft.delete(target_key(studio, target));
            Ok(record.target)
        })
        .await
    }

    /// Brings a removed target back as it was.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when it is gone for good, [`StoreError::Failed`].
    pub async fn restore_target(&self, studio: StudioId, target: TargetId) -> Result<Target> {
        self.write(move |draft| {
            let mut record: TargetRecord = draft.need(&target_key(studio, target))?;
            if record.removed_at.is_some_and(|at| is_over(at, SystemTime::now())) {
                return Err(StoreError::Missing);
            }
            record.removed_at = None;
            draft.put(target_key(studio, target), &record)?;
            Ok(record.target)
        })
        .await
    }

    /// Every target whose key is `user`'s, with its studio.
    #[must_use]
    pub fn lent_by(&self, user: UserId) -> Vec<(Studio, Target)> {
        let lent = |studio: Studio| {
            let targets = self.targets(studio.id).into_iter().filter(move |target| target.key_owner == user);
            targets.map(move |target| (studio.clone(), target)).collect::<Vec<_>>()
        };
        self.studios().into_iter().flat_map(lent).collect()
    }

    /// Removes all that is `user`'s, at once and for good: lent keys with their targets, sources, ingest keys, dialogue,
    /// person, their own studio, their name among operators, and the copies of all that. Who is blocked stays so. The owner stays the owner. Answers what went, so that what is live of it can be stopped.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn forget(&self, user: UserId) -> Result<Gone> {
        self.write(move |draft| {
            let mut targets = Vec::new();
            for (key, record) in draft.scan::<TargetRecord>("target/") {
                if record.target.key_owner == user {
                    if record.removed_at.is_none()
                        && let Some(studio) = key.split('/').nth(1).and_then(|text| text.parse().ok())
                    {
                        targets.push((StudioId(studio), record.target.id));
                    }
                    draft.delete(key);
                }
            }
            ingest::revoke_all(draft, |_, owner| owner == user)?;
            draft.delete(people::dialogue_key(user));
            people::forget(draft, user)?;
            for (key, mut studio) in draft.scan::<Studio>(studios::PREFIX) {
                if studio.duty.forget(user) | studio.operators.named.remove(&user) {
                    draft.put(key, &studio)?;
                }
            }
            let pulls = sources::drop_pulls(draft, user)?;
            studios::forget_private(draft, user)?;
            Ok(Gone { targets, pulls })
        })
        .await
        .inspect(|_| self.forget_copies())
    }

    /// Whether a show was sent with the key that a target has.
    #[must_use]
    pub fn is_used(&self, studio: StudioId, target: TargetId) -> bool {
        self.present(studio, target).is_some_and(|record| record.used)
    }

    /// A show is sent with the key that a target has.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Failed`].
    pub async fn note_used(&self, studio: StudioId, target: TargetId) -> Result<()> {
        self.write(move |draft| {
            let record = TargetRecord { used: true, ..need_present(draft, studio, target)? };
            draft.put(target_key(studio, target), &record)
        })
        .await
    }

    fn present(&self, studio: StudioId, target: TargetId) -> Option<TargetRecord> {
        self.read::<TargetRecord>(&target_key(studio, target)).filter(|record| record.removed_at.is_none())
    }
}

/// Those that are there, by their places.
fn in_order(all: Vec<(String, TargetRecord)>) -> Vec<Target> {
    let present = all.into_iter().map(|(_, record)| record).filter(|record| record.removed_at.is_none());
    let mut targets: Vec<_> = present.map(|record| record.target).collect();
    targets.sort_by_key(|target| (target.rank, target.id));
    targets
}

/// Where a target's record holds what is sealed, and for which place.
pub(super) fn sealed(studio: u64, target: u64) -> Vec<(&'static str, String)> {
    let (studio, target) = (StudioId(studio), TargetId(u32::try_from(target).unwrap_or_default()));
    vec![("/server", place(studio, target, "server")), ("/key", place(studio, target, "key"))]
}

/// Deletes removed targets whose time is over.
pub(super) fn purge(draft: &mut Draft<'_>, now: SystemTime) {
    for (key, record) in draft.scan::<TargetRecord>("target/") {
        if record.removed_at.is_some_and(|at| is_over(at, now)) {
            draft.delete(key);
        }
    }
}

/// Forgets every target of a studio.
pub(super) fn forget(draft: &mut Draft<'_>, studio: StudioId) -> Result<()> {
    for (key, _) in draft.scan::<TargetRecord>(&prefix(studio)) {
        draft.delete(key);
    }
    Ok(())
}

pub(super) fn has_any(draft: &Draft<'_>, studio: StudioId) -> Result<bool> {
    Ok(!draft.scan::<TargetRecord>(&prefix(studio)).is_empty())
}

/// A clock that went back must not keep a key for ever: a removal in the future is over as well.
fn is_over(removed_at: SystemTime, now: SystemTime) -> bool {
    now.duration_since(removed_at).map_or(true, |age| age > UNDO)
}

fn need_present(draft: &Draft<'_>, studio: StudioId, target: TargetId) -> Result<TargetRecord> {
    let record: TargetRecord = draft.need(&target_key(studio, target))?;
    if record.removed_at.is_some() { Err(StoreError::Missing) } else { Ok(record) }
}

type SealedPoint = (Sealed, Sealed);

fn seal_point(draft: &Draft<'_>, studio: StudioId, id: TargetId, point: &PushPoint) -> Result<SealedPoint> {
    let server = draft.seal(&place(studio, id, "server"), &point.server.expose())?;
    Ok((server, draft.seal(&place(studio, id, "key"), point.key.expose())?))
}

/// Opens what a server and a key were sealed to, each at its place; `None` where this version cannot read them.
pub(super) fn open_point(
    keys: &Keyring,
    server: (&str, &Sealed),
    key: (&str, &Sealed),
) -> std::result::Result<Option<PushPoint>, SealFault> {
    let (server, key) = (keys.unseal_text(server.0, server.1)?, keys.unseal_text(key.0, key.1)?);
    let named = || if key.is_empty() { Some(StreamKey::nameless()) } else { StreamKey::parse(&key).ok() };
    let read = || Some(PushPoint { server: ServerUrl::parse(&server).ok()?, key: named()? });
    Ok(read())
}
