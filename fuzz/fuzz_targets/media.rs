//! A stranger's audio, video and data payloads.
#![no_main]

use libfuzzer_sys::fuzz_target;
use telecast::media::packet::Kind;
use telecast::media::{format, tag};

fuzz_target!(|payload: &[u8]| {
    for kind in [Kind::Audio, Kind::Video, Kind::Data] {
        tag::role(kind, payload);
    }
    format::video(payload);
    format::audio(payload);
});
