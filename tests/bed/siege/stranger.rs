//! Somebody who says anything, byte by byte.

use crate::bed::Result;
use crate::bed::field::{Message, Options, Value, amf, chunked, publish, talk};
use socket2::SockRef;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

/// One connection.
#[derive(Debug)]
pub struct Stranger {
    pub tcp: TcpStream,
    began: Instant,
}

impl Stranger {
    /// Connects, and says nothing.
    ///
    /// # Errors
    /// It is not accepted.
    pub async fn connect(to: SocketAddr, from: Ipv4Addr) -> Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((from, 0).into())?;
        let tcp = timeout(Duration::from_secs(5), socket.connect(to)).await??;
        tcp.set_nodelay(true)?;
        Ok(Self { tcp, began: Instant::now() })
    }

    /// Connects and shakes hands.
    ///
    /// # Errors
    /// The server does not.
    pub async fn greeted(to: SocketAddr, from: Ipv4Addr) -> Result<Self> {
        let mut stranger = Self::connect(to, from).await?;
        talk::greet(&mut stranger.tcp).await?;
        Ok(stranger)
    }

    /// Connects up to an answered `connect`.
    ///
    /// # Errors
    /// The server does not.
    pub async fn connected(to: SocketAddr, from: Ipv4Addr) -> Result<Self> {
        let mut stranger = Self::greeted(to, from).await?;
        stranger.send(&connect()).await;
        stranger.hears(b"NetConnection.Connect.Success", Duration::from_secs(2)).await;
        Ok(stranger)
    }

    /// Is let in with this key.
    ///
    /// # Errors
    /// It is not.
    pub async fn let_in(to: SocketAddr, key: &str, from: Ipv4Addr) -> Result<Self> {
        let options = Options { from: from.into(), chunk: 128, ..Options::of(3) };
        let tcp = timeout(Duration::from_secs(5), publish(to, key, &options)).await??;
        Ok(Self { tcp, began: Instant::now() })
    }

    /// Sends all of it, or as much as is taken within 5 s.
    pub async fn send(&mut self, bytes: &[u8]) -> bool {
        matches!(timeout(Duration::from_secs(5), self.tcp.write_all(bytes)).await, Ok(Ok(())))
    }

    /// Reads until the other side hangs up: how long after the connection was made, if it does `within` the time.
    pub async fn is_cut(&mut self, within: Duration) -> Option<Duration> {
        let mut buffer = vec![0; 64 << 10];
        let read = async { while self.tcp.read(&mut buffer).await.is_ok_and(|count| count > 0) {} };
        timeout(within, read).await.ok().map(|()| self.began.elapsed())
    }

    /// All that comes within the time.
    pub async fn listen(&mut self, time: Duration) -> Vec<u8> {
        let (mut all, mut buffer) = (Vec::new(), vec![0; 64 << 10]);
        let read = async {
            while let Ok(count @ 1..) = self.tcp.read(&mut buffer).await {
                all.extend_from_slice(&buffer[..count]);
            }
        };
        let _ = timeout(time, read).await;
        all
    }

    /// Whether these words come within the time.
    pub async fn hears(&mut self, words: &[u8], within: Duration) -> bool {
        let (mut all, mut buffer) = (Vec::new(), vec![0; 64 << 10]);
        let read = async {
            while let Ok(count @ 1..) = self.tcp.read(&mut buffer).await {
                all.extend_from_slice(&buffer[..count]);
                if all.windows(words.len()).any(|window| window == words) {
                    return true;
                }
            }
            false
        };
        timeout(within, read).await.unwrap_or(false)
    }

    /// Hangs up with RST.
    pub fn reset(self) {
        let _ = SockRef::from(&self.tcp).set_linger(Some(Duration::ZERO));
    }
}

/// A chunk with its header (RTMP 1.0, §5.3.1), right or wrong.
pub struct Chunk<'a> {
    pub format: u8,
    pub csid: u32,
    pub length: u32,
    pub kind: u8,
    pub body: &'a [u8],
}

impl Chunk<'_> {
    pub fn bytes(&self) -> Vec<u8> {
        let high = self.format << 6;
        let mut out = match self.csid {
            2..64 => vec![high | self.csid as u8],
            64..320 => vec![high, (self.csid - 64) as u8],
            _ => vec![high | 1, ((self.csid - 64) & 255) as u8, ((self.csid - 64) >> 8) as u8],
        };
        if self.format < 3 {
            out.extend([0; 3]);
        }
        if self.format < 2 {
            out.extend(&self.length.to_be_bytes()[1..]);
            out.push(self.kind);
        }
        if self.format == 0 {
            out.extend([0; 4]);
        }
        out.extend(self.body);
        out
    }
}

/// A message in chunks of 128 bytes.
pub fn said(kind: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    chunked(&Message { kind, stream, timestamp: 0, payload: payload.to_vec() }, 5, talk::CHUNK, &mut out);
    out
}

/// A command in chunks of 128 bytes.
pub fn call(stream: u32, name: &str, transaction: f64, rest: &[Value]) -> Vec<u8> {
    let mut out = Vec::new();
    chunked(&talk::command(stream, name, transaction, rest), 3, talk::CHUNK, &mut out);
    out
}

/// The command that begins a connection.
pub fn connect() -> Vec<u8> {
    let object =
        Value::object(&[("app", "live"), ("flashVer", "FMLE/3.0 (siege)"), ("tcUrl", "rtmp://host.example/live")]);
    call(0, "connect", 1.0, &[object])
}

/// AMF0 of a connect command's name and number, with anything behind.
pub fn connect_with(rest: &[u8]) -> Vec<u8> {
    [&amf::encode(&[Value::text("connect"), Value::Number(1.0)])[..], rest].concat()
}

/// One address of many.
pub fn host(network: u8, number: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, network, (number / 250) as u8, (number % 250) as u8 + 1)
}

/// The same for this app, by whoever calls itself so.
pub fn connecting_to(app: &str, who: &str) -> Vec<u8> {
    let object = Value::object(&[("app", app), ("flashVer", who), ("tcUrl", "rtmp://host.example/live")]);
    call(0, "connect", 1.0, &[object])
}

/// All that a client says up to its publish, in one piece.
pub fn session(key: &str) -> Vec<u8> {
    let mut bytes = vec![3];
    bytes.extend((0..1536_usize).map(|at| if at < 8 { 0 } else { (at * 7 + at / 251) as u8 }));
    // The second part of the handshake may be anything.
    bytes.extend([7; 1536]);
    bytes.extend(connect());
    bytes.extend(call(0, "createStream", 2.0, &[Value::Null]));
    bytes.extend(call(1, "publish", 3.0, &[Value::Null, Value::text(key), Value::text("live")]));
    bytes
}
