//! A web server in place of all platforms' pages: it answers every question in one manner, and remembers what it was
//! asked. Read [`StandIn`] first, then [`Gate`] (platforms that answer nobody but an application).

mod gate;

pub use gate::{Gate, ID, SECRET};

use super::Result;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinHandle;

/// How it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// With the answer.
    Well,
    /// With an HTTP error, and the answer as its body.
    Status(u16),
    /// With 429 and when to come again.
    Later,
    /// With another web page: a login, a captcha.
    Html,
    /// It never gets to the end of it.
    Slow,
    /// With 10 MB: after the answer, or before it.
    Long { after: bool },
}

/// What it was asked.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// `GET host/path?query`.
    pub line: String,
    /// The type of what was posted.
    pub kind: String,
    /// Its headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// What was posted.
    pub body: String,
}

#[derive(Default)]
struct Seen {
    asked: Vec<Asked>,
    /// The first question that was let through.
    finds: Option<String>,
    sent: usize,
}

pub struct StandIn {
    address: std::net::SocketAddr,
    seen: Arc<Mutex<Seen>>,
    serve: JoinHandle<()>,
}

impl StandIn {
    /// Answers in `manner` with `body`; the first question with `found`, where there is that.
    pub async fn start(manner: Manner, found: Option<String>, body: String) -> Result<Self> {
        Self::gated(Arc::default(), manner, found, body).await
    }

    /// The same, where `gate` lets a question through.
    pub async fn gated(gate: Arc<Gate>, manner: Manner, found: Option<String>, body: String) -> Result<Self> {
        let socket = TcpSocket::new_v4()?;
        // What was not taken must not count because it lies in a buffer here.
        socket.set_send_buffer_size(64 * 1024)?;
        socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let listener = socket.listen(64)?;
        let address = listener.local_addr()?;
        let seen = Arc::<Mutex<Seen>>::default();
        let noted = seen.clone();
        #[allow(clippy::disallowed_methods)] // ended by hand
        let serve = tokio::spawn(async move {
            while let Ok((mut tcp, _)) = listener.accept().await {
                let Ok(asked) = read(&mut tcp).await else { continue };
                let said = gate.judge(&asked);
                // A name is found by the first question of its kind, again and again.
                let finds =
                    said.is_none() && *look(&noted).finds.get_or_insert_with(|| asked.line.clone()) == asked.line;
                look(&noted).asked.push(asked);
                let (manner, text) = match (&said, &found) {
                    (Some((manner, text)), _) => (*manner, text),
                    (None, Some(found)) if finds => (Manner::Well, found),
                    (None, _) => (manner, &body),
                };
                let _whether_taken = answer(&mut tcp, manner, text, &noted).await;
            }
        });
        Ok(Self { address, seen, serve })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<String> {
        look(&self.seen).asked.iter().map(|asked| asked.line.clone()).collect()
    }

    /// What it was asked, and how many bytes were taken of it.
    pub async fn end(self) -> (Vec<Asked>, usize) {
        self.serve.abort();
        let _ended = self.serve.await;
        let seen = look(&self.seen);
        (seen.asked.clone(), seen.sent)
    }
}

fn look(seen: &Mutex<Seen>) -> std::sync::MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn read(tcp: &mut TcpStream) -> std::io::Result<Asked> {
    let mut text = Vec::new();
    loop {
        let head = String::from_utf8_lossy(&text).into_owned();
        if let Some((head, body)) = head.split_once("\r\n\r\n") {
            let fields = head.lines().filter_map(|line| line.split_once(": "));
            let headers: BTreeMap<_, _> =
                fields.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
            let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
            if body.len() >= length {
                let line = head.lines().next().unwrap_or_default().trim_end_matches(" HTTP/1.1").replacen(" /", " ", 1);
                let kind = headers.get("content-type").cloned().unwrap_or_default();
                return Ok(Asked { line, kind, headers, body: body.to_owned() });
            }
        }
        let mut more = [0; 4096];
        match tcp.read(&mut more).await? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            read => text.extend_from_slice(&more[..read]),
        }
    }
}

async fn answer(tcp: &mut TcpStream, manner: Manner, body: &str, seen: &Mutex<Seen>) -> std::io::Result<()> {
    const PAGE: &str = "<!DOCTYPE html><html><head><title>Log in</title></head><body><form></form></body></html>";
    let long = || "x".repeat(10_000_000);
    let (status, more, text) = match manner {
        Manner::Well | Manner::Slow => ("200 OK".to_owned(), "", body.to_owned()),
        Manner::Status(status) => (format!("{status} No"), "", body.to_owned()),
        Manner::Later => ("429 Too Many Requests".to_owned(), "Retry-After: 120\r\n", body.to_owned()),
        Manner::Html => ("200 OK".to_owned(), "", PAGE.to_owned()),
        Manner::Long { after: true } => ("200 OK".to_owned(), "", format!("{body}{}", long())),
        // Read to its end, it would be an answer.
        Manner::Long { after: false } if body.starts_with('{') => {
            ("200 OK".to_owned(), "", format!("{{\"pad\":\"{}\",{}", long(), &body[1..]))
        }
        Manner::Long { after: false } => ("200 OK".to_owned(), "", format!("{}{body}", long())),
    };
    let head = format!("HTTP/1.1 {status}\r\n{more}Connection: close\r\nContent-Length: {}\r\n\r\n", text.len());
    tcp.write_all(head.as_bytes()).await?;
    if manner == Manner::Slow {
        tcp.write_all(&text.as_bytes()[..text.len() / 2]).await?;
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    for part in text.as_bytes().chunks(64 * 1024) {
        tcp.write_all(part).await?;
        look(seen).sent += part.len();
    }
    tcp.shutdown().await
}
