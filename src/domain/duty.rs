//! Who is told aloud what must be done about a studio's show: whoever started it, and those who chose to be on duty.

use crate::domain::id::UserId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

/// How long a mute lasts.
pub const MUTE: Duration = Duration::from_secs(60 * 60);

/// Who chose to be on duty in a studio, and who wants no sound of it for a while.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Duty {
    /// Those who chose it. It counts for operators only.
    pub on: BTreeSet<UserId>,
    /// Until when whom no sound reaches. What is told, they get all the same.
    pub muted: BTreeMap<UserId, SystemTime>,
}

/// Somebody who is told in private.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Called {
    /// Who.
    pub user: UserId,
    /// With a sound.
    pub aloud: bool,
}

impl Duty {
    /// Whom an alert calls: `started_by` first, then those on duty, and of all these only who still `operates`.
    pub fn called(
        &self,
        now: SystemTime,
        started_by: Option<UserId>,
        operates: impl Fn(UserId) -> bool,
    ) -> Vec<Called> {
        let on_duty = self.on.iter().copied().filter(|user| Some(*user) != started_by);
        let all = started_by.into_iter().chain(on_duty).filter(|user| operates(*user));
        all.map(|user| Called { user, aloud: !self.is_muted(now, user) }).collect()
    }

    /// `user` goes on duty, or off.
    pub fn set(&mut self, user: UserId, on: bool) {
        if on {
            self.on.insert(user)
        } else {
            self.on.remove(&user)
        };
    }

    /// No sound reaches `user` until then, or every sound again. What is over is forgotten.
    pub fn mute(&mut self, now: SystemTime, user: UserId, until: Option<SystemTime>) {
        self.muted.retain(|_, until| *until > now);
        match until {
            Some(until) => self.muted.insert(user, until),
            None => self.muted.remove(&user),
        };
    }

    /// Whether `user` wants no sound now. However the clock was set, nobody is muted for longer than [`MUTE`].
    #[must_use]
    pub fn is_muted(&self, now: SystemTime, user: UserId) -> bool {
        self.muted.get(&user).is_some_and(|until| *until > now && *until <= now + MUTE)
    }

    /// Forgets `user`; says whether there was anything to forget.
    pub fn forget(&mut self, user: UserId) -> bool {
        let on = self.on.remove(&user);
        self.muted.remove(&user).is_some() || on
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: UserId = UserId(1);
    const BEN: UserId = UserId(2);
    const CAL: UserId = UserId(3);

    fn called(duty: &Duty, now: SystemTime, started_by: Option<UserId>, operate: &[UserId]) -> Vec<(u64, bool)> {
        let called = duty.called(now, started_by, |user| operate.contains(&user));
        called.iter().map(|called| (called.user.0, called.aloud)).collect()
    }

    #[test]
    fn who_started_it_is_called_first_then_those_on_duty_each_once_and_only_operators() {
        let (now, mut duty) = (SystemTime::now(), Duty::default());
        assert_eq!(called(&duty, now, Some(ANN), &[ANN]), [(1, true)]);
        duty.set(BEN, true);
        duty.set(ANN, true);
        assert_eq!(called(&duty, now, Some(ANN), &[ANN, BEN]), [(1, true), (2, true)]);
        assert_eq!(
            called(&duty, now, Some(CAL), &[ANN, BEN]),
            [(1, true), (2, true)],
            "whoever started it was demoted"
        );
        assert_eq!(called(&duty, now, Some(ANN), &[]), [], "nobody is left");
        duty.set(BEN, false);
        assert_eq!(called(&duty, now, None, &[ANN, BEN]), [(1, true)]);
    }

    #[test]
    fn who_muted_is_told_without_a_sound_for_a_time() {
        let (now, mut duty) = (SystemTime::now(), Duty::default());
        duty.mute(now, ANN, Some(now + MUTE));
        assert_eq!(called(&duty, now, Some(ANN), &[ANN]), [(1, false)]);
        assert_eq!(called(&duty, now + MUTE, Some(ANN), &[ANN]), [(1, true)]);
        assert!(!duty.is_muted(now - MUTE, ANN), "the clock was set back");
        duty.mute(now, ANN, None);
        assert_eq!(called(&duty, now, Some(ANN), &[ANN]), [(1, true)]);
        duty.mute(now, ANN, Some(now + MUTE));
        duty.mute(now + MUTE * 2, BEN, Some(now + MUTE * 3));
        assert_eq!(duty.muted.len(), 1, "what is over is forgotten");
        assert!(duty.forget(BEN) && !duty.forget(BEN));
    }
}
