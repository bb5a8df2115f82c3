//! The listeners: from TCP accept to a request to publish or to play that somebody must judge. Whoever has not been let in yet is
//! bounded in time and number.

use crate::domain::seldom::Seldom;
use crate::relay::memory::Memory;
use crate::relay::places::{Place, Places, STRANGERS};
use crate::relay::socket;
use crate::rtmp::transport::{ServerTls, Stream};
use crate::rtmp::{self, Asks, Marks};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// From TCP accept to a request.
const DEADLINE: Duration = Duration::from_secs(10);
/// Most of those who have not been let in while memory is short: enough for encoders of live shows that come back.
const STRANGERS_SHORT: usize = 16;
/// Why somebody is cut off then.
const LATE: &str = "asked for nothing in time";
/// Requests that wait to be judged.
const ARRIVALS: usize = 64;
/// How long the listener rests when it cannot accept, for want of file descriptors.
const REST: Duration = Duration::from_millis(100);

/// Connections that the kernel keeps until they are accepted: a flood fills it before the next honest one comes.
const BACKLOG: u32 = 4096;

/// Listens for encoders.
///
/// # Errors
/// The address is taken, or not this machine's.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // What has just been stopped may start again.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Where encoders connect.
pub struct Listeners {
    /// RTMP.
    pub plain: TcpListener,
    /// RTMPS.
    pub tls: Option<(TcpListener, ServerTls)>,
    /// Where it is short, few may wait at the door.
    pub memory: Memory,
}

/// An encoder that wants to publish, or a player that wants to play. Dropping it closes its connection.
pub struct Arrival {
    /// Who.
    pub peer: SocketAddr,
    /// What it asks: take it to `Relay::attach` or `Relay::play`, or reject it.
    pub asks: Asks<Stream>,
    /// Stays taken until the request has been judged.
    _place: Place,
}

/// Accepts encoders.
pub struct Ingest;

impl Ingest {
    /// Begins to accept everybody but those who left `marks`: this Telecast itself. Ends with `token`; connections that
    /// have not been judged end with it.
    #[must_use]
    pub fn start(
        listeners: Listeners,
        marks: Marks,
        tracker: &TaskTracker,
        token: &CancellationToken,
    ) -> mpsc::Receiver<Arrival> {
        let (arrivals, receiver) = mpsc::channel(ARRIVALS);
        let door = Door {
            places: Arc::default(),
            told: Arc::default(),
            arrivals,
            marks,
            memory: listeners.memory,
            tracker: tracker.clone(),
            token: token.clone(),
        };
        if let Some((listener, tls)) = listeners.tls {
            tracker.spawn(door.clone().keep(listener, Some(tls)));
        }
        tracker.spawn(door.keep(listeners.plain, None));
        receiver
    }
}

#[derive(Clone)]
struct Door {
    places: Arc<Places>,
    told: Arc<Mutex<Seldom>>,
    arrivals: mpsc::Sender<Arrival>,
    marks: Marks,
    memory: Memory,
    tracker: TaskTracker,
    token: CancellationToken,
}

impl Door {
    async fn keep(self, listener: TcpListener, tls: Option<ServerTls>) {
        let token = self.token.clone();
        let accept = async {
            loop {
                match listener.accept().await {
                    Ok((tcp, peer)) => self.open(tcp, peer, tls.clone()),
                    Err(error) if is_the_peers(&error) => {}
                    Err(error) => {
                        tracing::error!(%error, "no encoder can connect at present; are there too many open files?");
                        sleep(REST).await;
                    }
                }
            }
        };
        token.run_until_cancelled(accept).await;
    }

    fn open(&self, tcp: TcpStream, peer: SocketAddr, tls: Option<ServerTls>) {
        let most = if self.memory.is_short() { STRANGERS_SHORT } else { STRANGERS };
        let Some(place) = Places::take(&self.places, peer.ip(), most) else {
            return self.note(peer, "too many from there wait to be judged");
        };
        let (door, token, left) = (self.clone(), self.token.clone(), place.left());
        let deadline = Instant::now() + DEADLINE;
        let hear = async move {
            socket::tune(&tcp);
            // Who says nothing costs no more than a connection: what a conversation needs is taken with its first byte.
            match timeout_at(deadline, tcp.peek(&mut [0])).await {
                Ok(_) => Box::pin(door.greet(tcp, peer, tls, place, deadline)).await,
                Err(_) => door.note(peer, LATE),
            }
        };
        let door = self.clone();
        self.tracker.spawn(async move {
            tokio::select! {
                biased;
                () = token.cancelled() => {}
                () = hear => {}
                () = left.cancelled() => door.note(peer, "made room for another one"),
            }
        });
    }

    async fn greet(self, tcp: TcpStream, peer: SocketAddr, tls: Option<ServerTls>, place: Place, deadline: Instant) {
        match timeout_at(deadline, greet(tcp, tls, &self.marks)).await {
            Ok(Ok(asks)) => {
                place.keep();
                // Whoever waits to be judged does not wait longer than the door is open.
                drop(self.arrivals.send(Arrival { peer, asks, _place: place }).await);
            }
            Ok(Err(fault)) => self.note(peer, &fault),
            Err(_) => self.note(peer, LATE),
        }
    }

    /// Why a stranger was not let in: once a minute for each address.
    fn note(&self, peer: SocketAddr, why: &str) {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner).tells(Instant::now().into_std(), peer.ip());
        if let Some(more) = told {
            tracing::debug!(%peer, why, more, "not let in");
        }
    }
}

async fn greet(tcp: TcpStream, tls: Option<ServerTls>, marks: &Marks) -> Result<Asks<Stream>, String> {
    let stream = match tls {
        Some(tls) => tls.accept(tcp).await.map_err(|error| error.to_string())?,
        None => tcp.into(),
    };
    rtmp::receive_others(stream, marks).await.map_err(|fault| fault.to_string())
}

/// The connection was gone before it was accepted: the listener is as well as ever.
fn is_the_peers(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn whoever_says_nothing_is_gone_after_10_s() {
        let (tracker, token) = (TaskTracker::new(), CancellationToken::new());
        let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = plain.local_addr().unwrap();
        let _arrivals = Ingest::start(
            Listeners { plain, tls: None, memory: Memory::default() },
            Marks::default(),
            &tracker,
            &token,
        );
        let start = tokio::time::Instant::now();
        let mut silent = TcpStream::connect(address).await.unwrap();
        let closed = tokio::io::AsyncReadExt::read(&mut silent, &mut [0; 16]).await;
        assert!(matches!(closed, Ok(0) | Err(_)), "{closed:?}");
        assert!(start.elapsed() >= DEADLINE, "{:?}", start.elapsed());
        token.cancel();
        tracker.close();
        tracker.wait().await;
    }
}
