//! A logical copy at each start and once a day: JSON lines, secrets still sealed, the newest seven kept, no two in a row alike. Its
//! last line says how many there are and what they hash to, so that one that was cut or changed is known.

use super::draft::VERSION;
use super::people::TAPS;
use super::records::Records;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Exports kept.
const KEPT: usize = 7;

/// One line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    pub(super) key: String,
    pub(super) version: u8,
    pub(super) value: Value,
}

/// The last line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct End {
    /// Lines before it.
    pub(super) records: usize,
    /// SHA-256 of them, line ends included.
    pub(super) sha256: String,
}

/// The folder of exports in a data directory.
pub(super) fn dir(data: &Path) -> PathBuf {
    data.join("exports")
}

/// The newest export in a data directory.
pub(super) fn newest(data: &Path) -> Option<PathBuf> {
    all(&dir(data)).ok()?.pop()
}

/// Writes a new export and removes all others: what was forgotten is in none.
pub(super) fn renew(data: &Path, records: &Records) -> io::Result<()> {
    keep(data, records, 1)
}

/// Writes a new export and removes those that are too many.
pub(super) fn rotate(data: &Path, records: &Records) -> io::Result<()> {
    keep(data, records, KEPT)
}

fn keep(data: &Path, records: &Records, kept: usize) -> io::Result<()> {
    let dir = dir(data);
    std::fs::create_dir_all(&dir)?;
    // Nanoseconds, zero-padded: names sort by time. What is new is the newest, also where the clock was ahead before.
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos();
    let before = newest(data);
    let last = before.as_deref().and_then(|path| path.file_stem()?.to_str()?.parse::<u128>().ok());
    let new = dir.join(format!("{:020}.jsonl", last.map_or(now, |last| now.max(last + 1))));
    write(&new, records)?;
    // Starts that fail, however many, push no older state out.
    let text = std::fs::read(&new)?;
    if let Some(before) = before.filter(|before| std::fs::read(before).is_ok_and(|before| before == text)) {
        std::fs::remove_file(before)?;
    }
    for old in all(&dir)?.iter().rev().skip(kept) {
        std::fs::remove_file(old)?;
    }
    Ok(())
}

/// From the oldest on.
fn all(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(dir)?.map(|entry| entry.map(|entry| entry.path()));
    let mut files = entries.collect::<io::Result<Vec<_>>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    Ok(files)
}

/// Writes all records to `path`, for this user alone: the whole file or none.
pub(super) fn write(path: &Path, records: &Records) -> io::Result<()> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let temporary = dir.join("writing");
    let mut file = BufWriter::new(
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?,
    );
    let (mut count, mut hash) = (0, Sha256::new());
    // What somebody tapped is over in a moment.
    for (key, value) in records.lock().iter().filter(|(key, _)| !key.starts_with(TAPS)) {
        let version = value.first().copied().unwrap_or(VERSION);
        let value = serde_json::from_slice(value.get(1..).unwrap_or_default()).unwrap_or(Value::Null);
        let mut line = serde_json::to_string(&Line { key: key.clone(), version, value })?;
        line.push('\n');
        hash.update(&line);
        file.write_all(line.as_bytes())?;
        count += 1;
    }
    let end = End { records: count, sha256: super::keyring::hex(&hash.finalize()) };
    writeln!(file, "{}", serde_json::to_string(&end)?)?;
    file.into_inner()?.sync_all()?;
    std::fs::rename(&temporary, path)?;
    std::fs::File::open(dir)?.sync_all()
}
