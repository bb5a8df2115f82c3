//! A TCP connection of which the runtime need not take notice, and which a second hand can write to.

use socket2::SockRef;
use std::fmt;
use std::io::{self, ErrorKind, IoSlice, Read as _, Write as _};
use std::net::Shutdown;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;

/// See the module's head.
pub struct Tcp(State);

enum State {
    /// The runtime wakes whoever waits for it.
    Watched(Arc<TcpStream>),
    /// Nobody is woken: what is pending stays so until somebody asks again.
    Unwatched(Arc<std::net::TcpStream>),
    /// Was lost on the way from one to the other.
    Lost,
}

impl From<TcpStream> for Tcp {
    fn from(tcp: TcpStream) -> Self {
        Self(State::Watched(Arc::new(tcp)))
    }
}

impl fmt::Debug for Tcp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tcp")
    }
}

/// Ends a read that waits in the kernel, as if the peer had closed: when this is dropped, but where the connection is watched
/// again by then.
#[derive(Debug)]
pub struct Breaker(Weak<std::net::TcpStream>);

impl Drop for Breaker {
    fn drop(&mut self) {
        // One that the peer has reset is not connected any more, and wakes its reader by itself.
        let _ = self.0.upgrade().map(|tcp| tcp.shutdown(Shutdown::Read));
    }
}

impl Tcp {
    /// The runtime wakes whoever waits for this connection, as it does from the start.
    ///
    /// # Errors
    /// The kernel watches no more connections; this one is lost.
    pub(super) fn watch(&mut self) -> io::Result<()> {
        self.0 = match std::mem::replace(&mut self.0, State::Lost) {
            State::Unwatched(tcp) => {
                let tcp = Arc::into_inner(tcp).ok_or(ErrorKind::NotConnected)?;
                tcp.set_nonblocking(true)?;
                State::Watched(Arc::new(TcpStream::from_std(tcp)?))
            }
            state => state,
        };
        Ok(())
    }

    /// The runtime forgets this connection: bytes that arrive wake nobody, and cost nothing until they are read. One
    /// that is shared stays watched.
    ///
    /// # Errors
    /// The kernel does not let go of it; it is lost.
    pub(super) fn unwatch(&mut self) -> io::Result<()> {
        self.0 = match std::mem::replace(&mut self.0, State::Lost) {
            State::Watched(tcp) => match Arc::try_unwrap(tcp) {
                Ok(tcp) => State::Unwatched(Arc::new(tcp.into_std()?)),
                Err(tcp) => State::Watched(tcp),
            },
            state => state,
        };
        Ok(())
    }

    /// As [`Self::unwatch`], and whoever reads waits in the kernel until there is something or the [`Breaker`] is dropped; whoever
    /// writes, at most for `patience`. Undone by [`Self::watch`].
    ///
    /// # Errors
    /// See [`Self::unwatch`]; or it is shared.
    pub(super) fn block(&mut self, patience: Duration) -> io::Result<Breaker> {
        self.unwatch()?;
        let State::Unwatched(tcp) = &self.0 else { return Err(ErrorKind::NotConnected.into()) };
        tcp.set_write_timeout(Some(patience))?;
        tcp.set_nonblocking(false)?;
        Ok(Breaker(Arc::downgrade(tcp)))
    }

    /// Closed from now on, it takes with it what the kernel has not sent: nobody gets it late.
    pub(super) fn forsake(&self) {
        let set = match &self.0 {
            State::Watched(tcp) => SockRef::from(&**tcp).set_linger(Some(Duration::ZERO)),
            State::Unwatched(tcp) => SockRef::from(&**tcp).set_linger(Some(Duration::ZERO)),
            State::Lost => Ok(()),
        };
        if let Err(error) = set {
            tracing::debug!(%error, "a connection that is given up may still deliver what was sent");
        }
    }

    /// For a second hand, which must not write while this one does.
    pub(super) fn share(&self) -> Option<Arc<TcpStream>> {
        match &self.0 {
            State::Watched(tcp) => Some(Arc::clone(tcp)),
            State::Unwatched(_) | State::Lost => None,
        }
    }
}

impl AsyncRead for Tcp {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let count = match &self.get_mut().0 {
            State::Watched(tcp) => ready!(poll_read_watched(tcp, cx, buf.initialize_unfilled()))?,
            State::Unwatched(tcp) => ready!(at_once(|| (&**tcp).read(buf.initialize_unfilled())))?,
            State::Lost => return Poll::Ready(Err(ErrorKind::NotConnected.into())),
        };
        buf.advance(count);
        Poll::Ready(Ok(()))
    }
}

fn poll_read_watched(tcp: &TcpStream, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
    loop {
        ready!(tcp.poll_read_ready(cx))?;
        let mut count = 0;
        let read = tcp.try_io(Interest::READABLE, || {
            count = (&*SockRef::from(tcp)).read(buf)?;
            // With room left over, nothing more is there: to say so here spares the read that finds nothing.
            if count > 0 && count < buf.len() { Err(ErrorKind::WouldBlock.into()) } else { Ok(()) }
        });
        match read {
            Ok(()) => return Poll::Ready(Ok(count)),
            Err(_) if count > 0 => return Poll::Ready(Ok(count)),
            Err(error) if error.kind() != ErrorKind::WouldBlock => return Poll::Ready(Err(error)),
            Err(_) => {}
        }
    }
}

impl AsyncWrite for Tcp {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &self.get_mut().0 {
            State::Watched(tcp) => loop {
                ready!(tcp.poll_write_ready(cx))?;
                if let Poll::Ready(written) = at_once(|| tcp.try_write_vectored(bufs)) {
                    return Poll::Ready(written);
                }
            },
            State::Unwatched(tcp) => at_once(|| (&**tcp).write_vectored(bufs)),
            State::Lost => Poll::Ready(Err(ErrorKind::NotConnected.into())),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(match &self.get_mut().0 {
            State::Watched(tcp) => SockRef::from(&**tcp).shutdown(Shutdown::Write),
            State::Unwatched(tcp) => tcp.shutdown(Shutdown::Write),
            State::Lost => Ok(()),
        })
    }
}

/// Pending where the kernel would have one wait.
fn at_once(mut io: impl FnMut() -> io::Result<usize>) -> Poll<io::Result<usize>> {
    loop {
        match io() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Poll::Pending,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return Poll::Ready(result),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use tokio::io::AsyncReadExt as _;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn what_the_kernel_has_not_sent_goes_with_a_connection_that_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut tcp = Tcp::from(TcpStream::connect(listener.local_addr().unwrap()).await.unwrap());
        let (mut server, _) = listener.accept().await.unwrap();
        let (chunk, mut written) = (vec![0; 1 << 20], 0);
        while let Poll::Ready(count) = poll_fn(|cx| Poll::Ready(Pin::new(&mut tcp).poll_write(cx, &chunk))).await {
            written += count.unwrap();
        }
        tcp.forsake();
        drop(tcp);
        let (mut taken, mut room) = (0, vec![0; 1 << 20]);
        let end = loop {
            match server.read(&mut room).await {
                Ok(0) => break None,
                Ok(count) => taken += count,
                Err(error) => break Some(error.kind()),
            }
        };
        assert_eq!(end, Some(ErrorKind::ConnectionReset));
        assert!(taken < written, "{taken} of {written} bytes");
    }
}
