//! A logical copy at each start: JSON lines, secrets still sealed, the newest seven kept.

use super::draft::VERSION;
use super::people::TAPS;
use serde_json::{Value, json};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Exports kept.
const KEPT: usize = 7;

/// The folder of exports in a data directory.
pub(super) fn dir(data: &Path) -> PathBuf {
    data.join("exports")
}

/// Writes a new export and removes all others: what was forgotten is in none.
pub(super) fn renew(data: &Path, tree: &sled::Tree) -> io::Result<()> {
    for entry in std::fs::read_dir(dir(data))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            std::fs::remove_file(path)?;
        }
    }
    rotate(data, tree)
}

/// Writes a new export and removes those that are too many.
pub(super) fn rotate(data: &Path, tree: &sled::Tree) -> io::Result<()> {
    let dir = dir(data);
    std::fs::create_dir_all(&dir)?;
    // Nanoseconds, zero-padded: names sort by time.
    let stamp = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos();
    let name = dir.join(format!("{stamp:020}.jsonl"));
    let temporary = dir.join("writing");
    let mut file = BufWriter::new(
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?,
    );
    for entry in tree.iter() {
        let (key, value) = entry.map_err(|e| io::Error::other(e.to_string()))?;
        if key.starts_with(TAPS.as_bytes()) {
            // Somebody's, and over in a moment.
            continue;
        }
        let version = value.first().copied().unwrap_or(VERSION);
        let record: Value = serde_json::from_slice(value.get(1..).unwrap_or_default()).unwrap_or(Value::Null);
        writeln!(file, "{}", json!({ "key": String::from_utf8_lossy(&key), "version": version, "value": record }))?;
    }
    file.into_inner()?.sync_all()?;
    std::fs::rename(&temporary, &name)?;
    std::fs::File::open(&dir)?.sync_all()?;
    let mut files = std::fs::read_dir(&dir)?
        .map(|entry| entry.map(|e| e.path()))
        .filter(|path| path.as_ref().is_ok_and(|p| p.extension().is_some_and(|e| e == "jsonl")) || path.is_err())
        .collect::<io::Result<Vec<_>>>()?;
    files.sort();
    for old in files.iter().rev().skip(KEPT) {
        std::fs::remove_file(old)?;
    }
    Ok(())
}
