//! Local stand-ins: what `demo` runs instead of Telegram, the platforms and an encoder, and what the tests run against.

pub mod bot_api;
pub mod clip;

use std::process::ExitCode;

/// Runs the whole product against the stand-ins; `tour` plays the story by itself and ends.
pub async fn run(_tour: bool) -> ExitCode {
    ExitCode::FAILURE
}
