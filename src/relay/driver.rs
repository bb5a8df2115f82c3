//! One studio's task: carries out what [`Broadcast`] decides, and keeps the studio's status.
//!
//! It waits for nothing but its inbox and the clock: sources and pushes are tasks of their own, and what is to be
//! reported lies in a queue until somebody takes it.

use crate::domain::broadcast::{Action, Broadcast, Change, Event, PushEvent};
use crate::domain::id::{StudioId, TargetId};
use crate::domain::status::{Phase, StudioStatus};
use crate::domain::takeover::{Takeovers, Verdict};
use crate::relay::fanout::Fanout;
use crate::relay::lane::Lane;
use crate::relay::meter::Rate;
use crate::relay::push::Push;
use crate::relay::report::{Plan, PlannedTarget, Report, ReportEvent, Summary};
use crate::relay::source::{Publisher, Seen, SourceEvent};
use crate::relay::{Contested, Host, Shown};
use crate::rtmp::Publish;
use crate::rtmp::transport::Stream;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use tokio_util::sync::{CancellationToken, DropGuard};

/// Where a driver is told things.
pub(super) type Inbox = mpsc::Sender<Input>;

/// How often rates are measured and the status is renewed.
const LOOK: Duration = Duration::from_secs(1);
/// Reports that may wait; more would mean that nobody takes any.
const REPORTS: usize = 1024;

/// What a driver is told.
pub(super) enum Input {
    /// False: there is a broadcast already.
    GoLive(Plan, oneshot::Sender<bool>),
    /// A publisher takes over, unless it is refused.
    Attach(Box<Publish<Stream>>, oneshot::Sender<Option<Contested>>),
    /// `None`: there is no broadcast.
    Stop(oneshot::Sender<Option<Summary>>),
    Do(Deed, oneshot::Sender<()>),
    Source(u64, SourceEvent),
    Push(TargetId, u64, PushEvent),
}

/// What a driver is to do.
pub(super) enum Deed {
    /// Nothing without a broadcast.
    SetTarget(PlannedTarget),
    /// Has the broadcast decide, if there is one.
    Tell(Event),
    /// The publisher is cut off.
    Detach,
}

/// See the module's head.
pub(super) struct Driver {
    studio: StudioId,
    host: Host,
    /// For those who are to tell this driver something.
    inbox: Inbox,
    shown: Arc<Shown>,
    fanout: Arc<Fanout>,
    source: Option<Source>,
    takeovers: Takeovers,
    broadcast: Option<Broadcast>,
    lanes: BTreeMap<TargetId, Lane>,
    /// When the log may want filling.
    fill_at: Option<Instant>,
    reports: VecDeque<Report>,
}

/// The publisher at present.
struct Source {
    number: u64,
    seen: Arc<Seen>,
    rate: Rate,
    kbps: u32,
    up: bool,
    /// Ends its task, and with it its connection.
    _close: DropGuard,
}

impl Driver {
    pub(super) fn new(studio: StudioId, host: Host, inbox: Inbox, shown: Arc<Shown>) -> Self {
        Self {
            studio,
            host,
            inbox,
            shown,
            fanout: Arc::default(),
            source: None,
            takeovers: Takeovers::default(),
            broadcast: None,
            lanes: BTreeMap::new(),
            fill_at: None,
            reports: VecDeque::new(),
        }
    }

    /// Drives until the relay's token is cancelled; then every connection is closed without a word.
    pub(super) async fn run(mut self, mut inputs: mpsc::Receiver<Input>) {
        let (token, reports) = (self.host.token.clone(), self.host.reports.clone());
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let due = self.broadcast.as_ref().and_then(Broadcast::next_timeout).map(Instant::from_std);
            tokio::select! {
                biased;
                () = token.cancelled() => return,
                Some(input) = inputs.recv() => self.take(input),
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    let actions = self.broadcast.as_mut().map(|broadcast| broadcast.handle_timeout(now()));
                    self.carry_out(actions.unwrap_or_default(), false);
                }
                () = sleep_until(self.fill_at.unwrap_or_else(Instant::now)), if self.fill_at.is_some() => self.fill(),
                _ = look.tick(), if self.source.is_some() || self.broadcast.is_some() => self.look(),
                Ok(permit) = reports.reserve(), if !self.reports.is_empty() => {
                    if let Some(report) = self.reports.pop_front() {
                        permit.send(report);
                    }
                }
            }
        }
    }

    /// Who asked is answered when the status shows what came of it. Nobody is offended if they no longer listen.
    fn take(&mut self, input: Input) {
        match input {
            Input::GoLive(plan, done) => drop(done.send(self.go_live(plan))),
            Input::Attach(publish, done) => drop(done.send(self.judge(publish))),
            Input::Stop(done) => drop(done.send(self.stop())),
            Input::Do(deed, done) => {
                match deed {
                    Deed::SetTarget(target) => self.set_target(target),
                    Deed::Tell(event) => {
                        if let Event::Retry(id) = event
                            && let Some(lane) = self.lanes.get_mut(&id)
                        {
                            lane.hurry();
                        }
                        self.tell(event);
                    }
                    Deed::Detach => self.lose_source(false),
                }
                let _ = done.send(());
            }
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
        let PlannedTarget { id, point, settle } = target;
        let lane = self.lanes.entry(id).or_insert_with(|| Lane::new(point.clone()));
        lane.point = point;
        self.tell(Event::SetTarget(id, settle));
    }

    fn judge(&mut self, publish: Box<Publish<Stream>>) -> Option<Contested> {
        let last_media = self.source.as_ref().and_then(|source| source.seen.last_media());
        match self.takeovers.judge(now(), last_media.map(Instant::into_std)) {
            Verdict::TakesOver => {
                self.attach(*publish);
                None
            }
            // Saying no takes time, and a driver has none.
            Verdict::Refused { news } => Some(Contested { publish, news }),
        }
    }

    fn attach(&mut self, publish: Publish<Stream>) {
        let (close, seen) = (CancellationToken::new(), Arc::new(Seen::new(Instant::now())));
        let publisher = Publisher {
            number: self.fanout.begin_source(),
            driver: self.inbox.clone(),
            fanout: Arc::clone(&self.fanout),
            seen: Arc::clone(&seen),
            gather: self.host.settings.gather,
        };
        // The old one's task ends with its guard.
        self.source = Some(Source {
            number: publisher.number,
            seen,
            rate: Rate::default(),
            kbps: 0,
            up: false,
            _close: close.clone().drop_guard(),
        });
        let token = self.host.token.clone();
        self.host.tracker.spawn(async move {
            tokio::select! {
                biased;
                () = close.cancelled() => {}
                () = token.cancelled() => {}
                () = publisher.run(publish) => {}
            }
        });
        self.show();
    }

    fn heard(&mut self, event: SourceEvent) {
        match event {
            SourceEvent::Up => {
                if let Some(source) = &mut self.source {
                    source.up = true;
                }
                self.look();
                self.tell(Event::SourceUp);
                self.report(ReportEvent::SourceUp);
            }
            SourceEvent::Silent => {
                if let Some(source) = &mut self.source {
                    source.up = false;
                }
                self.source_down(false);
            }
            SourceEvent::Gone { clean } => self.lose_source(clean),
        }
    }

    fn lose_source(&mut self, clean: bool) {
        if let Some(source) = self.source.take() {
            self.fanout.lose_source();
            // Who sent nothing has nothing to end.
            self.source_down(clean && source.seen.last_media().is_some());
        }
        if self.broadcast.is_none() {
            self.fanout.clear();
        }
        self.show();
    }

    fn source_down(&mut self, clean: bool) {
        // First the report that says how, then what comes of it.
        self.report(ReportEvent::SourceDown { clean });
        self.tell(Event::SourceDown { clean });
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
        let mut reports = Vec::new();
        for action in actions {
            match action {
                Action::OpenPush(id, connection) => self.open(id, connection, awaited),
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
            if self.source.is_none() {
                self.fanout.clear();
            }
        }
        // Whoever hears a report finds the status true to it.
        self.show();
        reports.into_iter().for_each(|event| self.report(event));
    }

    /// Feeds the targets in the publisher's absence.
    fn fill(&mut self) {
        self.fill_at = self.fanout.fill(now()).map(Instant::from_std);
    }

    fn open(&mut self, id: TargetId, connection: u64, awaited: bool) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        let push = Push {
            id,
            connection,
            driver: self.inbox.clone(),
            point: lane.point.clone(),
            dialler: Arc::clone(&self.host.dialler),
            pacer: Arc::clone(&self.host.pacer),
            fanout: Arc::clone(&self.fanout),
            meter: Arc::clone(&lane.meter),
        };
        self.host.tracker.spawn(push.run(lane.open(connection)));
        if awaited {
            lane.hurry();
        }
    }

    fn event_of(&self, change: Change) -> ReportEvent {
        let summary = || self.broadcast.as_ref().map(|broadcast| self.summary(broadcast)).unwrap_or_default();
        match change {
            Change::Live => ReportEvent::Live,
            Change::Held => ReportEvent::Held { sound_only: self.fanout.lacks_still() },
            Change::HoldEnding => ReportEvent::HoldEnding,
            Change::Resumed => ReportEvent::Resumed,
            Change::Paused => ReportEvent::Paused,
            Change::Target(id, state, failure) => ReportEvent::Target { id, state, failure },
            Change::WaitExpired => ReportEvent::WaitExpired(summary()),
            Change::Ended => ReportEvent::Ended(summary()),
        }
    }

    fn summary(&self, broadcast: &Broadcast) -> Summary {
        let now = now();
        let mut targets = broadcast.targets(now);
        for (id, status) in &mut targets {
            if let Some(lane) = self.lanes.get(id) {
                lane.fill(status);
            }
        }
        Summary { live_for: broadcast.live_for(now), targets }
    }

    fn report(&mut self, event: ReportEvent) {
        if self.reports.len() >= REPORTS {
            tracing::error!(studio = %self.studio, "a report was lost: nobody follows the relay");
            return;
        }
        self.reports.push_back(Report { studio: self.studio, event });
    }

    /// Measures the rates and renews the status.
    fn look(&mut self) {
        let now = Instant::now();
        if let Some(source) = &mut self.source {
            source.kbps = source.rate.look(now, source.seen.bytes.get());
        }
        for lane in self.lanes.values_mut() {
            lane.look(now);
        }
        self.show();
    }

    /// Renews the status.
    fn show(&self) {
        let (phase, targets) = match &self.broadcast {
            Some(broadcast) => (broadcast.phase(), self.summary(broadcast).targets),
            None => Default::default(),
        };
        let up = self.source.as_ref().filter(|source| source.up);
        let source = up.map(|source| source.seen.status(source.kbps));
        self.shown.set(StudioStatus { phase, source, targets });
    }
}

fn now() -> std::time::Instant {
    Instant::now().into_std()
}
