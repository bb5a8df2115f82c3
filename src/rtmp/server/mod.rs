//! The receiving side: an encoder connects and wants to publish. Must never know whether it may: it tells what was
//! asked and does what it is told.
//!
//! Read [`accept`] first, then [`Publish`] and [`Source`].

mod answer;
mod media;
mod publish;
mod rehearse;
mod session;
mod source;

pub use publish::{Publish, accept};
pub(super) use rehearse::rehearse;
pub use source::{Source, SourceEnd};
