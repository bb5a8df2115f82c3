//! A clean clone with an empty cargo target: how long the build takes, and that the demo's tour passes.

use super::Figure;
use crate::bed::{Result, fault, scratch};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const GOAL: Duration = Duration::from_secs(360);

pub(super) fn measure() -> Result<Figure> {
    let dir = scratch()?;
    let (clone, target) = (dir.path().join("clone"), dir.path().join("target"));
    let mut git = Command::new("git");
    git.args(["clone", "--quiet", "--no-hardlinks", env!("CARGO_MANIFEST_DIR")]).arg(&clone);
    run(&mut git, dir.path())?;
    let started = Instant::now();
    let mut build = Command::new(env!("CARGO"));
    run(build.args(["build", "--release", "--quiet"]).env("CARGO_TARGET_DIR", &target), &clone)?;
    let built = started.elapsed();
    let mut tour = Command::new(target.join("release/telecast"));
    let passed = run(tour.args(["demo", "--tour"]), &clone).is_ok();
    let cores = std::thread::available_parallelism()?;
    Ok(Figure {
        measured: format!("built in {} s on {cores} cores, the tour passed: {passed}", built.as_secs()),
        goal: "360 s at most, passed",
        holds: built <= GOAL && passed,
    })
}

fn run(command: &mut Command, dir: &Path) -> Result<()> {
    // Cargo tells a test about its own package by the environment; a build in another place must not hear of it.
    let cargo = std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_"));
    let keep = |name: &std::ffi::OsStr| matches!(name.to_str(), Some("CARGO_HOME" | "CARGO_TARGET_DIR"));
    let set: Vec<_> = command.get_envs().map(|(name, _)| name.to_owned()).collect();
    for (name, _) in cargo.filter(|(name, _)| !keep(name) && !set.contains(name)) {
        command.env_remove(name);
    }
    let status = command.current_dir(dir).status()?;
    if status.success() { Ok(()) } else { fault(format!("{command:?}: {status}")) }
}
