//! A byte stream together with what waits to be written to it, so that reading never waits for writing.

use super::outbound::Outbound;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};

/// A stream, and its answers that wait.
pub(super) struct Link<S> {
    stream: S,
    /// Answers; written whenever the link is polled.
    pub out: Outbound,
    unflushed: bool,
    /// The error with which the peer stopped taking bytes. What it still sends is worth reading: it may say why.
    write_error: Option<io::ErrorKind>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Link<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, out: Outbound::new(), unflushed: false, write_error: None }
    }

    pub(super) fn stream(&mut self) -> &mut S {
        &mut self.stream
    }

    /// The error of a write, where one failed.
    pub(super) fn write_error(&self) -> Option<io::ErrorKind> {
        self.write_error
    }

    /// One read into `buf`, and as much writing of what waits as the peer takes meanwhile. `0` is the end.
    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        let _ = self.poll_flush(cx);
        self.poll_read_only(cx, buf)
    }

    /// See [`Self::poll_read`], for who writes by itself.
    pub(super) fn poll_read_only(&mut self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut buf = ReadBuf::new(buf);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buf))?;
        Poll::Ready(Ok(buf.filled().len()))
    }

    /// See [`Self::poll_read`]. Cancel safe.
    pub(super) async fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        poll_fn(|cx| self.poll_read(cx, buf)).await
    }

    /// Ready when nothing waits and all has left, or when the peer takes nothing any more.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while self.write_error.is_none() && !self.out.waiting().is_empty() {
            let waiting = self.out.waiting();
            match ready!(Pin::new(&mut self.stream).poll_write(cx, waiting)) {
                Ok(0) => self.stop_writing(io::ErrorKind::WriteZero),
                Ok(count) => {
                    self.out.advance(count);
                    self.unflushed = true;
                }
                Err(error) => self.stop_writing(error.kind()),
            }
        }
        self.poll_flush_stream(cx)
    }

    /// One write of `slices`, which must not be empty; `Ok(0)` when the peer takes nothing any more.
    pub(super) fn poll_write_vectored(&mut self, cx: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<usize> {
        if self.write_error.is_some() {
            return Poll::Ready(0);
        }
        match ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, slices)) {
            Ok(count) => {
                self.unflushed |= count > 0;
                if count == 0 {
                    self.stop_writing(io::ErrorKind::WriteZero);
                }
                Poll::Ready(count)
            }
            Err(error) => {
                self.stop_writing(error.kind());
                Poll::Ready(0)
            }
        }
    }

    /// Flushes what was written, answers that wait aside.
    pub(super) fn poll_flush_stream(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.unflushed && self.write_error.is_none() {
            if let Err(error) = ready!(Pin::new(&mut self.stream).poll_flush(cx)) {
                self.stop_writing(error.kind());
            }
            self.unflushed = false;
        }
        Poll::Ready(())
    }

    /// Whether written bytes may still be in a buffer above the socket.
    pub(super) fn is_flushed(&self) -> bool {
        !self.unflushed || self.write_error.is_some()
    }

    /// Writes what the peer takes just now, and waits for nothing.
    pub(super) fn write_now(&mut self) {
        let _ = self.poll_flush(&mut Context::from_waker(Waker::noop()));
    }

    /// Writes all that waits, then ends this direction and reads what still comes, `limit` bytes at most, so that the
    /// last words are not lost to a reset. The caller bounds the time.
    pub(super) async fn finish(mut self, limit: usize) {
        poll_fn(|cx| self.poll_flush(cx)).await;
        if self.write_error.is_some() || self.stream.shutdown().await.is_err() {
            return;
        }
        let (mut buf, mut left) = ([0; 1024], limit);
        while left > 0 {
            match self.read(&mut buf).await {
                Ok(count) if count > 0 => left = left.saturating_sub(count),
                _ => return,
            }
        }
    }

    fn stop_writing(&mut self, error: io::ErrorKind) {
        self.write_error.get_or_insert(error);
        self.out.clear();
    }
}
