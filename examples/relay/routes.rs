//! Routes: whoever publishes with a route's key is sent on to the route's targets, and played by who has its read key.

use clap::Parser;
use std::collections::HashMap;
use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use telecast::domain::id::{StudioId, TargetId};
use telecast::domain::rtmp_url::PushPoint;
use telecast::domain::status::TargetStatus;
use telecast::relay::dial::{Dialler, SystemResolver};
use telecast::relay::gate::AddressGate;
use telecast::relay::ingest::{self, Arrival, Ingest, Listeners};
use telecast::relay::report::{Plan, PlannedTarget, Report, ReportEvent};
use telecast::relay::{Relay, RelaySettings};
use telecast::rtmp::Asks;
use telecast::rtmp::transport::ClientTls;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A route waits for its publisher, and keeps its targets connected without one, for about as long as this runs.
const EVER: Duration = Duration::from_secs(365 * 24 * 3600);
/// How long a target must take what is sent to count as sending.
const SETTLE: Duration = Duration::from_secs(15);

#[derive(Parser)]
#[command(about = "Relays RTMP streams without a chat: publish to rtmp://LISTEN/live with a route's key")]
pub(crate) struct Options {
    /// Where encoders connect.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:1935")]
    listen: SocketAddr,
    /// A stream key and where its stream goes, if anywhere. Repeatable. The last part of each URL's path is its stream key.
    #[arg(long, value_name = "KEY=[URL,…]", required = true, value_parser = route)]
    route: Vec<Route>,
    /// A route's stream key, and where its stream is taken from while nobody publishes with it. Repeatable.
    #[arg(long, value_name = "KEY=URL", value_parser = pull)]
    pull: Vec<(String, PushPoint)>,
    /// A route's stream key, and the key that plays its stream. Repeatable.
    #[arg(long, value_name = "KEY=READKEY", value_parser = play)]
    play: Vec<(String, String)>,
    /// Send everything on within 3 ms, in place of 50, for twice the processor time.
    #[arg(long)]
    pub(crate) low_latency: bool,
    /// A PEM file with more certificate authorities to trust for rtmps:// URLs.
    #[arg(long, value_name = "FILE")]
    extra_ca: Option<PathBuf>,
}

#[derive(Clone)]
struct Route {
    key: String,
    targets: Vec<PushPoint>,
    pull: Option<PushPoint>,
}

/// Whose is which key.
#[derive(Default)]
struct Studios {
    publish: HashMap<String, StudioId>,
    play: HashMap<String, StudioId>,
}

fn route(text: &str) -> Result<Route, String> {
    let (key, urls) = text.split_once('=').ok_or("a route is KEY=[URL,…]")?;
    let urls = urls.split(',').filter(|url| !url.is_empty());
    let targets = urls.map(target).collect::<Result<_, _>>()?;
    Ok(Route { key: key.to_owned(), targets, pull: None })
}

fn target(url: &str) -> Result<PushPoint, String> {
    let point = point(url)?;
    if point.key.expose().is_empty() { Err(format!("{url}: its stream key is missing")) } else { Ok(point) }
}

fn pull(text: &str) -> Result<(String, PushPoint), String> {
    let (key, url) = text.split_once('=').ok_or("a pull is KEY=URL")?;
    Ok((key.to_owned(), point(url)?))
}

fn play(text: &str) -> Result<(String, String), String> {
    let (key, read_key) = text.split_once('=').ok_or("a read key is given as KEY=READKEY")?;
    Ok((key.to_owned(), read_key.to_owned()))
}

fn point(url: &str) -> Result<PushPoint, String> {
    PushPoint::from_url(url).map_err(|fault| format!("{url}: {fault}"))
}

/// A relay, and what its owner needs of it.
pub(crate) struct Host {
    pub(crate) relay: Relay,
    pub(crate) dialler: Arc<Dialler>,
    pub(crate) token: CancellationToken,
    pub(crate) tracker: TaskTracker,
}

impl Host {
    /// A relay as `options` want it, and what it reports: to be followed by who asks for it.
    pub(crate) fn new(options: &Options) -> Result<(Self, mpsc::Receiver<Report>), Box<dyn Error>> {
        telecast::app::log::init("info");
        let ca = options.extra_ca.as_ref().map(std::fs::read).transpose()?;
        let (token, tracker) = (CancellationToken::new(), TaskTracker::new());
        let dialler = Dialler::new(Arc::new(SystemResolver), AddressGate::open(), ClientTls::new(ca.as_deref())?);
        let settings = if options.low_latency { RelaySettings::LOW_LATENCY } else { RelaySettings::default() };
        let dialler = Arc::new(dialler);
        let (relay, reports) = Relay::new(Arc::clone(&dialler), settings, tracker.clone(), token.clone());
        Ok((Self { relay, dialler, token, tracker }, reports))
    }

    /// Serves the routes until it is told to end. `reports`: where nobody else follows them.
    pub(crate) async fn serve(
        self,
        mut options: Options,
        mut reports: Option<mpsc::Receiver<Report>>,
    ) -> Result<(), Box<dyn Error>> {
        let Self { relay, dialler, token, tracker } = self;
        for (key, from) in &options.pull {
            let route = options.route.iter_mut().find(|route| route.key == *key);
            route.ok_or_else(|| format!("--pull {key}=…: there is no such route"))?.pull = Some(from.clone());
        }
        let mut studios = Studios::default();
        for (number, route) in (1..).zip(&options.route) {
            studios.publish.insert(route.key.clone(), StudioId(number));
            let read_keys = options.play.iter().filter(|(key, _)| *key == route.key);
            studios.play.extend(read_keys.map(|(_, read_key)| (read_key.clone(), StudioId(number))));
            relay.go_live(StudioId(number), plan(route)).await;
        }
        let plain = ingest::listen(options.listen)?;
        let mut arrivals =
            Ingest::start(Listeners { plain, tls: None, memory: relay.memory() }, dialler.marks(), &tracker, &token);
        println!("ready");

        let mut terminate = signal(SignalKind::terminate())?;
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = tokio::signal::ctrl_c() => {
                    goodbye(&relay, &options.route).await;
                    break;
                }
                Some(arrival) = arrivals.recv() => judge(&relay, &studios, arrival, &tracker).await,
                Some(report) = next(&mut reports) => again(&relay, &options.route, report).await,
            }
        }
        for studio in (1..).map(StudioId).take(options.route.len()) {
            account(&relay, studio);
        }
        token.cancel();
        tracker.close();
        tracker.wait().await;
        Ok(())
    }
}

/// What the relay reports, where nobody else follows it.
async fn next(reports: &mut Option<mpsc::Receiver<Report>>) -> Option<Report> {
    match reports {
        Some(reports) => reports.recv().await,
        None => None,
    }
}

/// Says what became of a route's stream: payload bytes that its targets' sockets took, and such as were dropped.
fn account(relay: &Relay, studio: StudioId) {
    for (target, TargetStatus { sent_bytes, dropped_bytes, reconnects, .. }) in relay.status(studio).targets {
        tracing::info!(%studio, %target, sent_bytes, dropped_bytes, reconnects, "account");
    }
}

fn plan(route: &Route) -> Plan {
    let targets = (1..).zip(&route.targets);
    let targets = targets.map(|(id, point)| PlannedTarget {
        id: TargetId(id),
        point: point.clone(),
        settle: SETTLE,
        takes: Vec::new(),
        owners_turn: false,
        key_over: false,
    });
    Plan { targets: targets.collect(), hold: EVER, wait: EVER, pull: route.pull.clone() }
}

async fn judge(relay: &Relay, studios: &Studios, arrival: Arrival, tracker: &TaskTracker) {
    // Saying no takes as long as the peer takes to hear it.
    match arrival.asks {
        Asks::Publish(publish) => {
            let (publish, why) = match studios.publish.get(publish.name()) {
                None => (Box::new(publish), "no route has this stream key"),
                Some(studio) => match relay.attach(*studio, publish).await {
                    None => return,
                    Some(contested) => (contested.publish, "another encoder is live with this stream key"),
                },
            };
            tracker.spawn(publish.reject(why));
        }
        Asks::Play(play) => {
            let (play, why) = match studios.play.get(play.name()) {
                None => (Box::new(play), "nothing is played with this key"),
                Some(studio) => match relay.play(*studio, play).await {
                    None => return tracing::info!(%studio, peer = %arrival.peer, "a player was let in"),
                    Some(play) => (play, "too many play this stream"),
                },
            };
            tracker.spawn(play.reject(why));
        }
    }
}

/// Ctrl-C ends every show in order, SIGTERM none; what became of each is written down.
async fn goodbye(relay: &Relay, routes: &[Route]) {
    for number in 1..=routes.len() as u64 {
        for (target, status) in relay.stop(StudioId(number)).await.map(|summary| summary.targets).unwrap_or_default() {
            println!(
                "route {number} target {target}: sent {} dropped {} bytes, {} reconnects",
                status.sent_bytes, status.dropped_bytes, status.reconnects
            );
        }
    }
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
