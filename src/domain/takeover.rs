//! Whether a new connection takes a studio's source over, or is one encoder too many in a fight for it.
//!
//! Whoever comes is let in, because most who come are the same person again, on a better network. Only where the
//! source that they would end still sends, again and again, somebody must be kept out: the last who got in stays.

use std::time::{Duration, Instant};

/// A source that has sent nothing for this long is as good as gone: replacing it is no fight.
const FRESH: Duration = Duration::from_secs(2);
/// Takeovers of a sending source within [`WINDOW`] that are let happen.
const ALLOWED: usize = 3;
/// See [`ALLOWED`].
const WINDOW: Duration = Duration::from_secs(60);
/// A fight that has rested for this long is over: the next one is told again.
const PEACE: Duration = Duration::from_secs(600);

/// What becomes of a new connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the source now; the old connection is closed.
    TakesOver,
    /// The old connection stays.
    Refused {
        /// It is the first refusal of this fight: somebody should be told.
        news: bool,
    },
}

/// The fights for one studio's source.
#[derive(Clone, Debug, Default)]
pub struct Takeovers {
    /// When the last connections came while the source was sending, the oldest first. Those that were refused count
    /// as well: encoders try again by themselves, and a picture that changes hands each minute serves nobody.
    contested: [Option<Instant>; ALLOWED],
    refused: Option<Instant>,
}

impl Takeovers {
    /// Judges a connection that comes at `now`; `last_media` is when the present source last sent any, if there is one.
    #[must_use]
    pub fn judge(&mut self, now: Instant, last_media: Option<Instant>) -> Verdict {
        let within = |span, then: Option<Instant>| then.is_some_and(|then| now.saturating_duration_since(then) < span);
        if !within(FRESH, last_media) {
            return Verdict::TakesOver;
        }
        let too_many = within(WINDOW, self.contested[0]);
        self.contested.rotate_left(1);
        self.contested[ALLOWED - 1] = Some(now);
        if !too_many {
            return Verdict::TakesOver;
        }
        let news = !within(PEACE, self.refused);
        self.refused = Some(now);
        Verdict::Refused { news }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{Refused, TakesOver};

    /// A studio's source on a clock of milliseconds.
    struct Ring(Takeovers, Instant);

    impl Ring {
        fn new() -> Self {
            Self(Takeovers::default(), Instant::now())
        }
        fn comes(&mut self, now: u64, last_media: Option<u64>) -> Verdict {
            let at = |ms| self.1 + Duration::from_millis(ms);
            let (now, last_media) = (at(now), last_media.map(at));
            self.0.judge(now, last_media)
        }
        /// While the source sends.
        fn fights(&mut self, now: u64) -> Verdict {
            self.comes(now, Some(now.saturating_sub(20)))
        }
    }

    #[test]
    fn three_takeovers_of_a_sending_source_are_let_happen_in_a_minute_and_no_fourth() {
        let mut ring = Ring::new();
        assert_eq!(ring.comes(0, None), TakesOver, "nobody is there");
        for second in [1, 2, 3] {
            assert_eq!(ring.fights(second * 1000), TakesOver);
        }
        assert_eq!(ring.fights(4_000), Refused { news: true });
        assert_eq!(ring.fights(60_999), Refused { news: false }, "three more lie within the minute");
        assert_eq!(ring.fights(130_000), TakesOver, "a minute of peace, and it may be tried again");
    }

    #[test]
    fn whoever_is_refused_is_let_in_as_soon_as_the_holder_has_been_silent_for_two_seconds() {
        let mut ring = Ring::new();
        for at in 0..10 {
            let _ = ring.fights(at * 100);
        }
        assert_eq!(ring.comes(2_999, Some(1_000)), Refused { news: false });
        assert_eq!(ring.comes(3_000, Some(1_000)), TakesOver);
        assert_eq!(ring.comes(3_100, None), TakesOver, "the new one has sent nothing yet: no fight either");
    }

    #[test]
    fn silent_sources_are_replaced_for_ever() {
        let mut ring = Ring::new();
        for at in (10_000..1_000_000).step_by(2_500) {
            assert_eq!(ring.comes(at, Some(at - 2_000)), TakesOver);
        }
        assert_eq!(ring.fights(1_000_000), TakesOver, "none of these counted");
    }

    #[test]
    fn an_encoder_that_tries_again_and_again_stays_outside_and_is_told_of_once() {
        let mut ring = Ring::new();
        let hour: Vec<Verdict> = (0..1_800).map(|attempt| ring.fights(attempt * 2_000)).collect();
        assert_eq!(hour[..4], [TakesOver, TakesOver, TakesOver, Refused { news: true }]);
        assert!(hour[4..].iter().all(|verdict| *verdict == Refused { news: false }));
        let later = 3_600_000 + 600_000;
        assert!((0..3).all(|i| ring.fights(later + i) == TakesOver));
        assert_eq!(ring.fights(later + 3), Refused { news: true }, "the next fight is news again");
    }

    #[test]
    fn moving_house_three_times_a_minute_is_nobodys_business() {
        let mut ring = Ring::new();
        for minute in 0..60 {
            assert!([0, 1, 2].into_iter().all(|i| ring.fights(minute * 61_000 + i * 500) == TakesOver));
        }
    }
}
