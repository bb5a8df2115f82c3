//! Announcing shows to an audience: what the audience reads, and where it is announced.

use crate::chat::said::Said;
use crate::chat::view::LinkView;
use std::time::Duration;

/// See the module.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::chat) enum Announce {
    /// To the audience.
    Live { title: Said, links: Vec<LinkView> },
    /// To the audience.
    Over { title: Said, links: Vec<LinkView>, lasted: Duration },
    /// To the audience, under a film of the last seconds. No links, where the show is over.
    Clip { title: Said, links: Vec<LinkView> },
    /// In private: where a studio's shows are announced. `studio`: where that is a group's.
    Places { places: Vec<Said>, studio: Option<Said> },
    /// In a group or a topic: whose shows are announced here.
    Here { studios: Vec<Said> },
    /// In private, after the bot was added to a channel: whose shows?
    Channel { place: Said },
    /// They are from now on.
    Added { place: Said, studio: Said },
    /// They are no more.
    Gone { place: Said, studio: Said },
    /// Only who runs that chat may say so.
    NotYourChat { place: Said },
}
