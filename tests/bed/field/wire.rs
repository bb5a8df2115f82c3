//! RTMP chunks (RTMP 1.0, §5.3) by other code than the project's: an independent peer.

use crate::bed::{Result, fault};
use std::collections::HashMap;

/// Message types.
pub const AUDIO: u8 = 8;
/// See [`AUDIO`].
pub const VIDEO: u8 = 9;
/// AMF0 data.
pub const DATA: u8 = 18;
/// AMF0 commands.
pub const COMMAND: u8 = 20;

/// More than this in one message is nothing that a relay sends.
const LONGEST: usize = 16 << 20;

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its type.
    pub kind: u8,
    /// The message stream.
    pub stream: u32,
    /// Milliseconds modulo 2^32.
    pub timestamp: u32,
    /// Its body.
    pub payload: Vec<u8>,
}

/// Appends a message in chunks: a full header first, type 3 after it.
pub fn chunked(message: &Message, csid: u8, chunk: usize, out: &mut Vec<u8>) {
    let extended = message.timestamp >= 0xff_ffff;
    let time = if extended { 0xff_ffff } else { message.timestamp };
    out.push(csid);
    out.extend(&time.to_be_bytes()[1..]);
    out.extend(&(message.payload.len() as u32).to_be_bytes()[1..]);
    out.push(message.kind);
    out.extend(message.stream.to_le_bytes());
    for (index, part) in message.payload.chunks(chunk).enumerate() {
        if index > 0 {
            out.push(0xc0 | csid);
        }
        if extended {
            out.extend(message.timestamp.to_be_bytes());
        }
        out.extend(part);
    }
}

#[derive(Default)]
struct Stream {
    timestamp: u32,
    delta: u32,
    length: usize,
    kind: u8,
    stream: u32,
    extended: bool,
    payload: Vec<u8>,
    open: bool,
}

/// Chunks to messages.
pub struct Reader {
    chunk: usize,
    streams: HashMap<u32, Stream>,
    pending: Vec<u8>,
    /// The chunk stream of a chunk that is not whole, and what it lacks.
    left: Option<(u32, usize)>,
}

impl Default for Reader {
    fn default() -> Self {
        Self { chunk: 128, streams: HashMap::new(), pending: Vec::new(), left: None }
    }
}

impl Reader {
    /// Takes all of `bytes` and appends every message that is whole.
    ///
    /// # Errors
    /// What the specification forbids.
    pub fn read(&mut self, bytes: &[u8], out: &mut Vec<Message>) -> Result<()> {
        self.pending.extend_from_slice(bytes);
        let pending = std::mem::take(&mut self.pending);
        let mut at = 0;
        while at < pending.len() {
            match self.left.take() {
                Some((csid, lacks)) => {
                    let part = lacks.min(pending.len() - at);
                    let Some(stream) = self.streams.get_mut(&csid) else { return fault("a chunk of nothing") };
                    stream.payload.extend_from_slice(&pending[at..at + part]);
                    at += part;
                    if part < lacks {
                        self.left = Some((csid, lacks - part));
                    } else {
                        self.finish(csid, out);
                    }
                }
                None => match self.header(&pending[at..])? {
                    Some((csid, length)) => {
                        at += length;
                        let stream = &self.streams[&csid];
                        match (stream.length - stream.payload.len()).min(self.chunk) {
                            0 => self.finish(csid, out),
                            lacks => self.left = Some((csid, lacks)),
                        }
                    }
                    None => break,
                },
            }
        }
        self.pending = pending[at..].to_vec();
        Ok(())
    }

    /// A chunk's header: its chunk stream and its length. `None`: it is not whole yet.
    fn header(&mut self, bytes: &[u8]) -> Result<Option<(u32, usize)>> {
        let (format, low) = (bytes[0] >> 6, u32::from(bytes[0] & 63));
        let (csid, mut at) = match (low, bytes) {
            (0, [_, a, ..]) => (64 + u32::from(*a), 2),
            (1, [_, a, b, ..]) => (64 + u32::from(*a) + 256 * u32::from(*b), 3),
            (0 | 1, _) => return Ok(None),
            (csid, _) => (csid, 1),
        };
        let known = self.streams.get(&csid);
        if known.is_none() && format != 0 {
            return fault(format!("chunk stream {csid} begins with format {format}"));
        }
        let open = known.is_some_and(|stream| stream.open);
        if open && format != 3 {
            return fault(format!("chunk stream {csid} begins a message inside another"));
        }
        let size = [11, 7, 3, 0][usize::from(format)];
        let Some(head) = bytes.get(at..at + size) else { return Ok(None) };
        at += size;
        let number = |bytes: &[u8]| bytes.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte));
        let mut time = if size > 0 { number(&head[..3]) } else { 0 };
        let extended = if size > 0 { time == 0xff_ffff } else { known.is_some_and(|stream| stream.extended) };
        if extended {
            let Some(field) = bytes.get(at..at + 4) else { return Ok(None) };
            time = number(field);
            at += 4;
        }
        let stream = self.streams.entry(csid).or_default();
        if open && extended && time != stream.timestamp {
            return fault(format!("chunk stream {csid}: a continuation says {time} ms, not {}", stream.timestamp));
        }
        if size >= 7 {
            (stream.length, stream.kind) = (number(&head[3..6]) as usize, head[6]);
        }
        if size == 11 {
            stream.stream = u32::from_le_bytes([head[7], head[8], head[9], head[10]]);
        }
        if size > 0 {
            stream.extended = extended;
        }
        if stream.length > LONGEST {
            return fault(format!("a message of {} bytes", stream.length));
        }
        if !open {
            match format {
                0 => (stream.timestamp, stream.delta) = (time, 0),
                3 => stream.timestamp = stream.timestamp.wrapping_add(stream.delta),
                _ => (stream.timestamp, stream.delta) = (stream.timestamp.wrapping_add(time), time),
            }
            stream.open = true;
            stream.payload = Vec::with_capacity(stream.length.min(1 << 20));
        }
        Ok(Some((csid, at)))
    }

    fn finish(&mut self, csid: u32, out: &mut Vec<Message>) {
        let Some(stream) = self.streams.get_mut(&csid).filter(|stream| stream.payload.len() == stream.length) else {
            return;
        };
        stream.open = false;
        let payload = std::mem::take(&mut stream.payload);
        if let (1, Some(size)) = (stream.kind, payload.first_chunk()) {
            self.chunk = (u32::from_be_bytes(*size) as usize & 0x7fff_ffff).max(1);
        }
        out.push(Message { kind: stream.kind, stream: stream.stream, timestamp: stream.timestamp, payload });
    }
}
