//! What a front end asks to be remembered: languages, dialogues, where it stands in its own stream of updates.

use super::{Change, Refused, Service};
use crate::domain::access::{Caller, Right};
use crate::domain::id::{ChatId, StudioId, UserId};
use crate::domain::lang::Lang;
use crate::store::{Person, Studio};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::SystemTime;

impl Service {
    /// What is known of `user`; nothing, for a stranger.
    #[must_use]
    pub fn person(&self, user: UserId) -> Person {
        self.0.store.person(user)
    }

    /// Notes what an approved person is called now. Nothing is kept of strangers.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn set_name(&self, user: UserId, name: &str) -> Result<(), Refused> {
        if self.is_approved(user) && self.0.store.person(user).name != name {
            let name = name.to_owned();
            self.0.store.update_person(user, move |person| person.name = name).await?;
        }
        Ok(())
    }

    /// `user` was told whose server this is.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn told_host(&self, user: UserId) -> Result<(), Refused> {
        self.0.store.update_person(user, |person| person.told_host = true).await?;
        Ok(())
    }

    /// `user` chose a language.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn set_language(&self, user: UserId, language: Lang) -> Result<(), Refused> {
        self.0.store.update_person(user, move |person| person.language = Some(language)).await?;
        Ok(())
    }

    /// The language in which a studio's panel and notices are written.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn set_studio_language(&self, studio: StudioId, language: Lang) -> Result<(), Refused> {
        self.0.store.update_studio(studio, move |studio| studio.language = Some(language)).await?;
        Ok(())
    }

    /// A person chose the language in which the studio is spoken to.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Operate`].
    pub async fn choose_language(&self, caller: Caller, language: Lang) -> Result<Studio, Refused> {
        let studio = self.admit(caller, Right::Operate).await?;
        self.set_studio_language(studio.id, language).await?;
        if studio.language != Some(language) {
            self.changed(&studio, caller, Change::Language(language));
        }
        Ok(studio)
    }

    /// The topic of the studio's group in which it is told things from now on.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn set_topic(&self, studio: StudioId, topic: Option<i32>) -> Result<(), Refused> {
        if self.0.store.studio(studio).is_some_and(|studio| studio.topic != topic) {
            self.0.store.update_studio(studio, move |studio| studio.topic = topic).await?;
        }
        Ok(())
    }

    /// The message that is the studio's panel from now on.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn set_panel_message(&self, studio: StudioId, message: Option<i32>) -> Result<(), Refused> {
        if self.0.store.studio(studio).is_some_and(|studio| studio.panel != message) {
            self.0.store.update_studio(studio, move |studio| studio.panel = message).await?;
        }
        Ok(())
    }

    /// Where `user` is in a dialogue; `None` also where this version does not understand what was stored.
    #[must_use]
    pub fn dialogue<T: DeserializeOwned>(&self, user: UserId) -> Option<T> {
        self.0.store.dialogue(user)
    }

    /// Keeps, sealed, where `user` is in a dialogue; `None` forgets it.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn set_dialogue<T: Serialize>(&self, user: UserId, state: Option<&T>) -> Result<(), Refused> {
        Ok(self.0.store.set_dialogue(user, state).await?)
    }

    /// Puts `after` in the place of `before`, where `user` is still there in a dialogue; says whether so.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn replace_dialogue<T: Serialize>(&self, user: UserId, before: &T, after: &T) -> Result<bool, Refused> {
        Ok(self.0.store.replace_dialogue(user, before, after).await?)
    }

    /// A keyed hash of `text` that only this installation can make, in hexadecimal; nothing where that fails.
    #[must_use]
    pub fn mark_of(&self, text: &str) -> Option<String> {
        self.0.store.mark_of(text)
    }

    /// A mark of what a front end has told its network of itself.
    #[must_use]
    pub fn profile_mark(&self) -> Option<String> {
        self.0.store.profile_mark()
    }

    /// Remembers it.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn set_profile_mark(&self, mark: Option<String>) -> Result<(), Refused> {
        Ok(self.0.store.set_profile_mark(mark).await?)
    }

    /// Remembers that a message is to be deleted then.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn note_vanishing(&self, chat: ChatId, message: i32, due: SystemTime) -> Result<(), Refused> {
        Ok(self.0.store.note_vanishing(chat, message, due).await?)
    }

    /// Every message that is still to be deleted, and when.
    #[must_use]
    pub fn vanishing(&self) -> Vec<(ChatId, i32, SystemTime)> {
        self.0.store.vanishing()
    }

    /// Such a message is gone.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn vanished(&self, chat: ChatId, message: i32) -> Result<(), Refused> {
        Ok(self.0.store.vanished(chat, message).await?)
    }

    /// The last update that was dealt with.
    #[must_use]
    pub fn last_update(&self) -> Option<u32> {
        self.0.store.last_update()
    }

    /// Notes the last update that was dealt with.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn set_last_update(&self, update: u32) -> Result<(), Refused> {
        Ok(self.0.store.set_last_update(update).await?)
    }

    /// The newest update that was begun with.
    #[must_use]
    pub fn begun_update(&self) -> Option<u32> {
        self.0.store.begun_update()
    }

    /// Notes the newest update that is begun with.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn set_begun_update(&self, update: u32) -> Result<(), Refused> {
        Ok(self.0.store.set_begun_update(update).await?)
    }

    /// When Telegram last handed out every update that there was, as far as it was kept.
    #[must_use]
    pub fn handed_updates(&self) -> Option<SystemTime> {
        self.0.store.handed_updates()
    }

    /// Notes when that was.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn set_handed_updates(&self, at: SystemTime) -> Result<(), Refused> {
        Ok(self.0.store.set_handed_updates(at).await?)
    }

    /// Keeps what a tapped button means until its update is dealt with.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn keep_tap<T: Serialize>(&self, button: &str, meaning: &T) -> Result<(), Refused> {
        Ok(self.0.store.keep_tap(button, meaning).await?)
    }

    /// The buttons that were tapped and not dealt with before a restart.
    #[must_use]
    pub fn taps<T: DeserializeOwned>(&self) -> Vec<(String, T)> {
        self.0.store.taps()
    }
}
