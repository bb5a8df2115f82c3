//! The hot path: packets to a target. No payload is copied above the socket, and nothing is allocated for a packet.

use super::failure::{loss, lost};
use super::queue::{MAX_SLICES, Queue};
use super::session::Session;
use super::taker::Taker;
use crate::domain::status::{Loss, PushFailure};
use crate::media::packet::Packet;
use crate::rtmp::link::Link;
use crate::rtmp::server;
use std::fmt;
use std::future::poll_fn;
use std::io::IoSlice;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

/// How long a server has to hang up after a goodbye, so that no reset overtakes it.
const LINGER: Duration = Duration::from_secs(1);
/// Bytes that it may still send meanwhile.
const LINGER_BYTES: usize = 64 * 1024;

/// A target or a player that takes media.
pub struct Sink<S> {
    pub(super) link: Link<S>,
    pub(super) taker: Taker,
    pub(super) queue: Queue,
    /// Another hand writes.
    pub(super) lent: bool,
    /// Whether to look at what came before writing: both have their turn.
    read_first: bool,
}

impl<S> fmt::Debug for Sink<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sink")
    }
}

/// What one [`Sink::step`] brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many bytes of what was queued were handed on; 0 when the last of them left a buffer above the socket.
    Wrote(usize),
    /// The server acknowledges what it received.
    Acknowledged,
    /// The server said something else.
    Heard,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Sink<S> {
    pub(super) fn new(link: Link<S>, session: Session) -> Self {
        Self::with(link, Taker::Target(session))
    }

    pub(in crate::rtmp) fn of_player(link: Link<S>, session: server::Session) -> Self {
        Self::with(link, Taker::Player(session))
    }

    fn with(link: Link<S>, taker: Taker) -> Self {
        Self { link, taker, queue: Queue::default(), lent: false, read_first: false }
    }

    /// Takes all of `packets` and leaves an empty vector with room for as many. Meant for when [`Self::is_empty`]:
    /// what is queued before that only waits here, unbounded.
    pub fn queue(&mut self, packets: &mut Vec<Packet>) {
        self.taker.dress(packets);
        self.queue.take(packets, self.taker.stream());
    }

    /// Whether all that was queued has been handed to the socket.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty() && self.link.is_flushed()
    }

    /// Whether answers wait to be written, for which the writing hand is needed.
    pub fn has_answers(&self) -> bool {
        !self.link.out.waiting().is_empty()
    }

    /// Waits for whichever is first: bytes of what is queued can be written, or the server says something. Cancel
    /// safe.
    ///
    /// # Errors
    /// The server says no, or the connection is lost.
    pub async fn step(&mut self) -> Result<Step, PushFailure> {
        poll_fn(|cx| self.poll_step(cx)).await
    }

    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Result<Step, PushFailure>> {
        if self.lent {
            return self.poll_read(cx);
        }
        self.read_first = !self.read_first;
        if self.read_first
            && let Poll::Ready(step) = self.poll_read(cx)
        {
            return Poll::Ready(step);
        }
        if let Poll::Ready(count) = self.poll_write(cx) {
            return Poll::Ready(Ok(Step::Wrote(count)));
        }
        let read = self.poll_read(cx);
        if read.is_pending()
            && let Some(kind) = self.link.write_error()
        {
            return Poll::Ready(Err(PushFailure::Lost(loss(kind))));
        }
        read
    }

    /// Writes what the socket takes; ready with the count of bytes that were queued.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<usize> {
        // Answers come between messages, never within one.
        if !self.queue.is_amid_packet() {
            let was_flushed = self.link.is_flushed();
            ready!(self.link.poll_flush(cx));
            if self.queue.is_empty() {
                return if was_flushed { Poll::Pending } else { Poll::Ready(0) };
            }
        }
        let answers = !self.link.out.waiting().is_empty();
        let mut slices = [IoSlice::new(&[]); MAX_SLICES];
        let count = self.queue.slices(&mut slices, if answers { 1 } else { usize::MAX });
        let written = ready!(self.link.poll_write_vectored(cx, &slices[..count]));
        if written == 0 {
            return Poll::Pending;
        }
        self.queue.advance(written);
        if self.queue.is_empty() {
            let _ = self.link.poll_flush_stream(cx);
        }
        Poll::Ready(written)
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<Step, PushFailure>> {
        // A server that takes media says little.
        let mut buffer = [0; 1024];
        let count = match ready!(self.link.poll_read_only(cx, &mut buffer)) {
            Ok(0) => {
                let kind = self.link.write_error();
                return Poll::Ready(Err(PushFailure::Lost(kind.map_or(Loss::Closed, loss))));
            }
            Ok(count) => count,
            Err(error) => return Poll::Ready(Err(lost(&error))),
        };
        Poll::Ready(self.taker.read(&buffer[..count], &mut self.link.out))
    }

    /// Whether the server said that it takes more tracks than one of a kind.
    pub fn takes_tracks(&self) -> bool {
        if let Taker::Target(session) = &self.taker { session.takes_tracks() } else { false }
    }

    /// The server asked for another connection since this was last asked: at this address, a URI reference, or at the
    /// same one where it is empty. A stranger's words.
    pub fn take_reconnect(&mut self) -> Option<String> {
        if let Taker::Target(session) = &mut self.taker { session.take_reconnect() } else { None }
    }

    /// Closes the connection without a word, so that all that was written arrives; within a second.
    pub async fn leave(self) {
        // However it ends, the connection does.
        let _ = timeout(LINGER, self.link.finish(LINGER_BYTES)).await;
    }

    /// The end of a broadcast: writes what is queued, says that it is over, closes. The caller bounds the time.
    pub async fn goodbye(mut self) {
        while !self.is_empty() {
            if self.step().await.is_err() {
                return;
            }
        }
        if self.taker.goodbye(&mut self.link.out).is_ok() {
            // However it ends, the connection does.
            let _ = timeout(LINGER, self.link.finish(LINGER_BYTES)).await;
        }
    }
}
