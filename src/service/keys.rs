//! Stream keys belong to who pasted them. Their verbs ask nothing of a studio: what is mine I may take back, whatever
//! I may do there by now.

use super::access::private_chat;
use super::{Change, Forgotten, LentKey, LentPull, Notice, Refused, Service, lock};
use crate::domain::id::{StudioId, TargetId, UserId};
use crate::domain::target::Target;
use crate::store::{PullInfo, Studio, StudioKind};

impl Service {
    /// Every stream key that `user` lent to any studio.
    #[must_use]
    pub fn my_keys(&self, user: UserId) -> Vec<LentKey> {
        let lent = |(studio, target): (Studio, Target)| LentKey {
            studio: studio.id,
            title: studio.title,
            personal: studio.kind == StudioKind::Private,
            target,
        };
        self.0.store.lent_by(user).into_iter().map(lent).collect()
    }

    /// Every URL that `user` had any studio's stream fetched from: it may hold a key.
    #[must_use]
    pub fn my_pulls(&self, user: UserId) -> Vec<LentPull> {
        let lent = |(studio, info): (Studio, PullInfo)| LentPull {
            studio: studio.id,
            title: studio.title,
            personal: studio.kind == StudioKind::Private,
            shown: info.shown,
        };
        self.0.store.pulls_of(user).into_iter().map(lent).collect()
    }

    /// Takes such a URL back: the stream is not fetched from there any more, at once also where it is live.
    ///
    /// # Errors
    /// [`Refused::NotYours`], [`Refused::Store`].
    pub async fn withdraw_pull(&self, user: UserId, studio: StudioId) -> Result<(), Refused> {
        let _show = self.show(studio).await;
        if self.0.store.pull(studio).is_some_and(|info| info.owner != user) {
            return Err(Refused::NotYours);
        }
        self.0.relay.set_pull(studio, None).await;
        let had = self.0.store.pull(studio).is_some();
        self.0.store.drop_pull(studio).await?;
        self.tell_no_pull(studio, user, had);
        Ok(())
    }

    /// Takes a key back: its target is gone at once and for good, also from a running broadcast.
    ///
    /// # Errors
    /// [`Refused::NoSuchTarget`], [`Refused::NotYours`], [`Refused::Store`].
    pub async fn withdraw(&self, user: UserId, studio: StudioId, target: TargetId) -> Result<Target, Refused> {
        let _show = self.show(studio).await;
        let known = self.0.store.target(studio, target).ok_or(Refused::NoSuchTarget)?;
        if known.key_owner != user {
            return Err(Refused::NotYours);
        }
        let gone = self.0.store.delete_target(studio, target).await?;
        self.leave(studio, target).await?;
        self.tell_withdrawn(studio, &gone, user);
        Ok(gone)
    }

    /// Removes all that is `user`'s: stream keys with their targets, ingest keys, their own studio and its show, dialogue,
    /// name, language. The owner stays the owner; anyone else is a stranger afterwards.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn forget(&self, user: UserId) -> Result<Forgotten, Refused> {
        let lent = self.0.store.lent_by(user);
        let own = private_chat(user).and_then(|chat| self.0.store.studio_of(chat)).map(|studio| studio.id);
        if let Some(own) = own {
            self.end_all(own).await?;
            self.forget_recordings(own).await;
        }
        let gone = self.0.store.forget(user).await?;
        if let Some(own) = own {
            // Whose encoder came back while their keys were still known.
            let _show = self.show(own).await;
            self.send_away(own).await;
        }
        for (studio, target) in &gone.targets {
            let _show = self.show(*studio).await;
            self.leave(*studio, *target).await?;
        }
        for studio in &gone.pulls {
            let _show = self.show(*studio).await;
            self.0.relay.set_pull(*studio, None).await;
            self.tell_no_pull(*studio, user, true);
        }
        for studio in self.0.store.studios() {
            let _show = self.show(studio.id).await;
            self.cut_off(studio.id, user).await;
        }
        for (studio, target) in lent.iter().filter(|(studio, target)| gone.targets.contains(&(studio.id, target.id))) {
            self.tell_withdrawn(studio.id, target, user);
        }
        Ok(Forgotten { targets: gone.targets.len() })
    }

    /// Ends everything that goes on in a studio that is to be forgotten.
    async fn end_all(&self, studio: StudioId) -> Result<(), Refused> {
        let _show = self.show(studio).await;
        self.0.store.set_broadcast(studio, None).await?;
        if self.0.relay.stop(studio).await.is_some() {
            *lock(&self.0.answered_ends).entry(studio).or_default() += 1;
        }
        self.drained();
        self.send_away(studio).await;
        Ok(())
    }

    fn tell_no_pull(&self, studio: StudioId, by: UserId, had: bool) {
        if had && self.0.store.studio(studio).is_some_and(|known| known.kind == StudioKind::Group) {
            self.tell(Notice::Changed { studio, by: Some(by), change: Change::Pulled(false) });
        }
        self.tell(Notice::PanelChanged(studio));
    }

    fn tell_withdrawn(&self, studio: StudioId, target: &Target, by: UserId) {
        self.tell(Notice::TargetWithdrawn { studio, target: target.id, name: target.name.clone(), by });
        self.tell(Notice::PanelChanged(studio));
    }
}
