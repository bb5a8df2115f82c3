//! What is said of targets, once they are there.

use super::{Check, Expiry, Press};
use crate::chat::said::Said;
use crate::domain::monitor::Hearing;
use crate::domain::target::Flaw;

/// /targets.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::chat) enum Target {
    None,
    List {
        rows: Vec<Row>,
        page: usize,
        pages: usize,
    },
    Detail(Box<Detail>),
    /// Which of its platform's servers?
    Servers {
        name: Said,
        rows: Vec<ServerRow>,
    },
    Moved {
        name: Said,
        server: Said,
        live: bool,
    },
    Tested {
        name: Said,
        check: Check,
    },
    /// /check: what would happen on each. `done`: all have been tried.
    Checked {
        rows: Vec<Checked>,
        done: bool,
        /// How the stream sounds that comes in, where that is known.
        sound: Option<Hearing>,
    },
    RenameAsk {
        name: Said,
    },
    Renamed {
        name: Said,
    },
    LinkAsk {
        name: Said,
        /// What the platform's links differ by, in the reader's language: “your Twitch name”.
        what: Option<Said>,
    },
    LinkSet {
        name: Said,
        link: Said,
    },
    LinkGone {
        name: Said,
    },
    LinkFault {
        too_long: bool,
    },
    Removed {
        name: Said,
    },
    Restored {
        name: Said,
    },
}

/// What would happen on one target.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::chat) struct Checked {
    pub(in crate::chat) name: Said,
    pub(in crate::chat) on: bool,
    pub(in crate::chat) check: Check,
    pub(in crate::chat) expiry: Option<Expiry>,
    pub(in crate::chat) press: Option<Press>,
}

/// A server of a platform.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::chat) struct ServerRow {
    pub(in crate::chat) server: Said,
    /// When to take it; nothing for the usual one.
    pub(in crate::chat) say: Option<Said>,
    /// The target is sent there now.
    pub(in crate::chat) on: bool,
}

/// A target in a list.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::chat) struct Row {
    pub(in crate::chat) name: Said,
    pub(in crate::chat) platform: Said,
    pub(in crate::chat) on: bool,
    pub(in crate::chat) flaw: Option<Flaw>,
}

/// Everything about one target that may be shown.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::chat) struct Detail {
    pub(in crate::chat) name: Said,
    pub(in crate::chat) platform: Said,
    pub(in crate::chat) server: Said,
    pub(in crate::chat) key: Said,
    pub(in crate::chat) link: Option<Said>,
    pub(in crate::chat) press: Option<Press>,
    pub(in crate::chat) on: bool,
    pub(in crate::chat) flaw: Option<Flaw>,
    pub(in crate::chat) key_is_mine: bool,
}
