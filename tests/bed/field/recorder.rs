//! A server that writes down all that a publisher or a player says before its media, and how it comes in. It takes everybody, or asks
//! for a login first, or names another server. One listener; every connection is kept apart.

use super::amf::{self, Value};
use super::talk::{self, command, control, status};
use super::wire::{AUDIO, COMMAND, Message, Reader, VIDEO};
use crate::bed::{Result, fault};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use telecast::demo::platform::{Certificate, login};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use login::{LetIn, Method};
use login::{Tokens, Verdict};

/// Connections that are kept, the newest.
const KEPT: usize = 64;
/// Messages of one connection that are written down.
const MESSAGES: usize = 64;
/// How long a client has to hang up that was turned away.
const LINGER: Duration = Duration::from_secs(1);
const CHUNK_SIZE: u8 = 1;
const USER_CONTROL: u8 = 4;
const WINDOW_SIZE: u8 = 5;

/// Whom it lets in.
#[derive(Clone, Debug)]
pub enum Door {
    /// Everybody.
    Open,
    /// Everybody, and calls that it need not know it answers with an error.
    Grumpy,
    /// Who logs in as this.
    Login(Method, LetIn),
    /// Everybody, up to a point.
    Refuses(Refusal),
    /// Nobody: these are the servers to go to, `ex.redirect` and `ex.redirect2`, each where it is given.
    Elsewhere(Option<String>, Option<String>),
}

/// How a platform says no.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// At `publish`, else at `connect`.
    pub at_publish: bool,
    /// It says that the publish has begun first.
    pub starts: bool,
    /// The status that it sends, code and description.
    pub says: Option<(String, String)>,
    /// So long later it hangs up.
    pub closes: Duration,
}

/// What one connection said.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// The name that it asked for in TLS.
    pub sni: Option<String>,
    /// The object of `connect`, in its order.
    pub connect: Vec<(String, Value)>,
    /// Everything in its order: control messages and commands by name, each with its numbers and strings.
    pub said: Vec<(String, Vec<String>)>,
    /// Whether it was let in.
    pub admitted: bool,
    /// Pictures and sounds.
    pub media: usize,
}

impl Heard {
    /// A field of `connect`, as text.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.connect.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.as_text())
    }

    /// What was said with a command or a control message.
    pub fn with(&self, name: &str) -> Option<&[String]> {
        self.said.iter().find(|(said, _)| said == name).map(|(_, with)| &**with)
    }
}

struct Shared {
    /// By the number of the connection.
    heard: Mutex<BTreeMap<u64, Heard>>,
    /// The number of the next connection.
    next: AtomicU64,
    /// Connections with lower numbers are forgotten.
    fresh: AtomicU64,
    door: Door,
    tokens: Mutex<Tokens>,
    tls: Option<TlsAcceptor>,
}

/// A running server. Dropping it stops it.
pub struct Recorder {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: CancellationToken,
}

impl Recorder {
    /// Listens on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// No port is free.
    pub async fn start(door: Door) -> Result<Self> {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), door, None).await
    }

    /// At an address, over TLS where there is a certificate.
    ///
    /// # Errors
    /// The address is not free, or the certificate is none.
    pub async fn start_at(address: SocketAddr, door: Door, certificate: Option<&Certificate>) -> Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let tls = certificate.map(acceptor).transpose()?;
        let (heard, tokens, next, fresh) = Default::default();
        let shared = Arc::new(Shared { heard, next, fresh, door, tokens, tls });
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let (serving, ends) = (Arc::clone(&shared), stop.clone());
        let connections = tasks.clone();
        tasks.spawn(stop.clone().run_until_cancelled_owned(async move {
            let mut number = 0;
            while let Ok((tcp, _)) = listener.accept().await {
                number += 1;
                serving.next.store(number + 1, Ordering::Relaxed);
                let session = Session { shared: Arc::clone(&serving), number, heard: Heard::default() };
                connections.spawn(ends.clone().run_until_cancelled_owned(session.run(tcp)));
            }
        }));
        Ok(Self { address, shared, stop })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// All connections that said something, in their order.
    pub fn heard(&self) -> Vec<Heard> {
        lock(&self.shared.heard).values().cloned().collect()
    }

    /// The first connection that `look` wants, waited for.
    ///
    /// # Errors
    /// None came `within` the time.
    pub async fn until(&self, what: &str, within: Duration, look: impl Fn(&Heard) -> bool) -> Result<Heard> {
        let found = || lock(&self.shared.heard).values().find(|heard| look(heard)).cloned();
        crate::bed::until(what, within, found).await.map_err(|mut fault| {
            fault.0 += &format!(" at {}; it heard {:?}", self.address, self.heard());
            fault
        })
    }

    /// Forgets what it has heard, and what those who are connected say from now on.
    pub fn forget(&self) {
        self.shared.fresh.store(self.shared.next.load(Ordering::Relaxed), Ordering::Relaxed);
        lock(&self.shared.heard).clear();
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn acceptor(certificate: &Certificate) -> Result<TlsAcceptor> {
    let chain = CertificateDer::pem_slice_iter(certificate.chain_pem.as_bytes()).collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_slice(certificate.key_pem.as_bytes())?;
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()));
    let config = config.with_safe_default_protocol_versions()?.with_no_client_auth();
    let mut config = config.with_single_cert(chain, key)?;
    // Debian's librtmp takes a ticket for the end of the connection.
    config.send_tls13_tickets = 0;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// With or without TLS.
trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Duplex for S {}

struct Session {
    shared: Arc<Shared>,
    number: u64,
    heard: Heard,
}

impl Session {
    async fn run(mut self, tcp: TcpStream) {
        let _ = tcp.set_nodelay(true);
        let mut stream: Box<dyn Duplex> = match &self.shared.tls {
            None => Box::new(tcp),
            Some(tls) => {
                let Ok(tls) = tls.clone().accept(tcp).await else { return };
                self.heard.sni = tls.get_ref().1.server_name().map(str::to_owned);
                Box::new(tls)
            }
        };
        // How a publisher ends is not what it is here for.
        if self.converse(&mut stream).await.is_err() {
            let _ = stream.shutdown().await;
            let drained = async { while stream.read(&mut [0; 1024]).await.is_ok_and(|count| count > 0) {} };
            let _ = tokio::time::timeout(LINGER, drained).await;
        }
    }

    async fn converse(&mut self, stream: &mut Box<dyn Duplex>) -> Result<()> {
        talk::serve(stream).await?;
        let (mut reader, mut buffer, mut messages) = (Reader::default(), vec![0; 16 * 1024], Vec::new());
        loop {
            let count = stream.read(&mut buffer).await?;
            if count == 0 {
                return Ok(());
            }
            reader.read(&buffer[..count], &mut messages)?;
            for message in messages.drain(..) {
                self.handle(stream, message).await?;
            }
        }
    }

    async fn handle(&mut self, stream: &mut Box<dyn Duplex>, message: Message) -> Result<()> {
        match message.kind {
            AUDIO | VIDEO => {
                self.heard.media += 1;
                self.keep();
                Ok(())
            }
            CHUNK_SIZE | WINDOW_SIZE => {
                let number = message.payload.first_chunk().map(|bytes| u32::from_be_bytes(*bytes).to_string());
                let name = if message.kind == CHUNK_SIZE { "SetChunkSize" } else { "WindowAcknowledgementSize" };
                self.note(name, number.into_iter().collect());
                Ok(())
            }
            // A ping is answered with its own time.
            USER_CONTROL if message.payload.starts_with(&[0, 6]) => {
                let mut payload = message.payload;
                payload[1] = 7;
                let pong = Message { kind: USER_CONTROL, stream: 0, timestamp: 0, payload };
                talk::say(stream, talk::CHUNK, &[pong]).await
            }
            COMMAND => self.command(stream, &amf::decode(&message.payload)).await,
            _ => Ok(()),
        }
    }

    fn note(&mut self, name: &str, with: Vec<String>) {
        if self.heard.said.len() < MESSAGES {
            self.heard.said.push((name.to_owned(), with));
        }
        self.keep();
    }

    fn keep(&mut self) {
        if self.number < self.shared.fresh.load(Ordering::Relaxed) {
            return;
        }
        let mut kept = lock(&self.shared.heard);
        kept.insert(self.number, self.heard.clone());
        if kept.len() > KEPT {
            kept.pop_first();
        }
    }

    async fn command(&mut self, stream: &mut Box<dyn Duplex>, values: &[Value]) -> Result<()> {
        let name = values.first().and_then(Value::as_text).unwrap_or_default();
        let transaction = values.get(1).and_then(Value::as_number).unwrap_or_default();
        if let ("connect", Some(Value::Object(fields))) = (name, values.get(2)) {
            self.heard.connect.clone_from(fields);
        }
        let with = values.iter().skip(3).filter_map(Value::as_text).map(str::to_owned).collect();
        self.note(name, with);
        if name != "connect" && !self.heard.admitted {
            return fault("not let in");
        }
        match name {
            "connect" => self.judge(stream, transaction).await,
            "createStream" => {
                let answer = command(0, "_result", transaction, &[Value::Null, Value::Number(1.0)]);
                talk::say(stream, talk::CHUNK, &[answer]).await
            }
            "publish" if matches!(&self.shared.door, Door::Refuses(how) if how.at_publish) => self.refuse(stream).await,
            "play" => talk::say(stream, talk::CHUNK, &[status("status", "NetStream.Play.Start", "as told")]).await,
            "publish" => {
                talk::say(stream, talk::CHUNK, &[status("status", "NetStream.Publish.Start", "as told")]).await
            }
            "releaseStream" | "FCPublish" | "_checkbw" if matches!(self.shared.door, Door::Grumpy) => {
                let no = [("level", "error"), ("code", "NetConnection.Call.Failed"), ("description", "no such call")];
                let answer = command(0, "_error", transaction, &[Value::Null, Value::object(&no)]);
                talk::say(stream, talk::CHUNK, &[answer]).await
            }
            _ => Ok(()),
        }
    }

    async fn refuse(&mut self, stream: &mut Box<dyn Duplex>) -> Result<()> {
        let Door::Refuses(how) = &self.shared.door else { return Ok(()) };
        let mut said = Vec::new();
        if how.starts {
            said.push(status("status", "NetStream.Publish.Start", "as told"));
        }
        said.extend(how.says.iter().map(|(code, why)| status("error", code, why)));
        talk::say(stream, talk::CHUNK, &said).await?;
        tokio::time::sleep(how.closes).await;
        fault("refused")
    }

    async fn judge(&mut self, stream: &mut Box<dyn Duplex>, transaction: f64) -> Result<()> {
        let (mut words, mut more) = (String::new(), Vec::new());
        match &self.shared.door {
            Door::Refuses(Refusal { at_publish: false, says: Some((code, why)), closes, .. }) => {
                let info = Value::object(&[("level", "error"), ("code", code), ("description", why)]);
                let answer = command(0, "_error", transaction, &[Value::Null, info]);
                talk::say(stream, talk::CHUNK, &[answer]).await?;
                tokio::time::sleep(*closes).await;
                return fault("refused");
            }
            Door::Open | Door::Grumpy | Door::Refuses(_) => self.heard.admitted = true,
            Door::Login(method, account) => {
                let both = (self.heard.field("app").unwrap_or_default(), self.heard.field("tcUrl").unwrap_or_default());
                match login::judge(*method, account, both, &mut lock(&self.shared.tokens)) {
                    Verdict::In => self.heard.admitted = true,
                    Verdict::Out(why) => words = why,
                }
            }
            Door::Elsewhere(redirect, redirect2) => {
                let given = [("redirect", redirect), ("redirect2", redirect2)];
                let given =
                    given.into_iter().filter_map(|(key, to)| Some((key.to_owned(), Value::text(to.as_deref()?))));
                let code = ("code".to_owned(), Value::Number(302.0));
                more.push(("ex".to_owned(), Value::Object([code].into_iter().chain(given).collect())));
                words = "RTMP 302 REDIRECT".to_owned();
            }
        }
        self.keep();
        let (word, level, code) = if self.heard.admitted {
            ("_result", "status", "NetConnection.Connect.Success")
        } else {
            ("_error", "error", "NetConnection.Connect.Rejected")
        };
        let mut info = vec![("level", level), ("code", code), ("description", &*words)];
        info.retain(|(_, value)| !value.is_empty());
        let Value::Object(mut info) = Value::object(&info) else { return fault("no object") };
        info.extend(more);
        // ffmpeg looks for the reason in the first object that there is.
        let fms = if self.heard.admitted { Value::object(&[("fmsVer", "FMS/3,5,7,7009")]) } else { Value::Null };
        let answer = command(0, word, transaction, &[fms, Value::Object(info)]);
        talk::say(stream, talk::CHUNK, &[control(WINDOW_SIZE, 2_500_000), answer]).await?;
        if let Door::Refuses(Refusal { at_publish: false, closes, .. }) = self.shared.door {
            tokio::time::sleep(closes).await;
            return fault("refused");
        }
        if self.heard.admitted {
            return Ok(());
        }
        // librtmp waits for this before it comes again.
        talk::say(stream, talk::CHUNK, &[command(0, "close", 0.0, &[Value::Null])]).await?;
        fault("turned away")
    }
}
