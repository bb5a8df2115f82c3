//! Who operates a group's studio, and what becomes of the keys of those who no longer do.

use super::{Change, Notice, Refused, Service, lock};
use crate::domain::access::{Caller, Policy, Powers, Right};
use crate::domain::id::{ChatId, StudioId, UserId};
use crate::domain::status::PullState;
use crate::store::{Studio, StudioKind};
use std::collections::HashMap;

impl Service {
    /// Sets which admins operate the group's studio. Whoever names operators for the first time is one, so that they
    /// can go on. [`Service::only_operators`] takes the keys of those who are none any more.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Appoint`].
    pub async fn set_policy(&self, caller: Caller, policy: Policy) -> Result<Studio, Refused> {
        let studio = self.admit(caller, Right::Appoint).await?;
        if studio.operators.policy == policy {
            return Ok(studio);
        }
        let studio = self.0.store.update_studio(studio.id, move |studio| {
            studio.operators.policy = policy;
            if policy == Policy::Named && studio.operators.named.is_empty() {
                studio.operators.named.insert(caller.user);
            }
        });
        let studio = studio.await?;
        self.changed(&studio, caller, Change::Policy(policy));
        Ok(studio)
    }

    /// Names `user` as an operator of the group's studio, or no longer.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Appoint`].
    pub async fn name_operator(&self, caller: Caller, user: UserId, yes: bool) -> Result<Studio, Refused> {
        let studio = self.admit(caller, Right::Appoint).await?;
        if studio.operators.named.contains(&user) == yes {
            return Ok(studio);
        }
        let studio = self.0.store.update_studio(studio.id, move |studio| {
            let named = &mut studio.operators.named;
            if yes {
                named.insert(user)
            } else {
                named.remove(&user)
            };
        });
        let studio = studio.await?;
        self.changed(&studio, caller, Change::Named { user, yes });
        Ok(studio)
    }

    /// These are the admins of the studio's group now: the ingest keys of all who do not operate it are worth nothing, as
    /// by [`Service::lost_right`].
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn only_operators(&self, studio: StudioId, admins: &HashMap<UserId, Powers>) -> Result<(), Refused> {
        for user in self.0.store.ingest_holders(studio) {
            self.stands(studio, user, admins.get(&user).copied()).await?;
        }
        Ok(())
    }

    /// `user` is an admin of the studio's group with these powers now, or none.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn stands(&self, studio: StudioId, user: UserId, powers: Option<Powers>) -> Result<(), Refused> {
        let Some(known) = self.0.store.studio(studio) else { return Ok(()) };
        if powers.is_some_and(|powers| known.operators.include(user, powers)) {
            return Ok(());
        }
        self.lost_right(studio, user).await
    }

    /// `user` may no longer operate the studio: their ingest key is worth nothing, and they are cut off if they publish.
    /// The stream keys that they lent stay theirs and stay lent.
    ///
    /// # Errors
    /// [`Refused::Store`]; they are cut off all the same.
    pub async fn lost_right(&self, studio: StudioId, user: UserId) -> Result<(), Refused> {
        let _show = self.show(studio).await;
        let revoked = self.0.store.revoke_ingest(studio, user).await;
        let cut = self.cut_off(studio, user).await;
        if cut || revoked == Ok(true) {
            tracing::info!(%studio, %user, cut, "an operator has lost the right");
            self.tell(Notice::LostRight { studio, user, cut });
        }
        revoked?;
        Ok(())
    }

    /// The groups in whose studios somebody publishes now.
    #[must_use]
    pub fn publishing_groups(&self) -> Vec<ChatId> {
        let studios: Vec<_> = lock(&self.0.publishers).keys().copied().collect();
        let publishing = |studio: &StudioId| self.publisher(*studio).is_some();
        let groups = studios.into_iter().filter(publishing).filter_map(|studio| self.0.store.studio(studio));
        groups.filter(|studio| studio.kind == StudioKind::Group).map(|studio| studio.chat).collect()
    }

    /// Whose ingest key the encoder uses that is connected to the studio now.
    pub(super) fn publisher(&self, studio: StudioId) -> Option<UserId> {
        let status = self.0.relay.status(studio);
        // What is fetched is nobody's encoder.
        let encoder = status.source.is_some() && status.pull.is_none_or(|pull| pull.state == PullState::Resting);
        lock(&self.0.publishers).get(&studio).copied().filter(|_| encoder)
    }

    /// Closes the studio's publisher if it came with `user`'s key; says whether that publishes now. Under the show's
    /// lock.
    pub(super) async fn cut_off(&self, studio: StudioId, user: UserId) -> bool {
        if lock(&self.0.publishers).get(&studio) != Some(&user) {
            return false;
        }
        let publishing = self.publisher(studio) == Some(user);
        self.0.relay.detach(studio).await;
        publishing
    }

    /// Tells a group what one of its operators has changed.
    pub(super) fn changed(&self, studio: &Studio, caller: Caller, change: Change) {
        if studio.kind == StudioKind::Group {
            let by = caller.is_known().then_some(caller.user);
            self.tell(Notice::Changed { studio: studio.id, by, change });
        }
    }
}
