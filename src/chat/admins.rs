//! Who runs which group, as Telegram said within the last minute.

use super::telegram::{Fault, Telegram};
use crate::domain::access::{Powers, Standing};
use crate::domain::id::{ChatId, UserId};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long an answer is believed.
const FRESH: Duration = Duration::from_secs(60);
/// Where somebody publishes, Telegram is asked again when its answer is so old. An answer takes 15 s at most, so that
/// nobody publishes for longer than [`FRESH`] after losing the right.
const WATCHED: Duration = Duration::from_secs(30);
/// Groups remembered at most.
const MOST: usize = 10_000;

/// Every group's admins.
#[derive(Default)]
pub(super) struct Admins(Mutex<HashMap<ChatId, Known>>);

/// An admin of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Admin {
    pub(super) powers: Powers,
    pub(super) name: String,
}

struct Known {
    asked: Instant,
    /// Something has changed since.
    doubted: bool,
    admins: HashMap<UserId, Admin>,
}

/// How somebody stands, and the powers of the group's admins where Telegram was asked anew.
pub(super) struct Found {
    pub(super) standing: Standing,
    pub(super) news: Option<HashMap<UserId, Powers>>,
}

impl Admins {
    /// How `user` stands in a group.
    pub(super) async fn standing(&self, telegram: &Telegram, group: ChatId, user: UserId) -> Result<Found, Fault> {
        let of = |admins: &HashMap<UserId, Admin>| match admins.get(&user) {
            Some(admin) => Standing::Admin(admin.powers),
            None => Standing::Member,
        };
        if let Some(known) = self.lock().get(&group)
            && known.is_fresh(FRESH)
        {
            return Ok(Found { standing: of(&known.admins), news: None });
        }
        let news = self.ask(telegram, group).await?;
        let standing = news.get(&user).map_or(Standing::Member, |powers| Standing::Admin(*powers));
        Ok(Found { standing, news: Some(news) })
    }

    /// The powers of a group's admins, asked anew where somebody publishes there.
    pub(super) async fn watched(
        &self,
        telegram: &Telegram,
        group: ChatId,
    ) -> Result<Option<HashMap<UserId, Powers>>, Fault> {
        if self.lock().get(&group).is_some_and(|known| known.is_fresh(WATCHED)) {
            return Ok(None);
        }
        self.ask(telegram, group).await.map(Some)
    }

    /// Asks Telegram.
    pub(super) async fn ask(&self, telegram: &Telegram, group: ChatId) -> Result<HashMap<UserId, Powers>, Fault> {
        // What is told while the answer is on its way is not in it.
        let asked = now();
        let admins = telegram.admins(group).await?;
        let powers = admins.iter().map(|(user, admin)| (*user, admin.powers)).collect();
        let mut all = self.lock();
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(group, Known { asked, doubted: false, admins });
        Ok(powers)
    }

    /// What an admin of a group is called, and whether others may know; as last heard, however long ago that is.
    pub(super) fn admin(&self, group: ChatId, user: UserId) -> Option<Admin> {
        self.lock().get(&group)?.admins.get(&user).cloned()
    }

    /// Whether a group's admins were ever heard of.
    pub(super) fn knows(&self, group: ChatId) -> bool {
        self.lock().contains_key(&group)
    }

    /// The admins of a group whom others may know, by name, as last heard.
    pub(super) fn named(&self, group: ChatId) -> Vec<(UserId, String)> {
        let all = self.lock();
        let admins = all.get(&group).into_iter().flat_map(|known| &known.admins);
        let known = admins.filter(|(_, admin)| !admin.powers.anonymous);
        let mut named: Vec<_> = known.map(|(user, admin)| (*user, admin.name.clone())).collect();
        named.sort_by(|(a, left), (b, right)| (left, a).cmp(&(right, b)));
        named
    }

    /// Something changed in a group: ask anew.
    pub(super) fn doubt(&self, group: ChatId) {
        if let Some(known) = self.lock().get_mut(&group) {
            known.doubted = true;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ChatId, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn is_fresh(&self, time: Duration) -> bool {
        !self.doubted && now().saturating_duration_since(self.asked) < time
    }
}

fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
