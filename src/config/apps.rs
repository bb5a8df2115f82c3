//! What the host has registered with platforms: an id, a secret, or both.

use super::reader::Reader;
use secrecy::SecretString;

/// An application of the host's with one platform.
#[derive(Clone, Debug)]
pub struct PlatformApp {
    /// The platform's id in the catalogue.
    pub platform: &'static str,
    /// The application's name there, where the platform gives one.
    pub id: Option<SecretString>,
    /// What proves that it is the host's, where the platform gives such.
    pub secret: Option<SecretString>,
}

/// The settings of one platform's application.
struct Names {
    platform: &'static str,
    id: Option<&'static str>,
    secret: Option<Secret>,
}

/// A secret: itself, the setting that names its file, and what systemd calls it.
struct Secret {
    name: &'static str,
    file: &'static str,
    credential: &'static str,
}

const APPS: &[Names] = &[
    Names {
        platform: "twitch",
        id: Some("TELECAST_TWITCH_ID"),
        secret: Some(Secret {
            name: "TELECAST_TWITCH_SECRET",
            file: "TELECAST_TWITCH_SECRET_FILE",
            credential: "twitch_secret",
        }),
    },
    Names {
        platform: "kick",
        id: Some("TELECAST_KICK_ID"),
        secret: Some(Secret {
            name: "TELECAST_KICK_SECRET",
            file: "TELECAST_KICK_SECRET_FILE",
            credential: "kick_secret",
        }),
    },
    Names { platform: "trovo", id: Some("TELECAST_TROVO_ID"), secret: None },
    Names {
        platform: "youtube",
        id: None,
        secret: Some(Secret {
            name: "TELECAST_YOUTUBE_KEY",
            file: "TELECAST_YOUTUBE_KEY_FILE",
            credential: "youtube_key",
        }),
    },
];

const CURE: &str = "Copy it once more from the platform, as docs/live-status.md says, or leave it out.";
const BOTH: &str = "Set both, or neither: docs/live-status.md says where they come from.";

impl<L: Fn(&str) -> Option<String>> Reader<L> {
    pub(super) fn apps(&mut self) -> Vec<PlatformApp> {
        APPS.iter().filter_map(|names| self.app(names)).collect()
    }

    fn app(&mut self, names: &Names) -> Option<PlatformApp> {
        let before = self.faults.len();
        let id = names.id.and_then(|name| {
            let text = self.get(name)?;
            self.plain(name, text)
        });
        let secret = names.secret.as_ref().and_then(|secret| self.secret(secret));
        if self.faults.len() == before
            && let (Some(name), Some(wanted)) = (names.id, &names.secret)
        {
            match (&id, &secret) {
                (None, Some(_)) => self.fault(name, format!("is not set, but {} is", wanted.name), BOTH),
                (Some(_), None) => self.fault(wanted.name, format!("is not set, but {name} is"), BOTH),
                _ => {}
            }
        }
        let set = id.is_some() || secret.is_some();
        set.then_some(PlatformApp { platform: names.platform, id, secret })
    }

    fn secret(&mut self, secret: &Secret) -> Option<SecretString> {
        let named = self.file(secret.file, "Name a file that Telecast can read and that holds nothing else.");
        let text = match self.get(secret.name) {
            Some(text) => text,
            None => {
                let path = named.or_else(|| self.credential(secret.credential))?;
                std::fs::read_to_string(path).unwrap_or_default().trim().to_owned()
            }
        };
        self.plain(secret.name, text)
    }

    /// Letters, digits and marks, as all of them are.
    fn plain(&mut self, name: &'static str, text: String) -> Option<SecretString> {
        if (8..=200).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
            return Some(SecretString::from(text));
        }
        self.fault(name, "is not 8 to 200 letters, digits and marks without blanks", CURE);
        None
    }
}
