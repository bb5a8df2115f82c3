//! A regular expression of the catalogue. Matching takes time in proportion to the text, whatever the pattern.

use regex::Regex;
use serde::{Deserialize, Deserializer, de};
use std::collections::BTreeMap;
use std::fmt;

/// A pattern, compiled when the catalogue is read.
#[derive(Clone)]
pub struct Pattern(Regex);

impl Pattern {
    /// Whether `text` holds it.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// What its named groups found in `text`; `None` where `text` does not hold it.
    #[must_use]
    pub fn named(&self, text: &str) -> Option<BTreeMap<String, String>> {
        let found = self.0.captures(text)?;
        let group = |name: &str| Some((name.to_owned(), found.name(name)?.as_str().to_owned()));
        Some(self.0.capture_names().flatten().filter_map(group).collect())
    }

    /// The names of its groups.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.capture_names().flatten()
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Pattern {}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}/", self.as_str())
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Regex::new(&text).map(Self).map_err(de::Error::custom)
    }
}
