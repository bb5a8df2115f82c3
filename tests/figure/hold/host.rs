//! A relay in this process: whoever publishes with the key `encoder-N` is the source of studio N.

use crate::bed::Result;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use telecast::domain::id::{StudioId, TargetId};
use telecast::domain::rtmp_url::{PushPoint, ServerUrl};
use telecast::domain::secret::StreamKey;
use telecast::relay::dial::{Dialler, SystemResolver};
use telecast::relay::gate::AddressGate;
use telecast::relay::ingest::{Arrival, Ingest, Listeners};
use telecast::relay::report::{Plan, PlannedTarget, Summary};
use telecast::relay::{Relay, RelaySettings};
use telecast::rtmp::Asks;
use telecast::rtmp::transport::ClientTls;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

const HOUR: Duration = Duration::from_secs(3600);

/// See the module's head. Ends when it is dropped.
pub(super) struct Host {
    relay: Relay,
    /// Where encoders connect.
    pub(super) ingest: SocketAddr,
    _end: DropGuard,
}

impl Host {
    pub(super) async fn start() -> Result<Self> {
        let (token, tracker) = (CancellationToken::new(), TaskTracker::new());
        let dialler = Dialler::new(Arc::new(SystemResolver), AddressGate::open(), ClientTls::new(None)?);
        let marks = dialler.marks();
        let (relay, mut reports) =
            Relay::new(Arc::new(dialler), RelaySettings::default(), tracker.clone(), token.clone());
        let plain = TcpListener::bind("127.0.0.1:0").await?;
        let ingest = plain.local_addr()?;
        let mut arrivals =
            Ingest::start(Listeners { plain, tls: None, memory: relay.memory() }, marks, &tracker, &token);
        let to = relay.clone();
        tracker.spawn(async move {
            while let Some(Arrival { asks, .. }) = arrivals.recv().await {
                let Asks::Publish(publish) = asks else { continue };
                let number = publish.name().strip_prefix("encoder-").and_then(|number| number.parse().ok());
                if let Some(number) = number {
                    to.attach(StudioId(number), publish).await;
                }
            }
        });
        tracker.spawn(async move { while reports.recv().await.is_some() {} });
        Ok(Self { relay, ingest, _end: token.drop_guard() })
    }

    /// The whole address for studio N's encoder.
    pub(super) fn url(&self, studio: u32) -> String {
        format!("rtmp://{}/live/encoder-{studio}", self.ingest)
    }

    /// Goes live to these servers, each with its key.
    pub(super) async fn go_live(&self, studio: u32, servers: &[(String, String)]) -> Result<()> {
        let planned = |(id, (server, key)): (u32, &(String, String))| -> Result<PlannedTarget> {
            let point = PushPoint { server: ServerUrl::parse(server)?, key: StreamKey::parse(key)? };
            Ok(PlannedTarget {
                id: TargetId(id),
                point,
                settle: Duration::from_secs(15),
                takes: Vec::new(),
                owners_turn: false,
                key_over: false,
            })
        };
        let targets = (1..).zip(servers).map(planned).collect::<Result<_>>()?;
        self.relay.go_live(StudioId(studio.into()), Plan { targets, hold: HOUR, wait: HOUR, pull: None }).await;
        Ok(())
    }

    pub(super) async fn stop(&self, studio: u32) -> Summary {
        self.relay.stop(StudioId(studio.into())).await.unwrap_or_default()
    }
}
