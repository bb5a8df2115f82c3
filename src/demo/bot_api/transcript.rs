//! Chats as text, for snapshots and for the eyes of whoever reads a failed test.

use super::message::{Content, Message, Service};
use super::world::World;
use std::fmt::Write;

/// One chat. No times and no numbers, so that it is the same in every run.
pub(super) fn of(world: &World, chat: i64) -> String {
    let Some(chat) = world.chats.get(&chat) else { return String::new() };
    let mut text = String::new();
    for message in chat.messages.values() {
        line(world, message, &mut text);
    }
    text
}

/// All chats that hold something, each under its title.
pub(super) fn all(world: &World) -> String {
    let used = world.chats.values().filter(|c| !c.messages.is_empty());
    used.map(|c| format!("--- {} ---\n{}", c.title, of(world, c.id))).collect()
}

fn line(world: &World, message: &Message, text: &mut String) {
    let name = |id: i64| world.user(id).map_or("?", |u| u.first_name.as_str());
    let who = if message.anonymous {
        world.chats.get(&message.chat).map_or("?", |c| c.title.as_str())
    } else {
        name(message.from)
    };
    let mut say = |line: String| {
        text.push_str(line.trim_end());
        text.push('\n');
    };
    if let Content::Service(service) = &message.content {
        say(match service {
            Service::Joined(users) if users == &[message.from] => format!("* {who} joined"),
            Service::Joined(users) => {
                format!("* {who} added {}", users.iter().map(|&u| name(u)).collect::<Vec<_>>().join(", "))
            }
            Service::Left(user) if *user == message.from => format!("* {who} left"),
            Service::Left(user) => format!("* {who} removed {}", name(*user)),
            Service::Pinned(_) => format!("* {who} pinned a message"),
            Service::MigratedTo(_) | Service::MigratedFrom(_) => "* the group became a supergroup".into(),
        });
        return;
    }
    let mut head = who.to_owned();
    for (set, mark) in [
        (message.edited.is_some(), " (edited)"),
        (message.silent, " (silent)"),
        (message.protected, " (protected)"),
        (message.reply_to.is_some(), " (reply)"),
        (message.forwarded_from.is_some(), " (forwarded)"),
        (matches!(message.content, Content::Photo(..)), " (photo)"),
        (matches!(message.content, Content::Video(..)), " (video)"),
        (matches!(message.content, Content::Document(..)), " (file)"),
    ] {
        if set {
            head.push_str(mark);
        }
    }
    if let Some(emoji) = &message.reaction {
        let _ = write!(head, " ({emoji})");
    }
    let mut lines = message.text().lines();
    say(format!("{head}: {}", lines.next().unwrap_or_default()));
    lines.for_each(|line| say(format!("    {line}")));
    for row in &message.keyboard {
        let labels: Vec<String> = row.iter().map(|b| format!("[{}]", b.label)).collect();
        say(format!("    {}", labels.join(" ")));
    }
}
