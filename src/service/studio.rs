//! Whose instance this is, and who was let in.

use super::access::private_chat;
use super::{Applicant, Asked, Claim, Joined, Notice, Refused, Service};
use crate::domain::access::{Caller, Right, Standing};
use crate::domain::id::{ChatId, StudioId, UserId};
use crate::store::{Studio, StudioKind};
use std::time::{Duration, SystemTime};

/// Who asked to be let in can ask again after so long.
const ASK_AGAIN: Duration = Duration::from_secs(7 * 86_400);

/// Whether somebody asked so lately that they cannot ask again. A clock that was set back holds nobody up for ever.
pub(super) fn was_asked(at: Option<SystemTime>, now: SystemTime) -> bool {
    at.is_some_and(|at| now.duration_since(at).is_ok_and(|since| since < ASK_AGAIN))
}

impl Service {
    /// The code that makes its user the owner; `None` once claimed. For the host's eyes only.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn claim_code(&self) -> Result<Option<String>, Refused> {
        Ok(self.0.store.claim_code().await?)
    }

    /// The owner, once claimed.
    #[must_use]
    pub fn owner(&self) -> Option<UserId> {
        self.0.store.owner()
    }

    /// `user` shows the claim code. It works once.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn claim(&self, user: UserId, code: &str) -> Result<Claim, Refused> {
        if self.owner() == Some(user) {
            return Ok(Claim::AlreadyYours);
        }
        Ok(if self.0.store.claim(code, user).await? { Claim::Yours } else { Claim::Wrong })
    }

    /// The caller's studio, with its title as it is now.
    ///
    /// # Errors
    /// See [`Service::admit`].
    pub async fn open(&self, caller: Caller, title: &str) -> Result<Studio, Refused> {
        let studio = self.admit(caller, Right::View).await?;
        if studio.title == title {
            return Ok(studio);
        }
        let title = title.to_owned();
        Ok(self.0.store.update_studio(studio.id, move |studio| studio.title = title).await?)
    }

    /// `by` brought the bot into a group.
    ///
    /// # Errors
    /// [`Refused::Unclaimed`], [`Refused::Store`].
    pub async fn join_group(&self, by: UserId, group: ChatId, title: &str) -> Result<Joined, Refused> {
        let owner = self.claimed()?;
        if self.0.store.studio_of(group).is_some_and(|studio| studio.approved) {
            return Ok(Joined::Approved);
        }
        if by != owner {
            return Ok(Joined::Stranger);
        }
        self.set_group(group, title, true).await?;
        Ok(Joined::Approved)
    }

    /// A stranger or a stranger's group asks to be let in; `name` is what the owner is told.
    ///
    /// # Errors
    /// [`Refused::Unclaimed`], [`Refused::Store`].
    pub async fn ask_access(&self, caller: Caller, name: &str) -> Result<Asked, Refused> {
        let owner = self.claimed()?;
        let store = &self.0.store;
        let words = name.to_owned();
        let now = SystemTime::now();
        // Who is blocked is not told.
        let answered = |asked, blocked| if asked || blocked { Asked::Before } else { Asked::Declined };
        let (applicant, approved, before) = if caller.standing == Standing::Private {
            let person = store.person(caller.user);
            let before = person.blocked || was_asked(person.asked_at, now);
            if !before {
                let note = move |person: &mut crate::store::Person| {
                    (person.name, person.asked, person.asked_at) = (words, true, Some(now));
                };
                store.update_person(caller.user, note).await?;
            }
            (
                Applicant::Person(caller.user),
                self.is_approved(caller.user),
                before.then(|| answered(person.asked, person.blocked)),
            )
        } else {
            let studio = store.open_studio(caller.chat, StudioKind::Group, name).await?;
            let before = studio.blocked || was_asked(studio.asked_at, now);
            if !before {
                let note = move |studio: &mut Studio| (studio.asked, studio.asked_at) = (true, Some(now));
                store.update_studio(studio.id, note).await?;
            }
            (Applicant::Group(caller.chat), studio.approved, before.then(|| answered(studio.asked, studio.blocked)))
        };
        Ok(match (approved, before) {
            (true, _) => Asked::Approved,
            (false, Some(before)) => before,
            (false, None) => {
                self.tell(Notice::AccessAsked { owner, applicant, name: name.to_owned() });
                Asked::Told
            }
        })
    }

    /// The owner lets somebody in, or not (any more): then their show ends too.
    ///
    /// # Errors
    /// [`Refused::OwnerOnly`], [`Refused::Unclaimed`], [`Refused::Store`].
    pub async fn approve(&self, owner: UserId, applicant: Applicant, yes: bool) -> Result<(), Refused> {
        if self.claimed()? != owner {
            return Err(Refused::OwnerOnly);
        }
        let studio = match applicant {
            Applicant::Person(user) => {
                let answer = move |person: &mut crate::store::Person| {
                    (person.approved, person.asked) = (yes, false);
                    person.blocked &= !yes;
                };
                self.0.store.update_person(user, answer).await?;
                private_chat(user).and_then(|chat| self.0.store.studio_of(chat))
            }
            Applicant::Group(group) => Some(self.set_group(group, "", yes).await?),
        };
        // Keys of a studio that is shut open nothing (see `arrivals`); whoever is there now has to go.
        if let Some(studio) = studio.filter(|studio| !self.is_let_in(studio)) {
            let _show = self.show(studio.id).await;
            self.end_by_host(studio.id).await;
            self.send_away(studio.id).await;
        }
        Ok(())
    }

    /// Sends away whoever publishes to the studio, plays or watches it, and fetches nothing for it. Under the show's lock.
    pub(super) async fn send_away(&self, studio: StudioId) {
        self.0.relay.set_pull(studio, None).await;
        self.0.relay.detach(studio).await;
        self.0.relay.cut_viewers(studio).await;
        self.clear_hall(studio);
    }

    /// Whether the owner was asked about a group within the last week, or wants to hear no more of it.
    #[must_use]
    pub fn is_asked_about(&self, group: ChatId) -> bool {
        let studio = self.0.store.studio_of(group);
        studio.is_some_and(|studio| studio.blocked || was_asked(studio.asked_at, SystemTime::now()))
    }

    /// What somebody who asked is called. Untrusted.
    #[must_use]
    pub fn name_of(&self, applicant: Applicant) -> String {
        match applicant {
            Applicant::Person(user) => self.0.store.person(user).name,
            Applicant::Group(group) => self.0.store.studio_of(group).map(|studio| studio.title).unwrap_or_default(),
        }
    }

    async fn set_group(&self, group: ChatId, title: &str, approved: bool) -> Result<Studio, Refused> {
        let studio = self.0.store.open_studio(group, StudioKind::Group, title).await?;
        let answer = move |studio: &mut Studio| {
            (studio.approved, studio.asked) = (approved, false);
            studio.blocked &= !approved;
        };
        Ok(self.0.store.update_studio(studio.id, answer).await?)
    }

    /// The studio with this number.
    #[must_use]
    pub fn studio(&self, studio: StudioId) -> Option<Studio> {
        self.0.store.studio(studio)
    }

    /// The studio of a chat, if it has one.
    #[must_use]
    pub fn studio_of(&self, chat: ChatId) -> Option<Studio> {
        self.0.store.studio_of(chat)
    }

    /// A group became a supergroup; what others announce there moves along too.
    ///
    /// # Errors
    /// [`Refused::NoSuchTarget`] where neither chat has a studio, [`Refused::Store`].
    pub async fn move_studio(&self, old: ChatId, new: ChatId) -> Result<Studio, Refused> {
        self.0.store.move_announces(old, new).await?;
        Ok(self.0.store.move_studio(old, new).await?)
    }
}
