//! /stoplive: what is wanted goes to the store, then the relay is told.

use super::{Refused, Service, ShowReport, StopLive, TargetReport, lock};
use crate::domain::access::{Caller, Right};
use crate::domain::id::{StudioId, TargetId};
use crate::domain::status::Phase;
use crate::relay::report::Summary;

impl Service {
    /// Ends the studio's broadcast, or takes the `named` targets out of it; when none is left, it ends.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Stop`]. A show is stopped also where the store cannot write
    /// any more, which the log tells: what is on air by mistake must not stay there for want of disk space.
    pub async fn stop_live(&self, caller: Caller, named: Option<&[TargetId]>) -> Result<StopLive, Refused> {
        let studio = self.admit(caller, Right::Stop).await?;
        let _show = self.show(studio.id).await;
        let stored = self.0.store.broadcast(studio.id);
        if stored.is_none() && self.0.relay.status(studio.id).phase == Phase::Idle {
            return Ok(StopLive::NotLive);
        }
        if let (Some(named), Some(mut record)) = (named, stored) {
            let (gone, kept): (Vec<_>, Vec<_>) = record.targets.iter().partition(|id| named.contains(id));
            if !kept.is_empty() || gone.is_empty() {
                record.targets = kept;
                if let Err(error) = self.0.store.set_broadcast(studio.id, Some(record)).await {
                    tracing::error!(studio = %studio.id, %error, "targets stop, but a restart would begin them again");
                }
                for target in &gone {
                    self.0.relay.drop_target(studio.id, *target).await;
                }
                return Ok(StopLive::Removed { targets: gone, panel: Box::new(self.panel_of(&studio)) });
            }
        }
        if let Err(error) = self.0.store.set_broadcast(studio.id, None).await {
            tracing::error!(studio = %studio.id, %error, "the show stops, but a restart would begin it again");
        }
        let summary = self.0.relay.stop(studio.id).await;
        if summary.is_some() {
            *lock(&self.0.answered_ends).entry(studio.id).or_default() += 1;
        }
        Ok(StopLive::Stopped(self.report(studio.id, summary.unwrap_or_default())))
    }

    /// A summary with the targets that it is about.
    pub(super) fn report(&self, studio: StudioId, mut summary: Summary) -> ShowReport {
        let known = self.0.store.targets(studio).into_iter();
        let targets = known.filter_map(|target| {
            let status = summary.targets.remove(&target.id)?;
            Some(TargetReport { target, status })
        });
        ShowReport { live_for: summary.live_for, targets: targets.collect() }
    }
}
