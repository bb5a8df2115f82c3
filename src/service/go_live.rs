//! /golive: what is wanted goes to the store, then the relay is told. No platform is waited for.

use super::{Change, GoLive, Refused, Service};
use crate::domain::access::{Caller, Right};
use crate::domain::id::{StudioId, TargetId};
use crate::domain::status::Phase;
use crate::domain::target::Target;
use crate::platform::expiry;
use crate::relay::report::Plan;
use crate::store::{BroadcastRecord, Studio};
use std::time::{Duration, SystemTime};

impl Service {
    /// Starts the studio's broadcast to `named` targets, or to all that are switched on, if only to its own page: at once if the encoder is
    /// there, else when it comes. One that is on already is only given the named targets that it lacks; one that is
    /// asleep after a restart goes on.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Operate`].
    pub async fn go_live(&self, caller: Caller, named: Option<&[TargetId]>) -> Result<GoLive, Refused> {
        let studio = self.admit(caller, Right::Operate).await?;
        let _show = self.show(studio.id).await;
        let store = &self.0.store;
        let stored = store.broadcast(studio.id);
        let mut targets = store.targets(studio.id);
        if stored.is_some() && self.0.relay.phase(studio.id) != Phase::Idle {
            let (mut added, mut names) = (Vec::new(), Vec::new());
            for target in targets.iter().filter(|target| named.is_some_and(|named| named.contains(&target.id))) {
                if self.join(studio.id, target).await? {
                    added.push(target.id);
                    names.push(target.name.clone());
                }
            }
            if !names.is_empty() {
                self.changed(&studio, caller, Change::TookIn(names));
            }
            return Ok(GoLive::AlreadyLive { added, panel: self.panel_of(&studio) });
        }
        targets.retain(|target| match (named, &stored) {
            (Some(named), _) => named.contains(&target.id),
            (None, Some(stored)) => stored.targets.contains(&target.id),
            (None, None) => target.enabled,
        });
        if targets.is_empty() && !(named.is_none() && self.own_page(studio.id).is_some()) {
            return Ok(GoLive::NoTargets);
        }
        let over = |target: &Target| {
            let point = self.0.store.push_point(studio.id, target.id);
            point.is_some_and(|point| expiry::is_over(&point.key, SystemTime::now()))
        };
        if !targets.is_empty() && targets.iter().all(over) {
            return Ok(GoLive::KeysOver(targets));
        }
        // Only a new show: one that is asleep was on before.
        if stored.is_none() {
            studio.quota.admits(&self.load(studio.id, targets.len())).map_err(Refused::Denied)?;
        }
        let (live_since, last_media) = stored.map_or((None, None), |stored| (stored.live_since, stored.last_media));
        let record = BroadcastRecord {
            started_by: caller.user,
            started_at: SystemTime::now(),
            targets: targets.iter().map(|target| target.id).collect(),
            live_since,
            last_media,
        };
        store.set_broadcast(studio.id, Some(record)).await?;
        self.0.goes_out.notify_waiters();
        self.start_relay(&studio, &targets, self.0.settings.wait).await;
        self.forewarn_anew(studio.id);
        self.changed(&studio, caller, Change::Started);
        let panel = self.panel_of(&studio);
        Ok(if matches!(panel.phase, Phase::Live { .. }) { GoLive::Started(panel) } else { GoLive::Waiting(panel) })
    }

    /// Carries out what is stored. Under the show's lock.
    pub(super) async fn start_relay(&self, studio: &Studio, targets: &[Target], wait: Duration) {
        let targets = targets.iter().filter_map(|target| self.planned(studio.id, target)).collect();
        let pull = self.0.store.pull_point(studio.id);
        if !self.0.relay.go_live(studio.id, Plan { targets, hold: studio.hold, wait, pull }).await {
            tracing::warn!(studio = %studio.id, "the relay had this broadcast already");
        }
    }

    /// The stored targets of a broadcast that still exist.
    pub(super) fn targets_of(&self, studio: StudioId, record: &BroadcastRecord) -> Vec<Target> {
        record.targets.iter().filter_map(|id| self.0.store.target(studio, *id)).collect()
    }
}
