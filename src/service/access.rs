//! The one place where a caller is judged: is this instance claimed, is the person or group let in, does their
//! standing hold the right.

use super::studio::was_asked;
use super::{Refused, Service};
use crate::domain::access::{Caller, Right, Standing};
use crate::domain::id::{ChatId, UserId};
use crate::store::{Studio, StudioKind};
use std::time::SystemTime;

impl Service {
    /// Lets `caller` do what needs `right`, in the studio that is answered; a private studio is made when missing.
    ///
    /// # Errors
    /// [`Refused::Unclaimed`], [`Refused::Private`], [`Refused::NotAllowed`], [`Refused::OperatorsOnly`],
    /// [`Refused::AppointersOnly`], [`Refused::Store`].
    pub async fn admit(&self, caller: Caller, right: Right) -> Result<Studio, Refused> {
        let studio = self.studio_for(caller).await?;
        if caller.may(right, &studio.operators) {
            return Ok(studio);
        }
        Err(match (caller.standing, right) {
            (Standing::Admin(_), Right::Operate) => Refused::OperatorsOnly(studio.operators.policy),
            (Standing::Admin(_), Right::Appoint) => Refused::AppointersOnly,
            (Standing::Left, _) => Refused::OutOfGroup,
            _ => Refused::NotAllowed(right),
        })
    }

    async fn studio_for(&self, caller: Caller) -> Result<Studio, Refused> {
        let store = &self.0.store;
        self.claimed()?;
        let found = store.studio_of(caller.chat);
        if caller.standing != Standing::Private {
            let asked =
                found.as_ref().is_some_and(|studio| studio.blocked || was_asked(studio.asked_at, SystemTime::now()));
            let group = |studio: &Studio| studio.kind == StudioKind::Group && studio.approved;
            return found.filter(group).ok_or(Refused::Private { asked });
        }
        // Nobody has a private standing in another person's chat.
        if private_chat(caller.user) != Some(caller.chat) {
            return Err(Refused::NotAllowed(Right::View));
        }
        let person = store.person(caller.user);
        if !self.is_approved(caller.user) {
            let asked = person.blocked || was_asked(person.asked_at, SystemTime::now());
            return Err(Refused::Private { asked });
        }
        match found {
            Some(studio) => Ok(studio),
            None => Ok(store.open_studio(caller.chat, StudioKind::Private, &person.name).await?),
        }
    }

    /// The owner of a claimed instance.
    pub(super) fn claimed(&self) -> Result<UserId, Refused> {
        self.0.store.owner().ok_or(Refused::Unclaimed)
    }

    pub(super) fn is_approved(&self, user: UserId) -> bool {
        self.0.store.person(user).approved || self.0.store.owner() == Some(user)
    }

    /// Whether the studio may do anything at all, whoever asks.
    pub(super) fn is_let_in(&self, studio: &Studio) -> bool {
        match studio.kind {
            StudioKind::Group => studio.approved,
            StudioKind::Private => u64::try_from(studio.chat.0).is_ok_and(|user| self.is_approved(UserId(user))),
        }
    }
}

/// Telegram: a private chat has its person's number.
pub(super) fn private_chat(user: UserId) -> Option<ChatId> {
    i64::try_from(user.0).ok().map(ChatId)
}
