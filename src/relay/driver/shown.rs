//! What a driver tells: reports, and its studio's status.

use super::{Driver, LOOK, now};
use crate::domain::broadcast::{Broadcast, Change};
use crate::domain::status::StudioStatus;
use crate::relay::report::{Report, ReportEvent, Summary};
use tokio::time::Instant;

/// Reports that may wait; more would mean that nobody takes any.
const REPORTS: usize = 1024;

impl Driver {
    pub(super) fn event_of(&self, change: Change) -> ReportEvent {
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

    pub(super) fn summary(&self, broadcast: &Broadcast) -> Summary {
        let now = now();
        self.fanout.tell();
        let mut targets = broadcast.targets(now);
        for (id, status) in &mut targets {
            if let Some(lane) = self.lanes.get(id) {
                lane.fill(status);
            }
        }
        Summary { live_for: broadcast.live_for(now), ending: broadcast.ending(), targets }
    }

    pub(super) fn report(&mut self, event: ReportEvent) {
        if self.reports.len() >= REPORTS {
            tracing::error!(studio = %self.studio, "a report was lost: nobody follows the relay");
            return;
        }
        self.reports.push_back(Report { studio: self.studio, event });
    }

    /// Measures the rates and renews the status.
    pub(super) fn look(&mut self) {
        let now = Instant::now();
        self.look_at = now + LOOK;
        if let Some(source) = &mut self.source {
            source.kbps = source.rate.look(now, source.seen.bytes.get());
        }
        self.fanout.tell();
        for lane in self.lanes.values_mut() {
            lane.look(now);
        }
        self.show();
    }

    /// Renews the status.
    pub(super) fn show(&self) {
        let (phase, targets) = match &self.broadcast {
            Some(broadcast) => (broadcast.phase(), self.summary(broadcast).targets),
            None => Default::default(),
        };
        let up = self.source.as_ref().filter(|source| source.up);
        let source = up.map(|source| source.seen.status(source.kbps));
        let pull = self.pull.as_ref().map(|fetched| fetched.pull.status());
        self.shown.set(StudioStatus { phase, source, pull, viewers: self.viewers.count(), targets });
    }
}
