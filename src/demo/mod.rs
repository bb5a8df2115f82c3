//! Local stand-ins: what `demo` runs instead of Telegram, the platforms and an encoder, and what the tests run against.

pub mod bot_api;
