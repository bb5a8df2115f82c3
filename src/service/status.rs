//! How a studio is: what a panel shows.

use super::access::private_chat;
use super::{Panel, PanelTarget, Refused, Service, WatchLink};
use crate::domain::access::{Caller, Right};
use crate::domain::id::{ChatId, StudioId, UserId};
use crate::domain::status::Phase;
use crate::store::Studio;

impl Service {
    /// How the caller's studio is.
    ///
    /// # Errors
    /// See [`Service::admit`]; anyone in an approved chat may ask.
    pub async fn status(&self, caller: Caller) -> Result<Panel, Refused> {
        let studio = self.admit(caller, Right::View).await?;
        Ok(self.panel_of(&studio))
    }

    /// Where people can watch the broadcast, and whether it is live; where there is nothing to watch, every link that the
    /// studio has.
    ///
    /// # Errors
    /// See [`Service::admit`]; anyone in an approved chat may ask.
    pub async fn links(&self, caller: Caller) -> Result<(Vec<WatchLink>, bool), Refused> {
        let panel = self.status(caller).await?;
        let part = if panel.has_broadcast() { panel.links() } else { Vec::new() };
        if !part.is_empty() {
            return Ok((part, panel.is_live()));
        }
        Ok((panel.all_links(), false))
    }

    /// How a studio is, for a panel that is kept up to date; nobody asks, so nobody is judged. Cheap.
    #[must_use]
    pub fn panel(&self, studio: StudioId) -> Option<Panel> {
        Some(self.panel_of(&self.0.store.studio(studio)?))
    }

    /// The chats of the shows that `user` has on: their own studio's, and those that they started elsewhere.
    #[must_use]
    pub fn shows_of(&self, user: UserId) -> Vec<ChatId> {
        let shows = self.0.store.broadcasts().into_iter();
        let chats = shows.filter_map(|(studio, show)| Some((self.0.store.studio(studio)?.chat, show.started_by)));
        let own = private_chat(user);
        chats.filter(|(chat, by)| *by == user || Some(*chat) == own).map(|(chat, _)| chat).collect()
    }

    pub(super) fn panel_of(&self, studio: &Studio) -> Panel {
        let mut status = self.0.relay.status(studio.id);
        let record = self.0.store.broadcast(studio.id);
        let targets = self.0.store.targets(studio.id).into_iter().map(|target| PanelTarget {
            status: status.targets.remove(&target.id),
            page: self.can_ask(&target),
            press: self.0.catalogue.get_or_custom(&target.platform).owner_press.clone(),
            target,
        });
        Panel {
            studio: studio.id,
            chat: studio.chat,
            title: studio.title.clone(),
            phase: status.phase,
            hearing: self.hearing(studio.id).filter(|_| status.source.is_some()),
            source: status.source,
            pull: status.pull,
            viewers: status.viewers,
            recording: self.is_recorded(studio.id),
            own_page: self.own_page(studio.id),
            targets: targets.collect(),
            on_duty: studio.duty.on.iter().copied().collect(),
            publisher: self.publisher(studio.id),
            started_by: record.as_ref().map(|record| record.started_by),
            live_since: record.as_ref().and_then(|record| record.live_since),
            asleep: record.is_some() && status.phase == Phase::Idle,
        }
    }
}
