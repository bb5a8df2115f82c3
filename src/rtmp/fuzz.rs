//! Entry points for the fuzzers of `fuzz/`, run by property tests too: any bytes, no panic, and `true` where what was
//! read is the same after it was written and read again.

use super::amf;
use super::chunk::{ChunkReader, Limits, encode};
use bytes::BytesMut;

/// Reads `bytes` as chunks, `split` bytes at a time (0: all at once), with the limits of a publisher.
pub fn chunks(bytes: &[u8], split: usize) -> bool {
    let mut reader = ChunkReader::new(Limits::BEFORE_PUBLISH);
    reader.set_limits(Limits::AFTER_PUBLISH);
    let (mut messages, mut split) = (Vec::new(), split);
    if split == 0 {
        split = bytes.len().max(1);
    }
    // A fault ends the connection; what was read before it counts.
    let _ = bytes.chunks(split).try_for_each(|part| reader.read(part, &mut messages));
    messages.iter().all(|message| {
        let (mut wire, mut again) = (BytesMut::new(), Vec::new());
        encode(3, message, 128, &mut wire);
        let read = ChunkReader::new(Limits::AFTER_PUBLISH).read(&wire, &mut again);
        read.is_ok() && again == [message.clone()]
    })
}

/// Reads `bytes` as AMF0.
pub fn amf0(bytes: &[u8]) -> bool {
    let Ok(values) = amf::decode(bytes) else { return true };
    let wire = amf::encode(&values);
    // Longer than what may be read: numbers of AMF0 are, where references were.
    let Ok(again) = amf::decode(&wire) else { return wire.len() > amf::MAX_BYTES };
    // NaN is not itself, so bytes are compared.
    amf::encode(&again) == wire
}

/// Reads `bytes` as what an encoder sends after the handshake, `split` bytes at a time (0: all at once); returns the
/// count of packets.
pub fn server(bytes: &[u8], split: usize) -> usize {
    super::server::rehearse(bytes, split)
}

/// Reads `bytes` as what a server answers after the handshake.
pub fn client(bytes: &[u8]) {
    super::client::rehearse(bytes);
}

/// Reads `words` as a server's reason for not taking a connection; whether what would be sent next stays in bounds.
pub fn login(words: &str) -> bool {
    super::client::rehearse_login(words)
}
