//! The table in docs/.

use super::subject::Kind;
use super::{Done, ROWS};
use crate::bed::Result;
use std::fmt::Write as _;
use std::path::Path;

const HEAD: &str = "\
# Faults, and what they did

Written by `tests/faults`; every line is a run, nothing is written by hand. An encoder and platforms that do what they are
told (`tests/bed/field`) stand around the relay; each frame has a number, so that a platform knows what is missing, what
came twice and what was made up. Delay, loss and dead lines are a TUN device in a network namespace. Telecast is
`examples/relay`, or the whole program where the chat is needed; nginx-rtmp pushes, ffmpeg is `-listen` into `tee` with
`fifo`, started again by a loop.

Invariants: I1 targets that nothing was done to lose 0 bytes and wait ≤ 50 ms longer (p99) · I2 headers, then a keyframe,
times never back, no picture without its reference, nothing changed · I3 the ledger by content: difference 0 · I4 memory and
files bounded · I5 no stream key in the log · I6 another studio
of the same relay loses 0 bytes, over one connection · I7 no panic · I8 well again in time.

| fault | what was done | expected | Telecast | invariants | nginx-rtmp | ffmpeg tee + fifo |
|---|---|---|---|---|---|---|
";

pub(super) fn write(path: &Path, done: &[Done]) -> Result<()> {
    let mut text = HEAD.to_owned();
    for row in ROWS {
        let of = |kind| done.iter().find(|done| done.row.id == row.id && done.kind == kind);
        let cell = |kind| of(kind).map_or_else(|| "–".to_owned(), measured);
        let verdicts = match of(Kind::Telecast).map(|done| &done.outcome) {
            Some(Ok(outcome)) => outcome.verdicts.to_string(),
            _ => "–".into(),
        };
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} |",
            row.id,
            row.fault,
            row.expected,
            cell(Kind::Telecast),
            clean(&verdicts),
            cell(Kind::Nginx),
            cell(Kind::Tee)
        )?;
    }
    std::fs::write(path, text)?;
    Ok(())
}

fn measured(done: &Done) -> String {
    match &done.outcome {
        Ok(outcome) if outcome.good => format!("✓ {}", clean(&outcome.measured)),
        Ok(outcome) => format!("✗ {}", clean(&outcome.measured)),
        Err(fault) => {
            // Where it was awaited is nobody's concern.
            let words = fault.0.lines().next().unwrap_or_default();
            format!("✗ {}", clean(words.split(" at 127.").next().unwrap_or_default()))
        }
    }
}

fn clean(text: &str) -> String {
    text.replace('|', "/").replace('\n', " ")
}
