//! Faults of the host, its disk and Telegram (F42 to F53), each run on the whole program: measured, and into docs/store-faults.md.

mod disk;
mod memory;
mod telegram;

use super::{Figure, faults, kills};
use crate::bed::field::Clip;
use crate::bed::{Result, place};
use faults::scene::Ground;
use faults::subject::Kind;
use futures_util::future::BoxFuture;
use std::path::Path;
use std::time::Duration;

/// No run takes longer.
const LONGEST: Duration = Duration::from_secs(240);
/// Kills in this table; `kills` has them all.
const KILLS: usize = 300;

const HEAD: &str = "\
# Faults of the host, its disk and Telegram

Written by `tests/figures store-faults`; every line is a run, nothing is written by hand. A show with two platforms is on
while it happens (`tests/bed/field`), in the whole program, or in `examples/relay` where no chat is needed. The other faults are in
[faults.md](faults.md). A disk that fails is `tests/bed/disk.c` between Telecast and its files; the full one is a small tmpfs; the
memory limit is a control group. F48 and F49 are no faults: the catalogue has a gap there.

| fault | what was done | expected | measured |
|---|---|---|---|
";

/// What came of a row.
struct Outcome {
    measured: String,
    good: bool,
}

struct Row {
    id: &'static str,
    fault: &'static str,
    expected: &'static str,
    run: fn(Ground) -> BoxFuture<'static, Result<Outcome>>,
}

macro_rules! row {
    ($id:literal, $fault:literal, $expected:literal, $run:path) => {
        Row { id: $id, fault: $fault, expected: $expected, run: |ground| Box::pin(async move { $run(&ground).await }) }
    };
}

static ROWS: &[Row] = &[
    row!(
        "F42 full",
        "disk full while live",
        "shows untouched; “not saved” in both languages; saved again without a restart once there is room",
        disk::full
    ),
    row!("F42 errors", "every write fails with EIO", "the same", disk::errors),
    row!("F42 read-only", "every write fails with EROFS", "the same", disk::read_only),
    row!(
        "F42 stop",
        "a show is stopped while nothing can be saved",
        "it stops, and stays so after a restart",
        disk::stop
    ),
    row!("F43", "kill and power cut at writes of the store", "nothing acknowledged is lost, and it opens", killed),
    row!(
        "F43 damage",
        "files of the store cut, changed, left over",
        "opens with everything, or says what is damaged and what to do; never less in silence; an export brings all back",
        disk::damage
    ),
    row!(
        "F43 two",
        "a second Telecast on the same data",
        "it does not start, and says why; the first does not notice",
        disk::two
    ),
    row!(
        "F45",
        "memory limit: 85 %, then 93 % of it used",
        "new shows and encoders refused with words, the live one's may come back; nothing lost; back to normal after it",
        memory::short
    ),
    row!(
        "F45 shed",
        "12 streams to platforms that read nothing, in a group of 44 MiB",
        "never killed; the platform that reads loses nothing",
        memory::shed
    ),
    row!(
        "F50",
        "Telegram away for 60 s",
        "0 frames lost; what was asked is answered after it, what is over is not told late",
        telegram::away
    ),
    row!(
        "F51",
        "429 with 30 s to an edit of the panel",
        "no request to that chat before; other chats not touched",
        telegram::too_many
    ),
    row!(
        "F52",
        "updates delivered again, also to a new process; a second poller",
        "each has its effect once; told in one line",
        telegram::again
    ),
    row!(
        "F53",
        "a group becomes a supergroup; an admin is none any more; the bot is thrown out; the owner blocks it",
        "the show goes on; rights judged anew; told in private; works again afterwards",
        telegram::rights
    ),
];

pub(super) async fn measure() -> Result<Figure> {
    faults::apart()?;
    let (dir, clip) = (place("store-faults")?, Clip::new(faults::KBPS)?);
    let only: Vec<String> =
        std::env::args().filter_map(|argument| Some(argument.strip_prefix("only=")?.to_owned())).collect();
    let wanted = |id: &str| only.is_empty() || only.iter().any(|only| id.starts_with(only.as_str()));
    let mut lines = Vec::new();
    for id in ["F44", "F46", "F47"].into_iter().filter(|id| wanted(id)) {
        let ran = tokio::time::timeout(LONGEST, faults::row(id, &dir)).await?;
        let (fault, expected, outcome) = ran?;
        let measured = format!("{}; {}", outcome.measured, outcome.verdicts);
        let good = outcome.good && outcome.verdicts.hold();
        lines.push((id, fault, expected, Outcome { measured, good }));
    }
    for row in ROWS.iter().filter(|row| wanted(row.id)) {
        let dir = dir.join(row.id.replace(' ', "-"));
        std::fs::create_dir_all(&dir)?;
        let ground = Ground { dir, clip: clip.clone(), kind: Kind::Telecast };
        let outcome = match tokio::time::timeout(LONGEST, (row.run)(ground)).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(fault)) => {
                println!("{}: broke off: {}", row.id, fault.0);
                let words = fault.0.lines().next().unwrap_or_default().to_owned();
                Outcome { measured: format!("broke off: {words}"), good: false }
            }
            Err(_) => Outcome { measured: "took too long".into(), good: false },
        };
        println!("{}: {} {}", row.id, outcome.measured, outcome.good);
        lines.push((row.id, row.fault, row.expected, outcome));
    }
    lines.sort_by_key(|(id, ..)| *id);
    let met = lines.iter().filter(|(.., outcome)| outcome.good).count();
    write(&lines)?;
    Ok(Figure {
        measured: format!("{met} of {} runs as expected, F42 to F53 (F48, F49 do not exist)", lines.len()),
        goal: "all",
        holds: met == lines.len() && !lines.is_empty(),
    })
}

/// Puts what was run into the table; rows that were not run this time stay.
fn write(lines: &[(&str, &str, &str, Outcome)]) -> Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/store-faults.md");
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    let ran = |line: &str| lines.iter().any(|(id, ..)| line.starts_with(&format!("| {id} |")));
    let mut rows: Vec<String> =
        there.lines().filter(|line| line.starts_with("| F") && !ran(line)).map(str::to_owned).collect();
    for (id, fault, expected, outcome) in lines {
        let mark = if outcome.good { '✓' } else { '✗' };
        let measured = outcome.measured.replace('|', "/").replace('\n', " ");
        rows.push(format!("| {id} | {fault} | {expected} | {mark} {measured} |"));
    }
    rows.sort();
    Ok(std::fs::write(path, format!("{HEAD}{}\n", rows.join("\n")))?)
}

async fn killed(_: &Ground) -> Result<Outcome> {
    let figure = kills::some(KILLS).await?;
    Ok(Outcome { measured: figure.measured, good: figure.holds })
}
