//! What a reader remembers of one chunk stream.

use super::header::{Fields, Header};
use super::partial::Partial;
use super::reader::ChunkFault;
use crate::rtmp::message::Message;

/// The last header of a chunk stream, and the message that is being put together on it.
#[derive(Debug)]
pub(super) struct ChunkStream {
    pub(super) csid: u32,
    kind: u8,
    stream: u32,
    len: usize,
    /// Of the present or last message, milliseconds modulo 2^32.
    timestamp: u32,
    /// What fmt 3 adds when it begins a message.
    delta: u32,
    /// The extended timestamp of the last header that was not fmt 3.
    pub(super) extended: Option<u32>,
    /// What came of the present message.
    partial: Partial,
    /// A message has begun and is not whole.
    open: bool,
    /// Chunks of the present message.
    pub(super) chunks: u32,
}

impl ChunkStream {
    /// A chunk stream as its first header finds it. The protocol asks for fmt 0 there; FMLE begins with fmt 1, which
    /// leaves out nothing but the message stream: it is taken as a delta from 0 on message stream 0.
    pub(super) fn begin(header: &Header) -> Result<Self, ChunkFault> {
        match header.fields {
            Fields::Full { .. } | Fields::Same { .. } => {}
            Fields::Later { .. } | Fields::Again => return Err(ChunkFault::NothingBefore { csid: header.csid }),
        }
        Ok(Self {
            csid: header.csid,
            kind: 0,
            stream: 0,
            len: 0,
            timestamp: 0,
            delta: 0,
            extended: None,
            partial: Partial::default(),
            open: false,
            chunks: 0,
        })
    }

    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    /// The present message's type, and what came of it.
    pub(super) fn begun(&self) -> (u8, &[u8]) {
        (self.kind, self.partial.came())
    }

    /// The declared length of the present message.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Bytes that the present message lacks.
    pub(super) fn lacks(&self) -> usize {
        self.len - self.partial.came().len()
    }

    /// A chunk within the present message. Its header may repeat the message's length and type, but not change them.
    pub(super) fn go_on(&mut self, header: &Header) -> Result<(), ChunkFault> {
        match header.fields {
            Fields::Again | Fields::Later { .. } => {}
            Fields::Same { len, kind, .. } if len == self.len && kind == self.kind => {}
            Fields::Same { .. } | Fields::Full { .. } => {
                return Err(ChunkFault::BeginsInside { csid: header.csid });
            }
        }
        self.chunks += 1;
        Ok(())
    }

    /// The first chunk of a message.
    pub(super) fn open(&mut self, header: &Header) {
        match header.fields {
            Fields::Full { timestamp, len, kind, stream } => {
                // RTMP 1.0 §5.3.1.2.4: to fmt 3 after fmt 0, the timestamp is the delta.
                (self.timestamp, self.delta) = (timestamp, timestamp);
                (self.len, self.kind, self.stream) = (len, kind, stream);
                self.extended = header.extended.then_some(timestamp);
            }
            Fields::Same { delta, len, kind } => {
                (self.len, self.kind) = (len, kind);
                self.advance(header, delta);
            }
            Fields::Later { delta } => self.advance(header, delta),
            Fields::Again => self.timestamp = self.timestamp.wrapping_add(self.delta),
        }
        self.open = true;
        self.chunks = 1;
    }

    fn advance(&mut self, header: &Header, delta: u32) {
        self.delta = delta;
        self.timestamp = self.timestamp.wrapping_add(delta);
        self.extended = header.extended.then_some(delta);
    }

    /// Takes bytes of the present message, at most what it [lacks](Self::lacks); `alone`: no other message is begun.
    #[inline]
    pub(super) fn take(&mut self, bytes: &[u8], alone: bool) {
        self.partial.take(bytes, self.len, alone);
    }

    /// The present message, which must lack nothing.
    pub(super) fn finish(&mut self) -> Message {
        self.open = false;
        let payload = std::mem::take(&mut self.partial).finish();
        Message { kind: self.kind, stream: self.stream, timestamp: self.timestamp, payload }
    }

    /// Forgets the present message (Abort, RTMP 1.0 §5.4.2); how many bytes of it had come.
    pub(super) fn abort(&mut self) -> usize {
        self.open = false;
        std::mem::take(&mut self.partial).came().len()
    }

    pub(super) fn allocated(&self) -> usize {
        self.partial.allocated()
    }
}
