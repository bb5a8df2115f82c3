//! An encoder that sends as little as it can: a keyframe each two seconds and sound twice a second, by tokio's clock. A
//! figure can have hundreds of it, or let hours pass in a minute.

use super::{Fault, Result};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use telecast::demo::clip::Clip;
use telecast::domain::rtmp_url::PushPoint;
use telecast::media::packet::{Kind, Packet, Role};
use telecast::rtmp::transport::Stream;
use telecast::rtmp::{self, Request};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// Between two pictures, and between two sounds.
const PICTURES: Duration = Duration::from_secs(2);
const SOUNDS: Duration = Duration::from_millis(500);
/// Before another attempt.
const AGAIN: Duration = Duration::from_secs(1);

/// A running encoder. Dropping it cuts it off.
#[derive(Debug)]
pub struct Thin {
    on: watch::Sender<bool>,
    _stop: DropGuard,
}

impl Thin {
    /// Begins to publish, again and again where it is cut off.
    ///
    /// # Errors
    /// There is no clip.
    pub fn start(point: PushPoint, tasks: &TaskTracker) -> Result<Self> {
        let clip = Arc::new(Clip::builtin()?);
        let (on, mut orders) = watch::channel(true);
        let stop = CancellationToken::new();
        let work = async move {
            while orders.wait_for(|on| *on).await.is_ok() {
                let off = orders.clone();
                tokio::select! {
                    _ = publish(&point, &clip) => sleep(AGAIN).await,
                    _ = until_off(off) => {}
                }
            }
        };
        tasks.spawn(stop.clone().run_until_cancelled_owned(Box::pin(work)));
        Ok(Self { on, _stop: stop.drop_guard() })
    }

    /// Cuts it off without a goodbye, or lets it come back.
    pub fn set_on(&self, on: bool) {
        self.on.send_replace(on);
    }
}

async fn until_off(mut on: watch::Receiver<bool>) {
    // Whoever gave orders is gone: so is the encoder.
    let _ = on.wait_for(|on| !*on).await;
}

async fn publish(point: &PushPoint, clip: &Arc<Clip>) -> Result<()> {
    let server = &point.server;
    let tcp = TcpStream::connect((server.host(), server.port())).await?;
    tcp.set_nodelay(true)?;
    let request = Request { app: server.app(), tc_url: &server.tc_url(), name: point.key.expose() };
    let failed = |failure| Fault(format!("{failure:?}"));
    let mut sink = rtmp::connect(tcp, &request).await.map_err(failed)?.publish().await.map_err(failed)?;
    let (start, mut picture, mut sound) = (Instant::now(), Duration::ZERO, Duration::ZERO);
    for (at, packet) in clip.play() {
        if !wanted(&packet, at, &mut picture, &mut sound) {
            continue;
        }
        while start.elapsed() < at {
            tokio::select! {
                step = sink.step() => drop(step.map_err(failed)?),
                () = sleep_until(start + at) => {}
            }
        }
        sink.queue(&mut vec![packet]);
        while !sink.is_empty() {
            sink.step().await.map_err(failed)?;
        }
    }
    Ok(())
}

/// Headers always, a keyframe and a sound now and then.
fn wanted(packet: &Packet, at: Duration, picture: &mut Duration, sound: &mut Duration) -> bool {
    let (next, pause) = match (packet.role, packet.kind) {
        (Role::Keyframe, _) => (picture, PICTURES),
        (Role::Frame, Kind::Audio) => (sound, SOUNDS),
        (Role::Frame, _) => return false,
        _ => return true,
    };
    let due = at >= *next;
    if due {
        *next = at + pause;
    }
    due
}

/// A platform that takes any number of streams under any names, and forgets what comes.
#[derive(Debug)]
pub struct Crowd {
    address: SocketAddr,
    _stop: DropGuard,
}

impl Crowd {
    /// Listens at a free port.
    ///
    /// # Errors
    /// There is none.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let (address, stop, tasks) = (listener.local_addr()?, CancellationToken::new(), TaskTracker::new());
        let (end, each) = (stop.clone(), tasks.clone());
        tasks.spawn(stop.clone().run_until_cancelled_owned(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                each.spawn(end.clone().run_until_cancelled_owned(Box::pin(take(tcp))));
            }
        }));
        Ok(Self { address, _stop: stop.drop_guard() })
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

async fn take(tcp: TcpStream) {
    let _ = tcp.set_nodelay(true);
    let Ok(publish) = rtmp::accept(Stream::from(tcp)).await else { return };
    let Ok(mut source) = publish.begin().await else { return };
    let mut packets = Vec::new();
    while source.read(&mut packets).await.is_ok() {
        packets.clear();
    }
}
