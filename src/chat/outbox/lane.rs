//! What waits to be written to one chat. Knows no clock and no Telegram.

use super::pace::{Deed, Pace};
use super::{Job, Post, Urgency};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Jobs that may wait for one chat, of each urgency.
const MOST: usize = 64;
/// An alert that has waited for so long has its share beside answers.
const OVERDUE: Duration = Duration::from_secs(2);
/// How long a job is worth trying.
const WORTH: Duration = Duration::from_secs(1800);
/// The same of a film of what goes on now; it takes room, too.
const NEW: Duration = Duration::from_secs(30);

/// One chat's queue.
#[derive(Debug)]
pub(super) struct Lane {
    jobs: [VecDeque<Waiting>; 3],
    pub(super) pace: Pace,
    /// A request of this chat is on its way.
    pub(super) busy: bool,
    /// Films and pictures on their way, which nothing else waits for.
    pub(super) uploads: usize,
    /// Until when Telegram wants silence.
    paused: Option<Instant>,
    /// Until when the way to it is given time.
    failed: Option<Instant>,
    /// The bot may not speak here; until when, where that may end by itself.
    shut: Option<Option<Instant>>,
    failures: u32,
}

/// What a chat has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) overdue: bool,
    pub(super) urgency: Urgency,
    pub(super) turn: Instant,
}

/// A job and since when it waits.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) job: Job,
    pub(super) urgency: Urgency,
    pub(super) since: Instant,
    /// Since when it, or what it stands in for, waits: chats take their turns by this.
    pub(super) turn: Instant,
}

impl Waiting {
    pub(super) fn new(job: Job, urgency: Urgency, now: Instant) -> Self {
        Self { job, urgency, since: now, turn: now }
    }

    /// Whether it takes seconds to hand in.
    pub(super) fn is_upload(&self) -> bool {
        matches!(&self.job, Job::Send { post, .. } if post.video.is_some() || !post.pictures.0.is_empty())
    }

    fn worth(&self) -> Duration {
        if self.is_upload() { NEW } else { WORTH }
    }

    fn deed(&self) -> Deed {
        match (&self.job, self.urgency) {
            (Job::Send { post, .. }, _) => match post.pictures.0.len() {
                0 | 1 => Deed::Send,
                count => Deed::Album(u32::try_from(count).unwrap_or(u32::MAX)),
            },
            (Job::Edit { .. }, Urgency::Panel) => Deed::Panel,
            (Job::Edit { .. }, _) => Deed::Edit,
            (Job::Delete { .. }, _) => Deed::Free,
        }
    }
}

impl Lane {
    pub(super) fn new(group: bool) -> Self {
        let (jobs, pace) = (Default::default(), Pace::new(group));
        Self { jobs, pace, busy: false, uploads: 0, paused: None, failed: None, shut: None, failures: 0 }
    }

    /// The bot may not speak here, for so long as nothing else is known, or until then. What waits is lost.
    pub(super) fn shut(&mut self, until: Option<Instant>) {
        self.shut = Some(until);
        self.take_all();
    }

    /// It may again.
    pub(super) fn open(&mut self) {
        self.shut = None;
    }

    /// Whether the bot may speak here, or is to try.
    pub(super) fn speaks(&self, now: Instant) -> bool {
        self.shut.is_none_or(|until| until.is_some_and(|until| until <= now))
    }

    /// Puts a job in. An edit takes the place of an older one of the same message, and a deletion of all of them; when
    /// there are too many, the oldest of its urgency is lost. Says whether nothing was.
    pub(super) fn put(&mut self, mut waiting: Waiting) -> bool {
        if let Some(message) = waiting.job.touches() {
            for queue in &mut self.jobs {
                queue.retain(|other| {
                    let older = other.job.edits() == Some(message);
                    if older {
                        waiting.turn = waiting.turn.min(other.turn);
                    }
                    !older
                });
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

    /// Makes a message that has not left yet say something else, silently, for it is no longer news; or nothing at all.
    /// False: it has left, or was lost.
    pub(super) fn correct(&mut self, letter: u64, post: Option<Post>) -> bool {
        for queue in &mut self.jobs {
            let Some(at) = queue.iter().position(|waiting| waiting.job.letter() == Some(letter)) else { continue };
            match (post, queue.get_mut(at).map(|waiting| &mut waiting.job)) {
                (Some(new), Some(Job::Send { post, .. })) => {
                    *post = Post { silent: true, topic: post.topic, reply_to: post.reply_to, ..new };
                }
                _ => drop(queue.remove(at)),
            }
            return true;
        }
        false
    }

    /// Puts a job back where it was, unless an edit of the same message has come since.
    pub(super) fn put_back(&mut self, waiting: Waiting) {
        let newer = |message| self.jobs.iter().flatten().any(|other| other.job.edits() == Some(message));
        if !waiting.job.edits().is_some_and(newer) {
            self.jobs[waiting.urgency as usize].push_front(waiting);
        }
    }

    /// What it has to do now, the most urgent that its pace lets through: whether it is overdue, how urgent it is, and since
    /// when it waits.
    pub(super) fn offers(&mut self, now: Instant) -> Option<Offer> {
        if self.busy || self.rest(now) > now {
            return None;
        }
        for queue in &mut self.jobs {
            while queue.front().is_some_and(|waiting| waiting.since + waiting.worth() <= now) {
                queue.pop_front();
            }
        }
        let firsts = self.jobs.iter().filter_map(VecDeque::front);
        let ready = firsts.into_iter().find(|first| self.pace.ready(now, first.deed()) <= now)?;
        let overdue = ready.urgency == Urgency::Alert && ready.turn + OVERDUE <= now;
        Some(Offer { overdue, urgency: ready.urgency, turn: ready.turn })
    }

    /// Takes out what was offered.
    pub(super) fn take(&mut self, now: Instant, urgency: Urgency) -> Option<Waiting> {
        let waiting = self.jobs[urgency as usize].pop_front()?;
        self.pace.note(now, waiting.deed());
        Some(waiting)
    }

    /// It is on its way.
    pub(super) fn begin(&mut self, upload: bool) {
        if upload { self.uploads += 1 } else { self.busy = true }
    }

    /// It is no more on its way.
    pub(super) fn end(&mut self, upload: bool) {
        if upload { self.uploads = self.uploads.saturating_sub(1) } else { self.busy = false }
    }

    /// When [`Lane::offers`] is worth asking again, if it is. `whole`: when something as urgent may go out at all.
    pub(super) fn wakes(&self, now: Instant, whole: impl Fn(Urgency) -> Option<Instant>) -> Option<Instant> {
        if self.busy {
            return None;
        }
        let firsts = self.jobs.iter().filter_map(VecDeque::front);
        let ready = |first: &Waiting| Some(whole(first.urgency)?.max(self.pace.ready(now, first.deed())));
        Some(firsts.filter_map(ready).min()?.max(self.rest(now)))
    }

    /// Until when nothing is done here.
    fn rest(&self, now: Instant) -> Instant {
        [self.paused, self.failed].into_iter().flatten().fold(now, Instant::max)
    }

    /// Telegram wants silence for so long.
    pub(super) fn wait(&mut self, now: Instant, time: Duration) {
        self.paused = Some(now + time);
    }

    /// The way to Telegram failed: 1, 2, 4 … 30 s.
    pub(super) fn failed(&mut self, now: Instant) {
        self.failed = Some(now + Duration::from_secs(1 << self.failures.min(5)).min(Duration::from_secs(30)));
        self.failures += 1;
    }

    /// The way to Telegram is open again, as other chats have found.
    pub(super) fn relieved(&mut self) {
        self.failures = 0;
        self.failed = None;
    }

    /// A request came through.
    pub(super) fn passed(&mut self) {
        self.relieved();
        self.paused = None;
    }

    /// Everything that waits, taken out.
    pub(super) fn take_all(&mut self) -> Vec<Waiting> {
        self.jobs.iter_mut().flat_map(std::mem::take).collect()
    }

    /// Whether an answer waits, or something is on its way.
    pub(super) fn owes(&self) -> bool {
        self.busy || self.uploads > 0 || !self.jobs[Urgency::Reply as usize].is_empty()
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.busy && self.uploads == 0 && self.jobs.iter().all(VecDeque::is_empty)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{edit, send};
    use super::*;
    use crate::chat::page::Video;

    fn put(lane: &mut Lane, now: Instant, urgency: Urgency, job: Job) -> bool {
        lane.put(Waiting::new(job, urgency, now))
    }

    fn next(lane: &mut Lane, now: Instant) -> Option<Waiting> {
        let offer = lane.offers(now)?;
        lane.take(now, offer.urgency)
    }

    fn wakes(lane: &Lane, now: Instant) -> Option<Instant> {
        lane.wakes(now, |_| Some(now))
    }

    fn texts(lane: &mut Lane, now: Instant) -> Vec<String> {
        std::iter::from_fn(|| next(lane, now)).map(|waiting| waiting.job.text().to_owned()).collect()
    }

    #[test]
    fn an_alert_that_has_waited_is_overdue_and_a_panel_never_is() {
        let (mut alerts, mut panels, start) = (Lane::new(false), Lane::new(false), Instant::now());
        assert!(put(&mut alerts, start, Urgency::Alert, send("lost")));
        assert!(put(&mut panels, start, Urgency::Panel, send("panel")));
        let offer = |overdue, urgency| Some(Offer { overdue, urgency, turn: start });
        let soon = start + OVERDUE - Duration::from_millis(1);
        assert_eq!(alerts.offers(soon), offer(false, Urgency::Alert));
        assert_eq!(alerts.offers(start + OVERDUE), offer(true, Urgency::Alert));
        assert_eq!(panels.offers(start + OVERDUE * 10), offer(false, Urgency::Panel));
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
        let taken = next(&mut lane, now).unwrap();
        put(&mut lane, now, Urgency::Panel, edit(2, "newer"));
        lane.put_back(taken);
        assert_eq!(texts(&mut lane, now), ["new", "newer"]);
    }

    #[test]
    fn an_edit_that_stands_in_for_an_older_one_keeps_its_turn_and_a_deletion_ends_all() {
        let (mut lane, start) = (Lane::new(false), Instant::now());
        put(&mut lane, start, Urgency::Panel, edit(1, "old"));
        let later = start + WORTH;
        put(&mut lane, later, Urgency::Panel, edit(1, "new"));
        assert_eq!(lane.offers(later).map(|offer| offer.turn), Some(start), "in its turn, and not too old");
        put(&mut lane, later, Urgency::Alert, Job::Delete { message: 1 });
        assert!(matches!(next(&mut lane, later).unwrap().job, Job::Delete { message: 1 }));
        assert!(lane.is_empty(), "what is deleted is not edited");
    }

    #[test]
    fn a_message_that_has_not_left_is_corrected_where_it_waits() {
        let (mut lane, now) = (Lane::new(false), Instant::now());
        let letter = |number: u64, text: &str| Job::Send {
            post: Post { text: text.into(), topic: Some(7), ..Post::default() },
            letter: Some(number),
            done: None,
        };
        put(&mut lane, now, Urgency::Alert, letter(1, "a platform fell"));
        put(&mut lane, now, Urgency::Alert, letter(2, "another fell"));
        assert!(lane.correct(1, Some(Post { text: "it is back".into(), ..Post::default() })));
        assert!(lane.correct(2, None));
        assert!(!lane.correct(3, None));
        let waiting = next(&mut lane, now).unwrap();
        let Job::Send { post, .. } = &waiting.job else { panic!("{waiting:?}") };
        assert_eq!((post.text.as_str(), post.silent, post.topic), ("it is back", true, Some(7)));
        assert!(lane.is_empty());
        assert!(!lane.correct(1, None), "it has left");
    }

    #[test]
    fn a_group_that_was_muted_is_spoken_to_again_later_and_one_that_is_left_never() {
        let (mut lane, now) = (Lane::new(true), Instant::now());
        let muted = Duration::from_secs(600);
        put(&mut lane, now, Urgency::Alert, send("lost"));
        lane.shut(Some(now + muted));
        assert!(lane.is_empty() && !lane.speaks(now) && lane.speaks(now + muted));
        lane.shut(None);
        assert!(!lane.speaks(now + muted * 1_000));
        lane.open();
        assert!(lane.speaks(now));
    }

    #[test]
    fn a_film_holds_nothing_up_and_is_worth_half_a_minute() {
        let (mut lane, start) = (Lane::new(false), Instant::now());
        let film = || {
            let video = Video { file: "film".into(), width: 0, height: 0, seconds: 1 };
            Job::Send { post: Post { video: Some(video), ..Post::default() }, letter: None, done: None }
        };
        put(&mut lane, start, Urgency::Reply, film());
        put(&mut lane, start, Urgency::Reply, send("reply"));
        let waiting = next(&mut lane, start).unwrap();
        lane.begin(waiting.is_upload());
        assert!(lane.owes() && !lane.is_empty());
        assert_eq!(texts(&mut lane, start), ["reply"]);
        // Nor does it end a pause that was asked for meanwhile.
        lane.wait(start, Duration::from_secs(7));
        lane.end(waiting.is_upload());
        lane.relieved();
        assert!(lane.is_empty() && lane.rest(start) == start + Duration::from_secs(7));
        lane.put_back(waiting);
        assert!(next(&mut lane, start + NEW).is_none());
    }

    #[test]
    fn a_pause_holds_everything_and_ends() {
        let (mut lane, now) = (Lane::new(false), Instant::now());
        put(&mut lane, now, Urgency::Reply, send("a"));
        lane.wait(now, Duration::from_secs(7));
        assert!(next(&mut lane, now).is_none());
        assert_eq!(wakes(&lane, now), Some(now + Duration::from_secs(7)));
        lane.failed(now);
        lane.relieved();
        assert_eq!(wakes(&lane, now), Some(now + Duration::from_secs(7)), "other chats know nothing of that");
        assert!(next(&mut lane, now + Duration::from_secs(7)).is_some());
    }

    #[test]
    fn a_way_that_failed_is_given_time_until_it_is_open() {
        let (mut lane, now) = (Lane::new(false), Instant::now());
        put(&mut lane, now, Urgency::Reply, send("a"));
        for seconds in [1, 2, 4, 8, 16, 30, 30] {
            lane.failed(now);
            assert_eq!(wakes(&lane, now), Some(now + Duration::from_secs(seconds)));
        }
        lane.relieved();
        assert_eq!(wakes(&lane, now), Some(now));
        assert_eq!(lane.wakes(now, |_| None), None);
    }

    #[test]
    fn a_queue_is_bounded_and_old_jobs_are_dropped() {
        let (mut lane, now) = (Lane::new(false), Instant::now());
        let kept = (0..=MOST).filter(|i| put(&mut lane, now, Urgency::Alert, send(&i.to_string()))).count();
        assert_eq!(kept, MOST);
        assert_eq!(next(&mut lane, now).unwrap().job.text(), "1", "the oldest is lost");
        assert!(next(&mut lane, now + WORTH).is_none());
        assert!(lane.is_empty());
    }
}
