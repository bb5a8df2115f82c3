//! The listeners: from TCP accept to a publish request that somebody must judge.

use crate::relay::edge as rtmp;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Where encoders connect.
pub struct Listeners {
    /// RTMP.
    pub plain: TcpListener,
    /// RTMPS.
    pub tls: Option<(TcpListener, rtmp::ServerTls)>,
}

/// An encoder that wants to publish. Dropping it closes its connection.
pub struct Arrival {
    /// Who.
    pub peer: SocketAddr,
    /// What it asks: take it to `Relay::attach`, or reject it.
    pub publish: rtmp::Publish<rtmp::Stream>,
}

/// Accepts encoders.
pub struct Ingest;

impl Ingest {
    /// Begins to accept. Ends with `token`.
    #[must_use]
    pub fn start(_listeners: Listeners, _tracker: &TaskTracker, _token: &CancellationToken) -> mpsc::Receiver<Arrival> {
        mpsc::channel(64).1
    }
}
