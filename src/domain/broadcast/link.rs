//! One target within a broadcast: whether it is connected, and if not, when it is dialled again.

use crate::domain::backoff::{Backoff, Budget};
use crate::domain::status::{Loss, PushFailure, Seen, Sight, TargetState, TargetStatus};
use std::time::{Duration, Instant};

/// A connection that held this long was healthy: its loss begins the reconnect schedule anew.
const HEALTHY: Duration = Duration::from_secs(60);
/// An orderly close this soon after publish, on a key that never worked, is the server's way to say no.
const REFUSAL_BY_CLOSE: Duration = Duration::from_secs(35);
/// Refusals in a row after which a target counts as refused.
const REFUSALS: u8 = 3;
/// How often a refused target that once worked is tried.
const REFUSED_RETRY: Duration = Duration::from_secs(60);
/// For so long one is tried, as gently, whose owner may still have to press start there.
const OWNERS_TURN: Duration = Duration::from_secs(15 * 60);
/// A platform that took the key before may still hold the session that was cut; it is given this long to let go.
const STALE_SESSION: Duration = Duration::from_secs(5);
/// The pause before the next dial where two connections in a row stalled; twice as long with each one more. Each leaves
/// with a server that does not read what that will read late.
const STALLED_AGAIN: Duration = Duration::from_secs(10);
const STALLED_MOST: Duration = Duration::from_secs(60);

/// For so long it counts what a platform's page said; then nobody knows any more.
const SEEN_COUNTS: Duration = Duration::from_secs(10 * 60);

/// What a push tells of its connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PushEvent {
    /// `publish` is about to be sent.
    Publishing,
    /// The server accepted publish.
    Accepted,
    /// The first media was handed to the socket.
    MediaSent,
    /// The server acknowledged bytes after media.
    Acknowledged,
    /// Media was dropped.
    Slow,
    /// Nothing was dropped for a while.
    CaughtUp,
    /// The stream goes on in another codec: the connection was closed, for another one.
    CodecChanged,
    /// The server asked for another connection, which stands: the stream goes on there, from its next keyframe.
    Moving,
    /// The connection is gone, or never came.
    Failed(PushFailure),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Off,
    Waiting,
    Connecting,
    Accepted,
    Sending,
    RetryAt { at: Instant, attempt: u32 },
    Refused { retry_at: Option<Instant> },
}

/// What people are told apart; attempts within a reconnect are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Off,
    Waiting,
    Connecting,
    Accepted,
    Sending(Option<Sight>),
    OnAir,
    Slow,
    Reconnecting,
    Refused,
}

#[derive(Clone, Debug)]
pub(super) struct Link {
    settle: Duration,
    stage: Stage,
    /// The connection whose events count; events of older ones mean nothing.
    connection: u64,
    backoff: Backoff,
    budget: Budget,
    refusals: u8,
    /// Connections in a row that took nothing any more.
    stalls: u32,
    worked: bool,
    /// Its owner may still have to press start there.
    pub(super) owners_turn: bool,
    refused_since: Option<Instant>,
    published: Option<Instant>,
    up_since: Option<Instant>,
    /// Since when media has been taken without a drop.
    smooth_since: Option<Instant>,
    slow: bool,
    /// What the platform's page said last, and when.
    seen: Option<(Seen, Instant)>,
    accepted: u32,
    uptime: Duration,
    /// When a connection that stood was last cut off, by a target that had worked.
    fell: Option<Instant>,
    last_failure: Option<PushFailure>,
    told: Option<Told>,
}

impl Link {
    pub(super) fn new(settle: Duration) -> Self {
        Self {
            settle,
            stage: Stage::Waiting,
            connection: 0,
            backoff: Backoff::default(),
            budget: Budget::default(),
            refusals: 0,
            stalls: 0,
            worked: false,
            owners_turn: false,
            refused_since: None,
            published: None,
            up_since: None,
            smooth_since: None,
            slow: false,
            seen: None,
            accepted: 0,
            uptime: Duration::ZERO,
            fell: None,
            last_failure: None,
            told: None,
        }
    }

    /// A person set this target anew: what another key did counts no more, what was sent and how often the platform was asked
    /// does.
    pub(super) fn renew(&mut self, settle: Duration, same_key: bool) {
        let old = std::mem::replace(self, Self::new(settle));
        self.worked = old.worked && same_key;
        (self.budget, self.accepted, self.uptime, self.told) = (old.budget, old.accepted, old.uptime, old.told);
    }

    pub(super) fn open(&mut self, connection: u64) {
        self.connection = connection;
        self.stage = Stage::Connecting;
        self.published = None;
        (self.smooth_since, self.slow, self.seen) = (None, false, None);
    }

    /// The connection that stands or is being made.
    pub(super) fn connection(&self) -> Option<u64> {
        matches!(self.stage, Stage::Connecting | Stage::Accepted | Stage::Sending).then_some(self.connection)
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.stage == Stage::Waiting
    }

    /// Whether it was cut off, having worked, within the last `span`.
    pub(super) fn fell_within(&self, now: Instant, span: Duration) -> bool {
        self.fell.is_some_and(|fell| now.saturating_duration_since(fell) <= span)
    }

    pub(super) fn switch_off(&mut self, now: Instant) {
        self.lay_down(now);
        self.stage = Stage::Off;
    }

    /// The broadcast pauses: a link that was refused for good stays so until a person acts.
    pub(super) fn pause(&mut self, now: Instant) {
        self.lay_down(now);
        if !matches!(self.stage, Stage::Off | Stage::Refused { retry_at: None }) {
            self.stage = Stage::Waiting;
            self.backoff.reset();
        }
    }

    /// The connection is closed; its time counts.
    pub(super) fn lay_down(&mut self, now: Instant) {
        if let Some(since) = self.up_since.take() {
            self.uptime += now.saturating_duration_since(since);
        }
        (self.slow, self.seen, self.smooth_since) = (false, None, None);
    }

    /// A person asks for an attempt now, or as soon as there is something to send. False where there is nothing to try.
    pub(super) fn retry(&mut self) -> bool {
        let idle = matches!(self.stage, Stage::RetryAt { .. } | Stage::Refused { .. });
        if idle {
            (self.refusals, self.refused_since, self.stalls) = (0, None, 0);
            self.backoff.reset();
            self.stage = Stage::Waiting;
        }
        idle
    }

    pub(super) fn note_seen(&mut self, now: Instant, seen: Seen) {
        self.seen = Some((seen, now)).filter(|_| self.stage == Stage::Sending);
    }

    fn seen_until(&self) -> Option<Instant> {
        self.seen.as_ref().map(|(_, at)| *at + SEEN_COUNTS)
    }

    pub(super) fn heard(&mut self, now: Instant, event: &PushEvent) {
        match event {
            PushEvent::Publishing => {
                self.published = Some(now);
                self.budget.note(now);
            }
            PushEvent::Accepted if self.stage == Stage::Connecting => {
                self.stage = Stage::Accepted;
                self.up_since = Some(now);
                self.accepted = self.accepted.saturating_add(1);
            }
            PushEvent::MediaSent => self.smooth_since = Some(now),
            PushEvent::Acknowledged => self.settled(),
            PushEvent::Slow => (self.slow, self.smooth_since) = (true, None),
            PushEvent::CaughtUp => (self.slow, self.smooth_since) = (false, Some(now)),
            PushEvent::CodecChanged => {
                self.lay_down(now);
                self.stage = Stage::RetryAt { at: self.budget.earliest(now), attempt: 1 };
            }
            PushEvent::Moving => {
                self.lay_down(now);
                (self.stage, self.published) = (Stage::Connecting, None);
            }
            PushEvent::Accepted | PushEvent::Failed(_) => {}
        }
    }

    fn settled(&mut self) {
        if self.stage == Stage::Accepted {
            self.stage = Stage::Sending;
            self.worked = true;
            self.refusals = 0;
        }
    }

    pub(super) fn failed(&mut self, now: Instant, failure: &PushFailure, others_fell: bool, chance: f64) {
        if self.up_since.is_some_and(|since| now.saturating_duration_since(since) >= HEALTHY) {
            self.backoff.reset();
            self.stalls = 0;
        }
        if failure.is_foreseen() {
            return self.bar(now, failure.clone());
        }
        let after = self.published.map(|at| now.saturating_duration_since(at));
        let early = after.filter(|after| *after <= REFUSAL_BY_CLOSE && !self.worked && !others_fell);
        let failure = match (failure, early) {
            (PushFailure::Lost(Loss::Closed), Some(after)) => PushFailure::HungUp { after_s: after.as_secs() as u32 },
            (failure, _) => failure.clone(),
        };
        let refused = failure.is_refusal();
        self.refusals = if refused { self.refusals.saturating_add(1) } else { 0 };
        let stalled = failure == PushFailure::Lost(Loss::Stalled);
        self.stalls = if stalled { self.stalls.saturating_add(1) } else { 0 };
        self.lay_down(now);
        // Dials that come to nothing, and keys that never worked, say nothing of this host's network.
        if self.worked && matches!(self.stage, Stage::Accepted | Stage::Sending) {
            self.fell = Some(now);
        }
        self.last_failure = Some(failure);
        if self.refusals >= REFUSALS {
            let since = *self.refused_since.get_or_insert(now);
            let turn = self.owners_turn && now.saturating_duration_since(since) < OWNERS_TURN;
            self.stage = Stage::Refused { retry_at: (self.worked || turn).then(|| now + REFUSED_RETRY) };
            return;
        }
        let (attempt, mut delay) = self.backoff.next(now, chance);
        if refused && self.worked {
            delay = delay.max(STALE_SESSION);
        }
        if let Some(more) = self.stalls.checked_sub(2) {
            delay = delay.max((STALLED_AGAIN * 2_u32.saturating_pow(more.min(8))).min(STALLED_MOST));
        }
        self.stage = Stage::RetryAt { at: self.budget.earliest(now + delay), attempt };
    }

    /// Nothing is dialled before a person acts, or the stream is another.
    pub(super) fn bar(&mut self, now: Instant, failure: PushFailure) {
        self.lay_down(now);
        self.last_failure = Some(failure);
        self.stage = Stage::Refused { retry_at: None };
    }

    /// When [`Link::is_due`] or [`Link::age`] has something to do.
    pub(super) fn next_timeout(&self) -> Option<Instant> {
        match self.stage {
            Stage::RetryAt { at, .. } => Some(at),
            Stage::Refused { retry_at } => retry_at,
            Stage::Accepted => self.smooth_since.map(|since| since + self.settle),
            Stage::Sending => self.seen_until(),
            _ => None,
        }
    }

    /// Whether it must be dialled now.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        matches!(self.stage, Stage::RetryAt { .. } | Stage::Refused { .. })
            && self.next_timeout().is_some_and(|at| at <= now)
    }

    /// What time alone does: media counts as taken, what was seen counts no more.
    pub(super) fn age(&mut self, now: Instant) {
        if self.stage == Stage::Accepted && self.next_timeout().is_some_and(|at| at <= now) {
            self.settled();
        }
        if self.seen_until().is_some_and(|until| until <= now) {
            self.seen = None;
        }
    }

    fn sight(&self) -> Option<Sight> {
        self.seen.as_ref().map(|(seen, _)| seen.sight)
    }

    fn state(&self) -> TargetState {
        match self.stage {
            Stage::Off => TargetState::Off,
            Stage::Waiting => TargetState::Waiting,
            Stage::Connecting => TargetState::Connecting,
            Stage::Accepted | Stage::Sending if self.slow => TargetState::Slow,
            Stage::Accepted => TargetState::Accepted,
            Stage::Sending if self.sight() == Some(Sight::Live) => TargetState::OnAir,
            Stage::Sending => TargetState::Sending,
            Stage::RetryAt { at, attempt } => TargetState::Reconnecting { attempt, at },
            Stage::Refused { retry_at } => TargetState::Refused { retry_at },
        }
    }

    pub(super) fn status(&self, now: Instant) -> TargetStatus {
        TargetStatus {
            state: self.state(),
            seen: self.seen.as_ref().map(|(seen, _)| seen.clone()),
            kbps: 0,
            up_since: self.up_since,
            sent_bytes: 0,
            dropped_frames: 0,
            dropped_bytes: 0,
            reconnects: self.accepted.saturating_sub(1),
            uptime: self.uptime + self.up_since.map_or(Duration::ZERO, |up| now.saturating_duration_since(up)),
            last_failure: self.last_failure.clone(),
        }
    }

    /// The state, and the failure that led to it, if people have not been told yet.
    pub(super) fn news(&mut self) -> Option<(TargetState, Option<PushFailure>)> {
        let state = self.state();
        let told = match state {
            TargetState::Off => Told::Off,
            TargetState::Waiting => Told::Waiting,
            TargetState::Connecting if self.refusals >= REFUSALS => Told::Refused,
            TargetState::Connecting if self.last_failure.is_some() => Told::Reconnecting,
            TargetState::Connecting => Told::Connecting,
            TargetState::Accepted => Told::Accepted,
            TargetState::Sending => Told::Sending(self.sight()),
            TargetState::OnAir => Told::OnAir,
            TargetState::Slow => Told::Slow,
            TargetState::Reconnecting { .. } => Told::Reconnecting,
            TargetState::Refused { .. } => Told::Refused,
        };
        if self.told.replace(told) == Some(told) {
            return None;
        }
        let failure = matches!(told, Told::Reconnecting | Told::Refused).then(|| self.last_failure.clone()).flatten();
        Some((state, failure))
    }
}
