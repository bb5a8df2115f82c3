//! Memory of each session at several loads and with a target that stalls, and ten minutes (`MEMORY_SECONDS`) of 100 × 3.

use super::Figure;
use crate::bed::field::invariants::Resources;
use crate::bed::field::{Behaviour, Clip, Ledger, Options, Publisher, Sink};
use crate::bed::proc::Proc;
use crate::bed::relaybench::{Bench, Growth};
use crate::bed::{Result, example_relay, fault, free_port, place, setting, until};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// 1080p at 6 Mbit/s, and what the long run sends.
const KBPS: u32 = 6_000;
const LONG_KBPS: u32 = 2_500;
/// Sessions, targets of each, kbit/s.
const LOADS: [(u32, u16, u32); 3] = [(1, 4, KBPS), (20, 4, KBPS), (100, 3, LONG_KBPS)];
/// What a session takes goes up and down with its GOPs of 2 s: five of them are looked at.
const LOOKED_AT: u64 = 10;
const SECONDS: u64 = 600;
/// How long one target of four reads nothing.
const STALL: Duration = Duration::from_secs(60);
const SOON: Duration = Duration::from_secs(20);

pub(super) async fn measure() -> Result<Figure> {
    let dir = place("memory")?;
    let bench = Bench::new(&dir)?;
    let seconds = setting("MEMORY_SECONDS").unwrap_or(SECONDS);
    let mut grown = Vec::new();
    for load in LOADS {
        grown.push((load, bench.growth(load, LOOKED_AT, &dir).await?));
    }
    let stall = stall(&dir).await?;
    let long = bench.hold(LONG_KBPS, seconds, &dir).await?;
    let lean = grown.iter().all(|((.., kbps), growth)| growth.most <= allowed(*kbps));
    let told: Vec<String> = grown.iter().map(told).collect();
    Ok(Figure {
        measured: format!(
            "{}; stalled for {} s: {:+} KiB, {:+} KiB 20 s later, {} KiB older than 4 s when it reads again; {seconds} s of \
             100x3: {} of {} frames came, {} lost, {} encoders cut off, {:.1} % of a core",
            told.join(", "),
            STALL.as_secs(),
            stall.stalled,
            stall.after,
            stall.late / 1024,
            long.got,
            long.sent,
            long.lost,
            long.dead,
            long.load * 100.0
        ),
        goal: "≤ GOP cache + 300 KiB each at most; ≤ 8 MiB more, back to 1 MiB, ≤ 512 KiB late; 0 lost, ≤ 60 % of a core",
        holds: lean
            && stall.stalled <= 8 * 1024
            && stall.after <= 1024
            && stall.late <= 512 * 1024
            && long.lost == 0.0
            && long.dead == 0.0
            // What is sent within the last second comes on top.
            && long.got >= long.sent
            && long.load <= 0.6,
    })
}

/// A whole GOP of 2 s, sound of 128 kbit/s included, and 300 KiB.
fn allowed(kbps: u32) -> f64 {
    f64::from(kbps + 128) * 2.0 * 1000.0 / 8.0 / 1024.0 + 300.0
}

fn told(((sessions, targets, kbps), growth): &((u32, u16, u32), Growth)) -> String {
    let Growth { mean, most } = growth;
    format!("{sessions}x{targets}: {most:.0} of {:.0} KiB, {mean:.0} on average", allowed(*kbps))
}

/// What one stalled target of four cost.
struct Stall {
    /// KiB more at most while it stalled, and at the end.
    stalled: i64,
    after: i64,
    /// Bytes that it got once it read again and that were sent more than 4 s before.
    late: u64,
}

async fn stall(dir: &Path) -> Result<Stall> {
    let clip = Clip::new(KBPS)?;
    let sinks = [Sink::start(&clip)?, Sink::start(&clip)?, Sink::start(&clip)?, Sink::start(&clip)?];
    let port = free_port()?;
    let urls: Vec<String> = sinks.iter().map(|sink| sink.url("k")).collect();
    let mut command = std::process::Command::new(example_relay());
    command.args(["--listen", &format!("127.0.0.1:{port}"), "--route", &format!("key={}", urls.join(","))]);
    let mut relay = Proc::start("relay", &command, dir)?;
    relay.wait_for("ready", SOON).await?;
    let server = SocketAddr::from(([127, 0, 0, 1], port));
    let publisher = Publisher::start(server, "key", &clip, Options::of(1)).await?;
    for sink in &sinks {
        sink.until("frames", SOON, |ledger| ledger.received.frames > 100).await?;
    }
    let most = async |relay: &Proc, span: Duration| {
        let (end, mut most) = (Instant::now() + span, 0);
        while Instant::now() < end {
            most = most.max(Resources::of(relay.id()).rss_kib);
            sleep(Duration::from_millis(100)).await;
        }
        most.cast_signed()
    };
    let before = most(&relay, Duration::from_secs(10)).await;
    let [.., last] = &sinks;
    last.behave(Behaviour::Deaf);
    let stalled = most(&relay, STALL).await;
    let late = last.look(|ledger| ledger.late.bytes);
    last.behave(Behaviour::Well);
    sleep(Duration::from_secs(10)).await;
    let after = most(&relay, Duration::from_secs(10)).await;
    let frames = last.look(Ledger::frames);
    until("frames at the target that was stalled", SOON, || (last.look(Ledger::frames) > frames).then_some(())).await?;
    if let Some((_, why)) = publisher.published().ended {
        return fault(format!("the publisher was cut off: {why}"));
    }
    let late = last.look(|ledger| ledger.late.bytes) - late;
    Ok(Stall { stalled: stalled - before, after: after - before, late })
}
