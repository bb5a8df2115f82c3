//! Staying on air without a picture: for how long, and for longer when a person says so.

use super::{Change, KeepHolding, Notice, Refused, Service};
use crate::domain::access::{Caller, Right};
use crate::domain::status::Phase;
use std::time::Duration;
use tokio::time::Instant;

/// The longest time for which a studio's platforms are kept without a picture.
const LONGEST: Duration = Duration::from_secs(120 * 60);

impl Service {
    /// Sets how long the studio's platforms are kept without a picture: 120 min at most; not at all where it is zero. It
    /// counts at once, also where they are kept just now: for how much longer is answered then.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Operate`].
    pub async fn set_hold(&self, caller: Caller, hold: Duration) -> Result<Option<(Duration, bool)>, Refused> {
        let before = self.admit(caller, Right::Operate).await?;
        let (studio, hold) = (before.id, hold.min(LONGEST));
        let _show = self.show(studio).await;
        self.0.store.update_studio(studio, move |studio| studio.hold = hold).await?;
        if before.hold != hold {
            self.changed(&before, caller, Change::Hold(hold));
        }
        self.0.relay.set_hold(studio, hold).await;
        self.tell(Notice::PanelChanged(studio));
        Ok(match self.0.relay.phase(studio) {
            Phase::Held { until, clean, .. } => {
                Some((until.saturating_duration_since(Instant::now().into_std()), clean))
            }
            _ => None,
        })
    }

    /// Keeps the studio's broadcast on air without its encoder, from now on for the studio's whole hold time.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Stop`]: it is one question whether a show without a picture
    /// ends or not, and who may answer it one way may answer it the other. Nothing is begun or changed by it.
    pub async fn keep_holding(&self, caller: Caller) -> Result<KeepHolding, Refused> {
        let studio = self.admit(caller, Right::Stop).await?;
        let _show = self.show(studio.id).await;
        self.0.relay.keep_holding(studio.id).await;
        Ok(match self.0.relay.phase(studio.id) {
            Phase::Held { .. } => {
                self.changed(&studio, caller, Change::KeptOnAir);
                KeepHolding::Kept { hold: studio.hold }
            }
            Phase::Live { .. } => KeepHolding::Live,
            Phase::Paused { .. } => KeepHolding::Paused,
            Phase::Idle | Phase::Waiting { .. } => KeepHolding::NotLive,
        })
    }
}
