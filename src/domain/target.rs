//! A configured destination.

use crate::domain::id::{TargetId, UserId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A target as everyone in its studio may know it. Its server and key are the store's to give, and only to the dialler.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Its identity within the studio.
    pub id: TargetId,
    /// The name that people gave it.
    pub name: TargetName,
    /// The catalogue's id of its platform, such as `bilibili`, or `custom`.
    pub platform: String,
    /// What may be shown of the server and the key.
    pub shown_server: String,
    /// What may be shown of the key.
    pub shown_key: String,
    /// Where people watch, when it is known.
    pub viewer_link: Option<String>,
    /// The platform's own name for the place of the show (Bilibili's room or uid), for its status page.
    pub status_id: Option<String>,
    /// Whether a broadcast sends to it.
    pub enabled: bool,
    /// Who pasted its key, and may withdraw it.
    pub key_owner: UserId,
}

/// A name of 1 to 32 characters on one line. It may hold anything else, so every screen escapes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TargetName(String);

/// A name that is empty or longer than 32 characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 32 characters")]
pub struct NameFault;

impl TargetName {
    /// Takes `text` with its blanks and control characters made single spaces.
    ///
    /// # Errors
    /// [`NameFault`] when nothing or too much is left.
    pub fn parse(text: &str) -> Result<Self, NameFault> {
        let words: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let name = words.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() || name.chars().count() > 32 { Err(NameFault) } else { Ok(Self(name)) }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TargetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for TargetName {
    type Error = NameFault;
    fn try_from(text: String) -> Result<Self, NameFault> {
        Self::parse(&text)
    }
}

impl From<TargetName> for String {
    fn from(name: TargetName) -> Self {
        name.0
    }
}
