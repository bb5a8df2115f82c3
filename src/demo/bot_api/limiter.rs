//! Flood control. Per chat: one message a second with a small burst, and in groups 20 messages and 20 edits a minute;
//! over all chats: 30 messages and edits a second.
//! Telegram does not publish its exact numbers; these are the documented and the reported ones. A good bot never meets
//! them, so every trip is counted.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);

/// The numbers of the flood control.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Messages to one chat at once; then one a second.
    pub burst: u32,
    /// Messages to one group in a minute.
    pub sends: usize,
    /// Edits in one group in a minute.
    pub edits: usize,
    /// Messages and edits of the bot in a second, over all chats.
    pub all: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { burst: 5, sends: 20, edits: 20, all: 30 }
    }
}

impl Limits {
    /// No limits, for tests that are about something else.
    pub const NONE: Self = Self { burst: u32::MAX, sends: usize::MAX, edits: usize::MAX, all: usize::MAX };
}

#[derive(Debug, Default)]
struct Traffic {
    /// When the burst will be whole again.
    whole_at: Duration,
    sends: VecDeque<Duration>,
    edits: VecDeque<Duration>,
}

/// What went to whom lately.
#[derive(Debug)]
pub(super) struct Limiter {
    limits: Limits,
    chats: BTreeMap<i64, Traffic>,
    all: VecDeque<Duration>,
    pub(super) trips: u32,
}

impl Limiter {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, chats: BTreeMap::new(), all: VecDeque::new(), trips: 0 }
    }

    /// Counts a message to `chat`, or says how many seconds to wait.
    pub(super) fn send(&mut self, chat: i64, group: bool, now: Duration) -> Result<(), u64> {
        let traffic = self.chats.entry(chat).or_default();
        let whole_at = traffic.whole_at.max(now) + Duration::from_secs(1);
        let over = (whole_at - now).saturating_sub(Duration::from_secs(self.limits.burst.into()));
        let slow = if over.is_zero() { Ok(()) } else { Err(over.as_secs() + 1) };
        let result = slow
            .and_then(|()| spend(&mut self.all, self.limits.all, SECOND, now))
            .and_then(|()| if group { spend(&mut traffic.sends, self.limits.sends, MINUTE, now) } else { Ok(()) });
        if result.is_ok() {
            traffic.whole_at = whole_at;
        }
        self.counted(result)
    }

    /// Counts an edit in `chat`, or says how many seconds to wait.
    pub(super) fn edit(&mut self, chat: i64, group: bool, now: Duration) -> Result<(), u64> {
        let edits = &mut self.chats.entry(chat).or_default().edits;
        let result = spend(&mut self.all, self.limits.all, SECOND, now)
            .and_then(|()| if group { spend(edits, self.limits.edits, MINUTE, now) } else { Ok(()) });
        self.counted(result)
    }

    fn counted(&mut self, result: Result<(), u64>) -> Result<(), u64> {
        self.trips += u32::from(result.is_err());
        result
    }
}

/// Counts one of `limit` within `window`.
fn spend(times: &mut VecDeque<Duration>, limit: usize, window: Duration, now: Duration) -> Result<(), u64> {
    while times.front().is_some_and(|&t| t + window <= now) {
        times.pop_front();
    }
    match times.front() {
        Some(&first) if times.len() >= limit => Err((first + window - now).as_secs() + 1),
        _ => {
            times.push_back(now);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(1_000_000 + seconds)
    }

    #[test]
    fn a_burst_passes_then_one_a_second() {
        let mut limiter = Limiter::new(Limits { burst: 3, ..Limits::NONE });
        for _ in 0..3 {
            assert_eq!(limiter.send(1, false, at(0)), Ok(()));
        }
        assert_eq!(limiter.send(1, false, at(0)), Err(2));
        assert_eq!(limiter.send(2, false, at(0)), Ok(()), "another chat is free");
        assert_eq!(limiter.send(1, false, at(1)), Ok(()));
        assert!(limiter.send(1, false, at(1)).is_err());
        assert_eq!(limiter.trips, 2);
    }

    #[test]
    fn a_bot_takes_30_a_second_over_all_chats() {
        let mut limiter = Limiter::new(Limits::default());
        assert!((0..15).all(|chat| limiter.send(chat, false, at(0)).is_ok()));
        assert!((0..15).all(|chat| limiter.edit(1000 + chat, false, at(0)).is_ok()));
        assert_eq!((limiter.send(99, false, at(0)), limiter.edit(99, false, at(0))), (Err(2), Err(2)));
        assert_eq!((limiter.send(99, false, at(1)), limiter.trips), (Ok(()), 2));
    }

    #[test]
    fn groups_take_20_sends_and_20_edits_a_minute_and_private_chats_any_number_of_edits() {
        let mut limiter = Limiter::new(Limits::default());
        for second in 0..20 {
            assert_eq!(limiter.send(-1, true, at(second)), Ok(()));
            assert_eq!(limiter.edit(-1, true, at(second)), Ok(()));
        }
        assert_eq!(limiter.send(-1, true, at(20)), Err(41));
        assert_eq!(limiter.edit(-1, true, at(20)), Err(41));
        assert_eq!(limiter.edit(-1, true, at(60)), Ok(()));
        assert_eq!(limiter.send(-1, true, at(60)), Ok(()));
        for edit in 0..100 {
            assert_eq!(limiter.edit(5, false, at(61 + edit / 25)), Ok(()));
        }
    }
}
