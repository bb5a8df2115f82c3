//! Why a connection cannot go on. Carries no byte that the peer sent: what strangers send may hold a key.

use super::amf::AmfFault;
use super::chunk::ChunkFault;
use std::io;

/// Why a connection cannot go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The peer closed before it had said what it wants.
    #[error("closed by the peer")]
    Closed,
    /// The connection broke.
    #[error("connection lost: {0}")]
    Lost(io::ErrorKind),
    /// What came first was no RTMP handshake (Adobe's RTMP 1.0, §5.2), such as HTTP or TLS on the wrong port.
    #[error("no RTMP handshake")]
    Handshake,
    /// The peer is this very process: it has dialled itself.
    #[error("this is Telecast itself")]
    Itself,
    /// The peer broke the protocol or a bound.
    #[error("protocol: {0}")]
    Protocol(String),
}

impl Fault {
    pub(super) fn protocol(words: &str) -> Self {
        Self::Protocol(words.to_owned())
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // TLS that ends without its goodbye.
            io::ErrorKind::UnexpectedEof => Self::Closed,
            kind => Self::Lost(kind),
        }
    }
}

impl From<ChunkFault> for Fault {
    fn from(fault: ChunkFault) -> Self {
        Self::Protocol(fault.to_string())
    }
}

impl From<AmfFault> for Fault {
    fn from(fault: AmfFault) -> Self {
        Self::Protocol(fault.to_string())
    }
}
