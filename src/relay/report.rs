//! What goes into a broadcast and what it tells.

use crate::domain::id::{StudioId, TargetId};
use crate::domain::rtmp_url::PushPoint;
use crate::domain::status::{Ending, PushFailure, TargetState, TargetStatus};
use std::collections::BTreeMap;
use std::time::Duration;

/// A broadcast to come.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where it goes.
    pub targets: Vec<PlannedTarget>,
    /// How long the pushes are kept when the publisher is gone.
    pub hold: Duration,
    /// How long a first publisher is awaited.
    pub wait: Duration,
    /// Where its source is fetched from while no encoder publishes, if it is.
    pub pull: Option<PushPoint>,
}

/// One target of a plan.
#[derive(Clone, Debug)]
pub struct PlannedTarget {
    /// Its identity.
    pub id: TargetId,
    /// Server and key.
    pub point: PushPoint,
    /// How long it must take what is sent, without ever being too slow, to count as *sending* when its server
    /// acknowledges nothing: 15 s, Twitch 35 s.
    pub settle: Duration,
    /// Codecs of the picture that it takes, named as in [`VideoInfo`](crate::domain::status::VideoInfo); none: any. In
    /// another one nothing is sent.
    pub takes: Vec<&'static str>,
    /// Its owner must press start there before it takes anything: a refusal may only mean that.
    pub owners_turn: bool,
    /// Its key says that its time is over: it is not dialled.
    pub key_over: bool,
}

/// Something that happened in a studio.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Where.
    pub studio: StudioId,
    /// What.
    pub event: ReportEvent,
}

/// See [`Report`].
#[derive(Clone, Debug, PartialEq)]
pub enum ReportEvent {
    /// A publisher sends: its first picture's format is known, or it has sent media for 2 s.
    SourceUp,
    /// The publisher is gone.
    SourceDown {
        /// It ended its publish in order, as an encoder does when its user presses stop.
        clean: bool,
    },
    /// The broadcast is live for the first time.
    Live,
    /// The publisher is gone, the pushes are kept; again where one that had only fallen silent ends in order.
    Held {
        /// Its last picture cannot be repeated: targets get silence at most.
        sound_only: bool,
    },
    /// In 60 s hold runs out. Once in each hold that is longer than that.
    HoldEnding,
    /// The publisher is back.
    Resumed,
    /// Hold ran out, the pushes were closed.
    Paused,
    /// The source that is fetched changed its state.
    Pull,
    /// Players came or went.
    Viewers,
    /// A target changed its state.
    Target {
        /// Which.
        id: TargetId,
        /// Its state now.
        state: TargetState,
        /// Why, where its connection failed.
        failure: Option<PushFailure>,
    },
    /// No publisher came in time; the broadcast is over.
    WaitExpired(Summary),
    /// The broadcast is over, by command or by itself.
    Ended(Summary),
}

/// What a broadcast was.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// From its first picture to its end; zero if none came.
    pub live_for: Duration,
    /// Why it is over.
    pub ending: Ending,
    /// Every target that was ever part of it.
    pub targets: BTreeMap<TargetId, TargetStatus>,
}
