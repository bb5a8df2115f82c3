//! Which messages tell of a trouble that is still on: when it is over they are made to say so, and when there is more to
//! say of it they make room. So a trouble is told by one message in each chat, whose buttons mean what they say.

use super::outbox::Letter;
use super::page::Page;
use crate::domain::id::{ChatId, StudioId, TargetId};
use crate::domain::monitor::Ailment;
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

/// Troubles remembered at most.
const MOST: usize = 4096;
/// Troubles that come within this time ring once: who looks at the first sees the others.
const TOGETHER: Duration = Duration::from_secs(60);

/// What is amiss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Matter {
    Source,
    Target(TargetId),
    Stream(Ailment),
}

/// A message that tells of it.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) letter: Letter,
    pub(super) page: Page,
    /// It calls somebody, who may mute it.
    pub(super) calls: bool,
}

impl Told {
    /// Its number, if it is sent by now.
    pub(super) fn number(&self) -> Option<i32> {
        self.letter.number_now()
    }
}

/// Every trouble that was told and is not over.
#[derive(Debug, Default)]
pub(super) struct Alerts {
    told: HashMap<(StudioId, Matter), Vec<Told>>,
    /// Studios whose show found nobody to call, which was said.
    alone: HashSet<StudioId>,
    /// When a chat was last rung for a studio.
    rung: HashMap<(StudioId, ChatId), Instant>,
}

impl Alerts {
    /// Whether what is to be told aloud makes a sound. Platforms that fall together ring once; that the picture is gone,
    /// or a question to be answered, rings always. Only a trouble stands for those after it: good news say nothing of them.
    pub(super) fn rings(&mut self, now: Instant, studio: StudioId, chat: ChatId, matter: Option<Matter>) -> bool {
        let last = self.rung.get(&(studio, chat));
        let lately = last.is_some_and(|last| now.saturating_duration_since(*last) < TOGETHER);
        let rings = !(lately && matches!(matter, Some(Matter::Target(_))));
        if rings && matter.is_some() {
            self.rung.insert((studio, chat), now);
        }
        rings
    }

    /// These messages tell of a trouble, instead of those that are answered.
    pub(super) fn note(&mut self, studio: StudioId, matter: Matter, told: Vec<Told>) -> Vec<Told> {
        if self.told.len() >= MOST {
            self.told.clear();
        }
        self.told.insert((studio, matter), told).unwrap_or_default()
    }

    /// The messages that tell of a trouble.
    pub(super) fn told(&self, studio: StudioId, matter: Matter) -> Vec<Told> {
        self.told.get(&(studio, matter)).cloned().unwrap_or_default()
    }

    /// What a message tells of, and the message.
    pub(super) fn find(&self, chat: ChatId, message: i32) -> Option<(StudioId, Matter, Told)> {
        self.told.iter().find_map(|((studio, matter), all)| {
            let told = all.iter().find(|told| told.letter.is(chat, message))?;
            Some((*studio, *matter, told.clone()))
        })
    }

    /// The trouble that was told last in a chat.
    pub(super) fn newest(&self, chat: ChatId) -> Option<(StudioId, Matter, Told)> {
        let all = self.told.iter().flat_map(|((studio, matter), all)| all.iter().map(|told| (*studio, *matter, told)));
        let here = all.filter(|(.., told)| told.letter.chat == chat && told.number().is_some());
        here.max_by_key(|(.., told)| told.number()).map(|(studio, matter, told)| (studio, matter, told.clone()))
    }

    /// The trouble is over: the messages that told of it.
    pub(super) fn over(&mut self, studio: StudioId, matter: Matter) -> Vec<Told> {
        self.told.remove(&(studio, matter)).unwrap_or_default()
    }

    /// A group is another chat now; its messages cannot be changed any more.
    pub(super) fn moved(&mut self, old: ChatId) {
        self.told.values_mut().for_each(|told| told.retain(|told| told.letter.chat != old));
    }

    /// Nobody could be called. Says whether that is news in this show.
    pub(super) fn is_alone(&mut self, studio: StudioId) -> bool {
        self.alone.insert(studio)
    }

    /// The show is over, and so is its trouble.
    pub(super) fn forget(&mut self, studio: StudioId) {
        self.told.retain(|(of, _), _| *of != studio);
        self.alone.remove(&studio);
        self.rung.retain(|(of, _), _| *of != studio);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_that_fall_together_ring_once_and_a_lost_picture_always() {
        let (mut alerts, start) = (Alerts::default(), Instant::now());
        let mut rings =
            |second, chat, matter| alerts.rings(start + Duration::from_secs(second), StudioId(1), ChatId(chat), matter);
        let target = |id| Some(Matter::Target(TargetId(id)));
        assert!(rings(0, 7, target(1)));
        assert!(!rings(0, 7, target(2)) && !rings(59, 7, target(3)));
        assert!(rings(59, 8, target(3)), "somebody else was not rung");
        assert!(rings(59, 7, Some(Matter::Source)) && rings(60, 7, None));
        assert!(!rings(100, 7, target(1)));
        assert!(rings(120, 7, target(1)));
        assert!(rings(300, 7, None) && rings(301, 7, target(1)), "after good news");
    }
}
