//! A01 to A04: before anybody has said what they want.

use crate::bed::siege::stranger::{Stranger, host, session};
use crate::bed::siege::{Ground, LET_IN, Outcome, Siege};
use crate::bed::studio::{Studio, Wishes};
use crate::bed::{Result, until};
use futures_util::future::join_all;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::time::{interval, sleep, timeout};

/// Whether guests were let in as fast as they must be, and how fast.
pub(super) fn fast(slowest: Option<Duration>) -> (bool, String) {
    let shown =
        slowest.map_or_else(|| "not let in".into(), |slowest| format!("let in within {} ms", slowest.as_millis()));
    (slowest.is_some_and(|slowest| slowest <= LET_IN), shown)
}

pub(super) async fn a01(g: &Ground) -> Result<Outcome> {
    let mut siege = Siege::begin(g, &[]).await?;
    let ingest = siege.ingest;
    let crowd = || {
        join_all((0..500).map(|number| async move {
            let mut one = Stranger::connect(ingest, host(1, number / 25)).await.ok()?;
            let drip = async {
                let mut second = interval(Duration::from_secs(1));
                loop {
                    second.tick().await;
                    if !one.send(&[3]).await {
                        std::future::pending::<()>().await;
                    }
                }
            };
            let _ = timeout(Duration::from_millis(8_500), drip).await;
            one.is_cut(Duration::from_secs(5)).await
        }))
    };
    for _ in 0..2 {
        crowd().await;
        siege.rehearsed().await;
    }
    let held = async {
        sleep(Duration::from_secs(6)).await;
        (siege.opened(), siege.grown_in_all())
    };
    let attack = async { Ok(tokio::join!(crowd(), held)) };
    let ((cut, (open, grown)), slowest) = siege.beside(attack).await?;
    let times: Vec<Duration> = cut.into_iter().flatten().collect();
    let (first, last) = (times.iter().min().copied(), times.iter().max().copied());
    let (in_time, guests) = fast(slowest);
    let each = grown / 500;
    let shown = |time: Option<Duration>| time.map_or(0.0, |time| time.as_secs_f64());
    let measured = format!(
        "{} of 500 cut, after {:.1} to {:.1} s; {open} open at once, {each} KiB each; guests {guests}",
        times.len(),
        shown(first),
        shown(last)
    );
    let on_time =
        first.is_some_and(|first| first.as_secs_f64() >= 9.0) && last.is_some_and(|last| last.as_secs_f64() <= 11.5);
    siege.end(measured, times.len() == 500 && on_time && each <= 64 && in_time).await
}

pub(super) async fn a02(g: &Ground) -> Result<Outcome> {
    let siege = Siege::begin(g, &[]).await?;
    let whole = session("a-key-that-is-wrong");
    let (mut slowest, mut late, mut count) = (Duration::ZERO, 0, 0_u32);
    let before = siege.cpu();
    let began = Instant::now();
    let offsets: Vec<usize> = (0..=whole.len()).collect();
    for (batch, part) in offsets.chunks(20).enumerate() {
        let ends = part.iter().map(|at| async {
            let from = host(2, batch % 200);
            let mut one = Stranger::connect(siege.ingest, from).await.ok()?;
            one.send(&whole[..*at]).await;
            let cut = Instant::now();
            tokio::io::AsyncWriteExt::shutdown(&mut one.tcp).await.ok()?;
            one.is_cut(Duration::from_secs(4)).await?;
            let took = cut.elapsed();
            let mut other = Stranger::connect(siege.ingest, from).await.ok()?;
            other.send(&whole[..*at]).await;
            other.reset();
            Some((*at, took))
        });
        for end in join_all(ends).await {
            count += 2;
            let Some((at, took)) = end else {
                late += 1;
                continue;
            };
            // Who has asked in full is told why not, and may listen for 2 s.
            if at < whole.len() {
                slowest = slowest.max(took);
            }
        }
    }
    let busy = siege.cpu() - before;
    let back = until("its files", Duration::from_secs(3), || (siege.opened() == 0).then_some(())).await.is_ok();
    let idle = siege.cpu();
    sleep(Duration::from_secs(2)).await;
    let idle = siege.cpu() - idle;
    let measured = format!(
        "{count} connections ended by FIN or RST behind {} offsets: {late} not noticed, the slowest after {} ms; CPU {busy} \
         ms in {} s, {idle} ms in the 2 s after",
        offsets.len(),
        slowest.as_millis(),
        began.elapsed().as_secs()
    );
    siege.end(measured, late == 0 && slowest <= Duration::from_millis(400) && back && idle <= 200).await
}

pub(super) async fn a03(g: &Ground) -> Result<Outcome> {
    let mut siege = Siege::begin(g, &[]).await?;
    for (network, hosts, each) in [(3, 25, 200), (4, 150, 33)].repeat(2) {
        let mut silent = Vec::new();
        for number in 0..hosts * each {
            silent.push(Stranger::connect(siege.ingest, host(network, number % hosts)).await);
        }
        sleep(Duration::from_millis(500)).await;
    }
    siege.rehearsed().await;
    let flood = async |network: u8, hosts: usize, each: usize| -> Result<(usize, Duration, Vec<Stranger>)> {
        let (mut crowd, mut slowest) = (Vec::new(), Duration::ZERO);
        for number in 0..hosts * each {
            let began = Instant::now();
            if let Ok(one) = Stranger::connect(siege.ingest, host(network, number % hosts)).await {
                slowest = slowest.max(began.elapsed());
                crowd.push(one);
            }
        }
        sleep(Duration::from_millis(300)).await;
        Ok((siege.opened(), slowest, crowd))
    };
    let ((few, slow_few, crowd), first) = siege.beside(flood(3, 25, 200)).await?;
    let few = (few, crowd.len());
    drop(crowd);
    let ((many, slow_many, crowd), second) = siege.beside(flood(4, 150, 33)).await?;
    let full = siege.guest().await.ok();
    let many = (many, crowd.len());
    // From the very address that is full of silence.
    let shared = siege.guest_from(host(4, 0)).await.ok();
    drop(crowd);
    let (in_time, guests) =
        fast([first, second, full, shared].into_iter().reduce(|a, b| a.zip(b).map(|(a, b)| a.max(b))).flatten());
    let measured = format!(
        "{} connections from 25 addresses: {} kept (32 each); {} from 150: {} kept (2,000 in all); accepted within {} ms; \
         guests, one of them from a full address, {guests}",
        few.1,
        few.0,
        many.1,
        many.0,
        slow_few.max(slow_many).as_millis()
    );
    // A guest may be there at the moment of the count.
    let good = few.0 <= 25 * 32 + 2 && few.0 >= 700 && many.0 <= 2_002 && many.0 >= 1_800 && in_time;
    siege.end(measured, good).await
}

pub(super) async fn a04(g: &Ground) -> Result<Outcome> {
    let tls: Vec<u8> = [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], &[7; 506]].concat();
    let noise: Vec<u8> = (0..4_096_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8 | 0x80).collect();
    let hellos: [(&str, &[u8]); 6] = [
        ("HTTP", b"GET / HTTP/1.1\r\nHost: live\r\n\r\n"),
        ("TLS", &tls),
        ("RTMPE", &[6; 1537]),
        ("PROXY", b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n"),
        ("SSH", b"SSH-2.0-OpenSSH_9.2\r\n"),
        ("noise", &noise),
    ];
    // The whole program, since it says what it turns away.
    let studio = Studio::start(&g.dir, Wishes::default()).await?;
    let ingest: SocketAddr =
        studio.ingest().await?.server.trim_start_matches("rtmp://").trim_end_matches("/live").parse()?;
    let (mut cut, mut slowest) = (0, Duration::ZERO);
    let from = Ipv4Addr::new(127, 0, 5, 5);
    for _ in 0..20 {
        for (_, hello) in &hellos {
            let mut one = Stranger::connect(ingest, from).await?;
            one.send(hello).await;
            if let Some(took) = one.is_cut(Duration::from_secs(2)).await {
                cut += 1;
                slowest = slowest.max(took);
            }
        }
    }
    let lines = studio.telecast.log().lines().filter(|line| line.contains("127.0.5.5")).count();
    let siege = Siege::begin(g, &[]).await?;
    for (_, hello) in hellos {
        let mut one = Stranger::connect(siege.ingest, from).await?;
        one.send(hello).await;
        one.is_cut(Duration::from_secs(2)).await;
    }
    let names: Vec<&str> = hellos.iter().map(|(name, _)| *name).collect();
    let measured = format!(
        "{}: {cut} of 120 cut, the slowest after {} ms; {lines} line of log at debug",
        names.join(", "),
        slowest.as_millis()
    );
    siege.end(measured, cut == 120 && slowest <= Duration::from_secs(1) && lines <= 1).await
}
