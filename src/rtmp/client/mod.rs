//! The sending side: a connection to a target, from the handshake to its media. Must never know why it is made or
//! when it is made again: it says what it is told to say, and tells what happened.
//!
//! Read [`connect()`] first, then [`Client`] and [`Sink`].

mod connect;
mod express;
mod failure;
mod offer;
mod queue;
mod rehearse;
mod session;
mod sink;
mod words;

pub use connect::{Client, Request, connect, connect_offering};
pub use express::Express;
pub use offer::Offer;
pub(super) use rehearse::rehearse;
pub use sink::{Sink, Step};
