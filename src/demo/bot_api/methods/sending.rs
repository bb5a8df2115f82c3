//! `sendMessage`, `sendPhoto`, `sendVideo`, `sendDocument`, `sendMediaGroup`, `copyMessage`, `sendChatAction`.

use super::files::{self, Kind};
use super::{Access, chat_of, number};
use crate::demo::bot_api::entities::Marked;
use crate::demo::bot_api::keyboard::{Markup, markup_of};
use crate::demo::bot_api::message::Content;
use crate::demo::bot_api::params::Params;
use crate::demo::bot_api::refusal::{Answer, Refusal};
use crate::demo::bot_api::world::World;
use serde_json::{Value, json};

/// Seconds that "typing …" lasts.
const ACTION: i64 = 5;
const ACTIONS: [&str; 11] = [
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

pub(super) fn message(world: &mut World, params: &mut Params) -> Answer {
    let content = Content::Text(Marked::text_of(params)?);
    send(world, params, content)
}

pub(super) fn file(world: &mut World, params: &mut Params, kind: Kind) -> Answer {
    let mut file = files::take(world, params, kind)?;
    if kind == Kind::Video {
        // Told, not looked up in the file; whether it plays while it loads changes nothing here.
        let mut told = |name| params.int(name).and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
        (file.pixels, file.seconds) = ((told("width"), told("height")), told("duration"));
        params.flag("supports_streaming");
    }
    let entities = params.json("caption_entities", "can't parse caption entities JSON object")?;
    let caption = Marked::caption(params.text("caption"), params.text("parse_mode"), entities)?;
    send(world, params, kind.content(file, caption))
}

/// The same content in another message: nothing tells where it is from, and its buttons stay behind. A caption is replaced
/// where one is given, though it be empty.
pub(super) fn copy(world: &mut World, params: &mut Params) -> Answer {
    let from = params.text("from_chat_id").and_then(|id| id.parse().ok());
    let message = number(params, "message_id");
    let known = from.and_then(|from| world.chats.get(&from)?.messages.get(&message));
    let mut content =
        known.map(|message| message.content.clone()).ok_or_else(|| Refusal::bad("message to copy not found"))?;
    let entities = params.json("caption_entities", "can't parse caption entities JSON object")?;
    let (text, mode) = (params.text("caption"), params.text("parse_mode"));
    if let (Content::Photo(_, caption) | Content::Video(_, caption) | Content::Document(_, caption), true) =
        (&mut content, text.is_some())
    {
        *caption = Marked::caption(text, mode, entities)?;
    }
    let sent = send(world, params, content)?;
    Ok(json!({"message_id": sent["message_id"]}))
}

/// Photos only: the bot sends no other album.
pub(super) fn album(world: &mut World, params: &mut Params) -> Answer {
    let media = params.json("media", "can't parse media JSON object")?.unwrap_or_default();
    let media = media.as_array().map(Vec::as_slice).unwrap_or_default();
    if !(2..=10).contains(&media.len()) || media.iter().any(|item| item["type"] != "photo") {
        return Err(Refusal::plain(501, "the stand-in takes albums of 2 to 10 photos only"));
    }
    let photo = |item: &Value| {
        let field = |name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
        let file = files::take_named(world, params, Kind::Photo, field("media").unwrap_or_default())?;
        let caption = Marked::caption(field("caption"), field("parse_mode"), item.get("caption_entities").cloned())?;
        Ok(Kind::Photo.content(file, caption))
    };
    let photos = media.iter().map(photo).collect::<Result<Vec<_>, Refusal>>()?;
    let album = Some(world.fresh_id());
    let send = |photo| send_in(world, params, photo, album);
    Ok(photos.into_iter().map(send).collect::<Result<Vec<_>, _>>()?.into())
}

fn send(world: &mut World, params: &mut Params, content: Content) -> Answer {
    send_in(world, params, content, None)
}

fn send_in(world: &mut World, params: &mut Params, content: Content, album: Option<i64>) -> Answer {
    let reply = Reply::of(params)?;
    let markup = markup_of(params)?;
    let silent = params.flag("disable_notification");
    let protected = params.flag("protect_content");
    let chat = chat_of(world, params, Access::Write)?;
    let topic = i32::try_from(params.int("message_thread_id").unwrap_or(0)).ok().filter(|id| *id != 0);
    if topic.is_some_and(|id| !chat.topics.contains(&id)) {
        return Err(Refusal::bad("message thread not found"));
    }
    let reply_to = match reply {
        Some(Reply { id, .. }) if chat.messages.contains_key(&id) => Some(id),
        Some(Reply { optional: false, .. }) => return Err(Refusal::bad("message to be replied not found")),
        _ => None,
    };
    // An answer stands where the question does.
    let topic = topic.or_else(|| chat.messages.get(&reply_to?)?.topic);
    let (id, group) = (chat.id, chat.is_group());
    world.limiter.send(id, group, world.clock()).map_err(Refusal::too_many)?;
    let keyboard = match markup {
        Some(Markup::Inline(keyboard)) => keyboard,
        other => {
            if let (Some(Markup::Reply(markup)), Some(chat)) = (other, world.chats.get_mut(&id)) {
                chat.reply_markup = Some(markup);
            }
            Vec::new()
        }
    };
    let sent = world.post(id, world.bot.id, content, |message| {
        (message.keyboard, message.reply_to) = (keyboard, reply_to);
        (message.silent, message.protected, message.topic) = (silent, protected, topic);
        message.album = album;
    });
    if let Some(chat) = world.chats.get_mut(&id) {
        chat.action = None;
    }
    Ok(sent.map_or(Value::Null, |message| message.json(world)))
}

struct Reply {
    id: i32,
    optional: bool,
}

impl Reply {
    /// `reply_parameters`, or the two parameters that it replaced.
    fn of(params: &mut Params) -> Result<Option<Self>, Refusal> {
        if let Some(value) = params.json("reply_parameters", "can't parse reply parameters JSON object")? {
            let id = value.get("message_id").and_then(Value::as_i64).and_then(|id| i32::try_from(id).ok());
            let id = id.ok_or_else(|| Refusal::bad("message identifier is not specified"))?;
            let optional = value.get("allow_sending_without_reply").and_then(Value::as_bool).unwrap_or(false);
            return Ok(Some(Self { id, optional }));
        }
        let id = number(params, "reply_to_message_id");
        Ok((id > 0).then_some(Self { id, optional: params.flag("allow_sending_without_reply") }))
    }
}

pub(super) fn action(world: &mut World, params: &mut Params) -> Answer {
    let action = params.text("action").unwrap_or_default().to_ascii_lowercase();
    if !ACTIONS.contains(&action.as_str()) {
        return Err(Refusal::bad("wrong parameter action in request"));
    }
    let id = chat_of(world, params, Access::Write)?.id;
    let until = world.now() + ACTION;
    if let Some(chat) = world.chats.get_mut(&id) {
        chat.action = Some((action, until));
        world.seen = true;
    }
    Ok(json!(true))
}
