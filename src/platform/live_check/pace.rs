//! When each channel may be asked, and what is known of it meanwhile. Pure: time and chance are arguments.

use super::read::Names;
use crate::domain::status::Seen;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How often a channel is asked at most; where a page wants it, less often.
pub(super) const EVERY: Duration = Duration::from_secs(30);
/// How long a channel is left alone that fails again and again.
const LONGEST: Duration = Duration::from_secs(10 * 60);
/// How long a page may ask to be left alone.
const OBEYED: Duration = Duration::from_secs(60 * 60);
/// How many turns long an answer counts.
const COUNTS: u32 = 2;

/// How long a `wait` is at most, with chance.
pub(super) fn longest(wait: Duration) -> Duration {
    wait + wait / 5
}

/// What a question came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The page answered, and may have said nothing; it is asked again after so long.
    Answered(Option<Seen>, Duration),
    /// It did not, or something else did; it may have said when to come again.
    Failed(Option<Duration>),
}

/// One channel's turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Ask now. So many questions before this one failed in a row; these names were found by them.
    Ask(u32, Names),
    /// Not now; this is what is known.
    Wait(Option<Seen>, Names),
}

/// What is known of every channel that was asked.
#[derive(Debug, Default)]
pub(super) struct Pace {
    channels: HashMap<String, Channel>,
    /// Hosts that want to be left alone.
    quiet: HashMap<String, Instant>,
}

#[derive(Debug)]
struct Channel {
    next: Instant,
    failures: u32,
    /// The last answer, and until when it counts.
    seen: Option<(Seen, Instant)>,
    found: Names,
}

impl Pace {
    /// Whether `channel` may be asked at `now`; if so, it counts as asked.
    pub(super) fn turn(&mut self, channel: &str, now: Instant) -> Turn {
        self.channels.retain(|_, known| now < known.next + OBEYED);
        self.quiet.retain(|_, until| now < *until);
        match self.channels.get_mut(channel) {
            Some(known) if now < known.next => {
                let seen = known.seen.as_ref().filter(|(_, until)| now <= *until);
                Turn::Wait(seen.map(|(seen, _)| seen.clone()), known.found.clone())
            }
            Some(known) => {
                known.next = now + EVERY;
                Turn::Ask(known.failures, known.found.clone())
            }
            None => {
                let asked = Channel { next: now + EVERY, failures: 0, seen: None, found: Names::new() };
                self.channels.insert(channel.to_owned(), asked);
                Turn::Ask(0, Names::new())
            }
        }
    }

    /// The names that questions about `channel` have found.
    pub(super) fn found(&self, channel: &str) -> Names {
        self.channels.get(channel).map(|known| known.found.clone()).unwrap_or_default()
    }

    /// Whether `host` may be asked at `now`.
    pub(super) fn may_ask(&self, host: &str, now: Instant) -> bool {
        self.quiet.get(host).is_none_or(|until| *until <= now)
    }

    /// `host` asked to be left alone.
    pub(super) fn leave(&mut self, host: &str, time: Duration, now: Instant) {
        self.quiet.insert(host.to_owned(), now + time.min(OBEYED));
    }

    /// What became of `channel`'s question; `chance` is from 0 to 1.
    pub(super) fn done(&mut self, channel: &str, outcome: Outcome, found: Names, now: Instant, chance: f64) {
        let Some(known) = self.channels.get_mut(channel) else { return };
        known.found = found;
        let wait = match outcome {
            Outcome::Answered(seen, every) => {
                known.failures = 0;
                known.seen = seen.map(|seen| (seen, now + every * COUNTS));
                every
            }
            Outcome::Failed(asked) => {
                known.failures = known.failures.saturating_add(1);
                let longer = EVERY.saturating_mul(2u32.saturating_pow(known.failures)).min(LONGEST);
                longer.max(asked.unwrap_or_default().min(OBEYED))
            }
        };
        known.next = now + wait + (longest(wait) - wait).mul_f64(chance.clamp(0.0, 1.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::status::Sight;

    fn live() -> Option<Seen> {
        Some(Seen { sight: Sight::Live, title: None })
    }

    fn after(pace: &mut Pace, outcome: Outcome, now: Instant) -> Duration {
        pace.done("a", outcome, Names::new(), now, 0.0);
        let waits = |s: &u64| matches!(pace.turn("a", now + Duration::from_secs(*s)), Turn::Wait(..));
        Duration::from_secs((0..10_000).take_while(waits).count() as u64)
    }

    #[test]
    fn a_channel_is_asked_each_30_seconds_and_less_often_while_it_fails() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        assert_eq!(pace.turn("a", start), Turn::Ask(0, Names::new()));
        assert_eq!(pace.turn("a", start), Turn::Wait(None, Names::new()), "nobody else asks meanwhile");
        let mut now = start;
        let failed = Outcome::Failed(None);
        for (outcome, wait) in [
            (Outcome::Answered(None, EVERY), 30),
            (failed.clone(), 60),
            (failed.clone(), 120),
            (failed.clone(), 240),
            (failed.clone(), 480),
            (failed.clone(), 600),
            (failed, 600),
            (Outcome::Failed(Some(Duration::from_secs(1800))), 1800),
            (Outcome::Failed(Some(Duration::from_secs(1_000_000))), 3600),
            (Outcome::Answered(live(), EVERY), 30),
            (Outcome::Answered(live(), EVERY * 4), 120),
        ] {
            let told = format!("{outcome:?}");
            let waited = after(&mut pace, outcome, now);
            assert_eq!(waited.as_secs(), wait, "{told}");
            now += waited;
        }
    }

    #[test]
    fn an_answer_counts_for_everybody_for_a_minute_and_a_failure_does_not_take_it_away_sooner() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        let at = |s| start + Duration::from_secs(s);
        pace.turn("a", start);
        pace.done("a", Outcome::Answered(live(), EVERY), Names::new(), start, 1.0);
        assert_eq!(pace.turn("a", at(35)), Turn::Wait(live(), Names::new()), "30 s and a fifth");
        assert_eq!(pace.turn("a", at(36)), Turn::Ask(0, Names::new()));
        pace.done("a", Outcome::Failed(None), Names::new(), at(36), 0.0);
        assert_eq!(pace.turn("a", at(60)), Turn::Wait(live(), Names::new()));
        assert_eq!(pace.turn("a", at(61)), Turn::Wait(None, Names::new()));
    }

    #[test]
    fn a_host_that_wants_to_be_left_alone_is() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        pace.leave("h", Duration::from_secs(100), start);
        assert!(!pace.may_ask("h", start + Duration::from_secs(99)));
        assert!(pace.may_ask("h", start + Duration::from_secs(100)));
        assert!(pace.may_ask("other", start));
    }
}
