//! Bytes to messages.

use super::INITIAL_CHUNK_SIZE;
use super::header::{Header, LONGEST};
use super::stream::ChunkStream;
use crate::rtmp::message::Message;

/// Message types that concern the cutting itself (RTMP 1.0 §5.4).
const SET_CHUNK_SIZE: u8 = 1;
const ABORT: u8 = 2;

/// The most chunks that one message may come in: 8 MiB at the initial chunk size. It bounds the work that a peer with
/// tiny chunks can ask for.
pub(super) const MAX_CHUNKS: u32 = 65_536;

/// What a peer may make the reader hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rtmp) struct Limits {
    /// Bytes of one message.
    pub(in crate::rtmp) max_message: usize,
    /// Chunk streams used over the whole connection.
    pub(in crate::rtmp) max_chunk_streams: usize,
    /// Messages begun and not whole, at a time.
    pub(in crate::rtmp) max_partial: usize,
    /// Bytes of all those.
    pub(in crate::rtmp) max_held: usize,
}

impl Limits {
    /// For a peer that has not yet shown a key.
    pub(in crate::rtmp) const BEFORE_PUBLISH: Self =
        Self { max_message: 64 * 1024, max_chunk_streams: 64, max_partial: 8, max_held: 8 * 64 * 1024 };
    /// For a publisher.
    pub(in crate::rtmp) const AFTER_PUBLISH: Self =
        Self { max_message: 8 << 20, max_chunk_streams: 64, max_partial: 8, max_held: 32 << 20 };
}

/// Why a peer's bytes cannot be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::rtmp) enum ChunkFault {
    /// Set Chunk Size 0.
    #[error("chunk size 0")]
    ChunkSizeZero,
    /// A message is declared longer than [`Limits::max_message`].
    #[error("a message of {len} bytes, more than {max}")]
    MessageTooLong {
        /// Declared length.
        len: usize,
        /// The limit then.
        max: usize,
    },
    /// More than [`MAX_CHUNKS`] chunks in one message.
    #[error("a message in more than {MAX_CHUNKS} chunks")]
    TooManyChunks,
    /// [`Limits::max_chunk_streams`].
    #[error("too many chunk streams")]
    TooManyChunkStreams,
    /// [`Limits::max_partial`].
    #[error("too many unfinished messages")]
    TooManyPartial,
    /// [`Limits::max_held`].
    #[error("too many bytes of unfinished messages")]
    TooMuchHeld,
    /// A header that builds on one before it, on a chunk stream that had none.
    #[error("chunk stream {csid} begins without a full header")]
    NothingBefore {
        /// Chunk stream id.
        csid: u32,
    },
    /// A header that begins another message while the one before it is not whole.
    #[error("chunk stream {csid} begins a message inside another")]
    BeginsInside {
        /// Chunk stream id.
        csid: u32,
    },
}

/// Puts messages together from chunks, however those interleave and wherever the reads are split.
#[derive(Debug)]
pub(in crate::rtmp) struct ChunkReader {
    limits: Limits,
    chunk_size: usize,
    streams: Vec<ChunkStream>,
    /// Index in `streams` of the chunk that is being read, or was last.
    at: usize,
    /// Bytes that this chunk still lacks.
    left: usize,
    /// What comes next, where a read ended in a header: the first `cut` bytes.
    head: [u8; LONGEST],
    cut: usize,
    /// Messages begun and not whole, and their bytes.
    partial: usize,
    held: usize,
}

impl ChunkReader {
    pub(in crate::rtmp) fn new(limits: Limits) -> Self {
        Self {
            limits,
            chunk_size: INITIAL_CHUNK_SIZE,
            streams: Vec::new(),
            at: 0,
            left: 0,
            head: [0; LONGEST],
            cut: 0,
            partial: 0,
            held: 0,
        }
    }

    /// Other limits, for what comes from here on.
    pub(in crate::rtmp) fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// The next message that `bytes` make whole; takes of them what it reads. `None`: it has taken all, and more is to
    /// come. Set Chunk Size and Abort are obeyed here, and given like the others.
    ///
    /// # Errors
    /// What no honest peer sends. The reader is of no use afterwards.
    pub(in crate::rtmp) fn next(&mut self, bytes: &mut &[u8]) -> Result<Option<Message>, ChunkFault> {
        loop {
            if self.cut == 0 && bytes.is_empty() {
                return Ok(None);
            }
            let whole = if self.left > 0 {
                self.body(bytes)?
            } else {
                let Some(header) = self.header(bytes) else { return Ok(None) };
                self.chunk(&header)?
            };
            if whole {
                return self.finish().map(Some);
            }
        }
    }

    /// The types of messages that are begun and not whole, and what came of them.
    pub(in crate::rtmp) fn begun(&self) -> impl Iterator<Item = (u8, &[u8])> {
        let streams = if self.partial > 0 { &self.streams[..] } else { &[] };
        streams.iter().filter(|stream| stream.is_open()).map(ChunkStream::begun)
    }

    /// The header that comes next. What does not make it whole is kept.
    fn header(&mut self, bytes: &mut &[u8]) -> Option<Header> {
        if self.cut == 0 {
            let Some(header) = Header::parse(bytes, |csid| self.extended(csid)) else {
                self.cut = bytes.len();
                self.head[..self.cut].copy_from_slice(std::mem::take(bytes));
                return None;
            };
            *bytes = &bytes[header.size..];
            return Some(header);
        }
        let more = bytes.len().min(LONGEST - self.cut);
        let end = self.cut + more;
        self.head[self.cut..end].copy_from_slice(&bytes[..more]);
        let Some(header) = Header::parse(&self.head[..end], |csid| self.extended(csid)) else {
            (self.cut, *bytes) = (end, &bytes[more..]);
            return None;
        };
        *bytes = &bytes[header.size.saturating_sub(self.cut)..];
        self.uncut(header.size.min(self.cut));
        Some(header)
    }

    /// The first `count` bytes of `head` are read. There are more where the start of an extended timestamp turned out to be
    /// payload.
    fn uncut(&mut self, count: usize) {
        self.head.copy_within(count..self.cut, 0);
        self.cut -= count;
    }

    fn extended(&self, csid: u32) -> Option<u32> {
        self.find(csid).and_then(|at| self.streams[at].extended)
    }

    fn find(&self, csid: u32) -> Option<usize> {
        if self.streams.get(self.at).is_some_and(|stream| stream.csid == csid) {
            return Some(self.at);
        }
        self.streams.iter().position(|stream| stream.csid == csid)
    }

    /// A chunk begins: its header is read, its body follows. Whether its message is whole without one.
    fn chunk(&mut self, header: &Header) -> Result<bool, ChunkFault> {
        self.at = match self.find(header.csid) {
            Some(at) => at,
            None if self.streams.len() >= self.limits.max_chunk_streams => return Err(ChunkFault::TooManyChunkStreams),
            None => {
                self.streams.push(ChunkStream::begin(header)?);
                self.streams.len() - 1
            }
        };
        let stream = &mut self.streams[self.at];
        if stream.is_open() {
            stream.go_on(header)?;
            if stream.chunks > MAX_CHUNKS {
                return Err(ChunkFault::TooManyChunks);
            }
        } else {
            stream.open(header);
            if stream.len() > self.limits.max_message {
                return Err(ChunkFault::MessageTooLong { len: stream.len(), max: self.limits.max_message });
            }
            if self.partial >= self.limits.max_partial {
                return Err(ChunkFault::TooManyPartial);
            }
            self.partial += 1;
        }
        self.left = stream.lacks().min(self.chunk_size);
        Ok(self.left == 0)
    }

    /// Part of the present chunk's body. Whether it makes its message whole.
    fn body(&mut self, bytes: &mut &[u8]) -> Result<bool, ChunkFault> {
        let head = self.head;
        let next = if self.cut > 0 { &head[..self.cut] } else { *bytes };
        let body = &next[..self.left.min(next.len())];
        if self.cut > 0 {
            self.uncut(body.len());
        } else {
            *bytes = &bytes[body.len()..];
        }
        self.held += body.len();
        if self.held > self.limits.max_held {
            return Err(ChunkFault::TooMuchHeld);
        }
        self.left -= body.len();
        let stream = &mut self.streams[self.at];
        stream.take(body, self.partial == 1);
        Ok(stream.lacks() == 0)
    }

    /// The present chunk was the last of its message.
    fn finish(&mut self) -> Result<Message, ChunkFault> {
        let message = self.streams[self.at].finish();
        self.partial -= 1;
        self.held -= message.payload.len();
        if let Some(value) = message.payload.first_chunk().map(|value| u32::from_be_bytes(*value)) {
            match message.kind {
                // The first bit must be 0; who sets it means the rest.
                SET_CHUNK_SIZE => match value & 0x7fff_ffff {
                    0 => return Err(ChunkFault::ChunkSizeZero),
                    size => self.chunk_size = size as usize,
                },
                ABORT => self.abort(value),
                _ => {}
            }
        }
        Ok(message)
    }

    fn abort(&mut self, csid: u32) {
        if let Some(at) = self.find(csid).filter(|at| self.streams[*at].is_open()) {
            self.partial -= 1;
            self.held -= self.streams[at].abort();
        }
    }

    /// Bytes that unfinished messages take, room for more included.
    pub(in crate::rtmp) fn allocated(&self) -> usize {
        self.streams.iter().map(ChunkStream::allocated).sum()
    }
}
