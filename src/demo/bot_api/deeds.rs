//! What people do: speak, tap, come and go. Each deed changes the world and queues what the bot is told of it.

use super::entities::Marked;
use super::keyboard::Action;
use super::message::{Content, Message, Service, inaccessible};
use super::people::{Chat, ChatKind, Member, Rights, Role};
use super::world::{Query, World};
use serde_json::json;

/// What came of a tap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tapped {
    /// The bot was asked; the id of the query, which its toast will carry.
    Asked(String),
    /// A page or chat to open.
    Link(String),
    /// A text that is now on the clipboard.
    Copied(String),
}

/// How something is said.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Manner {
    pub(super) reply_to: Option<i32>,
    pub(super) forwarded_from: Option<i64>,
    /// In the group's name.
    pub(super) anonymous: bool,
    /// In this topic.
    pub(super) topic: Option<i32>,
    /// Said so many seconds ago, and not fetched since.
    pub(super) age: i64,
}

impl World {
    /// Someone writes. A first word to the bot in private starts that chat.
    pub(super) fn say(&mut self, user: i64, chat: i64, text: &str, manner: Manner) -> Result<i32, String> {
        let name = self.user(user).ok_or("no such person")?.first_name.clone();
        let place = self.chats.get_mut(&chat).ok_or("no such chat")?;
        if place.kind == ChatKind::Private {
            if chat != user {
                return Err(format!("{name} can't write in another's private chat"));
            }
            if place.blocked {
                return Err(format!("{name} has blocked the bot"));
            }
            place.started = true;
        } else if let Some(id) = place.migrated_to {
            return Err(format!("the group has become {id}"));
        } else if !place.member(user).is_inside() {
            return Err(format!("{name} is not in {}", place.title));
        } else if place.kind == ChatKind::Channel && !place.member(user).is_admin() {
            return Err(format!("{name} may only read {}", place.title));
        }
        let content = Content::Text(Marked::typed(text));
        let message = self.post(chat, user, content, |message| {
            message.reply_to = manner.reply_to;
            message.forwarded_from = manner.forwarded_from;
            message.anonymous = manner.anonymous;
            message.topic = manner.topic;
            message.date -= manner.age;
        });
        let message = message.ok_or("no such chat")?;
        self.deliver(&message);
        Ok(message.id)
    }

    /// Someone changes what they wrote.
    pub(super) fn amend(&mut self, chat: i64, id: i32, text: &str) -> Result<(), String> {
        let now = self.now();
        let message = self.chats.get_mut(&chat).and_then(|c| c.messages.get_mut(&id)).ok_or("no such message")?;
        message.content = Content::Text(Marked::typed(text));
        message.edited = Some(now);
        message.revision += 1;
        let message = message.clone();
        self.seen = true;
        self.deliver(&message);
        Ok(())
    }

    /// Someone taps the button that says `label`, or the first that holds it.
    pub(super) fn tap(&mut self, user: i64, chat: i64, id: i32, label: &str) -> Result<Tapped, String> {
        let message = self.message(chat, id).ok_or_else(|| format!("message {id} is gone"))?;
        let buttons = || message.keyboard.iter().flatten();
        let button = buttons().find(|b| b.label == label).or_else(|| buttons().find(|b| b.label.contains(label)));
        let action = button.map(|b| b.action.clone());
        let action =
            action.ok_or_else(|| format!("no button {label:?} under message {id}, it has {:?}", message.labels()))?;
        self.act(user, chat, id, action)
    }

    /// Someone taps the button at this place.
    pub(super) fn tap_at(
        &mut self,
        user: i64,
        chat: i64,
        id: i32,
        row: usize,
        column: usize,
    ) -> Result<Tapped, String> {
        let button = self.message(chat, id).and_then(|m| m.keyboard.get(row)?.get(column));
        let action = button.ok_or_else(|| format!("message {id} has no such button"))?.action.clone();
        self.act(user, chat, id, action)
    }

    fn act(&mut self, user: i64, chat: i64, id: i32, action: Action) -> Result<Tapped, String> {
        match action {
            Action::Data(data) => self.ask(user, chat, id, &data).map(Tapped::Asked),
            Action::Url(url) => Ok(Tapped::Link(url)),
            Action::Copy(text) => Ok(Tapped::Copied(text)),
            Action::Other(kind, _) => Err(format!("the stand-in can't press a {kind} button")),
        }
    }

    /// A callback query, from a button or (a client can do that) with any data at all.
    pub(super) fn ask(&mut self, user: i64, chat: i64, id: i32, data: &str) -> Result<String, String> {
        let place = self.chats.get(&chat).ok_or("no such chat")?;
        if !(chat == user || place.member(user).is_inside()) {
            return Err(format!("user {user} is not in {}", place.title));
        }
        let message = match place.messages.get(&id) {
            Some(message) => message.json(self),
            None => inaccessible(self.chat_json(chat), id),
        };
        let query = format!("4{:018}", self.fresh_id());
        let asked = self.now();
        self.queries.insert(query.clone(), Query { user, chat, asked, answered: false });
        let instance = chat.wrapping_mul(0x9e37_79b9).to_string();
        self.queue(
            "callback_query",
            json!({"id": query, "from": self.user_json(user), "message": message, "chat_instance": instance, "data": data}),
        );
        Ok(query)
    }

    /// `actor` makes `user` something else in a group; with itself as actor, it comes or goes.
    pub(super) fn set_role(&mut self, chat: i64, actor: i64, user: i64, role: Role) {
        let Some(place) = self.chats.get_mut(&chat) else { return };
        let old = place.member(user);
        let new = Member { role, anonymous: old.anonymous };
        place.members.insert(user, new.clone());
        let told = place.member(self.bot.id).is_admin();
        let quiet = place.kind == ChatKind::Channel;
        self.seen = true;
        if user == self.bot.id {
            self.membership("my_chat_member", chat, actor, user, &old, &new);
        } else if told {
            self.membership("chat_member", chat, actor, user, &old, &new);
        }
        // Who comes to a channel and goes is nobody else's business there.
        match (old.is_inside(), new.is_inside()) {
            _ if quiet => {}
            (false, true) => self.announce(chat, actor, Service::Joined(vec![user])),
            (true, false) => self.announce(chat, actor, Service::Left(user)),
            _ => {}
        }
    }

    fn membership(&mut self, kind: &str, chat: i64, actor: i64, user: i64, old: &Member, new: &Member) {
        let Some(person) = self.user(user).cloned() else { return };
        let place = self.chats.get(&chat).map_or(ChatKind::Private, |chat| chat.kind);
        let body = json!({
            "chat": self.chat_json(chat), "from": self.user_json(actor), "date": self.now(),
            "old_chat_member": old.json(&person, place), "new_chat_member": new.json(&person, place),
        });
        self.queue(kind, body);
    }

    /// A person blocks the bot or lets it speak again.
    pub(super) fn set_blocked(&mut self, user: i64, blocked: bool) {
        let Some(chat) = self.chats.get_mut(&user) else { return };
        if chat.blocked == blocked {
            return;
        }
        chat.blocked = blocked;
        self.seen = true;
        let (old, new) = if blocked { (Role::Member, Role::Kicked) } else { (Role::Kicked, Role::Member) };
        self.membership("my_chat_member", user, user, self.bot.id, &Member::new(old), &Member::new(new));
    }

    /// A basic group becomes a supergroup: the same people under another id, and service messages that say so.
    pub(super) fn migrate(&mut self, chat: i64) -> Result<i64, String> {
        let old = self.chats.get(&chat).filter(|c| c.kind == ChatKind::Group && c.migrated_to.is_none());
        let old = old.ok_or("only a basic group becomes a supergroup")?;
        let new = -1_000_000_000_000 + chat;
        let creator = old.members.iter().find(|(_, m)| m.role == Role::Creator).map_or(0, |(&id, _)| id);
        let mut supergroup = Chat::new(new, ChatKind::Supergroup, &old.title);
        supergroup.members.clone_from(&old.members);
        self.chats.insert(new, supergroup);
        self.announce(chat, creator, Service::MigratedTo(new));
        if let Some(old) = self.chats.get_mut(&chat) {
            old.migrated_to = Some(new);
        }
        self.announce(new, creator, Service::MigratedFrom(chat));
        Ok(new)
    }

    /// The newest message in `chat` with a button that says or holds `label`.
    pub(super) fn newest_with(&self, chat: i64, label: &str) -> Option<&Message> {
        self.chats.get(&chat)?.messages.values().rev().find(|m| m.has_button(label))
    }

    /// What a `t.me` link to the bot asks for: `start` or `startgroup`, and its payload.
    pub(super) fn deep_link(&self, link: &str) -> Option<(String, String)> {
        let full = if link.contains("://") { link.to_owned() } else { format!("https://{link}") };
        let url = url::Url::parse(&full).ok().filter(|url| matches!(url.host_str(), Some("t.me" | "telegram.me")))?;
        if !self.is_me(url.path().trim_matches('/')) {
            return None;
        }
        let mut pairs = url.query_pairs().map(|(k, v)| (k.into_owned(), v.into_owned()));
        let fits = |v: &str| v.len() <= 64 && v.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        match pairs.find(|(k, _)| k == "start" || k == "startgroup") {
            Some((kind, payload)) => fits(&payload).then_some((kind, payload)),
            None => Some(("start".into(), String::new())),
        }
    }

    /// Someone brings the bot into a group, by a link with a payload when there is one.
    pub(super) fn bring(&mut self, user: i64, group: i64, payload: &str, role: Role) -> Result<(), String> {
        let place = self.chats.get(&group).ok_or("no such group")?;
        if !place.member(user).is_inside() {
            return Err(format!("user {user} is not in {}", place.title));
        }
        let channel = place.kind == ChatKind::Channel;
        let role = if channel && role == Role::Member { Role::Admin(Rights::ALL) } else { role };
        self.set_role(group, user, self.bot.id, role);
        if payload.is_empty() || channel {
            return Ok(());
        }
        let me = self.bot.username.clone().unwrap_or_default();
        self.say(user, group, &format!("/start@{me} {payload}"), Manner::default()).map(|_| ())
    }
}
