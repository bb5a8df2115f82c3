//! Every fault of the field on Telecast, and on nginx-rtmp and ffmpeg where it applies: measured, and into docs/faults.md.

mod encoder;
pub(crate) mod host;
mod names;
pub(crate) mod program;
mod rows;
mod said;
pub(crate) mod scene;
mod stream;
pub(crate) mod subject;
mod table;
mod target;
pub(crate) mod tenth;

use super::Figure;
use crate::bed::field::Clip;
use crate::bed::{Fault, Result, place};
use rows::{ROWS, Row};
use scene::{Ground, Outcome};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use subject::Kind;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

/// Runs at a time: they wait more than they work.
const AT_ONCE: usize = 6;
/// No run takes longer.
const LONGEST: Duration = Duration::from_secs(700);
/// What is sent, in kbit/s.
pub(crate) const KBPS: u32 = 1_000;

/// One run that has ended.
struct Done {
    row: &'static Row,
    kind: Kind,
    outcome: Result<Outcome, Fault>,
}

pub(super) async fn measure() -> Result<Figure> {
    apart()?;
    let done = all(&[Kind::Telecast, Kind::Nginx, Kind::Tee]).await?;
    let ours: Vec<&Done> = done.iter().filter(|done| done.kind == Kind::Telecast).collect();
    let met = ours.iter().filter(|done| done.met()).count();
    let held = ours.iter().filter(|done| done.outcome.as_ref().is_ok_and(|outcome| outcome.verdicts.hold())).count();
    if std::env::args().all(|argument| !argument.starts_with("only=")) {
        table::write(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/faults.md"), &done)?;
    }
    let rivals = |kind| {
        let all: Vec<&Done> = done.iter().filter(|done| done.kind == kind).collect();
        let met = all.iter().filter(|done| done.met()).count();
        format!("{met} of {}", all.len())
    };
    Ok(Figure {
        measured: format!(
            "{met} of {} runs as expected, in {held} every invariant held; nginx-rtmp {}, ffmpeg tee and fifo {}",
            ours.len(),
            rivals(Kind::Nginx),
            rivals(Kind::Tee)
        ),
        goal: "all as expected, every invariant held",
        holds: met == ours.len() && held == ours.len(),
    })
}

/// A row of Telecast's alone, in `dir`, for a table of another figure: what was done and expected, and what came of it.
pub(crate) async fn row(id: &str, dir: &Path) -> Result<(&'static str, &'static str, Outcome)> {
    let Some(row) = ROWS.iter().find(|row| row.id == id) else { return crate::bed::fault(format!("no row {id}")) };
    let dir = dir.join(id);
    std::fs::create_dir_all(&dir)?;
    let outcome = (row.run)(Ground { dir, clip: Clip::new(KBPS)?, kind: Kind::Telecast }).await?;
    Ok((row.fault, row.expected, outcome))
}

/// Every ledger of every run of Telecast's.
pub(super) async fn balances() -> Result<Figure> {
    apart()?;
    let done = all(&[Kind::Telecast]).await?;
    let whole = done.iter().filter_map(|done| done.outcome.as_ref().ok());
    let (mut ledgers, mut difference) = (0, 0);
    for outcome in whole {
        ledgers += outcome.ledgers;
        difference += outcome.difference;
    }
    let failed = done.iter().filter(|done| done.outcome.is_err()).count();
    Ok(Figure {
        measured: format!(
            "{ledgers} targets in {} runs, {failed} of which broke off: {difference} bytes unexplained",
            done.len()
        ),
        goal: "difference 0 for every target of every run",
        holds: difference == 0 && failed == 0 && ledgers > 0,
    })
}

impl Done {
    /// As expected; a rival is judged by the same.
    fn met(&self) -> bool {
        self.outcome.as_ref().is_ok_and(|outcome| outcome.good)
    }
}

/// Runs this program again in a network namespace of its own, where lines can be laid and nobody else is met; the
/// outer one ends with it.
pub(crate) fn apart() -> Result<()> {
    let inside = "--apart".to_owned();
    let mut arguments: Vec<String> = std::env::args().collect();
    if arguments.contains(&inside) {
        return Ok(());
    }
    arguments.remove(0);
    let program = std::env::current_exe()?;
    let mut command = std::process::Command::new("unshare");
    command
        .args(["-n", "sh", "-c", "ip link set lo up && exec \"$0\" \"$@\""])
        .arg(program)
        .args(arguments)
        .arg(inside);
    let status = command.status()?;
    std::process::exit(status.code().unwrap_or(1));
}

async fn all(kinds: &[Kind]) -> Result<Vec<Done>> {
    let (dir, clip) = (place("faults")?, Clip::new(KBPS)?);
    let only: Vec<String> =
        std::env::args().filter_map(|argument| Some(argument.strip_prefix("only=")?.to_owned())).collect();
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let tasks = TaskTracker::new();
    let mut runs = Vec::new();
    // The longest first.
    let mut rows: Vec<&'static Row> = ROWS.iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.seconds));
    for row in
        rows.into_iter().filter(|row| only.is_empty() || only.iter().any(|only| row.id.starts_with(only.as_str())))
    {
        for kind in kinds.iter().copied().filter(|kind| *kind == Kind::Telecast || row.rivals.contains(kind)) {
            let dir = dir.join(format!("{}-{kind:?}", row.id.replace(' ', "-")));
            std::fs::create_dir_all(&dir)?;
            let (ground, turns) = (Ground { dir, clip: Arc::clone(&clip), kind }, Arc::clone(&turns));
            let run = tasks.spawn(async move {
                let _turn = turns.acquire().await;
                let outcome = tokio::time::timeout(LONGEST, (row.run)(ground)).await;
                let outcome = outcome.unwrap_or_else(|_| Err(Fault("took too long".into())));
                match &outcome {
                    Ok(done) => println!("{} {kind:?}: {} [{}] {}", row.id, done.measured, done.verdicts, done.good),
                    Err(fault) => println!("{} {kind:?}: broke off: {}", row.id, fault.0),
                }
                Done { row, kind, outcome }
            });
            runs.push((row, kind, run));
        }
    }
    let mut done = Vec::new();
    for (row, kind, run) in runs {
        let run = run.await.unwrap_or_else(|panic| Done { row, kind, outcome: Err(Fault(panic.to_string())) });
        done.push(run);
    }
    done.sort_by_key(|done| ROWS.iter().position(|row| row.id == done.row.id));
    Ok(done)
}
