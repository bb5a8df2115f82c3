//! Telling an audience where to watch: in which chats, what, and when that changes. Decides; sends nothing itself.
//!
//! Links are gathered for a moment, so that people read one message and not one for each platform. What was announced
//! stays announced until the end of the show, however often a platform falls and comes back.

use crate::domain::id::{ChatId, TargetId};
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime};

/// How long links are gathered before they are told.
pub const GATHER: Duration = Duration::from_secs(10);
/// Chats in which a studio announces its shows, at most.
pub const MOST_SPOTS: usize = 20;

/// A chat, or a topic of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Spot {
    /// A group or a channel.
    pub chat: ChatId,
    /// The topic of a group.
    #[serde(default)]
    pub topic: Option<i32>,
}

/// A place in which a studio announces its shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announces {
    /// Where.
    pub spot: Spot,
    /// What the chat is called. Untrusted.
    #[serde(default)]
    pub title: String,
}

/// A page to watch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Of which target; none for the studio's own page.
    pub target: Option<TargetId>,
    /// The target's name.
    pub name: String,
    /// The page.
    pub page: String,
}

/// A message that announces a show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posted {
    /// Where.
    pub spot: Spot,
    /// Its number; none where it is on its way, or could not be sent.
    pub message: Option<i32>,
    /// It says something else than what is told by now.
    #[serde(default)]
    stale: bool,
}

/// What was announced of one show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// When the show's first picture went out: which show it is.
    pub show: SystemTime,
    /// What is told, in the order in which it came on air.
    pub links: Vec<Link>,
    /// Where it is told.
    pub posted: Vec<Posted>,
    /// Since when there is something that was not told.
    #[serde(default)]
    changed: Option<SystemTime>,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Tell it there, as a new message.
    Post(Spot),
    /// This message tells more or less than it did.
    Edit(Spot, i32),
    /// This message says that the show is over.
    End(Spot, i32),
}

impl Announcement {
    /// Of a show that began at `show`, of which nothing was told.
    #[must_use]
    pub const fn new(show: SystemTime) -> Self {
        Self { show, links: Vec::new(), posted: Vec::new(), changed: None }
    }

    /// These links can be watched, of these targets that are part of the show; it is announced in `spots`. What is to be
    /// done now; nothing, as long as it is gathered.
    #[must_use]
    pub fn handle(&mut self, now: SystemTime, seen: &[Link], part: &[TargetId], spots: &[Spot]) -> Vec<Action> {
        let before = self.links.clone();
        let own = seen.iter().any(|link| link.target.is_none());
        self.links.retain(|link| link.target.map_or(own, |target| part.contains(&target)));
        for link in seen {
            match self.links.iter_mut().find(|known| known.target == link.target) {
                Some(known) => known.clone_from(link),
                None => self.links.push(link.clone()),
            }
        }
        if self.links != before {
            self.changed.get_or_insert(now);
        }
        let mut actions: Vec<_> = Vec::new();
        if self.changed.is_some_and(|since| now.duration_since(since).map_or(true, |age| age >= GATHER)) {
            self.changed = None;
            self.posted.iter_mut().for_each(|posted| posted.stale = true);
        }
        for posted in self.posted.iter_mut().filter(|posted| posted.stale) {
            // One on its way is changed once it has arrived.
            if let Some(message) = posted.message {
                posted.stale = false;
                actions.push(Action::Edit(posted.spot, message));
            }
        }
        if self.changed.is_none() && !self.links.is_empty() {
            let told = |spot: &Spot| self.posted.iter().any(|posted| posted.spot == *spot);
            let new: Vec<_> = spots.iter().copied().filter(|spot| !told(spot)).collect();
            self.posted.extend(new.iter().map(|spot| Posted { spot: *spot, message: None, stale: false }));
            actions.extend(new.into_iter().map(Action::Post));
        }
        // Where it is told no more, the message stays as it is until the end.
        actions
    }

    /// The show is over.
    #[must_use]
    pub fn end(&self) -> Vec<Action> {
        let told = self.posted.iter().filter_map(|posted| Some(Action::End(posted.spot, posted.message?)));
        told.collect()
    }

    /// A message was sent there.
    pub fn sent(&mut self, spot: Spot, message: i32) {
        if let Some(posted) = self.posted.iter_mut().find(|posted| posted.spot == spot) {
            posted.message = Some(message);
        }
    }

    /// After a start of the process: what was on its way then is told once more, since nobody knows whether it arrived.
    pub fn begin_anew(&mut self) {
        self.posted.retain(|posted| posted.message.is_some());
    }

    /// A group has another number.
    pub fn moved(&mut self, old: ChatId, new: ChatId) {
        // Messages of the old group cannot be changed any more.
        self.posted.iter_mut().filter(|posted| posted.spot.chat == old).for_each(|posted| {
            posted.spot.chat = new;
            posted.message = None;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: TargetId = TargetId(1);
    const B: TargetId = TargetId(2);
    const GROUP: Spot = Spot { chat: ChatId(-1), topic: None };
    const TOPIC: Spot = Spot { chat: ChatId(-1), topic: Some(4) };

    fn link(target: TargetId) -> Link {
        Link { target: Some(target), name: format!("{target}"), page: "https://example.com".into() }
    }

    fn at(second: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1000 + second)
    }

    #[test]
    fn links_are_gathered_told_once_in_each_place_and_then_edited() {
        let mut told = Announcement::new(at(0));
        let spots = [GROUP, TOPIC];
        assert_eq!(told.handle(at(0), &[], &[A, B], &spots), []);
        assert_eq!(told.handle(at(1), &[link(A)], &[A, B], &spots), []);
        assert_eq!(told.handle(at(10), &[link(A), link(B)], &[A, B], &spots), [], "B joins the first message");
        let posts = [Action::Post(GROUP), Action::Post(TOPIC)];
        assert_eq!(told.handle(at(11), &[link(A), link(B)], &[A, B], &spots), posts);
        assert_eq!(told.handle(at(12), &[link(A), link(B)], &[A, B], &spots), [], "on its way");
        told.sent(GROUP, 7);
        // A platform that falls for a moment is not taken back, one that was taken out is.
        assert_eq!(told.handle(at(20), &[link(B)], &[A, B], &spots), []);
        assert_eq!(told.handle(at(30), &[link(B)], &[B], &spots), []);
        assert_eq!(told.handle(at(40), &[link(B)], &[B], &spots), [Action::Edit(GROUP, 7)]);
        assert_eq!(told.links, [link(B)]);
        assert_eq!(told.end(), [Action::End(GROUP, 7)], "what was never sent is not edited");
    }

    #[test]
    fn what_changes_while_a_message_is_on_its_way_is_told_once_it_has_arrived() {
        let mut told = Announcement::new(at(0));
        let both = [link(A), link(B)];
        assert_eq!(told.handle(at(0), &[link(A)], &[A, B], &[GROUP, TOPIC]), []);
        let posts = [Action::Post(GROUP), Action::Post(TOPIC)];
        assert_eq!(told.handle(at(10), &[link(A)], &[A, B], &[GROUP, TOPIC]), posts);
        told.sent(TOPIC, 9);
        assert_eq!(told.handle(at(15), &both, &[A, B], &[GROUP, TOPIC]), []);
        assert_eq!(told.handle(at(25), &both, &[A, B], &[GROUP, TOPIC]), [Action::Edit(TOPIC, 9)]);
        // Telegram was slow for half a minute.
        told.sent(GROUP, 7);
        assert_eq!(told.handle(at(40), &both, &[A, B], &[GROUP, TOPIC]), [Action::Edit(GROUP, 7)]);
        assert_eq!(told.handle(at(42), &both, &[A, B], &[GROUP, TOPIC]), []);
    }

    #[test]
    fn a_place_that_comes_later_is_told_at_once_and_one_on_its_way_at_a_kill_again() {
        let mut told = Announcement::new(at(0));
        assert_eq!(told.handle(at(0), &[link(A)], &[A], &[GROUP]), []);
        assert_eq!(told.handle(at(10), &[link(A)], &[A], &[GROUP]), [Action::Post(GROUP)]);
        assert_eq!(told.handle(at(11), &[link(A)], &[A], &[GROUP, TOPIC]), [Action::Post(TOPIC)]);
        told.sent(TOPIC, 9);
        let kept = serde_json::to_string(&told).unwrap();
        let mut told: Announcement = serde_json::from_str(&kept).unwrap();
        told.begin_anew();
        assert_eq!(told.handle(at(20), &[], &[A], &[GROUP, TOPIC]), [Action::Post(GROUP)]);
        told.moved(GROUP.chat, ChatId(-100));
        assert_eq!(told.end(), [], "in the new group there is no such message");
    }
}
