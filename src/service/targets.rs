//! What a studio sends to. Everything here works while live, and no other target notices.

use super::{Change, NewTarget, Refused, Retried, Service};
use crate::domain::access::{Caller, Right};
use crate::domain::id::{ChatId, StudioId, TargetId};
use crate::domain::rtmp_url::{PushPoint, ServerUrl};
use crate::domain::status::{Phase, TargetState};
use crate::domain::target::{Flaw, Target, TargetName};
use crate::platform::{Means, Part, When, expiry, viewer};
use crate::relay::report::PlannedTarget;
use crate::store;
use std::time::SystemTime;

impl Service {
    /// The studio's targets, in their order.
    ///
    /// # Errors
    /// See [`Service::admit`].
    pub async fn targets(&self, caller: Caller) -> Result<Vec<Target>, Refused> {
        let studio = self.admit(caller, Right::View).await?;
        Ok(self.0.store.targets(studio.id))
    }

    /// Where a target stands in the studio of `chat`, from 0, and how many there are.
    #[must_use]
    pub fn place_of(&self, chat: ChatId, target: TargetId) -> (usize, usize) {
        let targets = self.0.store.studio_of(chat).map(|studio| self.0.store.targets(studio.id)).unwrap_or_default();
        (targets.iter().position(|known| known.id == target).unwrap_or(0), targets.len())
    }

    /// Saves a target, switched on; its key is the caller's and lent to the studio. While live it is part of the
    /// broadcast at once.
    ///
    /// # Errors
    /// [`Refused::TooManyTargets`], [`Refused::BadLink`]; see [`Service::admit`].
    pub async fn add_target(&self, caller: Caller, new: NewTarget) -> Result<Target, Refused> {
        let home = self.admit(caller, Right::Operate).await?;
        let studio = home.id;
        let _show = self.show(studio).await;
        self.takes_one_more(&home)?;
        let NewTarget { name, platform, point, viewer_link, flaw } = new;
        let recognised = || self.0.catalogue.recognise(&point.server, &point.key, None);
        let platform = platform.map_or_else(recognised, |id| self.0.catalogue.get_or_custom(&id));
        let given = viewer_link.map(|link| viewer::check_link(&link)).transpose().map_err(Refused::BadLink)?;
        let (derived, place) = viewer::link(platform, &point);
        let status_id = viewer::place_with(platform, given.as_deref(), place.as_deref());
        let new = store::NewTarget {
            name,
            platform: platform.id.clone(),
            point,
            viewer_link: given.or(derived),
            status_id,
            key_owner: caller.user,
        };
        let mut target = self.0.store.add_target(studio, new).await?;
        if flaw.is_some() {
            self.mark(studio, target.id, flaw).await?;
            target.flaw = flaw;
        }
        self.join(studio, &target).await?;
        self.changed(&home, caller, Change::Added(target.name.clone()));
        Ok(target)
    }

    fn takes_one_more(&self, studio: &store::Studio) -> Result<(), Refused> {
        let limit = studio.quota.targets.map_or(self.0.settings.max_targets, |most| most as usize);
        if self.0.store.targets(studio.id).len() < limit { Ok(()) } else { Err(Refused::TooManyTargets { limit }) }
    }

    /// Switches a target on or off; while live it joins or leaves the broadcast.
    ///
    /// # Errors
    /// [`Refused::NoSuchTarget`]; see [`Service::admit`].
    pub async fn switch_target(&self, caller: Caller, target: TargetId, on: bool) -> Result<Target, Refused> {
        let home = self.admit(caller, Right::Operate).await?;
        let studio = home.id;
        let _show = self.show(studio).await;
        let before = self.0.store.target(studio, target);
        let target = self.0.store.update_target(studio, target, move |target| target.enabled = on).await?;
        if on {
            self.join(studio, &target).await?;
        } else {
            self.leave(studio, target.id).await?;
        }
        if before.is_some_and(|before| before.enabled != on) {
            self.changed(&home, caller, Change::Switched(target.name.clone(), on));
        }
        Ok(target)
    }

    /// Names a target anew.
    ///
    /// # Errors
    /// [`Refused::NoSuchTarget`]; see [`Service::admit`].
    pub async fn rename_target(&self, caller: Caller, target: TargetId, name: TargetName) -> Result<Target, Refused> {
        let home = self.admit(caller, Right::Operate).await?;
        let studio = home.id;
        let before = self.0.store.target(studio, target).ok_or(Refused::NoSuchTarget)?.name;
        let target = self.0.store.update_target(studio, target, move |target| target.name = name).await?;
        if before != target.name {
            self.changed(&home, caller, Change::Renamed { from: before, to: target.name.clone() });
        }
        Ok(target)
    }

    /// The server of a target, for who gives it another key. It may hold a secret: show only what may be shown.
    ///
    /// # Errors
    /// [`Refused::NoSuchTarget`]; see [`Service::admit`]; the caller needs [`Right::Operate`].
    pub async fn server_of(&self, caller: Caller, target: TargetId) -> Result<ServerUrl, Refused> {
        let studio = self.admit(caller, Right::Operate).await?.id;
        Ok(self.0.store.push_point(studio, target).ok_or(Refused::NoSuchTarget)?.server)
    }

    /// Gives a target another server and key, which are the caller's from now on; while live it dials anew. `flaw`: what a
    /// preflight found wrong with them.
    ///
    /// # Errors
    /// [`Refused::NoSuchTarget`]; see [`Service::admit`].
    pub async fn rekey_target(
        &self,
        caller: Caller,
        target: TargetId,
        point: PushPoint,
        flaw: Option<Flaw>,
    ) -> Result<Target, Refused> {
        let home = self.admit(caller, Right::Operate).await?;
        let studio = home.id;
        let _show = self.show(studio).await;
        let known = self.0.store.target(studio, target).ok_or(Refused::NoSuchTarget)?;
        let known = self.0.catalogue.get(&known.platform);
        let platform = self.0.catalogue.recognise(&point.server, &point.key, known);
        let (id, (link, place)) = (platform.id.clone(), viewer::link(platform, &point));
        let before = self.0.store.rekey_target(studio, target, point, caller.user).await?;
        let names = |place: &Option<String>| place.as_deref().map(viewer::names_of).unwrap_or_default();
        let (had, has) = (names(&before.status_id), names(&place));
        let same_place = before.platform == id && has.iter().all(|(name, value)| had.get(name) == Some(value));
        let moved = move |target: &mut Target| {
            target.flaw = flaw;
            if !same_place {
                // A page that the old key told of is not the new key's.
                (target.platform, target.viewer_link, target.status_id) = (id, link, place);
                target.unlinked = false;
            }
        };
        let target = self.0.store.update_target(studio, target, moved).await?;
        self.dial_anew(studio, &target).await;
        self.changed(&home, caller, Change::Rekeyed(target.name.clone()));
        Ok(target)
    }

    /// Has a target of the broadcast dialled with what it has now. Under the show's lock.
    async fn dial_anew(&self, studio: StudioId, target: &Target) {
        let live = self.0.store.broadcast(studio).is_some_and(|record| record.targets.contains(&target.id));
        if let Some(planned) = self.planned(studio, target).filter(|_| live) {
            self.0.goes_out.notify_waiters();
            self.0.relay.set_target(studio, planned).await;
        }
    }

    /// Sends a target to another of its platform's servers, by its number there from 0, with the key that it has and
    /// whose that stays; while live it dials anew.
    ///
    /// # Errors
    /// [`Refused::NoSuchTarget`], also where there is no such server; see [`Service::admit`].
    pub async fn move_target(&self, caller: Caller, target: TargetId, server: usize) -> Result<Target, Refused> {
        let home = self.admit(caller, Right::Operate).await?;
        let studio = home.id;
        let _show = self.show(studio).await;
        let known = self.0.store.target(studio, target).ok_or(Refused::NoSuchTarget)?;
        let servers = &self.0.catalogue.get_or_custom(&known.platform).servers;
        let server = servers.get(server).and_then(|server| ServerUrl::parse(&server.url).ok());
        let server = server.ok_or(Refused::NoSuchTarget)?;
        let PushPoint { key, .. } = self.0.store.push_point(studio, target).ok_or(Refused::NoSuchTarget)?;
        let target = self.0.store.move_target(studio, target, PushPoint { server, key }).await?;
        self.dial_anew(studio, &target).await;
        if known.shown_server != target.shown_server {
            self.changed(&home, caller, Change::Moved(target.name.clone()));
        }
        Ok(target)
    }

    /// Says where people watch a target, as [`viewer::link_of`] reads it; `None` takes the link away.
    ///
    /// # Errors
    /// [`Refused::NoSuchTarget`], [`Refused::BadLink`]; see [`Service::admit`].
    pub async fn set_viewer_link(
        &self,
        caller: Caller,
        target: TargetId,
        link: Option<&str>,
    ) -> Result<Target, Refused> {
        let home = self.admit(caller, Right::Operate).await?;
        let studio = home.id;
        let known = self.0.store.target(studio, target).ok_or(Refused::NoSuchTarget)?;
        let platform = self.0.catalogue.get_or_custom(&known.platform);
        let link = link.map(|link| viewer::link_of(platform, link)).transpose().map_err(Refused::BadLink)?;
        let place = viewer::place_with(platform, link.as_deref(), known.status_id.as_deref());
        let change = move |target: &mut Target| {
            target.unlinked = link.is_none();
            (target.viewer_link, target.status_id) = (link, place);
        };
        let target = self.0.store.update_target(studio, target, change).await?;
        if known.viewer_link != target.viewer_link {
            self.changed(&home, caller, Change::Linked(target.name.clone(), target.viewer_link.is_some()));
        }
        Ok(target)
    }

    /// Puts a target at a place among the studio's, from 0: panels, links and reports follow that order.
    ///
    /// # Errors
    /// [`Refused::NoSuchTarget`]; see [`Service::admit`].
    pub async fn place_target(&self, caller: Caller, target: TargetId, to: usize) -> Result<Target, Refused> {
        let home = self.admit(caller, Right::Operate).await?;
        let known = self.0.store.target(home.id, target).ok_or(Refused::NoSuchTarget)?;
        let (before, _) = self.place_of(caller.chat, target);
        if self.0.store.place_target(home.id, target, to).await? {
            self.changed(&home, caller, Change::Reordered(known.name.clone(), to < before));
        }
        Ok(known)
    }

    /// Removes a target. For [`store::UNDO`] it can be brought back by [`Service::restore_target`].
    ///
    /// # Errors
    /// [`Refused::NoSuchTarget`]; see [`Service::admit`].
    pub async fn remove_target(&self, caller: Caller, target: TargetId) -> Result<Target, Refused> {
        let home = self.admit(caller, Right::Operate).await?;
        let studio = home.id;
        let _show = self.show(studio).await;
        let target = self.0.store.remove_target(studio, target).await?;
        self.leave(studio, target.id).await?;
        self.changed(&home, caller, Change::Removed(target.name.clone()));
        Ok(target)
    }

    /// Brings a removed target back as it was, into the broadcast too if it was switched on.
    ///
    /// # Errors
    /// [`Refused::NoSuchTarget`] when it is gone for good, [`Refused::TooManyTargets`]; see [`Service::admit`].
    pub async fn restore_target(&self, caller: Caller, target: TargetId) -> Result<Target, Refused> {
        let home = self.admit(caller, Right::Operate).await?;
        let studio = home.id;
        let _show = self.show(studio).await;
        if self.0.store.target(studio, target).is_none() {
            self.takes_one_more(&home)?;
        }
        let target = self.0.store.restore_target(studio, target).await?;
        if target.enabled {
            self.join(studio, &target).await?;
        }
        self.changed(&home, caller, Change::Restored(target.name.clone()));
        Ok(target)
    }

    /// Has a target of the broadcast try again, which nothing comes of where it is connected.
    ///
    /// # Errors
    /// [`Refused::NoSuchTarget`]; see [`Service::admit`].
    pub async fn retry_target(&self, caller: Caller, target: TargetId) -> Result<(Target, Retried), Refused> {
        let studio = self.admit(caller, Right::Operate).await?.id;
        let target = self.0.store.target(studio, target).ok_or(Refused::NoSuchTarget)?;
        self.0.relay.retry(studio, target.id).await;
        let status = self.0.relay.status(studio);
        let state = status.targets.get(&target.id).map(|target| &target.state);
        let retried = match status.phase {
            Phase::Idle => Retried::NotLive,
            _ if state.is_none_or(|state| *state == TargetState::Off) => Retried::Off,
            Phase::Waiting { .. } | Phase::Paused { .. } => Retried::WithThePicture,
            Phase::Live { .. } | Phase::Held { .. } => Retried::Now,
        };
        Ok((target, retried))
    }

    /// Makes a target part of the studio's broadcast, if there is one. Says whether it was not before.
    /// Under the show's lock.
    pub(super) async fn join(&self, studio: StudioId, target: &Target) -> Result<bool, Refused> {
        let Some(mut record) = self.0.store.broadcast(studio) else { return Ok(false) };
        if record.targets.contains(&target.id) {
            return Ok(false);
        }
        record.targets.push(target.id);
        self.0.store.set_broadcast(studio, Some(record)).await?;
        self.0.goes_out.notify_waiters();
        if let Some(planned) = self.planned(studio, target) {
            self.0.relay.set_target(studio, planned).await;
        }
        Ok(true)
    }

    /// Takes a target out of the studio's broadcast, if it is part of it. Under the show's lock.
    pub(super) async fn leave(&self, studio: StudioId, target: TargetId) -> Result<(), Refused> {
        // First the relay: a key that was withdrawn is not used while the disk is waited for.
        self.0.relay.drop_target(studio, target).await;
        if let Some(mut record) = self.0.store.broadcast(studio)
            && record.targets.contains(&target)
        {
            record.targets.retain(|id| *id != target);
            self.0.store.set_broadcast(studio, Some(record)).await?;
        }
        Ok(())
    }

    /// A target as the relay needs it; `None` when its key is gone or cannot be unsealed.
    pub(super) fn planned(&self, studio: StudioId, target: &Target) -> Option<PlannedTarget> {
        let point = self.0.store.push_point(studio, target.id)?;
        let platform = self.0.catalogue.get_or_custom(&target.platform);
        // Where it is a guess that a platform shows nothing of a codec, it is flagged and sent.
        let sure = !platform.guesses(Part::Limits);
        let takes = platform.limits.v_codecs.iter().filter(|_| sure).map(|codec| codec.name()).collect();
        let key_over = expiry::is_over(&point.key, SystemTime::now());
        let press = platform.owner_press.as_ref().is_some_and(|press| press.when == When::Before);
        let owners_turn = press || platform.refusals.iter().any(|rule| rule.means == Means::NotStarted);
        Some(PlannedTarget { id: target.id, point, settle: platform.settle(), takes, owners_turn, key_over })
    }
}
