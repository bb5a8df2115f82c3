//! /look: what goes out, under a short film of it or in its place.

use crate::chat::said::Said;
use crate::service::{Scene, Sound};
use std::time::Duration;

/// See the module.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::chat) enum LookView {
    /// Under the film.
    Clip {
        scene: Scene,
        lasts: Duration,
        /// Where it is known.
        size: Option<(u32, u32)>,
        sound: Sound,
    },
    /// Under pictures of what platforms show, one of each: the target's name, and how old the picture is, where that is known.
    Shown(Vec<(Said, Option<Duration>)>),
    NoSource,
    NoPicture,
    SoundOnly,
    /// The picture is away and cannot be repeated.
    SilenceOnly,
    /// A picture that an MP4 file cannot hold, in this codec where it is known.
    Codec(Option<&'static str>),
    TooLong,
    UnderWay,
    /// Only a show has last seconds.
    NotOn,
    /// The disk keeps no last seconds. `full`: it has no room.
    Disk {
        full: bool,
    },
    /// Telegram did not take it.
    NotSent,
}
