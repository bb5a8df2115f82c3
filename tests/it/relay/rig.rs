//! A relay on loopback, with [`Encoder`]s before it and [`Platform`]s behind.

mod encoder;
mod platform;

pub(super) use encoder::{AVC, Encoder, GOP, HEVC, Upstream};
pub(super) use platform::{Platform, Viewer, frames, keyed_at, target_at};

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use telecast::domain::id::{StudioId, TargetId};
use telecast::domain::status::{PushFailure, TargetState};
use telecast::relay::dial::{Dialler, SystemResolver};
use telecast::relay::gate::AddressGate;
use telecast::relay::ingest::{Ingest, Listeners};
use telecast::relay::report::{Plan, PlannedTarget, Report, ReportEvent};
use telecast::relay::{Relay, RelaySettings};
use telecast::rtmp::transport::ClientTls;
use telecast::rtmp::{self, Asks, Request};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(super) const STUDIO: StudioId = StudioId(7);
/// Far beyond what anything here takes.
pub(super) const DEADLINE: Duration = Duration::from_secs(20);

pub(super) async fn soon<T>(what: &str, work: impl Future<Output = T>) -> T {
    timeout(DEADLINE, work).await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

/// A relay whose every encoder belongs to [`STUDIO`].
pub(super) struct Rig {
    pub(super) relay: Relay,
    pub(super) reports: mpsc::Receiver<Report>,
    pub(super) ingest: SocketAddr,
    tracker: TaskTracker,
    token: CancellationToken,
}

impl Rig {
    pub(super) async fn new() -> Self {
        Self::with(RelaySettings::default()).await
    }

    pub(super) async fn with(settings: RelaySettings) -> Self {
        let (token, tracker) = (CancellationToken::new(), TaskTracker::new());
        let tls = ClientTls::new(None).unwrap();
        let dialler = Arc::new(Dialler::new(Arc::new(SystemResolver), AddressGate::open(), tls));
        let marks = dialler.marks();
        let (relay, reports) = Relay::new(dialler, settings, tracker.clone(), token.clone());
        let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let ingest = plain.local_addr().unwrap();
        let mut arrivals =
            Ingest::start(Listeners { plain, tls: None, memory: relay.memory() }, marks, &tracker, &token);
        let to = relay.clone();
        let doorman = tracker.clone();
        tracker.spawn(async move {
            while let Some(arrival) = arrivals.recv().await {
                let publish = match arrival.asks {
                    Asks::Publish(publish) => publish,
                    Asks::Play(play) => {
                        if let Some(play) = to.play(STUDIO, play).await {
                            doorman.spawn(play.reject("no room"));
                        }
                        continue;
                    }
                };
                if let Some(contested) = to.attach(STUDIO, publish).await {
                    doorman.spawn(contested.publish.reject(if contested.news { "the first" } else { "one more" }));
                }
            }
        });
        Self { relay, reports, ingest, tracker, token }
    }

    pub(super) async fn encoder(&self) -> Encoder {
        self.asks_to_publish().await.unwrap()
    }

    /// An encoder, or why it is not let in.
    pub(super) async fn asks_to_publish(&self) -> Result<Encoder, PushFailure> {
        Encoder::connect(self.ingest).await
    }

    pub(super) async fn go_live(&self, targets: Vec<PlannedTarget>) {
        let hour = Duration::from_secs(3600);
        assert!(self.relay.go_live(STUDIO, Plan { targets, hold: hour, wait: hour, pull: None }).await);
    }

    /// Live on `targets`, from a source that is fetched.
    pub(super) async fn go_live_from(&self, upstream: &Upstream, targets: Vec<PlannedTarget>) {
        let hour = Duration::from_secs(3600);
        assert!(
            self.relay.go_live(STUDIO, Plan { targets, hold: hour, wait: hour, pull: Some(upstream.point()) }).await
        );
    }

    /// A player, or why it is not let in.
    pub(super) async fn plays(&self) -> Result<Viewer, PushFailure> {
        let stream = TcpStream::connect(self.ingest).await.unwrap();
        let request = Request { app: "live", tc_url: "rtmp://127.0.0.1/live", name: "a-read-key" };
        let source = soon("the player to be judged", rtmp::play(stream.into(), &request)).await?;
        Ok(Viewer::new(source))
    }

    /// Reads reports until `found` finds what it wants.
    pub(super) async fn report<T>(&mut self, what: &str, mut found: impl FnMut(&ReportEvent) -> Option<T>) -> T {
        let reports = &mut self.reports;
        let find = async {
            loop {
                let report = reports.recv().await.expect("the relay ended");
                if let Some(found) = found(&report.event) {
                    return found;
                }
            }
        };
        soon(what, find).await
    }

    /// The next state of a target that `wanted` wants, and the failure that came with it.
    pub(super) async fn state(
        &mut self,
        target: TargetId,
        wanted: impl Fn(&TargetState) -> bool,
    ) -> (TargetState, Option<PushFailure>) {
        self.report("a target's state", |event| match event {
            ReportEvent::Target { id, state, failure } if *id == target && wanted(state) => {
                Some((state.clone(), failure.clone()))
            }
            _ => None,
        })
        .await
    }

    /// Ends the relay as SIGTERM does; every task of it must end.
    pub(super) async fn close(self) {
        self.token.cancel();
        self.tracker.close();
        soon("the relay's tasks to end", self.tracker.wait()).await;
    }
}
