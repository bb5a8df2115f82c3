//! /watch: the studio's own page.

use crate::chat::said::Said;

/// See the module.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::chat) enum WatchView {
    /// The host has no address for pages.
    NoAddress,
    /// `now`: it was open until now.
    Closed {
        studio: Option<Said>,
        now: bool,
    },
    Open {
        link: Said,
        watching: usize,
        studio: Option<Said>,
        renewed: bool,
    },
    RenewAsk,
}
