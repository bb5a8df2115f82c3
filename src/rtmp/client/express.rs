//! Packets to a target past the task that owns its connection: whoever has them writes them, at once or not at all.

use super::queue::{MAX_SLICES, Queue};
use super::sink::Sink;
use super::taker::Taker;
use crate::media::packet::Packet;
use crate::rtmp::transport::Stream;
use socket2::SockRef;
use std::fmt;
use std::io::{IoSlice, Write as _};
use std::sync::Arc;
use tokio::net::TcpStream;

/// The writing hand of a [`Sink`] whose queue was empty. What it has not written goes back with it.
pub struct Express {
    tcp: Arc<TcpStream>,
    queue: Queue,
    stream: u32,
}

impl fmt::Debug for Express {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Express")
    }
}

impl Express {
    /// Takes all of `packets`, leaves an empty vector with room for as many, and writes what the socket takes without
    /// waiting; how many bytes. Where [`Self::is_empty`] is false then, its owner must write on, and meets the error, if
    /// it was one.
    pub fn send(&mut self, packets: &mut Vec<Packet>) -> usize {
        self.queue.take(packets, self.stream);
        let mut written = 0;
        while !self.queue.is_empty() {
            let mut slices = [IoSlice::new(&[]); MAX_SLICES];
            let count = self.queue.slices(&mut slices, usize::MAX);
            let Ok(bytes @ 1..) = (&*SockRef::from(&self.tcp)).write_vectored(&slices[..count]) else { break };
            self.queue.advance(bytes);
            written += bytes;
        }
        written
    }

    /// Whether all was written.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
}

impl Sink<Stream> {
    /// Lends the writing hand, if nothing waits to be written and the connection can be written to so: to a target, and
    /// not over TLS. Until [`Self::take_back`], [`Sink::step`] only reads.
    pub fn lend(&mut self) -> Option<Express> {
        let Taker::Target(session) = &self.taker else { return None };
        let stream = session.stream();
        if self.lent || !self.is_empty() || self.has_answers() {
            return None;
        }
        let tcp = self.link.stream().shared()?;
        self.lent = true;
        Some(Express { tcp, queue: std::mem::take(&mut self.queue), stream })
    }

    /// Takes the writing hand back, with what it has not written.
    pub fn take_back(&mut self, express: Express) {
        self.lent = false;
        self.queue = express.queue;
    }
}
