//! What is known beyond a platform's own words: what its trouble means there, what to do, and what will not do.

use super::said::Said;
use super::view::{coarse, rate};
use crate::platform::fit::Misfit;
use crate::platform::{Means, Refusal, Words};
use crate::service::{Caution, Warning};

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

/// Something that will not do, and where.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CautionView {
    pub(super) names: Vec<Said>,
    pub(super) caution: Caution,
}

impl CautionView {
    pub(super) fn of(warning: &Warning) -> Self {
        let caution = match warning.caution {
            Caution::KeyEnds { left } => Caution::KeyEnds { left: coarse(left) },
            Caution::Uplink { kbps, targets, needed_kbps, most_kbps, others } => {
                Caution::Uplink { kbps: rate(kbps), targets, needed_kbps, most_kbps, others }
            }
            Caution::Quota { kbps, targets, needed_kbps, mbps } => {
                Caution::Quota { kbps: rate(kbps), targets, needed_kbps, mbps }
            }
            Caution::Misfit { misfit: Misfit::PictureRate { kbps, most, cuts }, guess } => {
                Caution::Misfit { misfit: Misfit::PictureRate { kbps: rate(kbps), most, cuts }, guess }
            }
            caution => caution,
        };
        Self { names: warning.names.iter().map(Said::from).collect(), caution }
    }
}
