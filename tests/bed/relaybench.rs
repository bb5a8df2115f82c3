//! relaybench: a load generator, sinks and a runner that measure Telecast's relay beside others in one run.
//!
//! `RELAYBENCH` says where it is; without it, it is looked for beside the project.

use super::{Result, fault, setting};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// relaybench, built.
#[derive(Debug)]
pub struct Bench {
    home: PathBuf,
    program: PathBuf,
    out: PathBuf,
}

/// One row: what was measured of one system in one run or window.
#[derive(Clone, Debug)]
pub struct Row(Value);

impl Bench {
    /// Finds it, and builds it in `target`; its results go to `dir`.
    ///
    /// # Errors
    /// It is not there, or does not build.
    pub fn new(dir: &Path) -> Result<Self> {
        let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/relaybench");
        let home = setting("RELAYBENCH").unwrap_or_else(beside);
        if !home.join("bench.py").is_file() {
            let home = home.display();
            return fault(format!("{home} holds no relaybench: set RELAYBENCH to where it is"));
        }
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("relaybench");
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--release"]).current_dir(home.join("relaybench"));
        let built = build.env("CARGO_TARGET_DIR", &target).output()?;
        if !built.status.success() {
            return fault(format!("relaybench does not build:\n{}", String::from_utf8_lossy(&built.stderr)));
        }
        Ok(Self { home, program: target.join("release/relaybench"), out: dir.join("relaybench.jsonl") })
    }

    /// Runs `what` (`setup`, `kill`, `stall`, `flat`, `paced`) with `systems`, interleaved.
    ///
    /// # Errors
    /// It can't be run, or a system could not be measured.
    pub fn run(&self, what: &str, systems: &[&str], options: &[&str]) -> Result<Vec<Row>> {
        let _ = std::fs::remove_file(&self.out);
        let relay = Path::new(env!("CARGO_BIN_EXE_telecast")).with_file_name("examples").join("relay");
        let mut command = Command::new("python3");
        command.arg(self.home.join("bench.py")).arg(what).arg("--systems").arg(systems.join(",")).args(options);
        command.arg("--out").arg(&self.out).env("RB_BIN", &self.program).env("TELECAST_RELAY", relay);
        if !command.stdin(Stdio::null()).status()?.success() {
            return fault("relaybench failed");
        }
        let lines = std::fs::read_to_string(&self.out)?;
        let rows: Vec<Row> = lines.lines().filter_map(|line| serde_json::from_str(line).ok()).map(Row).collect();
        match rows.iter().find_map(|row| row.0.get("error").map(|error| format!("{}: {error}", row.system()))) {
            Some(error) => fault(error),
            None => Ok(rows),
        }
    }
}

impl Row {
    /// Whose it is.
    pub fn system(&self) -> &str {
        self.0["system"].as_str().unwrap_or_default()
    }

    /// A number; not a number where there is none.
    pub fn number(&self, path: &str) -> f64 {
        self.at(path).as_f64().unwrap_or(f64::NAN)
    }

    /// A list of numbers, or of yes and no as 1 and 0.
    pub fn numbers(&self, path: &str) -> Vec<f64> {
        let number = |value: &Value| value.as_f64().or(value.as_bool().map(f64::from));
        self.at(path).as_array().into_iter().flatten().filter_map(number).collect()
    }

    /// Who else used the machine so little that a window counts: steal below 2 %, others below 0.4 of a core.
    pub fn counts(&self) -> bool {
        self.number("steal") <= 0.02 * self.number("dur") && self.number("other_cpu") <= 0.4
    }

    fn at(&self, path: &str) -> &Value {
        path.split('.').fold(&self.0, |value, name| &value[name])
    }
}

/// The middle one; not a number where there is none.
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    match numbers.len() {
        0 => f64::NAN,
        count if count % 2 == 0 => f64::midpoint(numbers[middle - 1], numbers[middle]),
        _ => numbers[middle],
    }
}
