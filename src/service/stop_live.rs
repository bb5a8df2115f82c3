//! /stoplive: what is wanted goes to the store, then the relay is told.

use super::{Change, Refused, Service, ShowReport, StopLive, TargetReport, lock};
use crate::domain::access::{Caller, Right};
use crate::domain::id::{StudioId, TargetId};
use crate::domain::status::Phase;
use crate::relay::report::Summary;
use crate::store::BroadcastRecord;
use std::time::{Duration, SystemTime};

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
        if stored.is_none() && self.0.relay.phase(studio.id) == Phase::Idle {
            return Ok(StopLive::NotLive);
        }
        if let (Some(named), Some(mut record)) = (named, stored.clone()) {
            let (gone, kept): (Vec<_>, Vec<_>) = record.targets.iter().partition(|id| named.contains(id));
            if !kept.is_empty() || gone.is_empty() {
                record.targets = kept;
                if let Err(error) = self.0.store.set_broadcast(studio.id, Some(record)).await {
                    tracing::error!(studio = %studio.id, %error, "targets stop, but a restart would begin them again");
                }
                for target in &gone {
                    self.0.relay.drop_target(studio.id, *target).await;
                }
                let out = gone.iter().filter_map(|id| self.0.store.target(studio.id, *id)).map(|target| target.name);
                let out: Vec<_> = out.collect();
                if !out.is_empty() {
                    self.changed(&studio, caller, Change::TookOut(out));
                }
                return Ok(StopLive::Removed { targets: gone, panel: Box::new(self.panel_of(&studio)) });
            }
        }
        self.note_end(studio.id).await;
        let summary = self.0.relay.stop(studio.id).await;
        if summary.is_some() {
            *lock(&self.0.answered_ends).entry(studio.id).or_default() += 1;
        }
        self.changed(&studio, caller, Change::Stopped);
        self.drained();
        Ok(StopLive::Stopped(self.report(studio.id, stored.as_ref(), summary.unwrap_or_default())))
    }

    /// Notes that the studio's broadcast is over. Where the store cannot write, it is noted as soon as it can.
    pub(super) async fn note_end(&self, studio: StudioId) {
        if let Err(error) = self.0.store.set_broadcast(studio, None).await {
            tracing::error!(%studio, %error, "a broadcast is over; until that can be saved, a restart would begin it again");
            lock(&self.0.ended).insert(studio);
        }
    }

    /// Notes what could not be noted.
    pub(super) async fn note_ends(&self) {
        let ended: Vec<_> = lock(&self.0.ended).iter().copied().collect();
        for studio in ended {
            let _show = self.show(studio).await;
            let over = self.0.relay.phase(studio) == Phase::Idle;
            if !over || self.0.store.set_broadcast(studio, None).await.is_ok() {
                lock(&self.0.ended).remove(&studio);
            }
        }
    }

    /// A summary with the targets that it is about. `record`: what was stored, which also knows of a picture that went
    /// out before a restart; how the targets were then is known no more.
    pub(super) fn report(
        &self,
        studio: StudioId,
        record: Option<&BroadcastRecord>,
        mut summary: Summary,
    ) -> ShowReport {
        let live_for = live_for(SystemTime::now(), record, summary.live_for);
        if summary.live_for.is_zero() && !live_for.is_zero() {
            return ShowReport { live_for, ending: summary.ending, targets: Vec::new() };
        }
        let known = self.0.store.targets(studio).into_iter();
        let targets = known.filter_map(|target| {
            let status = summary.targets.remove(&target.id)?;
            Some(TargetReport { target, status })
        });
        ShowReport { live_for, ending: summary.ending, targets: targets.collect() }
    }
}

/// From the first picture of a broadcast to its end, over all restarts. `here`: how long it was live in this process.
fn live_for(now: SystemTime, record: Option<&BroadcastRecord>, here: Duration) -> Duration {
    let Some((record, since)) = record.and_then(|record| Some((record, record.live_since?))) else { return here };
    let until = if here.is_zero() { record.last_media.unwrap_or(since) } else { now };
    // However soon it ended, and whatever the clock did: there was a picture.
    here.max(until.duration_since(since).unwrap_or_default()).max(Duration::from_millis(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::UserId;

    #[test]
    fn a_picture_from_before_a_restart_counts() {
        let now = SystemTime::now();
        let ago = |seconds| now - Duration::from_secs(seconds);
        let live_for = |live_since, last_media, here| {
            let (started_by, started_at) = (UserId(1), ago(9000));
            let record = BroadcastRecord { started_by, started_at, targets: Vec::new(), live_since, last_media };
            super::live_for(now, Some(&record), here)
        };
        let here = Duration::from_secs(5);
        assert_eq!(live_for(None, None, Duration::ZERO), Duration::ZERO, "no picture came");
        assert_eq!(live_for(Some(ago(3600)), Some(ago(60)), here), Duration::from_secs(3600));
        assert_eq!(live_for(Some(ago(3600)), Some(ago(60)), Duration::ZERO), Duration::from_secs(3540));
        assert!(live_for(Some(ago(3600)), Some(ago(3600)), Duration::ZERO) > Duration::ZERO);
        assert_eq!(live_for(Some(now + here * 9), None, here), here, "clock set back");
        assert_eq!(super::live_for(now, None, here), here);
    }
}
