//! The RTMP protocol.
