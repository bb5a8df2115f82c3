//! The relay of `examples/relay` with what Telecast does beside each show: it keeps the newest minute of each stream, and listens
//! to it. A program of its own, so that the other one is a relay and nothing else.

#[path = "relay/routes.rs"]
mod routes;

use clap::Parser;
use routes::{Host, Options};
use std::error::Error;
use std::sync::Arc;
use telecast::platform::Catalogue;
use telecast::service::{Service, Settings};
use telecast::store::Store;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    options: Options,
    /// Only relay: what this costs the same program is what the rest is compared with.
    #[arg(long)]
    bare: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let Arguments { options, bare } = Arguments::parse();
    telecast::app::runtime(options.low_latency)?.block_on(async {
        let (host, reports) = Host::new(&options)?;
        if bare {
            return host.serve(options, Some(reports)).await;
        }
        let (relay, dialler) = (host.relay.clone(), Arc::clone(&host.dialler));
        let (service, mut notices) =
            Service::new(Store::temporary()?, relay, dialler, Catalogue::builtin(), Settings::default());
        host.tracker.spawn(service.follow(reports, host.token.clone()));
        // There is nobody to be told.
        host.tracker.spawn(async move { while notices.recv().await.is_some() {} });
        host.serve(options, None).await
    })
}
