//! The way to the stand-in, which can be cut: who is connected then is reset, who connects is refused.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// Between attempts to take connections where the system gives no files.
const REST: Duration = Duration::from_millis(100);
/// Connections that wait to be taken.
const BACKLOG: u32 = 1024;

/// Whether the stand-in can be reached: what to cut the connections of now with, or nothing while none is taken.
type Open = Option<CancellationToken>;

/// Opens and cuts the way.
#[derive(Debug)]
pub(super) struct Gate {
    /// Keeps the port while nobody listens.
    place: std::net::TcpListener,
    open: watch::Sender<Open>,
}

impl Gate {
    /// One that is open.
    pub(super) fn open(listen: SocketAddr) -> io::Result<Self> {
        let bind = |address| {
            let socket = if listen.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
            socket.set_reuseaddr(true)?;
            socket.bind(address)?;
            io::Result::Ok(socket)
        };
        let chosen = bind(listen)?;
        // A port of the system's choice is lost when it is listened on no more, one that was asked for is not.
        let place = bind(chosen.local_addr()?)?.listen(BACKLOG)?.into_std()?;
        Ok(Self { place, open: watch::Sender::new(Some(CancellationToken::new())) })
    }

    /// Who takes connections at it.
    pub(super) fn line(&self) -> io::Result<Line> {
        let place = self.place.try_clone()?;
        Ok(Line { place, listener: None, open: self.open.subscribe() })
    }

    /// Where that is.
    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.place.local_addr()
    }

    /// Opens or cuts it, at once.
    pub(super) fn set(&self, reachable: bool) {
        let place = socket2::SockRef::from(&self.place);
        self.open.send_modify(|open| {
            let done = match (&open, reachable) {
                (Some(connections), false) => {
                    connections.cancel();
                    *open = None;
                    place.shutdown(std::net::Shutdown::Both)
                }
                (None, true) => {
                    *open = Some(CancellationToken::new());
                    place.listen(BACKLOG.cast_signed())
                }
                _ => Ok(()),
            };
            if let Err(error) = done {
                tracing::error!(%error, reachable, "the way to the Bot API stand-in is not as it should be");
            }
        });
    }
}

/// Takes connections while the way is open.
pub(super) struct Line {
    place: std::net::TcpListener,
    /// One for each time that the way is open: what tokio knows of a socket that was shut down stays true for it.
    listener: Option<TcpListener>,
    open: watch::Receiver<Open>,
}

impl Line {
    /// Whether the way was cut or opened since that was last looked at.
    fn is_another(&self) -> bool {
        self.open.has_changed().unwrap_or(true)
    }

    async fn take(&mut self, open: CancellationToken) -> io::Result<(Connection, SocketAddr)> {
        let listener = match &self.listener {
            Some(listener) => listener,
            None => self.listener.insert(TcpListener::from_std(self.place.try_clone()?)?),
        };
        let (stream, peer) = listener.accept().await?;
        Ok((Connection { stream, cut: Box::pin(open.cancelled_owned()) }, peer))
    }
}

impl axum::serve::Listener for Line {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        loop {
            if self.is_another() {
                self.listener = None;
            }
            let open = self.open.borrow_and_update().clone();
            let Some(open) = open else {
                if self.open.changed().await.is_err() {
                    return std::future::pending().await;
                }
                continue;
            };
            match open.clone().run_until_cancelled_owned(self.take(open)).await {
                Some(Ok(taken)) => return taken,
                Some(Err(error)) if !self.is_another() => {
                    tracing::warn!(%error, "the Bot API stand-in can't take a connection");
                    tokio::time::sleep(REST).await;
                }
                _ => {}
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.place.local_addr()
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
