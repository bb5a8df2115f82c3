//! From /golive, from the publish, and from a target's return to its first frame, beside nginx-rtmp.

use super::Figure;
use crate::bed::field::{Clip, Options, Publisher, Sink, now};
use crate::bed::relaybench::{Bench, Row, median};
use crate::bed::studio::{Studio, Wishes};
use crate::bed::{Result, fault, place};
use std::path::Path;
use std::time::Duration;

const ROUNDS: usize = 10;
const SOON: Duration = Duration::from_secs(10);

pub(super) async fn measure() -> Result<Figure> {
    let dir = place("golive-latency")?;
    let bench = Bench::new(&dir)?;
    let (slowest, sound) = golive(&dir).await?;
    let setup = bench.run("setup", &["telecast", "nginx"], &["--rounds", "5"])?;
    let kill = bench.run("kill", &["telecast", "nginx"], &["--rounds", "3"])?;
    let of = |rows: &[Row], system: &str| -> Vec<Row> {
        rows.iter().filter(|row| row.system() == system).cloned().collect()
    };
    let (ours, theirs) = (of(&setup, "telecast"), of(&setup, "nginx"));
    let last = |row: &Row| row.numbers("first_ms").last().copied().unwrap_or(f64::NAN);
    let first = worst(&ours, last);
    let begun = ours.iter().all(|row| {
        row.numbers("first_seq") == [0.0; 4]
            && row.numbers("first_key") == [1.0; 4]
            && row.numbers("hdr").iter().all(|headers| *headers as u32 & 7 == 7)
    });
    let (back, behind) = (of(&kill, "telecast"), of(&kill, "nginx"));
    let again = worst(&back, |row| row.number("back_ms"));
    let keyed = |row: &Row| {
        row.number("first_key") == 1.0 && row.number("nonkey_before_key") == 0.0 && row.number("hdr") as u32 & 3 == 3
    };
    let whole = back.iter().all(keyed);
    Ok(Figure {
        measured: format!(
            "/golive to the first frame {slowest:.1} ms, {sound} of {ROUNDS} begun with headers and keyframe; publish to \
             the first frame at the last of four {first:.1} ms, number 0 behind metadata and headers: {begun} (nginx \
             {:.0} ms, number {:.0}); back at a target that listens again after {again:.0} ms, headers and keyframe \
             first: {whole} (nginx {:.0} ms)",
            median(theirs.iter().map(last).collect()),
            median(theirs.iter().flat_map(|row| row.numbers("first_seq")).collect()),
            median(behind.iter().map(|row| row.number("back_ms")).collect()),
        ),
        goal: "≤ 50 ms; ≤ 10 ms, number 0 behind metadata and headers; ≤ 1200 ms, headers and keyframe first; all of them",
        holds: slowest <= 50.0 && sound == ROUNDS && first <= 10.0 && begun && again <= 1200.0 && whole,
    })
}

/// The largest; not a number, which holds no goal, where one is missing.
fn worst(rows: &[Row], number: impl Fn(&Row) -> f64) -> f64 {
    let larger = |most: f64, next: f64| if next.is_nan() || next > most { next } else { most };
    if rows.is_empty() { f64::NAN } else { rows.iter().map(number).fold(0.0, larger) }
}

/// The whole program, told by chat, with the encoder on: the longest time to the first frame in ms, and how often it
/// came behind headers and was a keyframe.
async fn golive(dir: &Path) -> Result<(f64, usize)> {
    let clip = Clip::new(2_000)?;
    let sink = Sink::start(&clip)?;
    let studio = Studio::start(dir, Wishes::default()).await?;
    studio.add_target("Alpha", &format!("rtmp://{}/live", sink.address()), "planted").await?;
    let ingest = studio.ingest().await?;
    let address = ingest.server.split('/').nth(2).unwrap_or_default();
    let Ok(address) = address.parse() else { return fault(format!("{} is no address", ingest.server)) };
    let _encoder = Publisher::start(address, &ingest.key, &clip, Options::of(1)).await?;
    studio.source_seen().await?;
    let (mut slowest, mut sound) = (0_u64, 0);
    for _ in 0..ROUNDS {
        let before = sink.look(|ledger| (ledger.accepted, ledger.unready));
        let asked = now();
        studio.say("/golive")?;
        let first = |ledger: &crate::bed::field::Ledger| {
            let newest = ledger.newest().filter(|_| ledger.accepted > before.0)?;
            newest.media.map(|(at, _)| at)
        };
        sink.until("a frame", SOON, |ledger| first(ledger).is_some()).await?;
        let (at, ready) = sink.look(|ledger| (first(ledger).unwrap_or(u64::MAX), ledger.unready == before.1));
        slowest = slowest.max(at - asked);
        sound += usize::from(ready);
        studio.panel("a live show", SOON, |text| text.contains("Live for")).await?;
        studio.stop_live().await?;
    }
    Ok((slowest as f64 / 1000.0, sound))
}
