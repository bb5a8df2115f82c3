//! Telecast: one live stream in, many platforms out, run from a chat.
//!
//! Modules in reading order, from the inside out; arrows of dependency only point up this list, and
//! `tests/it/layering.rs` keeps it so.
//!
//! - [`domain`]: nouns and rules. Pure: no sockets, no clock, no tokio.
//! - [`media`]: what is inside the stream. Pure functions on bytes.
//! - [`rtmp`]: the protocol. The only module that names `rml_rtmp`.
//! - [`platform`]: what is known of the platforms, and what people paste of them.
//! - [`store`]: what must survive a kill. The only module that names `sled`.
//! - [`relay`]: tasks that move packets from one publisher to many targets.
//! - [`record`]: shows as files.
//! - [`service`]: use cases, one file per group of verbs.
//! - [`web`]: the page that sets up a camera app.
//! - [`chat`]: Telegram. The only module that names `teloxide`.
//! - [`config`]: the only reader of the environment.
//! - [`app`]: start and stop order.
//! - [`demo`]: local stand-ins for Telegram, the platforms and an encoder.

pub mod app;
pub mod chat;
pub mod config;
pub mod demo;
pub mod domain;
pub mod media;
pub mod platform;
pub mod record;
pub mod relay;
pub mod rtmp;
pub mod service;
pub mod store;
pub mod web;
