//! What the owner is told as the host of the server.

use crate::chat::said::Said;
use crate::domain::quota::{Limit, Quota};
use std::time::Duration;

/// /admin.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::chat) enum Host {
    Overview(Overview),
    /// Those whose title holds `search`, or all.
    Studios {
        rows: Vec<StudioLine>,
        search: Option<Said>,
        page: usize,
        pages: usize,
        count: usize,
    },
    Studio(Box<StudioLine>),
    StopAsk {
        name: Said,
        targets: usize,
    },
    Stopped {
        name: Said,
    },
    LimitAsk {
        name: Said,
        limit: Limit,
    },
    Invites {
        rows: Vec<InviteLine>,
    },
    Invited {
        link: Said,
        group_link: Said,
        uses: u32,
        lasts: Duration,
    },
    Requests {
        count: usize,
    },
    /// Somebody is heard of no more.
    Blocked {
        name: Said,
    },
    /// Every show is over while no new ones begin.
    Drained,
}

/// The whole instance.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::chat) struct Overview {
    /// Those that send most.
    pub(in crate::chat) live: Vec<StudioLine>,
    /// How many shows there are beside those.
    pub(in crate::chat) more: usize,
    pub(in crate::chat) studios: usize,
    pub(in crate::chat) kbps: u64,
    pub(in crate::chat) cap_kbps: Option<u32>,
    pub(in crate::chat) bytes: u64,
    pub(in crate::chat) draining: bool,
}

/// A studio, as its host may know it.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::chat) struct StudioLine {
    pub(in crate::chat) name: Said,
    pub(in crate::chat) group: bool,
    pub(in crate::chat) let_in: bool,
    /// A show is on, or waits for its encoder.
    pub(in crate::chat) on: bool,
    /// Since the first picture, while there is one.
    pub(in crate::chat) live_for: Option<Duration>,
    pub(in crate::chat) targets: usize,
    pub(in crate::chat) kbps: u32,
    pub(in crate::chat) bytes: u64,
    pub(in crate::chat) hours: u64,
    pub(in crate::chat) quota: Quota,
}

/// An invitation that is still good.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::chat) struct InviteLine {
    pub(in crate::chat) left: u32,
    pub(in crate::chat) lasts: Duration,
}
