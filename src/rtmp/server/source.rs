//! An encoder that publishes, or a server that is played from: packets, until it ends.

use super::giver::Giver;
use super::media::{append, begins_keyframe};
use super::session::{Event, Session};
use crate::media::packet::Packet;
use crate::rtmp::client::{Playing, Rejection};
use crate::rtmp::fault::Fault;
use crate::rtmp::link::Link;
use crate::rtmp::tcp::Breaker;
use crate::rtmp::transport::Stream;
use std::cell::RefCell;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout_at};

/// Bytes that are taken before others have their turn. What is taken in one turn is written to each target in one go.
const TURN: usize = 64 * 1024;
/// Of those, how many are read at once: as much as most pictures; more would cost memory and save nothing.
const PIECE: usize = 32 * 1024;

// One for all sources of a thread: what is read is dealt with before the next source is.
thread_local!(static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) });

/// How long an encoder has, after `FCUnpublish`, to close its stream: who hangs up on it before has it report an error.
const FAREWELL: Duration = Duration::from_secs(1);

/// How long an acknowledgement waits, and then for what the publisher sends next. An encoder that has hung up and is written to
/// resets its connection, and what is still on its way from it is lost, its goodbye too; nobody needs an acknowledgement at
/// once whose window is not full.
const PATIENCE: Duration = Duration::from_millis(100);

/// An encoder that publishes, or a server that is played from.
pub struct Source<S> {
    link: Link<S>,
    giver: Giver,
    /// What came behind the publish command, or the handshake.
    rest: Vec<u8>,
    /// What came while the beginning was awaited.
    early: Vec<Packet>,
    /// Why no more comes; told once the packets before it are.
    end: Option<SourceEnd>,
    /// Set once the encoder has said that it is done: however it ends from here on, it ends in order.
    farewell: Option<Instant>,
    /// When what waits to be written, if anything does, is to be.
    answer_at: Option<Instant>,
    /// See [`Source::block`].
    blocks: bool,
}

impl<S> fmt::Debug for Source<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("encoder", &self.giver.encoder()).finish_non_exhaustive()
    }
}

/// How a source ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceEnd {
    /// The encoder said that it is done: `FCUnpublish`, `deleteStream` or `closeStream` of what it published. After
    /// the first alone it is told up to 1 s later. Or the server that is played from said that the stream has ended.
    #[error("stopped by its user")]
    Clean,
    /// The connection was closed (FIN) without such a word.
    #[error("closed")]
    Closed,
    /// The connection broke.
    #[error("lost: {0}")]
    Lost(io::ErrorKind),
    /// The encoder or the server broke the protocol or a bound.
    #[error("{0}")]
    Fault(Fault),
    /// The server that is played from says no.
    #[error("refused: {words}")]
    Refused {
        /// Its own words, as those of [`PushFailure`](crate::domain::status::PushFailure).
        words: String,
    },
}

impl<S: AsyncRead + AsyncWrite + Unpin> Source<S> {
    pub(super) fn of_encoder(link: Link<S>, session: Session, rest: Vec<u8>) -> Self {
        Self::new(link, Giver::Encoder(session), rest)
    }

    pub(in crate::rtmp) fn of_server(link: Link<S>, playing: Playing, rest: Vec<u8>) -> Self {
        Self::new(link, Giver::Server(playing), rest)
    }

    fn new(link: Link<S>, giver: Giver, rest: Vec<u8>) -> Self {
        Self {
            link,
            giver,
            rest,
            early: Vec::new(),
            end: None,
            farewell: None,
            answer_at: Some(Instant::now()),
            blocks: false,
        }
    }

    /// Reads until the server plays. What comes with its beginning is given by the next [`Source::read`].
    pub(in crate::rtmp) async fn until_begun(&mut self) -> Result<(), SourceEnd> {
        let mut early = Vec::new();
        while !self.giver.has_begun() {
            self.read(&mut early).await?;
        }
        self.early = early;
        Ok(())
    }

    /// What a server that is played from said when it did not take the connection.
    pub(in crate::rtmp) fn take_rejection(&mut self) -> Option<Rejection> {
        self.giver.take_rejection()
    }

    /// Why no more comes, once that was told.
    pub fn end(&self) -> Option<&SourceEnd> {
        self.end.as_ref()
    }

    /// It has said that it is done, and is given a moment to close: [`Source::read`] knows how long.
    pub fn is_leaving(&self) -> bool {
        self.farewell.is_some()
    }

    /// Whether a keyframe has begun to come and is not whole.
    pub fn begins_keyframe(&self) -> bool {
        self.giver.inbound().begun().any(|(kind, came)| begins_keyframe(kind, came))
    }

    /// Takes what has come, 64 KiB at most; appends the packets that are complete. True: more is likely ready. Cancel safe.
    /// Answers at once and acknowledges at leisure; an encoder that does not read its answers is cut off when 64 KiB of them
    /// wait.
    ///
    /// # Errors
    /// The end. Every packet before it has been appended; every further call tells the same.
    pub async fn read(&mut self, out: &mut Vec<Packet>) -> Result<bool, SourceEnd> {
        let end = self.farewell;
        let read = poll_fn(|cx| self.poll_packets(cx, out));
        match end {
            None => read.await,
            Some(end) => match timeout_at(end, read).await {
                Ok(read) => read,
                Err(_) => Err(self.break_off(None)),
            },
        }
    }

    fn poll_packets(&mut self, cx: &mut Context<'_>, out: &mut Vec<Packet>) -> Poll<Result<bool, SourceEnd>> {
        if !self.early.is_empty() {
            out.append(&mut self.early);
            return Poll::Ready(Ok(true));
        }
        if let Some(end) = &self.end {
            return Poll::Ready(Err(end.clone()));
        }
        if !self.rest.is_empty() {
            let rest = std::mem::take(&mut self.rest);
            self.take(&rest, out);
            return Poll::Ready(Ok(true));
        }
        if let Some(end) = self.farewell {
            if end <= Instant::now() {
                return Poll::Ready(Err(self.break_off(None)));
            }
        } else if self.answer_at.is_some_and(|at| at <= Instant::now()) && self.link.poll_flush(cx).is_ready() {
            self.answer_at = None;
        }
        let taken = ready!(self.poll_turn(cx, out));
        Poll::Ready(match &self.end {
            Some(end) if taken == 0 => Err(end.clone()),
            _ => Ok(taken >= TURN),
        })
    }

    /// The connection is at its end, without an error or with one.
    fn break_off(&mut self, error: Option<io::Error>) -> SourceEnd {
        let end = match error.map(Fault::from) {
            _ if self.farewell.is_some() => SourceEnd::Clean,
            None | Some(Fault::Closed) => SourceEnd::Closed,
            Some(Fault::Lost(kind)) => SourceEnd::Lost(kind),
            Some(fault) => SourceEnd::Fault(fault),
        };
        self.end.insert(end).clone()
    }

    /// One turn, and how many bytes it brings. Notes the end of the connection.
    fn poll_turn(&mut self, cx: &mut Context<'_>, packets: &mut Vec<Packet>) -> Poll<usize> {
        // Who would wait for more in the kernel reads once.
        let piece = if self.blocks { TURN } else { PIECE };
        BUFFER.with_borrow_mut(|buffer| {
            let mut taken = 0;
            buffer.resize(piece.max(buffer.len()), 0);
            while taken < TURN && self.end.is_none() {
                match self.link.poll_read_only(cx, &mut buffer[..piece]) {
                    Poll::Pending if taken == 0 => return Poll::Pending,
                    Poll::Pending => break,
                    Poll::Ready(Ok(count)) if count > 0 => {
                        self.take(&buffer[..count], packets);
                        taken += count;
                        if count < piece {
                            break;
                        }
                    }
                    Poll::Ready(end) => {
                        self.break_off(end.err());
                    }
                }
            }
            Poll::Ready(taken)
        })
    }

    /// Appends the packets that `bytes` complete, and notes an end.
    fn take(&mut self, bytes: &[u8], packets: &mut Vec<Packet>) {
        let (mut unpublished, mut ended) = (false, false);
        let result = self.giver.read(bytes, &mut self.link.out, |event| {
            match event {
                Event::Media(message) => append(message, packets),
                Event::Unpublished => unpublished = true,
                Event::End => ended = true,
                Event::Asked => {}
            }
            !ended
        });
        if unpublished && self.farewell.is_none() {
            self.farewell = Some(Instant::now() + FAREWELL);
        }
        self.end = match result {
            _ if ended => Some(SourceEnd::Clean),
            result => result.err(),
        };
        if self.link.out.waiting().is_empty() {
            return;
        }
        let now = Instant::now();
        if self.giver.is_urgent(&self.link.out) {
            self.answer_at = Some(now);
        } else {
            self.answer_at.get_or_insert(now + PATIENCE);
        }
    }
}

impl Source<Stream> {
    /// What [`Self::read`] would give without waiting; `None` where it would wait.
    ///
    /// # Errors
    /// See [`Self::read`].
    pub fn read_now(&mut self, out: &mut Vec<Packet>) -> Option<Result<bool, SourceEnd>> {
        match self.poll_packets(&mut Context::from_waker(Waker::noop()), out) {
            Poll::Ready(read) => Some(read),
            Poll::Pending => None,
        }
    }

    /// Whether [`Self::read`] wakes who waits for it, as it does from the start. Where it does not, bytes that arrive
    /// cost nothing until [`Self::read_now`] takes them.
    ///
    /// # Errors
    /// The end: the system has no room for one more connection to be watched.
    pub fn watch(&mut self, watched: bool) -> Result<(), SourceEnd> {
        self.blocks = false;
        let tcp = self.link.stream().tcp();
        let done = if watched { tcp.watch() } else { tcp.unwatch() };
        self.changed(done)
    }

    /// From here on [`Self::read_now`] waits in the kernel for bytes, or until the [`Breaker`] is dropped; for an answer to be taken,
    /// at most for `patience`. For a thread that has nothing else to do. Undone by [`Self::watch`].
    ///
    /// # Errors
    /// The end: the system does not let go of the connection.
    pub fn block(&mut self, patience: Duration) -> Result<Breaker, SourceEnd> {
        self.blocks = true;
        let done = self.link.stream().tcp().block(patience);
        self.changed(done)
    }

    /// Whether [`Self::block`] is of use: over TLS a read would wait until its buffer is full.
    pub fn can_block(&mut self) -> bool {
        matches!(self.link.stream(), Stream::Plain(_))
    }

    fn changed<T>(&mut self, done: io::Result<T>) -> Result<T, SourceEnd> {
        done.map_err(|error| self.end.insert(SourceEnd::Lost(error.kind())).clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtmp::chunk::encode;
    use crate::rtmp::message::Message;
    use crate::rtmp::outbound::Outbound;
    use crate::rtmp::server::rehearse::tests::session;
    use bytes::Bytes;
    use std::pin::Pin;
    use tokio::io::ReadBuf;

    /// Gives as much as there is room for, and is reset behind the last byte.
    struct Reset(Vec<u8>);

    impl AsyncRead for Reset {
        fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            if self.0.is_empty() {
                return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
            }
            let count = buf.remaining().min(self.0.len());
            buf.put_slice(&self.0.drain(..count).collect::<Vec<_>>());
            Poll::Ready(Ok(()))
        }
    }

    impl AsyncWrite for Reset {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            Poll::Ready(Ok(bytes.len()))
        }
        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    /// An encoder's connection that is reset behind `len` bytes of sound, in messages of 1,012 bytes each, headers included.
    fn broken(len: usize) -> Source<Reset> {
        let (mut encoder, mut out) = (Session::new(), Outbound::new());
        let asked = session();
        assert!(encoder.await_asked(&mut &asked[..], &mut out).unwrap().is_some());
        encoder.start(&mut out).unwrap();
        let message = Message { kind: 8, stream: 1, timestamp: 0, payload: Bytes::from(vec![7; 1000]) };
        let mut sound = Vec::new();
        (0..=len / 1012).for_each(|_| encode(4, &message, 4096, &mut sound));
        sound.truncate(len);
        Source::of_encoder(Link::new(Reset(sound)), encoder, Vec::new())
    }

    #[tokio::test]
    async fn what_came_before_a_loss_is_given_first_and_a_turn_has_an_end() {
        for (pieces, turns) in [(1, 1), (2, 1), (3, 2), (5, 3)] {
            let (mut source, mut packets) = (broken(pieces * PIECE), Vec::new());
            for turn in 1..=turns {
                assert_eq!(source.read(&mut packets).await, Ok(turn * TURN <= pieces * PIECE));
                assert_eq!(packets.len(), (turn * TURN).min(pieces * PIECE) / 1012, "{pieces} pieces, turn {turn}");
            }
            for _ in 0..2 {
                assert_eq!(source.read(&mut packets).await, Err(SourceEnd::Lost(io::ErrorKind::ConnectionReset)));
            }
        }
    }
}
