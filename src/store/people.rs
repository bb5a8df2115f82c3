//! First run and people.

use super::keyring::Sealed;
use super::{Draft, Person, Result, Store, StoreError};
use crate::domain::id::UserId;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::SystemTime;
use subtle::ConstantTimeEq;

const BEGUN_UPDATE: &str = "meta/begun-update";
const HANDED_UPDATES: &str = "meta/handed-updates";
pub(super) const TAPS: &str = "tap/";
const OWNER: &str = "meta/owner";
pub(super) const CLAIM: &str = "meta/claim";
pub(super) const CLAIM_PLACE: &str = "meta/claim/code";
const PROFILE: &str = "meta/profile";
const LAST_UPDATE: &str = "meta/last-update";

pub(super) fn person_key(user: UserId) -> String {
    format!("person/{user}")
}

pub(super) fn dialogue_key(user: UserId) -> String {
    format!("dialogue/{user}")
}

fn dialogue_place(user: UserId) -> String {
    format!("dialogue/{user}/state")
}

/// Where the record of a dialogue holds what is sealed, and for which place.
pub(super) fn sealed_dialogue(user: u64) -> Vec<(&'static str, String)> {
    vec![("", dialogue_place(UserId(user)))]
}

impl Store {
    /// The code that makes its user the owner: made on the first call, the same until it is used, `None` from then on.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn claim_code(&self) -> Result<Option<String>> {
        self.write(|draft| {
            if draft.get::<UserId>(OWNER).is_some() {
                return Ok(None);
            }
            if let Some(code) = stored_code(draft)? {
                return Ok(Some(code));
            }
            let mut random = [0u8; 16];
            getrandom::fill(&mut random).map_err(|e| StoreError::Failed(e.to_string()))?;
            let code = super::keyring::hex(&random);
            let sealed = draft.seal(CLAIM_PLACE, &code)?;
            draft.put(CLAIM, &sealed)?;
            Ok(Some(code))
        })
        .await
    }

    /// Makes `user` the owner if `code` is right and nobody is; says whether they now are.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn claim(&self, code: &str, user: UserId) -> Result<bool> {
        let code = code.to_owned();
        self.write(move |draft| {
            let right = match stored_code(draft)? {
                Some(stored) => bool::from(stored.as_bytes().ct_eq(code.as_bytes())),
                None => false,
            };
            if !right || draft.get::<UserId>(OWNER).is_some() {
                return Ok(false);
            }
            draft.put(OWNER, &user)?;
            draft.delete(CLAIM);
            let person = Person { approved: true, ..draft.get(&person_key(user)).unwrap_or_default() };
            draft.put(person_key(user), &person)?;
            Ok(true)
        })
        .await
    }

    /// The owner of this installation, once claimed.
    #[must_use]
    pub fn owner(&self) -> Option<UserId> {
        self.read(OWNER)
    }

    /// What is known of `user`; nothing, for a stranger.
    #[must_use]
    pub fn person(&self, user: UserId) -> Person {
        self.read(&person_key(user)).unwrap_or_default()
    }

    /// Everybody of whom something is known.
    #[must_use]
    pub fn people(&self) -> Vec<(UserId, Person)> {
        let number = |key: &str| key.strip_prefix("person/").and_then(|text| text.parse().ok()).map(UserId);
        self.scan("person/").into_iter().filter_map(|(key, person)| Some((number(&key)?, person))).collect()
    }

    /// Changes what is known of `user`.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn update_person(
        &self,
        user: UserId,
        change: impl FnOnce(&mut Person) + Send + 'static,
    ) -> Result<Person> {
        self.write(move |draft| {
            let mut person = draft.get(&person_key(user)).unwrap_or_default();
            change(&mut person);
            draft.put(person_key(user), &person)?;
            Ok(person)
        })
        .await
    }

    /// Where `user` is in a dialogue; `None` where nothing is stored or this version does not understand it.
    #[must_use]
    pub fn dialogue<T: DeserializeOwned>(&self, user: UserId) -> Option<T> {
        let sealed: Sealed = self.read(&dialogue_key(user))?;
        let clear = self.0.keys.unseal(&dialogue_place(user), &sealed).ok()?;
        serde_json::from_slice(&clear).ok()
    }

    /// Keeps, sealed, where `user` is in a dialogue; `None` forgets it.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn set_dialogue<T: Serialize>(&self, user: UserId, state: Option<&T>) -> Result<()> {
        let state = state.map(serde_json::to_string).transpose().map_err(|e| StoreError::Failed(e.to_string()))?;
        let state = state.map(zeroize::Zeroizing::new);
        self.write(move |draft| match state {
            Some(state) => {
                let sealed = draft.seal(&dialogue_place(user), &state)?;
                draft.put(dialogue_key(user), &sealed)
            }
            None => {
                draft.delete(dialogue_key(user));
                Ok(())
            }
        })
        .await
    }

    /// Puts `after` in the place of `before`, where `user` is still there; says whether so.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn replace_dialogue<T: Serialize>(&self, user: UserId, before: &T, after: &T) -> Result<bool> {
        let text = |state: &T| serde_json::to_string(state).map(zeroize::Zeroizing::new);
        let texts = text(before).and_then(|before| Ok((before, text(after)?)));
        let (before, after) = texts.map_err(|e| StoreError::Failed(e.to_string()))?;
        self.write(move |draft| {
            let place = dialogue_place(user);
            let Some(sealed) = draft.get::<Sealed>(&dialogue_key(user)) else { return Ok(false) };
            if !draft.keys().unseal_text(&place, &sealed).is_ok_and(|now| *now == *before) {
                return Ok(false);
            }
            let sealed = draft.seal(&place, &after)?;
            draft.put(dialogue_key(user), &sealed)?;
            Ok(true)
        })
        .await
    }

    /// A keyed hash of `text`, for what is handed out and comes back.
    #[must_use]
    pub fn mark_of(&self, text: &str) -> Option<String> {
        // Never the hash of an ingest key, which has no blank in it.
        self.0.keys.index(&format!("handed out: {text}")).ok()
    }

    /// A mark of what Telegram was last told of the bot itself.
    #[must_use]
    pub fn profile_mark(&self) -> Option<String> {
        self.read(PROFILE)
    }

    /// Remembers what Telegram was told of the bot itself.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn set_profile_mark(&self, mark: Option<String>) -> Result<()> {
        self.write(move |draft| match mark {
            Some(mark) => draft.put(PROFILE, &mark),
            None => {
                draft.delete(PROFILE);
                Ok(())
            }
        })
        .await
    }

    /// The last Telegram update that was dealt with.
    #[must_use]
    pub fn last_update(&self) -> Option<u32> {
        self.read(LAST_UPDATE)
    }

    /// Notes the last Telegram update that was dealt with. All taps are by then.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn set_last_update(&self, update: u32) -> Result<()> {
        self.write(move |draft| {
            for (key, _) in draft.scan::<serde_json::Value>(TAPS) {
                draft.delete(key);
            }
            draft.put(LAST_UPDATE, &update)
        })
        .await
    }

    /// The newest Telegram update that was begun with; it may not have been dealt with to the end.
    #[must_use]
    pub fn begun_update(&self) -> Option<u32> {
        self.read(BEGUN_UPDATE)
    }

    /// Notes the newest Telegram update that is begun with, which says that Telegram was heard just now.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn set_begun_update(&self, update: u32) -> Result<()> {
        self.write(move |draft| {
            draft.put(HANDED_UPDATES, &SystemTime::now())?;
            draft.put(BEGUN_UPDATE, &update)
        })
        .await
    }

    /// When Telegram last handed out every update that there was, as far as it was kept.
    #[must_use]
    pub fn handed_updates(&self) -> Option<SystemTime> {
        self.read(HANDED_UPDATES)
    }

    /// Notes when that was.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn set_handed_updates(&self, at: SystemTime) -> Result<()> {
        self.write(move |draft| draft.put(HANDED_UPDATES, &at)).await
    }

    /// Keeps what a tapped button means until its update is dealt with.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub async fn keep_tap<T: Serialize>(&self, button: &str, meaning: &T) -> Result<()> {
        let key = format!("{TAPS}{button}");
        let meaning = serde_json::to_value(meaning).map_err(|e| StoreError::Failed(e.to_string()))?;
        self.write(move |draft| draft.put(key, &meaning)).await
    }

    /// The buttons that were tapped and not dealt with, with what they mean, as far as this version understands it.
    #[must_use]
    pub fn taps<T: DeserializeOwned>(&self) -> Vec<(String, T)> {
        let taps = self.scan::<serde_json::Value>(TAPS).into_iter();
        taps.filter_map(|(key, meaning)| {
            Some((key.strip_prefix(TAPS)?.to_owned(), serde_json::from_value(meaning).ok()?))
        })
        .collect()
    }
}

/// Forgets a person, but that their owner wants to hear no more of them.
pub(super) fn forget(draft: &mut Draft<'_>, user: UserId) -> Result<()> {
    let person: Person = draft.get(&person_key(user)).unwrap_or_default();
    if person.blocked {
        return draft.put(person_key(user), &Person { blocked: true, ..Person::default() });
    }
    draft.delete(person_key(user));
    Ok(())
}

fn stored_code(draft: &Draft<'_>) -> Result<Option<String>> {
    let Some(sealed) = draft.get::<Sealed>(CLAIM) else { return Ok(None) };
    let code = draft.keys().unseal_text(CLAIM_PLACE, &sealed).map_err(|e| StoreError::Failed(e.to_string()))?;
    Ok(Some(code.to_string()))
}
