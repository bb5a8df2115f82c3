//! What would happen if one went live on a target, tried so that nobody sees it: published where the platform has a way
//! for that, else connected only. A key that a show uses is left alone.

use super::{Preflight, Refused, Service, Tested};
use crate::domain::access::{Caller, Right};
use crate::domain::id::{StudioId, TargetId};
use crate::domain::rtmp_url::PushPoint;
use crate::domain::status::{Loss, PushFailure};
use crate::domain::target::Flaw;
use crate::platform::{Closes, Platform, Refusal, expiry};
use std::future::Future;
use std::pin::pin;
use std::time::{Duration, Instant};

/// How long a preflight may take in all.
const PREFLIGHT: Duration = Duration::from_secs(10);
/// A platform that settles later than that may notice a wrong key only after it has said yes.
const NOTICES_AT_ONCE: Duration = Duration::from_secs(15);

impl Service {
    /// Whether the platform would take this. Up to 10 s.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Operate`].
    pub async fn preflight(&self, caller: Caller, platform: &str, point: &PushPoint) -> Result<Preflight, Refused> {
        let studio = self.admit(caller, Right::Operate).await?.id;
        let platform = self.0.catalogue.get_or_custom(platform);
        let Some(found) = self.unless_live(platform, point, self.try_out(studio, platform, point)).await else {
            return Ok(Preflight::Live);
        };
        Ok(found)
    }

    /// [`Service::preflight`] of a target that is saved; it is marked with what was found.
    ///
    /// # Errors
    /// [`Refused::NoSuchTarget`]; see [`Service::preflight`].
    pub async fn test_target(&self, caller: Caller, target: TargetId) -> Result<Tested, Refused> {
        let studio = self.admit(caller, Right::Operate).await?.id;
        let known = self.0.store.target(studio, target).ok_or(Refused::NoSuchTarget)?;
        let point = self.0.store.push_point(studio, target).ok_or(Refused::NoSuchTarget)?;
        let found = self.preflight(caller, &known.platform, &point).await?;
        if found != Preflight::Live {
            // What was tried may have been changed meanwhile; then it says nothing of what is there now.
            let same = self.0.store.push_point(studio, target).is_some_and(|now| now == point);
            if same {
                self.mark(studio, target, found.flaw()).await?;
            }
        }
        Ok(Tested { found, key_ends: expiry::expires_at(&point.key) })
    }

    /// Notes what is wrong with a target, or that nothing is.
    ///
    /// # Errors
    /// [`Refused::NoSuchTarget`], [`Refused::Store`].
    pub(super) async fn mark(&self, studio: StudioId, target: TargetId, flaw: Option<Flaw>) -> Result<(), Refused> {
        if self.0.store.target(studio, target).ok_or(Refused::NoSuchTarget)?.flaw != flaw {
            self.0.store.update_target(studio, target, move |target| target.flaw = flaw).await?;
        }
        Ok(())
    }

    /// A target takes a stream: whatever was wrong is not any more.
    pub(super) async fn proved(&self, studio: StudioId, target: TargetId) {
        if let Err(Refused::Store) = self.mark(studio, target, None).await {
            tracing::error!(%studio, %target, "a target's mark was not taken away");
        }
    }

    async fn try_out(&self, studio: StudioId, platform: &Platform, point: &PushPoint) -> Preflight {
        let dialler = &self.0.dialler;
        let seat = dialler.seat(studio);
        let Some(rehearsal) = platform.rehearsal(point) else {
            return match in_time(Box::pin(dialler.check(point, &seat))).await {
                Ok(()) => Preflight::Reachable,
                Err(PushFailure::Refused { words }) => Preflight::Turned { words },
                Err(failure) => Preflight::Failed { failure, meaning: None },
            };
        };
        let begun = Instant::now();
        match in_time(Box::pin(dialler.rehearse(&rehearsal, &seat))).await {
            Ok(()) => Preflight::Accepted { may_notice_later: platform.settle() > NOTICES_AT_ONCE },
            Err(failure) => {
                let meaning = self.what_it_means(platform, &failure, begun.elapsed());
                Preflight::Failed { failure, meaning }
            }
        }
    }

    fn what_it_means(&self, platform: &Platform, failure: &PushFailure, after: Duration) -> Option<Refusal> {
        let after_s = u32::try_from(after.as_secs()).unwrap_or(u32::MAX);
        match failure {
            PushFailure::Refused { words } => self.0.catalogue.refusal(platform, words, None),
            PushFailure::Lost(Loss::Closed) => self.0.catalogue.refusal(platform, "", Some((Closes::Publish, after_s))),
            _ => None,
        }
    }

    /// Goes on with `tried` for as long as no show uses the key; `None` when one does, or begins to.
    async fn unless_live<T>(
        &self,
        platform: &Platform,
        point: &PushPoint,
        tried: impl Future<Output = T>,
    ) -> Option<T> {
        let mut tried = pin!(tried);
        loop {
            let mut goes_out = pin!(self.0.goes_out.notified());
            // Before the look, so that nothing is missed between the two.
            goes_out.as_mut().enable();
            if self.is_used(platform, point) {
                return None;
            }
            tokio::select! {
                biased;
                () = goes_out => {}
                done = &mut tried => return Some(done),
            }
        }
    }

    /// Whether a show uses this key, in whatever studio.
    fn is_used(&self, platform: &Platform, point: &PushPoint) -> bool {
        let (store, masked) = (&self.0.store, point.key.masked());
        let uses = |studio: StudioId, id: TargetId| {
            // Most keys are told apart without being unsealed.
            let Some(target) = store.target(studio, id).filter(|target| target.shown_key == masked) else {
                return false;
            };
            let Some(known) = store.push_point(studio, id) else { return false };
            let there = known.server.host() == point.server.host()
                || (platform.id != "custom" && platform.id == target.platform);
            there && known.key == point.key
        };
        store.broadcasts().iter().any(|(studio, record)| record.targets.iter().any(|id| uses(*studio, *id)))
    }
}

impl Preflight {
    /// What a target is marked with.
    #[must_use]
    pub fn flaw(&self) -> Option<Flaw> {
        match self {
            Self::Reachable | Self::Accepted { .. } | Self::Live => None,
            Self::Turned { .. } => Some(Flaw::Refused),
            Self::Failed { failure: PushFailure::Refused { .. } | PushFailure::Login(_), .. } => Some(Flaw::Refused),
            // A platform that hangs up has been reached.
            Self::Failed { meaning: Some(_), .. } => Some(Flaw::Refused),
            Self::Failed { .. } => Some(Flaw::Unreachable),
        }
    }
}

async fn in_time(tried: impl Future<Output = Result<(), PushFailure>>) -> Result<(), PushFailure> {
    tokio::time::timeout(PREFLIGHT, tried).await.unwrap_or(Err(PushFailure::Lost(Loss::Timeout)))
}
