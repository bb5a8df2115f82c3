//! What buttons do. A button's data is an opaque number; what it stands for is kept here, bound to a chat, to a person
//! or whoever has the right, to a studio, and to a time. Bounded; a restart forgets it, which old buttons then say.

mod action;

pub(super) use action::{Action, Deed, DraftDeed, Errand, HostDeed, RecordingDeed, SourceDeed, WatchDeed, WeeklyDeed};

use crate::domain::id::{ChatId, StudioId, UserId};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// Buttons remembered at most.
const MOST: usize = 20_000;
/// Links remembered at most.
const MOST_TICKETS: usize = 1_000;
/// How long a button from before a restart works where its tap was not dealt with to the end.
pub(super) const TAPPED: Duration = Duration::from_secs(60);
/// How long a button works once more whose deed failed.
pub(super) const FAILED: Duration = Duration::from_secs(15 * 60);
/// How long a link to the private chat can be used.
const TICKET: Duration = Duration::from_secs(600);

/// Whose button it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Whose {
    /// One person's.
    Only(UserId),
    /// Anybody's in the chat; what it does judges them.
    Anybody,
}

/// What a button stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Entry {
    /// The chat that the button is in.
    pub(super) at: ChatId,
    pub(super) whose: Whose,
    /// The studio that is meant, where it is not that chat's own.
    pub(super) of: Option<StudioId>,
    pub(super) action: Action,
}

/// Why a tap does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Unknown, too old, or of another chat.
    Old,
    /// Somebody else's.
    NotYours,
}

/// A single-use way into the private chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    pub(super) user: UserId,
    pub(super) studio: StudioId,
    pub(super) errand: Errand,
}

/// Every button and link that is out.
#[derive(Debug, Default)]
pub(super) struct Menus {
    buttons: HashMap<String, (Entry, Instant)>,
    /// The same button drawn again keeps its number, so that an edit changes nothing.
    drawn: HashMap<Entry, String>,
    tickets: HashMap<String, (Ticket, Instant)>,
}

impl Menus {
    /// The data of a button that works for `time` from now on.
    pub(super) fn draw(&mut self, now: Instant, entry: Entry, time: Duration) -> String {
        let until = now + time;
        if let Some(number) = self.drawn.get(&entry)
            && let Some((_, known)) = self.buttons.get_mut(number)
            && *known > now
        {
            *known = until.max(*known);
            return number.clone();
        }
        if self.buttons.len() >= MOST {
            self.make_room(now);
        }
        let number = random();
        self.drawn.insert(entry.clone(), number.clone());
        self.buttons.insert(number.clone(), (entry, until));
        number
    }

    /// What the button that `user` tapped in `chat` stands for.
    pub(super) fn tapped(&mut self, now: Instant, number: &str, chat: ChatId, user: UserId) -> Result<Entry, Refusal> {
        let (entry, until) = self.buttons.get(number).ok_or(Refusal::Old)?;
        if *until <= now || entry.at != chat {
            return Err(Refusal::Old);
        }
        if matches!(entry.whose, Whose::Only(owner) if owner != user) {
            return Err(Refusal::NotYours);
        }
        let entry = entry.clone();
        if entry.action.works_once() {
            self.buttons.remove(number);
            self.drawn.remove(&entry);
        }
        Ok(entry)
    }

    /// A button whose tap may come once more, within `time`.
    pub(super) fn restore(&mut self, now: Instant, number: String, entry: Entry, time: Duration) {
        self.buttons.entry(number).or_insert((entry, now + time));
    }

    /// The payload of a link for one person, once.
    pub(super) fn ticket(&mut self, now: Instant, ticket: Ticket) -> String {
        self.tickets.retain(|_, (_, until)| *until > now);
        if self.tickets.len() >= MOST_TICKETS {
            self.tickets.clear();
        }
        let number = format!("t{}", random());
        self.tickets.insert(number.clone(), (ticket, now + TICKET));
        number
    }

    /// Uses a link up. Somebody else's stays as it is.
    pub(super) fn redeem(&mut self, now: Instant, number: &str, user: UserId) -> Option<Ticket> {
        let (ticket, until) = *self.tickets.get(number)?;
        if ticket.user != user {
            return None;
        }
        self.tickets.remove(number);
        (until > now).then_some(ticket)
    }

    /// Forgets what is over, and if that is not enough, the tenth that is over soonest.
    fn make_room(&mut self, now: Instant) {
        let mut ends: Vec<_> = self.buttons.values().map(|(_, until)| *until).collect();
        ends.sort_unstable();
        let bar = ends.get(MOST / 10).map_or(now, |tenth| now.max(*tenth));
        let buttons = &mut self.buttons;
        buttons.retain(|_, (_, until)| *until > bar);
        self.drawn.retain(|_, number| buttons.contains_key(number));
    }
}

/// 96 bits that nobody guesses, in 24 characters. Without a generator a number that no button has.
fn random() -> String {
    let mut bytes = [0u8; 12];
    if let Err(error) = getrandom::fill(&mut bytes) {
        tracing::error!(%error, "no random numbers: buttons do not work");
    }
    bytes.iter().fold(String::with_capacity(24), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
