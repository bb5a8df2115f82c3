//! The way to the stand-in, which can be cut: who connects then, and who is connected, is reset.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// Between attempts to take connections where the system gives no files.
const REST: Duration = Duration::from_millis(100);

/// Whether the stand-in can be reached: what to cut the connections of now with, or nothing while none is taken.
pub(super) type Open = watch::Sender<Option<CancellationToken>>;

/// A way that is open.
pub(super) fn open() -> Open {
    watch::Sender::new(Some(CancellationToken::new()))
}

/// Opens or cuts it.
pub(super) fn set(open: &Open, reachable: bool) {
    open.send_modify(|connections| match (&connections, reachable) {
        (Some(now), false) => {
            now.cancel();
            *connections = None;
        }
        (None, true) => *connections = Some(CancellationToken::new()),
        _ => {}
    });
}

/// Takes connections while the way is open.
pub(super) struct Line {
    pub(super) listener: TcpListener,
    pub(super) open: watch::Receiver<Option<CancellationToken>>,
}

impl axum::serve::Listener for Line {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        loop {
            let (stream, peer) = match self.listener.accept().await {
                Ok(taken) => taken,
                Err(error) => {
                    tracing::warn!(%error, "the Bot API stand-in can't take a connection");
                    tokio::time::sleep(REST).await;
                    continue;
                }
            };
            let now = self.open.borrow().clone();
            match now {
                Some(now) => return (Connection { stream, cut: Box::pin(now.cancelled_owned()) }, peer),
                None => reset(&stream),
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Closed without a goodbye.
fn reset(stream: &TcpStream) {
    let _ = socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO));
}

/// A connection that ends with the way.
pub(super) struct Connection {
    stream: TcpStream,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Connection {
    fn is_cut(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.cut.as_mut().poll(cx).is_pending() {
            return Ok(());
        }
        reset(&self.stream);
        Err(io::ErrorKind::ConnectionReset.into())
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.is_cut(cx)?;
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.is_cut(cx)?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
