//! A05 to A11: chunks that no honest peer sends.

use super::door::fast;
use crate::bed::Result;
use crate::bed::field::{COMMAND, Message, VIDEO, Value, amf, chunked, talk};
use crate::bed::siege::stranger::{Chunk, Stranger, call, connect, connect_with, host, said};
use crate::bed::siege::{Ground, INSIDER, Outcome, Siege};
use std::time::{Duration, Instant};
use tokio::time::sleep;

const CHUNK_SIZE: u8 = 1;
const AT_ONCE: Duration = Duration::from_secs(1);

/// Whether who says this behind the handshake is cut off within a second.
pub(super) async fn cut(siege: &Siege, network: u8, bytes: &[u8]) -> Result<bool> {
    let mut one = Stranger::greeted(siege.ingest, host(network, 0)).await?;
    one.send(bytes).await;
    Ok(one.is_cut(AT_ONCE).await.is_some())
}

/// Whether a connect behind this is answered.
async fn answered(siege: &Siege, network: u8, before: &[u8], chunk: usize) -> Result<bool> {
    let mut one = Stranger::greeted(siege.ingest, host(network, 0)).await?;
    let object =
        Value::object(&[("app", "live"), ("flashVer", &"x".repeat(600)), ("tcUrl", "rtmp://host.example/live")]);
    let mut bytes = before.to_vec();
    chunked(&talk::command(0, "connect", 1.0, &[object]), 3, chunk, &mut bytes);
    one.send(&bytes).await;
    Ok(one.hears(b"NetConnection.Connect.Success", AT_ONCE).await)
}

fn size(size: u32) -> Vec<u8> {
    said(CHUNK_SIZE, 0, &size.to_be_bytes())
}

pub(super) async fn a05(g: &Ground) -> Result<Outcome> {
    let siege = Siege::begin(g, &[]).await?;
    let stranger = cut(&siege, 6, &size(0)).await?;
    let mut insider = Stranger::let_in(siege.ingest, INSIDER, host(6, 1)).await?;
    insider.send(&size(0)).await;
    let insider = insider.is_cut(AT_ONCE * 5).await.is_some();
    siege.end(format!("a stranger is cut off: {stranger}, a publisher too: {insider}"), stranger && insider).await
}

pub(super) async fn a06(g: &Ground) -> Result<Outcome> {
    let siege = Siege::begin(g, &[]).await?;
    let mut insider = Stranger::let_in(siege.ingest, INSIDER, host(7, 0)).await?;
    insider.send(&size(1)).await;
    let length = 8 << 20;
    let head = Chunk { format: 0, csid: 6, length, kind: VIDEO, body: &[0x17] }.bytes();
    let tail = [0xc6, 0].repeat(256 << 10);
    let (busy, began) = (siege.cpu(), Instant::now());
    let attack = async {
        insider.send(&head).await;
        // Twice the message, were nobody to stop it.
        for _ in 0..64 {
            if !insider.send(&tail).await {
                break;
            }
        }
        Ok(insider.is_cut(Duration::from_secs(5)).await.is_some())
    };
    let (cut, slowest) = siege.beside(attack).await?;
    let (busy, took) = (siege.cpu() - busy, began.elapsed());
    let (in_time, guests) = fast(slowest);
    let measured = format!(
        "8 MiB in chunks of 1 byte: cut off {cut} after {} ms, CPU {busy} ms; guests {guests}",
        took.as_millis()
    );
    siege.end(measured, cut && busy <= 2_000 && in_time).await
}

pub(super) async fn a07(g: &Ground) -> Result<Outcome> {
    let siege = Siege::begin(g, &[]).await?;
    let mut works = Vec::new();
    for declared in [0x7fff_ffff, 0xffff_ffff, 0x8000_0080, 0x00ff_ffff, 0x0100_0000] {
        // The highest bit is none of the size (§5.4.1).
        let effective = (declared & 0x7fff_ffff_u32) as usize;
        works.push(answered(&siege, 8, &size(declared), effective).await?);
    }
    let grown = siege.grown();
    let good = works.iter().filter(|works| **works).count();
    siege
        .end(format!("{good} of {} served, +{grown} KiB meanwhile", works.len()), good == works.len() && grown <= 1024)
        .await
}

pub(super) async fn a08(g: &Ground) -> Result<Outcome> {
    let siege = Siege::begin(g, &[]).await?;
    let (mut whole, mut count) = (0, 0);
    for (index, (first, then)) in
        [(128, 64), (128, 1), (128, 4096), (128, 127), (64, 128), (1, 300)].into_iter().enumerate()
    {
        let object =
            Value::object(&[("app", "live"), ("flashVer", &"y".repeat(500)), ("tcUrl", "rtmp://h.example/live")]);
        let body = amf::encode(&[Value::text("connect"), Value::Number(1.0), object]);
        let mut bytes = if first == 128 { Vec::new() } else { size(first as u32) };
        let (start, rest) = body.split_at(first);
        bytes.extend(Chunk { format: 0, csid: 3, length: body.len() as u32, kind: COMMAND, body: start }.bytes());
        // On another chunk stream, amid the message.
        chunked(
            &Message { kind: CHUNK_SIZE, stream: 0, timestamp: 0, payload: (then as u32).to_be_bytes().to_vec() },
            2,
            first,
            &mut bytes,
        );
        for part in rest.chunks(then) {
            bytes.extend(Chunk { format: 3, csid: 3, length: 0, kind: 0, body: part }.bytes());
        }
        let mut one = Stranger::greeted(siege.ingest, host(9, index)).await?;
        one.send(&bytes).await;
        count += 1;
        whole += usize::from(one.hears(b"NetConnection.Connect.Success", AT_ONCE).await);
    }
    siege.end(format!("{whole} of {count} messages put together right"), whole == count).await
}

pub(super) async fn a09(g: &Ground) -> Result<Outcome> {
    let siege = Siege::begin(g, &[]).await?;
    let body = [0; 128];
    let chunk = |format, length, body| Chunk { format, csid: 3, length, kind: COMMAND, body }.bytes();
    let half = chunk(0, 300, &body);
    let cases = [
        ("format 2 first", chunk(2, 0, &body[..])),
        ("format 3 first", chunk(3, 0, &body[..])),
        ("format 0 amid a message", [half.clone(), chunk(0, 300, &body)].concat()),
        ("format 1 amid a message, another length", [half.clone(), chunk(1, 400, &body)].concat()),
        ("format 1 amid a message, a shorter length", [half, chunk(1, 100, &body)].concat()),
    ];
    let mut wrong = Vec::new();
    for (what, bytes) in &cases {
        if !cut(&siege, 10, bytes).await? {
            wrong.push(*what);
        }
    }
    // FMLE begins so.
    let whole = amf::encode(&[Value::text("connect"), Value::Number(1.0), Value::object(&[("app", "live")])]);
    let mut one = Stranger::greeted(siege.ingest, host(10, 1)).await?;
    one.send(&chunk(1, whole.len() as u32, &whole[..])).await;
    let tolerated = one.hears(b"NetConnection.Connect.Success", AT_ONCE).await;
    drop(one);
    let measured = format!(
        "{} of {} cut off {wrong:?}; format 1 first, as FMLE has it, served: {tolerated}",
        cases.len() - wrong.len(),
        cases.len()
    );
    siege.end(measured, wrong.is_empty() && tolerated).await
}

pub(super) async fn a10(g: &Ground) -> Result<Outcome> {
    let siege = Siege::begin(g, &[]).await?;
    // Messages of no bytes, so that none is under way.
    let whole: Vec<u8> =
        (3..65_600).flat_map(|csid| Chunk { format: 0, csid, length: 0, kind: 18, body: &[] }.bytes()).collect();
    let stranger = cut(&siege, 11, &whole).await?;
    let part: Vec<u8> =
        (3..60).flat_map(|csid| Chunk { format: 0, csid, length: 0, kind: 18, body: &[] }.bytes()).collect();
    let within = answered(&siege, 11, &part, talk::CHUNK).await?;
    let mut insider = Stranger::let_in(siege.ingest, INSIDER, host(11, 1)).await?;
    insider.send(&whole).await;
    let cut = insider.is_cut(Duration::from_secs(5)).await.is_some();
    let measured =
        format!("65,597 chunk streams: a stranger is cut off {stranger}, a publisher too {cut}; 57 served: {within}");
    siege.end(measured, stranger && cut && within).await
}

pub(super) async fn a11(g: &Ground) -> Result<Outcome> {
    let siege = Siege::begin(g, &[]).await?;
    let declared = |length: u32, count: u32| -> Vec<u8> {
        (3..3 + count).flat_map(|csid| Chunk { format: 0, csid, length, kind: VIDEO, body: &[1] }.bytes()).collect()
    };
    // Chunks of one byte, so that each is whole.
    let attack = |length, count| [size(1), declared(length, count)].concat();
    let large = cut(&siege, 12, &attack((16 << 20) - 1, 64)).await?;
    let many = cut(&siege, 12, &attack(64 << 10, 64)).await?;
    let mut insider = Stranger::let_in(siege.ingest, INSIDER, host(12, 1)).await?;
    insider.send(&attack((16 << 20) - 1, 64)).await;
    let too_large = insider.is_cut(Duration::from_secs(5)).await.is_some();
    let before = siege.grown();
    let mut insider = Stranger::let_in(siege.ingest, INSIDER, host(12, 2)).await?;
    insider.send(&attack(8 << 20, 7)).await;
    sleep(AT_ONCE).await;
    let held = siege.grown().saturating_sub(before);
    let stands = insider.is_cut(AT_ONCE / 10).await.is_none();
    drop(insider);
    let measured = format!(
        "16 MiB declared 64 times: cut off {large}, a publisher too {too_large}; 64 KiB 64 times: cut off {many}; 8 MiB \
         declared 7 times: stands {stands}, +{held} KiB"
    );
    siege.end(measured, large && many && too_large && held <= 128).await
}

/// A connect command whose object is this.
pub(super) fn connecting(rest: &[u8]) -> Vec<u8> {
    said(COMMAND, 0, &connect_with(rest))
}

/// A connection that has been answered, and what is said on it then.
pub(super) fn then(bytes: &[u8]) -> Vec<u8> {
    [&connect()[..], &call(0, "createStream", 2.0, &[Value::Null]), bytes].concat()
}
