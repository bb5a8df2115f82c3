//! The field: an encoder, platforms and lines between them that do what real ones do, on command, and count.
//!
//! Must not know how Telecast works inside: whatever relays between a [`Publisher`] and a [`Sink`] is judged by what it
//! makes of numbered frames. Both speak RTMP by a codec of their own ([`wire`]), so that no fault of the project's is
//! on both sides. Nothing grows with time: a run may last for days.
//!
//! Read [`Clip`] first (what a frame's number is), then [`Publisher`], [`Sink`], [`Ledger`] and [`invariants`].

pub mod amf;
mod clip;
mod delays;
pub mod invariants;
mod ledger;
mod line;
mod publisher;
mod recorder;
mod sink;
mod spans;
pub mod talk;
mod wire;

pub use amf::Value;
pub use clip::{Clip, Stamp, now};
pub use ledger::{Account, Connection, Count, Ledger};
pub use line::Line;
pub use publisher::{Manner, Options, Published, Publisher, publish};
pub use recorder::{Door, Heard, LetIn, Method, Recorder, Refusal};
pub use sink::{Behaviour, Sink};
pub use wire::{AUDIO, COMMAND, DATA, Message, Reader, VIDEO, chunked};
