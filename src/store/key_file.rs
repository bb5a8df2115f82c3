//! Where the master keys are kept: 64 hexadecimal digits a line, the newest last. More than one stand there only until
//! everything is sealed with the newest.

use super::keyring::{Key, Keyring, hex, id_of, unhex};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Where the master keys are.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// In a setting, separated by commas or blanks.
    Setting(SecretString),
    /// In this file, which must exist.
    File(PathBuf),
    /// In `master_key` in the data directory, made there on the first run.
    Data,
}

/// Why there is no master key.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// The file could not be read or written.
    #[error("the master key file {path} cannot be used: {cause}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Anyone on the host may read the file.
    #[error("the master key file {0} is readable by everyone: chmod 600 it, and consider the key known")]
    WorldReadable(PathBuf),
    /// Neither 64 hexadecimal digits a line nor 32 bytes.
    #[error("{0} must hold 64 hexadecimal digits (openssl rand -hex 32), one key a line")]
    Malformed(String),
    /// What each of two keys has sealed could not be told apart.
    #[error(
        "{0} holds two different keys that Telecast cannot tell apart: make another one in place of the one that came last \
         (openssl rand -hex 32)"
    )]
    Alike(String),
    /// The data is there and its key is gone; a new one could open nothing.
    #[error("the data in {data} is sealed with a master key, and {path} is missing: put the key file back")]
    Missing {
        /// The data directory.
        data: PathBuf,
        /// Where the key was looked for.
        path: PathBuf,
    },
    /// It is in a setting, which only whoever sets it can change.
    #[error(
        "the master key is in TELECAST_MASTER_KEY, which only you can change: write a second one behind it \
         (openssl rand -hex 32), separated by a comma, start Telecast anew, and remove the first when its log says that \
         it is not needed any more"
    )]
    InSetting,
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    Random,
}

impl KeySource {
    /// The file, where it is one.
    #[must_use]
    pub fn file(&self, data: &Path) -> Option<PathBuf> {
        match self {
            Self::Setting(_) => None,
            Self::File(path) => Some(path.clone()),
            Self::Data => Some(data.join("master_key")),
        }
    }
}

impl Keyring {
    /// Reads the master keys, or makes one in the data directory on its first run.
    ///
    /// # Errors
    /// [`MasterKeyError`] says which file and what to do.
    pub fn load_or_create(data: &Path, source: &KeySource) -> Result<Self, MasterKeyError> {
        if let (KeySource::Data, Some(path)) = (source, source.file(data))
            && !path.exists()
            && !super::open::has_data(data)
        {
            let mut master = Zeroizing::new([0u8; 32]);
            getrandom::fill(&mut master[..]).map_err(|_| MasterKeyError::Random)?;
            let fault = |cause| MasterKeyError::Io { path: path.clone(), cause };
            std::fs::create_dir_all(data).map_err(fault)?;
            write(&path, &[master]).map_err(fault)?;
        }
        let keys = read(data, source)?;
        let (newest, older) = keys.split_last().ok_or_else(|| malformed(data, source))?;
        Ok(Self::of(older, newest))
    }

    /// Puts a new key behind those that are in the file, which is replaced as a whole; the ring with it.
    ///
    /// # Errors
    /// [`MasterKeyError`]; the file is as it was.
    pub fn add_key(data: &Path, source: &KeySource) -> Result<Self, MasterKeyError> {
        let path = source.file(data).ok_or(MasterKeyError::InSetting)?;
        let mut keys = read(data, source)?;
        let mut master = Zeroizing::new([0u8; 32]);
        loop {
            getrandom::fill(&mut master[..]).map_err(|_| MasterKeyError::Random)?;
            // What one sealed is told from what another did by these ids.
            if keys.iter().all(|key| id_of(key) != id_of(&master)) {
                break;
            }
        }
        keys.push(master);
        write(&path, &keys).map_err(|cause| MasterKeyError::Io { path, cause })?;
        Self::load_or_create(data, source)
    }

    /// How many keys there are.
    ///
    /// # Errors
    /// As [`Keyring::load_or_create`].
    pub fn count_keys(data: &Path, source: &KeySource) -> Result<usize, MasterKeyError> {
        Ok(read(data, source)?.len())
    }

    /// Leaves only the newest key of this ring in the file: nothing is sealed with the others any more. False: another
    /// came behind it meanwhile, and the file is as it was.
    ///
    /// # Errors
    /// [`MasterKeyError`]; the file is as it was.
    pub fn drop_older(&self, data: &Path, source: &KeySource) -> Result<bool, MasterKeyError> {
        let path = source.file(data).ok_or(MasterKeyError::InSetting)?;
        let keys = read(data, source)?;
        let newest = keys.last().cloned().ok_or_else(|| malformed(data, source))?;
        if !self.seals_with(&newest) {
            return Ok(false);
        }
        write(&path, &[newest]).map_err(|cause| MasterKeyError::Io { path, cause })?;
        Ok(true)
    }
}

fn malformed(data: &Path, source: &KeySource) -> MasterKeyError {
    MasterKeyError::Malformed(place(data, source))
}

/// Where the keys are, in words.
fn place(data: &Path, source: &KeySource) -> String {
    match source.file(data) {
        Some(path) => format!("the master key file {}", path.display()),
        None => "TELECAST_MASTER_KEY".into(),
    }
}

/// The keys, the newest last.
fn read(data: &Path, source: &KeySource) -> Result<Vec<Key>, MasterKeyError> {
    let text = match source {
        KeySource::Setting(text) => Zeroizing::new(text.expose_secret().as_bytes().to_vec()),
        KeySource::File(_) | KeySource::Data => read_file(data, &source.file(data).unwrap_or_default())?,
    };
    if let Ok(raw) = <[u8; 32]>::try_from(text.as_slice()) {
        return Ok(vec![Zeroizing::new(raw)]);
    }
    let words = text.split(|byte| byte.is_ascii_whitespace() || *byte == b',').filter(|word| !word.is_empty());
    let keys = words.map(|word| {
        let bytes = Zeroizing::new(unhex(word)?);
        <[u8; 32]>::try_from(bytes.as_slice()).ok().map(Zeroizing::new)
    });
    let keys: Option<Vec<Key>> = keys.collect();
    let keys = keys.filter(|keys| !keys.is_empty()).ok_or_else(|| malformed(data, source))?;
    let mut by_id = BTreeMap::new();
    if keys.iter().any(|key| by_id.insert(id_of(key), key).is_some_and(|other| other != key)) {
        return Err(MasterKeyError::Alike(place(data, source)));
    }
    Ok(keys)
}

fn read_file(data: &Path, path: &Path) -> Result<Zeroizing<Vec<u8>>, MasterKeyError> {
    let fault = |cause| MasterKeyError::Io { path: path.to_owned(), cause };
    match std::fs::metadata(path) {
        Ok(meta) if meta.permissions().mode() & 0o007 != 0 => Err(MasterKeyError::WorldReadable(path.to_owned())),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound && super::open::has_data(data) => {
            Err(MasterKeyError::Missing { data: data.to_owned(), path: path.to_owned() })
        }
        Err(cause) => Err(fault(cause)),
        Ok(_) => std::fs::read(path).map(Zeroizing::new).map_err(fault),
    }
}

/// All of it or nothing, for this user alone.
fn write(path: &Path, keys: &[Key]) -> io::Result<()> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let temporary = path.with_extension("new");
    let _ = std::fs::remove_file(&temporary);
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
    for key in keys {
        writeln!(file, "{}", Zeroizing::new(hex(&key[..])).as_str())?;
    }
    file.sync_all()?;
    std::fs::rename(&temporary, path)?;
    std::fs::File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn private(path: &Path, content: impl AsRef<[u8]>) {
        std::fs::write(path, content).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    #[test]
    fn the_first_run_makes_a_private_key_file_and_the_next_reads_it() {
        let dir = tempfile::tempdir().unwrap();
        let sealed = Keyring::load_or_create(dir.path(), &KeySource::Data).unwrap().seal("a", b"x").unwrap();
        let path = dir.path().join("master_key");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(Keyring::load_or_create(dir.path(), &KeySource::Data).unwrap().unseal("a", &sealed).is_ok());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let refused = Keyring::load_or_create(dir.path(), &KeySource::Data);
        assert!(matches!(refused, Err(MasterKeyError::WorldReadable(_))));
    }

    #[test]
    fn a_named_key_file_must_exist_and_hold_keys() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("other");
        let source = KeySource::File(path.clone());
        assert!(matches!(Keyring::load_or_create(dir.path(), &source), Err(MasterKeyError::Io { .. })));
        let hex = "ab".repeat(32);
        for bad in ["too short".into(), String::new(), format!("{hex}\n{hex}00")] {
            private(&path, bad);
            assert!(matches!(Keyring::load_or_create(dir.path(), &source), Err(MasterKeyError::Malformed(_))));
        }
        for (good, count) in [(vec![3u8; 32], 1), (hex.clone().into(), 1), (format!("{hex}\n\n{hex}\n").into(), 2)] {
            private(&path, good);
            assert_eq!(Keyring::count_keys(dir.path(), &source).unwrap(), count);
            assert!(Keyring::load_or_create(dir.path(), &source).is_ok());
        }
        let setting = KeySource::Setting(format!("{hex}, {hex}").into());
        assert_eq!(Keyring::count_keys(dir.path(), &setting).unwrap(), 2);
        assert!(matches!(Keyring::add_key(dir.path(), &setting), Err(MasterKeyError::InSetting)));
    }

    #[test]
    fn a_new_key_comes_behind_the_old_one_until_that_is_dropped() {
        let dir = tempfile::tempdir().unwrap();
        let old = Keyring::load_or_create(dir.path(), &KeySource::Data).unwrap();
        let sealed = old.seal("a", b"x").unwrap();
        let both = Keyring::add_key(dir.path(), &KeySource::Data).unwrap();
        assert!(both.unseal("a", &sealed).is_ok() && !both.is_newest(&sealed));
        assert!(both.drop_older(dir.path(), &KeySource::Data).unwrap());
        let new = Keyring::load_or_create(dir.path(), &KeySource::Data).unwrap();
        assert!(!new.knows(&sealed) && new.unseal("a", &both.seal("a", b"y").unwrap()).is_ok());
        let mode = std::fs::metadata(dir.path().join("master_key")).unwrap().permissions().mode();
        assert_eq!((mode & 0o777, std::fs::read_dir(dir.path()).unwrap().count()), (0o600, 1));
    }

    #[test]
    fn a_ring_leaves_the_file_alone_where_another_key_came_behind_its_own() {
        let dir = tempfile::tempdir().unwrap();
        Keyring::load_or_create(dir.path(), &KeySource::Data).unwrap();
        let [first, second] = [(); 2].map(|()| Keyring::add_key(dir.path(), &KeySource::Data).unwrap());
        assert!(!first.drop_older(dir.path(), &KeySource::Data).unwrap());
        assert_eq!(Keyring::count_keys(dir.path(), &KeySource::Data).unwrap(), 3);
        assert!(second.drop_older(dir.path(), &KeySource::Data).unwrap());
        assert_eq!(Keyring::count_keys(dir.path(), &KeySource::Data).unwrap(), 1);
    }

    #[test]
    fn two_keys_that_cannot_be_told_apart_are_refused_with_words() {
        let dir = tempfile::tempdir().unwrap();
        let first = [0; 32];
        let numbered = (1..=u16::MAX).map(|number| {
            let mut key = first;
            key[..2].copy_from_slice(&number.to_be_bytes());
            key
        });
        let twin = numbered.into_iter().find(|key| id_of(key) == id_of(&first)).unwrap();
        let keys = format!("{} {}", hex(&first), hex(&twin));
        let path = dir.path().join("other");
        private(&path, &keys);
        for source in [KeySource::Setting(keys.into()), KeySource::File(path)] {
            let refused = Keyring::load_or_create(dir.path(), &source).unwrap_err();
            assert!(matches!(refused, MasterKeyError::Alike(_)), "{refused}");
            assert!(refused.to_string().contains("make another one") && !refused.to_string().contains("0000"));
        }
    }
}
