//! Why a server does not take a connection: the challenges of logins are read out of its words.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|words: &str| {
    assert!(telecast::rtmp::fuzz::login(words));
    assert!(telecast::rtmp::fuzz::login(&format!("[ authmod=adobe ] : ?reason=needauth{words}")));
    assert!(telecast::rtmp::fuzz::login(&format!("[ authmod=llnw ] : ?reason=needauth{words}")));
});
