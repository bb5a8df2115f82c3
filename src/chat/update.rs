//! What comes from Telegram, in this bot's words. What no handler should ever see is gone after this file: channel
//! posts, edits, other bots, people who speak in a channel's name.

use super::said::Said;
use crate::domain::access::Powers;
use crate::domain::id::{ChatId, UserId};
use crate::domain::lang::Lang;
use std::time::{Duration, SystemTime};
use teloxide::types::{self as tg, ChatMemberUpdated, Message, Update, UpdateKind, User};

/// One update.
pub(super) struct Incoming {
    /// Telegram's number for it.
    pub(super) id: u32,
    /// The chat that it is about; nothing, for what is ignored.
    pub(super) chat: Option<ChatId>,
    pub(super) what: What,
}

/// What happened.
pub(super) enum What {
    Said(Saying),
    Tapped(Tap),
    /// The bot came into a chat, left it, or is something else there now.
    Me {
        by: Person,
        place: Place,
        was_in: bool,
        is_in: bool,
    },
    /// The bot came into a channel, left it, or is something else there now.
    InChannel {
        by: Person,
        title: String,
        was_in: bool,
        /// It may post there.
        posts: bool,
    },
    /// Somebody is something else in a group now.
    Member {
        user: UserId,
        /// What they may do there, if they are an admin.
        powers: Option<Powers>,
    },
    /// The group has another number.
    Moved {
        to: ChatId,
    },
    /// The group had another number. The same is told in both chats, and one of the two may come first.
    Came {
        from: ChatId,
    },
    Nothing,
}

/// Where something happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Private,
    Group { title: String },
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) id: UserId,
    pub(super) name: String,
    /// By their Telegram's language.
    pub(super) lang: Lang,
}

/// Who speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Author {
    Person(Person),
    /// Some admin of the group, in its name.
    AnonymousAdmin,
}

/// A message.
pub(super) struct Saying {
    pub(super) message: i32,
    pub(super) by: Author,
    pub(super) place: Place,
    /// Empty for a picture without words.
    pub(super) text: String,
    pub(super) at: SystemTime,
    pub(super) forwarded: bool,
    /// The topic of the group.
    pub(super) topic: Option<i32>,
    /// What it answers.
    pub(super) answers: Option<Answered>,
}

/// A message that is answered.
pub(super) struct Answered {
    pub(super) message: i32,
    /// The user name of the bot that wrote it, if one did.
    pub(super) by: Option<String>,
}

/// A tap on a button.
pub(super) struct Tap {
    pub(super) query: String,
    pub(super) by: Person,
    pub(super) place: Place,
    pub(super) message: i32,
    pub(super) data: String,
    /// What the button says.
    pub(super) label: Option<Said>,
    /// How long ago it may have been, where that is long: taps have no date.
    pub(super) late: Option<Duration>,
    /// The topic of the group.
    pub(super) topic: Option<i32>,
}

/// Reads an update.
pub(super) fn read(update: Update) -> Incoming {
    let id = update.id.0;
    let (chat, what) = match update.kind {
        UpdateKind::Message(message) => (chat_of(&message.chat), message_of(message)),
        UpdateKind::CallbackQuery(query) => tap_of(query),
        UpdateKind::MyChatMember(change) => (Some(ChatId(change.chat.id.0)), me_of(&change)),
        UpdateKind::ChatMember(change) => (chat_of(&change.chat), member_of(&change)),
        _ => (None, What::Nothing),
    };
    match chat {
        Some(_) => Incoming { id, chat, what },
        None => Incoming { id, chat: None, what: What::Nothing },
    }
}

/// Channels are not spoken in.
fn chat_of(chat: &tg::Chat) -> Option<ChatId> {
    (!chat.is_channel()).then_some(ChatId(chat.id.0))
}

fn place_of(chat: &tg::Chat) -> Place {
    if chat.is_private() { Place::Private } else { Place::Group { title: chat.title().unwrap_or_default().to_owned() } }
}

fn person(user: &User) -> Person {
    Person {
        id: UserId(user.id.0),
        name: user.full_name(),
        lang: Lang::from_tag(user.language_code.as_deref().unwrap_or_default()),
    }
}

fn message_of(message: Message) -> What {
    if let Some(to) = message.migrate_to_chat_id() {
        return What::Moved { to: ChatId(to.0) };
    }
    if let Some(from) = message.migrate_from_chat_id() {
        return What::Came { from: ChatId(from.0) };
    }
    if message.via_bot.is_some() || message.is_automatic_forward() {
        return What::Nothing;
    }
    let by = match (&message.sender_chat, &message.from) {
        (Some(sender), _) if sender.id == message.chat.id => Author::AnonymousAdmin,
        // In a channel's name: whoever that is, they have no standing here.
        (Some(_), _) | (None, None) => return What::Nothing,
        (None, Some(user)) if user.is_bot => return What::Nothing,
        (None, Some(user)) => Author::Person(person(user)),
    };
    let place = place_of(&message.chat);
    let Some(text) = message.text().or_else(|| message.caption()).map(str::to_owned) else {
        // Joins, pins and the like are no sayings; a picture without words is one.
        let is_saying = matches!(message.kind, tg::MessageKind::Common(_)) && place == Place::Private;
        return if is_saying { said(&message, by, place, String::new()) } else { What::Nothing };
    };
    said(&message, by, place, text)
}

fn said(message: &Message, by: Author, place: Place, text: String) -> What {
    let seconds = u64::try_from(message.date.timestamp()).unwrap_or(0);
    What::Said(Saying {
        message: message.id.0,
        by,
        place,
        text,
        at: SystemTime::UNIX_EPOCH + Duration::from_secs(seconds),
        forwarded: message.forward_origin().is_some(),
        topic: topic_of(message),
        answers: message.reply_to_message().map(|first| Answered {
            message: first.id.0,
            by: first.from.as_ref().filter(|user| user.is_bot).and_then(|user| user.username.clone()),
        }),
    })
}

fn tap_of(query: tg::CallbackQuery) -> (Option<ChatId>, What) {
    let Some(message) = &query.message else { return (None, What::Nothing) };
    let (chat, id) = (message.chat(), message.id());
    let tap = Tap {
        by: person(&query.from),
        place: place_of(chat),
        message: id.0,
        query: query.id.0.clone(),
        data: query.data.clone().unwrap_or_default(),
        label: label_of(&query),
        late: None,
        topic: message.regular_message().and_then(topic_of),
    };
    (chat_of(chat), What::Tapped(tap))
}

/// What the button says that was tapped, where its message can still be read.
fn label_of(query: &tg::CallbackQuery) -> Option<Said> {
    let keyboard = query.message.as_ref()?.regular_message()?.reply_markup()?;
    let is_it = |key: &&tg::InlineKeyboardButton| matches!(&key.kind, tg::InlineKeyboardButtonKind::CallbackData(data) if Some(data) == query.data.as_ref());
    keyboard.inline_keyboard.iter().flatten().find(is_it).map(|key| Said::name(&key.text))
}

fn member_of(change: &ChatMemberUpdated) -> What {
    let member = &change.new_chat_member;
    What::Member { user: UserId(member.user.id.0), powers: powers(member) }
}

/// What somebody may do in a group, if they are an admin.
pub(super) fn powers(member: &tg::ChatMember) -> Option<Powers> {
    match &member.kind {
        tg::ChatMemberKind::Owner(owner) => Some(Powers {
            creator: true,
            video_chats: true,
            appoints: true,
            posts: true,
            anonymous: owner.is_anonymous,
        }),
        tg::ChatMemberKind::Administrator(admin) => Some(Powers {
            creator: false,
            video_chats: admin.can_manage_video_chats,
            appoints: admin.can_promote_members,
            posts: admin.can_post_messages,
            anonymous: admin.is_anonymous,
        }),
        _ => None,
    }
}

/// The topic that a message is in. Threads of answers have numbers as well, and are none.
fn topic_of(message: &Message) -> Option<i32> {
    message.thread_id.filter(|_| message.is_topic_message).map(|thread| thread.0.0)
}

fn me_of(change: &ChatMemberUpdated) -> What {
    if change.chat.is_channel() {
        let (by, title) = (person(&change.from), change.chat.title().unwrap_or_default().to_owned());
        let posts = |member: &tg::ChatMember| powers(member).is_some_and(|powers| powers.posts);
        let was_in = posts(&change.old_chat_member);
        return What::InChannel { by, title, was_in, posts: posts(&change.new_chat_member) };
    }
    What::Me {
        by: person(&change.from),
        place: place_of(&change.chat),
        was_in: change.old_chat_member.is_present(),
        is_in: change.new_chat_member.is_present(),
    }
}
