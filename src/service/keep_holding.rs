//! Staying on air without a picture, when a person says so.

use super::{KeepHolding, Refused, Service};
use crate::domain::access::{Caller, Right};
use crate::domain::status::Phase;

impl Service {
    /// Keeps the studio's broadcast on air without its encoder, from now on for the studio's whole hold time.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Stop`]: it is one question whether a show without a picture
    /// ends or not, and who may answer it one way may answer it the other. Nothing is begun or changed by it.
    pub async fn keep_holding(&self, caller: Caller) -> Result<KeepHolding, Refused> {
        let studio = self.admit(caller, Right::Stop).await?;
        let _show = self.show(studio.id).await;
        self.0.relay.keep_holding(studio.id).await;
        Ok(match self.0.relay.status(studio.id).phase {
            Phase::Held { .. } => KeepHolding::Kept { hold: studio.hold },
            Phase::Live { .. } => KeepHolding::Live,
            Phase::Paused { .. } => KeepHolding::Paused,
            Phase::Idle | Phase::Waiting { .. } => KeepHolding::NotLive,
        })
    }
}
