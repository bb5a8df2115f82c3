//! The weekly time of a studio's show: two hours before, it is said what is missing, to those who can mend it.

use super::{Change, Notice, Refused, Service};
use crate::domain::access::{Caller, Right};
use crate::domain::id::{StudioId, TargetId, UserId};
use crate::domain::target::{Target, TargetName};
use crate::domain::weekly::Weekly;
use crate::platform::{KeyLife, expiry};
use crate::store::Studio;
use std::time::{Duration, SystemTime};
use tokio_util::sync::CancellationToken;

/// How often it is looked whose show comes.
const LOOK: Duration = Duration::from_secs(20);

/// What is missing for a show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// For which target.
    pub target: TargetId,
    /// Its name.
    pub name: TargetName,
    /// Whose key it has: they can mend it.
    pub owner: UserId,
    /// What.
    pub lack: Lack,
}

/// See [`Missing`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// Its platform takes each key for one show, and this one had its show.
    KeyUsed,
    /// The key says that it ends before the show begins.
    KeyEnds,
}

impl Service {
    /// Sets when the studio has its weekly show, or that it has none.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Operate`].
    pub async fn set_weekly(&self, caller: Caller, weekly: Option<Weekly>) -> Result<Studio, Refused> {
        let before = self.admit(caller, Right::Operate).await?;
        let same = |a: &Weekly, b: &Weekly| (a.day, a.minute, &a.zone) == (b.day, b.minute, &b.zone);
        match (&before.weekly, &weekly) {
            (None, None) => return Ok(before),
            (Some(old), Some(new)) if same(old, new) => return Ok(before),
            _ => {}
        }
        let kept = weekly.clone();
        let studio = self.0.store.update_studio(before.id, move |studio| studio.weekly = kept).await?;
        self.changed(&studio, caller, Change::Weekly(weekly));
        Ok(studio)
    }

    /// Looks whose show comes, until `token` is cancelled.
    pub async fn watch_weekly(self, token: CancellationToken) {
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let looks = async {
            loop {
                look.tick().await;
                self.weekly_at(SystemTime::now()).await;
            }
        };
        token.run_until_cancelled(looks).await;
    }

    /// Tells of every show that is due at `now`, once. That is kept before it is told: a kill may cost a reminder, and
    /// never rings twice.
    pub async fn weekly_at(&self, now: SystemTime) {
        for studio in self.0.store.studios() {
            let Some(at) = studio.weekly.as_ref().and_then(|weekly| weekly.due(now)) else { continue };
            let note = move |studio: &mut Studio| {
                if let Some(weekly) = &mut studio.weekly {
                    weekly.told = Some(at);
                }
            };
            if let Err(error) = self.0.store.update_studio(studio.id, note).await {
                tracing::error!(studio = %studio.id, %error, "a weekly show was not told of");
                continue;
            }
            // A show that is on already has what it needs.
            if !self.is_let_in(&studio) || self.0.store.broadcast(studio.id).is_some() {
                continue;
            }
            let targets = self.0.store.targets(studio.id);
            let (on, missing) = (targets.iter().filter(|target| target.enabled).count(), self.missing(studio.id, at));
            self.tell(Notice::ShowComing { studio: studio.id, at, targets: on, missing });
        }
    }

    fn missing(&self, studio: StudioId, at: SystemTime) -> Vec<Missing> {
        let targets = self.0.store.targets(studio).into_iter().filter(|target| target.enabled);
        let missing = targets.filter_map(|target| {
            let point = self.0.store.push_point(studio, target.id)?;
            let lack = match () {
                () if expiry::is_over(&point.key, at) => Lack::KeyEnds,
                () if self.is_for_one_show(&target) && self.0.store.is_used(studio, target.id) => Lack::KeyUsed,
                () => return None,
            };
            Some(Missing { target: target.id, name: target.name, owner: target.key_owner, lack })
        });
        missing.collect()
    }

    fn is_for_one_show(&self, target: &Target) -> bool {
        let life = self.0.catalogue.get_or_custom(&target.platform).key.life;
        matches!(life, Some(KeyLife::PerSession | KeyLife::PerEvent))
    }

    /// A target takes a show with the key that it has: one that is for a single show is used up.
    pub(super) async fn note_used(&self, studio: StudioId, id: TargetId) {
        let known = self.0.store.target(studio, id).filter(|target| self.is_for_one_show(target));
        if known.is_some()
            && !self.0.store.is_used(studio, id)
            && let Err(error) = self.0.store.note_used(studio, id).await
        {
            tracing::warn!(%studio, target = %id, %error, "that a key was used is not kept");
        }
    }
}
