//! A disk that fails as it is told: `disk.c`, preloaded into a program.

use super::{Result, fault};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The library, made in `dir`.
///
/// # Errors
/// There is no C compiler.
pub fn library(dir: &Path) -> Result<PathBuf> {
    let (source, library) = (concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bed/disk.c"), dir.join("disk.so"));
    let made = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).status()?;
    if made.success() { Ok(library) } else { fault("cc made no library") }
}
