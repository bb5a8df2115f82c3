//! Every fuzzer, run for some seconds over its seeds; executions so far; lines of the protocol and the media run through.

use super::Figure;
use crate::bed::{Result, fault};
use std::fs;
use std::process::Command;

const SECONDS: &str = "5";
const TARGETS: usize = 12;
const EXECUTIONS: u64 = 100_000_000;
const COVERAGE: f64 = 95.0;

pub(super) fn measure() -> Result<Figure> {
    let page = fs::read_to_string("docs/fuzzing.md")?;
    let total = page.lines().find(|line| line.starts_with("| total |")).and_then(|line| line.split(" | ").nth(1));
    let Some(total) = total.and_then(|total| total.parse::<u64>().ok()) else {
        return fault("docs/fuzzing.md has no sum");
    };
    // Two programs of their own: one is built for libFuzzer, the other to count lines.
    let (said, clean) = run("fuzz/run", &["--seconds", SECONDS])?;
    let ran = said.lines().filter(|line| line.ends_with(" 0 findings") && !line.contains(" 0 executions")).count();
    let (said, _) = run("tests/coverage", &[])?;
    let covered = said.lines().last().and_then(|line| line.strip_suffix(" %")?.rsplit(' ').next()?.parse::<f64>().ok());
    let covered = covered.unwrap_or(0.0);
    Ok(Figure {
        measured: format!(
            "{ran} fuzzers without a finding, {total} executions so far, {covered} % of the lines of rtmp and media run"
        ),
        goal: "12 fuzzers or more, 100000000 executions or more, no finding, 95 % or more",
        holds: clean && ran >= TARGETS && total >= EXECUTIONS && covered >= COVERAGE,
    })
}

/// What a script of this repository says, and whether it passed.
fn run(script: &str, arguments: &[&str]) -> Result<(String, bool)> {
    // Cargo's own settings for this test are not theirs.
    let mut command = Command::new(script);
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).env_remove("CARGO_TARGET_DIR");
    let run = command.output()?;
    let said = String::from_utf8_lossy(&run.stdout).into_owned();
    print!("{said}{}", String::from_utf8_lossy(&run.stderr));
    Ok((said, run.status.success()))
}
