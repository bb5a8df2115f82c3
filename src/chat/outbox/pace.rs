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
/// Of these, edits that the panel may need to make one in each [`PANEL`], whatever else is edited.
const GROUP_PANELS: usize = 4;
/// A panel that was not edited for so long always finds room.
const PANEL: Duration = Duration::from_secs(15);

/// What is done to a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Send,
    /// So many messages at once.
    Album(u32),
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
    panel: Option<Instant>,
}

impl Pace {
    pub(super) fn new(group: bool) -> Self {
        Self { group, whole_at: None, sends: VecDeque::new(), edits: VecDeque::new(), panel: None }
    }

    /// When `deed` may be done.
    pub(super) fn ready(&self, now: Instant, deed: Deed) -> Instant {
        match deed {
            Deed::Free => now,
            Deed::Send => self.room(now, 1),
            Deed::Album(count) => self.room(now, count),
            Deed::Edit => self.minute(now, &self.edits, GROUP_EDITS - GROUP_PANELS).max(now),
            // The last few of a minute are kept for a panel that has become old: four lie 15 s apart in a minute.
            Deed::Panel => {
                let early = self.minute(now, &self.edits, GROUP_EDITS - GROUP_PANELS);
                let old = self.panel.map_or(now, |edited| edited + PANEL);
                early.min(old.max(self.minute(now, &self.edits, GROUP_EDITS))).max(now)
            }
        }
    }

    /// When there is room for so many messages at once.
    fn room(&self, now: Instant, count: u32) -> Instant {
        let burst = self.whole_at.and_then(|at| at.checked_sub(SECOND * BURST.saturating_sub(count))).unwrap_or(now);
        let others = GROUP_SENDS.saturating_sub(count as usize) + 1;
        burst.max(self.minute(now, &self.sends, others)).max(now)
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
            Deed::Send => self.sent(now, 1),
            Deed::Album(count) => self.sent(now, count),
            Deed::Edit => self.edits.push_back(now),
            Deed::Panel => {
                self.edits.push_back(now);
                self.panel = Some(now);
            }
        }
    }

    fn sent(&mut self, now: Instant, count: u32) {
        self.whole_at = Some(self.whole_at.unwrap_or(now).max(now) + SECOND * count);
        self.sends.extend((0..count).map(|_| now));
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
    fn each_picture_of_an_album_counts_as_a_message() {
        let start = Instant::now() + MINUTE;
        assert_eq!(done(&mut Pace::new(false), start, Deed::Album(2), 4), [0, 1, 3, 5]);
        assert_eq!(done(&mut Pace::new(false), start, Deed::Album(4), 3), [0, 4, 8], "when the burst is whole");
        assert_eq!(
            done(&mut Pace::new(true), start, Deed::Album(4), 5)[3..],
            [12, 60],
            "sixteen and four are too many"
        );
    }

    #[test]
    fn a_groups_panel_is_never_old_and_the_limit_never_met_however_much_else_is_edited() {
        let start = Instant::now() + MINUTE;
        // What is wanted in each second: the panel always, and bursts of other edits.
        for others in [0, 1, 3, 20] {
            let (mut pace, mut made) = (Pace::new(true), Vec::new());
            let (mut waiting, mut panel) = (0, 0);
            for second in 0..600 {
                let now = start + Duration::from_secs(second);
                waiting += if second % 40 < 10 { others } else { 0 };
                while waiting > 0 && pace.ready(now, Deed::Edit) <= now {
                    pace.note(now, Deed::Edit);
                    (waiting, made) = (waiting - 1, [made, vec![second]].concat());
                }
                if pace.ready(now, Deed::Panel) <= now && second >= panel + 3 {
                    pace.note(now, Deed::Panel);
                    (panel, made) = (second, [made, vec![second]].concat());
                }
                assert!(second - panel <= 15, "a panel of {} s at {second} s beside {others}", second - panel);
                let minute = made.iter().filter(|at| **at + 60 > second).count();
                assert!(minute <= GROUP_EDITS, "{minute} edits in the minute before {second} s beside {others}");
            }
        }
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
