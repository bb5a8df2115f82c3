//! The people's side of a hold: when they are asked, and what their answer does.

use std::time::{Duration, Instant};
use telecast::domain::broadcast::{Action, Broadcast, Change, Event};
use telecast::domain::status::{Ending, Phase};

pub(super) const HOLD: Duration = Duration::from_secs(600);

/// A live broadcast with a clock of seconds. Between them, everything that is due happens when it is due.
pub(super) struct Show {
    pub(super) start: Instant,
    pub(super) now: Instant,
    pub(super) broadcast: Broadcast,
    /// What was told, and in which second.
    told: Vec<(u64, Change)>,
}

impl Show {
    pub(super) fn new(hold: Duration) -> Self {
        let start = Instant::now();
        let mut show = Self { start, now: start, broadcast: Broadcast::new(start, HOLD, hold, 7), told: Vec::new() };
        show.tell(Event::SourceUp);
        show.told.clear();
        show
    }

    pub(super) fn at(&self, second: u64) -> Instant {
        self.start + Duration::from_secs(second)
    }

    fn tell(&mut self, event: Event) {
        let actions = self.broadcast.handle(self.now, event);
        self.note(actions);
    }

    fn note(&mut self, actions: Vec<Action>) {
        let second = self.now.duration_since(self.start).as_secs();
        self.told.extend(actions.into_iter().filter_map(|action| match action {
            Action::Report(change) => Some((second, change)),
            _ => None,
        }));
    }

    /// Until this second, and what was told on the way.
    fn until(&mut self, second: u64) -> Vec<(u64, Change)> {
        while let Some(due) = self.broadcast.next_timeout().filter(|due| *due <= self.at(second)) {
            self.now = due.max(self.now);
            let actions = self.broadcast.handle_timeout(self.now);
            self.note(actions);
        }
        self.now = self.at(second);
        std::mem::take(&mut self.told)
    }

    pub(super) fn held_until(&self) -> Option<Instant> {
        if let Phase::Held { until, .. } = self.broadcast.phase() { Some(until) } else { None }
    }
}

#[test]
fn people_are_asked_once_a_minute_before_a_hold_ends_and_then_the_show_is_paused() {
    let mut show = Show::new(HOLD);
    show.tell(Event::SourceDown { clean: false });
    assert_eq!(show.until(539), [(0, Change::Held)]);
    assert_eq!(show.until(599), [(540, Change::HoldEnding)]);
    assert_eq!(show.until(2399), [(600, Change::Paused)]);
    assert_eq!(show.until(2400), [(2400, Change::Ended)]);
    assert_eq!(show.broadcast.ending(), Ending::PictureLost);
}

#[test]
fn a_picture_that_is_back_takes_the_question_away_and_the_next_hold_asks_again() {
    let mut show = Show::new(HOLD);
    for begin in [0, 1000] {
        show.until(begin);
        show.tell(Event::SourceDown { clean: false });
        assert_eq!(show.until(begin + 550), [(begin, Change::Held), (begin + 540, Change::HoldEnding)]);
        show.tell(Event::SourceUp);
        assert_eq!(show.until(begin + 999), [(begin + 550, Change::Resumed)]);
    }
}

#[test]
fn who_wants_to_be_kept_is_kept_for_the_whole_hold_again_and_asked_again() {
    let mut show = Show::new(HOLD);
    show.tell(Event::SourceDown { clean: false });
    show.until(545);
    show.tell(Event::KeepHolding);
    assert_eq!(show.held_until(), Some(show.at(1145)));
    assert_eq!(show.until(1100), [(1085, Change::HoldEnding)]);
    // Also before anybody is asked, and without an end.
    for second in [1100, 1200, 1700] {
        show.until(second);
        show.tell(Event::KeepHolding);
        assert_eq!(show.held_until(), Some(show.at(second + 600)));
    }
    assert_eq!(show.until(2400), [(2240, Change::HoldEnding), (2300, Change::Paused)]);
}

#[test]
fn a_clean_end_is_held_for_a_minute_unless_somebody_wants_to_be_kept() {
    let mut show = Show::new(HOLD);
    show.tell(Event::SourceDown { clean: true });
    assert_eq!(show.until(60), [(0, Change::Held), (60, Change::Ended)]);
    assert_eq!(show.broadcast.ending(), Ending::EncoderStopped);

    let mut show = Show::new(HOLD);
    show.tell(Event::SourceDown { clean: true });
    show.until(59);
    show.tell(Event::KeepHolding);
    assert_eq!(show.held_until(), Some(show.at(659)));
    assert_eq!(show.until(700), [(599, Change::HoldEnding), (659, Change::Paused)]);
    show.tell(Event::SourceUp);
    assert_eq!(show.until(800), [(700, Change::Resumed)]);
}

#[test]
fn an_encoder_that_falls_silent_and_then_stops_in_order_ends_as_one_that_stops() {
    let mut show = Show::new(HOLD);
    show.tell(Event::SourceDown { clean: false });
    show.until(200);
    show.tell(Event::SourceDown { clean: true });
    assert_eq!(show.held_until(), Some(show.at(260)));
    assert_eq!(show.until(300), [(200, Change::Held), (260, Change::Ended)]);

    // Somebody wants it otherwise.
    let mut show = Show::new(HOLD);
    show.tell(Event::SourceDown { clean: false });
    show.until(200);
    show.tell(Event::SourceDown { clean: true });
    show.tell(Event::KeepHolding);
    assert_eq!(show.held_until(), Some(show.at(800)));
    // And nothing can be said by one that was lost.
    show.tell(Event::SourceDown { clean: false });
    assert_eq!(show.held_until(), Some(show.at(800)));
}

#[test]
fn a_new_hold_time_counts_at_once_for_a_hold_that_has_begun_and_for_the_next() {
    let minutes = |minutes: u64| Event::SetHold(Duration::from_secs(minutes * 60));
    let mut show = Show::new(HOLD);
    show.tell(Event::SourceDown { clean: false });
    show.until(550);
    show.told.clear();
    // Longer: the question is asked again, at its time.
    show.tell(minutes(20));
    assert_eq!(show.held_until(), Some(show.at(1200)));
    assert_eq!(show.until(1150), [(1140, Change::HoldEnding)]);
    // So short that it is over.
    show.tell(minutes(15));
    assert_eq!(show.until(1150), [(1150, Change::Paused)]);
    show.tell(Event::SourceUp);
    show.until(2000);
    show.tell(Event::SourceDown { clean: false });
    show.told.clear();
    assert_eq!(show.held_until(), Some(show.at(2900)), "the next hold is of the new time");
    // Less than a minute is left: who set it so needs no question.
    show.until(2630);
    show.tell(minutes(11));
    assert_eq!(show.until(2700), [(2660, Change::Paused)]);
}

#[test]
fn no_hold_lets_go_at_once_and_a_longer_one_does_not_lengthen_a_clean_end() {
    let mut show = Show::new(HOLD);
    show.tell(Event::SetHold(Duration::ZERO));
    assert!(show.told.is_empty() && matches!(show.broadcast.phase(), Phase::Live { .. }));
    show.tell(Event::SourceDown { clean: false });
    assert_eq!(show.until(0), [(0, Change::Held), (0, Change::Paused)]);
    show.tell(Event::SourceUp);
    show.tell(Event::SourceDown { clean: true });
    show.told.clear();
    assert_eq!(show.until(0), [(0, Change::Ended)]);

    let mut show = Show::new(HOLD);
    show.tell(Event::SourceDown { clean: true });
    show.tell(Event::SetHold(2 * HOLD));
    assert_eq!(show.held_until(), Some(show.at(60)));
    show.tell(Event::SetHold(Duration::ZERO));
    show.told.clear();
    assert_eq!(show.until(0), [(0, Change::Ended)]);
}

#[test]
fn a_hold_of_a_minute_or_less_asks_nothing() {
    for seconds in [0, 1, 59, 60] {
        let mut show = Show::new(Duration::from_secs(seconds));
        show.tell(Event::SourceDown { clean: false });
        assert_eq!(show.until(100), [(0, Change::Held), (seconds, Change::Paused)]);
    }
    let mut show = Show::new(Duration::from_secs(61));
    show.tell(Event::SourceDown { clean: false });
    assert_eq!(show.until(61), [(0, Change::Held), (1, Change::HoldEnding), (61, Change::Paused)]);
}

#[test]
fn a_clock_that_slept_through_the_question_pauses_without_it() {
    let mut show = Show::new(HOLD);
    show.tell(Event::SourceDown { clean: false });
    show.told.clear();
    show.now = show.at(601);
    let actions = show.broadcast.handle_timeout(show.now);
    show.note(actions);
    assert_eq!(show.told, [(601, Change::Paused)]);
}

#[test]
fn to_be_kept_means_nothing_where_nothing_is_held() {
    let mut show = Show::new(HOLD);
    let same = |show: &mut Show| {
        let (phase, timeout) = (show.broadcast.phase(), show.broadcast.next_timeout());
        show.tell(Event::KeepHolding);
        assert_eq!((show.broadcast.phase(), show.broadcast.next_timeout()), (phase, timeout));
        assert!(show.told.is_empty());
    };
    same(&mut show);
    show.tell(Event::SourceDown { clean: false });
    show.until(700);
    assert!(matches!(show.broadcast.phase(), Phase::Paused { .. }));
    same(&mut show);
    show.tell(Event::Stop);
    show.told.clear();
    same(&mut show);
    let mut waiting = Show::new(HOLD);
    waiting.broadcast = Broadcast::new(waiting.now, HOLD, HOLD, 7);
    same(&mut waiting);
}
