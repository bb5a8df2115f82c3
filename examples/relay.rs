//! The relay without the chat: whoever publishes with a route's key is sent on to the route's targets.
//!
//! `cargo run --release --example relay -- --listen 127.0.0.1:1935 --route KEY=rtmp://host/app/name,rtmps://…`

use clap::Parser;
use std::collections::HashMap;
use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use telecast::domain::id::{StudioId, TargetId};
use telecast::domain::rtmp_url::{PushPoint, ServerUrl};
use telecast::domain::secret::StreamKey;
use telecast::relay::dial::{Dialler, SystemResolver};
use telecast::relay::gate::AddressGate;
use telecast::relay::ingest::{Arrival, Ingest, Listeners};
use telecast::relay::report::{Plan, PlannedTarget, Report, ReportEvent};
use telecast::relay::{Relay, RelaySettings};
use telecast::rtmp::transport::ClientTls;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A route waits for its publisher, and keeps its targets connected without one, for about as long as this runs.
const EVER: Duration = Duration::from_secs(365 * 24 * 3600);
/// How long a target must take what is sent to count as sending.
const SETTLE: Duration = Duration::from_secs(15);

#[derive(Parser)]
#[command(about = "Relays RTMP streams without a chat: publish to rtmp://LISTEN/live with a route's key")]
struct Options {
    /// Where encoders connect.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:1935")]
    listen: SocketAddr,
    /// A stream key and where its stream goes. Repeatable. The last part of each URL's path is its stream key.
    #[arg(long, value_name = "KEY=URL[,URL…]", required = true, value_parser = route)]
    route: Vec<Route>,
    /// Send everything on at once, for more processor time.
    #[arg(long)]
    low_latency: bool,
    /// A PEM file with more certificate authorities to trust for rtmps:// targets.
    #[arg(long, value_name = "FILE")]
    extra_ca: Option<PathBuf>,
}

#[derive(Clone)]
struct Route {
    key: String,
    targets: Vec<PushPoint>,
}

fn route(text: &str) -> Result<Route, String> {
    let (key, urls) = text.split_once('=').ok_or("a route is KEY=URL[,URL…]")?;
    let targets = urls.split(',').map(point).collect::<Result<_, _>>()?;
    Ok(Route { key: key.to_owned(), targets })
}

/// A query belongs to the stream key, so the last slash before it is where the key begins.
fn point(url: &str) -> Result<PushPoint, String> {
    let path = &url[..url.find('?').unwrap_or(url.len())];
    let slash = path.rfind('/').ok_or_else(|| format!("{url} is no URL"))?;
    let server = ServerUrl::parse(&url[..slash]).map_err(|fault| format!("{url}: {fault}"))?;
    let key = StreamKey::parse(&url[slash + 1..]).map_err(|fault| format!("{url}: {fault}"))?;
    Ok(PushPoint { server, key })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    telecast::app::log::init("info");
    let ca = options.extra_ca.map(std::fs::read).transpose()?;
    let (token, tracker) = (CancellationToken::new(), TaskTracker::new());
    let dialler = Dialler::new(Arc::new(SystemResolver), AddressGate::open(), ClientTls::new(ca.as_deref())?);
    let settings =
        if options.low_latency { RelaySettings { gather: Duration::ZERO } } else { RelaySettings::default() };
    let (relay, mut reports) = Relay::new(Arc::new(dialler), settings, tracker.clone(), token.clone());
    let mut studios = HashMap::new();
    for (number, route) in (1..).zip(&options.route) {
        studios.insert(route.key.clone(), StudioId(number));
        relay.go_live(StudioId(number), plan(route)).await;
    }
    let plain = TcpListener::bind(options.listen).await?;
    let mut arrivals = Ingest::start(Listeners { plain, tls: None }, &tracker, &token);
    println!("ready");

    let mut terminate = signal(SignalKind::terminate())?;
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = tokio::signal::ctrl_c() => break,
            Some(arrival) = arrivals.recv() => judge(&relay, &studios, arrival, &tracker).await,
            Some(report) = reports.recv() => again(&relay, &options.route, report).await,
        }
    }
    token.cancel();
    tracker.close();
    tracker.wait().await;
    Ok(())
}

fn plan(route: &Route) -> Plan {
    let targets = (1..).zip(&route.targets);
    let targets = targets.map(|(id, point)| PlannedTarget { id: TargetId(id), point: point.clone(), settle: SETTLE });
    Plan { targets: targets.collect(), hold: EVER, wait: EVER }
}

async fn judge(relay: &Relay, studios: &HashMap<String, StudioId>, arrival: Arrival, tracker: &TaskTracker) {
    let (publish, why) = match studios.get(arrival.publish.name()) {
        None => (Box::new(arrival.publish), "no route has this stream key"),
        Some(studio) => match relay.attach(*studio, arrival.publish).await {
            None => return,
            Some(contested) => (contested.publish, "another encoder is live with this stream key"),
        },
    };
    // Saying no takes as long as the peer takes to hear it.
    tracker.spawn(publish.reject(why));
}

/// Logs what happens; a route whose publisher ended in order waits for its next one.
async fn again(relay: &Relay, routes: &[Route], report: Report) {
    match &report.event {
        ReportEvent::Target { id, state, failure } => {
            tracing::info!(studio = %report.studio, target = %id, ?state, ?failure, "target");
        }
        ReportEvent::Ended(_) | ReportEvent::WaitExpired(_) => {
            let route = usize::try_from(report.studio.0 - 1).ok().and_then(|index| routes.get(index));
            if let Some(route) = route {
                relay.go_live(report.studio, plan(route)).await;
            }
        }
        event => tracing::info!(studio = %report.studio, ?event, "route"),
    }
}
