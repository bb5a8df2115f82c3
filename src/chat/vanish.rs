//! Messages that go by themselves, because they hold a key. When each is due lies in the store, so that a restart does not
//! let one stay.

use super::desk::Desk;
use super::outbox::Urgency;
use super::page::Post;
use super::telegram::Fault;
use crate::domain::id::ChatId;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// How long such a message stays.
const STAYS: Duration = Duration::from_secs(60);
/// How long after a failure it is tried again to delete one.
const AGAIN: Duration = Duration::from_secs(10);

impl Desk {
    /// Says something that goes again after a minute.
    pub(super) fn say_for_a_while(self: &Arc<Self>, chat: ChatId, post: Post) {
        let number = self.outbox.send_numbered(chat, Urgency::Reply, post);
        let desk = Arc::clone(self);
        self.spawn(async move {
            let Ok(message) = number.await else { return };
            let due = SystemTime::now() + STAYS;
            if let Err(refused) = desk.service.note_vanishing(chat, message, due).await {
                tracing::error!(%refused, "a message with a key goes only if this process lives");
            }
            desk.let_vanish(chat, message, due).await;
        });
    }

    /// Lets those go that an earlier process said.
    pub(super) fn vanish_what_is_due(self: &Arc<Self>) {
        for (chat, message, due) in self.service.vanishing() {
            let desk = Arc::clone(self);
            self.spawn(async move { desk.let_vanish(chat, message, due).await });
        }
    }

    async fn let_vanish(&self, chat: ChatId, message: i32, due: SystemTime) {
        // A clock that was set back must not keep a key on the screen.
        let left = due.duration_since(SystemTime::now()).unwrap_or_default().min(STAYS);
        tokio::time::sleep(left).await;
        while matches!(self.telegram.delete(chat, message).await, Err(Fault::Wait(_) | Fault::Unreachable(_))) {
            tokio::time::sleep(AGAIN).await;
        }
        if let Err(refused) = self.service.vanished(chat, message).await {
            tracing::warn!(%refused, "that a message is gone was not noted");
        }
    }
}
