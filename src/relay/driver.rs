//! One studio's task: carries out what [`Broadcast`] decides, and keeps the studio's status.
//!
//! It waits for nothing but its inbox and the clock: sources and pushes are tasks of their own, and what is to be
//! reported lies in a queue until somebody takes it.

mod input;
mod shown;
mod source;

pub(super) use input::{Deed, Inbox, Input};

use crate::domain::broadcast::{Action, Broadcast, Event, PushEvent};
use crate::domain::id::{StudioId, TargetId};
use crate::domain::status::{Phase, PushFailure};
use crate::domain::takeover::Takeovers;
use crate::relay::fanout::Fanout;
use crate::relay::lane::Lane;
use crate::relay::push::Push;
use crate::relay::report::{Plan, PlannedTarget, Report, ReportEvent, Summary};
use crate::relay::viewer::Viewers;
use crate::relay::{Host, Shown};
use source::{Fetched, Source};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// How often rates are measured and the status is renewed where no media flows; where it does, whenever that is told.
const LOOK: Duration = Duration::from_secs(1);
/// It may be so much earlier, so as not to be woken twice.
const EARLY: Duration = Duration::from_millis(100);

/// Who does something so much later than it was due has been asleep, with the host or for want of processor time.
const SLEPT: Duration = Duration::from_millis(500);
/// How long it may take then until everything has been read that came.
const READ: Duration = Duration::from_millis(100);

/// See the module's head.
pub(super) struct Driver {
    studio: StudioId,
    host: Host,
    /// For those who are to tell this driver something.
    inbox: Inbox,
    shown: Arc<Shown>,
    fanout: Arc<Fanout>,
    /// Cancelled when the stream is over that the fan-out holds.
    stream: CancellationToken,
    source: Option<Source>,
    /// Where the broadcast's source is fetched from, if it is.
    pull: Option<Fetched>,
    /// The number of the newest connection of all pulls.
    pulls: u64,
    takeovers: Takeovers,
    viewers: Viewers,
    broadcast: Option<Broadcast>,
    lanes: BTreeMap<TargetId, Lane>,
    /// When the log may want filling.
    fill_at: Option<Instant>,
    /// When to look next, while anybody sends or is to be sent to.
    look_at: Instant,
    reports: VecDeque<Report>,
}

impl Driver {
    pub(super) fn new(studio: StudioId, host: Host, inbox: Inbox, shown: Arc<Shown>) -> Self {
        Self {
            studio,
            fanout: Arc::new(Fanout::within(&host.memory)),
            stream: host.token.child_token(),
            host,
            inbox,
            shown,
            source: None,
            pull: None,
            pulls: 0,
            takeovers: Takeovers::default(),
            viewers: Viewers::default(),
            broadcast: None,
            lanes: BTreeMap::new(),
            fill_at: None,
            look_at: Instant::now(),
            reports: VecDeque::new(),
        }
    }

    /// Drives until the relay's token is cancelled; then every connection is closed without a word.
    pub(super) async fn run(mut self, mut inputs: mpsc::Receiver<Input>) {
        let (token, reports) = (self.host.token.clone(), self.host.reports.clone());
        loop {
            let due = self.next_timeout();
            tokio::select! {
                biased;
                () = token.cancelled() => return,
                Some(input) = inputs.recv() => self.take(input),
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => self.handle_timeout(),
                Ok(permit) = reports.reserve(), if !self.reports.is_empty() => {
                    if let Some(report) = self.reports.pop_front() {
                        permit.send(report);
                    }
                }
            }
        }
    }

    /// When something is to be done, unless something happens before.
    fn next_timeout(&self) -> Option<Instant> {
        let broadcast = self.broadcast.as_ref().and_then(Broadcast::next_timeout).map(Instant::from_std);
        let pull = self.pull.as_ref().and_then(|fetched| fetched.pull.next_timeout()).map(Instant::from_std);
        let look = (self.source.is_some() || self.broadcast.is_some()).then_some(self.look_at);
        let listen = self.source.as_ref().and_then(|source| source.listen_at);
        [broadcast, pull, self.fill_at, look, listen].into_iter().flatten().min()
    }

    fn handle_timeout(&mut self) {
        let now = Instant::now();
        let due = |at: Option<std::time::Instant>| at.is_some_and(|at| at <= now.into_std());
        if due(self.broadcast.as_ref().and_then(Broadcast::next_timeout)) {
            let actions = self.broadcast.as_mut().map(|broadcast| broadcast.handle_timeout(now.into_std()));
            self.carry_out(actions.unwrap_or_default(), false);
        }
        if due(self.pull.as_ref().and_then(|fetched| fetched.pull.next_timeout())) {
            self.pull_due();
        }
        self.listen();
        if self.look_at <= now + EARLY {
            self.look();
        }
        // Asked at each look, it is next due right before the next one, which then is early.
        self.fill();
    }

    /// Who asked is answered when the status shows what came of it. Nobody is offended if they no longer listen.
    fn take(&mut self, input: Input) {
        match input {
            Input::GoLive(plan, done) => drop(done.send(self.go_live(plan))),
            Input::Attach(publish, done) => drop(done.send(self.judge(publish))),
            Input::Stop(done) => drop(done.send(self.stop())),
            Input::Play(play, done) => {
                let refused = self.viewers.let_in(play, &self.fanout, &self.inbox, &self.host);
                self.show();
                let _ = done.send(refused);
                self.report(ReportEvent::Viewers);
            }
            Input::Read(done) => {
                let flows = self.source.is_some() || self.broadcast.is_some();
                let _ = done.send(flows.then(|| (self.fanout.join(), self.stream.clone())));
            }
            Input::Left => {
                self.show();
                self.report(ReportEvent::Viewers);
            }
            Input::Do(deed, done) => {
                self.carry(deed);
                let _ = done.send(());
            }
            Input::Pull(connection, event) => self.pulled(connection, event),
            Input::Source(number, event) => {
                if self.source.as_ref().is_some_and(|source| source.number == number) {
                    self.heard(event);
                }
            }
            Input::Push(id, connection, event) => {
                if matches!(event, PushEvent::Failed(_) | PushEvent::CodecChanged)
                    && let Some(lane) = self.lanes.get_mut(&id)
                {
                    lane.failed(connection);
                }
                self.tell(Event::Push(id, connection, event));
            }
        }
    }

    fn carry(&mut self, deed: Deed) {
        match deed {
            Deed::SetTarget(target) => self.set_target(target),
            Deed::SetPull(point) => self.set_pull(point),
            Deed::RetryPull => self.retry_pull(),
            Deed::Tell(event) => {
                if let Event::Retry(id) = event
                    && let Some(lane) = self.lanes.get_mut(&id)
                {
                    lane.hurry();
                }
                self.tell(event);
            }
            Deed::Detach => self.detach(),
            Deed::CutViewers => self.viewers.cut(),
        }
    }

    fn go_live(&mut self, plan: Plan) -> bool {
        if self.broadcast.is_some() {
            return false;
        }
        let mut seed = [0; 8];
        // Without chance, all studios' reconnects come at the same moments, which is no reason not to go live.
        let _ = getrandom::fill(&mut seed);
        self.broadcast = Some(Broadcast::new(now(), plan.wait, plan.hold, u64::from_ne_bytes(seed)));
        plan.targets.into_iter().for_each(|target| self.set_target(target));
        if self.source.as_ref().is_some_and(|source| source.up) {
            self.tell(Event::SourceUp);
        }
        self.set_pull(plan.pull);
        self.show();
        true
    }

    fn stop(&mut self) -> Option<Summary> {
        let actions = self.broadcast.as_mut()?.handle(now(), Event::Stop);
        let summary = self.broadcast.as_ref().map(|broadcast| self.summary(broadcast));
        self.carry_out(actions, true);
        summary
    }

    fn set_target(&mut self, target: PlannedTarget) {
        if self.broadcast.is_none() {
            return;
        }
        let PlannedTarget { id, point, settle, takes, owners_turn, key_over } = target;
        let lane = self.lanes.entry(id).or_insert_with(|| Lane::new(point.clone()));
        let same_key = lane.point.has_key_of(&point);
        (lane.point, lane.takes, lane.key_over) = (point, takes, key_over);
        self.tell(Event::SetTarget { id, settle, same_key });
        if owners_turn {
            self.tell(Event::OwnersTurn(id));
        }
        if key_over {
            self.tell(Event::Bar(id, PushFailure::KeyOver));
        }
    }

    /// Has the broadcast decide, if there is one.
    fn tell(&mut self, event: Event) {
        let actions = self.broadcast.as_mut().map(|broadcast| broadcast.handle(now(), event));
        self.carry_out(actions.unwrap_or_default(), true);
    }

    /// `awaited`: something happened that people wait for, it is not merely time for another attempt.
    fn carry_out(&mut self, actions: Vec<Action>, awaited: bool) {
        let phase = self.broadcast.as_ref().map(Broadcast::phase).unwrap_or_default();
        self.fanout.feed(matches!(phase, Phase::Live { .. } | Phase::Held { .. }));
        self.fill();
        let (mut reports, mut barred) = (Vec::new(), Vec::new());
        let codec = self.source.as_ref().and_then(|source| source.seen.codec());
        for action in actions {
            match action {
                Action::OpenPush(id, connection) => match self.lanes.get_mut(&id).and_then(|lane| lane.bar(codec)) {
                    Some(failure) => barred.push(Event::Push(id, connection, PushEvent::Failed(failure))),
                    None => self.open(id, connection, awaited),
                },
                Action::ClosePush { id, connection, goodbye } => {
                    if let Some(lane) = self.lanes.get_mut(&id) {
                        lane.close(connection, goodbye);
                    }
                }
                Action::Report(change) => reports.push(self.event_of(change)),
            }
        }
        if self.broadcast.as_ref().is_some_and(Broadcast::has_ended) {
            self.broadcast = None;
            self.lanes.clear();
            // Nobody publishes for who watches after the show.
            self.end_pull();
            if self.source.is_none() {
                self.forget_stream();
            }
        }
        // Whoever hears a report finds the status true to it.
        self.show();
        reports.into_iter().for_each(|event| self.report(event));
        barred.into_iter().for_each(|event| self.tell(event));
    }

    /// What pictures the source sends may be known only now: who did not take the last one's and takes these is dialled, and
    /// who was dialled for the sound and does not take them is left.
    fn bar_or_dial(&mut self) {
        let codec = self.source.as_ref().and_then(|source| source.seen.codec());
        let sorted = self.lanes.iter_mut().filter_map(|(id, lane)| {
            let was_barred = lane.is_barred();
            match lane.bar(codec) {
                None if was_barred => Some(Event::Retry(*id)),
                Some(failure @ PushFailure::Codec(_)) => {
                    let connection = lane.leave()?;
                    Some(Event::Push(*id, connection, PushEvent::Failed(failure)))
                }
                _ => None,
            }
        });
        let sorted: Vec<_> = sorted.collect();
        sorted.into_iter().for_each(|event| self.tell(event));
    }

    /// Feeds the targets in the publisher's absence.
    fn fill(&mut self) {
        let now = Instant::now();
        let slept = self.fill_at.is_some_and(|at| now > at + SLEPT);
        // What the publisher sent meanwhile has yet to be read: nobody has been silent.
        self.fill_at = if slept { Some(now + READ) } else { self.fanout.fill(now.into_std()).map(Instant::from_std) };
    }

    fn open(&mut self, id: TargetId, connection: u64, awaited: bool) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        let push = Push {
            id,
            connection,
            driver: self.inbox.clone(),
            point: lane.point.clone(),
            dialler: Arc::clone(&self.host.dialler),
            seat: self.host.dialler.seat(self.studio),
            pacer: Arc::clone(&self.host.pacer),
            fanout: Arc::clone(&self.fanout),
            meter: Arc::clone(&lane.meter),
        };
        self.host.tracker.spawn(push.run(lane.open(connection)));
        if awaited {
            lane.hurry();
        }
    }

    /// Nobody sends, and nobody is sent to: players are told that the stream is over, and the next one begins anew.
    fn forget_stream(&mut self) {
        self.viewers.cut();
        std::mem::replace(&mut self.stream, self.host.token.child_token()).cancel();
        self.fanout = Arc::new(self.fanout.renewed());
    }
}

fn now() -> std::time::Instant {
    Instant::now().into_std()
}
