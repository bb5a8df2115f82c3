//! What clips, levels and a watch page that nobody watches cost the threads that relay (`COST_ROUNDS` that take turns), and 20 who watch beside 20 platforms.

use super::Figure;
use crate::bed::proc::Proc;
use crate::bed::relaybench::{Apart, Bench, median, processor};
use crate::bed::studio::{Studio, Wishes};
use crate::bed::{Fault, Result, fault, free_port, place, setting};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const ROUNDS: usize = 5;
/// How long each is measured, s.
const SECONDS: u64 = 12;
/// What the thread is called that does what stands beside shows.
const THREAD: &str = "beside";
/// What 20 publishers of 6 Mbit/s and their sound make for 4 targets each, Gbit/s.
const GBITS: f64 = 20.0 * 4.0 * 6.128e-3;
/// Who watch, or platforms.
const MANY: u16 = 20;
/// In how many windows both are measured at the same time, and how long each is. One alone is off by up to a tenth.
const WINDOWS: usize = 9;
const WINDOW: Duration = Duration::from_secs(20);
const SOON: Duration = Duration::from_secs(30);

pub(super) async fn measure() -> Result<Figure> {
    let dir = place("cost")?;
    let bench = Bench::new(&dir)?;
    let rounds: usize = setting("COST_ROUNDS").unwrap_or(ROUNDS);
    let (mut bare, mut busy) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        bare.push(bench.apart(&["--bare"], THREAD, SECONDS, &dir).await?);
        busy.push(bench.apart(&[], THREAD, SECONDS, &dir).await?);
    }
    let relaying = |all: &[Apart]| median(all.iter().map(|one| one.relaying).collect());
    let (without, with) = (relaying(&bare), relaying(&busy));
    let beside = median(busy.iter().map(|one| one.beside).collect());
    // What the load sends is no sound that can be decoded: so listening is measured by itself.
    let listening = crate::levels::share()? / GBITS;
    let (platforms, watchers) = audience(&bench, &dir).await?;
    Ok(Figure {
        measured: format!(
            "20x4: relaying takes {without:.4} CPU-s/Gbit, {with:.4} with clips, levels and a page beside it: {:+.1} %; the thread beside \
             it takes {:.4} more, listening included; {MANY} platforms {:.2} % of a core, {MANY} who watch {:.2} %: {:.2} times",
            (with / without - 1.0) * 100.0,
            beside + listening,
            platforms * 100.0,
            watchers * 100.0,
            watchers / platforms,
        ),
        goal: "≤ +3 %; ≤ 1 times",
        holds: rounds >= ROUNDS && with <= 1.03 * without && watchers <= platforms,
    })
}

/// Ten seconds of a picture of 6 Mbit/s and a tone.
fn filmed(dir: &Path) -> Result<String> {
    let file = dir.join("film.flv").display().to_string();
    let mut command = Command::new("ffmpeg");
    command.args([
        "-nostdin",
        "-v",
        "error",
        "-y",
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=1280x720:r=30,noise=alls=40:allf=t",
    ]);
    command.args(["-f", "lavfi", "-i", "sine=r=48000", "-t", "10", "-pix_fmt", "yuv420p", "-c:v", "libx264"]);
    command.args("-preset ultrafast -g 60 -b:v 6M -minrate 6M -maxrate 6M -bufsize 6M -c:a aac -f flv".split(' '));
    if command.arg(&file).status()?.success() { Ok(file) } else { fault("no film") }
}

fn encoder(name: &str, film: &str, url: &str, dir: &Path) -> Result<Proc> {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-re", "-stream_loop", "-1", "-i", film, "-c", "copy", "-f", "flv", url]);
    Proc::start(name, &command, dir)
}

/// The same film to many platforms and to as many who watch, by a Telecast each, at the same time: what part of a core each takes.
async fn audience(bench: &Bench, dir: &Path) -> Result<(f64, f64)> {
    let film = filmed(dir)?;
    let mut sinks = bench.sinks(MANY)?;
    let [platforms, audience] = [place("cost-platforms")?, place("cost-page")?];
    let show = Studio::start(&platforms, Wishes { log: "info", ..Wishes::default() }).await?;
    for number in 0..MANY {
        let server = format!("rtmp://127.0.0.1:{}/live", sinks.port() + number);
        show.add_target(&format!("Platform {number}"), &server, "k000").await?;
    }
    let port = free_port()?;
    let env = vec![
        ("TELECAST_PUBLIC_URL", format!("https://127.0.0.1:{port}").into()),
        ("TELECAST_LISTEN_WEB", format!("127.0.0.1:{port}").into()),
    ];
    let page = Studio::start(&audience, Wishes { log: "info", env, ..Wishes::default() }).await?;
    let asked = page.say("/watch")?;
    page.press(asked, "Turn the page on").await?;
    let opened = page.answer(asked, "People can watch here:").await?;
    let link = opened.split_whitespace().find(|word| word.starts_with("https://127.0.0.1"));
    let line = link.ok_or(Fault(format!("no link in:\n{opened}")))?.replace("https:", "http:") + "/live";
    let _encoders = [
        encoder("to-platforms", &film, &show.ingest().await?.url(), dir)?,
        encoder("to-page", &film, &page.ingest().await?.url(), dir)?,
    ];
    for studio in [&show, &page] {
        studio.source_seen().await?;
        studio.go_live().await?;
    }
    let (taken, mut watchers) = (Arc::<AtomicU64>::default(), JoinSet::new());
    for _ in 0..MANY {
        let (taken, line) = (Arc::clone(&taken), line.clone());
        watchers.spawn(async move {
            let client = reqwest::Client::builder().no_proxy().build().ok()?;
            let mut line = client.get(line).send().await.ok()?.error_for_status().ok()?;
            while let Ok(Some(bytes)) = line.chunk().await {
                taken.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            }
            Some(())
        });
    }
    let counted = MANY.to_string();
    show.panel("all platforms", SOON, |text| text.contains(&format!("on {counted} platforms"))).await?;
    page.panel("all who watch", SOON, |text| text.contains(&counted)).await?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let ids = [show.telecast.id(), page.telecast.id()];
    let used = || -> Result<[f64; 2]> { Ok([processor(ids[0])?, processor(ids[1])?]) };
    let (came, went, began) = (taken.load(Ordering::Relaxed), sinks.bytes()?, Instant::now());
    let mut shares = [Vec::new(), Vec::new()];
    for _ in 0..WINDOWS {
        let (before, began) = (used()?, Instant::now());
        tokio::time::sleep(WINDOW).await;
        let (after, seconds) = (used()?, began.elapsed().as_secs_f64());
        for (share, (after, before)) in shares.iter_mut().zip(after.iter().zip(before)) {
            share.push((after - before) / seconds);
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    let mbit = |bytes: f64| bytes * 8e-6 / seconds / f64::from(MANY);
    let (watched, relayed) = (mbit((taken.load(Ordering::Relaxed) - came) as f64), mbit(sinks.bytes()? - went));
    println!("each platform got {relayed:.2} Mbit/s, each who watches {watched:.2}");
    if (watched / relayed - 1.0).abs() > 0.05 || watchers.len() != usize::from(MANY) {
        return fault(format!("{watched} Mbit/s is not {relayed}"));
    }
    watchers.shutdown().await;
    let [platforms, watchers] = shares;
    println!("of a core, platforms {platforms:.4?}, who watch {watchers:.4?}");
    Ok((median(platforms), median(watchers)))
}
