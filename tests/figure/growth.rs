//! Processor time of each relayed Gbit at 100 sessions against 20, and memory of each session from 20 to 40, at 2.5 Mbit/s.

use super::Figure;
use crate::bed::relaybench::{Bench, Row, median};
use crate::bed::{Result, place, setting};

const ROUNDS: usize = 5;

pub(super) async fn measure() -> Result<Figure> {
    let dir = place("growth")?;
    let bench = Bench::new(&dir)?;
    let rounds = setting("GROWTH_ROUNDS").unwrap_or(ROUNDS);
    let options = ["--kbps", "2500", "--dur", "10"];
    let rows = bench.paced(&["telecast"], &["20x3", "40x3", "100x3"], &options, rounds)?;
    let at = |sessions: f64, name: &str| -> Vec<f64> {
        let mine = rows.iter().filter(|row: &&Row| row.number("M") == sessions && row.counts());
        mine.map(|row| row.number(name)).collect()
    };
    let counted = [20.0, 40.0, 100.0].map(|sessions| at(sessions, "rss").len());
    let (few, many) = (median(at(20.0, "cpu_per_gbit")), median(at(100.0, "cpu_per_gbit")));
    let slope = (median(at(40.0, "rss")) - median(at(20.0, "rss"))) / 20.0;
    let allowed = (2_500.0 + 128.0) * 2.0 * 1000.0 / 8.0 / 1024.0 + 300.0;
    let enough = counted.iter().all(|count| *count * 2 > rounds);
    Ok(Figure {
        measured: format!(
            "{}{few:.3} CPU-s/Gbit at 20 sessions, {many:.3} at 100: {:.2} times; {slope:.0} KiB a session from 20 to 40; \
             {counted:?} of {rounds} windows count",
            if enough { "" } else { "inconclusive: too few quiet windows; " },
            many / few
        ),
        goal: "≤ 1.1 times; ≤ 942 KiB, GOP cache + 300 KiB",
        holds: enough && many / few <= 1.1 && slope <= allowed,
    })
}
