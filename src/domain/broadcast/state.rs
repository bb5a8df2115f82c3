//! Where a broadcast is, with what it waits for there.

use std::time::Instant;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Waiting {
        until: Instant,
    },
    Live,
    /// `ask`: when people are to be asked, until they were.
    Held {
        since: Instant,
        until: Instant,
        clean: bool,
        ask: Option<Instant>,
    },
    Paused {
        until: Instant,
    },
    Ended,
}

impl State {
    /// Whether targets are connected in this state.
    pub(super) fn pushes(self) -> bool {
        matches!(self, Self::Live | Self::Held { .. })
    }
}
