//! Where a studio's shows are announced, and what there is to announce just now.

use super::access::private_chat;
use super::{Change, Notice, Refused, Service};
use crate::domain::access::{Caller, Right};
use crate::domain::announce::{Announcement, Announces, Link, MOST_SPOTS, Spot};
use crate::domain::id::{ChatId, StudioId, TargetId, UserId};
use crate::domain::status::{TargetState, TargetStatus};
use crate::platform::live_check::Delay;
use crate::store::Studio;
use std::time::SystemTime;
use tokio::time::Instant;

/// A show that can be announced.
#[derive(Clone, Debug, PartialEq)]
pub struct ShowNow {
    /// When its first picture went out.
    pub since: SystemTime,
    /// What can be watched.
    pub links: Vec<Link>,
    /// Every target that is part of it.
    pub part: Vec<TargetId>,
}

impl Service {
    /// Announces the studio's shows there from now on, also one that is on. Whether the caller has a say in that chat,
    /// the front end has judged. Answers whether they were not announced there before.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Operate`]. [`Refused::TooManyPlaces`].
    pub async fn announce_in(&self, caller: Caller, place: Announces) -> Result<bool, Refused> {
        let studio = self.admit(caller, Right::Operate).await?;
        if studio.announces.iter().any(|known| known.spot == place.spot) {
            return Ok(false);
        }
        if studio.announces.len() >= MOST_SPOTS {
            return Err(Refused::TooManyPlaces { limit: MOST_SPOTS });
        }
        let title = place.title.clone();
        self.0.store.update_announces(studio.id, move |places| places.push(place)).await?;
        self.changed(&studio, caller, Change::Announces { title, on: true });
        Ok(true)
    }

    /// Announces the studio's shows there no more. Whether `by` may say so, as an operator of the studio or as somebody
    /// who runs that chat, the front end has judged. Answers what the chat is called.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn announce_no_more(&self, studio: StudioId, spot: Spot, by: Caller) -> Result<Option<String>, Refused> {
        let Some(known) = self.0.store.studio(studio) else { return Ok(None) };
        let Some(place) = known.announces.iter().find(|place| place.spot == spot).cloned() else { return Ok(None) };
        self.0.store.update_announces(studio, move |places| places.retain(|place| place.spot != spot)).await?;
        self.changed(&known, by, Change::Announces { title: place.title.clone(), on: false });
        Ok(Some(place.title))
    }

    /// Telecast may not speak in `chat` any more: nothing is announced there from now on, and whoever did is told.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn shut_out_of(&self, chat: ChatId) -> Result<(), Refused> {
        for studio in self.0.store.announcers(chat) {
            let title = studio.announces.iter().find(|place| place.spot.chat == chat).map(|place| place.title.clone());
            self.0.store.update_announces(studio.id, move |places| places.retain(|p| p.spot.chat != chat)).await?;
            self.tell(Notice::NotAnnounced { studio: studio.id, title: title.unwrap_or_default() });
        }
        Ok(())
    }

    /// The studios that announce their shows in `chat`.
    #[must_use]
    pub fn announcers(&self, chat: ChatId) -> Vec<Studio> {
        self.0.store.announcers(chat)
    }

    /// The private studio of `user`, if they were let in and have one.
    #[must_use]
    pub fn own_studio(&self, user: UserId) -> Option<Studio> {
        self.0.store.studio_of(private_chat(user)?).filter(|_| self.is_approved(user))
    }

    /// Shows with a picture of studios that announce them somewhere.
    #[must_use]
    pub fn shows_to_announce(&self) -> Vec<(Studio, ShowNow)> {
        let shows = self.0.store.broadcasts().into_iter();
        let shows = shows.filter_map(|(studio, record)| {
            let studio = self.0.store.studio(studio).filter(|studio| self.is_let_in(studio))?;
            let (since, mut status) = (record.live_since?, self.0.relay.status(studio.id));
            let targets = self.targets_of(studio.id, &record);
            let mut part = Vec::new();
            let own = self.own_page(studio.id).map(|page| Link { target: None, name: String::new(), page: page.link });
            let mut links: Vec<_> = own.into_iter().collect();
            for target in targets {
                let status = status.targets.remove(&target.id);
                if status.as_ref().is_some_and(|status| status.state == TargetState::Off) {
                    continue;
                }
                part.push(target.id);
                let seen = status.is_some_and(|status| can_be_watched(&status, self.can_ask(&target)));
                if let (true, Some(page)) = (seen, &target.viewer_link) {
                    let (name, page) = (target.name.as_str().to_owned(), page.clone());
                    links.push(Link { target: Some(target.id), name, page });
                }
            }
            Some((studio, ShowNow { since, links, part }))
        });
        shows.collect()
    }

    /// What is announced, by studio.
    #[must_use]
    pub fn announcements(&self) -> Vec<(StudioId, Announcement)> {
        self.0.store.announcements()
    }

    /// Notes what is announced of the studio's show, or that nothing is any more.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn set_announcement(&self, studio: StudioId, told: Option<Announcement>) -> Result<(), Refused> {
        Ok(self.0.store.set_announcement(studio, told).await?)
    }
}

/// Whether viewers see it, or nobody can know better: what has no page, or one that says nothing when it should have.
fn can_be_watched(status: &TargetStatus, page: Option<Delay>) -> bool {
    let up = status.up_since.map(|since| Instant::now().into_std().saturating_duration_since(since));
    match (&status.state, page) {
        (TargetState::OnAir, _) | (TargetState::Sending, None) => true,
        (TargetState::Sending, Some(page)) => status.seen.is_none() && up.is_some_and(|up| up >= page.at_most),
        _ => false,
    }
}
