//! The test encoder: OBS without a camera. Publishes the clip to a server with a key, in real time, until it is told to
//! stop, and comes back when it was cut off.

use super::bot_api::{Bilingual, Encoder as Shown};
use super::clip::{Clip, Play};
use crate::domain::rtmp_url::PushPoint;
use crate::domain::status::PushFailure;
use crate::media::packet::Packet;
use crate::rtmp::{self, Request, Sink};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// From TCP to the server's yes.
const CONNECT: Duration = Duration::from_secs(10);
/// Between two attempts.
const AGAIN: Duration = Duration::from_secs(1);
/// For the last words.
const GOODBYE: Duration = Duration::from_secs(2);
/// Packets that may wait for a server that does not read: about ten seconds.
const BACKLOG: usize = 800;

/// A test encoder. Dropping it cuts it off.
#[derive(Debug)]
pub struct Encoder {
    orders: watch::Sender<Option<PushPoint>>,
    state: watch::Receiver<State>,
    tasks: TaskTracker,
    end: CancellationToken,
}

/// What the encoder is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing.
    Off,
    /// Asks the server.
    Connecting,
    /// Sends.
    Sending {
        /// Since when.
        since: Instant,
    },
    /// Did not get through, or was cut off, and tries again.
    Failed(PushFailure),
}

impl Encoder {
    /// An encoder that does nothing yet.
    ///
    /// # Errors
    /// See [`Clip::builtin`].
    pub fn new() -> io::Result<Self> {
        let clip = Arc::new(Clip::builtin()?);
        let (orders, taken) = watch::channel(None);
        let (told, state) = watch::channel(State::Off);
        let (tasks, end) = (TaskTracker::new(), CancellationToken::new());
        let over = end.clone();
        // Boxed: what a connection needs is large.
        let work = Box::pin(Work { clip, orders: taken, state: told }.run());
        tasks.spawn(async move { over.run_until_cancelled(work).await });
        tasks.close();
        Ok(Self { orders, state, tasks, end })
    }

    /// Begins to publish to `point`; at once anew when it was another.
    pub fn start(&self, point: PushPoint) {
        self.orders.send_if_modified(|order| order.replace(point.clone()).as_ref() != Some(&point));
    }

    /// Ends the publish in order, as the button of an encoder does.
    pub fn stop(&self) {
        self.orders.send_replace(None);
    }

    /// Whether it was started and not stopped.
    #[must_use]
    pub fn is_started(&self) -> bool {
        self.orders.borrow().is_some()
    }

    /// What it is doing.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<State> {
        self.state.clone()
    }

    /// Its box in the side panel; `copy` is what people may copy there.
    #[must_use]
    pub fn shown(&self, copy: Vec<(Bilingual, String)>) -> Shown {
        let state = match &*self.state.borrow() {
            State::Off => Bilingual::new("off", "未启动"),
            State::Connecting => Bilingual::new("connecting", "正在连接"),
            State::Sending { since } => {
                let seconds = since.elapsed().as_secs();
                Bilingual::new(format!("sending for {seconds} s"), format!("已推流 {seconds} 秒"))
            }
            State::Failed(failure) => Bilingual::new(
                format!("not connected ({failure}), tries again"),
                format!("未连上（{failure}），正在重试"),
            ),
        };
        Shown { state, running: self.is_started(), copy }
    }

    /// Stops in order and waits for it.
    pub async fn close(&self) {
        self.stop();
        let mut state = self.state.clone();
        let off = state.wait_for(|state| *state == State::Off);
        let _ = timeout(GOODBYE * 2, off).await;
        self.end.cancel();
        self.tasks.wait().await;
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        self.end.cancel();
    }
}

/// The task of an encoder.
struct Work {
    clip: Arc<Clip>,
    orders: watch::Receiver<Option<PushPoint>>,
    state: watch::Sender<State>,
}

impl Work {
    async fn run(mut self) {
        loop {
            let Ok(order) = self.orders.wait_for(Option::is_some).await.map(|order| order.clone()) else { return };
            let Some(point) = order else { continue };
            self.state.send_replace(State::Connecting);
            if let Err(failure) = self.publish(&point).await {
                self.state.send_replace(State::Failed(failure));
                tokio::select! {
                    () = sleep(AGAIN) => {}
                    _ = self.orders.changed() => {}
                }
            }
            if self.orders.borrow().is_none() {
                self.state.send_replace(State::Off);
            }
        }
    }

    /// One connection. `Ok` when other orders came.
    async fn publish(&mut self, point: &PushPoint) -> Result<(), PushFailure> {
        let mut sink = tokio::select! {
            connected = timeout(CONNECT, connect(point)) => connected.unwrap_or(Err(lost(io::ErrorKind::TimedOut)))?,
            _ = self.orders.changed() => return Ok(()),
        };
        self.state.send_replace(State::Sending { since: Instant::now() });
        tokio::select! {
            end = pump(&mut sink, self.clip.play()) => return end,
            // Not where nobody can give orders any more: then it is cut off, without a goodbye.
            Ok(()) = self.orders.changed() => {}
        }
        let _ = timeout(GOODBYE, sink.goodbye()).await;
        Ok(())
    }
}

async fn connect(point: &PushPoint) -> Result<Sink<TcpStream>, PushFailure> {
    let server = &point.server;
    if server.tls() {
        return Err(PushFailure::Lost(crate::domain::status::Loss::Tls("the test encoder speaks plain RTMP".into())));
    }
    let tcp = TcpStream::connect((server.host().trim_matches(['[', ']']), server.port()));
    let tcp = tcp.await.map_err(|error| lost(error.kind()))?;
    let _ = tcp.set_nodelay(true);
    let request = Request { app: server.app(), tc_url: &server.tc_url(), name: point.key.expose() };
    rtmp::connect(tcp, &request).await?.publish().await
}

/// Sends what is due when it is due.
async fn pump(sink: &mut Sink<TcpStream>, mut play: Play) -> Result<(), PushFailure> {
    let start = Instant::now();
    let mut due: Vec<Packet> = Vec::new();
    let mut next = play.next();
    while let Some((at, packet)) = next {
        if start.elapsed() >= at {
            due.push(packet);
            next = play.next();
            continue;
        }
        if sink.is_empty() && !due.is_empty() {
            sink.queue(&mut due);
        }
        if due.len() > BACKLOG {
            return Err(lost(io::ErrorKind::TimedOut));
        }
        next = Some((at, packet));
        tokio::select! {
            step = sink.step() => { step?; }
            () = sleep_until(start + at) => {}
        }
    }
    Ok(())
}

fn lost(kind: io::ErrorKind) -> PushFailure {
    use crate::domain::status::Loss;
    PushFailure::Lost(match kind {
        io::ErrorKind::ConnectionRefused => Loss::Down,
        io::ErrorKind::TimedOut => Loss::Timeout,
        _ => Loss::Reset,
    })
}
