//! What a target's trouble means there: the catalogue's rules, and what its key says of itself.

use super::{Service, Trouble};
use crate::domain::id::StudioId;
use crate::domain::status::{Loss, PushFailure};
use crate::domain::target::Target;
use crate::platform::{Closes, Means, Refusal, When, expiry};
use std::time::SystemTime;

impl Service {
    /// What `trouble` means at `target`'s platform, as far as that is known.
    pub(super) fn meaning(&self, studio: StudioId, target: &Target, trouble: &Trouble) -> Option<Refusal> {
        let (words, closes) = match trouble {
            Trouble::Refused { words, hung_up_s } => (words.as_str(), hung_up_s.map(|after| (Closes::Publish, after))),
            Trouble::Lost(Some(PushFailure::Lost(Loss::Closed))) => {
                // One that once let us in knows the key.
                let status = self.0.relay.status(studio).targets.remove(&target.id)?;
                if !status.uptime.is_zero() {
                    return None;
                }
                ("", Some((Closes::Connect, 0)))
            }
            _ => return None,
        };
        let key = self.0.store.push_point(studio, target.id).map(|point| point.key);
        if key.is_some_and(|key| expiry::is_over(&key, SystemTime::now())) {
            return Some(Refusal::known(Means::KeyExpired));
        }
        let catalogue = &self.0.catalogue;
        let platform = catalogue.get_or_custom(&target.platform);
        let rule = catalogue.refusal(platform, words, closes);
        let press = platform.owner_press.as_ref().filter(|press| press.when == When::Before);
        match press.filter(|_| rule.as_ref().is_none_or(|rule| rule.means == Means::Key && rule.say.is_none())) {
            Some(press) => Some(Refusal { say: Some(press.told()), ..Refusal::known(Means::NotStarted) }),
            None => rule.map(|rule| match (&rule, press) {
                (Refusal { means: Means::NotStarted, say: Some(say), .. }, Some(press)) => {
                    Refusal { say: Some(press.linked(say)), ..rule }
                }
                _ => rule,
            }),
        }
    }
}
