//! Who is told aloud what must be done about a studio's show, and whether its panel is pinned.

use super::{Change, Notice, Refused, Service};
use crate::domain::access::{Caller, Right};
use crate::domain::duty::{Called, MUTE};
use crate::domain::id::{StudioId, UserId};
use crate::store::Studio;
use std::time::SystemTime;

impl Service {
    /// The caller goes on duty in the studio, or off: who is, is told in private, with a sound, what must be done.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Operate`] to go on duty, and nothing to leave it.
    pub async fn set_on_duty(&self, caller: Caller, on: bool) -> Result<Studio, Refused> {
        let studio = self.admit(caller, if on { Right::Operate } else { Right::View }).await?;
        if studio.duty.on.contains(&caller.user) == on {
            return Ok(studio);
        }
        let studio = self.0.store.update_studio(studio.id, move |studio| studio.duty.set(caller.user, on)).await?;
        self.changed(&studio, caller, Change::Duty(on));
        self.tell(Notice::PanelChanged(studio.id));
        Ok(studio)
    }

    /// The caller wants no sound of this studio's troubles for [`MUTE`], or wants them again.
    ///
    /// # Errors
    /// See [`Service::admit`]; it is about nobody but the caller.
    pub async fn mute(&self, caller: Caller, on: bool) -> Result<Studio, Refused> {
        let (studio, now) = (self.admit(caller, Right::View).await?, SystemTime::now());
        if studio.duty.is_muted(now, caller.user) == on {
            return Ok(studio);
        }
        let until = on.then(|| now + MUTE);
        Ok(self.0.store.update_studio(studio.id, move |studio| studio.duty.mute(now, caller.user, until)).await?)
    }

    /// Has the panel pinned during the studio's shows, or not.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Operate`].
    pub async fn set_pin(&self, caller: Caller, on: bool) -> Result<Studio, Refused> {
        let studio = self.admit(caller, Right::Operate).await?;
        if studio.pin == on {
            return Ok(studio);
        }
        let studio = self.0.store.update_studio(studio.id, move |studio| studio.pin = on).await?;
        self.changed(&studio, caller, Change::Pinned(on));
        Ok(studio)
    }

    /// Whom an alert of the studio calls, of those who still `operate` it.
    #[must_use]
    pub fn called(&self, studio: StudioId, operates: impl Fn(UserId) -> bool) -> Vec<Called> {
        let Some(known) = self.0.store.studio(studio) else { return Vec::new() };
        let started_by = self.0.store.broadcast(studio).map(|record| record.started_by);
        known.duty.called(SystemTime::now(), started_by, operates)
    }
}
