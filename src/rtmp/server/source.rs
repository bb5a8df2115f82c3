//! An encoder that publishes: packets, until it ends.

use super::media::append;
use super::session::{Event, Session};
use crate::media::packet::Packet;
use crate::rtmp::fault::Fault;
use crate::rtmp::link::Link;
use std::fmt;
use std::future::poll_fn;
use std::io;
use tokio::io::{AsyncRead, AsyncWrite};

/// Bytes of one read.
const BUFFER: usize = 64 * 1024;

/// An encoder that publishes.
pub struct Source<S> {
    link: Link<S>,
    session: Session,
    /// What came behind the publish command.
    rest: Vec<u8>,
    buffer: Box<[u8]>,
    /// Why no more comes; told once the packets before it are.
    end: Option<SourceEnd>,
}

impl<S> fmt::Debug for Source<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("encoder", &self.session.encoder()).finish_non_exhaustive()
    }
}

/// How a source ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceEnd {
    /// The encoder said that it is done: `FCUnpublish`, `deleteStream` or `closeStream` of what it published.
    #[error("stopped by its user")]
    Clean,
    /// The connection was closed (FIN) without such a word.
    #[error("closed")]
    Closed,
    /// The connection broke.
    #[error("lost: {0}")]
    Lost(io::ErrorKind),
    /// The encoder broke the protocol or a bound.
    #[error("{0}")]
    Fault(Fault),
}

impl<S: AsyncRead + AsyncWrite + Unpin> Source<S> {
    pub(super) fn new(link: Link<S>, session: Session, rest: Vec<u8>) -> Self {
        Self { link, session, rest, buffer: vec![0; BUFFER].into_boxed_slice(), end: None }
    }

    /// One read from the socket, 64 KiB at most; appends the packets that are complete. True: the read filled the
    /// buffer, more is likely ready. Cancel safe. Answers pings and acknowledges on the side; an encoder that does
    /// not read its answers is cut off when 64 KiB of them wait.
    ///
    /// # Errors
    /// The end. Every packet before it has been appended; every further call tells the same.
    pub async fn read(&mut self, out: &mut Vec<Packet>) -> Result<bool, SourceEnd> {
        if let Some(end) = &self.end {
            return Err(end.clone());
        }
        if !self.rest.is_empty() {
            let rest = std::mem::take(&mut self.rest);
            self.end = take(&mut self.session, &mut self.link, &rest, out).err();
            return Ok(true);
        }
        let count = match poll_fn(|cx| self.link.poll_read(cx, &mut self.buffer)).await {
            Ok(0) => return Err(self.end.insert(SourceEnd::Closed).clone()),
            Ok(count) => count,
            Err(error) => {
                let end = match Fault::from(error) {
                    Fault::Closed => SourceEnd::Closed,
                    Fault::Lost(kind) => SourceEnd::Lost(kind),
                    fault => SourceEnd::Fault(fault),
                };
                return Err(self.end.insert(end).clone());
            }
        };
        self.end = take(&mut self.session, &mut self.link, &self.buffer[..count], out).err();
        Ok(count == self.buffer.len())
    }
}

/// Appends the packets that `bytes` complete, and has the answers written as far as the peer takes them.
fn take<S: AsyncRead + AsyncWrite + Unpin>(
    session: &mut Session,
    link: &mut Link<S>,
    bytes: &[u8],
    packets: &mut Vec<Packet>,
) -> Result<(), SourceEnd> {
    let mut ended = false;
    let result = session.read(bytes, &mut link.out, |event| {
        match event {
            Event::Media(message) => append(message, packets),
            Event::End => ended = true,
            Event::Publish => {}
        }
        !ended
    });
    link.write_now();
    if ended { Err(SourceEnd::Clean) } else { result.map_err(SourceEnd::Fault) }
}
