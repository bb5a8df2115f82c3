//! Everything that is written goes through here: one task, a queue for each chat. It must not know what messages
//! mean. A chat that Telegram wants left alone, or that is gone, holds up no other.
//!
//! Read [`Outbox`] first, then `lane`, then `whole`.

mod courier;
mod lane;
mod pace;
mod whole;

pub(super) use courier::Courier;

use super::page::Post;
use super::telegram::Answer;
use crate::domain::id::ChatId;
use futures_util::FutureExt as _;
use futures_util::future::Shared;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::sync::{mpsc, oneshot};

/// Orders that may wait for the courier; more are lost.
const ORDERS: usize = 2048;

/// How urgent something is. Answers to taps are before all of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Urgency {
    Reply,
    Alert,
    Panel,
}

/// What is to be done to a chat.
#[derive(Debug)]
pub(super) enum Job {
    /// A new message; its number goes to `done`. By its `letter` it can be corrected while it waits.
    Send { post: Post, letter: Option<u64>, done: Option<oneshot::Sender<i32>> },
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

    /// The message that is edited or deleted.
    fn touches(&self) -> Option<i32> {
        if let Self::Delete { message } = self { Some(*message) } else { self.edits() }
    }

    fn letter(&self) -> Option<u64> {
        if let Self::Send { letter, .. } = self { *letter } else { None }
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
    Do {
        chat: ChatId,
        urgency: Urgency,
        job: Job,
    },
    Answer {
        query: String,
        answer: Answer,
    },
    /// Something else, or nothing, in place of a message that has not left yet; whether it had not goes to `done`.
    Correct {
        chat: ChatId,
        letter: u64,
        post: Option<Post>,
        done: oneshot::Sender<bool>,
    },
    Open(ChatId),
    Shut(ChatId),
    /// Until every answer of these chats is out.
    Answered {
        chats: Vec<ChatId>,
        done: oneshot::Sender<()>,
    },
    Drain(oneshot::Sender<()>),
}

/// A message that may have to say something else soon.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    pub(super) chat: ChatId,
    id: u64,
    number: Shared<oneshot::Receiver<i32>>,
    withdrawn: Arc<AtomicBool>,
}

impl Letter {
    /// Its number, if it is sent by now.
    pub(super) fn number_now(&self) -> Option<i32> {
        self.number.clone().now_or_never()?.ok()
    }

    /// Whether it has become message `number`.
    pub(super) fn is(&self, chat: ChatId, number: i32) -> bool {
        self.chat == chat && self.number_now() == Some(number)
    }

    /// Whether it was taken back.
    pub(super) fn is_withdrawn(&self) -> bool {
        self.withdrawn.load(Ordering::Relaxed)
    }

    /// Its number once it is sent; nothing, when it could not be.
    pub(super) async fn number(self) -> Option<i32> {
        self.number.await.ok()
    }
}

/// Where messages are handed in. Cheap to clone; never waits.
#[derive(Clone)]
pub(super) struct Outbox {
    orders: mpsc::Sender<Order>,
    letters: Arc<AtomicU64>,
}

impl Outbox {
    /// With the orders for a [`Courier`].
    pub(super) fn new() -> (Self, Orders) {
        let (sender, receiver) = mpsc::channel(ORDERS);
        (Self { orders: sender, letters: Arc::default() }, Orders(receiver))
    }

    pub(super) fn put(&self, chat: ChatId, urgency: Urgency, job: Job) {
        self.order(Order::Do { chat, urgency, job });
    }

    /// Sends a message.
    pub(super) fn send(&self, chat: ChatId, urgency: Urgency, post: Post) {
        self.put(chat, urgency, Job::Send { post, letter: None, done: None });
    }

    /// Sends a message, and tells its number; nothing, when it could not be sent.
    pub(super) fn send_numbered(&self, chat: ChatId, urgency: Urgency, post: Post) -> oneshot::Receiver<i32> {
        let (done, number) = oneshot::channel();
        self.put(chat, urgency, Job::Send { post, letter: None, done: Some(done) });
        number
    }

    /// Sends a message that may have to say something else soon.
    pub(super) fn letter(&self, chat: ChatId, urgency: Urgency, post: Post) -> Letter {
        let (done, number) = oneshot::channel();
        let id = self.letters.fetch_add(1, Ordering::Relaxed);
        self.put(chat, urgency, Job::Send { post, letter: Some(id), done: Some(done) });
        Letter { chat, id, number: number.shared(), withdrawn: Arc::default() }
    }

    /// Makes a letter say something else, without a sound: where it waits, or where it is by now.
    pub(super) async fn correct(&self, letter: Letter, urgency: Urgency, post: Post) {
        if self.waits(&letter, Some(post.clone())).await {
            return;
        }
        let chat = letter.chat;
        if let Some(number) = letter.number().await {
            self.edit(chat, urgency, number, post);
        }
    }

    /// Takes a letter back: at once where it has not left, else it goes when `newer` is there in its place.
    pub(super) async fn withdraw(&self, letter: Letter, newer: Letter) {
        letter.withdrawn.store(true, Ordering::Relaxed);
        if self.waits(&letter, None).await || newer.number().await.is_none() {
            return;
        }
        let chat = letter.chat;
        if let Some(number) = letter.number().await {
            self.delete(chat, number);
        }
    }

    async fn waits(&self, letter: &Letter, post: Option<Post>) -> bool {
        let (done, waits) = oneshot::channel();
        self.order(Order::Correct { chat: letter.chat, letter: letter.id, post, done });
        waits.await.unwrap_or_default()
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

    /// Waits until every answer to these chats that was handed in is out.
    pub(super) async fn answered(&self, chats: Vec<ChatId>) {
        let (done, answered) = oneshot::channel();
        self.order(Order::Answered { chats, done });
        let _ = answered.await;
    }

    /// Waits until all that was handed in is out.
    pub(super) async fn drained(&self) {
        let (done, drained) = oneshot::channel();
        if self.orders.send(Order::Drain(done)).await.is_ok() {
            let _ = drained.await;
        }
    }

    fn order(&self, order: Order) {
        if self.orders.try_send(order).is_err() {
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
        Job::Send { post: Post { text: text.into(), ..Post::default() }, letter: None, done: None }
    }

    pub(super) fn edit(message: i32, text: &str) -> Job {
        Job::Edit { message, post: Post { text: text.into(), ..Post::default() }, gone: IfGone::Anew }
    }
}
