//! The methods of the Bot API, one file per group. Each reads its parameters in the order of the real server, so that
//! of two faults the same one is reported.

mod answering;
mod chats;
mod deleting;
mod editing;
mod files;
mod profile;
mod sending;

pub(super) use files::is_mp4;

use super::params::Params;
use super::people::{Chat, ChatKind};
use super::refusal::{Answer, Refusal};
use super::world::World;
use serde_json::{Value, json};

/// Carries out `method`, given in lower case. `getUpdates` is elsewhere, for it waits.
pub(super) fn call(world: &mut World, method: &str, params: &mut Params) -> Answer {
    match method {
        "getme" => Ok(me(world)),
        "getwebhookinfo" => {
            Ok(json!({"url": "", "has_custom_certificate": false, "pending_update_count": world.updates.waiting()}))
        }
        "deletewebhook" => {
            if params.flag("drop_pending_updates") {
                world.updates.drop_all();
            }
            Ok(json!(true))
        }
        "sendmessage" => sending::message(world, params),
        "sendphoto" => sending::file(world, params, files::Kind::Photo),
        "sendvideo" => sending::file(world, params, files::Kind::Video),
        "sendmediagroup" => sending::album(world, params),
        "senddocument" => sending::file(world, params, files::Kind::Document),
        "copymessage" => sending::copy(world, params),
        "sendchataction" => sending::action(world, params),
        "editmessagetext" => editing::text(world, params),
        "editmessagereplymarkup" => editing::markup(world, params),
        "editmessagemedia" => editing::media(world, params),
        "deletemessage" => deleting::one(world, params),
        "deletemessages" => deleting::many(world, params),
        "answercallbackquery" => answering::callback(world, params),
        "setmessagereaction" => answering::reaction(world, params),
        "getchat" => chats::chat(world, params),
        "getchatmember" => chats::member(world, params),
        "getchatadministrators" => chats::administrators(world, params),
        "leavechat" => chats::leave(world, params),
        "pinchatmessage" => chats::pin(world, params),
        "unpinchatmessage" => chats::unpin(world, params),
        "getfile" => files::file(world, params),
        "setmycommands" => profile::set_commands(world, params),
        "getmycommands" => profile::commands(world, params),
        "deletemycommands" => profile::delete_commands(world, params),
        "setmyname" => profile::set_text(world, params, "name", 64),
        "getmyname" => profile::text(world, params, "name"),
        "setmydescription" => profile::set_text(world, params, "description", 512),
        "getmydescription" => profile::text(world, params, "description"),
        "setmyshortdescription" => profile::set_text(world, params, "short_description", 120),
        "getmyshortdescription" => profile::text(world, params, "short_description"),
        "setchatmenubutton" => profile::set_menu_button(world, params),
        "getchatmenubutton" => profile::menu_button(world, params),
        _ => Err(Refusal::plain(404, "Not Found: method not found")),
    }
}

fn me(world: &World) -> Value {
    let mut me = world.bot.json();
    for (field, value) in [
        ("can_join_groups", true),
        ("can_read_all_group_messages", world.reads_all),
        ("supports_inline_queries", false),
        ("can_connect_to_business", false),
        ("has_main_web_app", false),
    ] {
        me[field] = json!(value);
    }
    me
}

/// What a request wants of a chat.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    /// To look at it.
    Read,
    /// To see who is in it.
    Members,
    /// To write in it, or to change it.
    Write,
}

/// The chat of a request, if the bot may do there what it wants.
fn chat_of<'a>(world: &'a World, params: &mut Params, access: Access) -> Result<&'a Chat, Refusal> {
    let id = params.text("chat_id").ok_or_else(|| Refusal::bad("chat_id is empty"))?;
    let not_found = || Refusal::bad("chat not found");
    let chat = world.chats.get(&id.parse().map_err(|_| not_found())?).ok_or_else(not_found)?;
    if let (Some(id), true) = (chat.migrated_to, access != Access::Read) {
        return Err(Refusal::migrated(id));
    }
    if !chat.is_group() {
        return match (chat.started, chat.blocked) {
            (false, _) if access == Access::Write => {
                Err(Refusal::forbidden("bot can't initiate conversation with a user"))
            }
            (false, _) => Err(not_found()),
            (true, true) if access == Access::Write => Err(Refusal::forbidden("bot was blocked by the user")),
            (true, _) => Ok(chat),
        };
    }
    let me = chat.member(world.bot.id);
    let kind = chat.kind.name();
    if me.is_inside() {
        if chat.kind == ChatKind::Channel && access == Access::Write && !me.is_admin() {
            return Err(Refusal::bad("need administrator rights in the channel chat"));
        }
        Ok(chat)
    } else if me.role == super::Role::Kicked {
        Err(Refusal::forbidden(format!("bot was kicked from the {kind} chat")))
    } else if chat.members.contains_key(&world.bot.id) {
        Err(Refusal::forbidden(format!("bot is not a member of the {kind} chat")))
    } else {
        Err(not_found())
    }
}

/// A message number; 0, which no message has, for what is none.
fn number(params: &mut Params, name: &'static str) -> i32 {
    params.int(name).and_then(|id| i32::try_from(id).ok()).unwrap_or(0)
}
