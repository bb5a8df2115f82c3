//! Where studios announce their shows, and what they have announced of those that are on.

use super::{Result, Store, Studio, studios};
use crate::domain::announce::{Announcement, Announces};
use crate::domain::id::{ChatId, StudioId};

const PREFIX: &str = "announcement/";

pub(super) fn announcement_key(studio: StudioId) -> String {
    format!("{PREFIX}{:020}", studio.0)
}

impl Store {
    /// What is announced, by studio.
    #[must_use]
    pub fn announcements(&self) -> Vec<(StudioId, Announcement)> {
        let number = |key: &str| key.strip_prefix(PREFIX).and_then(|text| text.parse().ok()).map(StudioId);
        self.scan(PREFIX).into_iter().filter_map(|(key, record)| Some((number(&key)?, record))).collect()
    }

    /// Notes what is announced of the studio's show, or that nothing is any more.
    ///
    /// # Errors
    /// [`StoreError::Failed`](super::StoreError::Failed).
    pub async fn set_announcement(&self, studio: StudioId, announcement: Option<Announcement>) -> Result<()> {
        self.write(move |draft| match announcement {
            Some(record) => draft.put(announcement_key(studio), &record),
            None => {
                draft.delete(announcement_key(studio));
                Ok(())
            }
        })
        .await
    }

    /// Changes the places in which a studio announces its shows.
    ///
    /// # Errors
    /// [`StoreError::Missing`](super::StoreError::Missing), [`StoreError::Failed`](super::StoreError::Failed).
    pub async fn update_announces(
        &self,
        studio: StudioId,
        change: impl FnOnce(&mut Vec<Announces>) + Send + 'static,
    ) -> Result<Studio> {
        self.update_studio(studio, |studio| change(&mut studio.announces)).await
    }

    /// The studios that announce their shows in `chat`.
    #[must_use]
    pub fn announcers(&self, chat: ChatId) -> Vec<Studio> {
        let here = |studio: &Studio| studio.announces.iter().any(|place| place.spot.chat == chat);
        self.studios().into_iter().filter(here).collect()
    }

    /// A group has become another chat: whoever announces there does so in the new one.
    ///
    /// # Errors
    /// [`StoreError::Failed`](super::StoreError::Failed).
    pub async fn move_announces(&self, old: ChatId, new: ChatId) -> Result<()> {
        self.write(move |draft| {
            for (key, mut studio) in draft.scan::<Studio>(studios::PREFIX) {
                let places = studio.announces.iter_mut().filter(|place| place.spot.chat == old);
                let mut moved = false;
                for place in places {
                    (place.spot.chat, place.spot.topic, moved) = (new, None, true);
                }
                if moved {
                    draft.put(key, &studio)?;
                }
            }
            for (key, mut told) in draft.scan::<Announcement>(PREFIX) {
                if told.posted.iter().any(|posted| posted.spot.chat == old) {
                    told.moved(old, new);
                    draft.put(key, &told)?;
                }
            }
            Ok(())
        })
        .await
    }
}
