//! What is inside the stream: pure functions on bytes. Knows no socket, no clock and no RTMP session.
//!
//! Read [`packet::Packet`] first.

mod av1;
mod avc;
mod bits;
pub mod filler;
pub mod flv;
pub mod format;
mod hevc;
pub mod mp4;
mod nal;
pub mod packet;
pub mod picture;
pub mod sound;
pub mod tag;
pub mod timeline;
