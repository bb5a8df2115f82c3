//! Packets to many targets past the tasks that own their connections: whoever has the packets writes them, at once or not
//! at all.

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

/// Packets as they go out, to any number of connections, cut into chunks once for all of them.
#[derive(Default)]
pub struct Batch {
    queue: Queue,
    stream: u32,
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Batch")
    }
}

impl Batch {
    /// For connections whose message stream is `stream`.
    #[must_use]
    pub fn new(stream: u32) -> Self {
        Self { queue: Queue::default(), stream }
    }

    /// Takes all of `packets` in place of what was here; leaves an empty vector with room for as many.
    pub fn load(&mut self, packets: &mut Vec<Packet>) {
        self.clear();
        self.queue.take(packets, self.stream);
    }

    /// The message stream of the connections that it is for.
    pub fn stream(&self) -> u32 {
        self.stream
    }

    /// Lets go of the packets.
    pub fn clear(&mut self) {
        self.queue.clear();
    }

    /// Writes all to each of `owners` by its `hand`, as far as its socket takes it without waiting; returns how many bytes
    /// that is for each. Where its socket does not take all, the hand has the rest, and `behind` is told how many bytes it is.
    pub fn send<'a, T: 'a>(
        &self,
        owners: impl Iterator<Item = &'a mut T>,
        hand: impl Fn(&mut T) -> &mut Express,
        mut behind: impl FnMut(&mut T, usize),
    ) -> usize {
        if self.queue.is_empty() {
            return 0;
        }
        let mut slices = [IoSlice::new(&[]); MAX_SLICES];
        let count = self.queue.slices(&mut slices, usize::MAX);
        let all = self.queue.len();
        for owner in owners {
            let express = hand(owner);
            let written = express.write(&slices[..count]);
            if written == all {
                continue;
            }
            express.queue = self.queue.clone();
            express.queue.advance(written);
            // What one write cannot hold, or the socket.
            let left = all - written - if written > 0 { express.flush() } else { 0 };
            if left > 0 {
                behind(owner, left);
            }
        }
        all
    }
}

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
    /// The message stream of its connection.
    pub fn stream(&self) -> u32 {
        self.stream
    }

    fn write(&self, slices: &[IoSlice<'_>]) -> usize {
        (&*SockRef::from(&self.tcp)).write_vectored(slices).unwrap_or(0)
    }

    fn flush(&mut self) -> usize {
        let mut written = 0;
        while !self.queue.is_empty() {
            let mut slices = [IoSlice::new(&[]); MAX_SLICES];
            let count = self.queue.slices(&mut slices, usize::MAX);
            let bytes = self.write(&slices[..count]);
            if bytes == 0 {
                break;
            }
            self.queue.advance(bytes);
            written += bytes;
        }
        written
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

    /// Gives the connection up: dropped from now on, what its server has not taken does not reach it later.
    pub fn forsake(&mut self) {
        self.link.stream().tcp().forsake();
    }

    /// Takes the writing hand back, with what it has not written.
    pub fn take_back(&mut self, express: Express) {
        self.lent = false;
        self.queue = express.queue;
    }
}
