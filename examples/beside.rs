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

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    telecast::app::runtime(options.low_latency)?.block_on(async {
        let (host, reports) = Host::new(&options)?;
        let (relay, dialler) = (host.relay.clone(), Arc::clone(&host.dialler));
        let (service, mut notices) =
            Service::new(Store::temporary()?, relay, dialler, Catalogue::builtin(), Settings::default());
        host.tracker.spawn(service.follow(reports, host.token.clone()));
        // There is nobody to be told.
        host.tracker.spawn(async move { while notices.recv().await.is_some() {} });
        host.serve(options, None).await
    })
}
