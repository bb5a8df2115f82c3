//! Keys. Nothing in this file can be printed by accident: no `Display`, `Debug` shows `•••`.

use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use subtle::ConstantTimeEq;

/// Longest stream key taken, in bytes. Signed keys of Chinese CDNs reach several hundred.
pub const MAX_STREAM_KEY: usize = 2048;

/// What is wrong with a text that should be a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// Nothing but blanks.
    #[error("the key is empty")]
    Empty,
    /// More than [`MAX_STREAM_KEY`] bytes.
    #[error("the key is longer than {MAX_STREAM_KEY} bytes")]
    TooLong,
    /// Control characters or blanks inside.
    #[error("the key holds blanks or control characters")]
    Blanks,
}

/// A platform's stream key (推流码), sent verbatim as the publish name.
#[derive(Clone)]
pub struct StreamKey(SecretString);

impl StreamKey {
    /// Takes `text` without its outer blanks.
    ///
    /// # Errors
    /// [`KeyFault`] names what a person should mend.
    pub fn parse(text: &str) -> Result<Self, KeyFault> {
        let text = text.trim();
        if text.is_empty() {
            return Err(KeyFault::Empty);
        }
        if text.len() > MAX_STREAM_KEY {
            return Err(KeyFault::TooLong);
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(KeyFault::Blanks);
        }
        Ok(Self(SecretString::from(text)))
    }

    /// No name at all: its application alone names the stream, `rtmp://host/stream`. ffmpeg cuts that so, and nginx-rtmp
    /// plays it.
    #[must_use]
    pub fn nameless() -> Self {
        Self(SecretString::default())
    }

    /// Whether it is [`StreamKey::nameless`].
    #[must_use]
    pub fn is_nameless(&self) -> bool {
        self.expose().is_empty()
    }

    /// The key in clear. Only the dialler, the store's record and the platform's key reader call this.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// What may be shown of the key: `••••7f3a`, or only dots for keys so short that four characters would tell much.
    #[must_use]
    pub fn masked(&self) -> String {
        mask(self.expose())
    }
}

impl PartialEq for StreamKey {
    fn eq(&self, other: &Self) -> bool {
        self.expose().as_bytes().ct_eq(other.expose().as_bytes()).into()
    }
}

impl Eq for StreamKey {}

impl fmt::Debug for StreamKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

fn mask(secret: &str) -> String {
    let count = secret.chars().count();
    let tail: String = secret.chars().skip(count.saturating_sub(4)).collect();
    if count < 16 { "••••".into() } else { format!("••••{tail}") }
}

/// The key that an encoder is given: a short public id, `-`, and 130 random bits; 32 characters in all,
/// because meeting products have small fields.
#[derive(Clone)]
pub struct IngestKey(SecretString);

/// Letters and digits that nobody mistakes for one another when read aloud: 32 of them, 5 bits each.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
const PUBLIC_ID: usize = 5;
const SECRET: usize = 26;

impl IngestKey {
    /// Makes a key from `random`, which must come from the operating system's generator.
    #[must_use]
    pub fn from_random(random: &[u8; PUBLIC_ID + SECRET]) -> Self {
        let mut text = String::with_capacity(PUBLIC_ID + 1 + SECRET);
        for (i, byte) in random.iter().enumerate() {
            if i == PUBLIC_ID {
                text.push('-');
            }
            text.push(char::from(ALPHABET[usize::from(byte & 31)]));
        }
        Self(SecretString::from(text))
    }

    /// Reads what an encoder sent as its stream name: leading slashes and a query are not part of the key.
    /// Any other text is taken as it is; whether it is a key is the store's answer.
    #[must_use]
    pub fn from_stream_name(name: &str) -> Self {
        let name = name.trim().trim_start_matches('/');
        let name = name.split(['?', '&']).next().unwrap_or_default();
        Self(SecretString::from(name.trim_end_matches('/')))
    }

    /// The part before the dash, when it has the length of a public id. It is no secret.
    #[must_use]
    pub fn public_id(&self) -> Option<&str> {
        let (id, _) = self.expose().split_once('-')?;
        (id.len() == PUBLIC_ID && id.bytes().all(|b| ALPHABET.contains(&b))).then_some(id)
    }

    /// What may be shown of the key: its public id.
    #[must_use]
    pub fn masked(&self) -> String {
        self.public_id().map_or_else(|| "••••".to_owned(), |id| format!("{id}-••••"))
    }

    /// The key in clear, for its owner's eyes and for sealing.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// The key that a studio is played with. It publishes nothing, and no ingest key plays: `play-` and 130 random bits.
#[derive(Clone)]
pub struct ReadKey(SecretString);

impl ReadKey {
    /// What every read key begins with. No ingest key does: their public ids are longer.
    const PREFIX: &str = "play-";

    /// Makes a key from `random`, which must come from the operating system's generator.
    #[must_use]
    pub fn from_random(random: &[u8; SECRET]) -> Self {
        let secret = random.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)]));
        Self(SecretString::from(Self::PREFIX.chars().chain(secret).collect::<String>()))
    }

    /// Reads what a player asked for, as [`IngestKey::from_stream_name`] does.
    #[must_use]
    pub fn from_stream_name(name: &str) -> Self {
        Self(IngestKey::from_stream_name(name).0)
    }

    /// The key in clear, for people who may give it away and for sealing.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// What the link to a studio's watch page ends with: 130 random bits. It opens nothing else.
#[derive(Clone)]
pub struct WatchKey(SecretString);

impl WatchKey {
    /// Makes a key from `random`, which must come from the operating system's generator.
    #[must_use]
    pub fn from_random(random: &[u8; SECRET]) -> Self {
        let secret = random.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)]));
        Self(SecretString::from(secret.collect::<String>()))
    }

    /// Reads what stands in an address. Whether it is a key is the store's answer.
    #[must_use]
    pub fn from_path(text: &str) -> Self {
        Self(SecretString::from(text))
    }

    /// The key in clear, for links and for sealing.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for WatchKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

impl fmt::Debug for ReadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

impl fmt::Debug for IngestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_a_key() {
        let key = StreamKey::parse("live_123456_abcdefghijklmnop").unwrap();
        assert_eq!(format!("{key:?}"), "•••");
        assert_eq!(key.masked(), "••••mnop");
        assert_eq!(StreamKey::parse("short").unwrap().masked(), "••••");
    }

    #[test]
    fn a_key_with_blanks_inside_is_refused_and_outer_blanks_are_not_part_of_it() {
        assert_eq!(StreamKey::parse(" a b ").unwrap_err(), KeyFault::Blanks);
        assert_eq!(StreamKey::parse("  ").unwrap_err(), KeyFault::Empty);
        assert_eq!(StreamKey::parse(" ?streamname=x&key=y\n").unwrap().expose(), "?streamname=x&key=y");
    }

    #[test]
    fn an_ingest_key_fits_small_fields_and_survives_what_encoders_add() {
        let key = IngestKey::from_random(&std::array::from_fn(|i| i as u8 * 7));
        assert_eq!(key.expose().len(), 32);
        assert!(key.expose().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
        let sent = IngestKey::from_stream_name(&format!("//{}?token=1", key.expose()));
        assert_eq!(sent.expose(), key.expose());
        assert_eq!(sent.public_id(), Some(&key.expose()[..5]));
        assert_eq!(IngestKey::from_stream_name("stream").public_id(), None);
    }

    #[test]
    fn a_read_key_is_never_taken_for_an_ingest_key() {
        let key = ReadKey::from_random(&std::array::from_fn(|i| i as u8 * 7));
        assert_eq!(key.expose().len(), 31);
        assert_eq!(ReadKey::from_stream_name(&format!("/{}?x=1", key.expose())).expose(), key.expose());
        assert_eq!(IngestKey::from_stream_name(key.expose()).public_id(), None);
        assert_eq!(format!("{key:?}"), "•••");
    }
}
