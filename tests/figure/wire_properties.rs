//! Quick. The chunk reader and writer, by properties and against rml_rtmp's own: interleaving, wide timestamps, every chunk size, every split.

use super::Figure;
use crate::bed::Result;
use std::process::Command;

/// Fewer where the build is slow, so that tests/run stays short.
const CASES: u32 = if cfg!(debug_assertions) { 1_000 } else { 10_000 };

pub(super) fn measure() -> Result<Figure> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["test", "--quiet", "--lib"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    command.args(["--", "rtmp::chunk::tests::properties", "rtmp::chunk::tests::peer"]);
    let run = command.env("PROPTEST_CASES", CASES.to_string()).output()?;
    let said = String::from_utf8_lossy(&run.stdout);
    print!("{said}{}", String::from_utf8_lossy(&run.stderr));
    let number = |line: &str| line.strip_prefix("test result: ok. ")?.split(' ').next()?.parse::<u32>().ok();
    let passed: u32 = said.lines().filter_map(number).sum();
    Ok(Figure {
        measured: format!("{passed} tests passed, each property with {CASES} cases"),
        goal: "all, 10 at least",
        holds: run.status.success() && passed >= 10,
    })
}
