//! A stranger's chunks, in reads as long as the first byte says.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8])| {
    let (split, bytes) = input;
    assert!(telecast::rtmp::fuzz::chunks(bytes, usize::from(split)));
});
