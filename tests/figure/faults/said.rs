//! What encoders say, byte by byte.

use crate::bed::field::{AUDIO, Clip, Message, chunked};

/// A message as an encoder would say it.
pub(super) fn message(kind: u8, timestamp: u32, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let csid = if kind == AUDIO { 4 } else { 6 };
    chunked(&Message { kind, stream: 1, timestamp, payload: payload.to_vec() }, csid, 4096, &mut out);
    out
}

/// The clip's header of a kind.
pub(super) fn header(clip: &Clip, kind: u8) -> Vec<u8> {
    let found = clip.headers().iter().find(|(of, _)| *of == kind);
    found.map(|(_, payload)| payload.clone()).unwrap_or_default()
}
