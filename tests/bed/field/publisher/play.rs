//! The task of one encoder: what is due goes out, orders are obeyed.

use super::{Clip, Count, End, Message, Options, Order, Published, Stamp, VIDEO, chunked, command, now};
use crate::bed::field::amf::Value;
use crate::bed::field::wire::AUDIO;
use socket2::SockRef;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// Bytes that wait for the relay before no more are made.
const ENOUGH: usize = 1 << 20;

pub(super) struct Play {
    tcp: TcpStream,
    clip: Arc<Clip>,
    published: Arc<Mutex<Published>>,
    source: u16,
    chunk: usize,
    /// What is to be written, from `at` on, and since when.
    out: Vec<u8>,
    at: usize,
    since: u64,
    number: u64,
    /// The frame of `zero.1` ms is due at `zero.0`.
    zero: (Instant, u64),
    pace: f64,
    stalled: bool,
    keyframes: bool,
    only: Option<u8>,
    /// Added to every timestamp.
    shift: i64,
    jitter: u32,
    interleaves: bool,
    /// The number of the picture's codec in FLV.
    codec: u8,
    /// A picture's chunks that wait for a sound to be put between them.
    parted: Vec<u8>,
}

impl Play {
    pub(super) fn new(tcp: TcpStream, clip: Arc<Clip>, options: &Options, published: Arc<Mutex<Published>>) -> Self {
        let mut play = Self {
            tcp,
            clip: Arc::clone(&clip),
            published,
            source: options.source,
            chunk: options.chunk,
            out: Vec::new(),
            at: 0,
            since: now(),
            number: 0,
            zero: (Instant::now(), 0),
            pace: 1.0,
            stalled: !options.plays,
            keyframes: true,
            only: None,
            shift: i64::from(options.base),
            jitter: 0,
            interleaves: false,
            codec: 7,
            parted: Vec::new(),
        };
        if options.headers {
            for (kind, payload) in clip.headers() {
                play.message(*kind, play.shift as u32, payload.clone());
            }
        }
        play
    }

    pub(super) async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        let why = self.work(&mut orders).await;
        let why = why.err().map_or_else(|| "as told".to_owned(), |error| error.to_string());
        self.note(|published| published.ended = Some((now(), why)));
    }

    fn note(&self, note: impl FnOnce(&mut Published)) {
        note(&mut self.published.lock().unwrap_or_else(PoisonError::into_inner));
    }

    async fn work(&mut self, orders: &mut mpsc::Receiver<Order>) -> io::Result<()> {
        let mut buffer = [0; 4096];
        loop {
            let (pending, due) = (self.at < self.out.len(), self.due());
            let makes = !self.stalled && self.out.len() - self.at < ENOUGH;
            tokio::select! {
                biased;
                order = orders.recv() => match order {
                    Some(Order::End(end)) => return self.end(end, orders).await,
                    Some(order) => self.obey(order),
                    None => return Ok(()),
                },
                ready = self.tcp.writable(), if pending => {
                    ready?;
                    self.write()?;
                }
                () = sleep_until(due), if makes => self.frame(),
                ready = self.tcp.readable() => {
                    ready?;
                    match self.tcp.try_read(&mut buffer) {
                        Ok(0) => return Err(io::Error::other("closed by the relay")),
                        Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
                        _ => {}
                    }
                }
            }
        }
    }

    fn write(&mut self) -> io::Result<()> {
        match self.tcp.try_write(&self.out[self.at..]) {
            Ok(count) => self.at += count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        let waited = now() - self.since;
        self.note(|published| published.blocked = published.blocked.max(waited));
        if self.at == self.out.len() {
            self.out.clear();
            self.at = 0;
        }
        Ok(())
    }

    /// When the next frame is to go out.
    fn due(&self) -> Instant {
        let (at, zero) = self.zero;
        let ms = self.clip.unit(self.number).1.saturating_sub(zero) as f64 / self.pace;
        at + Duration::from_secs_f64(ms / 1000.0)
    }

    fn obey(&mut self, order: Order) {
        let place = self.clip.unit(self.number).1;
        match order {
            Order::Stall => {
                self.stalled = true;
                let parted = std::mem::take(&mut self.parted);
                self.push(&parted);
            }
            Order::GoOn => {
                // The clock went on, the frames did not.
                let gone = self.due().elapsed().as_millis() as i64;
                self.shift += gone;
                (self.stalled, self.zero) = (false, (Instant::now(), place));
            }
            Order::CatchUp => self.stalled = false,
            Order::Pace(pace) => (self.pace, self.zero) = (pace, (Instant::now(), place)),
            Order::Jump(ms) => self.shift += ms,
            Order::Jitter(ms) => self.jitter = ms,
            Order::Keyframes(marked) => self.keyframes = marked,
            Order::Only(kind) => self.only = kind,
            Order::Interleave => self.interleaves = true,
            Order::Codec(number, header) => {
                self.codec = number;
                self.message(VIDEO, (place as i64 + self.shift) as u32, header);
            }
            Order::Send(bytes) => self.push(&bytes),
            Order::End(_) => {}
        }
    }

    fn frame(&mut self) {
        let (unit, time) = self.clip.unit(self.number);
        let (kind, keyframe) = (unit.kind, unit.keyframe);
        let (number, sent) = (self.number, now());
        self.number += 1;
        let mut payload = self.clip.payload(Stamp { source: self.source, number, sent });
        let count = Count { frames: 1, bytes: payload.len() as u64 };
        if self.only.is_some_and(|only| only != kind) {
            self.note(|published| {
                published.next = number + 1;
                published.held += count;
            });
            return;
        }
        if kind == VIDEO {
            let marked = keyframe && self.keyframes;
            payload[0] = if marked { 0x10 } else { 0x20 } | self.codec;
        }
        let jitter = if number % 4 < 2 { i64::from(self.jitter) } else { -i64::from(self.jitter) };
        self.message(kind, (time as i64 + self.shift + jitter) as u32, payload);
        let marked = keyframe && self.keyframes;
        self.note(|published| {
            published.next = number + 1;
            published.sent += count;
            published.first.get_or_insert(sent);
            if marked {
                published.keyframe = Some(sent);
            }
        });
    }

    fn message(&mut self, kind: u8, timestamp: u32, payload: Vec<u8>) {
        let csid = match kind {
            AUDIO => 4,
            VIDEO => 6,
            _ => 5,
        };
        // One that joins at a keyframe has no use for a sound that came before it.
        let parts = kind == VIDEO && payload[0] >> 4 != 1;
        let mut bytes = Vec::with_capacity(payload.len() + payload.len() / self.chunk + 32);
        chunked(&Message { kind, stream: 1, timestamp, payload }, csid, self.chunk, &mut bytes);
        if !self.interleaves {
            return self.push(&bytes);
        }
        let parted = std::mem::take(&mut self.parted);
        // Behind its first chunk; below 2^24 ms a first header has 12 bytes.
        let seam = if kind == AUDIO { parted.len().min(12 + self.chunk) } else { parted.len() };
        self.push(&parted[..seam]);
        if parts {
            self.parted = bytes;
        } else {
            self.push(&bytes);
        }
        self.push(&parted[seam..]);
    }

    fn push(&mut self, bytes: &[u8]) {
        if self.at == self.out.len() {
            self.since = now();
        }
        self.out.extend_from_slice(bytes);
    }

    async fn end(&mut self, end: End, orders: &mut mpsc::Receiver<Order>) -> io::Result<()> {
        match end {
            End::Close => {}
            End::Reset => SockRef::from(&self.tcp).set_linger(Some(Duration::ZERO))?,
            // The socket stays as long as this task does.
            End::Vanish => while orders.recv().await.is_some() {},
            End::Goodbye => {
                let words = [Value::Null, Value::text("field")];
                let number = [Value::Null, Value::Number(1.0)];
                let bye = [command(0, "FCUnpublish", 6.0, &words), command(0, "deleteStream", 7.0, &number)];
                let mut bytes = Vec::new();
                bye.iter().for_each(|message| chunked(message, 3, self.chunk, &mut bytes));
                self.push(&bytes);
                while self.at < self.out.len() {
                    self.tcp.writable().await?;
                    self.write()?;
                }
                // A close with unread answers would be a reset that overtakes the goodbye.
                let mut buffer = [0; 4096];
                while !matches!(self.tcp.try_read(&mut buffer), Ok(0) | Err(_)) {}
            }
        }
        Ok(())
    }
}
