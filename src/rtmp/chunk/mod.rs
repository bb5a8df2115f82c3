//! Messages cut into chunks and put together again (RTMP 1.0 §5.3). Sans-IO: bytes in, messages out. Must never know
//! what a message means, apart from the two that change the cutting itself (Set Chunk Size, Abort).
//!
//! Read [`ChunkReader`] first.

mod header;
mod pages;
mod partial;
mod reader;
mod stream;
#[cfg(test)]
mod tests;
mod writer;

pub(super) use reader::{ChunkFault, ChunkReader, Limits};
pub(super) use writer::{MediaHeader, encode};

/// The chunk size of both directions until Set Chunk Size says otherwise, in bytes (RTMP 1.0 §5.4.1).
pub(super) const INITIAL_CHUNK_SIZE: usize = 128;

/// What all that we send is cut to, in bytes: ffmpeg's size, so that peers know it and most frames stay whole.
pub(super) const CHUNK_SIZE: u16 = 60_000;

/// A timestamp field with this value, or a time from it on, has its 32 bits in the extended field (RTMP 1.0 §5.3.1.3).
const EXTENDED: u32 = 0xff_ffff;
