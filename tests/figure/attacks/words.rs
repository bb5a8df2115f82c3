//! A26 to A30: hostile words, names as paths and commands, certificates, and keys where they do not belong.

use super::house::House;
use crate::bed::field::{Behaviour, Sink, Value};
use crate::bed::siege::stranger::{Stranger, call, connecting_to, host};
use crate::bed::siege::{CANARY, Ground, Outcome, SOON, Siege};
use crate::bed::sweep::Sweep;
use crate::bed::{Result, files, until};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use telecast::demo::bot_api::OLIVIA;
use telecast::rtmp::transport::ServerTls;
use tokio::time::sleep;

/// What a platform might say to whoever shows it.
const HOSTILE: &str =
    "</b><a href=\"tg://x\">tap</a>\r\n2026-01-01 ERROR forged line\u{1b}[31mred\u{202e}esrever\u{0}*_`[x](y)";

pub(super) async fn a26(g: &Ground) -> Result<Outcome> {
    let house = House::live(g).await?;
    let long: &'static str = Box::leak(format!("{HOSTILE}{}", "A".repeat(60_000)).into_boxed_str());
    let sink = Sink::start(&g.clip)?;
    sink.behave(Behaviour::Refuse("NetStream.Publish.Denied", long));
    house.studio.add_target("Liar", &format!("rtmp://{}/live", sink.address()), "canary-liar-target").await?;
    let told = || {
        let all = house.studio.phone.messages(house.studio.chat());
        all.into_iter().rev().find(|m| m.by_bot && m.text().contains("esrever")).map(|m| m.text().to_owned())
    };
    let said = until("the platform's words", SOON * 2, told).await?;
    let quoted = said.split('“').nth(1).and_then(|rest| rest.split('”').next()).unwrap_or(&said);
    let clean = !said
        .chars()
        .any(|c| matches!(c, '\u{1b}' | '\u{0}' | '\r' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'));
    let literal = quoted.contains("</b>") || quoted.contains("tap");
    // Encoders' names and streams' are a stranger's words too.
    let mut encoder = Stranger::greeted(house.ingest, host(27, 0)).await?;
    encoder.send(&connecting_to("live", HOSTILE)).await;
    encoder.send(&call(0, "createStream", 2.0, &[Value::Null])).await;
    encoder.send(&call(1, "publish", 3.0, &[Value::Null, Value::text(HOSTILE), Value::text("live")])).await;
    encoder.is_cut(Duration::from_secs(4)).await;
    let log = house.studio.telecast.log();
    let forged = log.lines().filter(|line| line.starts_with("2026-01-01")).count();
    let odd = log.chars().filter(|c| matches!(c, '\u{1b}' | '\u{0}' | '\u{202e}')).count();
    let longest = log.lines().map(str::len).max().unwrap_or(0);
    let measured = format!(
        "60 KB of words with tags, CR/LF, ANSI, RTL: {} characters quoted in chat, as text {literal}, no control characters \
         {clean}; log: {forged} forged lines, {odd} control characters, the longest line {longest} bytes",
        quoted.chars().count()
    );
    let good = clean && literal && quoted.chars().count() <= 201 && forged == 0 && odd == 0 && longest < 4_096;
    house.end(measured, good, 0).await
}

pub(super) async fn a27(g: &Ground) -> Result<Outcome> {
    let house = House::live(g).await?;
    let list = || -> Result<Vec<PathBuf>> {
        let mut found = files(&g.dir)?;
        found.sort();
        Ok(found)
    };
    let before = list()?;
    let names = [
        "../../../../tmp/siege",
        "/etc/passwd",
        "..%2f..%2fetc%2fpasswd",
        "..\\..\\windows",
        "canary/../../data",
        "a\0b",
        "con",
        "file:///etc/passwd",
        "....//....//etc",
    ];
    for (at, name) in names.iter().enumerate() {
        let mut encoder = Stranger::greeted(house.ingest, host(28, at)).await?;
        encoder.send(&connecting_to(name, "FMLE/3.0")).await;
        encoder.send(&call(0, "createStream", 2.0, &[Value::Null])).await;
        encoder.send(&call(1, "publish", 3.0, &[Value::Null, Value::text(name), Value::text("record")])).await;
        encoder.is_cut(Duration::from_millis(300)).await;
        let said = house.studio.say("/ingest")?;
        house.studio.answer(said, "Connect your camera").await?;
    }
    for name in ["../../x", "<b>", "a/b"] {
        house.studio.phone.say(
            OLIVIA,
            house.studio.chat(),
            &format!("/addtarget rtmp://127.0.0.1:9/{name} {name}-key"),
        )?;
        house.studio.say("/cancel")?;
    }
    let after = list()?;
    let mut new: Vec<_> = after.iter().filter(|path| !before.contains(path)).collect();
    // The store's own: logs, snapshots, exports.
    new.retain(|path| !path.starts_with(house.studio.data()));
    let etc = Path::new("/tmp/siege").exists();
    let measured =
        format!("{} names that are paths, as app and stream: {} files made outside the store", names.len(), new.len());
    house.end(measured, new.is_empty() && !etc, 0).await
}

pub(super) async fn a28(g: &Ground) -> Result<Outcome> {
    let siege = Siege::begin(g, &[]).await?;
    let mark = g.dir.join("injected");
    let touch = format!("touch {}", mark.display());
    let names = [
        format!("$({touch})"),
        format!("`{touch}`"),
        format!("; {touch} ;"),
        format!("| {touch}"),
        format!("\n{touch}\n"),
    ];
    let mut children = 0;
    for (at, name) in names.iter().enumerate() {
        let mut one = Stranger::greeted(siege.ingest, host(29, at)).await?;
        one.send(&connecting_to(name, name)).await;
        one.send(&call(0, "createStream", 2.0, &[Value::Null])).await;
        one.send(&call(1, "publish", 3.0, &[Value::Null, Value::text(name), Value::text("live")])).await;
        one.is_cut(Duration::from_millis(300)).await;
        let tasks = std::fs::read_dir(format!("/proc/{}/task", siege.proc.id()))?;
        for task in tasks.flatten() {
            let of = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
            children += of.split_whitespace().count();
        }
    }
    let sources = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))?;
    let starts = sources.iter().filter(|path| {
        std::fs::read_to_string(path).is_ok_and(|text| {
            ["process::Command", "Command::new(\"", "libc::system", "std::process::{"]
                .iter()
                .any(|way| text.contains(way))
        })
    });
    let starts: Vec<_> = starts.collect();
    let measured = format!(
        "{} names that are commands: {children} children, file made: {}; of {} sources of Telecast {} start programs {starts:?}",
        names.len(),
        mark.exists(),
        sources.len(),
        starts.len()
    );
    let good = children == 0 && !mark.exists() && starts.is_empty();
    siege.end(measured, good).await
}

/// A certificate for `name` until `year`, its own authority, and its key.
fn certificate(name: &str, year: i32) -> Result<(String, String, ServerTls)> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(vec![name.to_owned()])?;
    params.not_before = date_time_ymd(2000, 1, 1);
    params.not_after = date_time_ymd(year, 1, 1);
    let (pem, key) = (params.self_signed(&key)?.pem(), key.serialize_pem());
    let tls = ServerTls::new(pem.as_bytes(), key.as_bytes())?;
    Ok((pem, key, tls))
}

pub(super) async fn a29(g: &Ground) -> Result<Outcome> {
    let own = "127.0.0.1";
    // Nobody vouches for any of them; the relay of this row trusts the web's authorities alone.
    let shown = [certificate(own, 2060)?, certificate(own, 2020)?, certificate("other.example", 2060)?];
    let (pem, key, _) = &shown[0];
    let (pem_file, key_file) = (g.dir.join("old.pem"), g.dir.join("old.key"));
    std::fs::write(&pem_file, pem)?;
    std::fs::write(&key_file, key)?;
    let port = crate::bed::free_port()?;
    let mut old = Command::new("openssl");
    old.args(["s_server", "-quiet", "-tls1", "-cipher", "DEFAULT@SECLEVEL=0", "-accept", &port.to_string()]);
    old.arg("-cert").arg(&pem_file).arg("-key").arg(&key_file);
    let mut old = crate::bed::proc::Proc::start("tls1", &old, &g.dir)?;
    old.wait_for_port(port, SOON).await?;
    let mut sinks = Vec::new();
    for (_, _, tls) in shown {
        sinks.push(Sink::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), &g.clip, Some(tls), None)?);
    }
    // Plain RTMP where TLS is asked for.
    let plain = Sink::start(&g.clip)?;
    let mut targets: Vec<String> = sinks.iter().map(|sink| sink.url("canary-tls-target")).collect();
    targets.push(plain.url("canary-tls-target").replace("rtmp://", "rtmps://"));
    targets.push(format!("rtmps://127.0.0.1:{port}/live/canary-tls-target"));
    let siege = Siege::begin(g, &targets).await?;
    // Who answers nothing is given 10 s.
    sleep(Duration::from_secs(9)).await;
    let log = siege.proc.log();
    let said = |target: usize, words: &str| {
        log.lines().any(|line| line.contains(&format!("target={target} ")) && line.contains(words))
    };
    let reasons = [
        said(2, "not trusted"),
        said(3, "not trusted") || said(3, "expired"),
        said(4, "not trusted") || said(4, "another name"),
        said(5, "Timeout"),
        said(6, "Tls"),
    ];
    let sent: u64 = sinks.iter().chain([&plain]).map(|sink| sink.look(|ledger| ledger.asked)).sum();
    let told = reasons.iter().filter(|told| **told).count();
    let measured = format!(
        "not vouched for, expired, another name, no TLS, TLS 1.0: {told} of 5 refused with their reason, {sent} publishes \
         reached them"
    );
    siege.end(measured, told == 5 && sent == 0).await
}

pub(super) async fn a30(g: &Ground) -> Result<Outcome> {
    // After all other rows: what they left behind.
    let Some(all) = g.dir.parent() else { return Ok(Outcome::of("nothing to search", false)) };
    let mut places = files(all)?;
    // What the row itself wrote to be sent, and the encoders' and stand-ins' own files, are no words of Telecast's.
    places.retain(|path| {
        path.extension().is_some_and(|end| end == "log" || end == "db" || end == "sled")
            || path.iter().any(|part| part == "data")
    });
    let keys: Vec<String> = ('a'..='z').map(|letter| format!("{CANARY}-{letter}")).collect();
    let sweep = Sweep::of(keys.iter().map(String::as_str));
    let mut hits = Vec::new();
    let mut bytes = 0;
    for place in &places {
        let text = std::fs::read(place)?;
        bytes += text.len();
        if !sweep.find(&text).is_empty() {
            hits.push(place.display().to_string());
        }
    }
    let measured = format!(
        "{} logs and files of the store of all rows, {} KiB: {} with a part of a key {hits:?}; `tests/figures canaries` and \
         `tests/figures secrets` plant 20 more",
        places.len(),
        bytes >> 10,
        hits.len()
    );
    Ok(Outcome::of(measured, hits.is_empty() && places.len() > 20))
}
