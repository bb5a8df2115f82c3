//! Every attack of the catalogue, by strangers, by publishers and by hostile platforms: measured, and into docs/attacks.md.

mod bot;
mod chunks;
mod door;
mod house;
mod keys;
mod messages;
mod out;
mod rows;
mod table;
mod words;

use super::{Figure, ssrf};
use crate::bed::field::Clip;
use crate::bed::siege::{Ground, Outcome};
use crate::bed::{Fault, Result, place};
use rows::{ROWS, Row};

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

/// Runs at a time: they wait more than they work.
const AT_ONCE: usize = 3;
/// No run takes longer.
const LONGEST: Duration = Duration::from_secs(150);
/// What is sent beside each attack, in kbit/s.
const KBPS: u32 = 500;

/// One run that has ended.
struct Done {
    row: &'static Row,
    outcome: Result<Outcome, Fault>,
}

impl Done {
    fn met(&self) -> bool {
        self.outcome.as_ref().is_ok_and(|outcome| outcome.good)
    }
}

pub(super) async fn measure() -> Result<Figure> {
    ssrf::apart()?;
    let wanted: Vec<String> = std::env::args().filter(|word| word.starts_with('A') && word.len() == 3).collect();
    let done = all(&wanted).await?;
    let met = done.iter().filter(|done| done.met()).count();
    if wanted.is_empty() {
        table::write(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/attacks.md"), &done)?;
    }
    let missed: Vec<&str> = done.iter().filter(|done| !done.met()).map(|done| done.row.id).collect();
    Ok(Figure {
        measured: format!("{met} of {} attacks as expected {missed:?}", done.len()),
        goal: "all of 35",
        holds: met == done.len() && (done.len() == 35 || !wanted.is_empty()),
    })
}

async fn all(wanted: &[String]) -> Result<Vec<Done>> {
    let (dir, clip) = (place("attacks")?, Clip::new(KBPS)?);
    let rows = || ROWS.iter().filter(|row| wanted.is_empty() || wanted.iter().any(|id| id == row.id));
    let ground = |row: &Row| -> Result<Ground> {
        let dir = dir.join(row.id);
        std::fs::create_dir_all(&dir)?;
        Ok(Ground { dir, clip: Arc::clone(&clip) })
    };
    let mut done = Vec::new();
    // Those that count packets are alone in this network.
    for row in rows().filter(|row| row.alone == rows::Alone::First) {
        done.push(run(row, ground(row)?).await);
    }
    let (turns, tasks) = (Arc::new(Semaphore::new(AT_ONCE)), TaskTracker::new());
    let mut runs = Vec::new();
    for row in rows().filter(|row| row.alone == rows::Alone::No) {
        let (ground, turns) = (ground(row)?, Arc::clone(&turns));
        runs.push((
            row,
            tasks.spawn(async move {
                let _turn = turns.acquire().await;
                run(row, ground).await
            }),
        ));
    }
    for (row, run) in runs {
        done.push(run.await.unwrap_or_else(|panic| Done { row, outcome: Err(Fault(panic.to_string())) }));
    }
    for row in rows().filter(|row| row.alone == rows::Alone::Last) {
        done.push(run(row, ground(row)?).await);
    }
    done.sort_by_key(|done| done.row.id);
    Ok(done)
}

async fn run(row: &'static Row, ground: Ground) -> Done {
    let outcome = tokio::time::timeout(LONGEST, (row.run)(ground)).await;
    let outcome = outcome.unwrap_or_else(|_| Err(Fault("took too long".into())));
    match &outcome {
        Ok(done) => println!("{} {}: {} [{}]", row.id, if done.good { "✓" } else { "✗" }, done.measured, done.alive),
        Err(fault) => println!("{} ✗ broke off: {}", row.id, fault.0),
    }
    Done { row, outcome }
}
