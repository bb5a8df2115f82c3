//! Studios: a record by our own number, and an index from the chat, whose id may change.

use super::{Draft, Result, Store, StoreError, Studio, StudioKind, targets};
use crate::domain::id::{ChatId, StudioId, UserId};

const COUNTER: &str = "meta/studios";
pub(super) const PREFIX: &str = "studio/";

pub(super) fn studio_key(studio: StudioId) -> String {
    format!("{PREFIX}{:020}", studio.0)
}

pub(super) fn chat_key(chat: ChatId) -> String {
    format!("chat/{chat}")
}

/// Forgets all of a person's own studio.
pub(super) fn forget_private(draft: &mut Draft<'_>, user: UserId) -> Result<()> {
    let Ok(chat) = i64::try_from(user.0).map(ChatId) else { return Ok(()) };
    let Some(id) = draft.get::<StudioId>(&chat_key(chat)) else { return Ok(()) };
    forget(draft, id)?;
    draft.delete(chat_key(chat));
    Ok(())
}

/// Forgets a studio, but its number, which is never given again.
fn forget(draft: &mut Draft<'_>, studio: StudioId) -> Result<()> {
    targets::forget(draft, studio)?;
    super::ingest::revoke_all(draft, |known, _| known == studio)?;
    super::sources::forget(draft, studio);
    super::passes::forget(draft, studio);
    draft.delete(super::shows::broadcast_key(studio));
    draft.delete(super::announce::announcement_key(studio));
    draft.delete(super::host::usage_key(studio));
    draft.delete(studio_key(studio));
    Ok(())
}

impl Store {
    /// The studio of `chat`.
    #[must_use]
    pub fn studio_of(&self, chat: ChatId) -> Option<Studio> {
        self.studio(self.read(&chat_key(chat))?)
    }

    /// The studio with this number.
    #[must_use]
    pub fn studio(&self, studio: StudioId) -> Option<Studio> {
        self.read(&studio_key(studio))
    }

    /// Every studio, oldest first.
    #[must_use]
    pub fn studios(&self) -> Vec<Studio> {
        self.scan(PREFIX).into_iter().map(|(_, studio)| studio).collect()
    }

    /// The studio of `chat`, made when missing (not approved).
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn open_studio(&self, chat: ChatId, kind: StudioKind, title: &str) -> Result<Studio> {
        let title = title.to_owned();
        self.write(move |draft| {
            if let Some(id) = draft.get::<StudioId>(&chat_key(chat))
                && let Some(studio) = draft.get(&studio_key(id))
            {
                return Ok(studio);
            }
            let id = StudioId(draft.next_number(COUNTER)?);
            let studio = Studio::new(id, chat, kind, title);
            draft.put(chat_key(chat), &id)?;
            draft.put(studio_key(id), &studio)?;
            Ok(studio)
        })
        .await
    }

    /// Changes a studio. Its number and its chat stay.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Failed`].
    pub async fn update_studio(
        &self,
        studio: StudioId,
        change: impl FnOnce(&mut Studio) + Send + 'static,
    ) -> Result<Studio> {
        self.write(move |draft| {
            let before: Studio = draft.need(&studio_key(studio))?;
            let mut after = before.clone();
            change(&mut after);
            (after.id, after.chat) = (before.id, before.chat);
            draft.put(studio_key(studio), &after)?;
            Ok(after)
        })
        .await
    }

    /// Moves the studio of `old` to `new`, as a group's when it becomes a supergroup. A studio that the new chat got
    /// meanwhile gives way while it has no targets. Said twice, it answers the same.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where neither chat has one, [`StoreError::Taken`], [`StoreError::Failed`].
    pub async fn move_studio(&self, old: ChatId, new: ChatId) -> Result<Studio> {
        self.write(move |draft| {
            let there = draft.get::<StudioId>(&chat_key(new));
            let Some(id) = draft.get::<StudioId>(&chat_key(old)) else {
                return draft.need(&studio_key(there.ok_or(StoreError::Missing)?));
            };
            if let Some(there) = there.filter(|there| *there != id) {
                if targets::has_any(draft, there)? {
                    return Err(StoreError::Taken);
                }
                forget(draft, there)?;
            }
            // The panel's message stayed behind in the old chat.
            let studio = Studio { chat: new, panel: None, topic: None, ..draft.need(&studio_key(id))? };
            draft.put(studio_key(id), &studio)?;
            draft.put(chat_key(new), &id)?;
            draft.delete(chat_key(old));
            Ok(studio)
        })
        .await
    }
}
