//! The master key and what is made of it: sealed fields and the look-up index of ingest keys.
//!
//! A sealed blob is `[version 1][key id][nonce 24][ciphertext and tag]` by XChaCha20-Poly1305, and holds only at the
//! place that its associated data names, such as `12/3/key`: moved to another record, it does not open.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt;
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use zeroize::{Zeroize, Zeroizing};

const VERSION: u8 = 1;
const NONCE: usize = 24;

/// The keys of one installation. `Debug` shows nothing of them.
#[derive(Clone)]
pub struct Keyring {
    id: u8,
    field: Zeroizing<[u8; 32]>,
    index: Zeroizing<[u8; 32]>,
}

/// A sealed blob as lower-case hexadecimal text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Sealed(String);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sealed")
    }
}

/// A blob that does not open: another master key, another place, or damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value does not open with this master key at this place")]
pub(super) struct SealFault;

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
    /// Neither 64 hexadecimal digits nor 32 bytes.
    #[error("the master key file {0} must hold 64 hexadecimal digits (openssl rand -hex 32)")]
    Malformed(PathBuf),
    /// The data is there and its key is gone; a new one could open nothing.
    #[error("the data in {data} is sealed with a master key, and {path} is missing: put the key file back")]
    Missing {
        /// The data directory.
        data: PathBuf,
        /// Where the key was looked for.
        path: PathBuf,
    },
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    Random,
}

impl Keyring {
    /// Derives all sub-keys from `master`, each for its own purpose (HKDF-SHA256).
    #[must_use]
    pub fn from_master(mut master: [u8; 32]) -> Self {
        let hkdf = Hkdf::<Sha256>::new(None, &master);
        master.zeroize();
        let mut id = [0u8; 1];
        let mut field = Zeroizing::new([0u8; 32]);
        let mut index = Zeroizing::new([0u8; 32]);
        for (purpose, out) in [
            (&b"telecast key-id"[..], &mut id[..]),
            (b"telecast field-aead", &mut field[..]),
            (b"telecast ingest-index", &mut index[..]),
        ] {
            // HKDF-SHA256 gives up to 8160 bytes; these are 32 at most.
            let _ = hkdf.expand(purpose, out);
        }
        Self { id: id[0], field, index }
    }

    /// Reads the master key from `file`, which must exist; without one, from `master_key` in the data directory,
    /// made there (mode 0600) on the first run.
    ///
    /// # Errors
    /// [`MasterKeyError`] says which file and what to do.
    pub fn load_or_create(data: &Path, file: Option<&Path>) -> Result<Self, MasterKeyError> {
        let own = data.join("master_key");
        let path = file.unwrap_or(&own);
        let fault = |cause| MasterKeyError::Io { path: path.to_owned(), cause };
        match std::fs::metadata(path) {
            Ok(meta) if meta.permissions().mode() & 0o007 != 0 => {
                return Err(MasterKeyError::WorldReadable(path.to_owned()));
            }
            Ok(_) => {}
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(fault(cause)),
            Err(_) if super::open::has_data(data) => {
                return Err(MasterKeyError::Missing { data: data.to_owned(), path: path.to_owned() });
            }
            Err(cause) if file.is_some() => return Err(fault(cause)),
            Err(_) => create(data, path)?,
        }
        let bytes = Zeroizing::new(std::fs::read(path).map_err(fault)?);
        let master = read_master(&bytes).ok_or_else(|| MasterKeyError::Malformed(path.to_owned()))?;
        Ok(Self::from_master(*master))
    }

    /// Seals `clear` for `place`.
    pub(super) fn seal(&self, place: &str, clear: &[u8]) -> Result<Sealed, SealFault> {
        let mut nonce = [0u8; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| SealFault)?;
        let payload = Payload { msg: clear, aad: place.as_bytes() };
        let text = self.cipher()?.encrypt(&XNonce::from(nonce), payload).map_err(|_| SealFault)?;
        Ok(Sealed(hex(&[&[VERSION, self.id][..], &nonce, &text].concat())))
    }

    /// Opens what was sealed for `place`.
    pub(super) fn unseal(&self, place: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, SealFault> {
        let blob = unhex(sealed.0.as_bytes()).ok_or(SealFault)?;
        let (head, rest) = blob.split_at_checked(2).ok_or(SealFault)?;
        if head != [VERSION, self.id] {
            return Err(SealFault);
        }
        let (nonce, text) = rest.split_first_chunk::<NONCE>().ok_or(SealFault)?;
        let payload = Payload { msg: text, aad: place.as_bytes() };
        self.cipher()?.decrypt(&XNonce::from(*nonce), payload).map(Zeroizing::new).map_err(|_| SealFault)
    }

    /// Opens a text that was sealed for `place`.
    pub(super) fn unseal_text(&self, place: &str, sealed: &Sealed) -> Result<Zeroizing<String>, SealFault> {
        let clear = self.unseal(place, sealed)?;
        std::str::from_utf8(&clear).map(|text| Zeroizing::new(text.to_owned())).map_err(|_| SealFault)
    }

    /// What `key` is looked up by: HMAC-SHA256, in hexadecimal.
    pub(super) fn index(&self, key: &str) -> Result<String, SealFault> {
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&self.index[..]).map_err(|_| SealFault)?;
        mac.update(key.as_bytes());
        Ok(hex(&mac.finalize().into_bytes()))
    }

    fn cipher(&self) -> Result<XChaCha20Poly1305, SealFault> {
        XChaCha20Poly1305::new_from_slice(&self.field[..]).map_err(|_| SealFault)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring(•••)")
    }
}

fn create(data: &Path, path: &Path) -> Result<(), MasterKeyError> {
    let mut master = Zeroizing::new([0u8; 32]);
    getrandom::fill(&mut master[..]).map_err(|_| MasterKeyError::Random)?;
    let write = || -> io::Result<()> {
        std::fs::create_dir_all(data)?;
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        writeln!(file, "{}", Zeroizing::new(hex(&master[..])).as_str())?;
        file.sync_all()?;
        std::fs::File::open(data)?.sync_all()
    };
    write().map_err(|cause| MasterKeyError::Io { path: path.to_owned(), cause })
}

fn read_master(bytes: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    if let Ok(raw) = <[u8; 32]>::try_from(bytes) {
        return Some(Zeroizing::new(raw));
    }
    let decoded = Zeroizing::new(unhex(bytes.trim_ascii())?);
    <[u8; 32]>::try_from(decoded.as_slice()).ok().map(Zeroizing::new)
}

/// Lower-case hexadecimal of `bytes`.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |n: u8| char::from(DIGITS[usize::from(n & 15)]);
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(*b)]).collect()
}

fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |c: u8| char::from(c).to_digit(16).and_then(|d| u8::try_from(d).ok());
    if !text.len().is_multiple_of(2) {
        return None;
    }
    text.chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_opens_only_at_its_place_with_its_key_and_whole() {
        let keys = Keyring::from_master([7; 32]);
        let sealed = keys.seal("1/2/key", b"secret").unwrap();
        assert_eq!(keys.unseal("1/2/key", &sealed).unwrap().as_slice(), b"secret");
        assert!(keys.unseal("1/3/key", &sealed).is_err(), "moved to another record");
        assert!(Keyring::from_master([8; 32]).unseal("1/2/key", &sealed).is_err(), "another master key");
        for at in 0..sealed.0.len() {
            let mut damaged = sealed.0.clone().into_bytes();
            damaged[at] = if damaged[at] == b'0' { b'1' } else { b'0' };
            let damaged = Sealed(String::from_utf8(damaged).unwrap());
            assert!(keys.unseal("1/2/key", &damaged).is_err(), "digit {at} changed");
        }
        assert!(keys.unseal("1/2/key", &Sealed("01".into())).is_err());
        assert!(!format!("{keys:?}{sealed:?}").contains(&sealed.0));
    }

    #[test]
    fn the_first_run_makes_a_private_key_file_and_the_next_reads_it() {
        let dir = tempfile::tempdir().unwrap();
        let sealed = Keyring::load_or_create(dir.path(), None).unwrap().seal("a", b"x").unwrap();
        let path = dir.path().join("master_key");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(Keyring::load_or_create(dir.path(), None).unwrap().unseal("a", &sealed).is_ok());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(Keyring::load_or_create(dir.path(), None), Err(MasterKeyError::WorldReadable(_))));
    }

    #[test]
    fn a_named_key_file_must_exist_and_hold_a_key() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("other");
        assert!(matches!(Keyring::load_or_create(dir.path(), Some(&path)), Err(MasterKeyError::Io { .. })));
        std::fs::write(&path, "too short").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert!(matches!(Keyring::load_or_create(dir.path(), Some(&path)), Err(MasterKeyError::Malformed(_))));
        std::fs::write(&path, [3u8; 32]).unwrap();
        assert!(Keyring::load_or_create(dir.path(), Some(&path)).is_ok());
    }
}
