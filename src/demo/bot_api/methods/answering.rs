//! `answerCallbackQuery` and `setMessageReaction`.

use super::{Access, chat_of, number};
use crate::demo::bot_api::params::Params;
use crate::demo::bot_api::refusal::{Answer, Refusal};
use crate::demo::bot_api::world::{Toast, World};
use serde_json::{Value, json};

/// Seconds in which a tap wants its answer. The real figure is not published.
const PATIENCE: i64 = 30;
const MAX_TOAST: usize = 200;

pub(super) fn callback(world: &mut World, params: &mut Params) -> Answer {
    let id = params.text("callback_query_id").unwrap_or_default();
    let text = params.text("text").unwrap_or_default();
    let alert = params.flag("show_alert");
    let url = params.text("url");
    params.int("cache_time");
    let now = world.now();
    let start = world.bot.username.as_deref().map(|me| format!("t.me/{me}?start="));
    let query = world.queries.get_mut(&id).filter(|q| !q.answered && now - q.asked <= PATIENCE);
    let query =
        query.ok_or_else(|| Refusal::bad("query is too old and response timeout expired or query ID is invalid"))?;
    if text.chars().count() > MAX_TOAST {
        return Err(Refusal::bad("MESSAGE_TOO_LONG"));
    }
    let own = |url: &String| start.is_some_and(|s| url.trim_start_matches("https://").starts_with(&s));
    if url.as_ref().is_some_and(|url| !own(url)) {
        return Err(Refusal::bad("URL_INVALID"));
    }
    query.answered = true;
    let toast = Toast { user: query.user, chat: query.chat, query: id, text, alert, url };
    world.toasts.push(toast);
    world.seen = true;
    Ok(json!(true))
}

pub(super) fn reaction(world: &mut World, params: &mut Params) -> Answer {
    let reaction = params.json("reaction", "can't parse reaction types JSON object")?;
    params.flag("is_big");
    let emoji = match reaction.as_ref().and_then(Value::as_array).map(Vec::as_slice) {
        None | Some([]) => None,
        Some([one]) if one["type"] == "emoji" => one["emoji"].as_str().map(str::to_owned),
        Some([_]) => return Err(Refusal::bad("REACTION_INVALID")),
        Some(_) => return Err(Refusal::bad("REACTIONS_TOO_MANY")),
    };
    let chat = chat_of(world, params, Access::Read)?.id;
    let id = number(params, "message_id");
    let message = world.chats.get_mut(&chat).and_then(|c| c.messages.get_mut(&id));
    let message = message.ok_or_else(|| Refusal::bad("message to react not found"))?;
    message.reaction = emoji;
    message.revision += 1;
    world.seen = true;
    Ok(json!(true))
}
