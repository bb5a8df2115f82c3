//! Everything that the stand-in knows, in one place behind one lock: people, chats, messages, what the bot has yet to
//! fetch. Knows nothing of HTTP.

use super::fault::Faults;
use super::journal::Journal;
use super::limiter::{Limiter, Limits};
use super::message::{Content, File, Message, Service};
use super::people::{Chat, ChatKind, GROUP_ANONYMOUS_BOT, Member, Role, User};
use super::profile::Profile;
use super::updates::Updates;
use crate::domain::id::{ChatId, UserId};
use axum::body::Bytes;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// How many requests are remembered for [`Phone::calls`](super::Phone::calls).
const REMEMBERED: usize = 4096;

/// The world of one bot. Build it, then hand it to [`BotApi::start`](super::BotApi::start).
#[derive(Debug)]
pub struct World {
    pub(super) bot: User,
    /// The bot sees all group messages (privacy mode off).
    pub(super) reads_all: bool,
    pub(super) users: BTreeMap<i64, User>,
    pub(super) chats: BTreeMap<i64, Chat>,
    pub(super) updates: Updates,
    pub(super) queries: BTreeMap<String, Query>,
    pub(super) toasts: Vec<Toast>,
    pub(super) files: BTreeMap<String, (File, Bytes)>,
    pub(super) profile: Profile,
    pub(super) limiter: Limiter,
    pub(super) faults: Faults,
    pub(super) journal: Journal,
    pub(super) calls: VecDeque<Call>,
    /// Something that people see has changed.
    pub(super) seen: bool,
    /// The page is a console of a real Telecast.
    pub(super) console: bool,
    /// When it was made, by the calendar and by the clock that tests can stop.
    began: (Duration, Instant),
    skew: Duration,
    last_id: i64,
    last_message: i32,
    /// Supergroups number on from here.
    base: i32,
}

/// A tap that the bot has or has not answered.
#[derive(Clone, Debug)]
pub(super) struct Query {
    pub(super) user: i64,
    pub(super) chat: i64,
    pub(super) asked: i64,
    pub(super) answered: bool,
}

/// What a person sees after a tap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// Who sees it.
    pub user: i64,
    /// Where the tap was.
    pub chat: i64,
    /// The query that it answers.
    pub query: String,
    /// The words; empty when the bot only acknowledged the tap.
    pub text: String,
    /// Shown as a window to be closed, not as a passing line.
    pub alert: bool,
    /// Opened at once: a deep link to the bot.
    pub url: Option<String>,
}

/// A request of the bot and its answer.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method, in lower case.
    pub method: String,
    /// Its parameters as received.
    pub params: Value,
    /// The HTTP status.
    pub code: u16,
    /// The body of the answer.
    pub response: Value,
}

impl World {
    /// A bot and nobody else.
    #[must_use]
    pub fn new(bot_name: &str, bot_username: &str) -> Self {
        let bot = User {
            id: 7_000_000_001,
            first_name: bot_name.into(),
            username: Some(bot_username.into()),
            language: None,
            is_bot: true,
        };
        Self {
            profile: Profile::new(bot_name),
            bot,
            reads_all: false,
            users: BTreeMap::new(),
            chats: BTreeMap::new(),
            updates: Updates::default(),
            queries: BTreeMap::new(),
            toasts: Vec::new(),
            files: BTreeMap::new(),
            limiter: Limiter::new(Limits::default()),
            faults: Faults::default(),
            journal: Journal::default(),
            calls: VecDeque::new(),
            seen: false,
            console: false,
            began: (SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(), Instant::now()),
            skew: Duration::ZERO,
            last_id: 100,
            last_message: 0,
            base: 0,
        }
    }

    /// The world of the demo: Olivia (who becomes the owner), 阿明 Ming and Sam, and a group that the bot is not in yet.
    #[must_use]
    pub fn demo() -> Self {
        let mut world = Self::new("Telecast", "telecast_demo_bot");
        world.add_person(OLIVIA, "Olivia", "en").add_person(MING, "阿明 Ming", "zh-hans").add_person(SAM, "Sam", "en");
        let members = [(MING, Role::Creator), (OLIVIA, Role::Admin(super::Rights::ALL)), (SAM, Role::Member)];
        world.add_group(WEEKEND_SHOW, ChatKind::Supergroup, "周末直播 Weekend Show", &members);
        world
    }

    /// Adds a person, who has a private chat with the bot that is not started yet.
    pub fn add_person(&mut self, id: UserId, name: &str, language: &str) -> &mut Self {
        let id = id.0.cast_signed();
        let user = User { id, first_name: name.into(), username: None, language: Some(language.into()), is_bot: false };
        self.users.insert(id, user);
        self.chats.insert(id, Chat::new(id, ChatKind::Private, name));
        self
    }

    /// Adds a group or a channel. The bot is in it when it is among the members ([`World::bot_id`]).
    pub fn add_group(&mut self, id: ChatId, kind: ChatKind, title: &str, members: &[(UserId, Role)]) -> &mut Self {
        let mut chat = Chat::new(id.0, kind, title);
        chat.members = members.iter().map(|&(user, role)| (user.0.cast_signed(), Member::new(role))).collect();
        self.chats.insert(id.0, chat);
        self
    }

    /// Gives a supergroup a topic, by a number that no message of it has.
    pub fn add_topic(&mut self, group: ChatId, topic: i32) -> &mut Self {
        if let Some(chat) = self.chats.get_mut(&group.0) {
            chat.topics.push(topic);
        }
        self
    }

    /// Sets the limits of the flood control.
    pub fn set_limits(&mut self, limits: Limits) -> &mut Self {
        self.limiter = Limiter::new(limits);
        self
    }

    /// Begins to number messages and updates here.
    pub fn number_from(&mut self, messages: i32, updates: u32) -> &mut Self {
        (self.last_message, self.base) = (messages, messages);
        self.updates.number_from(i64::from(updates));
        self
    }

    /// The page says that what is behind it is real.
    pub fn be_console(&mut self) -> &mut Self {
        self.console = true;
        self
    }

    /// Turns privacy mode off: the bot sees all that is said in groups.
    pub fn reads_all_group_messages(&mut self) -> &mut Self {
        self.reads_all = true;
        self
    }

    /// The bot's own id.
    #[must_use]
    pub fn bot_id(&self) -> UserId {
        UserId(self.bot.id.unsigned_abs())
    }

    /// Unix seconds, with the time that was skipped by [`Phone::advance`](super::Phone::advance).
    pub(super) fn now(&self) -> i64 {
        i64::try_from(self.clock().as_secs()).unwrap_or(i64::MAX)
    }

    /// Time since 1970, with what was skipped.
    pub(super) fn clock(&self) -> Duration {
        let (date, began) = self.began;
        date + began.elapsed() + self.skew
    }

    pub(super) fn skip(&mut self, time: Duration) {
        self.skew += time;
    }

    /// A number never given before, for queries and files.
    pub(super) fn fresh_id(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
    }

    pub(super) fn user(&self, id: i64) -> Option<&User> {
        if id == self.bot.id { Some(&self.bot) } else { self.users.get(&id) }
    }

    pub(super) fn user_json(&self, id: i64) -> Value {
        match self.user(id) {
            Some(user) => user.json(),
            None if id == GROUP_ANONYMOUS_BOT => {
                json!({"id": id, "is_bot": true, "first_name": "Group", "username": "GroupAnonymousBot"})
            }
            None => json!({"id": id, "is_bot": false, "first_name": "Deleted Account"}),
        }
    }

    pub(super) fn chat_json(&self, id: i64) -> Value {
        self.chats.get(&id).map_or(Value::Null, |chat| chat.json(self.users.get(&id)))
    }

    pub(super) fn message(&self, chat: i64, id: i32) -> Option<&Message> {
        self.chats.get(&chat)?.messages.get(&id)
    }

    /// A message with everything unset, numbered for `chat`, not yet in it. Supergroups count for themselves; private
    /// chats and basic groups share one count, as a user's do.
    pub(super) fn draft(&mut self, chat: &mut Chat, from: i64, content: Content) -> Message {
        let id = if matches!(chat.kind, ChatKind::Supergroup | ChatKind::Channel) {
            let newest = chat.messages.keys().chain(&chat.deleted).max();
            newest.copied().unwrap_or(self.base) + 1
        } else {
            self.last_message += 1;
            self.last_message
        };
        Message {
            id,
            chat: chat.id,
            from,
            anonymous: false,
            by_bot: from == self.bot.id,
            date: self.now(),
            edited: None,
            content,
            reply_to: None,
            topic: None,
            forwarded_from: None,
            keyboard: Vec::new(),
            silent: false,
            protected: false,
            album: None,
            reaction: None,
            revision: 0,
        }
    }

    /// Puts a message into a chat that exists. `shape` sets what a draft leaves open.
    pub(super) fn post(
        &mut self,
        chat: i64,
        from: i64,
        content: Content,
        shape: impl FnOnce(&mut Message),
    ) -> Option<Message> {
        let mut place = self.chats.remove(&chat)?;
        let mut message = self.draft(&mut place, from, content);
        shape(&mut message);
        place.messages.insert(message.id, message.clone());
        self.chats.insert(chat, place);
        self.seen = true;
        Some(message)
    }

    /// A service line, which the bot sees when it is in the chat.
    pub(super) fn announce(&mut self, chat: i64, from: i64, service: Service) {
        if let Some(message) = self.post(chat, from, Content::Service(service), |_| {}) {
            self.deliver(&message);
        }
    }

    /// Takes a message away for everyone.
    pub(super) fn remove(&mut self, chat: i64, id: i32) {
        if let Some(chat) = self.chats.get_mut(&chat)
            && chat.messages.remove(&id).is_some()
        {
            chat.deleted.push(id);
            chat.pinned.retain(|&p| p != id);
            self.seen = true;
        }
    }

    /// Writes a call down.
    pub(super) fn remember(&mut self, call: Call) {
        if self.calls.len() == REMEMBERED {
            self.calls.pop_front();
        }
        self.calls.push_back(call);
    }
}

/// Who becomes the owner in the demo; speaks English.
pub const OLIVIA: UserId = UserId(1001);
/// Admin of the demo's group; speaks Chinese.
pub const MING: UserId = UserId(1002);
/// Plain member of the demo's group.
pub const SAM: UserId = UserId(1003);
/// The demo's group.
pub const WEEKEND_SHOW: ChatId = ChatId(-1_002_000_000_001);
