//! A broadcast from /golive to its end, as a state machine: it decides, [`crate::relay`] carries out.
//! Knows no socket, no clock and no chance but its arguments.
//!
//! No broadcast is no [`Broadcast`]. Read [`Event`] and [`Action`], then [`Broadcast::handle`].

mod link;
mod state;

pub use link::PushEvent;

use crate::domain::id::TargetId;
use crate::domain::status::{Ending, Phase, PushFailure, Seen, TargetState, TargetStatus};
use link::Link;
use state::State;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long the pushes are kept after an encoder ended its publish in order.
const CLEAN_HOLD: Duration = Duration::from_secs(60);
/// How long before the pushes are closed people are asked whether to keep them.
const ASK_BEFORE: Duration = Duration::from_secs(60);
/// How long a paused broadcast can be resumed.
pub const PAUSE: Duration = Duration::from_secs(30 * 60);
/// Targets that fall together fall by our network's fault, not by their servers' wish.
const TOGETHER: Duration = Duration::from_secs(5);

/// What happens to a broadcast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The publisher sends media.
    SourceUp,
    /// The publisher is gone.
    SourceDown {
        /// It ended its publish in order.
        clean: bool,
    },
    /// A person wants the pushes kept without a publisher: from now on for the full time, also after a clean end.
    KeepHolding,
    /// A person sets how long the pushes are kept without a publisher; counts for a hold that has begun too.
    SetHold(Duration),
    /// A person ends the broadcast.
    Stop,
    /// A person adds a target, gives it another server or key, or switches it on.
    SetTarget {
        /// Which.
        id: TargetId,
        /// How long media must be taken without a drop to count as sent.
        settle: Duration,
        /// It has the key that it had in this broadcast, if it was part of it.
        same_key: bool,
    },
    /// A target's owner may still have to press start there: what it refuses is tried each minute for 15 min.
    OwnersTurn(TargetId),
    /// It is known already, before there is a picture, that a target takes nothing.
    Bar(TargetId, PushFailure),
    /// A person removes a target or switches it off.
    DropTarget(TargetId),
    /// A person wants another attempt now.
    Retry(TargetId),
    /// What the platform's public page says.
    Seen(TargetId, Seen),
    /// What connection number so-and-so of a target tells.
    Push(TargetId, u64, PushEvent),
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Connect a target; its events carry this number.
    OpenPush(TargetId, u64),
    /// Close a connection that was opened and has not failed.
    ClosePush {
        /// Whose.
        id: TargetId,
        /// Which.
        connection: u64,
        /// Whether the platform is told that the show is over.
        goodbye: bool,
    },
    /// Tell people.
    Report(Change),
}

/// What people are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The first picture goes out.
    Live,
    /// The publisher is gone, the pushes are kept. Once more where one that had only fallen silent ends in order.
    Held,
    /// In 60 s hold runs out and the broadcast is paused. Once in each hold, and only where that is longer than 60 s.
    HoldEnding,
    /// The publisher is back.
    Resumed,
    /// Hold ran out.
    Paused,
    /// A target changed.
    Target(TargetId, TargetState, Option<PushFailure>),
    /// No publisher came.
    WaitExpired,
    /// It is over.
    Ended,
}

/// One broadcast of one studio.
#[derive(Clone, Debug)]
pub struct Broadcast {
    state: State,
    hold: Duration,
    links: BTreeMap<TargetId, Link>,
    live_since: Option<Instant>,
    ended_at: Option<Instant>,
    ending: Ending,
    connections: u64,
    chance: u64,
    actions: Vec<Action>,
}

impl Broadcast {
    /// Begins to wait up to `wait` for a publisher; `hold` is how long its pushes are kept when it is lost.
    /// `seed` is chance. Follow with [`Event::SetTarget`]s, and with [`Event::SourceUp`] if the publisher is there.
    #[must_use]
    pub fn new(now: Instant, wait: Duration, hold: Duration, seed: u64) -> Self {
        Self {
            state: State::Waiting { until: now + wait },
            hold,
            links: BTreeMap::new(),
            live_since: None,
            ended_at: None,
            ending: Ending::Stopped,
            connections: 0,
            chance: seed,
            actions: Vec::new(),
        }
    }

    /// Applies one event. Total: an event that means nothing in this state yields no action.
    #[must_use]
    pub fn handle(&mut self, now: Instant, event: Event) -> Vec<Action> {
        match (self.state, event) {
            (State::Ended, _) => {}
            (State::Waiting { .. }, Event::SourceUp) => self.go_live(now),
            (State::Held { .. }, Event::SourceUp) => {
                self.state = State::Live;
                self.report(Change::Resumed);
            }
            (State::Paused { .. }, Event::SourceUp) => {
                self.state = State::Live;
                self.report(Change::Resumed);
                self.open_waiting();
            }
            (State::Live, Event::SourceDown { clean }) => self.lose_source(now, clean),
            // It had only fallen silent; now somebody has pressed stop there.
            (State::Held { clean: false, .. }, Event::SourceDown { clean: true }) => self.lose_source(now, true),
            (_, Event::SourceUp | Event::SourceDown { .. }) => {}
            (State::Held { .. }, Event::KeepHolding) => self.hold(now, now, false),
            (_, Event::KeepHolding) => {}
            (state, Event::SetHold(hold)) => {
                self.hold = hold;
                if let State::Held { since, clean, .. } = state {
                    self.hold(now, since, clean);
                }
            }
            (_, Event::Stop) => self.end(now, Change::Ended),
            (_, Event::SetTarget { id, settle, same_key }) => self.set_target(now, id, settle, same_key),
            (_, Event::OwnersTurn(id)) => {
                self.links.get_mut(&id).into_iter().for_each(|link| link.owners_turn = true);
            }
            (_, Event::Bar(id, failure)) => {
                if let Some(link) = self.links.get_mut(&id).filter(|link| link.is_waiting()) {
                    link.bar(now, failure);
                }
            }
            (_, Event::DropTarget(id)) => {
                self.close(id, true);
                if let Some(link) = self.links.get_mut(&id) {
                    link.switch_off(now);
                }
            }
            (state, Event::Retry(id)) => {
                let wanted = self.links.get_mut(&id).is_some_and(Link::retry);
                if wanted && state.pushes() {
                    self.open(id);
                }
            }
            (_, Event::Seen(id, seen)) => {
                if let Some(link) = self.links.get_mut(&id) {
                    link.note_seen(now, seen);
                }
            }
            (_, Event::Push(id, connection, event)) => self.heard(now, id, connection, &event),
        }
        self.drain()
    }

    /// Applies every deadline that has passed by `now`.
    #[must_use]
    pub fn handle_timeout(&mut self, now: Instant) -> Vec<Action> {
        match self.state {
            State::Waiting { until } if until <= now => self.end(now, Change::WaitExpired),
            State::Held { until, clean: true, .. } if until <= now => {
                self.ending = Ending::EncoderStopped;
                self.end(now, Change::Ended);
            }
            State::Paused { until } if until <= now => {
                self.ending = Ending::PictureLost;
                self.end(now, Change::Ended);
            }
            State::Held { until, clean: false, .. } if until <= now => self.pause(now),
            State::Held { since, until, clean, ask: Some(ask) } if ask <= now => {
                self.state = State::Held { since, until, clean, ask: None };
                self.report(Change::HoldEnding);
            }
            _ => {}
        }
        if self.state.pushes() {
            for id in self.ids() {
                if let Some(link) = self.links.get_mut(&id) {
                    link.age(now);
                    if link.is_due(now) {
                        self.open(id);
                    }
                }
            }
        }
        self.drain()
    }

    /// When [`Broadcast::handle_timeout`] is next due, if ever.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        let own = match self.state {
            State::Held { until, ask, .. } => Some(ask.unwrap_or(until)),
            State::Waiting { until } | State::Paused { until } => Some(until),
            State::Live | State::Ended => None,
        };
        let links = self.links.values().filter(|_| self.state.pushes()).filter_map(Link::next_timeout);
        links.chain(own).min()
    }

    /// Whether it is over for good.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.state == State::Ended
    }

    /// Where it is.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match (self.state, self.live_since) {
            (State::Waiting { until }, _) => Phase::Waiting { until },
            (State::Live, Some(since)) => Phase::Live { since },
            (State::Held { until, clean, .. }, Some(since)) => Phase::Held { since, until, clean },
            (State::Paused { until }, Some(since)) => Phase::Paused { since, until },
            (State::Ended, _) | (_, None) => Phase::Idle,
        }
    }

    /// Time since its first picture, until its end.
    #[must_use]
    pub fn live_for(&self, now: Instant) -> Duration {
        let end = self.ended_at.unwrap_or(now);
        self.live_since.map_or(Duration::ZERO, |since| end.saturating_duration_since(since))
    }

    /// Why it is over, once it is.
    #[must_use]
    pub const fn ending(&self) -> Ending {
        self.ending
    }

    /// Every target that was ever part of it. What was counted in bytes is not known here.
    #[must_use]
    pub fn targets(&self, now: Instant) -> BTreeMap<TargetId, TargetStatus> {
        self.links.iter().map(|(id, link)| (*id, link.status(now))).collect()
    }

    fn go_live(&mut self, now: Instant) {
        self.state = State::Live;
        self.live_since = Some(now);
        self.report(Change::Live);
        self.open_waiting();
    }

    fn lose_source(&mut self, now: Instant, clean: bool) {
        self.hold(now, now, clean);
        self.report(Change::Held);
    }

    /// Holds from `since` on. Who ended in order meant it, and is asked when they do; where less than a minute is left,
    /// whoever set it so knows.
    fn hold(&mut self, now: Instant, since: Instant, clean: bool) {
        let until = since + if clean { CLEAN_HOLD.min(self.hold) } else { self.hold };
        let ask = (!clean && until.saturating_duration_since(now) > ASK_BEFORE).then(|| until - ASK_BEFORE);
        self.state = State::Held { since, until, clean, ask };
    }

    fn pause(&mut self, now: Instant) {
        self.state = State::Paused { until: now + PAUSE };
        for id in self.ids() {
            self.close(id, false);
        }
        self.links.values_mut().for_each(|link| link.pause(now));
        self.report(Change::Paused);
    }

    fn end(&mut self, now: Instant, change: Change) {
        for id in self.ids() {
            self.close(id, true);
        }
        self.links.values_mut().for_each(|link| link.lay_down(now));
        self.state = State::Ended;
        self.ended_at = Some(now);
        self.report(change);
    }

    fn set_target(&mut self, now: Instant, id: TargetId, settle: Duration, same_key: bool) {
        self.close(id, true);
        let link = self.links.entry(id).or_insert_with(|| Link::new(settle));
        link.lay_down(now);
        link.renew(settle, same_key);
        if self.state.pushes() {
            self.open(id);
        }
    }

    fn heard(&mut self, now: Instant, id: TargetId, connection: u64, event: &PushEvent) {
        let chance = self.draw();
        let others_fell = self.links.iter().any(|(other, link)| *other != id && link.fell_within(now, TOGETHER));
        let Some(link) = self.links.get_mut(&id).filter(|link| link.connection() == Some(connection)) else {
            return;
        };
        match event {
            PushEvent::Failed(failure) => link.failed(now, failure, others_fell, chance),
            event => link.heard(now, event),
        }
        // No fault of the target's: it waits for nothing but its budget.
        if *event == PushEvent::CodecChanged && link.is_due(now) {
            self.open(id);
        }
    }

    fn open_waiting(&mut self) {
        for id in self.ids() {
            if self.links.get(&id).is_some_and(Link::is_waiting) {
                self.open(id);
            }
        }
    }

    fn open(&mut self, id: TargetId) {
        if let Some(link) = self.links.get_mut(&id) {
            self.connections += 1;
            link.open(self.connections);
            self.actions.push(Action::OpenPush(id, self.connections));
        }
    }

    fn close(&mut self, id: TargetId, goodbye: bool) {
        if let Some(connection) = self.links.get(&id).and_then(Link::connection) {
            self.actions.push(Action::ClosePush { id, connection, goodbye });
        }
    }

    fn ids(&self) -> Vec<TargetId> {
        self.links.keys().copied().collect()
    }

    fn report(&mut self, change: Change) {
        self.actions.push(Action::Report(change));
    }

    fn drain(&mut self) -> Vec<Action> {
        if self.state != State::Ended {
            for (id, link) in &mut self.links {
                if let Some((state, failure)) = link.news() {
                    self.actions.push(Action::Report(Change::Target(*id, state, failure)));
                }
            }
        }
        std::mem::take(&mut self.actions)
    }

    /// A number in 0..1 (SplitMix64): jitter need not be secret.
    fn draw(&mut self) -> f64 {
        self.chance = self.chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.chance;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z >> 40) as f64 / (1_u64 << 24) as f64
    }
}
