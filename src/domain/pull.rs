//! A source that is fetched: when it is dialled, and when it rests. Chance is an argument.
//!
//! While it is wanted it is dialled again for ever, whatever its server says: a stream that is not there yet is the
//! most common answer of all. An encoder that publishes takes its place, and it takes the place back when that is gone.

use crate::domain::backoff::Backoff;
use crate::domain::status::{PullFailure, PullState, PullStatus};
use std::time::{Duration, Instant};

/// A connection that held this long was healthy: its end begins the schedule of dials anew.
pub const HEALTHY: Duration = Duration::from_secs(60);

/// What happens to a pull.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Nobody publishes.
    Wanted,
    /// An encoder publishes.
    Spared,
    /// A person wants another attempt now.
    Retry,
    /// The server of this connection plays.
    Accepted(u64),
    /// Its media flows.
    Flows(u64),
    /// It is gone, or never came.
    Ended(u64, PullFailure),
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Make a connection; its events carry this number.
    Dial(u64),
    /// Close the connection that was to be made, or stands.
    Close,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Resting,
    Connecting,
    Accepted { since: Instant, flows: bool },
    RetryAt { at: Instant, attempt: u32 },
}

/// See the module's head.
#[derive(Clone, Debug)]
pub struct Pull {
    stage: Stage,
    /// The connection whose events count; events of older ones mean nothing.
    connection: u64,
    backoff: Backoff,
    failure: Option<PullFailure>,
}

impl Pull {
    /// Rests, until it is wanted. Connections are numbered from `first` on.
    #[must_use]
    pub fn new(first: u64) -> Self {
        Self { stage: Stage::Resting, connection: first, backoff: Backoff::default(), failure: None }
    }

    /// Applies one event. Total: an event that means nothing in this state yields no action. `chance` lies in 0..1.
    #[must_use]
    pub fn handle(&mut self, now: Instant, chance: f64, event: Event) -> Option<Action> {
        match (event, self.stage) {
            (Event::Wanted, Stage::Resting) => Some(self.dial()),
            (Event::Spared, stage) => {
                self.stage = Stage::Resting;
                self.failure = None;
                self.backoff.reset();
                matches!(stage, Stage::Connecting | Stage::Accepted { .. }).then_some(Action::Close)
            }
            (Event::Retry, Stage::RetryAt { .. }) => {
                self.backoff.reset();
                Some(self.dial())
            }
            (Event::Accepted(connection), Stage::Connecting) if connection == self.connection => {
                self.stage = Stage::Accepted { since: now, flows: false };
                None
            }
            (Event::Flows(connection), Stage::Accepted { since, .. }) if connection == self.connection => {
                self.stage = Stage::Accepted { since, flows: true };
                self.failure = None;
                None
            }
            (Event::Ended(connection, failure), Stage::Connecting | Stage::Accepted { .. })
                if connection == self.connection =>
            {
                self.ended(now, chance, failure)
            }
            _ => None,
        }
    }

    /// Applies its deadline, if that has passed by `now`.
    #[must_use]
    pub fn handle_timeout(&mut self, now: Instant) -> Option<Action> {
        self.next_timeout().filter(|at| *at <= now).map(|_| self.dial())
    }

    /// When [`Pull::handle_timeout`] is due, if ever.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        if let Stage::RetryAt { at, .. } = self.stage { Some(at) } else { None }
    }

    /// The number of the newest connection.
    #[must_use]
    pub fn connection(&self) -> u64 {
        self.connection
    }

    /// How it is.
    #[must_use]
    pub fn status(&self) -> PullStatus {
        let state = match self.stage {
            Stage::Resting => PullState::Resting,
            Stage::Connecting => PullState::Connecting,
            Stage::Accepted { flows: false, .. } => PullState::Waiting,
            Stage::Accepted { flows: true, .. } => PullState::Receiving,
            Stage::RetryAt { at, attempt } => PullState::Retrying { attempt, at },
        };
        PullStatus { state, failure: self.failure.clone() }
    }

    fn dial(&mut self) -> Action {
        self.connection += 1;
        self.stage = Stage::Connecting;
        Action::Dial(self.connection)
    }

    fn ended(&mut self, now: Instant, chance: f64, failure: PullFailure) -> Option<Action> {
        if let Stage::Accepted { since, .. } = self.stage
            && now.saturating_duration_since(since) >= HEALTHY
        {
            self.backoff.reset();
        }
        self.failure = Some(failure);
        let (attempt, delay) = self.backoff.next(now, chance);
        if delay.is_zero() {
            return Some(self.dial());
        }
        self.stage = Stage::RetryAt { at: now + delay, attempt };
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::status::Loss;

    fn refused() -> PullFailure {
        PullFailure::Refused { words: "NetStream.Play.StreamNotFound".into() }
    }

    /// A pull on a clock of its own.
    struct Trial(Pull, Instant);

    impl Trial {
        fn new() -> Self {
            Self(Pull::new(0), Instant::now())
        }
        fn tell(&mut self, event: Event) -> Option<Action> {
            self.0.handle(self.1, 0.5, event)
        }
        fn pass(&mut self, seconds: u64) {
            self.1 += Duration::from_secs(seconds);
        }
        /// Dials until `dials` were made, each of which ends after `lasts`; the pauses between, in milliseconds.
        fn pauses(&mut self, dials: usize, lasts: Duration) -> Vec<u64> {
            let mut pauses = Vec::new();
            for _ in 0..dials {
                let connection = self.0.connection();
                assert_eq!(self.tell(Event::Accepted(connection)), None);
                self.1 += lasts;
                let ended = self.1;
                if self.tell(Event::Ended(connection, PullFailure::Ended)).is_none() {
                    self.1 = self.0.next_timeout().unwrap();
                    assert!(self.0.handle_timeout(self.1).is_some());
                }
                pauses.push((self.1 - ended).as_millis() as u64);
            }
            pauses
        }
    }

    #[test]
    fn it_is_dialled_when_nobody_publishes_and_gives_way_to_an_encoder() {
        let mut trial = Trial::new();
        assert_eq!(trial.0.status().state, PullState::Resting);
        assert_eq!(trial.tell(Event::Wanted), Some(Action::Dial(1)));
        assert_eq!(trial.tell(Event::Wanted), None, "once is enough");
        assert_eq!(trial.0.status().state, PullState::Connecting);
        assert_eq!(trial.tell(Event::Accepted(1)), None);
        assert_eq!(trial.0.status().state, PullState::Waiting);
        assert_eq!(trial.tell(Event::Flows(1)), None);
        assert_eq!(trial.0.status().state, PullState::Receiving);
        assert_eq!(trial.tell(Event::Spared), Some(Action::Close));
        assert_eq!(trial.tell(Event::Ended(1, refused())), None, "it was closed");
        assert_eq!(trial.0.status(), PullStatus { state: PullState::Resting, failure: None });
        assert_eq!(trial.tell(Event::Wanted), Some(Action::Dial(2)));
        assert_eq!(trial.tell(Event::Accepted(1)), None);
        assert_eq!(trial.0.status().state, PullState::Connecting, "of an older connection");
    }

    #[test]
    fn what_failed_is_dialled_at_once_then_each_second_then_rarely_but_for_ever() {
        let mut trial = Trial::new();
        let _ = trial.tell(Event::Wanted);
        let pauses = trial.pauses(60, Duration::from_millis(10));
        assert_eq!(pauses[0], 0);
        assert!(pauses[1..25].iter().all(|pause| (800..=1100).contains(pause)), "{pauses:?}");
        assert!(pauses[40..].iter().all(|pause| (48_000..=60_000).contains(pause)), "{pauses:?}");
    }

    #[test]
    fn a_connection_that_stood_for_a_minute_is_made_again_at_once_however_often_it_ends() {
        let mut trial = Trial::new();
        let _ = trial.tell(Event::Wanted);
        assert_eq!(trial.pauses(50, HEALTHY), [0; 50]);
    }

    #[test]
    fn a_failure_is_shown_until_media_flows_and_a_tap_dials_at_once() {
        let mut trial = Trial::new();
        let _ = trial.tell(Event::Wanted);
        let _ = trial.tell(Event::Ended(1, refused()));
        let _ = trial.tell(Event::Ended(2, refused()));
        let status = trial.0.status();
        assert!(matches!(status.state, PullState::Retrying { attempt: 2, .. }), "{status:?}");
        assert_eq!(status.failure, Some(refused()));
        assert_eq!(trial.0.handle_timeout(trial.1), None, "not yet");
        assert_eq!(trial.tell(Event::Retry), Some(Action::Dial(3)));
        assert_eq!(trial.tell(Event::Retry), None, "it is being dialled");
        let _ = trial.tell(Event::Accepted(3));
        assert_eq!(trial.0.status().failure, Some(refused()));
        let _ = trial.tell(Event::Flows(3));
        assert_eq!(trial.0.status().failure, None);
        trial.pass(5);
        let lost = PullFailure::Lost(Loss::Reset);
        assert_eq!(trial.tell(Event::Ended(3, lost)), Some(Action::Dial(4)), "the first attempt is at once");
    }
}
