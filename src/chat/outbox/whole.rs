//! What holds for all chats together: Telegram's limit for a bot as a whole, and whether the way to it is open at all.
//! Knows no clock and no Telegram.

use super::Urgency;
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);
/// Between requests on average, 22 a second; Telegram's limit is about 30. Evenly spread, so that no delay on the way makes
/// a burst of two.
const EACH: Duration = Duration::from_millis(45);
/// How many may go ahead of that, by how urgent they are: with many shows on, answers still find room at once.
const AHEAD: [u32; 3] = [6, 3, 1];
/// So many answers go before an alert that is overdue: it comes through however many there are, and they do too.
const ANSWERS: u32 = 2;
/// So many failures without a success among them, of whatever chats, and the way is closed.
const CLOSED: u32 = 3;
/// The longest pause between attempts while it is: people who wait for its return do not wait much longer.
const PROBE: Duration = Duration::from_secs(10);

/// What went out lately, and how that went.
#[derive(Debug, Default)]
pub(super) struct Whole {
    /// When all that went out so far would have, each in its own time.
    even: Option<Instant>,
    /// Films and pictures, which take minutes, not counted.
    under_way: usize,
    /// Answers since anything else went out.
    answers: u32,
    failures: u32,
    probe: Option<Instant>,
}

/// Who goes first, of all chats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// An alert that answers have kept back for long enough.
    Due,
    As(Urgency),
}

impl Rank {
    /// As what it finds room.
    pub(super) fn room(self) -> Urgency {
        match self {
            Self::Due => Urgency::Reply,
            Self::As(urgency) => urgency,
        }
    }
}

impl Whole {
    /// The rank of what is so urgent.
    pub(super) fn rank(&self, overdue: bool, urgency: Urgency) -> Rank {
        if overdue && self.answers >= ANSWERS { Rank::Due } else { Rank::As(urgency) }
    }

    /// When something may go out; nothing, where that hangs on what is on its way. While the way is closed one request
    /// at a time finds out whether it still is, so that nothing floods it when it opens.
    pub(super) fn ready(&self, now: Instant, urgency: Urgency) -> Option<Instant> {
        let closed = self.failures >= CLOSED;
        if closed && self.under_way > 0 {
            return None;
        }
        let ahead = EACH * AHEAD[urgency as usize].saturating_sub(1);
        let room = self.even.and_then(|even| even.checked_sub(ahead)).unwrap_or(now);
        Some(room.max(self.probe.filter(|_| closed).unwrap_or(now)).max(now))
    }

    /// A request went out.
    pub(super) fn note(&mut self, now: Instant, urgency: Urgency, upload: bool) {
        self.answers = if urgency == Urgency::Reply { self.answers.saturating_add(1) } else { 0 };
        self.even = Some(self.even.unwrap_or(now).max(now) + EACH);
        self.under_way += usize::from(!upload);
    }

    /// Telegram answered one, whatever it said. True: it had been away.
    pub(super) fn passed(&mut self, upload: bool) -> bool {
        self.under_way = self.under_way.saturating_sub(usize::from(!upload));
        std::mem::take(&mut self.failures) >= CLOSED
    }

    /// One was not answered.
    pub(super) fn failed(&mut self, now: Instant, upload: bool) {
        self.under_way = self.under_way.saturating_sub(usize::from(!upload));
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
    fn a_bot_as_a_whole_makes_no_thirty_requests_a_second_and_answers_find_room() {
        let (mut whole, start) = (Whole::default(), Instant::now());
        let mut made: Vec<u64> = Vec::new();
        for ms in 0..10_000 {
            let now = start + Duration::from_millis(ms);
            // Panels are wanted always, alerts in bursts, an answer now and then.
            let answer = (ms % 500 == 0).then_some(Urgency::Reply);
            let wanted = answer.into_iter().chain((ms % 3000 < 1000).then_some(Urgency::Alert)).chain([Urgency::Panel]);
            for urgency in wanted {
                let ready = whole.ready(now, urgency) == Some(now);
                assert!(ready || urgency != Urgency::Reply, "an answer waits at {ms} ms");
                if ready {
                    whole.note(now, urgency, false);
                    whole.passed(false);
                    made.push(ms);
                }
            }
            let second = made.iter().filter(|at| **at + 1000 > ms).count();
            assert!(second <= 28, "{second} in the second before {ms} ms");
        }
        assert!(made.len() >= 220, "{}", made.len());
        assert!(whole.rests(start + SECOND * 20));
    }

    /// Two hundred shows that begin at once have hundreds of things to say, and people ask meanwhile.
    #[test]
    fn answers_find_room_beside_alerts_that_are_overdue_and_those_come_through_beside_any_number_of_answers() {
        let served = |each: u64| {
            let (mut whole, start) = (Whole::default(), Instant::now());
            let (mut asked, mut longest, mut alerts) = (std::collections::VecDeque::new(), 0, 0);
            for ms in 0..10_000 {
                let now = start + Duration::from_millis(ms);
                if ms % each == 0 {
                    asked.push_back(ms);
                }
                // A hundred alerts wait, for long.
                let offers = [Some((true, Urgency::Alert)), asked.front().map(|_| (false, Urgency::Reply))];
                let offers =
                    offers.into_iter().flatten().map(|(overdue, urgency)| (whole.rank(overdue, urgency), urgency));
                let Some((rank, urgency)) = offers.min() else { continue };
                if whole.ready(now, rank.room()) == Some(now) {
                    whole.note(now, urgency, false);
                    whole.passed(false);
                    match urgency {
                        Urgency::Reply => longest = asked.pop_front().map_or(longest, |at| longest.max(ms - at)),
                        _ => alerts += 1,
                    }
                }
            }
            (longest, alerts)
        };
        let (longest, alerts) = served(100);
        assert!(longest <= 90 && alerts >= 70, "answers after {longest} ms, {alerts} alerts");
        let (_, alerts) = served(20);
        assert!(alerts >= 70, "more answers than may go out, and {alerts} alerts");
    }

    #[test]
    fn while_telegram_is_away_one_request_at_a_time_asks_whether_it_is_back() {
        let (mut whole, start) = (Whole::default(), Instant::now());
        let (mut now, mut asked) = (start, Vec::new());
        while now < start + Duration::from_secs(600) {
            now = whole.ready(now, Urgency::Reply).unwrap();
            whole.note(now, Urgency::Reply, false);
            let closed = asked.len() >= 3;
            assert_eq!(whole.ready(now, Urgency::Reply).is_none(), closed, "{asked:?}");
            whole.failed(now, false);
            asked.push((now - start).as_secs());
        }
        assert_eq!(asked[..8], [0, 0, 0, 1, 3, 7, 15, 25]);
        assert!(asked.len() < 70, "{}", asked.len());
        whole.note(now, Urgency::Reply, false);
        assert!(whole.passed(false), "it had been away");
        assert_eq!(whole.ready(now, Urgency::Reply), Some(now));
        whole.note(now, Urgency::Reply, false);
        whole.failed(now, false);
        assert_eq!(whole.ready(now, Urgency::Reply), Some(now), "one failure says nothing of all");
    }

    #[test]
    fn a_film_on_its_way_keeps_nobody_from_asking_whether_telegram_is_back() {
        let (mut whole, start) = (Whole::default(), Instant::now());
        whole.note(start, Urgency::Reply, true);
        for _ in 0..3 {
            whole.note(start, Urgency::Alert, false);
            whole.failed(start, false);
        }
        let probe = whole.ready(start, Urgency::Alert).expect("an attempt");
        assert!(probe <= start + SECOND * 2);
        whole.note(probe, Urgency::Alert, false);
        assert_eq!(whole.ready(probe, Urgency::Alert), None, "one at a time");
        assert!(whole.passed(true), "a film that arrives says it as well");
        assert_eq!(whole.under_way, 1);
    }
}
