//! The relay without the chat: whoever publishes with a route's key is sent on to the route's targets, and played by who
//! has its read key.
//!
//! `cargo run --release --example relay -- --listen 127.0.0.1:1935 --route KEY=rtmp://host/app/name,rtmps://…`

#[path = "relay/routes.rs"]
mod routes;

use clap::Parser;
use routes::{Host, Options};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    telecast::app::runtime(options.low_latency)?.block_on(async {
        let (host, reports) = Host::new(&options)?;
        host.serve(options, Some(reports)).await
    })
}
