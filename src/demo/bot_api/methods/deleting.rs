//! `deleteMessage`, `deleteMessages`, and who may.

use super::{Access, chat_of, number};
use crate::demo::bot_api::message::Message;
use crate::demo::bot_api::params::Params;
use crate::demo::bot_api::people::{Chat, ChatKind};
use crate::demo::bot_api::refusal::{Answer, Refusal};
use crate::demo::bot_api::world::World;
use serde_json::{Value, json};

/// Seconds after which a message can't be deleted for everyone.
const TOO_OLD: i64 = 48 * 3600;
const AT_ONCE: usize = 100;

pub(super) fn one(world: &mut World, params: &mut Params) -> Answer {
    let chat = chat_of(world, params, Access::Write)?;
    let message = chat.messages.get(&number(params, "message_id"));
    let message = message.ok_or_else(|| Refusal::bad("message to delete not found"))?;
    may_delete(world, chat, message)?;
    let (chat, id) = (chat.id, message.id);
    world.remove(chat, id);
    Ok(json!(true))
}

pub(super) fn many(world: &mut World, params: &mut Params) -> Answer {
    let ids = params.json("message_ids", "can't parse message identifiers JSON object")?;
    let ids: Vec<i32> = match ids {
        Some(Value::Array(ids)) if ids.len() > AT_ONCE => {
            return Err(Refusal::bad("too many message identifiers specified"));
        }
        Some(Value::Array(ids)) => ids.iter().filter_map(|id| i32::try_from(id.as_i64()?).ok()).collect(),
        Some(_) => return Err(Refusal::bad("expected an Array of message identifiers")),
        None => Vec::new(),
    };
    if ids.is_empty() {
        return Err(Refusal::bad("message identifiers are not specified"));
    }
    let chat = chat_of(world, params, Access::Write)?;
    for message in ids.iter().filter_map(|id| chat.messages.get(id)) {
        may_delete(world, chat, message)?;
    }
    let chat = chat.id;
    ids.into_iter().for_each(|id| world.remove(chat, id));
    Ok(json!(true))
}

/// Own messages and, in private, the other's for 48 hours; in a supergroup everything with the right to; else nothing.
fn may_delete(world: &World, chat: &Chat, message: &Message) -> Result<(), Refusal> {
    let rights = chat.member(world.bot.id).rights();
    if matches!(chat.kind, ChatKind::Supergroup | ChatKind::Channel) && rights.can_delete_messages {
        return Ok(());
    }
    if !message.by_bot && chat.is_group() {
        return Err(Refusal::bad("message can't be deleted"));
    }
    if world.now() - message.date > TOO_OLD {
        return Err(Refusal::bad("message can't be deleted for everyone"));
    }
    Ok(())
}
