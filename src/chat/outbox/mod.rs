//! Everything that is written goes through here: one task, a queue for each chat. It must not know what messages
//! mean. A chat that Telegram wants left alone, or that is gone, holds up no other.
//!
//! Read [`Outbox`] first, then `lane`.

mod courier;
mod lane;
mod pace;

pub(super) use courier::Courier;

use super::page::Post;
use super::telegram::Answer;
use crate::domain::id::ChatId;
use tokio::sync::{mpsc, oneshot};

/// Orders that may wait for the courier; more are lost.
const ORDERS: usize = 2048;

/// How urgent something is. Answers to taps are before all of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Urgency {
    Reply,
    Alert,
    Panel,
}

/// What is to be done to a chat.
#[derive(Debug)]
pub(super) enum Job {
    /// A new message; its number goes to `done`.
    Send { post: Post, done: Option<oneshot::Sender<i32>> },
    /// An own message becomes another.
    Edit { message: i32, post: Post, gone: IfGone },
    /// A message goes.
    Delete { message: i32 },
}

/// What becomes of an edit whose message is gone.
#[derive(Debug)]
pub(super) enum IfGone {
    /// It is sent anew.
    Anew,
    /// It is told here, also where the bot may not speak any more.
    Tell(oneshot::Sender<()>),
}

impl Job {
    /// The message that is edited.
    fn edits(&self) -> Option<i32> {
        if let Self::Edit { message, .. } = self { Some(*message) } else { None }
    }

    #[cfg(test)]
    fn text(&self) -> &str {
        match self {
            Self::Send { post, .. } | Self::Edit { post, .. } => &post.text,
            Self::Delete { .. } => "",
        }
    }
}

enum Order {
    Do { chat: ChatId, urgency: Urgency, job: Job },
    Answer { query: String, answer: Answer },
    Open(ChatId),
    Shut(ChatId),
    Drain(oneshot::Sender<()>),
}

/// Where messages are handed in. Cheap to clone; never waits.
#[derive(Clone)]
pub(super) struct Outbox(mpsc::Sender<Order>);

impl Outbox {
    /// With the orders for a [`Courier`].
    pub(super) fn new() -> (Self, Orders) {
        let (sender, receiver) = mpsc::channel(ORDERS);
        (Self(sender), Orders(receiver))
    }

    pub(super) fn put(&self, chat: ChatId, urgency: Urgency, job: Job) {
        self.order(Order::Do { chat, urgency, job });
    }

    /// Sends a message.
    pub(super) fn send(&self, chat: ChatId, urgency: Urgency, post: Post) {
        self.put(chat, urgency, Job::Send { post, done: None });
    }

    /// Sends a message, and tells its number; nothing, when it could not be sent.
    pub(super) fn send_numbered(&self, chat: ChatId, urgency: Urgency, post: Post) -> oneshot::Receiver<i32> {
        let (done, number) = oneshot::channel();
        self.put(chat, urgency, Job::Send { post, done: Some(done) });
        number
    }

    /// Makes an own message another, or sends it anew where that is gone.
    pub(super) fn edit(&self, chat: ChatId, urgency: Urgency, message: i32, post: Post) {
        self.put(chat, urgency, Job::Edit { message, post, gone: IfGone::Anew });
    }

    pub(super) fn delete(&self, chat: ChatId, message: i32) {
        self.put(chat, Urgency::Alert, Job::Delete { message });
    }

    /// Answers a tap.
    pub(super) fn answer(&self, query: String, answer: Answer) {
        self.order(Order::Answer { query, answer });
    }

    /// Somebody spoke there, so the bot may too.
    pub(super) fn open(&self, chat: ChatId) {
        self.order(Order::Open(chat));
    }

    /// The bot was thrown out there.
    pub(super) fn shut(&self, chat: ChatId) {
        self.order(Order::Shut(chat));
    }

    /// Waits until all that was handed in is out.
    pub(super) async fn drained(&self) {
        let (done, drained) = oneshot::channel();
        if self.0.send(Order::Drain(done)).await.is_ok() {
            let _ = drained.await;
        }
    }

    fn order(&self, order: Order) {
        if self.0.try_send(order).is_err() {
            tracing::warn!("a message was lost: Telegram does not keep up");
        }
    }
}

/// What was handed in, for a [`Courier`].
pub(super) struct Orders(mpsc::Receiver<Order>);

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn send(text: &str) -> Job {
        Job::Send { post: Post { text: text.into(), ..Post::default() }, done: None }
    }

    pub(super) fn edit(message: i32, text: &str) -> Job {
        Job::Edit { message, post: Post { text: text.into(), ..Post::default() }, gone: IfGone::Anew }
    }
}
