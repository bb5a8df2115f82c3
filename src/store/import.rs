//! Back to an export. Nothing is touched before all of the file was read, checked, and written to a store of its own, which
//! then takes the place of the present one in one step; that one is kept beside it.

use super::disk::Disk;
use super::draft::VERSION;
use super::export::{End, Line};
use super::keyring::{Keyring, hex};
use super::records::{Changes, Records};
use super::{OpenError, StoreError, open, schema};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What an import did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Records that are there now.
    pub records: usize,
    /// Where the store that was there before is now.
    pub replaced: Option<PathBuf>,
}

/// Why nothing was imported. The data is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("{path} cannot be read: {cause}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// It is no export, or was changed.
    #[error("line {line} of the export is damaged ({words}). Nothing was imported; take another export")]
    Damaged {
        /// Which, from 1.
        line: usize,
        /// What is wrong with it; nothing of what it holds.
        words: &'static str,
    },
    /// Its end is missing.
    #[error("the export is cut off behind line {0}. Nothing was imported; take another export")]
    Cut(usize),
    /// It was changed in a way that only its hash shows.
    #[error("the export was changed since it was written. Nothing was imported; take another export")]
    Changed,
    /// It does not fit these keys, or the data directory is in use.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It could not be written.
    #[error("the data could not be written ({0}). Nothing was imported")]
    Write(#[from] StoreError),
}

/// Puts what an export holds in the place of what is in the data directory `data`.
///
/// # Errors
/// [`ImportError`]; the data is as it was.
pub fn import(data: &Path, keys: &Keyring, path: &Path) -> Result<Imported, ImportError> {
    let text = std::fs::read_to_string(path).map_err(|cause| ImportError::File { path: path.to_owned(), cause })?;
    let all = parse(&text)?;
    open::check(&all, keys)?;
    let records = Records::new(all);
    // Not written: the next start does it, as with any older data.
    schema::migrate(&records, keys)?;
    let io = |cause| OpenError::Io { path: data.to_owned(), cause };
    std::fs::create_dir_all(data).map_err(io)?;
    if !open::is_free(data)? {
        return Err(OpenError::Locked(data.to_owned()).into());
    }
    let beside = data.join("importing");
    if beside.exists() {
        std::fs::remove_dir_all(&beside).map_err(io)?;
    }
    let changes: Changes = records.lock().iter().map(|(key, value)| (key.clone(), Some(value.clone()))).collect();
    std::fs::create_dir(&beside).map_err(io)?;
    let (mut disk, _) = Disk::open(&beside, &open::db_file(&beside))?;
    disk.write(&records, &changes)?;
    disk.close();
    let replaced = swap(data, &beside).map_err(io)?;
    Ok(Imported { records: changes.len(), replaced })
}

/// The store in `beside` becomes that of `data`, in one step.
fn swap(data: &Path, beside: &Path) -> io::Result<Option<PathBuf>> {
    let stamp = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
    let (place, old) = (open::sled_dir(data), data.join(format!("replaced-{stamp}")));
    let (made, there) = (open::sled_dir(beside), place.exists());
    if there {
        renameat_with(CWD, &made, CWD, &place, RenameFlags::EXCHANGE)?;
        std::fs::rename(&made, &old)?;
    } else {
        std::fs::rename(&made, &place)?;
    }
    std::fs::remove_dir(beside)?;
    std::fs::File::open(data)?.sync_all()?;
    Ok(there.then_some(old))
}

/// The records of an export that is whole.
fn parse(text: &str) -> Result<BTreeMap<String, Vec<u8>>, ImportError> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let cut = || ImportError::Cut(lines.len());
    let (last, lines_before) = lines.split_last().ok_or_else(cut)?;
    let mut all = BTreeMap::new();
    let mut hash = Sha256::new();
    for (line, number) in lines_before.iter().zip(1..) {
        let damaged = |words| ImportError::Damaged { line: number, words };
        let read: Line = serde_json::from_str(line).map_err(|_| damaged("it is no record"))?;
        if read.version == 0 {
            return Err(damaged("it has no version"));
        }
        let mut value = vec![read.version];
        serde_json::to_writer(&mut value, &read.value).map_err(|_| damaged("it is no record"))?;
        if read.version == VERSION && read.value.is_null() {
            return Err(damaged("it is empty"));
        }
        if all.insert(read.key, value).is_some() {
            return Err(damaged("it is there twice"));
        }
        hash.update(line);
    }
    let end: End = serde_json::from_str(last).map_err(|_| cut())?;
    if !last.ends_with('\n') || end.records != lines_before.len() || end.sha256 != hex(&hash.finalize()) {
        return Err(ImportError::Changed);
    }
    Ok(all)
}
