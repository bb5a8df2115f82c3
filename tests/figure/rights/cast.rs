//! The people and the group of each cell.

use super::table::Cell;
use crate::bed::house::OWNER;
use telecast::demo::bot_api::{ChatKind, Rights, Role, World};
use telecast::domain::access::{Operators, Policy};
use telecast::domain::id::{ChatId, UserId};

/// The topic in which everything is said, where a group has topics.
pub(super) const TOPIC: i32 = 700_000;

/// The people and the group of one cell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cast {
    /// Runs the group, whatever becomes of the others.
    pub(super) keeper: UserId,
    /// Whom the cell is about.
    pub(super) rio: UserId,
    /// Another admin of the group.
    pub(super) xi: UserId,
    /// Knows nobody.
    pub(super) stranger: UserId,
    pub(super) group: ChatId,
    /// How the group is numbered after it has become a supergroup.
    pub(super) moved: ChatId,
}

impl Cast {
    /// Puts those of cell number `n` into the world.
    pub(super) fn of(world: &mut World, cell: &Cell, n: u64) -> Self {
        let person = |nth| UserId(10_000 + 4 * n + nth);
        let basic = -500_000 - n.cast_signed();
        let is_moved = cell.place == "moved";
        let group = ChatId(if is_moved { basic } else { -1_003_000_000_000 - n.cast_signed() });
        let rio = if cell.role == "owner" { OWNER } else { person(1) };
        let cast = Self {
            keeper: person(0),
            rio,
            xi: person(2),
            stranger: person(3),
            group,
            moved: ChatId(-1_000_000_000_000 + basic),
        };
        for (user, name) in [(cast.keeper, "Kim"), (person(1), "Rio"), (cast.xi, "Xi"), (cast.stranger, "Sasha")] {
            world.add_person(user, name, "en");
        }
        let video = Rights { can_manage_video_chats: true, ..Rights::default() };
        let plain = Rights { can_pin_messages: true, ..Rights::default() };
        let role = match (&*cell.place, &*cell.role) {
            (_, "creator") => Role::Creator,
            (_, "video") => Role::Admin(video),
            ("group", "owner") | (_, "member") => Role::Member,
            (_, "hidden" | "seen") => Role::Admin(Rights::ALL),
            _ => Role::Admin(plain),
        };
        let keeper = if role == Role::Creator { Role::Admin(Rights::ALL) } else { Role::Creator };
        // Of who loses a right, only an admin is told; where an encoder publishes, the bot has to ask.
        let asks = cell.place == "group" && cell.role == "former" && cell.row.starts_with("encoder");
        let told = matches!(&*cell.role, "seen" | "former" | "gone") && !asks;
        let bot = match cell.place.as_str() {
            "unlet" => Role::Left,
            _ if told => Role::Admin(Rights::ALL),
            _ => Role::Member,
        };
        let members = [(cast.keeper, keeper), (rio, role), (cast.xi, Role::Admin(plain)), (world.bot_id(), bot)];
        let kind = if is_moved { ChatKind::Group } else { ChatKind::Supergroup };
        world.add_group(group, kind, "Matrix", &members);
        if cell.place == "topic" {
            world.add_topic(group, TOPIC);
        }
        cast
    }

    /// Who operates the group.
    pub(super) fn operators(&self, cell: &Cell) -> Operators {
        let mut named = std::collections::BTreeSet::new();
        if cell.place == "named" {
            named.insert(self.keeper);
            if cell.role == "named" {
                named.insert(self.rio);
            }
        }
        let policy = match cell.place.as_str() {
            "video" => Policy::Video,
            "named" => Policy::Named,
            _ => Policy::Any,
        };
        Operators { policy, named }
    }
}
