//! A platform that does what it is told, right or wrong, and keeps a [`Ledger`]. One listener, one target.

use super::clip::{Clip, now};
use super::ledger::Ledger;
use super::sink::session::Session;
use crate::bed::Result;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use telecast::rtmp::transport::ServerTls;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

mod session;

/// What a platform does from now on, with those who are connected too.
#[derive(Clone, Debug, PartialEq)]
pub enum Behaviour {
    /// As it should: takes any key, reads, acknowledges.
    Well,
    /// Nobody listens, and whoever is connected is cut off.
    Down,
    /// Takes connections, never shakes hands.
    MuteHandshake,
    /// Never answers `connect`.
    MuteConnect,
    /// Accepts a publish only after so long.
    Late(Duration),
    /// Answers a publish with this code and these words, and hangs up.
    Refuse(&'static str, &'static str),
    /// Answers `connect` with `_error`, and hangs up.
    RefuseConnect,
    /// Hangs up at a publish without a word.
    HangUp,
    /// Hangs up when no frame came for so long.
    CutIdle(Duration),
    /// Hangs up so long after a publish.
    CutAfter(Duration),
    /// Resets the connection so long after a publish.
    ResetAfter(Duration),
    /// Reads nothing any more.
    Deaf,
    /// Reads so many bytes a second.
    Slow(u32),
    /// Says these bytes once on each connection that publishes, then goes on well.
    Say(Vec<u8>),
    /// Says Set Chunk Size, and from there on all in such chunks.
    ChunkSize(u32),
    /// Says these bytes without end, as fast as they are taken.
    Flood(Vec<u8>),
}

/// What the listener and every connection share.
#[derive(Debug)]
struct Shared {
    ledger: Mutex<Ledger>,
    tls: Option<ServerTls>,
}

impl Shared {
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running platform. Dropping it stops it.
#[derive(Debug)]
pub struct Sink {
    address: SocketAddr,
    behaviour: watch::Sender<Behaviour>,
    shared: Arc<Shared>,
    stop: CancellationToken,
}

impl Sink {
    /// Takes publishers on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// No port is free.
    pub fn start(clip: &Arc<Clip>) -> Result<Self> {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), clip, None, None)
    }

    /// At an address, over TLS where there is a certificate, with a receive buffer of so many bytes.
    ///
    /// # Errors
    /// The address is not free.
    pub fn start_at(
        address: SocketAddr,
        clip: &Arc<Clip>,
        tls: Option<ServerTls>,
        window: Option<u32>,
    ) -> Result<Self> {
        let listener = listen(address, window)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared { ledger: Mutex::new(Ledger::new(Arc::clone(clip))), tls });
        let (behaviour, stop) = (watch::Sender::new(Behaviour::Well), CancellationToken::new());
        let work = serve(listener, window, Arc::clone(&shared), behaviour.subscribe());
        TaskTracker::new().spawn(stop.clone().run_until_cancelled_owned(work));
        Ok(Self { address, behaviour, shared, stop })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Server and key in one: `rtmp://…/live/<key>`.
    pub fn url(&self, key: &str) -> String {
        let scheme = if self.shared.tls.is_some() { "rtmps" } else { "rtmp" };
        format!("{scheme}://{}/live/{key}", self.address)
    }

    /// From now on it does this.
    pub fn behave(&self, behaviour: Behaviour) {
        self.behaviour.send_replace(behaviour);
    }

    /// What came so far.
    pub fn ledger(&self) -> Ledger {
        self.shared.ledger().clone()
    }

    /// Looks at what came, without a copy.
    pub fn look<T>(&self, look: impl FnOnce(&Ledger) -> T) -> T {
        look(&self.shared.ledger())
    }

    /// Measures delays anew from here on.
    pub fn forget_delays(&self) {
        self.shared.ledger().forget_delays();
    }

    /// Waits until `look` finds something in what came; when it did, in µs of [`now`].
    ///
    /// # Errors
    /// It did not `within` the time.
    pub async fn until(&self, what: &str, within: Duration, mut look: impl FnMut(&Ledger) -> bool) -> Result<u64> {
        let found = crate::bed::until(what, within, || look(&self.shared.ledger()).then(now)).await;
        found.map_err(|mut fault| {
            let ledger = self.shared.ledger();
            fault.0 += &format!(
                " at {}: {} attempts, {} accepted, {:?} received, {:?}",
                self.address, ledger.attempts, ledger.accepted, ledger.received, ledger.first_fault
            );
            fault
        })
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn listen(address: SocketAddr, window: Option<u32>) -> Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    if let Some(window) = window {
        // Before it listens, so that every connection's window is as small.
        socket.set_recv_buffer_size(window)?;
    }
    socket.bind(address)?;
    Ok(socket.listen(256)?)
}

async fn serve(
    listener: TcpListener,
    window: Option<u32>,
    shared: Arc<Shared>,
    mut behaviour: watch::Receiver<Behaviour>,
) {
    let address = listener.local_addr();
    let mut listener = Some(listener);
    // Those that are served end with this.
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    let _ends = stop.clone().drop_guard();
    loop {
        let down = *behaviour.borrow_and_update() == Behaviour::Down;
        match (&listener, &address) {
            (Some(_), _) if down => listener = None,
            (None, Ok(address)) if !down => match listen(*address, window) {
                Ok(again) => listener = Some(again),
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            (Some(open), _) => {
                tokio::select! {
                    changed = behaviour.changed() => if changed.is_err() { return },
                    taken = open.accept() => {
                        if let Ok((tcp, _)) = taken {
                            let session = Session::new(Arc::clone(&shared), behaviour.clone());
                            tasks.spawn(stop.clone().run_until_cancelled_owned(session.run(tcp)));
                        }
                    }
                }
            }
            _ => {
                if behaviour.changed().await.is_err() {
                    return;
                }
            }
        }
    }
}
