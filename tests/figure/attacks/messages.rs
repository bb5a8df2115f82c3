//! A12 to A17: whole messages without sense, and calls that nobody may make.

use super::chunks::{connecting, cut, then};
use super::door::fast;
use crate::bed::Result;
use crate::bed::field::{AUDIO, COMMAND, DATA, Reader, VIDEO, Value, amf};
use crate::bed::siege::stranger::{Stranger, call, connect, host, said};
use crate::bed::siege::{Ground, INSIDER, Outcome, Siege};
use std::time::Duration;
use tokio::time::sleep;

const AT_ONCE: Duration = Duration::from_secs(1);
const ACKNOWLEDGEMENT: u8 = 3;
const USER_CONTROL: u8 = 4;

/// Whether who says this is answered as everybody, or cut off.
async fn heard(siege: &Siege, network: u8, bytes: &[u8]) -> Result<(bool, bool)> {
    let mut one = Stranger::greeted(siege.ingest, host(network, 0)).await?;
    one.send(bytes).await;
    let answered = one.hears(b"NetConnection.Connect.Success", AT_ONCE).await;
    let cut = !answered && one.is_cut(AT_ONCE).await.is_some();
    Ok((answered, cut))
}

pub(super) async fn a12(g: &Ground) -> Result<Outcome> {
    let siege = Siege::begin(g, &[]).await?;
    let nested = |depth: usize| [0x03, 0, 1, b'a'].repeat(depth);
    let arrays = |depth: usize| [0x0a, 0, 0, 0, 1].repeat(depth);
    let number = |bits: u64| {
        let name = amf::encode(&[Value::text("connect")]);
        [&name[..], &[0], &bits.to_be_bytes(), &amf::encode(&[Value::object(&[("app", "live")])])].concat()
    };
    let bombs = [
        connecting(&nested(17)),
        connecting(&nested(1_000)),
        connecting(&nested(16_000)),
        connecting(&arrays(17)),
        connecting(&arrays(13_000)),
        connecting(&[0x0a, 0xff, 0xff, 0xff, 0xff]),
        connecting(&[0x0a, 0x00, 0x10, 0x00, 0x00].iter().copied().chain([5; 2_000]).collect::<Vec<u8>>()),
        connecting(&[0x0c, 0xff, 0xff, 0xff, 0xff, b'a']),
        connecting(&[0x03, 0xff, 0xff, b'a']),
        connecting(&[0x03, 0, 1, b'a', 0xff]),
        connecting(&[0x02, 0xff, 0xff]),
        said(COMMAND, 0, &[5; 60_000]),
        said(COMMAND, 0, &[0x02, 0, 1, b'a'].repeat(2_000)),
    ];
    let harmless = [
        // An ECMA array says how many it holds, and nobody has to believe it.
        connecting(&[&[0x08, 0xff, 0xff, 0xff, 0xff, 0, 3][..], b"app", &[0x02, 0, 4], b"live", &[0, 0, 9]].concat()),
        said(COMMAND, 0, &number(f64::NAN.to_bits())),
        said(COMMAND, 0, &number(f64::INFINITY.to_bits())),
        said(COMMAND, 0, &number((-0.0_f64).to_bits())),
        said(COMMAND, 0, &number(u64::MAX)),
    ];
    let (mut refused, mut served) = (0, 0);
    for bomb in &bombs {
        refused += usize::from(cut(&siege, 13, bomb).await?);
    }
    for odd in &harmless {
        served += usize::from(heard(&siege, 14, odd).await?.0);
    }
    let measured = format!(
        "{refused} of {} bombs cut off (nested 17 to 16,000 deep, counts of 2^32−1, no ends), {served} of {} odd but legal served",
        bombs.len(),
        harmless.len()
    );
    siege.end(measured, refused == bombs.len() && served == harmless.len()).await
}

pub(super) async fn a13(g: &Ground) -> Result<Outcome> {
    let siege = Siege::begin(g, &[]).await?;
    let bodies = [&b""[..], b"\x00", b"\x17", b"\xaf", b"\x97\x00", b"\x02\xff\xffx", b"\xff\xff\xff\xff"];
    // Set Chunk Size and Abort change how the rest is read.
    let kinds: Vec<u8> = (0..=255).filter(|kind| !matches!(kind, 1 | 2)).collect();
    let mut strangers = (0, 0, 0);
    for part in kinds.chunks(8) {
        let bytes: Vec<u8> = part.iter().flat_map(|kind| bodies.iter().flat_map(|body| said(*kind, 0, body))).collect();
        let (answered, cut) = heard(&siege, 15, &[bytes, connect()].concat()).await?;
        strangers = (strangers.0 + 1, strangers.1 + usize::from(answered), strangers.2 + usize::from(cut));
    }
    let aggregate = |inner: &[u8]| {
        let length = (inner.len() as u32).to_be_bytes();
        [&[22][..], &length[1..], &[0; 7], inner, &(inner.len() as u32 + 11).to_be_bytes()].concat()
    };
    let nest = (0..200).fold(vec![9, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x17, 0, 0, 0, 12], |inner, _| aggregate(&inner));
    let mut insider = Stranger::let_in(siege.ingest, INSIDER, host(16, 0)).await?;
    let mut all: Vec<u8> = kinds.iter().flat_map(|kind| bodies.iter().flat_map(|body| said(*kind, 1, body))).collect();
    all.extend(said(22, 1, &nest));
    all.extend(said(22, 1, &[9, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0]));
    all.extend(said(17, 1, &[0, 0x11, 0x0a, 0xff]));
    all.extend(said(15, 1, &[0, 0x11]));
    insider.send(&all).await;
    let stands = insider.is_cut(AT_ONCE).await.is_none();
    drop(insider);
    let measured = format!(
        "254 types × {} bodies: of {} strangers {} still served and {} cut off; a publisher stands: {stands}, nested \
         aggregates too",
        bodies.len(),
        strangers.0,
        strangers.1,
        strangers.2
    );
    siege.end(measured, strangers.0 == strangers.1 + strangers.2 && stands).await
}

pub(super) async fn a14(g: &Ground) -> Result<Outcome> {
    let siege = Siege::begin(g, &[]).await?;
    let noise: Vec<u8> = (0..2_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 11) as u8).collect();
    let avc = |rest: &[u8]| [&[0x17, 0, 0, 0, 0][..], rest].concat();
    let enhanced = |four: &[u8], rest: &[u8]| [&[0x90][..], four, rest].concat();
    let headers = [
        // Exponential-Golomb codes of nothing but zeros, lengths beyond the body, counts without what they count.
        avc(&[1, 0x64, 0, 0x1f, 0xff, 0xe1, 0, 30, 0x67, 0x64].iter().copied().chain([0; 40]).collect::<Vec<u8>>()),
        avc(&[1, 0x64, 0, 0x1f, 0xff, 0xff, 0xff, 0xff]),
        avc(&[1, 0x64, 0, 0x1f, 0xff, 0xe0, 0xff]),
        avc(&noise),
        avc(&[]),
        enhanced(b"hvc1", &[0xff; 60]),
        enhanced(b"hvc1", &noise),
        enhanced(b"av01", &noise),
        enhanced(b"vp09", &[]),
        [&[0x96, 0x00][..], &b"avc1"[..], &noise].concat(),
        [&[0x96, 0x16, 0x26, 0x36][..], &[0xff; 90]].concat(),
        [&[0x97][..], &[0xff; 90]].concat(),
    ];
    let sounds = [vec![0xaf, 0], vec![0xaf, 0, 0xff, 0xff, 0xff], [&[0x95, 0x05][..], &[0xff; 70]].concat()];
    let mut stands = 0;
    for header in headers.iter().map(|header| (VIDEO, header)).chain(sounds.iter().map(|sound| (AUDIO, sound))) {
        let mut insider = Stranger::let_in(siege.ingest, INSIDER, host(17, stands)).await?;
        let picture = said(VIDEO, 1, &[0x17, 1, 0, 0, 0, 0, 0, 0, 2, 9, 0xff]);
        insider.send(&[said(DATA, 1, &[2, 0, 10, b'o']), said(header.0, 1, header.1), picture].concat()).await;
        stands += usize::from(insider.is_cut(Duration::from_millis(300)).await.is_none());
    }
    let count = headers.len() + sounds.len();
    siege.end(format!("{stands} of {count} publishers of broken headers stand"), stands == count).await
}

pub(super) async fn a15(g: &Ground) -> Result<Outcome> {
    let siege = Siege::begin(g, &[]).await?;
    let mut insider = Stranger::let_in(siege.ingest, INSIDER, host(18, 0)).await?;
    let odd = [
        said(5, 0, &[0; 4]),
        said(5, 0, &[0, 0, 0, 1]),
        said(6, 0, &[0, 0, 0, 0, 2]),
        said(6, 0, &[0; 4]),
        said(2, 0, &[0, 0, 0, 60]),
        said(2, 0, &[0xff; 4]),
        said(ACKNOWLEDGEMENT, 0, &[0xff; 4]).repeat(10_000),
    ];
    insider.send(&odd.concat()).await;
    insider.listen(Duration::from_millis(300)).await;
    // Sound that is none, so that only bytes are counted.
    insider.send(&said(AUDIO, 1, &[0xaf; 1_000]).repeat(1_000)).await;
    let (mut reader, mut messages) = (Reader::default(), Vec::new());
    // The reader begins amid the connection: acknowledgements are whole chunks of their own.
    let _ = reader.read(&insider.listen(Duration::from_millis(500)).await, &mut messages);
    let acknowledged = messages.iter().filter(|message| message.kind == ACKNOWLEDGEMENT).count();
    let ping = said(USER_CONTROL, 0, &[0, 6, 0, 0, 0, 9]);
    let busy = siege.cpu();
    let flood = async {
        let mut sent = 0;
        while sent < 500_000 && insider.send(&ping.repeat(1_000)).await {
            sent += 1_000;
        }
        Ok((sent, insider.is_cut(Duration::from_secs(3)).await.is_some()))
    };
    let ((sent, cut), slowest) = siege.beside(flood).await?;
    let busy = siege.cpu() - busy;
    let (in_time, guests) = fast(slowest);
    let measured = format!(
        "windows of 0 and 1, bandwidth 0, aborts, 10,000 acknowledgements: served, {acknowledged} acknowledgements of 1 MB; \
         a flood of pings: cut off {cut} after {sent} at most, CPU {busy} ms; guests {guests}"
    );
    siege.end(measured, (8..=17).contains(&acknowledged) && cut && busy <= 500 && in_time).await
}

pub(super) async fn a16(g: &Ground) -> Result<Outcome> {
    let siege = Siege::begin(g, &[]).await?;
    // Whoever reads its answers.
    let mut one = Stranger::connected(siege.ingest, host(19, 0)).await?;
    one.send(&call(0, "createStream", 2.0, &[Value::Null]).repeat(100)).await;
    let answers = one.listen(Duration::from_millis(500)).await;
    let made = answers.windows(7).filter(|window| window == b"_result").count();
    // Whoever does not.
    let flood = async {
        let mut one = Stranger::connected(siege.ingest, host(19, 1)).await?;
        let part = call(0, "createStream", 2.0, &[Value::Null]).repeat(10_000);
        for _ in 0..100 {
            if !one.send(&part).await {
                break;
            }
        }
        Ok(one.is_cut(Duration::from_secs(3)).await.is_some())
    };
    let (flooded, slowest) = siege.beside(flood).await?;
    let publish = |name: &str| call(1, "publish", 5.0, &[Value::Null, Value::text(name), Value::text("live")]);
    let mut early = Stranger::greeted(siege.ingest, host(19, 2)).await?;
    early.send(&publish(INSIDER)).await;
    let refused = early.hears(b"NetConnection.Call.Failed", AT_ONCE).await;
    drop(early);
    let mut twice = Stranger::let_in(siege.ingest, INSIDER, host(19, 3)).await?;
    twice.send(&publish(crate::bed::siege::GUEST)).await;
    let twice_denied = twice.hears(b"in use already", AT_ONCE).await;
    let race = [
        call(1, "deleteStream", 6.0, &[Value::Null, Value::Number(7.0)]),
        call(1, "deleteStream", 6.0, &[Value::Null, Value::Number(f64::NAN)]),
        call(1, "FCUnpublish", 7.0, &[Value::Null, Value::text("another")]),
        call(3, "closeStream", 8.0, &[Value::Null]),
    ];
    twice.send(&race.concat()).await;
    let stands = twice.is_cut(Duration::from_millis(1_500)).await.is_none();
    twice.send(&[call(1, "FCUnpublish", 9.0, &[Value::Null, Value::text(INSIDER)]), publish(INSIDER)].concat()).await;
    let ended = twice.is_cut(Duration::from_secs(4)).await.is_some();
    drop((one, twice));
    let (in_time, guests) = fast(slowest);
    let measured = format!(
        "100 calls make {made} streams; 10^6 unread: cut off {flooded}; publish before connect refused {refused}, a second one \
         {twice_denied}; other streams deleted: stands {stands}; its own given up: ends {ended}; guests {guests}"
    );
    siege.end(measured, made == 8 && flooded && refused && twice_denied && stands && ended && in_time).await
}

pub(super) async fn a17(g: &Ground) -> Result<Outcome> {
    let siege = Siege::begin(g, &[]).await?;
    // The key of the show beside, as a viewer who knows it might try.
    let key = "canary-watched";
    let mut got = Vec::new();
    for (index, name) in
        ["play", "play2", "getStreamLength", "FCSubscribe", "seek", "pause", "receiveVideo"].iter().enumerate()
    {
        let mut one = Stranger::greeted(siege.ingest, host(20, index)).await?;
        let name = Value::text(name);
        let (Value::Text(name), number) = (&name, Value::Number(-2_000.0)) else { continue };
        one.send(&then(&call(1, name, 4.0, &[Value::Null, Value::text(key), number]))).await;
        let bytes = one.listen(Duration::from_millis(700)).await;
        got.push(bytes.len());
        let denied = bytes.windows(11).any(|window| window == b"Play.Failed");
        if *name == "play" && !denied {
            got.push(usize::MAX);
        }
    }
    sleep(Duration::from_millis(100)).await;
    let most = got.iter().max().copied().unwrap_or(0);
    let measured =
        format!("7 calls that would play a studio with its ingest key: refused or ignored, at most {most} bytes each");
    siege.end(measured, most < 4_096).await
}
