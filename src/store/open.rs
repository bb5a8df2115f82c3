//! Opening: the lock, the repair of damaged snapshots, the check of the master keys.

use super::disk::io_fault;
use super::draft::{VERSION, decode};
use super::keyring::{Keyring, Sealed, hex};
use super::reseal::sealed_in;
use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Bytes of sled's cache. Reads do not use it.
const CACHE: u64 = 8 * 1024 * 1024;
/// Sealed by the newest master key that the data has seen.
pub(super) const CHECK: &str = "meta/check";
pub(super) const CHECK_PLACE: &str = "meta/check/value";
pub(super) const CHECK_TEXT: &[u8] = b"telecast";

/// What the name of a copy of damaged files begins with.
const COPY: &str = "damaged-";

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
    /// Some of it was sealed with a key that is not there any more.
    #[error(
        "a master key is missing: {0} stored secrets were sealed with an older one, which must stand in the key file above \
         the newest until `telecast rotate-key` is done. Put it back"
    )]
    MissingKey(usize),
    /// A newer Telecast wrote it.
    #[error(
        "the data was written by a newer Telecast ({0}): start that one, this one would lose what it does not know"
    )]
    Newer(String),
    /// Damaged beyond what can be repaired safely.
    #[error(
        "the data is damaged ({words}). A copy is in {copy}; to go back to the newest good state, \
         run `telecast import` with the newest file in {exports}"
    )]
    Damaged {
        /// What sled said.
        words: String,
        /// Where everything was copied to before the repair was tried.
        copy: PathBuf,
        /// The folder of exports.
        exports: PathBuf,
    },
    /// What was confirmed is not there any more.
    #[error(
        "the data lacks the last {changes} changes that were confirmed: its file was damaged. To go back to the newest good \
         state, run `telecast import` with the newest file in {exports}; to go on with what is there, remove {witness}"
    )]
    Lost {
        /// How many.
        changes: u64,
        /// The folder of exports.
        exports: PathBuf,
        /// The file that knows of them.
        witness: PathBuf,
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
pub(super) fn sled_dir(data: &Path) -> PathBuf {
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

/// All that is stored, by key.
type All = BTreeMap<String, Vec<u8>>;

/// Opens sled and reads everything; damaged snapshots, which sled can rebuild from its log, are removed after everything was
/// copied aside.
pub(super) fn open_db(data: &Path) -> Result<(sled::Db, All), OpenError> {
    let io = |cause| OpenError::Io { path: data.to_owned(), cause };
    let dir = sled_dir(data);
    std::fs::create_dir_all(&dir).map_err(io)?;
    let words = match open_sled(data, &dir)? {
        Ok(opened) => return Ok(opened),
        Err(words) => words,
    };
    let copy = match copied(data) {
        Some(copy) => copy,
        None => copy_aside(data, &dir).map_err(io)?,
    };
    for entry in std::fs::read_dir(&dir).map_err(io)? {
        let entry = entry.map_err(io)?;
        // What sled makes anew: where its log stood, and settings that are always the same.
        let name = entry.file_name();
        if name.to_string_lossy().starts_with("snap.") || name == "conf" {
            std::fs::remove_file(entry.path()).map_err(io)?;
        }
    }
    tracing::warn!(error = words, copy = %copy.display(), "store: damaged snapshot removed, rebuilding from the log");
    open_sled(data, &dir)?.map_err(|words| OpenError::Damaged { words, copy, exports: super::export::dir(data) })
}

/// A copy of before with the same log, which all else is made of: starting again and again must not fill the disk. By what
/// is in it, since sled touches its log at each try.
fn copied(data: &Path) -> Option<PathBuf> {
    let log = std::fs::read(db_file(data)).ok()?;
    let beside = std::fs::read_dir(data).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let is_copy = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(COPY));
    beside.filter(is_copy).find(|copy| std::fs::read(copy.join("db")).is_ok_and(|copied| copied == log))
}

/// A copy of all of `dir`, or nothing.
fn copy_aside(data: &Path, dir: &Path) -> io::Result<PathBuf> {
    let stamp = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
    let (half, copy) = (data.join("copying"), data.join(format!("{COPY}{stamp}")));
    if half.exists() {
        std::fs::remove_dir_all(&half)?;
    }
    if let Err(error) = copy_dir(dir, &half).and_then(|()| std::fs::rename(&half, &copy)) {
        let _ = std::fs::remove_dir_all(&half);
        return Err(error);
    }
    Ok(copy)
}

/// `Ok(Err(words))`: damaged.
fn open_sled(data: &Path, dir: &Path) -> Result<Result<(sled::Db, All), String>, OpenError> {
    // A process that was just stopped may still be letting go of its lock.
    const TRIES: u32 = 20;
    let config = sled::Config::new()
        .path(dir)
        .mode(sled::Mode::LowSpace)
        .cache_capacity(CACHE)
        .flush_every_ms(None)
        .print_profile_on_drop(false);
    for attempt in 1.. {
        // Damage can make sled panic as well.
        let opened = catch_unwind(AssertUnwindSafe(|| {
            let db = config.open()?;
            let all = read_all(&db)?;
            Ok::<_, sled::Error>((db, all))
        }));
        match opened {
            Ok(Ok(opened)) => return Ok(Ok(opened)),
            Ok(Err(sled::Error::Io(cause))) if cause.to_string().contains("lock") => {
                if attempt == TRIES {
                    break;
                }
                std::thread::sleep(Duration::from_millis(50));
            }
            Ok(Err(sled::Error::Io(cause))) if cause.kind() != io::ErrorKind::UnexpectedEof => {
                return Err(OpenError::Io { path: data.to_owned(), cause });
            }
            Ok(Err(other)) => return Ok(Err(other.to_string())),
            Err(_) => return Ok(Err("its files contradict each other".into())),
        }
    }
    Err(OpenError::Locked(data.to_owned()))
}

fn read_all(tree: &sled::Tree) -> sled::Result<All> {
    let text = |key: sled::IVec| String::from_utf8(key.to_vec()).ok();
    let pairs = tree.iter().map(|entry| entry.map(|(key, value)| Some((text(key)?, value.to_vec()))));
    Ok(pairs.collect::<sled::Result<Vec<_>>>()?.into_iter().flatten().collect())
}

/// Whether this version understands how records are encoded, and these keys open all of them.
pub(super) fn check(all: &All, keys: &Keyring) -> Result<(), OpenError> {
    if let Some((key, value)) = all.iter().find(|(_, value)| value.first() > Some(&VERSION)) {
        let version = value.first().copied().unwrap_or_default();
        return Err(OpenError::Newer(format!("{key} has the encoding {version}, and {VERSION} is the newest known")));
    }
    if let Some(value) = all.get(CHECK) {
        let sealed: Sealed = decode(value).ok_or(OpenError::WrongKey)?;
        if !keys.unseal(CHECK_PLACE, &sealed).is_ok_and(|text| text.as_slice() == CHECK_TEXT) {
            return Err(OpenError::WrongKey);
        }
    }
    let sealed = all.iter().flat_map(|(key, value)| sealed_in(key, value));
    match sealed.filter(|(_, sealed)| !keys.knows(sealed)).count() {
        0 => Ok(()),
        missing => Err(OpenError::MissingKey(missing)),
    }
}

/// Whether nobody has the store in `data` open.
pub(super) fn is_free(data: &Path) -> Result<bool, OpenError> {
    use rustix::fs::{FlockOperation, flock};
    let file = match std::fs::File::open(db_file(data)) {
        Ok(file) => file,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(cause) => return Err(OpenError::Io { path: data.to_owned(), cause }),
    };
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(false),
        Err(errno) => Err(io_fault(data, &errno.to_string())),
    }
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
