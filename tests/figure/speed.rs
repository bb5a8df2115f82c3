//! What relaying costs beside a plain fan-out of bytes and nginx-rtmp, in `SPEED_ROUNDS` rounds that take turns; with one
//! studio four times as many, since what an idle host does to its caches makes one window there cost up to twice another.

use super::Figure;
use crate::bed::relaybench::{Bench, Row, median};
use crate::bed::{Result, place, setting};

const ROUNDS: usize = 9;
/// Of one studio, so many times as many.
const ALONE: usize = 4;
const FANOUT: &str = "bytefan-large";
const GATHERED: &str = "telecast";
const PROMPT: &str = "telecast@TELECAST_ARGS=--low-latency";
const NGINX: &str = "nginx";

pub(super) async fn measure() -> Result<Figure> {
    let dir = place("speed")?;
    let bench = Bench::new(&dir)?;
    let rounds: usize = setting("SPEED_ROUNDS").unwrap_or(ROUNDS);
    let run = |what: &str, systems: &[&str], load: &str, rounds: usize| -> Result<Vec<Row>> {
        bench.run(what, systems, &["--load", load, "--rounds", &rounds.to_string(), "--dur", "10"])
    };
    let full = run("paced", &[FANOUT, GATHERED, PROMPT, NGINX], "20x4", rounds)?;
    let one = run("paced", &[GATHERED, PROMPT, NGINX], "1x4", ALONE * rounds)?;
    let flat = run("flat", &[GATHERED, NGINX], "1x4", rounds)?;
    let base = middle(&full, FANOUT, "cpu_per_gbit");
    let times = |system| middle(&full, system, "cpu_per_gbit") / base;
    let (gathered, prompt, nginx) = (times(GATHERED), times(PROMPT), times(NGINX));
    let delay = |system| middle(&full, system, "p99") / 1000.0;
    let alone = [GATHERED, PROMPT, NGINX].map(|system| middle(&one, system, "cpu_per_gbit"));
    let rate = |system| median(kept(&flat, system).map(|row| row.number("out_gbit") / row.number("dur")).collect());
    let cost = |system| middle(&flat, system, "cpu_per_gbit");
    let lost: f64 =
        [&full, &one].into_iter().flatten().filter(|row| row.system().starts_with(GATHERED)).map(lost).sum();
    let windows = |rows, systems: &[&str]| systems.iter().map(|system| kept(rows, system).count()).min().unwrap_or(0);
    let fewest = windows(&full, &[FANOUT, GATHERED, PROMPT, NGINX]).min(windows(&flat, &[GATHERED, NGINX]));
    let fewest_alone = windows(&one, &[GATHERED, PROMPT, NGINX]);
    let enough = rounds >= ROUNDS && fewest * 2 > rounds && fewest_alone * 2 > ALONE * rounds;
    Ok(Figure {
        measured: format!(
            "{}20x4: default {gathered:.2} x the fan-out's {base:.3} CPU-s/Gbit, p99 {:.1} ms; low latency {prompt:.2} x, p99 \
             {:.1} ms; nginx {nginx:.2} x, p99 {:.1} ms; 1x4: {:.3} and {:.3}, nginx {:.3} CPU-s/Gbit; flat out {:.1} Gbit/s, \
             {:.3} CPU-s/Gbit, nginx {:.1}, {:.3}; {lost} frames lost; {fewest} of {rounds} windows count where fewest do, \
             {fewest_alone} of {} of 1x4",
            if enough { "" } else { "inconclusive: too few quiet windows; " },
            delay(GATHERED),
            delay(PROMPT),
            delay(NGINX),
            alone[0],
            alone[1],
            alone[2],
            rate(GATHERED),
            cost(GATHERED),
            rate(NGINX),
            cost(NGINX),
            ALONE * rounds,
        ),
        goal: "default ≤ 0.60 x and 60 ms, low latency ≤ 1.10 x and 3 ms, 1x4 below nginx, flat out ≥ 10 Gbit/s and ≤ 0.09, 0 lost",
        holds: enough
            && gathered <= 0.60
            && delay(GATHERED) <= 60.0
            && prompt <= 1.10
            && delay(PROMPT) <= 3.0
            && alone[0] < alone[2]
            && alone[1] < alone[2]
            && rate(GATHERED) >= 10.0
            && cost(GATHERED) <= 0.09
            && lost == 0.0,
    })
}

/// What of a system counts.
fn kept<'a>(rows: &'a [Row], system: &'a str) -> impl Iterator<Item = &'a Row> {
    rows.iter().filter(move |row| row.system() == system && row.counts())
}

fn middle(rows: &[Row], system: &str, name: &str) -> f64 {
    median(kept(rows, system).map(|row| row.number(name)).collect())
}

/// Frames that never came, or came changed.
fn lost(row: &Row) -> f64 {
    row.number("lost") + row.number("alost") + row.number("crc")
}
