//! Local stand-ins: what `demo` runs instead of Telegram, the platforms and an encoder, and what the tests run against.

pub mod bot_api;
pub mod clip;
pub mod encoder;
pub mod platform;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use tokio::net::TcpListener;

/// Runs the whole product against the stand-ins; `tour` plays the story by itself and ends.
pub async fn run(_tour: bool) -> ExitCode {
    ExitCode::FAILURE
}

/// Listens at `wanted`, or at any free port of this machine when that is taken.
async fn listen(wanted: Option<SocketAddr>) -> io::Result<TcpListener> {
    if let Some(address) = wanted
        && let Ok(listener) = TcpListener::bind(address).await
    {
        return Ok(listener);
    }
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await
}
