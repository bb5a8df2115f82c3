//! What belongs to the host of the server: invitations, what studios used, whether the server is being emptied.

use super::{Draft, Result, Store, StoreError, Studio, studios};
use crate::domain::id::{ChatId, StudioId, UserId};
use crate::domain::quota::Usage;
use serde::{Deserialize, Serialize};
use std::time::SystemTime;

const DRAIN: &str = "meta/drain";
const INVITES: &str = "invite/";

/// An invitation: whoever opens its link is let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    /// What its link ends with. Whoever knows it is let in.
    pub code: String,
    /// For how many it is still good.
    pub left: u32,
    /// When it ends.
    pub until: SystemTime,
}

/// Who opens an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guest {
    /// A person.
    Person(UserId),
    /// A group, which has a studio.
    Group(ChatId),
}

fn invite_key(code: &str) -> String {
    format!("{INVITES}{code}")
}

pub(super) fn usage_key(studio: StudioId) -> String {
    format!("usage/{:020}", studio.0)
}

impl Store {
    /// Whether no new shows begin, because the host is to be upgraded.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.read(DRAIN).unwrap_or(false)
    }

    /// Says whether new shows may begin.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn set_draining(&self, draining: bool) -> Result<()> {
        self.write(move |draft| draft.put(DRAIN, &draining)).await
    }

    /// Makes an invitation for so many, until then. Those that are over go.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn invite(&self, uses: u32, until: SystemTime) -> Result<Invite> {
        self.write(move |draft| {
            for (key, invite) in draft.scan::<Invite>(INVITES) {
                if is_over(&invite, SystemTime::now()) {
                    draft.delete(key);
                }
            }
            let mut random = [0u8; 16];
            getrandom::fill(&mut random).map_err(|e| StoreError::Failed(e.to_string()))?;
            let invite = Invite { code: super::keyring::hex(&random), left: uses, until };
            draft.put(invite_key(&invite.code), &invite)?;
            Ok(invite)
        })
        .await
    }

    /// The invitations that are still good, those that end first coming first.
    #[must_use]
    pub fn invites(&self) -> Vec<Invite> {
        let all = self.scan::<Invite>(INVITES).into_iter().map(|(_, invite)| invite);
        let mut good: Vec<_> = all.filter(|invite| !is_over(invite, SystemTime::now())).collect();
        good.sort_by(|a, b| (a.until, &a.code).cmp(&(b.until, &b.code)));
        good
    }

    /// Takes an invitation back.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn revoke_invite(&self, code: &str) -> Result<()> {
        let key = invite_key(code);
        self.write(move |draft| {
            draft.delete(key);
            Ok(())
        })
        .await
    }

    /// Lets `guest` in by an invitation, which is good for one less from then on; says whether they are in. Who is in
    /// already uses nothing up; who is blocked stays out.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn redeem_invite(&self, code: &str, guest: Guest) -> Result<bool> {
        let key = invite_key(code);
        self.write(move |draft| {
            let Some(mut invite) = draft.get::<Invite>(&key).filter(|invite| !is_over(invite, SystemTime::now()))
            else {
                return Ok(false);
            };
            match enter(draft, guest)? {
                Some(true) => {}
                Some(false) => return Ok(true),
                None => return Ok(false),
            }
            invite.left = invite.left.saturating_sub(1);
            if invite.left == 0 {
                draft.delete(key);
            } else {
                draft.put(key, &invite)?;
            }
            Ok(true)
        })
        .await
    }

    /// What a studio used, in the month in which it last did.
    #[must_use]
    pub fn usage(&self, studio: StudioId) -> Usage {
        self.read(&usage_key(studio)).unwrap_or_default()
    }

    /// Notes what studios used.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn set_usage(&self, used: Vec<(StudioId, Usage)>) -> Result<()> {
        self.write(move |draft| used.iter().try_for_each(|(studio, usage)| draft.put(usage_key(*studio), usage))).await
    }
}

/// Approves `guest`; says whether they were out until now, nothing where they are blocked or there is no such group.
fn enter(draft: &mut Draft<'_>, guest: Guest) -> Result<Option<bool>> {
    match guest {
        Guest::Person(user) => {
            let key = super::people::person_key(user);
            let mut person: super::Person = draft.get(&key).unwrap_or_default();
            if person.blocked || person.approved {
                return Ok((!person.blocked).then_some(false));
            }
            person.approved = true;
            draft.put(key, &person)?;
        }
        Guest::Group(chat) => {
            let Some(id) = draft.get::<StudioId>(&studios::chat_key(chat)) else { return Ok(None) };
            let key = studios::studio_key(id);
            let mut studio: Studio = draft.need(&key)?;
            if studio.blocked || studio.approved {
                return Ok((!studio.blocked).then_some(false));
            }
            studio.approved = true;
            draft.put(key, &studio)?;
        }
    }
    Ok(Some(true))
}

fn is_over(invite: &Invite, now: SystemTime) -> bool {
    invite.left == 0 || invite.until <= now
}
