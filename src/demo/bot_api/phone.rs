//! The people's side: what tests and the tour do in place of thumbs and eyes.

use super::Shared;
use super::deeds::{Manner, Tapped};
use super::fault::Fault;
use super::message::Message;
use super::people::Role;
use super::transcript;
use super::world::{Call, Toast, World};
use crate::domain::id::{ChatId, UserId};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Everybody's phone. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Phone {
    shared: Arc<Shared>,
}

/// A person could not do something, or waited in vain. Says what was there instead.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Stuck(String);

impl From<String> for Stuck {
    fn from(words: String) -> Self {
        Self(words)
    }
}

const fn raw(user: UserId) -> i64 {
    user.0.cast_signed()
}

/// Doing.
impl Phone {
    pub(super) const fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    fn with<T>(&self, work: impl FnOnce(&mut World) -> T) -> T {
        self.shared.with(work)
    }

    /// The private chat of a person with the bot.
    #[must_use]
    pub const fn private(user: UserId) -> ChatId {
        ChatId(raw(user))
    }

    /// Writes `text`; the number of the message. In a private chat the first word starts the chat.
    ///
    /// # Errors
    /// The person is not in that chat.
    pub fn say(&self, user: UserId, chat: ChatId, text: &str) -> Result<i32, Stuck> {
        self.say_so(user, chat, text, Manner::default())
    }

    /// Writes in answer to a message.
    ///
    /// # Errors
    /// The person is not in that chat.
    pub fn reply(&self, user: UserId, chat: ChatId, to: i32, text: &str) -> Result<i32, Stuck> {
        self.say_so(user, chat, text, Manner { reply_to: Some(to), ..Manner::default() })
    }

    /// Writes in the group's name, as an anonymous admin does.
    ///
    /// # Errors
    /// The person is not in that chat.
    pub fn say_anonymously(&self, user: UserId, chat: ChatId, text: &str) -> Result<i32, Stuck> {
        self.say_so(user, chat, text, Manner { anonymous: true, ..Manner::default() })
    }

    /// Writes in a topic of a group, in the group's name where `anonymous`.
    ///
    /// # Errors
    /// The person is not in that chat.
    pub fn say_in(&self, user: UserId, chat: ChatId, topic: i32, text: &str, anonymous: bool) -> Result<i32, Stuck> {
        self.say_so(user, chat, text, Manner { anonymous, topic: Some(topic), ..Manner::default() })
    }

    /// A topic of a group is deleted.
    pub fn delete_topic(&self, chat: ChatId, topic: i32) {
        self.with(|world| {
            if let Some(chat) = world.chats.get_mut(&chat.0) {
                chat.topics.retain(|known| *known != topic);
            }
        });
    }

    /// Forwards what `author` wrote elsewhere.
    ///
    /// # Errors
    /// The person is not in that chat.
    pub fn forward(&self, user: UserId, chat: ChatId, author: UserId, text: &str) -> Result<i32, Stuck> {
        self.say_so(user, chat, text, Manner { forwarded_from: Some(raw(author)), ..Manner::default() })
    }

    /// Wrote `text` so long ago that the bot was away.
    ///
    /// # Errors
    /// The person is not in that chat.
    pub fn said_ago(&self, user: UserId, chat: ChatId, text: &str, age: Duration) -> Result<i32, Stuck> {
        let age = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
        self.say_so(user, chat, text, Manner { age, ..Manner::default() })
    }

    fn say_so(&self, user: UserId, chat: ChatId, text: &str, manner: Manner) -> Result<i32, Stuck> {
        Ok(self.with(|world| world.say(raw(user), chat.0, text, manner))?)
    }

    /// Changes an own message.
    ///
    /// # Errors
    /// There is no such message.
    pub fn edit(&self, chat: ChatId, message: i32, text: &str) -> Result<(), Stuck> {
        Ok(self.with(|world| world.amend(chat.0, message, text))?)
    }

    /// Deletes a message on the person's side: bots are not told.
    pub fn delete(&self, chat: ChatId, message: i32) {
        self.with(|world| world.remove(chat.0, message));
    }

    /// Taps the button under `message` that says `label`, or the first that holds it.
    ///
    /// # Errors
    /// There is no such button; the words name those that are there.
    pub fn tap(&self, user: UserId, chat: ChatId, message: i32, label: &str) -> Result<Tapped, Stuck> {
        Ok(self.with(|world| world.tap(raw(user), chat.0, message, label))?)
    }

    /// Taps `label` under the newest message that has it.
    ///
    /// # Errors
    /// No message has such a button.
    pub fn press(&self, user: UserId, chat: ChatId, label: &str) -> Result<Tapped, Stuck> {
        let pressed = self.with(|world| {
            let id = world.newest_with(chat.0, label).map(|m| m.id)?;
            Some(world.tap(raw(user), chat.0, id, label))
        });
        match pressed {
            Some(tapped) => Ok(tapped?),
            None => Err(Stuck(format!("no button {label:?} in\n{}", self.transcript(chat)))),
        }
    }

    /// What a hostile client can do: any data for any message, also for one that is gone.
    ///
    /// # Errors
    /// The person is not in that chat.
    pub fn forge_tap(&self, user: UserId, chat: ChatId, message: i32, data: &str) -> Result<String, Stuck> {
        Ok(self.with(|world| world.ask(raw(user), chat.0, message, data))?)
    }

    /// Opens `t.me/<bot>?start=…`: the private chat, and Start.
    ///
    /// # Errors
    /// The link does not lead to the bot's private chat.
    pub fn open_link(&self, user: UserId, link: &str) -> Result<i32, Stuck> {
        let sent = self.with(|world| match world.deep_link(link) {
            Some((kind, payload)) if kind == "start" => {
                let text = format!("/start {payload}");
                world.say(raw(user), raw(user), &text, Manner::default())
            }
            _ => Err(format!("{link} does not open the bot")),
        });
        Ok(sent?)
    }

    /// Opens `t.me/<bot>?startgroup=…` and picks `group`.
    ///
    /// # Errors
    /// The link is another, or the person is not in that group.
    pub fn open_group_link(&self, user: UserId, link: &str, group: ChatId) -> Result<(), Stuck> {
        let done = self.with(|world| match world.deep_link(link) {
            Some((kind, payload)) if kind == "startgroup" => world.bring(raw(user), group.0, &payload, Role::Member),
            _ => Err(format!("{link} does not add the bot to a group")),
        });
        Ok(done?)
    }

    /// Brings the bot into a group.
    ///
    /// # Errors
    /// The person is not in that group.
    pub fn add_bot(&self, user: UserId, group: ChatId) -> Result<(), Stuck> {
        Ok(self.with(|world| world.bring(raw(user), group.0, "", Role::Member))?)
    }

    /// Makes the bot something else in a group: an admin, a plain member, kicked.
    pub fn set_bot_role(&self, actor: UserId, group: ChatId, role: Role) {
        self.with(|world| world.set_role(group.0, raw(actor), world.bot.id, role));
    }

    /// Makes `user` something else in a group. An actor that acts on itself comes or goes.
    pub fn set_role(&self, actor: UserId, group: ChatId, user: UserId, role: Role) {
        self.with(|world| world.set_role(group.0, raw(actor), raw(user), role));
    }

    /// An admin remains anonymous, or no more.
    pub fn set_anonymous(&self, group: ChatId, user: UserId, anonymous: bool) {
        self.with(|world| {
            if let Some(member) = world.chats.get_mut(&group.0).and_then(|c| c.members.get_mut(&raw(user))) {
                member.anonymous = anonymous;
            }
        });
    }

    /// Blocks the bot, or unblocks it.
    pub fn block(&self, user: UserId, blocked: bool) {
        self.with(|world| world.set_blocked(raw(user), blocked));
    }

    /// Turns a basic group into a supergroup; its new id.
    ///
    /// # Errors
    /// It is none, or has become one already.
    pub fn migrate(&self, group: ChatId) -> Result<ChatId, Stuck> {
        Ok(self.with(|world| world.migrate(group.0)).map(ChatId)?)
    }

    /// Lets time pass for everything that the stand-in counts: ages, expiry, flood control. Nothing waits.
    pub fn advance(&self, time: Duration) {
        self.with(|world| world.skip(time));
    }

    /// Stages a trouble.
    pub fn inject(&self, fault: Fault) {
        self.with(|world| world.faults.add(fault));
    }

    /// Ends all troubles that are still ahead.
    pub fn clear_faults(&self) {
        self.with(|world| world.faults.clear());
    }

    /// Cuts every connection to the stand-in and takes no more, or takes them again. People are not concerned: what they
    /// do meanwhile is fetched afterwards.
    pub fn set_reachable(&self, reachable: bool) {
        self.shared.gate.set(reachable);
    }

    /// Hands the newest `count` confirmed updates out once more with the next poll.
    pub fn deliver_again(&self, count: usize) {
        self.with(|world| world.updates.deliver_again(count));
        self.shared.queued.send_modify(|n| *n += 1);
    }
}

/// Seeing.
impl Phone {
    /// The messages in a chat, oldest first.
    #[must_use]
    pub fn messages(&self, chat: ChatId) -> Vec<Message> {
        self.with(|world| world.chats.get(&chat.0).map(|c| c.messages.values().cloned().collect()).unwrap_or_default())
    }

    /// One message, if it is there.
    #[must_use]
    pub fn message(&self, chat: ChatId, id: i32) -> Option<Message> {
        self.with(|world| world.message(chat.0, id).cloned())
    }

    /// The numbers of messages that are gone.
    #[must_use]
    pub fn deletions(&self, chat: ChatId) -> Vec<i32> {
        self.with(|world| world.chats.get(&chat.0).map(|c| c.deleted.clone()).unwrap_or_default())
    }

    /// Pinned messages, the newest last.
    #[must_use]
    pub fn pinned(&self, chat: ChatId) -> Vec<i32> {
        self.with(|world| world.chats.get(&chat.0).map(|c| c.pinned.clone()).unwrap_or_default())
    }

    /// The answers to a person's taps, oldest first.
    #[must_use]
    pub fn toasts(&self, user: UserId) -> Vec<Toast> {
        self.with(|world| world.toasts.iter().filter(|t| t.user == raw(user)).cloned().collect())
    }

    /// The commands that a person is offered in a chat, with their words.
    #[must_use]
    pub fn commands(&self, user: UserId, chat: ChatId) -> Vec<(String, String)> {
        self.with(|world| world.commands_for(raw(user), chat.0).to_vec())
    }

    /// A chat as text, for snapshots: who said what, buttons in brackets. No times, no numbers.
    #[must_use]
    pub fn transcript(&self, chat: ChatId) -> String {
        self.with(|world| transcript::of(world, chat.0))
    }

    /// The requests of the bot to `method`, oldest first; all with an empty name.
    #[must_use]
    pub fn calls(&self, method: &str) -> Vec<Call> {
        let method = method.to_ascii_lowercase();
        self.with(|world| {
            let fits = |call: &&Call| method.is_empty() || call.method == method;
            world.calls.iter().filter(fits).cloned().collect()
        })
    }

    /// How often the bot ran into the flood control. A good bot: never.
    #[must_use]
    pub fn flood_trips(&self) -> u32 {
        self.with(|world| world.limiter.trips)
    }

    /// Updates that the bot has not confirmed.
    #[must_use]
    pub fn unconfirmed(&self) -> usize {
        self.with(|world| world.updates.waiting())
    }

    /// The bytes of a photo, video or document.
    #[must_use]
    pub fn file(&self, id: &str) -> Option<axum::body::Bytes> {
        self.with(|world| world.files.get(id).map(|(_, bytes)| bytes.clone()))
    }

    /// Waits until `look` finds something; looks again at every change.
    ///
    /// # Errors
    /// Nothing was found `within` the time; the words are `what` and the chats.
    pub async fn wait<T>(
        &self,
        what: &str,
        within: Duration,
        mut look: impl FnMut(&Self) -> Option<T>,
    ) -> Result<T, Stuck> {
        let deadline = Instant::now() + within;
        let mut seen = self.shared.seen.subscribe();
        loop {
            if let Some(found) = look(self) {
                return Ok(found);
            }
            if timeout_at(deadline, seen.changed()).await.is_err() {
                let chats = self.with(|world| transcript::all(world));
                return Err(Stuck(format!("waited {within:?} in vain for {what}\n{chats}")));
            }
        }
    }

    /// Waits until the messages of a chat satisfy `test`, and returns them.
    ///
    /// # Errors
    /// They did not `within` the time; the words hold the transcript.
    pub async fn wait_for(
        &self,
        chat: ChatId,
        within: Duration,
        mut test: impl FnMut(&[Message]) -> bool,
    ) -> Result<Vec<Message>, Stuck> {
        self.wait("the messages of a chat", within, |phone| Some(phone.messages(chat)).filter(|m| test(m))).await
    }

    /// Waits for a message of the bot after number `after` (0: any) that holds `words`; the newest such.
    ///
    /// # Errors
    /// There was none `within` the time.
    pub async fn wait_for_text(
        &self,
        chat: ChatId,
        after: i32,
        words: &str,
        within: Duration,
    ) -> Result<Message, Stuck> {
        let fits = |m: &Message| m.by_bot && m.id > after && m.text().contains(words);
        self.wait(words, within, |phone| phone.messages(chat).into_iter().rev().find(fits)).await
    }

    /// Waits for the newest message with a button that says or holds `label`.
    ///
    /// # Errors
    /// There was none `within` the time.
    pub async fn wait_for_button(&self, chat: ChatId, label: &str, within: Duration) -> Result<Message, Stuck> {
        self.wait(label, within, |phone| phone.with(|world| world.newest_with(chat.0, label).cloned())).await
    }

    /// Waits for the answer to a tap.
    ///
    /// # Errors
    /// The tap asked nothing, or there was no answer `within` the time.
    pub async fn wait_for_toast(&self, tapped: &Tapped, within: Duration) -> Result<Toast, Stuck> {
        let Tapped::Asked(id) = tapped else { return Err(Stuck(format!("{tapped:?} asks nothing of the bot"))) };
        let find = |phone: &Self| phone.with(|world| world.toasts.iter().find(|t| t.query == *id).cloned());
        self.wait("the answer to a tap", within, find).await
    }

    /// Everything that a person's phone shows, as the page gets it.
    #[must_use]
    pub fn view(&self, user: UserId) -> Value {
        self.with(|world| super::view::of(world, raw(user)))
    }
}
