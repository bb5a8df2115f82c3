//! What a person pastes: no panic, and nothing that is said of it holds the key.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| assert!(telecast::platform::fuzz::paste(&String::from_utf8_lossy(bytes))));
