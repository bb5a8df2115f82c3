//! What a person's phone shows, as JSON for the page.

use super::message::{Content, File, Message, Service};
use super::people::{Chat, ChatKind};
use super::profile::commands_json;
use super::world::World;
use serde_json::{Value, json};

/// How much of a chat is shown.
const NEWEST: usize = 150;

impl World {
    /// The commands that a person is offered in a chat.
    pub(super) fn commands_for(&self, user: i64, chat: i64) -> &[(String, String)] {
        let language = self.user(user).and_then(|u| u.language.as_deref()).unwrap_or_default();
        let bot_is_there = |c: &&Chat| !c.is_group() || c.member(self.bot.id).is_inside();
        let chat = self.chats.get(&chat).filter(bot_is_there);
        chat.map_or(&[], |chat| self.profile.commands_for(chat, user, language))
    }
}

/// Everything that `user` sees.
pub(super) fn of(world: &World, user: i64) -> Value {
    let people: Vec<Value> = world
        .users
        .values()
        .map(|u| json!({"id": u.id, "name": u.first_name, "language": u.language, "newest": newest(world, u.id)}))
        .collect();
    let mut chats: Vec<&Chat> = world.chats.values().filter(|c| mine(c, user)).collect();
    chats.sort_by_key(|c| c.is_group());
    let toasts = world.toasts.iter().filter(|t| t.user == user);
    let toasts: Vec<Value> =
        toasts.map(|t| json!({"query": t.query, "text": t.text, "alert": t.alert, "url": t.url})).collect();
    json!({
        "me": user,
        "console": world.console,
        "people": people,
        "bot": {
            "name": profile(world, "name", user),
            "username": world.bot.username,
            "description": profile(world, "description", user),
        },
        "chats": chats.into_iter().map(|c| chat(world, c, user)).collect::<Vec<_>>(),
        "toasts": toasts,
    })
}

/// What the bot's profile says to `user`, in their language where it has that.
fn profile<'a>(world: &'a World, field: &'static str, user: i64) -> &'a str {
    let language = world.user(user).and_then(|u| u.language.as_deref()).unwrap_or_default();
    world.profile.text(field, language.get(..2).unwrap_or_default())
}

/// When the bot last wrote to `user` in private, so that the page can say that something waits there.
fn newest(world: &World, user: i64) -> Option<Value> {
    let message = world.chats.get(&user)?.messages.values().rev().find(|m| m.by_bot)?;
    Some(json!({"date": message.date, "id": message.id}))
}

fn mine(chat: &Chat, user: i64) -> bool {
    match chat.kind {
        ChatKind::Private => chat.id == user,
        _ => chat.migrated_to.is_none() && chat.member(user).is_inside(),
    }
}

fn chat(world: &World, chat: &Chat, user: i64) -> Value {
    let bot = chat.member(world.bot.id);
    let messages: Vec<Value> = chat.messages.values().rev().take(NEWEST).map(|m| message(world, m, user)).collect();
    let inside = chat.members.values().filter(|m| m.is_inside()).count();
    let doing = chat.action.as_ref().filter(|(_, until)| *until > world.now()).map(|(action, _)| action);
    json!({
        "id": chat.id,
        "title": if chat.is_group() { &chat.title } else { profile(world, "name", user) },
        "group": chat.is_group(),
        "members": inside,
        "admin": chat.member(user).is_admin(),
        "has_bot": if chat.is_group() { bot.is_inside() } else { true },
        "bot_is_admin": bot.is_admin(),
        "started": chat.is_group() || chat.started,
        "blocked": chat.blocked,
        "doing": doing,
        "pinned": chat.pinned.last().and_then(|id| chat.messages.get(id)).map(|m| json!({"id": m.id, "text": first_line(m)})),
        "commands": commands_json(world.commands_for(user, chat.id)),
        "messages": messages.into_iter().rev().collect::<Vec<_>>(),
    })
}

fn first_line(message: &Message) -> &str {
    message.text().lines().next().unwrap_or_default()
}

fn message(world: &World, m: &Message, user: i64) -> Value {
    let name = |id: i64| world.user(id).map_or("Deleted Account", |u| u.first_name.as_str());
    let author = if m.anonymous { world.chats.get(&m.chat).map_or("", |c| c.title.as_str()) } else { name(m.from) };
    let mut shown = json!({
        "id": m.id, "from": m.from, "author": author, "mine": m.from == user, "bot": m.by_bot, "date": m.date,
        "edited": m.edited.is_some(), "silent": m.silent, "protected": m.protected, "reaction": m.reaction,
        "revision": m.revision,
    });
    shown["keyboard"] = m.keyboard.iter().map(|row| row.iter().map(super::Button::json).collect::<Value>()).collect();
    if let Some(first) = m.reply_to.and_then(|id| world.message(m.chat, id)) {
        shown["reply"] = json!({"id": first.id, "author": name(first.from), "text": first_line(first)});
    }
    if let Some(author) = m.forwarded_from {
        shown["forwarded"] = json!(name(author));
    }
    let file =
        |f: &File| json!({"id": f.id, "name": f.name, "size": f.size, "width": f.pixels.0, "height": f.pixels.1});
    match &m.content {
        Content::Text(_) => {}
        Content::Photo(photo, _) => shown["photo"] = file(photo),
        Content::Video(video, _) => shown["video"] = file(video),
        Content::Document(document, _) => shown["document"] = file(document),
        Content::Service(service) => {
            shown["service"] = happening(service, m.from, name);
            return shown;
        }
    }
    if let Content::Text(marked)
    | Content::Photo(_, marked)
    | Content::Video(_, marked)
    | Content::Document(_, marked) = &m.content
    {
        shown["text"] = json!(marked.text);
        shown["entities"] = marked.entities.iter().map(|e| e.json(|id| world.user_json(id))).collect();
    }
    shown
}

/// What happened, for the page to put into words; the author stands beside it.
fn happening<'a>(service: &Service, from: i64, name: impl Fn(i64) -> &'a str) -> Value {
    match service {
        Service::Joined(users) if users == &[from] => json!({"what": "came"}),
        Service::Joined(users) => json!({"what": "added", "whom": users.iter().map(|&u| name(u)).collect::<Vec<_>>()}),
        Service::Left(user) if *user == from => json!({"what": "left"}),
        Service::Left(user) => json!({"what": "removed", "whom": [name(*user)]}),
        Service::Pinned(_) => json!({"what": "pinned"}),
        Service::MigratedTo(_) | Service::MigratedFrom(_) => json!({"what": "migrated"}),
    }
}
