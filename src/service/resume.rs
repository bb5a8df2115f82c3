//! After a restart: what is stored is carried out again. A broadcast that stood still for longer than its hold might
//! surprise those who are seen by it, so that one goes on only when a person says so.

use super::{Notice, Service};
use crate::domain::broadcast::PAUSE;
use crate::store::{BroadcastRecord, Studio};
use std::time::{Duration, SystemTime};

/// However short a studio's hold, a restart may take this long.
const RESTART: Duration = Duration::from_secs(60);

/// What becomes of a stored broadcast.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// It goes on, and waits this long for its encoder.
    GoesOn { wait: Duration },
    /// A person is asked; nothing was sent since then.
    Asked { still_since: SystemTime },
    /// Its encoder never came in time.
    Over,
}

impl Service {
    /// Gives every stored broadcast to the relay. Once, when the process starts, before encoders are let in.
    pub async fn resume(&self) {
        for (id, record) in self.0.store.broadcasts() {
            let _show = self.show(id).await;
            let Some(studio) = self.0.store.studio(id) else { continue };
            if !self.is_let_in(&studio) {
                // Shut out, and the show's end was not saved any more.
                self.end_by_host(id).await;
                continue;
            }
            let started_by = record.started_by;
            match fate(SystemTime::now(), &studio, &record, self.0.settings.wait) {
                Fate::GoesOn { wait } => {
                    tracing::info!(studio = %id, "the broadcast goes on after a restart");
                    self.start_relay(&studio, &self.targets_of(id, &record), wait).await;
                }
                Fate::Asked { still_since } => self.tell(Notice::ResumeAsked { studio: id, started_by, still_since }),
                Fate::Over => {
                    self.note_end(id).await;
                    self.tell(Notice::WaitExpired { studio: id, started_by });
                }
            }
            self.tell(Notice::PanelChanged(id));
        }
        self.filled_again().await;
    }
}

fn fate(now: SystemTime, studio: &Studio, record: &BroadcastRecord, wait: Duration) -> Fate {
    // A clock that went back is no reason to end a show.
    let since = |then: SystemTime| now.duration_since(then).unwrap_or_default();
    match record.live_since {
        None => match wait.saturating_sub(since(record.started_at)) {
            Duration::ZERO => Fate::Over,
            wait => Fate::GoesOn { wait },
        },
        Some(live_since) => {
            let still_since = record.last_media.unwrap_or(live_since);
            if since(still_since) <= studio.hold.max(RESTART) {
                Fate::GoesOn { wait: studio.hold + PAUSE }
            } else {
                Fate::Asked { still_since }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{ChatId, StudioId, UserId};
    use crate::store::StudioKind;

    #[test]
    fn a_broadcast_goes_on_within_its_hold_and_asks_beyond() {
        let now = SystemTime::now();
        let ago = |seconds| now - Duration::from_secs(seconds);
        let studio = Studio::new(StudioId(1), ChatId(1), StudioKind::Private, String::new());
        let wait = Duration::from_secs(3600);
        let fate = |started, live, media| {
            let record = BroadcastRecord {
                started_by: UserId(1),
                started_at: ago(started),
                targets: Vec::new(),
                live_since: live,
                last_media: media,
            };
            super::fate(now, &studio, &record, wait)
        };
        assert_eq!(fate(600, None, None), Fate::GoesOn { wait: Duration::from_secs(3000) });
        assert_eq!(fate(3600, None, None), Fate::Over);
        assert_eq!(fate(9000, Some(ago(8000)), Some(ago(600))), Fate::GoesOn { wait: studio.hold + PAUSE });
        assert_eq!(fate(9000, Some(ago(8000)), Some(ago(601))), Fate::Asked { still_since: ago(601) });
        assert_eq!(
            fate(9000, Some(ago(8000)), Some(now + wait)),
            Fate::GoesOn { wait: studio.hold + PAUSE },
            "clock set back"
        );
    }
}
