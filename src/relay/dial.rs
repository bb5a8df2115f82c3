//! The dialler: the only way out. The only caller of `StreamKey::expose` in relay.

use crate::domain::id::StudioId;
use crate::domain::rtmp_url::{PushPoint, ServerUrl};
use crate::domain::status::{Barred, Loss, PushFailure};
use crate::relay::crowd::Crowd;
pub use crate::relay::crowd::Seat;
use crate::relay::gate::AddressGate;
use crate::relay::socket;
use crate::rtmp::transport::{ClientTls, Stream};
use crate::rtmp::{self, Account, Approach, Client, Marks, Next, Offer, Request, Source, Turned};
use futures_util::future::{BoxFuture, FutureExt as _, Shared};
use std::collections::HashMap;
use std::fmt::Display;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a name may take to be resolved.
const DNS: Duration = Duration::from_secs(5);
/// How long one address may take to answer.
const TCP: Duration = Duration::from_secs(5);
/// How long a TLS handshake may take.
const TLS: Duration = Duration::from_secs(10);
/// How long a server has to take its yes to a rehearsal back.
const SECOND_THOUGHTS: Duration = Duration::from_secs(2);
/// Addresses of one host that are tried.
const ADDRESSES: usize = 8;

/// Finds the addresses of a host.
pub trait Resolve: Send + Sync {
    /// All addresses of `host`, with `port`.
    fn resolve(&self, host: String, port: u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>>;
}

/// The operating system's resolver.
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, host: String, port: u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
        Box::pin(async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) })
    }
}

/// The addresses of a host, or nothing where nobody knows it.
type Lookup = Shared<BoxFuture<'static, Option<Vec<SocketAddr>>>>;

/// Whether a host name is one of a platform's servers.
pub type Known = Box<dyn Fn(&str) -> bool + Send + Sync>;

/// Makes every outgoing connection.
pub struct Dialler {
    resolver: Arc<dyn Resolve>,
    gate: AddressGate,
    tls: ClientTls,
    known: Known,
    crowd: Arc<Crowd>,
    marks: Marks,
    /// Look-ups under way: a name server that hangs is asked once for each host, however many targets wait for it.
    lookups: Mutex<HashMap<(String, u16), Lookup>>,
}

impl Dialler {
    /// A dialler that asks `resolver`, obeys `gate` and trusts `tls`.
    #[must_use]
    pub fn new(resolver: Arc<dyn Resolve>, gate: AddressGate, tls: ClientTls) -> Self {
        Self {
            resolver,
            gate,
            tls,
            known: Box::new(|_| false),
            crowd: Arc::default(),
            marks: Marks::default(),
            lookups: Mutex::default(),
        }
    }

    /// The same that counts no streams to the servers that are `known`.
    #[must_use]
    pub fn knowing(self, known: Known) -> Self {
        Self { known, ..self }
    }

    /// By these Telecast knows itself where it listens.
    #[must_use]
    pub fn marks(&self) -> Marks {
        self.marks.clone()
    }

    /// For one stream of a studio, as long as it may be sent.
    #[must_use]
    pub fn seat(&self, studio: StudioId) -> Seat {
        self.crowd.seat(studio)
    }

    /// What a preflight tries, because it has no effect on the platform: DNS, TCP and TLS, and RTMP up to where the
    /// server has taken the connection, with the login where there is one. The caller bounds the time.
    ///
    /// # Errors
    /// What failed.
    pub async fn check(&self, point: &PushPoint, seat: &Seat) -> Result<(), PushFailure> {
        let mut way = Way::new(point, &self.marks);
        loop {
            let stream = self.connect(&way.server, seat).await?;
            match rtmp::greet(stream, &way.request(), &way.approach).await {
                Ok(()) => return Ok(()),
                Err(turned) => way.go_on(turned)?,
            }
        }
    }

    /// Publishes and says goodbye, without any media: only to a point that does not go on air. A server that says yes and
    /// hangs up at once has said no. The caller bounds the time.
    ///
    /// # Errors
    /// What failed.
    pub async fn rehearse(&self, point: &PushPoint, seat: &Seat) -> Result<(), PushFailure> {
        let mut sink = self.open(point, Offer::default(), seat).await?.publish().await?;
        let heard = async {
            loop {
                sink.step().await?;
            }
        };
        if let Ok(ended) = timeout(SECOND_THOUGHTS, heard).await {
            return ended;
        }
        sink.goodbye().await;
        Ok(())
    }

    /// DNS, TCP and TLS, then RTMP up to where a publish can be asked for, with an offer of Enhanced RTMP where the
    /// stream is of it. A server that asks for a login gets it, one that names another server is left for that once:
    /// through the same gate. The caller bounds the time.
    ///
    /// # Errors
    /// What failed.
    pub async fn open(&self, point: &PushPoint, offer: Offer, seat: &Seat) -> Result<Client<Stream>, PushFailure> {
        let mut way = Way::new(point, &self.marks);
        loop {
            let stream = self.connect(&way.server, seat).await?;
            match rtmp::connect_offering(stream, &way.request(), offer, &way.approach).await {
                Ok(client) => return Ok(client),
                Err(turned) => way.go_on(turned)?,
            }
        }
    }

    /// DNS, TCP and TLS, then RTMP up to where the stream plays; a login and another server as with [`Self::open`]. The
    /// caller bounds the time.
    ///
    /// # Errors
    /// What failed.
    pub async fn play(&self, point: &PushPoint, seat: &Seat) -> Result<Source<Stream>, PushFailure> {
        let mut way = Way::new(point, &self.marks);
        loop {
            let stream = self.connect(&way.server, seat).await?;
            match rtmp::play_approaching(stream, &way.request(), &way.approach).await {
                Ok(source) => return Ok(source),
                Err(turned) => way.go_on(turned)?,
            }
        }
    }

    async fn connect(&self, server: &ServerUrl, seat: &Seat) -> Result<Stream, PushFailure> {
        let tcp = self.reach(server, seat).await.map_err(PushFailure::Lost)?;
        if !server.tls() {
            return Ok(tcp.into());
        }
        let secured = timeout(TLS, self.tls.connect(server.host(), tcp)).await;
        secured.unwrap_or(Err(PushFailure::Lost(Loss::Timeout)))
    }

    /// The first of the host's addresses that may be dialled and answers.
    async fn reach(&self, server: &ServerUrl, seat: &Seat) -> Result<TcpStream, Loss> {
        let addresses = self.resolve(server).await?;
        // The last failure speaks for all.
        let mut failed = Loss::Blocked(Barred::Inside);
        let mut allowed = Vec::with_capacity(addresses.len());
        for address in addresses {
            match self.gate.check(address) {
                Ok(()) => allowed.push(address),
                Err(why) => failed = barred(server, address, why),
            }
        }
        let counted = !(self.known)(server.host());
        for address in allowed.into_iter().take(ADDRESSES) {
            if counted && !self.gate.opened(address.ip()) && !seat.take(address.ip()) {
                failed = barred(server, address, Barred::Crowded);
                continue;
            }
            match timeout(TCP, TcpStream::connect(address)).await {
                Ok(Ok(tcp)) => return self.admit(server, tcp),
                Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => failed = Loss::Down,
                Ok(Err(_)) | Err(_) => failed = Loss::Timeout,
            }
        }
        Err(failed)
    }

    fn admit(&self, server: &ServerUrl, tcp: TcpStream) -> Result<TcpStream, Loss> {
        let (Ok(local), Ok(peer)) = (tcp.local_addr(), tcp.peer_addr()) else { return Err(Loss::Reset) };
        if let Err(why) = self.gate.check_connected(local, peer) {
            return Err(barred(server, peer, why));
        }
        socket::tune(&tcp);
        Ok(tcp)
    }

    async fn resolve(&self, server: &ServerUrl) -> Result<Vec<SocketAddr>, Loss> {
        // An IPv6 address is bracketed in a URL and bare for a resolver.
        let host = server.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let asked = (host, server.port());
        let lookup = {
            let mut lookups = self.lookups.lock().unwrap_or_else(PoisonError::into_inner);
            // Those that have answered, or that nobody waits for any more.
            lookups.retain(|_, lookup| lookup.peek().is_none() && lookup.strong_count().is_some_and(|count| count > 1));
            let begin = |(host, port): &(String, u16)| {
                let answer = self.resolver.resolve(host.clone(), *port);
                timeout(DNS, answer).map(|answer| answer.ok()?.ok()).boxed().shared()
            };
            lookups.entry(asked).or_insert_with_key(begin).clone()
        };
        lookup.await.filter(|addresses| !addresses.is_empty()).ok_or(Loss::Dns)
    }
}

/// What is asked of which server next, on the way to one point.
struct Way<'p> {
    point: &'p PushPoint,
    server: ServerUrl,
    tc_url: String,
    approach: Approach<'p>,
}

impl<'p> Way<'p> {
    fn new(point: &'p PushPoint, marks: &'p Marks) -> Self {
        let account = point.server.login().map(|login| {
            let (user, password) = login.expose();
            Account { user, password }
        });
        let server = point.server.clone();
        Self { point, tc_url: server.tc_url(), server, approach: Approach::new(account).marked(marks) }
    }

    fn request(&self) -> Request<'_> {
        Request { app: self.server.app(), tc_url: &self.tc_url, name: self.point.key.expose() }
    }

    /// A server did not take the connection.
    fn go_on(&mut self, turned: Turned) -> Result<(), PushFailure> {
        let random = getrandom::u32().map_err(|_| PushFailure::Lost(Loss::Internal))?;
        if let Next::Other(to) = self.approach.heed(&turned, self.server.app(), random)? {
            tracing::info!(server = ?self.server, "a server names another one");
            self.server = self.server.resolve(&to).map_err(|_| turned.failure)?;
            self.tc_url = self.server.tc_url();
        }
        Ok(())
    }
}

fn barred(server: &ServerUrl, address: SocketAddr, why: impl Into<Barred> + Display) -> Loss {
    tracing::warn!(?server, %address, %why, "not dialled");
    Loss::Blocked(why.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::secret::StreamKey;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::net::TcpListener;

    /// Answers with what it was given; counts how often it was asked.
    #[derive(Default)]
    struct Book {
        addresses: Vec<SocketAddr>,
        delay: Duration,
        asked: Arc<AtomicUsize>,
    }

    impl Resolve for Book {
        fn resolve(&self, _: String, _: u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
            let (addresses, delay, asked) = (self.addresses.clone(), self.delay, Arc::clone(&self.asked));
            Box::pin(async move {
                asked.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(delay).await;
                Ok(addresses)
            })
        }
    }

    fn point() -> PushPoint {
        let server = ServerUrl::parse("rtmp://push.example/live").unwrap();
        PushPoint { server, key: StreamKey::parse("a-key-of-some-length").unwrap() }
    }

    fn dialler(book: Book, gate: AddressGate) -> Dialler {
        Dialler::new(Arc::new(book), gate, ClientTls::new(None).unwrap())
    }

    async fn failure(dialler: &Dialler) -> Loss {
        match dialler.reach(&point().server, &dialler.seat(StudioId(1))).await {
            Err(loss) => loss,
            other => panic!("{other:?}"),
        }
    }

    async fn reaches(dialler: &Dialler) -> bool {
        dialler.reach(&point().server, &dialler.seat(StudioId(1))).await.is_ok()
    }

    #[tokio::test]
    async fn a_name_that_stands_for_a_forbidden_address_is_not_dialled() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let book = || Book { addresses: vec![listener.local_addr().unwrap()], ..Book::default() };
        let barred = Loss::Blocked(Barred::Inside);
        assert_eq!(failure(&dialler(book(), AddressGate::default())).await, barred);
        let closed = dialler(book(), AddressGate::default());
        let played = closed.play(&point(), &closed.seat(StudioId(1))).await;
        assert_eq!(played.err(), Some(PushFailure::Lost(barred)), "nor to be played from");
        assert!(listener.accept().now_or_never().is_none(), "nobody knocked");
        assert!(reaches(&dialler(book(), AddressGate::open())).await);
    }

    #[tokio::test]
    async fn the_next_address_is_tried_where_one_is_down() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let book = |addresses| Book { addresses, ..Book::default() };
        assert_eq!(failure(&dialler(book(vec![gone]), AddressGate::open())).await, Loss::Down);
        let both = vec![gone, listener.local_addr().unwrap()];
        assert!(reaches(&dialler(book(both), AddressGate::open())).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_name_server_that_hangs_is_asked_once_and_given_up_after_5_s() {
        let (asked, start) = (Arc::<AtomicUsize>::default(), tokio::time::Instant::now());
        let book = Book { delay: Duration::MAX, asked: Arc::clone(&asked), ..Book::default() };
        let dialler = dialler(book, AddressGate::open());
        let (one, other) = tokio::join!(failure(&dialler), failure(&dialler));
        assert_eq!((one, other, start.elapsed().as_secs()), (Loss::Dns, Loss::Dns, 5));
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        assert_eq!(failure(&dialler).await, Loss::Dns);
        assert_eq!(asked.load(Ordering::Relaxed), 2, "every attempt asks anew");
    }
}
