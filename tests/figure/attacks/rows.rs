//! The rows: what is done, and what is expected.

use super::{bot, chunks, door, keys, messages, out, words};
use crate::bed::Result;
use crate::bed::siege::{Ground, Outcome};
use futures_util::future::BoxFuture;

/// See the module's head.
pub(super) struct Row {
    /// Its number in the catalogue of attacks.
    pub(super) id: &'static str,
    pub(super) attack: &'static str,
    pub(super) expected: &'static str,
    pub(super) alone: Alone,
    pub(super) run: fn(Ground) -> BoxFuture<'static, Result<Outcome>>,
}

/// Whether others run beside.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Alone {
    No,
    First,
    Last,
}

macro_rules! row {
    ($id:literal, $attack:literal, $expected:literal, $alone:ident, $run:path) => {
        Row {
            id: $id,
            attack: $attack,
            expected: $expected,
            alone: Alone::$alone,
            run: |ground| Box::pin(async move { $run(&ground).await }),
        }
    };
}

pub(super) static ROWS: &[Row] = &[
    row!(
        "A01",
        "500 connections, a byte a second",
        "all cut after 10 s, ≤ 64 KiB each, guests let in ≤ 1 s",
        No,
        door::a01
    ),
    row!("A02", "FIN and RST behind every byte", "each noticed at once, no CPU, nothing left", No, door::a02),
    row!("A03", "5,000 silent connections", "≤ 32 an address, ≤ 2,000 in all, guests let in ≤ 1 s", Last, door::a03),
    row!("A04", "HTTP, TLS, RTMPE, PROXY, SSH, noise", "cut ≤ 1 s, a line of log an address and minute", No, door::a04),
    row!("A05", "Set Chunk Size 0", "cut off", No, chunks::a05),
    row!("A06", "8 MiB in chunks of 1 byte", "cut off by a budget, bounded CPU", No, chunks::a06),
    row!("A07", "Set Chunk Size 2^31−1, and with the highest bit", "served, nothing allocated", No, chunks::a07),
    row!("A08", "another chunk size amid a message", "put together right", No, chunks::a08),
    row!("A09", "formats 2 and 3 first, a message inside another", "cut off; format 1 first served", No, chunks::a09),
    row!("A10", "65,597 chunk streams", "cut off at 64", No, chunks::a10),
    row!(
        "A11",
        "16 MiB declared on each of 64 chunk streams",
        "cut off; what is only declared takes no memory",
        No,
        chunks::a11
    ),
    row!("A12", "AMF0: nested, counted and left open", "cut off; odd but legal served", No, messages::a12),
    row!(
        "A13",
        "every message type with bodies of 0 to 4 bytes, nested aggregates",
        "ignored or cut off",
        No,
        messages::a13
    ),
    row!("A14", "sequence headers that are none", "passed on, the publisher stands", No, messages::a14),
    row!(
        "A15",
        "windows of 0, aborts, floods of acknowledgements and pings",
        "≤ 1 acknowledgement each 64 KiB; a flood of pings cut off",
        No,
        messages::a15
    ),
    row!(
        "A16",
        "10^6 createStream, publishes and ends out of order",
        "8 streams; refused; the show stands",
        No,
        messages::a16
    ),
    row!("A17", "play and its like with a studio's ingest key", "nothing is played", No, messages::a17),
    row!(
        "A18",
        "guesses from one address and from 50",
        "slowed; the owner let in ≤ 1 s, from the same address too",
        Last,
        keys::a18
    ),
    row!("A19", "the time of a look-up", "< 1 µs between near and far", Last, keys::a19),
    row!("A20", "a key in other forms, cut, renewed", "refused; a renewed one's encoder cut ≤ 1 s", No, keys::a20),
    row!("A21", "addresses inside, in every form", "refused, 0 packets", First, out::a21),
    row!(
        "A22",
        "names that change what they stand for",
        "the judged address is dialled, 0 packets elsewhere",
        First,
        out::a22
    ),
    row!("A23", "redirects to hidden places", "refused or stayed, 0 packets", First, out::a23),
    row!(
        "A24",
        "our own ingest as a target, through a proxy too; other services' ports",
        "refused in clear words",
        No,
        out::a24
    ),
    row!("A25", "500 targets at one host", "≤ 4 of a studio, ≤ 20 in all; platforms exempt", First, out::a25),
    row!("A26", "hostile words of platforms and encoders", "≤ 200 characters, as text; no line forged", No, words::a26),
    row!("A27", "paths as names", "no file", No, words::a27),
    row!("A28", "commands as names", "no process", No, words::a28),
    row!("A29", "certificates nobody vouches for, no TLS, TLS 1.0", "nothing sent, told why", No, words::a29),
    row!("A30", "keys in what all other rows left behind", "0", Last, words::a30),
    row!(
        "A31",
        "forged taps, others' commands, forwarded, edited, deep links",
        "nothing done, nothing told",
        No,
        bot::a31
    ),
    row!("A32", "a key posted in a group", "deleted, not repeated, told to make a new one", No, bot::a32),
    row!("A33", "1,000 messages at once", "the owner is answered ≤ 5 s, the store bounded", No, bot::a33),
    row!("A34", "what else listens", "nothing", No, bot::a34),
    row!("A35", "dependencies and build", "no unsafe code, checked arithmetic, locked", No, bot::a35),
];
