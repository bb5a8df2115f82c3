//! Quick. The chunk reader and writer against rml_rtmp's own, by properties: interleaving, wide timestamps, every chunk size, every split.

use super::Figure;
use crate::bed::Result;
use std::process::Command;

const CASES: u32 = 2000;

pub(super) fn measure() -> Result<Figure> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["test", "--quiet", "--lib", "rtmp::"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let run = command.env("PROPTEST_CASES", CASES.to_string()).output()?;
    let said = String::from_utf8_lossy(&run.stdout);
    print!("{said}{}", String::from_utf8_lossy(&run.stderr));
    let passed =
        said.lines().filter_map(|line| line.strip_prefix("test result: ok. ")?.split(' ').next()?.parse::<u32>().ok());
    let passed: u32 = passed.sum();
    Ok(Figure {
        measured: format!("{passed} tests of rtmp passed, each property with {CASES} cases"),
        goal: "all, and some",
        holds: run.status.success() && passed > 0,
    })
}
