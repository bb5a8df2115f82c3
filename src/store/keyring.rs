//! The master keys and what is made of them: sealed fields and the look-up index of ingest keys.
//!
//! A sealed blob is `[version 1][key id][nonce 24][ciphertext and tag]` by XChaCha20-Poly1305, and holds only at the
//! place that its associated data names, such as `12/3/key`: moved to another record, it does not open. The newest key
//! seals; every key of the ring opens what it sealed. `key_file` says where they are kept.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use zeroize::{Zeroize, Zeroizing};

const VERSION: u8 = 1;
const NONCE: usize = 24;

/// 32 bytes that are cleared when dropped.
pub(super) type Key = Zeroizing<[u8; 32]>;

/// The keys of one installation. `Debug` shows nothing of them; clones are the same ring.
#[derive(Clone)]
pub struct Keyring(Arc<RwLock<Ring>>);

struct Ring {
    newest: SubKeys,
    older: Vec<SubKeys>,
    /// What is looked up by hash, is by this one, whichever key seals.
    index: Key,
}

/// What is made of one master key, each for its own purpose (HKDF-SHA256).
#[derive(Clone)]
struct SubKeys {
    id: u8,
    field: Key,
    index: Key,
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

impl Sealed {
    /// The id of the key that sealed it.
    fn key_id(&self) -> Option<u8> {
        let head = unhex(self.0.as_bytes().get(..4)?)?;
        if head[0] == VERSION { head.get(1).copied() } else { None }
    }
}

/// A blob that does not open: another master key, another place, or damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value does not open with this master key at this place")]
pub(super) struct SealFault;

impl SubKeys {
    fn of(master: &[u8; 32]) -> Self {
        let hkdf = Hkdf::<Sha256>::new(None, master);
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

    fn cipher(&self) -> Result<XChaCha20Poly1305, SealFault> {
        XChaCha20Poly1305::new_from_slice(&self.field[..]).map_err(|_| SealFault)
    }
}

/// What the sealed blobs of `master` are known by.
pub(super) fn id_of(master: &[u8; 32]) -> u8 {
    SubKeys::of(master).id
}

impl Keyring {
    /// A ring of one.
    #[must_use]
    pub fn from_master(mut master: [u8; 32]) -> Self {
        let ring = Self::of(&[], &master);
        master.zeroize();
        ring
    }

    /// A ring of several.
    pub(super) fn of(older: &[Key], newest: &[u8; 32]) -> Self {
        let newest = SubKeys::of(newest);
        let index = newest.index.clone();
        let older = older.iter().map(|key| SubKeys::of(key)).collect();
        Self(Arc::new(RwLock::new(Ring { newest, older, index })))
    }

    fn ring(&self) -> RwLockReadGuard<'_, Ring> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the keys of another ring; what is looked up stays where it was.
    pub(super) fn adopt(&self, other: &Self) {
        let (newest, older) = {
            let other = other.ring();
            (other.newest.clone(), other.older.clone())
        };
        let mut ring = self.0.write().unwrap_or_else(PoisonError::into_inner);
        (ring.newest, ring.older) = (newest, older);
    }

    /// Has look-ups go by this key.
    pub(super) fn use_index(&self, key: &[u8]) -> Result<(), SealFault> {
        let key = <[u8; 32]>::try_from(key).map_err(|_| SealFault)?;
        self.0.write().unwrap_or_else(PoisonError::into_inner).index = Zeroizing::new(key);
        Ok(())
    }

    /// The key of look-ups, sealed for `place`.
    pub(super) fn seal_index(&self, place: &str) -> Result<Sealed, SealFault> {
        let index = self.ring().index.clone();
        self.seal(place, &index[..])
    }

    /// Whether a key of the ring may have sealed it.
    pub(super) fn knows(&self, sealed: &Sealed) -> bool {
        let ring = self.ring();
        sealed.key_id().is_some_and(|id| std::iter::once(&ring.newest).chain(&ring.older).any(|key| key.id == id))
    }

    /// Whether the newest key sealed it.
    pub(super) fn is_newest(&self, sealed: &Sealed) -> bool {
        sealed.key_id() == Some(self.ring().newest.id)
    }

    /// Whether `master` is the newest key.
    pub(super) fn seals_with(&self, master: &[u8; 32]) -> bool {
        self.ring().newest.field == SubKeys::of(master).field
    }

    /// Seals `clear` for `place`.
    pub(super) fn seal(&self, place: &str, clear: &[u8]) -> Result<Sealed, SealFault> {
        let mut nonce = [0u8; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| SealFault)?;
        let payload = Payload { msg: clear, aad: place.as_bytes() };
        let ring = self.ring();
        let text = ring.newest.cipher()?.encrypt(&XNonce::from(nonce), payload).map_err(|_| SealFault)?;
        Ok(Sealed(hex(&[&[VERSION, ring.newest.id][..], &nonce, &text].concat())))
    }

    /// Seals with the newest key what an older one sealed for the same place.
    pub(super) fn seal_again(&self, place: &str, sealed: &Sealed) -> Result<Sealed, SealFault> {
        self.seal(place, &self.unseal(place, sealed)?)
    }

    /// Opens what was sealed for `place`.
    pub(super) fn unseal(&self, place: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, SealFault> {
        let blob = unhex(sealed.0.as_bytes()).ok_or(SealFault)?;
        let (head, rest) = blob.split_first_chunk::<2>().ok_or(SealFault)?;
        let [VERSION, id] = *head else { return Err(SealFault) };
        let (nonce, text) = rest.split_first_chunk::<NONCE>().ok_or(SealFault)?;
        let ring = self.ring();
        let keys = std::iter::once(&ring.newest).chain(&ring.older).filter(|key| key.id == id);
        for key in keys {
            let payload = Payload { msg: text, aad: place.as_bytes() };
            if let Ok(clear) = key.cipher()?.decrypt(&XNonce::from(*nonce), payload) {
                return Ok(Zeroizing::new(clear));
            }
        }
        Err(SealFault)
    }

    /// Opens a text that was sealed for `place`.
    pub(super) fn unseal_text(&self, place: &str, sealed: &Sealed) -> Result<Zeroizing<String>, SealFault> {
        let clear = self.unseal(place, sealed)?;
        std::str::from_utf8(&clear).map(|text| Zeroizing::new(text.to_owned())).map_err(|_| SealFault)
    }

    /// What `key` is looked up by: HMAC-SHA256, in hexadecimal.
    pub(super) fn index(&self, key: &str) -> Result<String, SealFault> {
        let ring = self.ring();
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&ring.index[..]).map_err(|_| SealFault)?;
        mac.update(key.as_bytes());
        Ok(hex(&mac.finalize().into_bytes()))
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring(•••)")
    }
}

/// Lower-case hexadecimal of `bytes`.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |n: u8| char::from(DIGITS[usize::from(n & 15)]);
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(*b)]).collect()
}

pub(super) fn unhex(text: &[u8]) -> Option<Vec<u8>> {
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
    fn every_key_of_a_ring_opens_and_only_the_newest_seals() {
        let (old, new) = (Zeroizing::new([7; 32]), [8; 32]);
        let before = Keyring::from_master([7; 32]);
        let (sealed, index) = (before.seal("a", b"x").unwrap(), before.index("k").unwrap());
        before.adopt(&Keyring::of(&[old], &new));
        assert_eq!(before.unseal("a", &sealed).unwrap().as_slice(), b"x");
        assert!(before.knows(&sealed) && !before.is_newest(&sealed));
        assert_eq!(before.index("k").unwrap(), index, "look-ups stay");
        let anew = before.seal_again("a", &sealed).unwrap();
        assert!(before.is_newest(&anew) && before.seal_again("b", &sealed).is_err(), "at its own place only");
        let alone = Keyring::from_master(new);
        assert!(alone.unseal("a", &anew).is_ok() && !alone.knows(&sealed));
    }
}
