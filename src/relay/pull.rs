//! One connection to a server that a studio's source is fetched from: dials, plays, and reads into the studio's
//! [`Fanout`](crate::relay::fanout::Fanout) as a publisher's is read.

use crate::domain::pull::HEALTHY;
use crate::domain::rtmp_url::PushPoint;
use crate::domain::status::{Loss, PullFailure, PushFailure};
use crate::relay::dial::{Dialler, Seat};
use crate::relay::driver::{Inbox, Input};
use crate::relay::pace::Pacer;
use crate::relay::source::Publisher;
use crate::rtmp::SourceEnd;
use futures_util::FutureExt as _;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// From the first look-up to a stream that plays.
const ACCEPT: Duration = Duration::from_secs(30);
/// How long a server that plays may send nothing at first: many let players wait for an encoder. Then it is asked anew.
pub(super) const PATIENCE: Duration = HEALTHY;

/// What a fetch tells its driver.
pub(super) enum PullEvent {
    /// The server plays: who is to read it, unless that is not wanted any more?
    Accepted(oneshot::Sender<Publisher>),
    /// It is over, or never began.
    Ended(PullFailure),
}

/// One connection to be.
pub(super) struct Fetch {
    /// Its events carry this number.
    pub(super) connection: u64,
    /// Who is told.
    pub(super) driver: Inbox,
    pub(super) point: PushPoint,
    pub(super) dialler: Arc<Dialler>,
    pub(super) seat: Seat,
    pub(super) pacer: Arc<Pacer>,
}

impl Fetch {
    /// Runs until the stream ends. It dials when the host has room, at once when `hurry`'s sender is dropped.
    pub(super) async fn run(self, hurry: oneshot::Receiver<Infallible>) {
        let failure = AssertUnwindSafe(self.work(hurry)).catch_unwind().await.unwrap_or_else(|_| {
            tracing::error!("a pull panicked, a fault of Telecast's; it is made again");
            PullFailure::Lost(Loss::Internal)
        });
        self.tell(PullEvent::Ended(failure)).await;
    }

    async fn tell(&self, event: PullEvent) {
        // Without a driver the relay is closing.
        let _ = self.driver.send(Input::Pull(self.connection, event)).await;
    }

    async fn work(&self, hurry: oneshot::Receiver<Infallible>) -> PullFailure {
        self.pacer.wait(hurry).await;
        let source = match timeout(ACCEPT, self.dialler.play(&self.point, &self.seat)).await {
            Ok(Ok(source)) => source,
            Ok(Err(failure)) => return failure.into(),
            Err(_) => return PullFailure::Lost(Loss::Timeout),
        };
        let (give, publisher) = oneshot::channel();
        self.tell(PullEvent::Accepted(give)).await;
        let Ok(publisher) = publisher.await else { return PullFailure::Ended };
        match publisher.follow(source).await {
            Ok(()) | Err(SourceEnd::Clean) => PullFailure::Ended,
            Err(end) => PushFailure::from(end).into(),
        }
    }
}
