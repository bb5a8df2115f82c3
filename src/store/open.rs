//! Opening: the lock, the repair of damaged snapshots, the check of the master key.

use super::draft::{decode, encode};
use super::keyring::{Keyring, Sealed, hex};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Bytes of sled's cache. All of Telecast's data is smaller.
const CACHE: u64 = 8 * 1024 * 1024;
const CHECK: &str = "meta/check";
const CHECK_PLACE: &str = "meta/check/value";
const CHECK_TEXT: &[u8] = b"telecast";

/// Why the store does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open.
    #[error("another Telecast is running on {0}: stop it first")]
    Locked(PathBuf),
    /// The master key is not the one that the data was sealed with.
    #[error(
        "wrong master key: the data was sealed with another one. Put that key back, or start with an empty data directory"
    )]
    WrongKey,
    /// Damaged beyond what can be repaired safely.
    #[error(
        "the data is damaged ({words}). A copy is in {copy}; the newest good state is the newest file in {exports}"
    )]
    Damaged {
        /// What sled said.
        words: String,
        /// Where everything was copied to before the repair was tried.
        copy: PathBuf,
        /// The folder of exports.
        exports: PathBuf,
    },
    /// The directory cannot be used.
    #[error("the data directory {path} cannot be used: {cause}")]
    Io {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

/// Where sled's files are.
fn sled_dir(data: &Path) -> PathBuf {
    data.join("store")
}

/// The file that a commit must reach.
pub(super) fn db_file(data: &Path) -> PathBuf {
    sled_dir(data).join("db")
}

/// Whether there is anything that a master key may have sealed.
pub(super) fn has_data(data: &Path) -> bool {
    db_file(data).exists()
}

/// Opens sled; damaged snapshots, which sled can rebuild from its log, are removed after everything was copied aside.
pub(super) fn open_db(data: &Path) -> Result<sled::Db, OpenError> {
    let io = |cause| OpenError::Io { path: data.to_owned(), cause };
    let dir = sled_dir(data);
    std::fs::create_dir_all(&dir).map_err(io)?;
    let words = match open_sled(data, &dir)? {
        Ok(db) => return Ok(db),
        Err(words) => words,
    };
    let stamp = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
    let copy = data.join(format!("damaged-{stamp}"));
    copy_dir(&dir, &copy).map_err(io)?;
    for entry in std::fs::read_dir(&dir).map_err(io)? {
        let entry = entry.map_err(io)?;
        if entry.file_name().to_string_lossy().starts_with("snap.") {
            std::fs::remove_file(entry.path()).map_err(io)?;
        }
    }
    tracing::warn!(error = words, copy = %copy.display(), "store: damaged snapshot removed, rebuilding from the log");
    open_sled(data, &dir)?.map_err(|words| OpenError::Damaged { words, copy, exports: super::export::dir(data) })
}

/// `Ok(Err(words))`: damaged.
fn open_sled(data: &Path, dir: &Path) -> Result<Result<sled::Db, String>, OpenError> {
    // A process that was just stopped may still be letting go of its lock.
    const TRIES: u32 = 20;
    let config = sled::Config::new()
        .path(dir)
        .mode(sled::Mode::LowSpace)
        .cache_capacity(CACHE)
        .flush_every_ms(None)
        .print_profile_on_drop(false);
    for attempt in 1.. {
        match config.open() {
            Ok(db) => return Ok(Ok(db)),
            Err(sled::Error::Io(cause)) if cause.to_string().contains("lock") => {
                if attempt == TRIES {
                    break;
                }
                std::thread::sleep(Duration::from_millis(50));
            }
            Err(sled::Error::Io(cause)) => return Err(OpenError::Io { path: data.to_owned(), cause }),
            Err(other) => return Ok(Err(other.to_string())),
        }
    }
    Err(OpenError::Locked(data.to_owned()))
}

/// Compares the master key with the one that sealed the data; seals the first time.
pub(super) fn check_key(tree: &sled::Tree, keys: &Keyring) -> Result<(), OpenError> {
    let damaged = |e: sled::Error| OpenError::Io { path: CHECK.into(), cause: io::Error::other(e.to_string()) };
    if let Some(value) = tree.get(CHECK).map_err(damaged)? {
        let sealed: Sealed = decode(&value).ok_or(OpenError::WrongKey)?;
        return match keys.unseal(CHECK_PLACE, &sealed) {
            Ok(text) if text.as_slice() == CHECK_TEXT => Ok(()),
            _ => Err(OpenError::WrongKey),
        };
    }
    let sealed = keys.seal(CHECK_PLACE, CHECK_TEXT).map_err(|_| OpenError::WrongKey)?;
    let value = encode(&sealed).map_err(|_| OpenError::WrongKey)?;
    tree.insert(CHECK, value).map_err(damaged)?;
    tree.flush().map_err(damaged)?;
    Ok(())
}

fn copy_dir(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_dir(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// A directory that is removed when this is dropped.
pub(super) struct TemporaryDir(pub(super) PathBuf);

impl TemporaryDir {
    pub(super) fn create() -> Result<Self, OpenError> {
        let mut random = [0u8; 16];
        let path = std::env::temp_dir();
        let io = |path: &Path, cause| OpenError::Io { path: path.to_owned(), cause };
        getrandom::fill(&mut random).map_err(|e| io(&path, io::Error::other(e.to_string())))?;
        let path = path.join(format!("telecast-{}", hex(&random)));
        std::fs::create_dir(&path).map_err(|cause| io(&path, cause))?;
        Ok(Self(path))
    }
}

impl Drop for TemporaryDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
