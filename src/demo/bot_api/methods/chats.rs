//! Who is where: `getChat`, `getChatMember`, `getChatAdministrators`, `leaveChat`; and pins.

use super::{Access, chat_of, number};
use crate::demo::bot_api::message::{Message, Service};
use crate::demo::bot_api::params::Params;
use crate::demo::bot_api::people::{Chat, ChatKind, Member, Role};
use crate::demo::bot_api::refusal::{Answer, Refusal};
use crate::demo::bot_api::world::World;
use serde_json::{Value, json};

pub(super) fn chat(world: &mut World, params: &mut Params) -> Answer {
    let chat = chat_of(world, params, Access::Read)?;
    let mut full = world.chat_json(chat.id);
    full["accent_color_id"] = json!(0);
    full["max_reaction_count"] = json!(11);
    full["accepted_gift_types"] = json!({
        "unlimited_gifts": false, "limited_gifts": false, "unique_gifts": false, "premium_subscription": false,
        "gifts_from_channels": false,
    });
    if let Some(&pinned) = chat.pinned.last() {
        full["pinned_message"] = chat.messages.get(&pinned).map_or(Value::Null, |m: &Message| m.json(world));
    }
    if matches!(chat.kind, ChatKind::Group | ChatKind::Supergroup) {
        full["permissions"] = [
            "can_send_messages",
            "can_send_audios",
            "can_send_documents",
            "can_send_photos",
            "can_send_videos",
            "can_send_video_notes",
            "can_send_voice_notes",
            "can_send_polls",
            "can_send_other_messages",
            "can_add_web_page_previews",
            "can_change_info",
            "can_invite_users",
            "can_pin_messages",
            "can_manage_topics",
            "can_react_to_messages",
            "can_edit_tag",
        ]
        .into_iter()
        .map(|right| (right.to_owned(), json!(right.starts_with("can_send") || right == "can_react_to_messages")))
        .collect();
    }
    Ok(full)
}

pub(super) fn member(world: &mut World, params: &mut Params) -> Answer {
    let id = params.int("user_id").filter(|&id| id > 0).ok_or_else(|| Refusal::bad("invalid user_id specified"))?;
    let chat = chat_of(world, params, if id == world.bot.id { Access::Read } else { Access::Members })?;
    let user = world.user(id).ok_or_else(|| Refusal::bad("user not found"))?;
    if !chat.is_group() {
        let inside = id == chat.id || id == world.bot.id;
        return Ok(Member::new(if inside { Role::Member } else { Role::Left }).json(user, chat.kind));
    }
    let member = chat.member(id);
    let shown = if hidden(world, chat, &member) { Member::new(Role::Member) } else { member };
    Ok(shown.json(user, chat.kind))
}

/// A bot that is no admin itself does not learn who the anonymous admins are (tdlib/telegram-bot-api#667).
fn hidden(world: &World, chat: &Chat, member: &Member) -> bool {
    member.anonymous && !chat.member(world.bot.id).is_admin()
}

pub(super) fn administrators(world: &mut World, params: &mut Params) -> Answer {
    let chat = chat_of(world, params, Access::Members)?;
    if !chat.is_group() {
        return Err(Refusal::bad("there are no administrators in the private chat"));
    }
    let admins = chat.members.iter().filter(|(_, m)| m.is_admin() && !hidden(world, chat, m));
    Ok(admins.filter_map(|(&id, m)| Some(m.json(world.user(id)?, chat.kind))).collect())
}

pub(super) fn leave(world: &mut World, params: &mut Params) -> Answer {
    let chat = chat_of(world, params, Access::Write)?;
    if chat.kind == ChatKind::Private {
        return Err(Refusal::bad("chat member status can't be changed in private chats"));
    }
    let (id, me) = (chat.id, world.bot.id);
    world.set_role(id, me, me, Role::Left);
    Ok(json!(true))
}

pub(super) fn pin(world: &mut World, params: &mut Params) -> Answer {
    params.flag("disable_notification");
    let chat = chat_of(world, params, Access::Write)?;
    let id = number(params, "message_id");
    if !chat.messages.contains_key(&id) {
        return Err(Refusal::bad("message to pin not found"));
    }
    may_pin(world, chat)?;
    let (chat, me) = (chat.id, world.bot.id);
    if let Some(place) = world.chats.get_mut(&chat) {
        place.pinned.retain(|&p| p != id);
        place.pinned.push(id);
    }
    world.announce(chat, me, Service::Pinned(id));
    Ok(json!(true))
}

pub(super) fn unpin(world: &mut World, params: &mut Params) -> Answer {
    let chat = chat_of(world, params, Access::Write)?;
    let id = match number(params, "message_id") {
        0 => chat.pinned.last().copied(),
        id => chat.pinned.iter().copied().find(|&p| p == id),
    };
    let id = id.ok_or_else(|| Refusal::bad("message to unpin not found"))?;
    may_pin(world, chat)?;
    let chat = chat.id;
    if let Some(chat) = world.chats.get_mut(&chat) {
        chat.pinned.retain(|&p| p != id);
    }
    world.seen = true;
    Ok(json!(true))
}

fn may_pin(world: &World, chat: &Chat) -> Result<(), Refusal> {
    if !chat.is_group() || chat.member(world.bot.id).rights().can_pin_messages {
        return Ok(());
    }
    Err(Refusal::bad("not enough rights to manage pinned messages in the chat"))
}
