//! What waits to be written to one chat. Knows no clock and no Telegram.

use super::pace::{Deed, Pace};
use super::{Job, Urgency};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Jobs that may wait for one chat, of each urgency.
const MOST: usize = 64;
/// How long a job is worth trying.
const WORTH: Duration = Duration::from_secs(600);

/// One chat's queue.
#[derive(Debug)]
pub(super) struct Lane {
    jobs: [VecDeque<Waiting>; 3],
    pub(super) pace: Pace,
    /// A request of this chat is on its way.
    pub(super) busy: bool,
    /// Until when Telegram wants silence, or the way to it is given time.
    paused: Option<Instant>,
    /// The bot may not speak here.
    pub(super) shut: bool,
    failures: u32,
}

/// A job and since when it waits.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) job: Job,
    pub(super) urgency: Urgency,
    pub(super) since: Instant,
}

impl Waiting {
    fn deed(&self) -> Deed {
        match (&self.job, self.urgency) {
            (Job::Send { .. }, _) => Deed::Send,
            (Job::Edit { .. }, Urgency::Panel) => Deed::Panel,
            (Job::Edit { .. }, _) => Deed::Edit,
            (Job::Delete { .. }, _) => Deed::Free,
        }
    }
}

impl Lane {
    pub(super) fn new(group: bool) -> Self {
        Self { jobs: Default::default(), pace: Pace::new(group), busy: false, paused: None, shut: false, failures: 0 }
    }

    /// Puts a job in. An edit takes the place of an older one of the same message; when there are too many, the oldest
    /// of its urgency is lost. Says whether nothing was.
    pub(super) fn put(&mut self, waiting: Waiting) -> bool {
        if let Some(message) = waiting.job.edits() {
            for queue in &mut self.jobs {
                queue.retain(|other| other.job.edits() != Some(message));
            }
        }
        let queue = &mut self.jobs[waiting.urgency as usize];
        queue.push_back(waiting);
        if queue.len() > MOST {
            queue.pop_front();
            return false;
        }
        true
    }

    /// Puts a job back where it was, unless an edit of the same message has come since.
    pub(super) fn put_back(&mut self, waiting: Waiting) {
        let newer = |message| self.jobs.iter().flatten().any(|other| other.job.edits() == Some(message));
        if !waiting.job.edits().is_some_and(newer) {
            self.jobs[waiting.urgency as usize].push_front(waiting);
        }
    }

    /// The next job, if it may be done now. The most urgent one that its pace lets through.
    pub(super) fn next(&mut self, now: Instant) -> Option<Waiting> {
        if self.busy || self.paused.is_some_and(|until| until > now) {
            return None;
        }
        for queue in &mut self.jobs {
            while queue.front().is_some_and(|waiting| waiting.since + WORTH <= now) {
                queue.pop_front();
            }
            if let Some(first) = queue.front()
                && self.pace.ready(now, first.deed()) <= now
            {
                let waiting = queue.pop_front()?;
                self.pace.note(now, waiting.deed());
                return Some(waiting);
            }
        }
        None
    }

    /// When [`Lane::next`] is worth asking again, if it is.
    pub(super) fn wakes(&self, now: Instant) -> Option<Instant> {
        if self.busy {
            return None;
        }
        let firsts = self.jobs.iter().filter_map(VecDeque::front);
        let ready = firsts.map(|first| self.pace.ready(now, first.deed())).min()?;
        Some(self.paused.map_or(ready, |until| until.max(ready)))
    }

    /// Telegram wants silence for so long.
    pub(super) fn wait(&mut self, now: Instant, time: Duration) {
        self.paused = Some(now + time);
    }

    /// The way to Telegram failed: 1, 2, 4 … 30 s.
    pub(super) fn failed(&mut self, now: Instant) {
        self.wait(now, Duration::from_secs(1 << self.failures.min(5)).min(Duration::from_secs(30)));
        self.failures += 1;
    }

    /// A request came through.
    pub(super) fn passed(&mut self) {
        self.failures = 0;
        self.paused = None;
    }

    /// Everything that waits, taken out.
    pub(super) fn take_all(&mut self) -> Vec<Waiting> {
        self.jobs.iter_mut().flat_map(std::mem::take).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.busy && self.jobs.iter().all(VecDeque::is_empty)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{edit, send};
    use super::*;

    fn put(lane: &mut Lane, now: Instant, urgency: Urgency, job: Job) -> bool {
        lane.put(Waiting { job, urgency, since: now })
    }

    fn texts(lane: &mut Lane, now: Instant) -> Vec<String> {
        std::iter::from_fn(|| lane.next(now)).map(|waiting| waiting.job.text().to_owned()).collect()
    }

    #[test]
    fn the_more_urgent_goes_first() {
        let (mut lane, now) = (Lane::new(false), Instant::now());
        put(&mut lane, now, Urgency::Panel, edit(1, "panel"));
        put(&mut lane, now, Urgency::Alert, send("alert"));
        put(&mut lane, now, Urgency::Reply, send("reply"));
        assert_eq!(texts(&mut lane, now), ["reply", "alert", "panel"]);
    }

    #[test]
    fn of_edits_of_one_message_only_the_newest_is_made() {
        let (mut lane, now) = (Lane::new(false), Instant::now());
        put(&mut lane, now, Urgency::Panel, edit(1, "old"));
        put(&mut lane, now, Urgency::Panel, edit(2, "other"));
        put(&mut lane, now, Urgency::Panel, edit(1, "new"));
        let taken = lane.next(now).unwrap();
        put(&mut lane, now, Urgency::Panel, edit(2, "newer"));
        lane.put_back(taken);
        assert_eq!(texts(&mut lane, now), ["new", "newer"]);
    }

    #[test]
    fn a_pause_holds_everything_and_ends() {
        let (mut lane, now) = (Lane::new(false), Instant::now());
        put(&mut lane, now, Urgency::Reply, send("a"));
        lane.wait(now, Duration::from_secs(7));
        assert!(lane.next(now).is_none());
        assert_eq!(lane.wakes(now), Some(now + Duration::from_secs(7)));
        assert!(lane.next(now + Duration::from_secs(7)).is_some());
    }

    #[test]
    fn a_queue_is_bounded_and_old_jobs_are_dropped() {
        let (mut lane, now) = (Lane::new(false), Instant::now());
        let kept = (0..=MOST).filter(|i| put(&mut lane, now, Urgency::Alert, send(&i.to_string()))).count();
        assert_eq!(kept, MOST);
        assert_eq!(lane.next(now).unwrap().job.text(), "1", "the oldest is lost");
        assert!(lane.next(now + WORTH).is_none());
        assert!(lane.is_empty());
    }
}
