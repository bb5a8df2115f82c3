//! The dialler: the only way out. The only caller of `StreamKey::expose` in relay.

use crate::domain::rtmp_url::PushPoint;
use crate::domain::status::{Loss, PushFailure};
use crate::relay::edge as rtmp;
use crate::relay::gate::AddressGate;
use futures_util::future::BoxFuture;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

/// Finds the addresses of a host.
pub trait Resolve: Send + Sync {
    /// All addresses of `host`, with `port`.
    fn resolve(&self, host: String, port: u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>>;
}

/// The operating system's resolver.
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, host: String, port: u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
        Box::pin(async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) })
    }
}

/// Makes every outgoing connection.
pub struct Dialler {
    _resolver: Arc<dyn Resolve>,
    _gate: AddressGate,
    _tls: rtmp::ClientTls,
}

impl Dialler {
    /// A dialler that asks `resolver`, obeys `gate` and trusts `tls`.
    #[must_use]
    pub fn new(resolver: Arc<dyn Resolve>, gate: AddressGate, tls: rtmp::ClientTls) -> Self {
        Self { _resolver: resolver, _gate: gate, _tls: tls }
    }

    /// DNS, TCP and TLS: what a preflight tries, because it has no effect on the platform.
    ///
    /// # Errors
    /// What failed.
    pub async fn connect(&self, _point: &PushPoint) -> Result<rtmp::Stream, PushFailure> {
        Err(PushFailure::Lost(Loss::Internal))
    }
}
