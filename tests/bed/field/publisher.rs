//! An encoder that does what it is told, right or wrong, and counts what it sends.

use super::amf::{self, Value};
use super::clip::{Clip, Stamp, now};
use super::ledger::Count;
use super::talk::{self, command, control};
use super::wire::{COMMAND, Message, Reader, VIDEO, chunked};
use crate::bed::{Result, fault};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

mod play;

/// From the first packet of TCP to the yes or no.
const ACCEPTS: Duration = Duration::from_secs(10);
/// Orders that wait.
const ORDERS: usize = 64;

/// How an encoder connects and what it begins with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Its name in every stamp; another one for every connection.
    pub source: u16,
    /// The time of its first frame, ms modulo 2^32.
    pub base: u32,
    /// Its chunk size, bytes.
    pub chunk: usize,
    /// The address that it calls from.
    pub from: IpAddr,
    /// It sends metadata and sequence headers at its start.
    pub headers: bool,
    /// It sends frames at once, without being told.
    pub plays: bool,
    /// What it says beside what it must.
    pub manner: Manner,
}

/// What an encoder says on its way to a publish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// What common ones do: releaseStream, FCPublish.
    Common,
    /// Neither of them, a version of its own, and calls that no specification has, before, amid and after. As a cloud may
    /// that pushes for a meeting.
    Foreign,
}

impl Options {
    /// What common encoders do.
    pub fn of(source: u16) -> Self {
        let from = Ipv4Addr::LOCALHOST.into();
        Self { source, base: 0, chunk: 4096, from, headers: true, plays: true, manner: Manner::Common }
    }
}

/// What an encoder has sent.
#[derive(Clone, Debug, Default)]
pub struct Published {
    /// The number of its next frame.
    pub next: u64,
    /// Frames that went out.
    pub sent: Count,
    /// Frames that it passed over, as told.
    pub held: Count,
    /// When the first frame and the newest keyframe went out, µs of [`now`].
    pub first: Option<u64>,
    /// See `first`.
    pub keyframe: Option<u64>,
    /// The longest time that bytes waited for the relay to take them, µs.
    pub blocked: u64,
    /// The connection ended: when, and why in words.
    pub ended: Option<(u64, String)>,
}

/// What an encoder is told.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Order {
    Stall,
    GoOn,
    CatchUp,
    Pace(f64),
    Jump(i64),
    Jitter(u32),
    Keyframes(bool),
    Only(Option<u8>),
    Interleave,
    Codec(u8, Vec<u8>),
    Send(Vec<u8>),
    End(End),
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum End {
    Goodbye,
    Close,
    Reset,
    Vanish,
}

/// An encoder that publishes. Dropping it closes its connection.
#[derive(Debug)]
pub struct Publisher {
    orders: mpsc::Sender<Order>,
    published: Arc<Mutex<Published>>,
    /// Its name in every stamp.
    pub source: u16,
}

impl Publisher {
    /// Connects to `server` and publishes `clip` there as `live/<key>`, with the clip's own times.
    ///
    /// # Errors
    /// It is not let in; the words are the server's.
    pub async fn start(server: SocketAddr, key: &str, clip: &Arc<Clip>, options: Options) -> Result<Self> {
        let publish = timeout(ACCEPTS, publish(server, key, &options)).await;
        let Ok(tcp) = publish else { return fault("the publish was not answered") };
        let (orders, told) = mpsc::channel(ORDERS);
        let (published, source) = (Arc::<Mutex<Published>>::default(), options.source);
        let play = play::Play::new(tcp?, Arc::clone(clip), &options, Arc::clone(&published));
        TaskTracker::new().spawn(play.run(told));
        Ok(Self { orders, published, source })
    }

    /// What it has sent so far.
    pub fn published(&self) -> Published {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Published> {
        self.published.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn tell(&self, order: Order) {
        // Who has ended obeys no more.
        let _ = self.orders.send(order).await;
    }

    /// Sends nothing, on an open connection.
    pub async fn stall(&self) {
        self.tell(Order::Stall).await;
    }

    /// Sends on from where it stalled; what it did not send meanwhile it never sends late: its clock goes on.
    pub async fn go_on(&self) {
        self.tell(Order::GoOn).await;
    }

    /// Sends on, and at once all that was due meanwhile.
    pub async fn catch_up(&self) {
        self.tell(Order::CatchUp).await;
    }

    /// Sends so many times as fast as time passes.
    pub async fn pace(&self, times: f64) {
        self.tell(Order::Pace(times)).await;
    }

    /// Its timestamps jump by so many ms.
    pub async fn jump(&self, ms: i64) {
        self.tell(Order::Jump(ms)).await;
    }

    /// Its timestamps are wrong by so many ms, forth and back.
    pub async fn jitter(&self, ms: u32) {
        self.tell(Order::Jitter(ms)).await;
    }

    /// Its keyframes are marked as such, or as any other picture.
    pub async fn keyframes(&self, marked: bool) {
        self.tell(Order::Keyframes(marked)).await;
    }

    /// Passes over all but sound or all but picture; `None`: sends both.
    pub async fn only(&self, kind: Option<u8>) {
        self.tell(Order::Only(kind)).await;
    }

    /// Puts sound between the chunks of pictures, from now on.
    pub async fn interleave(&self) {
        self.tell(Order::Interleave).await;
    }

    /// Sends this sequence header, and marks its pictures as of this codec from then on.
    pub async fn codec(&self, number: u8, header: Vec<u8>) {
        self.tell(Order::Codec(number, header)).await;
    }

    /// Sends these bytes as they are, between two messages.
    pub async fn send(&self, bytes: Vec<u8>) {
        self.tell(Order::Send(bytes)).await;
    }

    /// Ends as its user pressing stop does: FCUnpublish, deleteStream, FIN.
    pub async fn goodbye(&self) {
        self.end(End::Goodbye).await;
    }

    /// FIN without a word.
    pub async fn close(&self) {
        self.end(End::Close).await;
    }

    /// RST.
    pub async fn reset(&self) {
        self.end(End::Reset).await;
    }

    /// Neither sends nor reads nor closes, until it is dropped.
    pub async fn vanish(&self) {
        self.tell(Order::End(End::Vanish)).await;
    }

    async fn end(&self, end: End) {
        self.tell(Order::End(end)).await;
        let ended = || self.lock().ended.is_some().then_some(());
        let _ = crate::bed::until("the end of an encoder", ACCEPTS, ended).await;
    }
}

/// A connection on which a publish was accepted; whoever has it may say anything.
///
/// # Errors
/// The server's words.
pub async fn publish(server: SocketAddr, key: &str, options: &Options) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(options.from, 0))?;
    let mut tcp = socket.connect(server).await?;
    tcp.set_nodelay(true)?;
    talk::greet(&mut tcp).await?;
    let foreign = options.manner == Manner::Foreign;
    let version = if foreign { "CloudMeeting/7.42.1 (stream mixer)" } else { "FMLE/3.0 (field)" };
    let connect = [("app", "live"), ("flashVer", version), ("tcUrl", &format!("rtmp://{server}/live"))];
    talk::say(&mut tcp, talk::CHUNK, &[control(1, options.chunk as u32)]).await?;
    let asks = |name, transaction| command(0, name, transaction, &[Value::Null, Value::text(key)]);
    let stranger = |stream, transaction| {
        let meeting = Value::object(&[("meeting", "123 456 789"), ("layout", "speaker")]);
        command(stream, "setMeetingInfo", transaction, &[meeting, Value::Bool(true), Value::Number(3.0)])
    };
    let (connect, create) =
        (command(0, "connect", 1.0, &[Value::object(&connect)]), command(0, "createStream", 4.0, &[Value::Null]));
    let words = if foreign {
        [connect, stranger(0, 2.0), asks("_checkbw", 3.0), create]
    } else {
        [connect, asks("releaseStream", 2.0), asks("FCPublish", 3.0), create]
    };
    let (mut reader, mut begun) = (Reader::default(), false);
    let mut bytes = Vec::new();
    words.iter().for_each(|message| chunked(message, 3, options.chunk, &mut bytes));
    tokio::io::AsyncWriteExt::write_all(&mut tcp, &bytes).await?;
    let (mut buffer, mut messages) = ([0; 4096], Vec::new());
    loop {
        let count = tcp.read(&mut buffer).await?;
        if count == 0 {
            return fault("closed before the publish was answered");
        }
        reader.read(&buffer[..count], &mut messages)?;
        for message in messages.drain(..).filter(|message| message.kind == COMMAND) {
            let values = amf::decode(&message.payload);
            let info = values.get(3).unwrap_or(&Value::Null);
            let said = |field| info.field(field).unwrap_or_default();
            match values.first().and_then(Value::as_text) {
                Some("_result") if values.get(1).and_then(Value::as_number) == Some(4.0) && !begun => {
                    begun = true;
                    let stream = info.as_number().unwrap_or(1.0) as u32;
                    let words = [Value::Null, Value::text(key), Value::text("live")];
                    let mut bytes = Vec::new();
                    if foreign {
                        chunked(&stranger(stream, 0.0), 4, options.chunk, &mut bytes);
                    }
                    chunked(&command(stream, "publish", 5.0, &words), 4, options.chunk, &mut bytes);
                    tokio::io::AsyncWriteExt::write_all(&mut tcp, &bytes).await?;
                }
                Some("onStatus") if said("code") == "NetStream.Publish.Start" => {
                    if foreign {
                        let mut bytes = Vec::new();
                        chunked(&stranger(1, 0.0), 4, options.chunk, &mut bytes);
                        tokio::io::AsyncWriteExt::write_all(&mut tcp, &bytes).await?;
                    }
                    return Ok(tcp);
                }
                Some("onStatus") if said("level") == "error" => {
                    return fault(format!("{}: {}", said("code"), said("description")));
                }
                _ => {}
            }
        }
    }
}
