//! What holds for all chats together: Telegram's limit for a bot as a whole, and whether the way to it is open at all.
//! Knows no clock and no Telegram.

use super::Urgency;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);
/// Requests in a second; Telegram's limit is about 30.
const MOST: usize = 25;
/// Of these, edits of panels: with many shows on, answers must still find room at once.
const PANELS: usize = 18;
/// So many failures without a success among them, of whatever chats, and the way is closed.
const CLOSED: u32 = 3;
/// The longest pause between attempts while it is: people who wait for its return do not wait much longer.
const PROBE: Duration = Duration::from_secs(10);

/// What went out lately, and how that went.
#[derive(Debug, Default)]
pub(super) struct Whole {
    lately: VecDeque<Instant>,
    under_way: usize,
    failures: u32,
    probe: Option<Instant>,
}

impl Whole {
    /// When something may go out; nothing, where that hangs on what is on its way. While the way is closed one request
    /// at a time finds out whether it still is, so that nothing floods it when it opens.
    pub(super) fn ready(&self, now: Instant, urgency: Urgency) -> Option<Instant> {
        let closed = self.failures >= CLOSED;
        if closed && self.under_way > 0 {
            return None;
        }
        let most = if urgency == Urgency::Panel { PANELS } else { MOST };
        let room = self.lately.len().checked_sub(most).and_then(|at| self.lately.get(at));
        let room = room.map_or(now, |oldest| *oldest + SECOND);
        Some(room.max(self.probe.filter(|_| closed).unwrap_or(now)).max(now))
    }

    /// A request went out.
    pub(super) fn note(&mut self, now: Instant) {
        while self.lately.front().is_some_and(|time| *time + SECOND <= now) {
            self.lately.pop_front();
        }
        self.lately.push_back(now);
        self.under_way += 1;
    }

    /// Telegram answered one, whatever it said. True: it had been away.
    pub(super) fn passed(&mut self) -> bool {
        self.under_way = self.under_way.saturating_sub(1);
        std::mem::take(&mut self.failures) >= CLOSED
    }

    /// One was not answered.
    pub(super) fn failed(&mut self, now: Instant) {
        self.under_way = self.under_way.saturating_sub(1);
        self.failures = self.failures.saturating_add(1);
        let doubled = SECOND * (1 << self.failures.saturating_sub(CLOSED).min(5));
        self.probe = Some(now + doubled.min(PROBE));
    }

    /// Nothing is on its way and nothing of late matters any more.
    #[cfg(test)]
    fn rests(&self, now: Instant) -> bool {
        self.under_way == 0 && self.ready(now, Urgency::Panel) == Some(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bot_as_a_whole_makes_twenty_five_requests_a_second_and_panels_leave_room() {
        let (mut whole, start) = (Whole::default(), Instant::now());
        let (mut panels, mut replies) = (0, 0);
        while whole.ready(start, Urgency::Panel) == Some(start) {
            whole.note(start);
            panels += 1;
        }
        while whole.ready(start, Urgency::Reply) == Some(start) {
            whole.note(start);
            replies += 1;
        }
        assert_eq!((panels, replies), (PANELS, MOST - PANELS));
        assert_eq!(whole.ready(start, Urgency::Alert), Some(start + SECOND));
        (0..MOST).for_each(|_| assert!(!whole.passed()));
        assert!(whole.rests(start + SECOND));
    }

    #[test]
    fn while_telegram_is_away_one_request_at_a_time_asks_whether_it_is_back() {
        let (mut whole, start) = (Whole::default(), Instant::now());
        let (mut now, mut asked) = (start, Vec::new());
        while now < start + Duration::from_secs(600) {
            now = whole.ready(now, Urgency::Reply).unwrap();
            whole.note(now);
            let closed = asked.len() >= 3;
            assert_eq!(whole.ready(now, Urgency::Reply).is_none(), closed, "{asked:?}");
            whole.failed(now);
            asked.push((now - start).as_secs());
        }
        assert_eq!(asked[..8], [0, 0, 0, 1, 3, 7, 15, 25]);
        assert!(asked.len() < 70, "{}", asked.len());
        whole.note(now);
        assert!(whole.passed(), "it had been away");
        assert_eq!(whole.ready(now, Urgency::Reply), Some(now));
        whole.note(now);
        whole.failed(now);
        assert_eq!(whole.ready(now, Urgency::Reply), Some(now), "one failure says nothing of all");
    }
}
