//! One connection to a [`Sink`](super::Sink).

use super::{Behaviour, Shared};
use crate::bed::field::amf::{self, Value};
use crate::bed::field::talk::{self, command, control, status};
use crate::bed::field::wire::{AUDIO, COMMAND, DATA, Message, Reader, VIDEO};
use crate::bed::{Result, fault};
use socket2::SockRef;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

/// After so many bytes an acknowledgement is due.
const WINDOW: u32 = 250_000;
/// A slow reader reads so often.
const SIP: Duration = Duration::from_millis(20);
const FAR: Duration = Duration::from_secs(365 * 24 * 3600);
/// Protocol control (RTMP 1.0, §5.4).
const CHUNK_SIZE: u8 = 1;
const ACKNOWLEDGE: u8 = 3;
const WINDOW_SIZE: u8 = 5;
const USER_CONTROL: u8 = 4;

pub(super) struct Session {
    shared: Arc<Shared>,
    behaviour: watch::Receiver<Behaviour>,
    reader: Reader,
    /// When this connection began, which names it in the ledger.
    began: u64,
    read: u64,
    acknowledged: u64,
    published: Option<Instant>,
    /// The last frame.
    heard: Instant,
    in_order: bool,
    said: bool,
    /// Of what it says.
    chunk: usize,
}

/// With or without TLS.
trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Duplex for S {}

type Stream = Box<dyn Duplex>;

/// A connection that is to end now.
enum Stop {
    Close,
    Reset,
}

impl Session {
    pub(super) fn new(shared: Arc<Shared>, behaviour: watch::Receiver<Behaviour>) -> Self {
        let began = shared.ledger().connect();
        let heard = Instant::now();
        Self {
            shared,
            behaviour,
            reader: Reader::default(),
            began,
            read: 0,
            acknowledged: 0,
            published: None,
            heard,
            in_order: false,
            said: false,
            chunk: talk::CHUNK,
        }
    }

    pub(super) async fn run(mut self, tcp: TcpStream) {
        let _ = tcp.set_nodelay(true);
        // Another handle to the socket: TLS takes the first.
        let reset = SockRef::from(&tcp).try_clone();
        if let Err(stop) = self.work(tcp).await
            && let (Stop::Reset, Ok(socket)) = (stop, reset)
        {
            let _ = socket.set_linger(Some(Duration::ZERO));
        }
        self.shared.ledger().end(self.began, self.in_order);
    }

    async fn work(&mut self, tcp: TcpStream) -> Result<(), Stop> {
        self.wait_while(&Behaviour::MuteHandshake).await?;
        let mut stream: Stream = match &self.shared.tls {
            None => Box::new(tcp),
            Some(tls) => Box::new(tls.clone().accept(tcp).await.map_err(|_| Stop::Close)?),
        };
        talk::serve(&mut stream).await.map_err(|_| Stop::Close)?;
        let mut buffer = vec![0; 64 * 1024];
        let mut messages = Vec::new();
        loop {
            let behaviour = self.behaviour.borrow_and_update().clone();
            let (deadline, stop) = self.deadline(&behaviour);
            if deadline <= Instant::now() {
                return Err(stop);
            }
            if let (Some(_), Behaviour::Flood(bytes)) = (self.published, &behaviour) {
                tokio::select! {
                    written = stream.write_all(bytes) => written.map_err(|_| Stop::Close)?,
                    _ = self.behaviour.changed() => {}
                }
                continue;
            }
            if let (Some(_), Behaviour::Say(bytes), false) = (self.published, &behaviour, self.said) {
                self.said = true;
                let _ = stream.write_all(bytes).await;
            }
            if let (Some(_), Behaviour::ChunkSize(size), false) = (self.published, &behaviour, self.said) {
                self.said = true;
                let _ = talk::say(&mut stream, self.chunk, &[control(CHUNK_SIZE, *size)]).await;
                self.chunk = (*size as usize).max(1);
            }
            let (deaf, most) = match behaviour {
                Behaviour::Deaf if self.published.is_some() => (true, buffer.len()),
                Behaviour::Slow(rate) => (false, (rate as usize / 50).clamp(1, buffer.len())),
                _ => (false, buffer.len()),
            };
            tokio::select! {
                changed = self.behaviour.changed() => if changed.is_err() { return Err(Stop::Close) },
                () = sleep_until(deadline) => return Err(stop),
                count = stream.read(&mut buffer[..most]), if !deaf => {
                    let count = count.map_err(|_| Stop::Close)?;
                    if count == 0 {
                        return Ok(());
                    }
                    self.read += count as u64;
                    if self.reader.read(&buffer[..count], &mut messages).is_err_and(|fault| self.garbled(fault.0)) {
                        return Err(Stop::Close);
                    }
                    for message in messages.drain(..) {
                        if self.handle(&mut stream, message).await.is_err() {
                            return Err(Stop::Close);
                        }
                    }
                    if self.read - self.acknowledged >= u64::from(WINDOW) && self.published.is_some() {
                        self.acknowledged = self.read;
                        let acknowledgement = control(ACKNOWLEDGE, self.read as u32);
                        talk::say(&mut stream, self.chunk, &[acknowledgement]).await.map_err(|_| Stop::Close)?;
                    }
                }
            }
            if matches!(behaviour, Behaviour::Slow(_)) {
                sleep(SIP).await;
            }
        }
    }

    fn garbled(&mut self, words: String) -> bool {
        let mut ledger = self.shared.ledger();
        ledger.garbled += 1;
        ledger.note(|| words);
        true
    }

    /// When this connection is to end, and how.
    fn deadline(&self, behaviour: &Behaviour) -> (Instant, Stop) {
        let never = Instant::now() + FAR;
        let published = |after: Duration| self.published.map_or(never, |at| at + after);
        match behaviour {
            Behaviour::Down => (Instant::now(), Stop::Close),
            Behaviour::CutAfter(after) => (published(*after), Stop::Close),
            Behaviour::ResetAfter(after) => (published(*after), Stop::Reset),
            Behaviour::CutIdle(after) if self.published.is_some() => (self.heard + *after, Stop::Close),
            _ => (never, Stop::Close),
        }
    }

    async fn wait_while(&mut self, behaviour: &Behaviour) -> Result<(), Stop> {
        match self.behaviour.wait_for(|present| present != behaviour).await {
            Ok(_) => Ok(()),
            Err(_) => Err(Stop::Close),
        }
    }

    async fn handle(&mut self, stream: &mut Stream, message: Message) -> Result<()> {
        match message.kind {
            AUDIO | VIDEO | DATA => {
                if message.kind != DATA {
                    self.heard = Instant::now();
                }
                self.shared.ledger().take(self.began, &message);
                Ok(())
            }
            COMMAND => self.command(stream, &amf::decode(&message.payload)).await,
            // A ping is answered with its own time.
            USER_CONTROL if message.payload.starts_with(&[0, 6]) => {
                let mut payload = message.payload;
                payload[1] = 7;
                talk::say(stream, self.chunk, &[Message { kind: USER_CONTROL, stream: 0, timestamp: 0, payload }]).await
            }
            _ => Ok(()),
        }
    }

    async fn command(&mut self, stream: &mut Stream, values: &[Value]) -> Result<()> {
        let name = values.first().and_then(Value::as_text).unwrap_or_default();
        let transaction = values.get(1).and_then(Value::as_number).unwrap_or_default();
        match name {
            "connect" => {
                if self.wait_while(&Behaviour::MuteConnect).await.is_err() {
                    return fault("stopped");
                }
                let refuses = *self.behaviour.borrow() == Behaviour::RefuseConnect;
                let (word, level, code) = if refuses {
                    ("_error", "error", "NetConnection.Connect.Rejected")
                } else {
                    ("_result", "status", "NetConnection.Connect.Success")
                };
                let info = Value::object(&[("level", level), ("code", code), ("description", "as told")]);
                let answer = command(0, word, transaction, &[Value::object(&[("fmsVer", "FMS/3,0,1,123")]), info]);
                talk::say(stream, self.chunk, &[control(WINDOW_SIZE, WINDOW), answer]).await?;
                if refuses { fault("refused") } else { Ok(()) }
            }
            "createStream" => {
                talk::say(stream, self.chunk, &[command(0, "_result", transaction, &[Value::Null, Value::Number(1.0)])])
                    .await
            }
            "publish" => self.publish(stream).await,
            "FCUnpublish" | "deleteStream" | "closeStream" => {
                self.in_order = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn publish(&mut self, stream: &mut Stream) -> Result<()> {
        self.shared.ledger().asked += 1;
        let behaviour = self.behaviour.borrow().clone();
        match behaviour {
            Behaviour::HangUp => return fault("hung up"),
            Behaviour::Refuse(code, words) => {
                talk::say(stream, self.chunk, &[status("error", code, words)]).await?;
                return fault("refused");
            }
            Behaviour::Late(by) => sleep(by).await,
            _ => {}
        }
        // As nginx does it: the words only once it is ready.
        self.shared.ledger().publish(self.began);
        (self.published, self.heard) = (Some(Instant::now()), Instant::now());
        talk::say(stream, self.chunk, &[status("status", "NetStream.Publish.Start", "as told")]).await
    }
}
