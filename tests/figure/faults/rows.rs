//! The rows: what is done, and what is expected.

use super::scene::{Ground, Outcome};
use super::subject::Kind;
use super::{encoder, host, names, program, stream, target};
use crate::bed::Result;
use futures_util::future::BoxFuture;

/// See the module's head.
pub(super) struct Row {
    /// Its number in the catalogue of faults, and which form of it.
    pub(super) id: &'static str,
    pub(super) fault: &'static str,
    pub(super) expected: &'static str,
    /// Who is run beside Telecast.
    pub(super) rivals: &'static [Kind],
    /// About how long it takes.
    pub(super) seconds: u32,
    pub(super) run: fn(Ground) -> BoxFuture<'static, Result<Outcome>>,
}

const BOTH: &[Kind] = &[Kind::Nginx, Kind::Tee];
const NGINX: &[Kind] = &[Kind::Nginx];
const TEE: &[Kind] = &[Kind::Tee];
const NONE: &[Kind] = &[];

macro_rules! row {
    ($id:literal, $fault:literal, $expected:literal, $rivals:ident, $seconds:literal, $run:path) => {
        Row {
            id: $id,
            fault: $fault,
            expected: $expected,
            rivals: $rivals,
            seconds: $seconds,
            run: |ground| Box::pin(async move { $run(&ground).await }),
        }
    };
}

pub(super) static ROWS: &[Row] = &[
    row!("F01", "encoder: RST, back in 2 s", "same connections, its picture ≤ 0.5 s after it", BOTH, 15, encoder::f01),
    row!(
        "F02",
        "encoder: silent, another address with its key after 5 s; then fights over it",
        "let in ≤ 100 ms; the 4th takeover in a minute refused",
        BOTH,
        25,
        encoder::f02
    ),
    row!("F03 5 s", "encoder: gone for 5 s", "same connections, fed all the time", BOTH, 18, encoder::f03_5),
    row!("F03 20 s", "encoder: gone for 20 s", "same connections, fed all the time", BOTH, 33, encoder::f03_20),
    row!("F03 60 s", "encoder: gone for 60 s", "same connections, fed all the time", NONE, 75, encoder::f03_60),
    row!("F03 90 s", "encoder: gone for 90 s", "same connections, fed all the time", NGINX, 105, encoder::f03_90),
    row!("F03 300 s", "encoder: gone for 300 s", "same connections, fed all the time", NONE, 315, encoder::f03_300),
    row!(
        "F04",
        "encoder silent for 22 s; targets hang up after 5 and 7 s without media",
        "0 reconnections",
        BOTH,
        35,
        encoder::f04
    ),
    row!("F05", "encoder back after 1 s, its times at 0 again", "times go on, never back", BOTH, 14, encoder::f05),
    row!("F06", "times jump +1 h, −5 s, +1 h, then ±40 ms", "never back, no step over 1 s", BOTH, 20, encoder::f06),
    row!("F07 2^24", "times cross 2^24 ms", "every frame equal, none lost", BOTH, 15, encoder::f07_24),
    row!("F07 2^32", "times cross 2^32 ms", "every frame equal, none lost", BOTH, 15, encoder::f07_32),
    row!(
        "F08",
        "no keyframe for 30 s; a target comes meanwhile",
        "it begins with the next keyframe; bounded memory",
        NGINX,
        45,
        stream::f08
    ),
    row!(
        "F09",
        "another sequence header amid the stream",
        "in order over the same connection; late comers begin with it",
        NGINX,
        16,
        stream::f09
    ),
    row!(
        "F09 codec",
        "another codec amid the stream, and back",
        "a new connection for each, begun with its header",
        NGINX,
        20,
        stream::f09_codec
    ),
    row!("F10 sound", "sound alone", "first frame ≤ 1 s", BOTH, 10, stream::f10_sound),
    row!("F10 picture", "picture alone", "first frame ≤ 1 s", BOTH, 10, stream::f10_picture),
    row!("F10 late", "picture, sound after 10 s", "first frame ≤ 1 s, both afterwards", NGINX, 20, stream::f10_late),
    row!("F11", "no sound for 20 s amid a stream", "one connection, 0 lost, nothing made up", NGINX, 32, stream::f11),
    row!(
        "F12",
        "no metadata at first, numbers in front of it, unknown data",
        "publishes, 0 lost",
        BOTH,
        12,
        stream::f12
    ),
    row!("F13", "connected, no media", "closed after 20 s, the next one let in", BOTH, 32, stream::f13),
    row!("F14", "keyframes of 4 MB, then three times the rate", "0 lost", BOTH, 20, stream::f14),
    row!("F15", "sound between the chunks of pictures, chunk size 128", "every frame equal", BOTH, 12, stream::f15),
    row!(
        "F20",
        "target refuses TCP for 8 s",
        "frames ≤ 1.2 s after it listens, from a keyframe",
        BOTH,
        20,
        target::f20
    ),
    row!("F20 hole", "SYN lost for 8 s and more", "given up after 5 s each", NGINX, 30, target::f20_hole),
    row!(
        "F21",
        "names: unknown, slow, moved, new",
        "nobody waits for another's name; followed at the next dial",
        NGINX,
        25,
        names::f21
    ),
    row!(
        "F22",
        "certificates: expired, wrong host, unknown authority; TLS hangs",
        "refused with the reason, none of it sent to",
        TEE,
        22,
        host::f22
    ),
    row!(
        "F23",
        "publish accepted after 8 and 25 s; handshake or connect never answered",
        "waits ≤ 30 s, begins with a keyframe",
        NGINX,
        45,
        target::f23
    ),
    row!(
        "F24",
        "BadName, Denied, _error, hung up",
        "3 attempts, then refused, in the platform's words",
        NGINX,
        28,
        target::f24
    ),
    row!("F25", "accepted once, then dropped for ever", "≤ 10 publishes, then one a minute", NGINX, 85, target::f25),
    row!("F26 2 s", "closed 2 s after each publish", "≤ 10 publishes, then one a minute", NGINX, 85, target::f26_short),
    row!("F26 20 s", "closed after 20 s", "frames ≤ 1 s", BOTH, 30, target::f26_long),
    row!(
        "F27",
        "target stops reading",
        "a new attempt after 10 s without progress; nothing old afterwards",
        BOTH,
        45,
        target::f27
    ),
    row!("F28", "line dead, nobody told", "found out ≤ 15 s", BOTH, 90, target::f28),
    row!(
        "F29 50 %",
        "line of half the rate",
        "one connection, drops to keyframes, ≤ 4 s and what lies in the kernel",
        BOTH,
        60,
        target::f29_50
    ),
    row!(
        "F29 90 %",
        "line of 90 % of the rate",
        "one connection, drops to keyframes, ≤ 4 s and what lies in the kernel",
        NGINX,
        60,
        target::f29_90
    ),
    row!("F30", "2 % loss, 150 ms, for 10 min (rivals 1 min)", "one connection", BOTH, 612, target::f30),
    row!(
        "F31",
        "targets that send garbage, chunk sizes 1, 0 and 2^31−1, 16 MB, pings without end, window 1",
        "that target only",
        NGINX,
        20,
        target::f31
    ),
    row!("F32", "ReconnectRequest with another tcUrl", "goes there", NONE, 25, target::f32),
    row!("F33", "40 targets fall at once", "≤ 20 dials in a second, the encoder never waits", NGINX, 25, target::f33),
    row!(
        "F34",
        "a target renamed, switched off and on while live",
        "the other one: one connection, 0 bytes lost",
        NONE,
        30,
        program::f34
    ),
    row!("F40", "kill -9 while live", "listening ≤ 1 s, frames ≤ 5 s after the encoder's", NONE, 25, program::f40),
    row!("F41", "SIGTERM while live", "ends ≤ 3 s with 0, says no goodbye", NONE, 20, program::f41),
    row!("F44", "clock +1 h, −1 h; asleep for 6 s", "nothing times out; goes on", NONE, 28, host::f44),
    row!(
        "F46",
        "90 strangers, no file left to open",
        "live unharmed, no spinning, takes encoders afterwards",
        NGINX,
        20,
        host::f46
    ),
    row!("F47", "10 ms of CPU in each 100 for 10 s", "one connection, well ≤ 5 s later", BOTH, 25, host::f47),
];
