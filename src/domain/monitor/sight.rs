//! Pictures that do not move, show nothing or come too seldom, all by their sizes.
//!
//! Encoders differ by far in what they spend, so that only changes count: what an encoder sends of a picture that is frozen
//! is small beside what it sent before, while its keyframes stay as large as they were. Where those shrink too, it has
//! turned to another picture, or has not the line for the old one. And where a picture has stood still before and moved again by
//! itself, it does so: of slides nothing is told.

use super::symptom::{self, Symptom};
use super::{Ailment, Fault, Finding, Picture, Second, Sound};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Rates are measured over so many seconds: a keyframe each 10 s is in each of them.
const WINDOW: usize = 10;
/// What is usual is known after so many seconds, and follows changes as slowly.
const KNOWN: u16 = 60;
/// Keyframes at 5 s are still taken, and encoders are a few pictures late.
const GAP: Duration = Duration::from_millis(5_300);
/// None for so long is too long, whatever comes.
const NONE: Duration = Duration::from_secs(15);

/// What an encoder sends while all is well.
#[derive(Clone, Copy, Debug, Default)]
struct Usual {
    seconds: u16,
    /// See [`Picture::small`].
    size: f32,
    key: f32,
    /// In a second.
    bytes: f32,
    frames: f32,
}

impl Usual {
    fn learn(&mut self, now: Self) {
        self.seconds = (self.seconds + 1).min(KNOWN);
        let follow = |usual: &mut f32, now: f32| *usual += (now - *usual) / f32::from(self.seconds);
        follow(&mut self.size, now.size);
        follow(&mut self.key, now.key);
        follow(&mut self.bytes, now.bytes);
        follow(&mut self.frames, now.frames);
    }
}

#[derive(Debug)]
pub(super) struct Eye {
    usual: Usual,
    /// When each of the last seconds ended, its bytes and its pictures.
    last: VecDeque<(Instant, u32, u32)>,
    /// The last keyframe's size, and whether the one before was as large.
    key: Option<(u32, bool)>,
    /// A picture of more than one colour was seen in this show.
    ever: bool,
    /// Since when little comes between keyframes, and for how long that has lasted at most before it ended.
    still: Option<Instant>,
    stillest: Duration,
    missing: Symptom,
    frozen: Symptom,
    blank: Symptom,
    /// As `blank`, at the beginning of a show.
    dark: Symptom,
    rare: Symptom,
    starved: Symptom,
}

impl Default for Eye {
    fn default() -> Self {
        Self {
            usual: Usual::default(),
            last: VecDeque::with_capacity(WINDOW + 1),
            key: None,
            ever: false,
            still: None,
            stillest: Duration::ZERO,
            missing: Symptom::new(20, 5),
            frozen: Symptom::new(90, 5),
            blank: Symptom::new(30, 5),
            dark: Symptom::new(10, 5),
            rare: Symptom::new(15, 6),
            starved: Symptom::new(15, 10),
        }
    }
}

impl Eye {
    /// A show begins, or ends. What is usual for the encoder stays known.
    pub(super) fn begin(&mut self) {
        *self = Self { usual: self.usual, key: self.key, ..Self::default() };
    }

    pub(super) fn pause(&mut self) {
        self.forget();
        let all = [&mut self.missing, &mut self.frozen, &mut self.blank, &mut self.dark];
        all.into_iter().chain([&mut self.rare, &mut self.starved]).for_each(Symptom::pause);
    }

    /// What comes now may be another encoder's.
    fn forget(&mut self) {
        self.last.clear();
        (self.usual, self.key, self.still) = (Usual::default(), None, None);
    }

    pub(super) fn see(&mut self, now: Instant, second: &Second, found: &mut Vec<Finding>) {
        let Some(seen) = &second.picture else {
            // Where there never was a picture, none is missed.
            let missing = self.key.is_some() && second.sound != Sound::Missing;
            return self.judge(now, [missing.then_some(true), None, None, None], found);
        };
        if seen.anew {
            self.forget();
        }
        self.note(now, seen);
        let blank = self.is_blank(seen);
        let (frozen, starved) = self.compare(now, seen, blank).unzip();
        self.judge(now, [Some(false), frozen, Some(blank && self.ever), Some(blank && !self.ever)], found);
        let every = seen.gap.unwrap_or(seen.since_key);
        let rare = match seen.gap {
            Some(gap) => Some(gap > GAP),
            None => (seen.since_key > NONE).then_some(true),
        };
        let keyframes = Fault::RareKeyframes { every_s: every.as_secs_f32().round() as u32 };
        symptom::note(now, Ailment::Keyframes, [(&mut self.rare, rare, keyframes)], found);
        let kbps = |bytes: f32| (bytes / 125.0) as u32;
        let comes = self.rate(now).map_or(0, |(bytes, _)| kbps(bytes));
        let rates = Fault::Starved { kbps: comes, usual_kbps: kbps(self.usual.bytes) };
        symptom::note(now, Ailment::Rate, [(&mut self.starved, starved, rates)], found);
    }

    /// What of the picture is wrong: missing, frozen, of one colour, that from the beginning.
    fn judge(&mut self, now: Instant, ill: [Option<bool>; 4], found: &mut Vec<Finding>) {
        let [missing, frozen, blank, dark] = ill;
        let all = [
            (&mut self.missing, missing, Fault::NoPicture),
            (&mut self.frozen, frozen, Fault::Frozen),
            (&mut self.blank, blank, Fault::Blank { ever: true }),
            (&mut self.dark, dark, Fault::Blank { ever: false }),
        ];
        symptom::note(now, Ailment::Picture, all, found);
    }

    /// Whether it is frozen, and whether it is starved, beside what is usual; what is neither is usual.
    fn compare(&mut self, now: Instant, seen: &Picture, blank: bool) -> Option<(bool, bool)> {
        let (size, (key, _), (bytes, frames)) = (seen.small? as f32, self.key?, self.rate(now)?);
        let (key, usual) = (key as f32, self.usual);
        let known = usual.seconds == KNOWN;
        let stands = self.stands(now, seen).is_some_and(|lasts| lasts >= self.stillest * 3);
        let freezes = known && stands && size <= usual.size / 6.0 && key > usual.key / 2.0 && !blank;
        let (poorer, fewer) = (key < usual.key / 3.0, frames < usual.frames * 0.6 && size > usual.size / 3.0);
        let starves = known && bytes < usual.bytes / 4.0 && !is_empty(seen) && (poorer || fewer);
        if !freezes && !starves && !blank {
            self.usual.learn(Usual { seconds: 0, size, key, bytes, frames });
        }
        Some((freezes, starves))
    }

    fn note(&mut self, now: Instant, seen: &Picture) {
        if self.last.len() > WINDOW {
            self.last.pop_front();
        }
        self.last.push_back((now, seen.bytes, seen.frames));
        if let Some(key) = seen.key {
            let alike = self.key.is_some_and(|(before, _)| key.abs_diff(before) <= before / 50);
            self.key = Some((key, alike));
            self.ever |= key > seen.blocks;
        }
    }

    /// For how long little has come between keyframes.
    fn stands(&mut self, now: Instant, seen: &Picture) -> Option<Duration> {
        let lasts = |since: Instant| now.saturating_duration_since(since);
        if seen.small? > 64 + seen.blocks / 3 {
            self.stillest = self.stillest.max(self.still.take().map_or(Duration::ZERO, lasts));
        } else {
            self.still.get_or_insert(now);
        }
        self.still.map(lasts)
    }

    /// Of one colour: no picture with anything in it has keyframes this small, all of one size, and nothing between them.
    fn is_blank(&self, seen: &Picture) -> bool {
        let small = self.key.is_some_and(|(key, alike)| alike && key <= seen.blocks);
        small && is_empty(seen)
    }

    /// Bytes and pictures in a second, over the last ten; none before.
    fn rate(&self, now: Instant) -> Option<(f32, f32)> {
        let (since, ..) = *self.last.front().filter(|_| self.last.len() > WINDOW)?;
        let span = now.saturating_duration_since(since).as_secs_f32().max(1.0);
        let (bytes, frames) = self.last.iter().skip(1).fold((0_u64, 0_u64), |(all, count), (_, bytes, frames)| {
            (all + u64::from(*bytes), count + u64::from(*frames))
        });
        Some((bytes as f32 / span, frames as f32 / span))
    }
}

/// There is next to nothing between keyframes.
fn is_empty(seen: &Picture) -> bool {
    seen.small.is_some_and(|size| size <= 40 + seen.blocks / 30)
}
