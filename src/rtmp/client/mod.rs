//! The side that connects: to a target, from the handshake to its media, or to a server that is played from. Must never
//! know why it is made or when it is made again: it says what it is told to say, and tells what happened.
//!
//! Read [`connect()`] first, then [`Approach`] (servers that ask for a login, or name another one), [`Client`] and
//! [`Sink`]; [`play()`] for the other.

mod approach;
mod bench;
mod connect;
mod express;
mod failure;
mod login;
mod offer;
mod play;
mod queue;
mod rehearse;
mod session;
mod sink;
mod taker;
mod words;

pub use approach::{Approach, Next, Turned};
pub use bench::MediaWriter;
pub use connect::{Client, Request, connect, connect_offering, greet};
pub use express::{Batch, Express};
pub use login::Account;
pub(super) use login::rehearse as rehearse_login;
pub use offer::Offer;
pub(super) use play::{Playing, Progress};
pub use play::{play, play_approaching};
pub(super) use rehearse::{rehearse, rehearse_play, rehearse_words};
pub(super) use session::Rejection;
pub use sink::{Sink, Step};
