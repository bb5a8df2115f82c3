//! Quick. A tour of Bilibili, Tencent Lexiang, Azure style and Wowza: pasted, understood, live, and told as it is.

use super::Figure;
use crate::bed::Result;
use std::process::Command;

const STEPS: usize = 11;

pub(super) fn measure() -> Result<Figure> {
    let mut tour = Command::new(env!("CARGO_BIN_EXE_telecast"));
    // The tour bounds each of its steps.
    let ended = tour.args(["demo", "--tour", "origin"]).output()?;
    let told = String::from_utf8_lossy(&ended.stdout);
    print!("{told}{}", String::from_utf8_lossy(&ended.stderr));
    let passed = told.matches("✓ ").count();
    Ok(Figure {
        measured: format!("{passed} of {STEPS} steps of the tour hold; it ended with {}", ended.status),
        goal: "all, and exit status 0",
        holds: passed == STEPS && ended.status.success(),
    })
}
