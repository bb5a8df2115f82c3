//! Entry points for the fuzzers of `fuzz/`, run by property tests too: any bytes, no panic, and `true` where what is
//! promised of them holds.

use super::amf::{self, AmfFault};
use super::chunk::{ChunkFault, ChunkReader, Limits, encode};
use super::client;
use super::fault::Fault;
use super::handshake::{self, Marks};
use super::link::Link;
use super::message::Message;
use super::server;
use futures_util::FutureExt as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, ReadBuf};

/// Bytes of a handshake from one side (RTMP 1.0 §5.2): one, and twice a packet.
const HANDSHAKE: usize = 1 + 2 * 1536;

/// Beside twice of what came, a reader may hold so much: room for one message, and a page for each that lies in its own.
const AHEAD: usize = 64 * 1024 + 8 * 4096;

/// A peer's bytes, so many of them a read.
struct Parts<'a> {
    rest: &'a [u8],
    split: usize,
}

impl AsyncRead for Parts<'_> {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let (part, rest) = self.rest.split_at(self.rest.len().min(self.split).min(buf.remaining()));
        buf.put_slice(part);
        self.rest = rest;
        Poll::Ready(Ok(()))
    }
}

/// `split`, where 0 means all at once.
fn part_of(bytes: &[u8], split: usize) -> usize {
    if split == 0 { bytes.len().max(1) } else { split }
}

/// Shakes hands with a peer that sends `bytes`, as its server or as its `client`: whether that ends alike with reads of
/// `split` bytes and with all at once, and gives back what is behind the handshake.
pub fn handshake(bytes: &[u8], client: bool, split: usize) -> bool {
    let once = shake(bytes, client, part_of(bytes, 0));
    let behind = bytes.get(HANDSHAKE..).filter(|_| bytes.first() == Some(&3));
    once.as_deref().ok() == behind && shake(bytes, client, part_of(bytes, split)) == once
}

fn shake(bytes: &[u8], client: bool, split: usize) -> Result<Vec<u8>, Fault> {
    let mut link = Link::new(tokio::io::join(Parts { rest: bytes, split }, Vec::new()));
    let shaken = if client {
        handshake::dial(&mut link, None).now_or_never()
    } else {
        handshake::serve(&mut link, &Marks::default()).now_or_never()
    };
    let said = link.stream().writer().len() + link.out.waiting().len();
    // Nothing is waited for: the peer's end is there.
    let shaken = shaken.filter(|_| said <= HANDSHAKE).unwrap_or(Err(Fault::Lost(io::ErrorKind::WouldBlock)));
    shaken.map(|behind| [&behind, link.stream().reader().rest].concat())
}

/// Reads `bytes` as chunks with the limits of a publisher: whether reads of `split` bytes (0: all at once) say what one
/// byte at a time does, in bounds, and what was read is read again from what is written of it.
pub fn chunks(bytes: &[u8], split: usize) -> bool {
    let Some((messages, fault)) = read(bytes, part_of(bytes, split)) else { return false };
    Some((messages.clone(), fault)) == read(bytes, 1)
        && messages.into_iter().all(|message| {
            let mut wire = Vec::new();
            encode(3, &message, 128, &mut wire);
            read(&wire, wire.len()) == Some((vec![message], None))
        })
}

/// What a reader makes of `bytes`; nothing where it holds more than it may.
fn read(bytes: &[u8], split: usize) -> Option<(Vec<Message>, Option<ChunkFault>)> {
    let mut reader = ChunkReader::new(Limits::BEFORE_PUBLISH);
    reader.set_limits(Limits::AFTER_PUBLISH);
    let mut messages = Vec::new();
    for (index, mut part) in bytes.chunks(split).enumerate() {
        loop {
            match reader.next(&mut part) {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                // A fault ends the connection; what was read before it counts.
                Err(fault) => return Some((messages, Some(fault))),
            }
        }
        if reader.allocated() > 2 * split * (index + 1) + AHEAD {
            return None;
        }
    }
    Some((messages, None))
}

/// Whether `wire`, read `split` bytes at a time (0: all at once), is these messages: of each its type, its stream, its
/// time and its payload.
pub fn reads_as<'a>(wire: &[u8], split: usize, messages: impl IntoIterator<Item = (u8, u32, u32, &'a [u8])>) -> bool {
    let Some((read, None)) = read(wire, part_of(wire, split)) else { return false };
    let mut messages = messages.into_iter();
    let same = |message: &Message| {
        let Message { kind, stream, timestamp, payload } = message;
        messages.next().is_some_and(|expected| expected == (*kind, *stream, *timestamp, payload))
    };
    read.iter().all(same) && messages.next().is_none()
}

/// Reads `bytes` as AMF0: whether what was read is the same after it was written and read again.
pub fn amf0(bytes: &[u8]) -> bool {
    let Ok(values) = amf::decode(bytes) else { return true };
    let wire = amf::encode(&values);
    match amf::decode(&wire) {
        // NaN is not itself, so bytes are compared.
        Ok(again) => amf::encode(&again) == wire,
        // Longer than what may be read: numbers of AMF0 are, where references were.
        Err(AmfFault::TooLong) => true,
        // One too many, where a value was added that the sender had left out.
        Err(AmfFault::TooMany) => values.len() == 3,
        Err(_) => false,
    }
}

/// Reads `bytes` as what an encoder or a player sends after the handshake: whether reads of `split` bytes give the packets
/// that all at once do, and no more bytes than came.
pub fn server(bytes: &[u8], split: usize) -> bool {
    let packets = server::rehearse(bytes, part_of(bytes, split));
    let brought: usize = packets.iter().map(|packet| packet.payload.len()).sum();
    let framed = packets.len() * server::SET_DATA_FRAME.len();
    brought <= bytes.len() + framed && go_together(&packets, &server::rehearse(bytes, part_of(bytes, 0)))
}

/// Reads `bytes` as what a server that is published to says after the handshake: whether reads of `split` bytes mean what
/// all at once do, and no word of it holds the key.
pub fn client(bytes: &[u8], split: usize) -> bool {
    let (events, fit) = client::rehearse(bytes, part_of(bytes, split));
    fit && go_together(&events, &client::rehearse(bytes, part_of(bytes, 0)).0)
}

/// The same of a server that is played from, and its media.
pub fn play(bytes: &[u8], split: usize) -> bool {
    let (media, fit) = client::rehearse_play(bytes, part_of(bytes, split));
    fit && go_together(&media, &client::rehearse_play(bytes, part_of(bytes, 0)).0)
}

/// Whether one goes on as the other begins. Who does not read its answers is cut off, and when depends on the reads.
fn go_together<T: PartialEq>(one: &[T], other: &[T]) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

/// Reads `words` as a server's reason for not taking a connection; whether what would be sent next stays in bounds.
pub fn login(words: &str) -> bool {
    client::rehearse_login(words)
}

/// Whether `words` of a server, as people are told them, are short, of one line, and hold neither the key of the request nor
/// the password.
pub fn words(app: &str, name: &str, password: &str, words: &str) -> bool {
    client::rehearse_words(app, name, password, words)
}
