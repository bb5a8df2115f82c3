//! Who runs which group, as Telegram said within the last minute.

use super::telegram::{Fault, Telegram};
use crate::domain::access::Standing;
use crate::domain::id::{ChatId, UserId};
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long an answer is believed.
const FRESH: Duration = Duration::from_secs(60);
/// Groups remembered at most.
const MOST: usize = 10_000;

/// Every group's admins.
#[derive(Default)]
pub(super) struct Admins(Mutex<HashMap<ChatId, Known>>);

struct Known {
    /// Until when it is believed; nothing: ask anew.
    until: Option<Instant>,
    admins: HashSet<UserId>,
}

/// How somebody stands, and who was found to be no admin any more.
pub(super) struct Found {
    pub(super) standing: Standing,
    pub(super) gone: Vec<UserId>,
}

impl Admins {
    /// How `user` stands in a group.
    pub(super) async fn standing(&self, telegram: &Telegram, group: ChatId, user: UserId) -> Result<Found, Fault> {
        let now = tokio::time::Instant::now().into_std();
        let of = |admins: &HashSet<UserId>| if admins.contains(&user) { Standing::Admin } else { Standing::Member };
        if let Some(known) = self.lock().get(&group)
            && known.until.is_some_and(|until| now < until)
        {
            return Ok(Found { standing: of(&known.admins), gone: Vec::new() });
        }
        let admins = telegram.admins(group).await?;
        let standing = of(&admins);
        let mut all = self.lock();
        if all.len() >= MOST {
            all.clear();
        }
        let before = all.insert(group, Known { until: Some(now + FRESH), admins: admins.clone() });
        let gone = before.map(|known| known.admins.difference(&admins).copied().collect()).unwrap_or_default();
        Ok(Found { standing, gone })
    }

    /// Something changed in a group: ask anew, but remember whom to compare with.
    pub(super) fn doubt(&self, group: ChatId) {
        if let Some(known) = self.lock().get_mut(&group) {
            known.until = None;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ChatId, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
