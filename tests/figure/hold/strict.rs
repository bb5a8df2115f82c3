//! A platform that cuts whoever sends no sound and no picture for 5 s, and records the rest.

use crate::bed::Result;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use telecast::media::packet::{Kind, Packet};
use telecast::rtmp::transport::Stream;
use telecast::rtmp::{self, SourceEnd};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// Without media for so long, a connection is cut.
const CUT: Duration = Duration::from_secs(5);

/// See the module's head. Ends when it is dropped.
pub(super) struct Strict {
    server: String,
    file: PathBuf,
    seen: Arc<Mutex<Seen>>,
    _end: DropGuard,
}

/// What it has seen of all connections.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) connections: u32,
    pub(super) cuts: u32,
    /// The last goodbye was heard, and everything recorded.
    pub(super) over: bool,
    /// When each second of the stream came, in milliseconds since its time: what is late raises it.
    delays: Vec<(u32, i64)>,
}

impl Seen {
    /// By how much later, in milliseconds, the last seconds came than the first.
    pub(super) fn delay(&self) -> i64 {
        let least = |part: &[(u32, i64)]| part.iter().map(|(_, delay)| *delay).min().unwrap_or_default();
        let (first, last) = (self.delays.len().min(6), self.delays.len().saturating_sub(6));
        least(&self.delays[last..]) - least(&self.delays[..first])
    }

    fn note(&mut self, packet: &Packet, at: u128) {
        let second = packet.timestamp / 1_000;
        let delay = i64::try_from(at).unwrap_or(i64::MAX) - i64::from(packet.timestamp);
        match self.delays.last_mut() {
            Some((of, least)) if *of == second => *least = (*least).min(delay),
            _ => self.delays.push((second, delay)),
        }
    }
}

impl Strict {
    pub(super) async fn start(name: &str, dir: &Path) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let server = format!("rtmp://{}/live", listener.local_addr()?);
        let (file, seen, token) =
            (dir.join(format!("{name}.flv")), Arc::<Mutex<Seen>>::default(), CancellationToken::new());
        let (to, of, end) = (file.clone(), Arc::clone(&seen), token.clone());
        TaskTracker::new().spawn(async move {
            let begun = Instant::now();
            let mut out = b"FLV\x01\x05\0\0\0\x09\0\0\0\0".to_vec();
            let serve = async {
                while let Ok((tcp, _)) = listener.accept().await {
                    let clean = record(tcp, begun, &mut out, &of).await.unwrap_or(false);
                    if clean && std::fs::write(&to, &out).is_ok() {
                        look(&of).over = true;
                    }
                }
            };
            end.run_until_cancelled(serve).await;
        });
        Ok(Self { server, file, seen, _end: token.drop_guard() })
    }

    /// Server and key.
    pub(super) fn target(&self) -> (String, String) {
        (self.server.clone(), "a-strict-key".into())
    }

    pub(super) fn recording(&self) -> &Path {
        &self.file
    }

    pub(super) fn seen(&self) -> Seen {
        look(&self.seen).clone()
    }
}

fn look(seen: &Mutex<Seen>) -> std::sync::MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether it ended in order.
async fn record(tcp: TcpStream, begun: Instant, out: &mut Vec<u8>, seen: &Mutex<Seen>) -> Result<bool> {
    let mut source = rtmp::accept(Stream::from(tcp)).await?.begin().await?;
    look(seen).connections += 1;
    let (mut last, mut packets) = (Instant::now(), Vec::new());
    loop {
        let end = match timeout_at(last + CUT, source.read(&mut packets)).await {
            Ok(Ok(_)) => None,
            Ok(Err(end)) => Some(matches!(end, SourceEnd::Clean)),
            Err(_) => {
                look(seen).cuts += 1;
                Some(false)
            }
        };
        for packet in packets.drain(..).filter(|packet| packet.kind != Kind::Data) {
            last = Instant::now();
            look(seen).note(&packet, begun.elapsed().as_millis());
            tag(&packet, out);
        }
        if let Some(clean) = end {
            return Ok(clean);
        }
    }
}

/// A tag of an FLV file (Adobe FLV 10.1 §E.4.1).
fn tag(packet: &Packet, out: &mut Vec<u8>) {
    let len = u32::try_from(packet.payload.len()).unwrap_or(u32::MAX);
    let [high, time @ ..] = packet.timestamp.to_be_bytes();
    out.push(if packet.kind == Kind::Video { 9 } else { 8 });
    out.extend(&len.to_be_bytes()[1..]);
    out.extend(time);
    out.extend([high, 0, 0, 0]);
    out.extend(&packet.payload);
    out.extend((len + 11).to_be_bytes());
}
