//! Quick. Every timer over fifty days that pass in seconds: holds, reconnects, budgets, fights, times over 2^32 ms.

use super::Figure;
use crate::bed::Result;
use std::process::Command;

pub(super) fn measure() -> Result<Figure> {
    let mut command = Command::new(env!("CARGO"));
    // As plain tests are built: there is nothing to hurry.
    command.args(["test", "--quiet", "--test", "it", "fifty_days", "--", "--nocapture", "--test-threads", "1"]);
    let run = command.current_dir(env!("CARGO_MANIFEST_DIR")).output()?;
    let said = String::from_utf8_lossy(&run.stdout);
    print!("{said}{}", String::from_utf8_lossy(&run.stderr));
    let passed: Vec<&str> = said.lines().filter_map(|line| Some(&line[line.find("50 days: ")?..])).collect();
    Ok(Figure {
        measured: passed.join("; "),
        goal: "50 days of a broadcast, of its encoders' fights and of its times pass",
        holds: run.status.success() && passed.len() == 3,
    })
}
