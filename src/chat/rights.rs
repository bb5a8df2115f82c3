//! Who stands how in a group, and what becomes of those who no longer do: asked when somebody wants something, looked
//! after where somebody publishes, heard of where Telegram tells.

use super::calls::Call;
use super::desk::{Desk, lock};
use super::said::Said;
use super::screen::No;
use super::telegram::Fault;
use super::update::Person;
use crate::domain::access::{Powers, Standing};
use crate::domain::id::{ChatId, UserId};
use crate::store::{Studio, StudioKind};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// How often it is looked whose admins are to be asked for.
const LOOK: Duration = Duration::from_secs(5);
/// People remembered at most.
const HEARD: usize = 10_000;

impl Desk {
    /// How somebody stands in a group, asked of Telegram within the last minute.
    pub(super) async fn standing(&self, group: ChatId, user: UserId) -> Result<Standing, No> {
        match self.admins.standing(&self.telegram, group, user).await {
            Ok(found) => {
                if let Some(admins) = found.news {
                    self.only_operators(group, &admins).await;
                }
                Ok(found.standing)
            }
            // The bot was thrown out there, so that nobody can be judged; but whose show it is can still stop it.
            Err(Fault::Shut) if self.ran_its_show(group, user) => Ok(Standing::Left),
            Err(Fault::Shut) => Err(No::OutOfGroup),
            Err(fault) => {
                tracing::warn!(%group, %fault, "the group's admins are not known");
                if let Fault::Moved(new) = fault {
                    self.moved(group, new).await;
                }
                Err(No::AdminsUnknown)
            }
        }
    }

    /// Whether somebody is called about the show that a group has on: by what was last heard of them there, since there
    /// is nothing newer.
    fn ran_its_show(&self, group: ChatId, user: UserId) -> bool {
        let Some(studio) = self.service.studio_of(group) else { return false };
        let on = self.service.panel(studio.id).is_some_and(|panel| panel.has_broadcast());
        on && self.called(&studio, Call::Duty).iter().any(|called| called.user == user)
    }

    /// Somebody is something else in a group now.
    pub(super) async fn member_changed(&self, group: ChatId, user: UserId, powers: Option<Powers>) {
        self.admins.doubt(group);
        if let Some(studio) = self.service.studio_of(group)
            && let Err(error) = self.service.stands(studio.id, user, powers).await
        {
            tracing::error!(studio = %studio.id, %error, "a key that lost its right was not deleted");
        }
    }

    /// Asks who the admins of a group are, and lets nobody else's encoder go on.
    pub(super) async fn look_after(&self, group: ChatId) {
        match self.admins.ask(&self.telegram, group).await {
            Ok(admins) => self.only_operators(group, &admins).await,
            Err(fault) => tracing::debug!(%group, %fault, "the group's admins are not known"),
        }
    }

    /// Looks after all groups in which somebody publishes, for ever.
    pub(super) async fn keep_rights(self: &Arc<Self>) {
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            look.tick().await;
            let groups = self.service.publishing_groups();
            let watched = groups.into_iter().map(|group| async move {
                match self.admins.watched(&self.telegram, group).await {
                    Ok(Some(admins)) => self.only_operators(group, &admins).await,
                    Ok(None) => {}
                    Err(fault) => tracing::debug!(%group, %fault, "the group's admins are not known"),
                }
            });
            futures_util::future::join_all(watched).await;
        }
    }

    async fn only_operators(&self, group: ChatId, admins: &HashMap<UserId, Powers>) {
        if let Some(studio) = self.service.studio_of(group)
            && let Err(error) = self.service.only_operators(studio.id, admins).await
        {
            tracing::error!(studio = %studio.id, %error, "a key that lost its right was not deleted");
        }
    }

    /// Whether somebody operates the studio, as last heard; who was never heard of is not doubted.
    pub(super) fn operates_still(&self, studio: &Studio, user: UserId) -> bool {
        let found = self.admins.admin(studio.chat, user);
        studio.kind == StudioKind::Private
            || found.is_some_and(|admin| studio.operators.include(user, admin.powers))
            || !self.admins.knows(studio.chat)
    }

    /// Remembers what somebody is called and speaks, for as long as this process runs.
    pub(super) fn note_person(&self, person: &Person) {
        let mut heard = lock(&self.heard);
        if heard.len() >= HEARD {
            heard.clear();
        }
        heard.insert(person.id, person.clone());
    }

    /// What somebody is called in a group; nothing where they hide there, or were never heard of.
    pub(super) fn name_in(&self, group: ChatId, user: UserId) -> Option<Said> {
        let admin = self.admins.admin(group, user);
        if admin.as_ref().is_some_and(|admin| admin.powers.anonymous) {
            return None;
        }
        let heard = || lock(&self.heard).get(&user).map(|person| person.name.clone());
        let known = || Some(self.service.person(user).name);
        let name = admin.map(|admin| admin.name).or_else(heard).or_else(known);
        name.filter(|name| !name.is_empty()).map(|name| Said::name(&name))
    }
}
