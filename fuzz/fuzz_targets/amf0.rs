//! A stranger's commands and metadata.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| assert!(telecast::rtmp::fuzz::amf0(bytes)));
