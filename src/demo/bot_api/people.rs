//! Users, chats and who is what in them, with their JSON forms.

use super::message::Message;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The user that stands for every anonymous admin.
pub(super) const GROUP_ANONYMOUS_BOT: i64 = 1_087_968_824;

/// A person or a bot.
#[derive(Clone, Debug)]
pub(super) struct User {
    pub(super) id: i64,
    pub(super) first_name: String,
    pub(super) username: Option<String>,
    pub(super) language: Option<String>,
    pub(super) is_bot: bool,
}

impl User {
    pub(super) fn json(&self) -> Value {
        let mut user = json!({"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name});
        if let Some(username) = &self.username {
            user["username"] = json!(username);
        }
        if let Some(language) = &self.language {
            user["language_code"] = json!(language);
        }
        user
    }
}

/// What an administrator may do. All `false` is an administrator with a title only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as in the Bot API")]
#[expect(clippy::struct_excessive_bools, reason = "a set of rights")]
pub struct Rights {
    pub can_delete_messages: bool,
    pub can_pin_messages: bool,
    pub can_manage_video_chats: bool,
    pub can_change_info: bool,
    pub can_invite_users: bool,
    pub can_restrict_members: bool,
    pub can_promote_members: bool,
}

impl Rights {
    /// Every right.
    pub const ALL: Self = Self {
        can_delete_messages: true,
        can_pin_messages: true,
        can_manage_video_chats: true,
        can_change_info: true,
        can_invite_users: true,
        can_restrict_members: true,
        can_promote_members: true,
    };
}

/// What someone is in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Made the group.
    Creator,
    /// Has some rights.
    Admin(Rights),
    /// Is in it.
    Member,
    /// Was in it, or never.
    Left,
    /// Was thrown out.
    Kicked,
}

/// Someone's place in a group.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) role: Role,
    pub(super) anonymous: bool,
}

impl Member {
    pub(super) const fn new(role: Role) -> Self {
        Self { role, anonymous: false }
    }

    pub(super) const fn is_admin(&self) -> bool {
        matches!(self.role, Role::Creator | Role::Admin(_))
    }

    pub(super) const fn is_inside(&self) -> bool {
        !matches!(self.role, Role::Left | Role::Kicked)
    }

    pub(super) const fn rights(&self) -> Rights {
        match self.role {
            Role::Creator => Rights::ALL,
            Role::Admin(rights) => rights,
            _ => Rights {
                can_delete_messages: false,
                can_pin_messages: false,
                can_manage_video_chats: false,
                can_change_info: false,
                can_invite_users: false,
                can_restrict_members: false,
                can_promote_members: false,
            },
        }
    }

    /// `ChatMember*` of the Bot API, in a chat of this kind.
    pub(super) fn json(&self, user: &User, kind: ChatKind) -> Value {
        let mut member = self.json_anywhere(user);
        if let (ChatKind::Channel, Role::Admin(_)) = (kind, self.role) {
            for right in ["can_post_messages", "can_edit_messages"] {
                member[right] = json!(true);
            }
        }
        member
    }

    fn json_anywhere(&self, user: &User) -> Value {
        let user = user.json();
        match self.role {
            Role::Creator => json!({"status": "creator", "user": user, "is_anonymous": self.anonymous}),
            Role::Admin(r) => json!({
                "status": "administrator", "user": user, "can_be_edited": false, "is_anonymous": self.anonymous,
                "can_manage_chat": true, "can_delete_messages": r.can_delete_messages,
                "can_manage_video_chats": r.can_manage_video_chats, "can_restrict_members": r.can_restrict_members,
                "can_promote_members": r.can_promote_members, "can_change_info": r.can_change_info,
                "can_invite_users": r.can_invite_users, "can_pin_messages": r.can_pin_messages,
                "can_post_stories": false, "can_edit_stories": false, "can_delete_stories": false,
                "can_send_welcome_messages": false,
            }),
            Role::Member => json!({"status": "member", "user": user}),
            Role::Left => json!({"status": "left", "user": user}),
            Role::Kicked => json!({"status": "kicked", "user": user, "until_date": 0}),
        }
    }
}

/// What sort of chat it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatKind {
    /// One person and the bot.
    Private,
    /// A basic group: becomes a supergroup some day, with another id.
    Group,
    /// A supergroup.
    Supergroup,
    /// A channel: its admins post in its name, and bots are in it as admins only.
    Channel,
}

impl ChatKind {
    /// As in `Chat.type`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Group => "group",
            Self::Supergroup => "supergroup",
            Self::Channel => "channel",
        }
    }
}

/// A chat with everything in it. A private chat has its person's id.
#[derive(Clone, Debug)]
pub(super) struct Chat {
    pub(super) id: i64,
    pub(super) kind: ChatKind,
    pub(super) title: String,
    pub(super) members: BTreeMap<i64, Member>,
    pub(super) messages: BTreeMap<i32, Message>,
    pub(super) pinned: Vec<i32>,
    /// Ids of messages that were there and are gone.
    pub(super) deleted: Vec<i32>,
    /// The topics of a forum, by the number of the message that began each.
    pub(super) topics: Vec<i32>,
    /// The supergroup that this group has become.
    pub(super) migrated_to: Option<i64>,
    /// Private: the person has pressed Start.
    pub(super) started: bool,
    /// Private: the person has blocked the bot.
    pub(super) blocked: bool,
    /// What the bot is doing (`typing`, …) and until when, Unix seconds.
    pub(super) action: Option<(String, i64)>,
    /// The reply keyboard or forced reply in force.
    pub(super) reply_markup: Option<Value>,
}

impl Chat {
    pub(super) fn new(id: i64, kind: ChatKind, title: &str) -> Self {
        Self {
            id,
            kind,
            title: title.into(),
            members: BTreeMap::new(),
            messages: BTreeMap::new(),
            pinned: Vec::new(),
            deleted: Vec::new(),
            topics: Vec::new(),
            migrated_to: None,
            started: false,
            blocked: false,
            action: None,
            reply_markup: None,
        }
    }

    /// A place for everyone, [`Role::Left`] for strangers.
    pub(super) fn member(&self, user: i64) -> Member {
        self.members.get(&user).cloned().unwrap_or(Member::new(Role::Left))
    }

    pub(super) fn is_group(&self) -> bool {
        self.kind != ChatKind::Private
    }

    /// `Chat` of the Bot API; `person` is the other side of a private chat.
    pub(super) fn json(&self, person: Option<&User>) -> Value {
        let mut chat = json!({"id": self.id, "type": self.kind.name()});
        match person {
            Some(person) => {
                chat["first_name"] = json!(person.first_name);
                if let Some(username) = &person.username {
                    chat["username"] = json!(username);
                }
            }
            None => chat["title"] = json!(self.title),
        }
        if !self.topics.is_empty() {
            chat["is_forum"] = json!(true);
        }
        chat
    }
}
