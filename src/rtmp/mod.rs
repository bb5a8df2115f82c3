//! The RTMP protocol: bytes to messages and back. The only module that names `rml_rtmp` and `rml_amf0`.
//!
//! Must never know who publishes, what a platform is, or when to dial again: it is told where to connect and what to
//! say, and tells what happened. Whatever a peer sends ends in a value or an error, never in a panic, and takes memory
//! only as bytes arrive.
//!
//! Read [`message::Message`] first, then [`chunk`], [`server`] and [`client`].

mod amf;
#[doc(hidden)]
pub mod bench;
mod chunk;
mod client;
mod command;
mod fault;
#[doc(hidden)]
pub mod fuzz;
mod handshake;
mod inbound;
mod link;
mod message;
mod outbound;
mod server;
mod tcp;
pub mod transport;

pub use client::{
    Account, Approach, Batch, Client, Express, Next, Offer, Request, Sink, Step, Turned, connect, connect_offering,
    greet, play, play_approaching,
};
pub use fault::Fault;
pub use handshake::Marks;
pub use server::{Asks, Judge, Play, Publish, Source, SourceEnd, accept, accept_judged, receive, receive_others};
