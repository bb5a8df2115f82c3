//! The side that is connected to: an encoder wants to publish, or a player to play. Must never know whether they may: it
//! tells what was asked and does what it is told.
//!
//! Read [`receive`] first, then [`Publish`] and [`Source`], [`Play`].

mod answer;
mod giver;
mod media;
mod publish;
mod rehearse;
mod session;
mod source;

pub(super) use media::{SET_DATA_FRAME, is_media};
pub use publish::{Asks, Play, Publish, accept, accept_judged, receive, receive_others};
pub(super) use rehearse::rehearse;
pub use session::Judge;
pub(super) use session::{Event, Session};
pub use source::{Source, SourceEnd};
