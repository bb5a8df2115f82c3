//! Forward declarations of `rtmp`, until it lands.

use tokio::net::TcpStream;

/// Stand-in for `rtmp::transport::Stream`.
pub type Stream = TcpStream;

/// Stand-in for `rtmp::Publish`.
pub struct Publish<S> {
    _stream: S,
}

impl<S> Publish<S> {
    /// Application.
    pub fn app(&self) -> &str {
        ""
    }
    /// Publish name.
    pub fn name(&self) -> &str {
        ""
    }
    /// flashVer.
    pub fn encoder(&self) -> &str {
        ""
    }
    /// Says no.
    pub async fn reject(self, _description: &str) {}
}

/// Stand-in for `rtmp::Sink`.
pub struct Sink<S> {
    _stream: S,
}

/// Stand-in for `rtmp::transport::ClientTls`.
pub struct ClientTls;

/// Stand-in for `rtmp::transport::ServerTls`.
#[derive(Clone)]
pub struct ServerTls;
