//! F21, F22, F44, F46, F47: names, certificates, clocks and a host that is short of everything.

use super::scene::{Ground, Outcome, SOON, Scene, keyed, pause, s};
use crate::bed::Result;
use crate::bed::field::{Behaviour, Options, Sink, VIDEO};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use std::net::{Ipv4Addr, SocketAddr};
use telecast::rtmp::transport::ServerTls;
use tokio::net::TcpSocket;

fn frames(sink: &Sink) -> u64 {
    sink.look(|ledger| ledger.received.frames)
}

/// A certificate for `name` until `year`, its own authority, and its key.
fn certificate(name: &str, year: i32) -> Result<(String, ServerTls)> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(vec![name.to_owned()])?;
    params.not_before = date_time_ymd(2000, 1, 1);
    params.not_after = date_time_ymd(year, 1, 1);
    let pem = params.self_signed(&key)?.pem();
    let tls = ServerTls::new(pem.as_bytes(), key.serialize_pem().as_bytes())?;
    Ok((pem, tls))
}

pub(super) async fn f22(g: &Ground) -> Result<Outcome> {
    let own = "127.0.0.1";
    let shown = [
        certificate(own, 2060)?,
        certificate(own, 2020)?,
        certificate("other.example", 2060)?,
        certificate(own, 2060)?,
        certificate(own, 2060)?,
    ];
    // All but the fourth are trusted.
    let trusted: String =
        shown.iter().enumerate().filter(|(at, _)| *at != 3).map(|(_, (pem, _))| pem.as_str()).collect();
    std::fs::write(g.dir.join("authority.pem"), trusted)?;
    let mut sinks = vec![g.sink()?];
    for (_, tls) in shown {
        sinks.push(Sink::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), &g.clip, Some(tls), None)?);
    }
    sinks[5].behave(Behaviour::MuteHandshake);
    let mut scene = Scene::of(g, sinks).await?;
    scene.publish(Options::of(1)).await?;
    scene.settle().await?;
    pause(s(12)).await;
    let got: Vec<&str> =
        scene.sinks[1..].iter().map(|sink| if frames(sink) > 0 { "sent to" } else { "refused" }).collect();
    let said = |target: &str, words: &str| scene.said(&[&format!("target={target} "), words]) > 0;
    let words = said("3", "the certificate has expired")
        && said("4", "the certificate is for another name")
        && said("5", "the certificate is not trusted")
        && said("6", "Timeout");
    let measured = format!(
        "good {}, expired {}, wrong host {}, unknown authority {}, handshake hangs {}; each told with its reason: {words}",
        got[0], got[1], got[2], got[3], got[4]
    );
    let good = words && got == ["sent to", "refused", "refused", "refused", "refused"];
    scene.isolated([0]);
    scene.close(measured, good).await
}

pub(super) async fn f44(g: &Ground) -> Result<Outcome> {
    let clock = g.dir.join("clock");
    std::fs::write(&clock, "+0")?;
    let wrap = [
        "env".to_owned(),
        "LD_PRELOAD=/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1".to_owned(),
        format!("FAKETIME_TIMESTAMP_FILE={}", clock.display()),
        "FAKETIME_NO_CACHE=1".to_owned(),
        "FAKETIME_DONT_FAKE_MONOTONIC=1".to_owned(),
    ];
    let sinks = vec![g.sink()?, g.sink()?];
    let targets: Vec<String> = sinks.iter().enumerate().map(|(number, sink)| keyed(sink, number)).collect();
    let mut scene = Scene::with(g, sinks, &targets, &wrap).await?;
    scene.publish(Options::of(1)).await?;
    scene.settle().await?;
    for offset in ["+1h", "-1h", "+0"] {
        std::fs::write(&clock, offset)?;
        pause(s(3)).await;
    }
    let ledger = scene.sinks[0].ledger();
    let stepped = (ledger.accepted, scene.lost(), ledger.delay(990));
    // As a laptop that sleeps: no time passes for it, then much has.
    scene.subject.proc.signal("STOP")?;
    pause(s(6)).await;
    scene.subject.proc.signal("CONT")?;
    let before = frames(&scene.sinks[0]);
    let again = scene.sinks[0].until("frames", SOON, |ledger| ledger.received.frames > before + 60).await.is_ok();
    pause(s(1)).await;
    let after = scene.sinks[0].ledger();
    let measured = format!(
        "clock +1 h, -1 h, back: {} connection, {} frames lost, p99 {} ms; asleep for 6 s: {} connection(s), goes on: {again}",
        stepped.0, stepped.1, stepped.2, after.accepted
    );
    scene.close(measured, stepped.0 == 1 && stepped.1 == 0 && again).await
}

/// CPU time that a program has had, in ticks of 10 ms.
fn ticks(id: u32) -> u64 {
    let stat = super::scene::text(format!("/proc/{id}/stat").as_ref());
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    fields.get(11..13).map_or(0, |both| both.iter().filter_map(|field| field.parse::<u64>().ok()).sum())
}

pub(super) async fn f46(g: &Ground) -> Result<Outcome> {
    let sinks = vec![g.sink()?, g.sink()?];
    let targets: Vec<String> = sinks.iter().enumerate().map(|(number, sink)| keyed(sink, number)).collect();
    let wrap = ["prlimit".to_owned(), "--nofile=40:40".to_owned()];
    let mut scene = Scene::with(g, sinks, &targets, &wrap).await?;
    scene.publish(Options::of(1)).await?;
    scene.settle().await?;
    let quiet = ticks(scene.subject.proc.id());
    pause(s(3)).await;
    let quiet = ticks(scene.subject.proc.id()) - quiet;
    let mut crowd = Vec::new();
    for number in 0..90_u8 {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from((Ipv4Addr::new(127, 0, 1, 1 + number / 30), 0)))?;
        if let Ok(Ok(tcp)) = tokio::time::timeout(s(1), socket.connect(scene.subject.ingest)).await {
            crowd.push(tcp);
        }
    }
    let files = std::fs::read_dir(format!("/proc/{}/fd", scene.subject.proc.id())).map_or(0, Iterator::count);
    let busy = ticks(scene.subject.proc.id());
    pause(s(3)).await;
    let busy = ticks(scene.subject.proc.id()) - busy;
    let lost = scene.lost();
    let reached = crowd.len();
    drop(crowd);
    pause(s(1)).await;
    let free = scene.publish(Options { from: Ipv4Addr::new(127, 0, 2, 1).into(), ..Options::of(2) }).await.is_ok();
    let back = scene.sinks[0].until("the next encoder", SOON, |ledger| ledger.account(2, 0).is_some()).await.is_ok();
    let measured = format!(
        "{reached} strangers, {} of 40 files open: {} frames lost, CPU {} ms in 3 s (at rest {} ms); then the next \
         encoder is let in: {}",
        files.min(40),
        lost,
        busy * 10,
        quiet * 10,
        free && back
    );
    scene.isolated([0, 1]);
    scene.close(measured, lost == 0 && busy <= quiet + 60 && free && back).await
}

pub(super) async fn f47(g: &Ground) -> Result<Outcome> {
    let mut scene = Scene::live(g).await?;
    let id = scene.subject.proc.id().to_string();
    // A tenth of a core: 10 ms in each 100.
    let script = format!(
        "for i in $(seq 100); do kill -CONT {id}; sleep 0.01; kill -STOP {id}; sleep 0.09; done; kill -CONT {id}"
    );
    let starved =
        tokio::task::spawn_blocking(move || std::process::Command::new("bash").args(["-c", &script]).status());
    let start = std::time::Instant::now();
    let status = starved.await??;
    let took = start.elapsed();
    scene.sinks[0].forget_delays();
    pause(s(3)).await;
    let ledger = scene.sinks[0].ledger();
    let (after, connections) = (ledger.delay(990), ledger.accepted);
    let measured = format!(
        "{} s with 10 ms in 100: {} frames lost, {connections} connection; 3 s later p99 {after} ms (at rest {} ms)",
        took.as_secs(),
        scene.lost(),
        scene.rest()
    );
    let recovered = after <= scene.rest() + 50;
    scene.verdicts.recovery(recovered.then_some(3_000_000), 5_000_000);
    scene.close(measured, status.success() && connections == 1 && recovered && ledger.time(VIDEO).is_some()).await
}
