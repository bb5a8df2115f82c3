//! `editMessageText`, `editMessageReplyMarkup`, `editMessageMedia`.

use super::files::{self, Kind};
use super::{Access, chat_of, number};
use crate::demo::bot_api::entities::Marked;
use crate::demo::bot_api::keyboard::{Keyboard, inline_of};
use crate::demo::bot_api::message::{Content, Message};
use crate::demo::bot_api::params::Params;
use crate::demo::bot_api::refusal::{Answer, Refusal};
use crate::demo::bot_api::world::World;
use serde_json::Value;

const NOT_MODIFIED: &str = "message is not modified: specified new message content and reply markup are exactly the \
                            same as a current content and reply markup of the message";

pub(super) fn text(world: &mut World, params: &mut Params) -> Answer {
    let text = Marked::text_of(params)?;
    let keyboard = inline_of(params)?;
    let old = own_message(world, params)?;
    if !matches!(old.content, Content::Text(_)) {
        return Err(Refusal::bad("there is no text in the message to edit"));
    }
    // No reply_markup means no buttons: an edit without them takes them away.
    replace(world, &old, Content::Text(text), keyboard.unwrap_or_default())
}

pub(super) fn markup(world: &mut World, params: &mut Params) -> Answer {
    let keyboard = inline_of(params)?;
    let old = own_message(world, params)?;
    replace(world, &old, old.content.clone(), keyboard.unwrap_or_default())
}

pub(super) fn media(world: &mut World, params: &mut Params) -> Answer {
    let media = params.json("media", "can't parse input media JSON object")?;
    let media = media.ok_or_else(|| Refusal::bad("parameter \"media\" is required"))?;
    let field = |name: &str| media.get(name).and_then(Value::as_str).map(str::to_owned);
    let kind = match field("type").as_deref() {
        Some("photo") => Kind::Photo,
        Some("video") => Kind::Video,
        Some("document") => Kind::Document,
        _ => return Err(Refusal::bad("can't parse InputMedia: Type of media is not supported by the stand-in")),
    };
    let file = files::take_named(world, params, kind, field("media").unwrap_or_default())?;
    let caption = Marked::caption(field("caption"), field("parse_mode"), media.get("caption_entities").cloned())?;
    let keyboard = inline_of(params)?;
    let old = own_message(world, params)?;
    replace(world, &old, kind.content(file, caption), keyboard.unwrap_or_default())
}

fn own_message(world: &World, params: &mut Params) -> Result<Message, Refusal> {
    let chat = chat_of(world, params, Access::Write)?;
    let message = chat.messages.get(&number(params, "message_id"));
    let message = message.ok_or_else(|| Refusal::bad("message to edit not found"))?;
    if message.by_bot && !matches!(message.content, Content::Service(_)) {
        Ok(message.clone())
    } else {
        Err(Refusal::bad("message can't be edited"))
    }
}

fn replace(world: &mut World, old: &Message, content: Content, keyboard: Keyboard) -> Answer {
    let group = old.chat < 0;
    world.limiter.edit(old.chat, group, world.clock()).map_err(Refusal::too_many)?;
    if old.content == content && old.keyboard == keyboard {
        return Err(Refusal::bad(NOT_MODIFIED));
    }
    let now = world.now();
    let Some(message) = world.chats.get_mut(&old.chat).and_then(|c| c.messages.get_mut(&old.id)) else {
        return Err(Refusal::bad("message to edit not found"));
    };
    if message.content != content {
        message.edited = Some(now);
    }
    (message.content, message.keyboard) = (content, keyboard);
    message.revision += 1;
    let message = message.clone();
    world.seen = true;
    Ok(message.json(world))
}
