//! `set/get/deleteMyCommands`, names and descriptions, the menu button.

use crate::demo::bot_api::params::Params;
use crate::demo::bot_api::profile::{Scope, commands_json};
use crate::demo::bot_api::refusal::{Answer, Refusal};
use crate::demo::bot_api::world::World;
use serde_json::{Value, json};

const MAX_COMMANDS: usize = 100;

fn language(params: &mut Params) -> Result<String, Refusal> {
    let code = params.text("language_code").unwrap_or_default();
    // Two letters of ISO 639-1 only: "zh-hans" is refused.
    if code.is_empty() || (code.len() == 2 && code.bytes().all(|b| b.is_ascii_lowercase())) {
        Ok(code)
    } else {
        Err(Refusal::bad("invalid language code specified"))
    }
}

fn scope(world: &World, params: &mut Params) -> Result<Scope, Refusal> {
    let parse = |why: &str| Refusal::bad(format!("can't parse BotCommandScope: {why}"));
    let Some(value) = params.json("scope", "can't parse BotCommandScope JSON object")? else {
        return Ok(Scope::Default);
    };
    let Value::Object(object) = value else { return Err(parse("BotCommandScope must be an Object")) };
    let kind = object.get("type").and_then(Value::as_str).ok_or_else(|| parse("Can't find field \"type\""))?;
    match kind {
        "default" => return Ok(Scope::Default),
        "all_private_chats" => return Ok(Scope::Private),
        "all_group_chats" => return Ok(Scope::Groups),
        "all_chat_administrators" => return Ok(Scope::Admins),
        "chat" | "chat_administrators" | "chat_member" => {}
        _ => return Err(parse("Unsupported type specified")),
    }
    let chat = object.get("chat_id").map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
    let chat = chat.filter(|id| !id.is_empty()).ok_or_else(|| parse("Empty chat_id specified"))?;
    let chat =
        chat.parse().ok().and_then(|id: i64| world.chats.get(&id)).ok_or_else(|| Refusal::bad("chat not found"))?;
    match kind {
        "chat" => Ok(Scope::Chat(chat.id)),
        "chat_administrators" if !chat.is_group() => Err(Refusal::bad("can't use specified scope in the chat")),
        "chat_administrators" => Ok(Scope::ChatAdmins(chat.id)),
        _ => {
            let user = object.get("user_id").and_then(Value::as_i64).filter(|&id| id > 0);
            Ok(Scope::Member(chat.id, user.ok_or_else(|| parse("Invalid user_id specified"))?))
        }
    }
}

pub(super) fn set_commands(world: &mut World, params: &mut Params) -> Answer {
    let commands = match params.json("commands", "can't parse commands JSON object")? {
        None => Vec::new(),
        Some(Value::Array(commands)) => commands,
        Some(_) => return Err(Refusal::bad("expected an Array of BotCommand")),
    };
    let commands: Vec<_> = commands.iter().map(command).collect::<Result<_, _>>()?;
    let place = (scope(world, params)?, language(params)?);
    if commands.len() > MAX_COMMANDS {
        return Err(Refusal::bad("BOT_COMMANDS_TOO_MUCH"));
    }
    if commands.is_empty() {
        world.profile.commands.remove(&place);
    } else {
        world.profile.commands.insert(place, commands);
    }
    world.seen = true;
    Ok(json!(true))
}

fn command(value: &Value) -> Result<(String, String), Refusal> {
    let field = |name: &str| match value.get(name).and_then(Value::as_str) {
        Some(text) => Ok(text.trim().to_owned()),
        None => Err(Refusal::bad(format!("can't parse BotCommand: Can't find field \"{name}\""))),
    };
    let (name, words) = (field("command")?, field("description")?);
    let name = name.strip_prefix('/').unwrap_or(&name).to_owned();
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if name.is_empty() || name.len() > 32 || !name.bytes().all(fits) {
        return Err(Refusal::bad("BOT_COMMAND_INVALID"));
    }
    if words.is_empty() || words.chars().count() > 256 {
        return Err(Refusal::bad("BOT_COMMAND_DESCRIPTION_INVALID"));
    }
    Ok((name, words))
}

pub(super) fn commands(world: &mut World, params: &mut Params) -> Answer {
    let place = (scope(world, params)?, language(params)?);
    Ok(commands_json(world.profile.commands.get(&place).map_or(&[], Vec::as_slice)))
}

pub(super) fn delete_commands(world: &mut World, params: &mut Params) -> Answer {
    let place = (scope(world, params)?, language(params)?);
    world.profile.commands.remove(&place);
    world.seen = true;
    Ok(json!(true))
}

pub(super) fn set_text(world: &mut World, params: &mut Params, field: &'static str, max: usize) -> Answer {
    let text = params.text(field).unwrap_or_default();
    if text.chars().count() > max {
        return Err(Refusal::bad(match field {
            "name" => "BOT_TITLE_INVALID",
            "description" => "BOT_DESCRIPTION_INVALID",
            _ => "BOT_ABOUT_INVALID",
        }));
    }
    world.profile.set_text(field, language(params)?, text);
    world.seen = true;
    Ok(json!(true))
}

pub(super) fn text(world: &mut World, params: &mut Params, field: &'static str) -> Answer {
    Ok(json!({field: world.profile.text(field, &language(params)?)}))
}

pub(super) fn set_menu_button(world: &mut World, params: &mut Params) -> Answer {
    let chat = params.int("chat_id");
    let button =
        params.json("menu_button", "can't parse menu button JSON object")?.unwrap_or(json!({"type": "default"}));
    if !matches!(button["type"].as_str(), Some("commands" | "default" | "web_app")) {
        return Err(Refusal::bad("can't parse menu button: Unsupported menu button type"));
    }
    world.profile.menu.insert(chat, button);
    Ok(json!(true))
}

pub(super) fn menu_button(world: &mut World, params: &mut Params) -> Answer {
    let chat = params.int("chat_id");
    let menu = &world.profile.menu;
    Ok(menu.get(&chat).or_else(|| menu.get(&None)).cloned().unwrap_or(json!({"type": "commands"})))
}
