//! Two thousand hostile sessions against one relay, by strangers, by publishers and by platforms: the same process, no
//! more memory, and the show beside loses nothing.

use crate::bed::field::{COMMAND, Clip, VIDEO, Value};
use crate::bed::scratch;
use crate::bed::siege::stranger::{Chunk, Stranger, call, connect, connecting_to, host, said, session};
use crate::bed::siege::{Ground, INSIDER, Siege};
use futures_util::StreamExt as _;
use futures_util::stream;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Sessions of strangers at a time.
const AT_ONCE: usize = 32;
/// A stranger that says nothing more has hung up by then.
const LISTENS: Duration = Duration::from_millis(20);

/// What is said behind the handshake, by whoever is not let in.
fn nonsense() -> Vec<Vec<u8>> {
    let chunk = |format, csid, length, kind, body: &[u8]| Chunk { format, csid, length, kind, body }.bytes();
    let nested = [&[2, 0, 7][..], b"connect", &[0; 9], &[3, 0, 1, b'a'].repeat(200)].concat();
    let command = |rest: &[u8]| said(COMMAND, 0, &[&[2, 0, 7][..], b"connect", &[0; 9], rest].concat());
    vec![
        said(1, 0, &[0; 4]),
        [said(1, 0, &[0, 0, 0, 1]), chunk(0, 6, 0xff_ffff, VIDEO, &[0x17])].concat(),
        [said(1, 0, &[0xff; 4]), connect()].concat(),
        chunk(2, 9, 0, 0, &[7; 128]),
        chunk(3, 9, 0, 0, &[7; 128]),
        [chunk(0, 5, 400, COMMAND, &[2; 128]), chunk(0, 5, 90, COMMAND, &[2; 90])].concat(),
        [chunk(0, 5, 400, COMMAND, &[2; 128]), chunk(1, 5, 4, COMMAND, &[2; 4])].concat(),
        (3..90).flat_map(|csid| chunk(0, csid, 0, 18, &[])).collect(),
        [said(1, 0, &[0, 0, 0, 1]), (3..40).flat_map(|csid| chunk(0, csid, 60_000, VIDEO, &[1])).collect()].concat(),
        said(COMMAND, 0, &nested),
        command(&[0x0a, 0xff, 0xff, 0xff, 0xff]),
        command(&[0x0c, 0xff, 0xff, 0xff, 0xff]),
        command(&[0x08, 0xff, 0xff, 0xff, 0xff, 0, 1, b'a']),
        command(&[0x11, 0x0a, 0xff, 0xff]),
        said(COMMAND, 0, &[]),
        said(17, 0, &[0]),
        said(22, 0, &[9, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
        [connect(), connect(), call(0, "createStream", 2.0, &[Value::Null]).repeat(20)].concat(),
        [connect(), call(1, "publish", 3.0, &[Value::Null, Value::text("../../../etc/passwd")])].concat(),
        [connect(), call(1, "play", 3.0, &[Value::Null, Value::text("canary-watched")])].concat(),
        [call(1, "publish", 3.0, &[Value::Null, Value::text(INSIDER)]), connect()].concat(),
        connecting_to(&"x".repeat(30_000), "\r\n\u{1b}[31m"),
        [said(2, 0, &[0xff; 4]), said(4, 0, &[0, 6, 0]).repeat(50), said(5, 0, &[0; 4])].concat(),
        (0..600_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect(),
    ]
}

/// What is said instead of a handshake.
fn hellos() -> Vec<Vec<u8>> {
    vec![
        b"GET / HTTP/1.1\r\nHost: live\r\n\r\n".to_vec(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".repeat(20),
        vec![6; 1537],
        b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n".to_vec(),
        session("a-key-that-is-wrong"),
    ]
}

/// Says `bytes` in two parts and hangs up.
async fn play(ingest: SocketAddr, number: usize, greets: bool, bytes: &[u8], split: usize) -> bool {
    let from = host(40, number % 60);
    let met = if greets { Stranger::greeted(ingest, from).await } else { Stranger::connect(ingest, from).await };
    let Ok(mut stranger) = met else { return false };
    let (first, rest) = bytes.split_at(split);
    stranger.send(first).await;
    tokio::task::yield_now().await;
    stranger.send(rest).await;
    stranger.is_cut(LISTENS).await;
    // By FIN and by RST in turn.
    if number.is_multiple_of(2) {
        stranger.reset();
    }
    true
}

/// A platform that says something else to each connection; how many it had.
async fn platform(count: Arc<AtomicUsize>, stop: CancellationToken) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tasks, nonsense) = (TaskTracker::new(), Arc::new(nonsense()));
    tasks.clone().spawn(stop.run_until_cancelled_owned(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            let (number, nonsense) = (count.fetch_add(1, Ordering::Relaxed), Arc::clone(&nonsense));
            tasks.spawn(async move {
                let mut hello = vec![0; 1537];
                if number % 4 == 0 {
                    // No handshake, or half of one.
                    let whole = session("x");
                    let _ = tcp.write_all(&whole[..number * 37 % whole.len()]).await;
                } else if tcp.read_exact(&mut hello).await.is_ok() {
                    let answer = [&hello[..], &hello[1..]].concat();
                    let _ = tcp.write_all(&answer).await;
                    let said = &nonsense[number % nonsense.len()];
                    let split = number * 13 % said.len().max(1);
                    let _ = tcp.write_all(&said[..split]).await;
                    tokio::task::yield_now().await;
                    let _ = tcp.write_all(&said[split..]).await;
                }
                tokio::time::sleep(LISTENS).await;
            });
        }
    }));
    address
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_hostile_sessions_hurt_nobody_and_leave_nothing() {
    let dir = scratch().unwrap();
    let ground = Ground { dir: dir.path().to_owned(), clip: Clip::new(500).unwrap() };
    let (dialled, stop) = (Arc::<AtomicUsize>::default(), CancellationToken::new());
    let _stop = stop.clone().drop_guard();
    let mut targets = Vec::new();
    for number in 0..24 {
        let address = platform(Arc::clone(&dialled), stop.clone()).await;
        targets.push(format!("rtmp://{address}/live/canary-target-{number}"));
    }
    let mut siege = Box::pin(Siege::begin(&ground, &targets)).await.map_err(|fault| fault.0).unwrap();
    let sequences = nonsense().into_iter().map(|bytes| (true, bytes)).chain(hellos().into_iter().map(|b| (false, b)));
    let sequences: Vec<_> = sequences.collect();
    let mut plays = Vec::new();
    for (greets, bytes) in &sequences {
        // Each byte of what is short, and as many places of what is long.
        let step = (bytes.len() / 90).max(1);
        plays.extend((0..=bytes.len()).step_by(step).map(|split| (*greets, bytes, split)));
    }
    let ingest = siege.ingest;
    let play_all = async || {
        stream::iter(plays.iter().enumerate())
            .map(|(number, (greets, bytes, split))| play(ingest, number, *greets, bytes, *split))
            .buffer_unordered(AT_ONCE)
            .filter(|met| std::future::ready(*met))
            .count()
            .await
    };
    // All of it twice: what the allocator keeps of the first time is found by the second, unless something is left behind.
    play_all().await;
    siege.rehearsed().await;
    let began = Instant::now();
    let played = play_all().await;
    let (took, hostile) = (began.elapsed(), dialled.load(Ordering::Relaxed));
    let outcome = siege.end("", true).await.map_err(|fault| fault.0).unwrap();
    println!("{played} sessions of strangers and {hostile} of platforms in {took:?}: {}", outcome.alive);
    assert!(outcome.good, "{}", outcome.alive);
    assert_eq!(played, plays.len(), "everybody was met");
    assert!(played + hostile >= 2_000 && hostile >= 40, "{played} and {hostile}");
    assert!(took < Duration::from_secs(20), "{took:?}");
}
