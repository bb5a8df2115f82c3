//! Identities. Each is its own type, so that a chat can never be taken for a user.

use serde::{Deserialize, Serialize};

macro_rules! identity {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

identity! {
    /// A studio: our own number, because a chat's id changes when a group becomes a supergroup.
    StudioId(u64)
}
identity! {
    /// A target within its studio. Never reused, never a place in a list.
    TargetId(u32)
}
identity! {
    /// A Telegram chat. Negative for groups.
    ChatId(i64)
}
identity! {
    /// A Telegram user.
    UserId(u64)
}
