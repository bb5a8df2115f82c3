//! Tasks and channels that move packets from one publisher to many targets. Knows nothing of chats, people
//! or stored things; decides nothing itself: [`crate::domain::broadcast`] decides.
//!
//! Read [`Relay`] first, then [`report::ReportEvent`].

pub mod dial;
pub mod edge;
pub mod fanout;
pub mod gate;
pub mod ingest;
pub mod ledger;
pub mod log;
pub mod report;

use crate::domain::id::{StudioId, TargetId};
use crate::domain::status::StudioStatus;
use dial::Dialler;
use edge as rtmp;
use report::{Plan, PlannedTarget, Report, Summary};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What the host sets for every broadcast.
#[derive(Clone, Copy, Debug)]
pub struct RelaySettings {
    /// How long writes to targets are gathered; zero writes at once. Headers and first frames never wait.
    pub gather: Duration,
}

impl Default for RelaySettings {
    fn default() -> Self {
        Self { gather: Duration::from_millis(20) }
    }
}

/// Every studio's relay: a handle, cheap to clone.
///
/// Cancelling its token closes every connection **without** saying goodbye: only the end of a broadcast does.
#[derive(Clone)]
pub struct Relay {
    _dialler: Arc<Dialler>,
    _settings: RelaySettings,
    _tracker: TaskTracker,
    _token: CancellationToken,
}

impl Relay {
    /// A relay without studios; they come with their first use. Everything worth telling arrives at the receiver,
    /// which should be drained all the time; the relay itself never waits for it.
    #[must_use]
    pub fn new(
        dialler: Arc<Dialler>,
        settings: RelaySettings,
        tracker: TaskTracker,
        token: CancellationToken,
    ) -> (Self, mpsc::Receiver<Report>) {
        let (_, receiver) = mpsc::channel(64);
        (Self { _dialler: dialler, _settings: settings, _tracker: tracker, _token: token }, receiver)
    }

    /// Begins a broadcast: at once if the studio's publisher is there, else when it comes. False: there is one already.
    pub async fn go_live(&self, _studio: StudioId, _plan: Plan) -> bool {
        false
    }

    /// Ends the broadcast; every push says goodbye. `None`: there is none.
    pub async fn stop(&self, _studio: StudioId) -> Option<Summary> {
        None
    }

    /// Adds a target to the broadcast, re-keys it, or switches it on. No other target notices. Nothing without a broadcast.
    pub async fn set_target(&self, _studio: StudioId, _target: PlannedTarget) {}

    /// Takes a target out of the broadcast: it says goodbye and stays in the status as off.
    pub async fn drop_target(&self, _studio: StudioId, _target: TargetId) {}

    /// A person asks for another attempt now: never refused, nothing where the target is connected.
    pub async fn retry(&self, _studio: StudioId, _target: TargetId) {}

    /// What the platform's public page says.
    pub async fn note_on_air(&self, _studio: StudioId, _target: TargetId, _on_air: bool) {}

    /// Accepts `publish` and makes it the studio's source; an older source is closed.
    pub async fn attach(&self, _studio: StudioId, _publish: rtmp::Publish<rtmp::Stream>) {}

    /// Cuts the studio's source off.
    pub async fn detach(&self, _studio: StudioId) {}

    /// How the studio is, at most a second old. Never waits.
    #[must_use]
    pub fn status(&self, _studio: StudioId) -> StudioStatus {
        StudioStatus::default()
    }
}
