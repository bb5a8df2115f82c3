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

/// Stand-in for `rtmp::transport::TlsFault`.
#[derive(Debug, thiserror::Error)]
#[error("no PEM that can be used")]
pub struct TlsFault;

/// Stand-in for `rtmp::transport::ClientTls`.
pub struct ClientTls;

impl ClientTls {
    /// Trusts the public authorities, and these.
    ///
    /// # Errors
    /// No PEM.
    pub fn new(_extra_ca_pem: Option<&[u8]>) -> Result<Self, TlsFault> {
        Ok(Self)
    }
}

/// Stand-in for `rtmp::transport::ServerTls`.
#[derive(Clone)]
pub struct ServerTls;

impl ServerTls {
    /// Shows this certificate.
    ///
    /// # Errors
    /// No PEM.
    pub fn new(_cert_pem: &[u8], _key_pem: &[u8]) -> Result<Self, TlsFault> {
        Ok(Self)
    }
}
