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
    /// A header that a read ended in: its first `cut` bytes.
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

    /// Takes all of `bytes` and appends every message that is whole. Set Chunk Size and Abort are obeyed here, and
    /// appended like the others.
    ///
    /// # Errors
    /// What no honest peer sends. Messages before the fault are in `out`; the reader is of no use afterwards.
    pub(in crate::rtmp) fn read(&mut self, mut bytes: &[u8], out: &mut Vec<Message>) -> Result<(), ChunkFault> {
        while !bytes.is_empty() {
            if self.left > 0 {
                let (body, rest) = bytes.split_at(self.left.min(bytes.len()));
                self.body(body, out)?;
                bytes = rest;
            } else if self.cut == 0 {
                let Some(header) = Header::parse(bytes, |csid| self.extended(csid)) else {
                    self.head[..bytes.len()].copy_from_slice(bytes);
                    self.cut = bytes.len();
                    return Ok(());
                };
                self.chunk(&header, out)?;
                bytes = &bytes[header.size..];
            } else {
                bytes = self.rest_of_header(bytes, out)?;
            }
        }
        Ok(())
    }

    /// The types of messages that are begun and not whole, and what came of them.
    pub(in crate::rtmp) fn begun(&self) -> impl Iterator<Item = (u8, &[u8])> {
        self.streams.iter().filter(|stream| stream.is_open()).map(ChunkStream::begun)
    }

    /// Goes on with a header that the last read ended in; what of `bytes` is not part of it.
    fn rest_of_header<'a>(&mut self, bytes: &'a [u8], out: &mut Vec<Message>) -> Result<&'a [u8], ChunkFault> {
        let cut = self.cut;
        let more = bytes.len().min(LONGEST - cut);
        let mut head = self.head;
        head[cut..cut + more].copy_from_slice(&bytes[..more]);
        let Some(header) = Header::parse(&head[..cut + more], |csid| self.extended(csid)) else {
            (self.head, self.cut) = (head, cut + more);
            return Ok(&bytes[more..]);
        };
        self.cut = 0;
        self.chunk(&header, out)?;
        if let Some(payload) = head[..cut].get(header.size..).filter(|payload| !payload.is_empty()) {
            // The start of an extended timestamp turned out to be payload.
            self.read(payload, out)?;
        }
        Ok(&bytes[header.size.saturating_sub(cut)..])
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

    /// A chunk begins: its header is read, its body follows.
    fn chunk(&mut self, header: &Header, out: &mut Vec<Message>) -> Result<(), ChunkFault> {
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
        if self.left == 0 { self.finish(out) } else { Ok(()) }
    }

    /// Part of the present chunk's body.
    fn body(&mut self, body: &[u8], out: &mut Vec<Message>) -> Result<(), ChunkFault> {
        self.held += body.len();
        if self.held > self.limits.max_held {
            return Err(ChunkFault::TooMuchHeld);
        }
        self.left -= body.len();
        let stream = &mut self.streams[self.at];
        stream.take(body, self.partial == 1);
        if stream.lacks() == 0 { self.finish(out) } else { Ok(()) }
    }

    /// The present chunk was the last of its message.
    fn finish(&mut self, out: &mut Vec<Message>) -> Result<(), ChunkFault> {
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
        out.push(message);
        Ok(())
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
