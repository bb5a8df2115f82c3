//! Debian's librtmp, mended so far that it can log in: it leaves off the zero behind what nettle encodes for it, and
//! then writes what follows on its stack beyond its heap.

use super::{Result, fault};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A library to be loaded before librtmp; made in `dir`.
///
/// # Errors
/// There is no C compiler.
pub fn mended(dir: &Path) -> Result<PathBuf> {
    let (source, library) =
        (concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bed/librtmp.c"), dir.join("librtmp-mended.so"));
    if !library.exists() {
        let made = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).status()?;
        if !made.success() {
            return fault("cc made no library");
        }
    }
    Ok(library)
}
