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
    /// Until when it is believed.
    until: Instant,
    admins: HashSet<UserId>,
}

/// How somebody stands, and the group's admins where Telegram was asked anew.
pub(super) struct Found {
    pub(super) standing: Standing,
    pub(super) news: Option<HashSet<UserId>>,
}

impl Admins {
    /// How `user` stands in a group.
    pub(super) async fn standing(&self, telegram: &Telegram, group: ChatId, user: UserId) -> Result<Found, Fault> {
        let now = tokio::time::Instant::now().into_std();
        let of = |admins: &HashSet<UserId>| if admins.contains(&user) { Standing::Admin } else { Standing::Member };
        if let Some(known) = self.lock().get(&group)
            && now < known.until
        {
            return Ok(Found { standing: of(&known.admins), news: None });
        }
        let admins = telegram.admins(group).await?;
        let standing = of(&admins);
        let mut all = self.lock();
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(group, Known { until: now + FRESH, admins: admins.clone() });
        Ok(Found { standing, news: Some(admins) })
    }

    /// Something changed in a group: ask anew.
    pub(super) fn doubt(&self, group: ChatId) {
        self.lock().remove(&group);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ChatId, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
