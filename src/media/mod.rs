//! What is inside the stream: pure functions on bytes. Knows no socket, no clock and no RTMP session.
//!
//! Read [`packet::Packet`] first.

pub mod packet;
pub mod timeline;
