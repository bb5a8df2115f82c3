//! Silence, and how loud it is otherwise.

use super::symptom::{self, Symptom};
use super::{Ailment, Fault, Finding, Second, Sound};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The loudest of so many seconds is shown: people pause for breath.
const SHOWN: usize = 10;
/// Silence is shown when it has lasted so long.
const SOON: Duration = Duration::from_secs(10);
/// Of [`SHOWN`] seconds, so many must clip to be told as too loud.
const CLIPS: usize = 3;
/// Where the loudest is below this, in dB, viewers turn it up. Speech at the level that platforms ask for is over −20.
const QUIET: i32 = -36;
/// What is shown differs from what was shown before by so much at least, in dB.
const STEP: f32 = 3.0;

/// How it sounds, as a person wants to know it. Levels are the loudest of the last ten seconds, in dB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hearing {
    /// Well.
    Fine(i32),
    /// Too quiet.
    Quiet(i32),
    /// So loud that it is distorted.
    TooLoud,
    /// There is nothing to be heard, for so long.
    Silent(Duration),
    /// No sound comes with the picture.
    Missing,
}

#[derive(Debug)]
pub(super) struct Ear {
    last: VecDeque<Sound>,
    /// See [`Ear::settle`].
    shown: Option<i32>,
    silent: Symptom,
    missing: Symptom,
    /// Something was heard in this show.
    ever: bool,
}

impl Default for Ear {
    fn default() -> Self {
        Self {
            last: VecDeque::with_capacity(SHOWN),
            shown: None,
            silent: Symptom::new(20, 3),
            missing: Symptom::new(20, 3),
            ever: false,
        }
    }
}

impl Ear {
    /// A show begins, or ends.
    pub(super) fn begin(&mut self) {
        let last = std::mem::take(&mut self.last);
        *self = Self { last, shown: self.shown, ..Self::default() };
    }

    pub(super) fn pause(&mut self) {
        self.last.clear();
        self.shown = None;
        self.silent.pause();
        self.missing.pause();
    }

    pub(super) fn hear(&mut self, now: Instant, second: &Second, found: &mut Vec<Finding>) {
        if self.last.len() == SHOWN {
            self.last.pop_front();
        }
        self.last.push_back(second.sound);
        self.settle();
        let (silent, missing) = match second.sound {
            Sound::Level(level) => (Some(level.is_silent()), Some(false)),
            Sound::Unknown => (None, Some(false)),
            // A second without anything is the network's.
            Sound::Missing => (None, second.picture.map(|_| true)),
        };
        self.ever |= silent == Some(false);
        let all = [
            (&mut self.silent, silent, Fault::Silent { ever: self.ever }),
            (&mut self.missing, missing, Fault::NoSound),
        ];
        symptom::note(now, Ailment::Sound, all, found);
    }

    pub(super) fn hearing(&self, now: Instant) -> Option<Hearing> {
        let lasts = |symptom: &Symptom| symptom.since().map(|since| now.saturating_duration_since(since));
        if lasts(&self.missing).is_some_and(|lasts| lasts >= SOON) {
            return Some(Hearing::Missing);
        }
        if let Some(lasts) = lasts(&self.silent).filter(|lasts| *lasts >= SOON) {
            return Some(Hearing::Silent(lasts));
        }
        let levels = || self.last.iter().filter_map(Sound::level);
        // Whether it is silence is not known yet.
        if levels().all(|level| level.is_silent()) {
            return None;
        }
        Some(match self.shown? {
            _ if levels().filter(|level| level.clips).count() >= CLIPS => Hearing::TooLoud,
            db if db <= QUIET => Hearing::Quiet(db),
            db => Hearing::Fine(db),
        })
    }

    /// The loudest of the last seconds, which stands until another one differs by a step: what is shown should change when it
    /// means something.
    fn settle(&mut self) {
        let levels = self.last.iter().filter_map(Sound::level);
        let Some(loudest) = levels.map(|level| level.db).reduce(f32::max) else { return self.shown = None };
        if self.shown.is_none_or(|shown| (loudest - shown as f32).abs() >= STEP) {
            self.shown = Some(loudest.round() as i32);
        }
    }
}
