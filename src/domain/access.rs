//! Who may do what in a studio.

use crate::domain::id::{ChatId, UserId};
use serde::{Deserialize, Serialize};

/// How a person stands in the chat they speak in, asked of Telegram now, not when a menu was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// The person's own private chat.
    Private,
    /// An administrator or the creator of the group.
    Admin,
    /// Some administrator who hides behind the group's name: may look and stop, not configure.
    AnonymousAdmin,
    /// Anyone else in the group.
    Member,
}

/// Who asks, and from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The person.
    pub user: UserId,
    /// The chat whose studio is meant.
    pub chat: ChatId,
    /// The person's standing in that chat.
    pub standing: Standing,
}

/// What a verb asks of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Look at status and links.
    View,
    /// Stop a broadcast.
    Stop,
    /// Change or start anything.
    Operate,
}

impl Standing {
    /// Whether this standing holds `right`.
    #[must_use]
    pub fn may(self, right: Right) -> bool {
        match self {
            Self::Private | Self::Admin => true,
            Self::AnonymousAdmin => right != Right::Operate,
            Self::Member => right == Right::View,
        }
    }
}
