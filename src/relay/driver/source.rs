//! Where a studio's picture comes from: an encoder that publishes, else a server that is played from. The encoder always
//! has its way: a person who begins to publish means it, and what is fetched can be fetched again.

use super::{Driver, READ, SLEPT, now};
use crate::domain::broadcast::Event;
use crate::domain::pull::{self, Pull};
use crate::domain::rtmp_url::PushPoint;
use crate::domain::status::PullFailure;
use crate::domain::takeover::Verdict;
use crate::relay::Contested;
use crate::relay::fanout::Fanout;
use crate::relay::meter::Rate;
use crate::relay::pull::{Fetch, PATIENCE, PullEvent};
use crate::relay::report::ReportEvent;
use crate::relay::source::{Publisher, Seen, SourceEvent};
use crate::rtmp::Publish;
use crate::rtmp::transport::Stream;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

/// How long an encoder may take to send its first media.
const FIRST_MEDIA: Duration = Duration::from_secs(20);
/// A source that is silent for this long on an open connection counts as gone.
const SILENCE: Duration = Duration::from_secs(10);

/// The source at present.
pub(super) struct Source {
    pub(super) number: u64,
    pub(super) seen: Arc<Seen>,
    pub(super) rate: Rate,
    pub(super) kbps: u32,
    pub(super) up: bool,
    /// When to look whether it has fallen silent, unless it has.
    pub(super) listen_at: Option<Instant>,
    /// It is fetched, over the pull's connection of this number.
    pub(super) pulled: Option<u64>,
    /// Its task, which ends with it, and with that its connection.
    _task: AbortOnDropHandle<()>,
}

impl Source {
    /// It sent media, and has sent none for [`SILENCE`].
    fn is_silent(&self) -> bool {
        !self.up && self.listen_at.is_none()
    }

    /// When it last sent media to `fanout`, if it has sent any.
    fn last_media(&self, fanout: &Fanout) -> Option<Instant> {
        fanout.heard().map(Instant::from_std).filter(|heard| *heard >= self.seen.since)
    }
}

/// A source that is fetched.
pub(super) struct Fetched {
    point: PushPoint,
    pub(super) pull: Pull,
    /// Makes the connection, then reads it.
    task: Option<AbortOnDropHandle<()>>,
    /// As long as it is held, the connection is dialled when the host has room, and no earlier.
    patience: Option<oneshot::Sender<Infallible>>,
}

impl Driver {
    /// Whether somebody publishes here, or wants to.
    fn has_encoder(&self) -> bool {
        self.source.as_ref().is_some_and(|source| source.pulled.is_none())
    }

    pub(super) fn judge(&mut self, publish: Box<Publish<Stream>>) -> Option<Contested> {
        let encoder = self.source.as_ref().filter(|source| source.pulled.is_none());
        let last_media = encoder.and_then(|source| source.last_media(&self.fanout));
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
        let tracker = self.host.tracker.clone();
        self.begin_source(None, FIRST_MEDIA, |publisher| AbortOnDropHandle::new(tracker.spawn(publisher.run(publish))));
        self.tell_pull(pull::Event::Spared);
        self.show();
    }

    /// Another source follows, read by the task that `start` gives; the old one's ends. `first` is how long its first media
    /// may take.
    fn begin_source(
        &mut self,
        pulled: Option<u64>,
        first: Duration,
        start: impl FnOnce(Publisher) -> AbortOnDropHandle<()>,
    ) {
        let seen = Arc::new(Seen::new(Instant::now()));
        let number = self.fanout.begin_source();
        let task = start(Publisher {
            number,
            driver: self.inbox.clone(),
            fanout: Arc::clone(&self.fanout),
            seen: Arc::clone(&seen),
            gather: self.host.settings.gather,
            present: Arc::new(self.host.company.join()),
        });
        let listen_at = Some(Instant::now() + first);
        let rate = Rate::default();
        self.source = Some(Source { number, seen, rate, kbps: 0, up: false, listen_at, pulled, _task: task });
    }

    pub(super) fn heard(&mut self, event: SourceEvent) {
        match event {
            SourceEvent::Flows => self.flows(),
            SourceEvent::Gone { clean } => self.lose_source(clean),
        }
    }

    fn flows(&mut self) {
        let Some(source) = &mut self.source else { return };
        source.listen_at = Some(Instant::now() + SILENCE);
        let (comes_up, pulled) = (!source.up, source.pulled);
        source.up = true;
        self.look();
        self.fill();
        if comes_up {
            if let Some(connection) = pulled {
                self.tell_pull(pull::Event::Flows(connection));
            }
            self.tell(Event::SourceUp);
            self.report(ReportEvent::SourceUp);
        }
        // Its picture may have come behind its sound.
        self.bar_or_dial();
    }

    /// Looks whether the source has fallen silent, where it is time for that.
    pub(super) fn listen(&mut self) {
        let now = Instant::now();
        let Some(source) = &mut self.source else { return };
        let Some(due) = source.listen_at.filter(|at| *at <= now) else { return };
        let last = source.last_media(&self.fanout);
        let silent_at = last.map_or(due, |last| last + SILENCE);
        if silent_at > now || now > due + SLEPT {
            source.listen_at = Some(silent_at.max(now + READ));
            return;
        }
        source.listen_at = None;
        if let Some(connection) = source.pulled {
            // The server may have forgotten us: what is fetched is fetched anew.
            self.pull_ended(connection, PullFailure::Silent);
        } else if !source.up || self.pull.is_some() {
            // What never flowed is no source, and the place of one that is silent may be taken by what is fetched.
            tracing::info!("a silent publisher was closed");
            self.lose_source(false);
        } else {
            source.up = false;
            self.source_down(false);
        }
    }

    pub(super) fn lose_source(&mut self, clean: bool) {
        if let Some(source) = self.source.take() {
            self.fanout.lose_source();
            // Who sent nothing has nothing to end.
            self.source_down(clean && source.last_media(&self.fanout).is_some());
        }
        if self.broadcast.is_none() {
            self.forget_stream();
        }
        if self.source.is_none() {
            self.tell_pull(pull::Event::Wanted);
        }
        self.show();
    }

    fn source_down(&mut self, clean: bool) {
        // First the report that says how, then what comes of it.
        self.report(ReportEvent::SourceDown { clean });
        self.tell(Event::SourceDown { clean });
    }

    /// An encoder's deeds are its own; the rest is the pull's.
    pub(super) fn detach(&mut self) {
        if self.has_encoder() {
            self.lose_source(false);
        }
    }

    /// Fetches the broadcast's source from `point` from now on, or from nowhere.
    pub(super) fn set_pull(&mut self, point: Option<PushPoint>) {
        if self.broadcast.is_none() {
            return;
        }
        let first = self.end_pull();
        if let Some(point) = point {
            if self.source.as_ref().is_some_and(Source::is_silent) {
                self.lose_source(false);
            }
            self.pull = Some(Fetched { point, pull: Pull::new(first), task: None, patience: None });
            if !self.has_encoder() {
                self.tell_pull(pull::Event::Wanted);
                self.hurry_pull();
            }
        }
        self.show();
    }

    /// Ends the pull and its connection, if there are any; answers the number of its newest connection.
    pub(super) fn end_pull(&mut self) -> u64 {
        let newest = self.pull.take().map_or(self.pulls, |fetched| fetched.pull.connection());
        self.pulls = newest;
        if self.source.take_if(|source| source.pulled.is_some()).is_some() {
            self.fanout.lose_source();
            self.source_down(false);
        }
        newest
    }

    pub(super) fn retry_pull(&mut self) {
        self.tell_pull(pull::Event::Retry);
        self.hurry_pull();
    }

    /// Somebody waits for the connection: if it has not been dialled yet, it is at once.
    fn hurry_pull(&mut self) {
        if let Some(fetched) = &mut self.pull {
            fetched.patience = None;
        }
    }

    pub(super) fn pulled(&mut self, connection: u64, event: PullEvent) {
        let Some(fetched) = &mut self.pull else { return };
        if fetched.pull.connection() != connection {
            return;
        }
        match event {
            PullEvent::Accepted(publisher) => {
                let Some(task) = fetched.task.take() else { return };
                self.tell_pull(pull::Event::Accepted(connection));
                self.begin_source(Some(connection), PATIENCE, |read| {
                    // Who was to be told may have been closed this moment.
                    let _ = publisher.send(read);
                    task
                });
                self.show();
            }
            PullEvent::Ended(failure) => self.pull_ended(connection, failure),
        }
    }

    fn pull_ended(&mut self, connection: u64, failure: PullFailure) {
        if self.source.take_if(|source| source.pulled == Some(connection)).is_some() {
            self.fanout.lose_source();
            // Whether a person ended the stream there or its encoder was cut off cannot be told apart.
            self.source_down(false);
        }
        self.tell_pull(pull::Event::Ended(connection, failure));
        self.show();
    }

    /// Has the pull decide, if there is one.
    fn tell_pull(&mut self, event: pull::Event) {
        let Some(fetched) = &mut self.pull else { return };
        let before = fetched.pull.status();
        let action = fetched.pull.handle(now(), chance(), event);
        self.carry_out_pull(action);
        if self.pull.as_ref().is_some_and(|fetched| fetched.pull.status() != before) {
            self.show();
            self.report(ReportEvent::Pull);
        }
    }

    /// It is time for another attempt.
    pub(super) fn pull_due(&mut self) {
        let action = self.pull.as_mut().and_then(|fetched| fetched.pull.handle_timeout(now()));
        self.carry_out_pull(action);
        self.show();
        self.report(ReportEvent::Pull);
    }

    fn carry_out_pull(&mut self, action: Option<pull::Action>) {
        let Some(fetched) = &mut self.pull else { return };
        match action {
            Some(pull::Action::Dial(connection)) => {
                let (patience, hurry) = oneshot::channel();
                fetched.patience = Some(patience);
                let fetch = Fetch {
                    connection,
                    driver: self.inbox.clone(),
                    point: fetched.point.clone(),
                    dialler: Arc::clone(&self.host.dialler),
                    seat: self.host.dialler.seat(self.studio),
                    pacer: Arc::clone(&self.host.pacer),
                };
                fetched.task = Some(AbortOnDropHandle::new(self.host.tracker.spawn(fetch.run(hurry))));
            }
            Some(pull::Action::Close) => fetched.task = None,
            None => {}
        }
    }
}

/// A number in 0..1: jitter need not be secret, and without chance all pulls come at the same moments, which is no reason
/// not to make any.
fn chance() -> f64 {
    let mut random = [0; 4];
    let _ = getrandom::fill(&mut random);
    f64::from(u32::from_ne_bytes(random)) / (f64::from(u32::MAX) + 1.0)
}
