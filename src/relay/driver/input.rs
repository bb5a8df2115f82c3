//! What a driver is told.

use crate::domain::broadcast::{Event, PushEvent};
use crate::domain::id::TargetId;
use crate::domain::rtmp_url::PushPoint;
use crate::relay::Contested;
use crate::relay::fanout::Reader;
use crate::relay::pull::PullEvent;
use crate::relay::report::{Plan, PlannedTarget, Summary};
use crate::relay::source::SourceEvent;
use crate::rtmp::transport::Stream;
use crate::rtmp::{Play, Publish};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// Where a driver is told things.
pub(in crate::relay) type Inbox = mpsc::Sender<Input>;

/// See the module's head.
pub(in crate::relay) enum Input {
    /// False: there is a broadcast already.
    GoLive(Plan, oneshot::Sender<bool>),
    /// A publisher takes over, unless it is refused.
    Attach(Box<Publish<Stream>>, oneshot::Sender<Option<Contested>>),
    /// A player is let in, unless there is no room.
    Play(Box<Play<Stream>>, oneshot::Sender<Option<Box<Play<Stream>>>>),
    /// Somebody wants to see the stream, until it is over. `None`: there is none.
    Read(oneshot::Sender<Option<(Reader, CancellationToken)>>),
    /// `None`: there is no broadcast.
    Stop(oneshot::Sender<Option<Summary>>),
    Do(Deed, oneshot::Sender<()>),
    Source(u64, SourceEvent),
    Push(TargetId, u64, PushEvent),
    Pull(u64, PullEvent),
    /// A player is gone.
    Left,
}

/// What a driver is to do.
pub(in crate::relay) enum Deed {
    /// Nothing without a broadcast.
    SetTarget(PlannedTarget),
    /// The source is fetched from there from now on, or from nowhere. Nothing without a broadcast.
    SetPull(Option<PushPoint>),
    /// The source is dialled at once, where that is waited for.
    RetryPull,
    /// Has the broadcast decide, if there is one.
    Tell(Event),
    /// The encoder that publishes is cut off.
    Detach,
    /// Every player is cut off.
    CutViewers,
}
