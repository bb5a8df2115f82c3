//! What a stranger sends behind the handshake: as an encoder, in reads as long as the first byte says, and as a server.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8])| {
    let (split, bytes) = input;
    telecast::rtmp::fuzz::server(bytes, usize::from(split));
    telecast::rtmp::fuzz::client(bytes);
});
