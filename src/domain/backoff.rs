//! When a lost target is dialled again. Chance is an argument.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How long attempts follow each other about once a second.
const EAGER: Duration = Duration::from_secs(30);
/// The longest pause between two attempts.
const LONGEST: Duration = Duration::from_secs(60);
/// Publishes that a platform is asked for within [`BUDGET_WINDOW`] before they are rationed.
const BUDGET: usize = 10;
const BUDGET_WINDOW: Duration = Duration::from_secs(600);
/// The ration: never none.
const RATION: Duration = Duration::from_secs(60);

/// The reconnect schedule of one target: at once, then each 0.8–1.1 s for 30 s, then twice as long each time, to 60 s.
#[derive(Clone, Debug, Default)]
pub struct Backoff {
    attempts: u32,
    since: Option<Instant>,
    pause: Duration,
}

impl Backoff {
    /// The number of the next attempt, from 1, and how long to wait for it. `chance` lies in 0..1.
    pub fn next(&mut self, now: Instant, chance: f64) -> (u32, Duration) {
        self.attempts = self.attempts.saturating_add(1);
        let since = *self.since.get_or_insert(now);
        let delay = if self.attempts == 1 {
            Duration::ZERO
        } else if now.saturating_duration_since(since) < EAGER {
            Duration::from_millis(800).mul_f64(1.0 + 0.375 * chance)
        } else {
            self.pause = (self.pause * 2).clamp(Duration::from_secs(2), LONGEST);
            self.pause.mul_f64(0.8 + 0.2 * chance)
        };
        (self.attempts, delay)
    }

    /// The connection was healthy: the next loss begins the schedule anew.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

/// How often a platform may be asked to publish: 10 times in 10 min, then once a minute. Only connections
/// on which `publish` was sent count.
#[derive(Clone, Debug, Default)]
pub struct Budget {
    sent: VecDeque<Instant>,
}

impl Budget {
    /// `publish` is being sent.
    pub fn note(&mut self, now: Instant) {
        self.sent.push_back(now);
        if self.sent.len() > BUDGET {
            self.sent.pop_front();
        }
    }

    /// The earliest time from `now` on at which another publish is polite.
    #[must_use]
    pub fn earliest(&self, now: Instant) -> Instant {
        match (self.sent.front(), self.sent.back()) {
            (Some(first), Some(last)) if self.sent.len() == BUDGET && now < *first + BUDGET_WINDOW => {
                now.max((*last + RATION).min(*first + BUDGET_WINDOW))
            }
            _ => now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_come_at_once_then_each_second_then_rarely_but_for_ever() {
        let start = Instant::now();
        for chance in [0.0, 0.5, 0.999] {
            let (mut backoff, mut now, mut delays) = (Backoff::default(), start, Vec::new());
            for n in 1..60 {
                let (attempt, delay) = backoff.next(now, chance);
                assert_eq!(attempt, n);
                if attempt > 1 && now - start < EAGER {
                    assert!((800..=1100).contains(&(delay.as_millis() as u64)), "{delay:?}");
                }
                delays.push(delay);
                now += delay;
            }
            assert_eq!(delays[0], Duration::ZERO);
            let rare = delays.iter().position(|d| d.as_millis() > 1100).unwrap();
            assert!((28..=40).contains(&rare), "{rare}");
            for (i, pause) in [2, 4, 8, 16, 32, 60, 60].into_iter().enumerate() {
                let expected = Duration::from_secs(pause).mul_f64(0.8 + 0.2 * chance);
                assert_eq!(delays[rare + i], expected);
            }
            backoff.reset();
            assert_eq!(backoff.next(now, chance), (1, Duration::ZERO));
        }
    }

    #[test]
    fn a_platform_is_asked_ten_times_in_ten_minutes_then_once_a_minute() {
        let (mut budget, start) = (Budget::default(), Instant::now());
        let mut now = start;
        for _ in 0..10 {
            assert_eq!(budget.earliest(now), now);
            budget.note(now);
            now += Duration::from_secs(1);
        }
        assert_eq!(budget.earliest(now), now + Duration::from_secs(59));
        for _ in 0..30 {
            now = budget.earliest(now);
            budget.note(now);
        }
        assert_eq!(budget.earliest(now), now + RATION);
        assert_eq!(budget.earliest(now + BUDGET_WINDOW), now + BUDGET_WINDOW, "an old sin is forgotten");
    }
}
