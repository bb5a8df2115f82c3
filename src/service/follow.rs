//! What the relay reports: the store is kept true to it, and the front end is told what people should know.

use super::alerts::{Alert, Alerts};
use super::forewarn::MEASURED;
use super::stagehand::Stagehand;
use super::{Notice, Service, lock};
use crate::domain::id::StudioId;
use crate::domain::status::{Phase, TargetState};
use crate::domain::target::Target;
use crate::relay::report::{Report, ReportEvent, Summary};
use crate::store::BroadcastRecord;
use futures_util::FutureExt as _;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How often a live broadcast's record notes that media flows, so that a restart knows how long it stood still.
const NOTE_MEDIA: Duration = Duration::from_secs(30);

/// What following needs to remember.
struct Memory {
    alerts: Alerts,
    /// When the stream of a studio will have been measured.
    measured: BTreeMap<StudioId, Instant>,
    /// Studios whose last source ended in order.
    clean: BTreeSet<StudioId>,
    /// Those who stand beside streams, and who does what they have to do.
    beside: TaskTracker,
    hand: Stagehand,
}

impl Memory {
    fn new() -> Self {
        let (alerts, measured, clean, beside) = Default::default();
        Self { alerts, measured, clean, beside, hand: Stagehand::begin() }
    }
}

impl Service {
    /// Follows the relay until `token` is cancelled, then through what it had still reported.
    pub async fn follow(self, mut reports: mpsc::Receiver<Report>, token: CancellationToken) {
        let mut memory = Memory::new();
        let mut note = tokio::time::interval(NOTE_MEDIA);
        note.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let alert = memory.alerts.next_due().map(Instant::from_std);
            let due = alert.into_iter().chain(memory.measured.values().copied()).min();
            tokio::select! {
                biased;
                () = token.cancelled() => break,
                report = reports.recv() => match report {
                    Some(report) => self.survives(report, &mut memory).await,
                    None => break,
                },
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    for (studio, alert) in memory.alerts.due(now()) {
                        self.alert(studio, alert);
                    }
                    let now = Instant::now();
                    for (studio, _) in memory.measured.extract_if(.., |_, at| *at <= now) {
                        self.forewarn(studio);
                    }
                }
                _ = note.tick() => self.note_media().await,
            }
        }
        while let Ok(report) = reports.try_recv() {
            self.survives(report, &mut memory).await;
        }
        self.note_media().await;
        memory.beside.close();
        memory.beside.wait().await;
        memory.hand.end().await;
    }

    /// A fault of ours costs one report, not all that follow.
    async fn survives(&self, report: Report, memory: &mut Memory) {
        let studio = report.studio;
        if AssertUnwindSafe(self.heard(report, memory)).catch_unwind().await.is_err() {
            tracing::error!(%studio, "following the relay panicked, a fault of Telecast's; it goes on");
        }
    }

    async fn heard(&self, report: Report, memory: &mut Memory) {
        let studio = report.studio;
        let alerts = &mut memory.alerts;
        match report.event {
            ReportEvent::SourceUp => {
                memory.clean.remove(&studio);
                self.stand_by(studio, &memory.beside, memory.hand.jobs());
                self.source_up(studio);
                self.forewarn(studio);
                memory.measured.insert(studio, Instant::now() + MEASURED);
            }
            ReportEvent::SourceDown { clean } => {
                memory.measured.remove(&studio);
                if clean {
                    memory.clean.insert(studio);
                }
            }
            ReportEvent::Pull | ReportEvent::Viewers => {}
            ReportEvent::Live => self.live(studio).await,
            ReportEvent::Held { sound_only } => {
                if !alerts.is_held(studio) {
                    self.keep(studio, |record| record.last_media = Some(SystemTime::now())).await;
                }
                let alert = alerts.held(now(), studio, memory.clean.contains(&studio), sound_only);
                alert.into_iter().for_each(|alert| self.alert(studio, alert));
            }
            // However short the hold: that it ends says more than that it has begun.
            ReportEvent::HoldEnding => {
                alerts.source_told(studio);
                self.tell(Notice::HoldEnding { studio });
            }
            ReportEvent::Resumed => {
                self.keep(studio, |record| record.last_media = Some(SystemTime::now())).await;
                alerts.resumed(now(), studio).into_iter().for_each(|alert| self.alert(studio, alert));
            }
            ReportEvent::Paused => {
                alerts.source_told(studio);
                self.paused(studio);
            }
            ReportEvent::Target { id, state, failure } => {
                if matches!(state, TargetState::Sending | TargetState::OnAir) {
                    self.note_used(studio, id).await;
                }
                if matches!(state, TargetState::Sending | TargetState::OnAir) {
                    self.proved(studio, id).await;
                }
                let alert = alerts.target(now(), studio, id, &state, failure);
                alert.into_iter().for_each(|alert| self.alert(studio, alert));
            }
            ReportEvent::WaitExpired(summary) | ReportEvent::Ended(summary) => {
                alerts.ended(studio);
                lock(&self.0.forewarned).remove(&studio);
                self.clear_stage(studio, &memory.beside, memory.hand.jobs());
                self.ended(studio, summary).await;
            }
        }
        self.tell(Notice::PanelChanged(studio));
    }

    /// An encoder without a broadcast: somebody may want to go live.
    fn source_up(&self, studio: StudioId) {
        let status = self.0.relay.status(studio);
        let user = lock(&self.0.publishers).get(&studio).copied();
        if let (Phase::Idle, Some(source), Some(user)) = (status.phase, status.source, user) {
            self.tell(Notice::SourceSeen { studio, user, source });
        }
    }

    /// The platforms that had the picture are disconnected.
    fn paused(&self, studio: StudioId) {
        let status = self.0.relay.status(studio);
        let sent = |target: &Target| {
            let status = status.targets.get(&target.id);
            status.is_some_and(|status| status.state == TargetState::Waiting && !status.uptime.is_zero())
        };
        let ends = |target: &Target| self.0.catalogue.get_or_custom(&target.platform).new_video_after_drop;
        let (new, maybe): (Vec<_>, Vec<_>) = self.0.store.targets(studio).into_iter().filter(sent).partition(ends);
        let names = |targets: Vec<Target>| targets.into_iter().map(|target| target.name).collect();
        self.tell(Notice::Paused { studio, new_video: names(new), maybe_new_video: names(maybe) });
    }

    /// The first picture goes out; or the first after a restart, which is a return.
    async fn live(&self, studio: StudioId) {
        let now = SystemTime::now();
        let before = self.0.store.broadcast(studio);
        self.keep(studio, |record| {
            record.live_since.get_or_insert(now);
            record.last_media = Some(now);
        })
        .await;
        self.tell(match before.filter(|record| record.live_since.is_some()).and_then(|record| record.last_media) {
            Some(last) => Notice::Resumed { studio, after: now.duration_since(last).unwrap_or_default() },
            None => Notice::Live { studio },
        });
    }

    /// A broadcast is over: by a verb, which has removed its record and answered, or by itself.
    async fn ended(&self, studio: StudioId, summary: Summary) {
        let _show = self.show(studio).await;
        if self.was_answered(studio) {
            return;
        }
        // By the time this is heard, a new broadcast may be on: its record stays.
        let over = self.0.relay.phase(studio) == Phase::Idle;
        let record = self.0.store.broadcast(studio);
        if over {
            self.note_end(studio).await;
        }
        self.drained();
        self.tell(match record {
            Some(BroadcastRecord { live_since: None, started_by, .. }) if summary.live_for.is_zero() => {
                Notice::WaitExpired { studio, started_by }
            }
            record => Notice::Ended { studio, report: self.report(studio, record.as_ref(), summary) },
        });
    }

    fn was_answered(&self, studio: StudioId) -> bool {
        let mut answered = lock(&self.0.answered_ends);
        let Some(count) = answered.get_mut(&studio) else { return false };
        *count -= 1;
        if *count == 0 {
            answered.remove(&studio);
        }
        true
    }

    /// Changes the record of a studio's broadcast, if there is one.
    async fn keep(&self, studio: StudioId, change: impl FnOnce(&mut BroadcastRecord)) {
        let _show = self.show(studio).await;
        let Some(mut record) = self.0.store.broadcast(studio) else { return };
        change(&mut record);
        if let Err(error) = self.0.store.set_broadcast(studio, Some(record)).await {
            tracing::error!(%studio, %error, "the broadcast's record was not kept");
        }
    }

    async fn note_media(&self) {
        for (studio, _) in self.0.store.broadcasts() {
            if matches!(self.0.relay.phase(studio), Phase::Live { .. }) {
                self.keep(studio, |record| record.last_media = Some(SystemTime::now())).await;
            }
        }
    }

    fn alert(&self, studio: StudioId, alert: Alert) {
        let target_of = |target| self.0.store.target(studio, target);
        let notice = match alert {
            Alert::Held { clean, sound_only } => Some(Notice::Held { studio, clean, sound_only }),
            Alert::SourceUnstable => Some(Notice::SourceUnstable { studio }),
            Alert::Resumed { after } => Some(Notice::Resumed { studio, after }),
            Alert::Trouble(id, trouble) => target_of(id).map(|target| {
                let meaning = self.meaning(studio, &target, &trouble);
                Notice::TargetTrouble { studio, target: id, name: target.name, trouble, meaning }
            }),
            Alert::Recovered(id, after) => {
                target_of(id).map(|target| Notice::TargetRecovered { studio, target: id, name: target.name, after })
            }
        };
        notice.into_iter().for_each(|notice| self.tell(notice));
    }
}

fn now() -> std::time::Instant {
    Instant::now().into_std()
}
