//! The listeners: from TCP accept to a request to publish or to play that somebody must judge. Whoever has not been let in yet is
//! bounded in time and number.

use crate::relay::socket;
use crate::rtmp::transport::{ServerTls, Stream};
use crate::rtmp::{self, Asks};
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// From TCP accept to a request.
const DEADLINE: Duration = Duration::from_secs(10);
/// Most connections that have not been let in.
const STRANGERS: usize = 2_000;
/// Most of them from one address: meeting clouds share few. Who comes from this very machine comes through a proxy that
/// hides many addresses, and is not counted so.
const STRANGERS_EACH: usize = 32;
/// Where a proxy on this machine calls from.
const PROXY: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
/// Requests that wait to be judged.
const ARRIVALS: usize = 64;
/// How long the listener rests when it cannot accept, for want of file descriptors.
const REST: Duration = Duration::from_millis(100);

/// Where encoders connect.
pub struct Listeners {
    /// RTMP.
    pub plain: TcpListener,
    /// RTMPS.
    pub tls: Option<(TcpListener, ServerTls)>,
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
    /// Begins to accept. Ends with `token`; connections that have not been judged end with it.
    #[must_use]
    pub fn start(listeners: Listeners, tracker: &TaskTracker, token: &CancellationToken) -> mpsc::Receiver<Arrival> {
        let (arrivals, receiver) = mpsc::channel(ARRIVALS);
        let door = Door { places: Arc::default(), arrivals, tracker: tracker.clone(), token: token.clone() };
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
    arrivals: mpsc::Sender<Arrival>,
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
        let Some(place) = Places::take(&self.places, peer.ip()) else {
            tracing::debug!(%peer, "turned away: too many wait at the door");
            return;
        };
        let (arrivals, token) = (self.arrivals.clone(), self.token.clone());
        let greet = async move {
            match timeout(DEADLINE, greet(tcp, tls)).await {
                // Whoever waits to be judged does not wait longer than the door is open.
                Ok(Ok(asks)) => drop(arrivals.send(Arrival { peer, asks, _place: place }).await),
                Ok(Err(fault)) => tracing::debug!(%peer, fault, "not an encoder"),
                Err(_) => tracing::debug!(%peer, "asked for nothing in time"),
            }
        };
        self.tracker.spawn(async move { token.run_until_cancelled(greet).await });
    }
}

async fn greet(tcp: TcpStream, tls: Option<ServerTls>) -> Result<Asks<Stream>, String> {
    socket::tune(&tcp);
    let stream = match tls {
        Some(tls) => tls.accept(tcp).await.map_err(|error| error.to_string())?,
        None => tcp.into(),
    };
    rtmp::receive(stream).await.map_err(|fault| fault.to_string())
}

/// The connection was gone before it was accepted: the listener is as well as ever.
fn is_the_peers(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset)
}

/// Who is at the door, by address.
#[derive(Default)]
struct Places(Mutex<(usize, HashMap<IpAddr, usize>)>);

/// One place at the door, given back when dropped.
struct Place {
    places: Arc<Places>,
    address: IpAddr,
}

impl Places {
    fn take(places: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let address = address.to_canonical();
        let mut guard = places.lock();
        let (all, each) = &mut *guard;
        let crowd = each.get(&address).is_some_and(|count| *count >= STRANGERS_EACH);
        if *all >= STRANGERS || crowd && !PROXY.contains(&address) {
            return None;
        }
        *all += 1;
        *each.entry(address).or_default() += 1;
        Some(Place { places: Arc::clone(places), address })
    }

    fn lock(&self) -> MutexGuard<'_, (usize, HashMap<IpAddr, usize>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut guard = self.places.lock();
        let (all, each) = &mut *guard;
        *all -= 1;
        if let Some(count) = each.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                each.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_32_places_and_gives_them_back() {
        let (places, crowd, guest) = (Arc::default(), IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let mut taken: Vec<_> = std::iter::from_fn(|| Places::take(&places, crowd)).collect();
        assert_eq!(taken.len(), STRANGERS_EACH);
        assert!(Places::take(&places, guest).is_some(), "others are not kept out");
        taken.pop();
        assert!(Places::take(&places, crowd).is_some());
        drop(taken);
        assert_eq!(*places.lock(), (0, HashMap::new()));
    }

    #[test]
    fn a_proxy_on_this_machine_has_as_many_places_as_there_are() {
        for address in PROXY {
            let places = Arc::default();
            let crowd: Vec<_> = std::iter::from_fn(|| Places::take(&places, address)).collect();
            assert_eq!(crowd.len(), STRANGERS);
        }
    }

    #[test]
    fn all_addresses_together_have_2000_places() {
        let places = Arc::default();
        let crowd: Vec<_> = (0..100_u8)
            .flat_map(|host| (0..STRANGERS_EACH).map(move |_| IpAddr::from([10, 0, 1, host])))
            .filter_map(|address| Places::take(&places, address))
            .collect();
        assert_eq!(crowd.len(), STRANGERS);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_says_nothing_is_gone_after_10_s() {
        let (tracker, token) = (TaskTracker::new(), CancellationToken::new());
        let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = plain.local_addr().unwrap();
        let _arrivals = Ingest::start(Listeners { plain, tls: None }, &tracker, &token);
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
