//! Messages that are to be deleted by themselves.

use super::{Result, Store};
use crate::domain::id::ChatId;
use std::time::SystemTime;

const PREFIX: &str = "vanish/";

fn key(chat: ChatId, message: i32) -> String {
    format!("{PREFIX}{chat}/{message}")
}

impl Store {
    /// Remembers that a message is to be deleted then.
    ///
    /// # Errors
    /// [`StoreError::Failed`](super::StoreError::Failed).
    pub async fn note_vanishing(&self, chat: ChatId, message: i32, due: SystemTime) -> Result<()> {
        self.write(move |draft| draft.put(key(chat, message), &due)).await
    }

    /// Every message that is still to be deleted, and when.
    #[must_use]
    pub fn vanishing(&self) -> Vec<(ChatId, i32, SystemTime)> {
        let read = |(key, due): (String, SystemTime)| {
            let (chat, message) = key.strip_prefix(PREFIX)?.split_once('/')?;
            Some((ChatId(chat.parse().ok()?), message.parse().ok()?, due))
        };
        self.scan(PREFIX).into_iter().filter_map(read).collect()
    }

    /// Such a message is gone.
    ///
    /// # Errors
    /// [`StoreError::Failed`](super::StoreError::Failed).
    pub async fn vanished(&self, chat: ChatId, message: i32) -> Result<()> {
        self.write(move |draft| {
            draft.delete(key(chat, message));
            Ok(())
        })
        .await
    }
}
