//! What relaying costs beside a plain fan-out of bytes and nginx-rtmp, in `SPEED_ROUNDS` rounds that take turns. Parts: `20x4`
//! (studios times targets), `1x4`, `flat`.

use super::Figure;
use crate::bed::relaybench::{Bench, Row, median};
use crate::bed::{Result, place, setting};

const ROUNDS: usize = 9;
/// So many times as many for the two systems that are to be within a tenth of each other: two windows of one system are up
/// to a fifth apart, by where its memory happens to lie, and the middle of nine is not sure of a tenth.
const CLOSE: usize = 5;
/// So many times as many of one studio: what an idle host does to its caches makes one window cost up to twice another.
const ALONE: usize = 4;
/// Of a window, s. Those of ten are as far apart: it is the starts that differ.
const WINDOW: [&str; 2] = ["--dur", "5"];
const FANOUT: &str = "bytefan-large";
const GATHERED: &str = "telecast";
const PROMPT: &str = "telecast@TELECAST_ARGS=--low-latency";
const NGINX: &str = "nginx";

type Load = fn(&Bench, usize) -> Result<Part>;

const PARTS: [(&str, Load); 3] = [("20x4", full), ("1x4", alone), ("flat", flat)];

/// What one load showed.
struct Part {
    measured: String,
    holds: bool,
}

pub(super) async fn measure() -> Result<Figure> {
    let bench = Bench::new(&place("speed")?)?;
    let rounds: usize = setting("SPEED_ROUNDS").unwrap_or(ROUNDS);
    let asked: Vec<String> = std::env::args().collect();
    let all = PARTS.iter().all(|(name, _)| !asked.iter().any(|word| word == name));
    let wanted = PARTS.iter().filter(|(name, _)| all || asked.iter().any(|word| word == name));
    let shown = wanted.map(|(_, load)| load(&bench, rounds)).collect::<Result<Vec<Part>>>()?;
    Ok(Figure {
        measured: shown.iter().map(|part| part.measured.as_str()).collect::<Vec<_>>().join("; "),
        goal: "default ≤ 0.60 x and 60 ms, low latency ≤ 1.10 x and 3 ms, 1x4 below nginx, flat out ≥ 10 Gbit/s and ≤ 0.09, 0 lost",
        holds: rounds >= ROUNDS && shown.iter().all(|part| part.holds),
    })
}

fn full(bench: &Bench, rounds: usize) -> Result<Part> {
    let load = ["20x4"];
    let mut rows = bench.paced(&[FANOUT, GATHERED, PROMPT, NGINX], &load, &WINDOW, rounds)?;
    rows.extend(bench.paced(&[FANOUT, PROMPT], &load, &WINDOW, (CLOSE - 1) * rounds)?);
    let base = middle(&rows, FANOUT, "cpu_per_gbit");
    let [gathered, prompt, nginx] =
        [GATHERED, PROMPT, NGINX].map(|system| middle(&rows, system, "cpu_per_gbit") / base);
    let [gathered_delay, prompt_delay, nginx_delay] =
        [GATHERED, PROMPT, NGINX].map(|system| middle(&rows, system, "p99") / 1000.0);
    let lost = lost(&rows);
    let close = Windows::of(&rows, &[FANOUT, PROMPT], CLOSE * rounds);
    let others = Windows::of(&rows, &[GATHERED, NGINX], rounds);
    Ok(Part {
        measured: format!(
            "20x4: default {gathered:.2} x the fan-out's {base:.3} CPU-s/Gbit, p99 {gathered_delay:.1} ms; low latency {prompt:.2} x, \
             p99 {prompt_delay:.1} ms; nginx {nginx:.2} x, p99 {nginx_delay:.1} ms; {lost} frames lost; {close}, {others}"
        ),
        holds: close.enough()
            && others.enough()
            && gathered <= 0.60
            && gathered_delay <= 60.0
            && prompt <= 1.10
            && prompt_delay <= 3.0
            && lost == 0.0,
    })
}

fn alone(bench: &Bench, rounds: usize) -> Result<Part> {
    let systems = [GATHERED, PROMPT, NGINX];
    let rows = bench.paced(&systems, &["1x4"], &WINDOW, ALONE * rounds)?;
    let [gathered, prompt, nginx] = systems.map(|system| middle(&rows, system, "cpu_per_gbit"));
    let (lost, windows) = (lost(&rows), Windows::of(&rows, &systems, ALONE * rounds));
    Ok(Part {
        measured: format!(
            "1x4: {gathered:.3} and {prompt:.3}, nginx {nginx:.3} CPU-s/Gbit; {lost} frames lost; {windows}"
        ),
        holds: windows.enough() && gathered < nginx && prompt < nginx && lost == 0.0,
    })
}

fn flat(bench: &Bench, rounds: usize) -> Result<Part> {
    let systems = [GATHERED, NGINX];
    let rows =
        bench.run("flat", &systems, &[&["--load", "1x4", "--rounds", &rounds.to_string()], &WINDOW[..]].concat())?;
    let rate = |system| median(kept(&rows, system).map(|row| row.number("out_gbit") / row.number("dur")).collect());
    let [(rate, cost), (nginx_rate, nginx_cost)] =
        systems.map(|system| (rate(system), middle(&rows, system, "cpu_per_gbit")));
    let windows = Windows::of(&rows, &systems, rounds);
    Ok(Part {
        measured: format!(
            "flat out {rate:.1} Gbit/s, {cost:.3} CPU-s/Gbit, nginx {nginx_rate:.1}, {nginx_cost:.3}; {windows}"
        ),
        holds: windows.enough() && rate >= 10.0 && cost <= 0.09,
    })
}

/// How many windows count, of the system of which fewest do.
struct Windows {
    counting: usize,
    of: usize,
}

impl Windows {
    fn of(rows: &[Row], systems: &[&str], of: usize) -> Self {
        Self { counting: systems.iter().map(|system| kept(rows, system).count()).min().unwrap_or(0), of }
    }

    fn enough(&self) -> bool {
        self.counting * 2 > self.of
    }
}

impl std::fmt::Display for Windows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let verdict = if self.enough() { "" } else { "inconclusive: " };
        write!(f, "{verdict}{} of {} windows count", self.counting, self.of)
    }
}

/// What of a system counts.
fn kept<'a>(rows: &'a [Row], system: &'a str) -> impl Iterator<Item = &'a Row> {
    rows.iter().filter(move |row| row.system() == system && row.counts())
}

fn middle(rows: &[Row], system: &str, name: &str) -> f64 {
    median(kept(rows, system).map(|row| row.number(name)).collect())
}

/// Frames of ours that never came, or came changed.
fn lost(rows: &[Row]) -> f64 {
    let ours = rows.iter().filter(|row| row.system().starts_with(GATHERED));
    ours.map(|row| row.number("lost") + row.number("alost") + row.number("crc")).sum()
}
