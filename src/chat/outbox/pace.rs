//! How fast one chat may be written to, so that Telegram's flood control is never met. Its exact numbers are not
//! published; these stay below the documented and the reported ones. Knows no clock.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

const MINUTE: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);
/// Messages at once; then one a second.
const BURST: u32 = 3;
/// Messages to a group in a minute; Telegram's limit is 20.
const GROUP_SENDS: usize = 18;
/// Edits in a group in a minute; 20 are reported to pass.
const GROUP_EDITS: usize = 18;
/// Of these, edits of the panel: alerts that are taken back must find room.
const GROUP_PANELS: usize = 10;

/// What is done to a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Send,
    Edit,
    /// An edit that can wait.
    Panel,
    Free,
}

/// What went to one chat lately.
#[derive(Debug)]
pub(super) struct Pace {
    group: bool,
    /// When the burst will be whole again.
    whole_at: Option<Instant>,
    sends: VecDeque<Instant>,
    edits: VecDeque<Instant>,
}

impl Pace {
    pub(super) fn new(group: bool) -> Self {
        Self { group, whole_at: None, sends: VecDeque::new(), edits: VecDeque::new() }
    }

    /// When `deed` may be done.
    pub(super) fn ready(&self, now: Instant, deed: Deed) -> Instant {
        match deed {
            Deed::Free => now,
            Deed::Send => {
                let burst = self.whole_at.and_then(|at| at.checked_sub(SECOND * (BURST - 1))).unwrap_or(now);
                burst.max(self.minute(now, &self.sends, GROUP_SENDS)).max(now)
            }
            Deed::Edit => self.minute(now, &self.edits, GROUP_EDITS).max(now),
            Deed::Panel => self.minute(now, &self.edits, GROUP_PANELS).max(now),
        }
    }

    /// When fewer than `most` will lie within the last minute.
    fn minute(&self, now: Instant, times: &VecDeque<Instant>, most: usize) -> Instant {
        if !self.group || times.len() < most {
            return now;
        }
        times.get(times.len() - most).map_or(now, |oldest| *oldest + MINUTE)
    }

    /// `deed` was done.
    pub(super) fn note(&mut self, now: Instant, deed: Deed) {
        for times in [&mut self.sends, &mut self.edits] {
            while times.front().is_some_and(|time| *time + MINUTE <= now) {
                times.pop_front();
            }
        }
        match deed {
            Deed::Free => {}
            Deed::Send => {
                self.whole_at = Some(self.whole_at.unwrap_or(now).max(now) + SECOND);
                self.sends.push_back(now);
            }
            Deed::Edit | Deed::Panel => self.edits.push_back(now),
        }
    }

    /// Whether nothing of late matters any more.
    pub(super) fn rested(&self, now: Instant) -> bool {
        let old = |time: &Instant| *time + MINUTE <= now;
        self.whole_at.is_none_or(|at| at <= now)
            && self.sends.back().is_none_or(old)
            && self.edits.back().is_none_or(old)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(pace: &mut Pace, start: Instant, deed: Deed, count: usize) -> Vec<u64> {
        let mut now = start;
        let mut times = Vec::new();
        for _ in 0..count {
            now = pace.ready(now, deed);
            pace.note(now, deed);
            times.push((now - start).as_secs());
        }
        times
    }

    #[test]
    fn three_messages_at_once_then_one_a_second() {
        let start = Instant::now() + MINUTE;
        assert_eq!(done(&mut Pace::new(false), start, Deed::Send, 6), [0, 0, 0, 1, 2, 3]);
    }

    #[test]
    fn a_group_takes_eighteen_messages_a_minute() {
        let start = Instant::now() + MINUTE;
        let times = done(&mut Pace::new(true), start, Deed::Send, 20);
        assert_eq!(times[17], 15);
        assert_eq!(times[18..], [60, 60]);
    }

    #[test]
    fn a_groups_panel_leaves_room_for_other_edits() {
        let (start, mut pace) = (Instant::now() + MINUTE, Pace::new(true));
        assert_eq!(done(&mut pace, start, Deed::Panel, 11)[9..], [0, 60]);
        let mut pace = Pace::new(true);
        done(&mut pace, start, Deed::Panel, 10);
        assert_eq!(done(&mut pace, start, Deed::Edit, 9)[7..], [0, 60]);
        assert!(done(&mut Pace::new(false), start, Deed::Panel, 50).iter().all(|at| *at == 0));
    }

    #[test]
    fn a_chat_rests_after_a_minute() {
        let (now, mut pace) = (Instant::now(), Pace::new(true));
        assert!(pace.rested(now));
        pace.note(now, Deed::Send);
        assert!(!pace.rested(now + SECOND));
        assert!(pace.rested(now + MINUTE));
    }
}
