//! What is known of a platform's trouble beyond its own words: what it means there, and what to do.

use super::said::Said;
use crate::platform::{Means, Refusal, Words};

/// What the catalogue says to people, in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Advice {
    pub(super) en: Said,
    pub(super) zh: Said,
}

impl Advice {
    pub(super) fn of(words: &Words) -> Self {
        Self { en: Said::address(&words.en), zh: Said::address(&words.zh) }
    }
}

/// What a refusal means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Meaning {
    pub(super) means: Means,
    /// What to do, where more is known than what it means.
    pub(super) say: Option<Advice>,
}

impl Meaning {
    pub(super) fn of(refusal: &Refusal) -> Self {
        Self { means: refusal.means, say: refusal.say.as_ref().map(Advice::of) }
    }
}
