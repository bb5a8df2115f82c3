//! What became of a connection, in the words of its target's state.

use crate::domain::status::{Barred, Loss, PushFailure};
use crate::rtmp::fault::Fault;
use crate::rtmp::server::SourceEnd;
use crate::rtmp::transport;
use std::io;

/// A read or a write that failed.
pub(super) fn lost(error: &io::Error) -> PushFailure {
    PushFailure::Lost(match transport::words(error) {
        Some(words) => Loss::Tls(words.to_owned()),
        None => loss(error.kind()),
    })
}

/// See [`lost`].
pub(super) fn loss(kind: io::ErrorKind) -> Loss {
    match kind {
        // The end of the stream: of TLS without its goodbye, or noticed by a write after it was told.
        io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe | io::ErrorKind::WriteZero => Loss::Closed,
        io::ErrorKind::TimedOut | io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Loss::Timeout,
        _ => Loss::Reset,
    }
}

impl From<SourceEnd> for PushFailure {
    fn from(end: SourceEnd) -> Self {
        match end {
            SourceEnd::Refused { words } => Self::Refused { words },
            // Over before it began.
            SourceEnd::Clean => Self::Refused { words: String::new() },
            SourceEnd::Closed => Self::Lost(Loss::Closed),
            SourceEnd::Lost(kind) => Self::Lost(loss(kind)),
            SourceEnd::Fault(fault) => fault.into(),
        }
    }
}

impl From<Fault> for PushFailure {
    fn from(fault: Fault) -> Self {
        Self::Lost(match fault {
            Fault::Closed => Loss::Closed,
            Fault::Lost(kind) => loss(kind),
            Fault::Handshake => Loss::Protocol("no RTMP handshake".to_owned()),
            Fault::Itself => Loss::Blocked(Barred::Own),
            Fault::Protocol(words) => Loss::Protocol(words),
        })
    }
}
