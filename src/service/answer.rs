//! What verbs give back. Typed, without words.

use super::panel::Panel;
use crate::domain::id::{ChatId, StudioId, TargetId, UserId};
use crate::domain::lang::Lang;
use crate::domain::rtmp_url::PushPoint;
use crate::domain::secret::{IngestKey, ReadKey};
use crate::domain::status::{Ending, PullFailure, PushFailure, TargetStatus};
use crate::domain::target::{Flaw, Target, TargetName};
use crate::platform::Refusal;
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime};

/// What came of a claim code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The person owns the instance from now on.
    Yours,
    /// The person owned it before.
    AlreadyYours,
    /// Wrong code, or somebody else was first.
    Wrong,
}

/// Who asks to be let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Applicant {
    /// A person.
    Person(UserId),
    /// A group.
    Group(ChatId),
}

/// What came of asking for access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The owner has been told.
    Told,
    /// The owner was told before.
    Before,
    /// The owner was told before, and said no.
    Declined,
    /// There is nothing to ask for.
    Approved,
}

/// What a group is when the bot has come into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// It may work at once: the owner brought the bot in, or approved the group before.
    Approved,
    /// It must be asked for, with [`Service::ask_access`](super::Service::ask_access).
    Stranger,
}

/// A target to be saved. Its key belongs to the caller.
#[derive(Clone, Debug)]
pub struct NewTarget {
    /// What it is called.
    pub name: TargetName,
    /// The catalogue's id, or `None` to have the platform recognised from the server and the key.
    pub platform: Option<String>,
    /// Server and key.
    pub point: PushPoint,
    /// Where people watch, or `None` to have it derived where the platform allows that.
    pub viewer_link: Option<String>,
    /// What a preflight found wrong with it.
    pub flaw: Option<Flaw>,
}

/// What a try that nobody sees found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Preflight {
    /// The server takes the connection. Whether it takes the key shows only in a broadcast.
    Reachable,
    /// It took the key, in a test that does not go on air.
    Accepted {
        /// The platform may notice a wrong key only half a minute later.
        may_notice_later: bool,
    },
    /// Nothing was tried: a show uses the key.
    Live,
    /// The server answers, and does not take the connection, in these words. The key was not asked for.
    Turned {
        /// Its words, untrusted.
        words: String,
    },
    /// It would not work now; saving it is still possible.
    Failed {
        /// How it failed.
        failure: PushFailure,
        /// What that means there, as far as it is known.
        meaning: Option<Refusal>,
    },
}

/// What a test of a target found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tested {
    /// What became of the try.
    pub found: Preflight,
    /// When its key says that it ends.
    pub key_ends: Option<SystemTime>,
}

/// A stream key that its owner lent to a studio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LentKey {
    /// To which studio.
    pub studio: StudioId,
    /// The studio's title.
    pub title: String,
    /// Whether that is somebody's private chat, not a group.
    pub personal: bool,
    /// The target that uses it.
    pub target: Target,
}

/// A URL that its owner had a studio's stream fetched from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LentPull {
    /// Which studio.
    pub studio: StudioId,
    /// The studio's title.
    pub title: String,
    /// Whether that is somebody's private chat, not a group.
    pub personal: bool,
    /// What may be shown of the URL.
    pub shown: String,
}

/// What [`Service::forget`](super::Service::forget) removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Targets that used the person's stream keys.
    pub targets: usize,
}

/// What to type into an encoder. The key is a secret of the person who asked: show it in private only.
#[derive(Clone, Debug)]
pub struct IngestAddress {
    /// `rtmp://…`
    pub server: String,
    /// `rtmps://…`, where the host has a certificate.
    pub tls_server: Option<String>,
    /// The stream key for the encoder.
    pub key: IngestKey,
}

/// What a page says that sets up a camera app. The key is a secret of the person who asked for the page.
#[derive(Clone, Debug)]
pub struct SetUp {
    /// `rtmps://…` where the host has a certificate, else `rtmp://…`.
    pub server: String,
    /// The stream key.
    pub key: IngestKey,
    /// The studio's title. Untrusted.
    pub studio: String,
    /// Whose words it is in.
    pub lang: Lang,
}

/// What a studio is played with. Whoever has the key can watch: show it in private only.
#[derive(Clone, Debug)]
pub struct PlayAddress {
    /// `rtmp://…`
    pub server: String,
    /// `rtmps://…`, where the host has a certificate.
    pub tls_server: Option<String>,
    /// What comes behind it.
    pub key: ReadKey,
}

/// What came of trying to fetch a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PullTrial {
    /// The server plays it, and it comes.
    Plays,
    /// It does not just now.
    Failed(PullFailure),
}

/// What came of /golive.
#[derive(Clone, Debug, PartialEq)]
pub enum GoLive {
    /// The encoder is there: it goes out now.
    Started(Panel),
    /// The encoder is awaited, and it starts when that comes.
    Waiting(Panel),
    /// There is a broadcast already.
    AlreadyLive {
        /// Which of the named targets were not part of it and now are.
        added: Vec<TargetId>,
        /// How it is.
        panel: Panel,
    },
    /// The studio has no target that is switched on, or none was named that exists.
    NoTargets,
    /// The key of each target says that its time is over. Nothing was started.
    KeysOver(Vec<Target>),
}

/// What came of /stoplive.
#[derive(Clone, Debug, PartialEq)]
pub enum StopLive {
    /// The broadcast is over.
    Stopped(ShowReport),
    /// Some targets were taken out, the others go on.
    Removed {
        /// Which.
        targets: Vec<TargetId>,
        /// How it is.
        panel: Box<Panel>,
    },
    /// There was none.
    NotLive,
}

/// What came of wanting a target tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retried {
    /// It is.
    Now,
    /// It will be: there is nothing to send at present.
    WithThePicture,
    /// It is no part of the broadcast, or switched off.
    Off,
    /// There is none.
    NotLive,
}

/// What came of wanting to be kept on air without a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeepHolding {
    /// The platforms are kept.
    Kept {
        /// From now on for so long.
        hold: Duration,
    },
    /// The encoder is back, so that there is nothing to hold.
    Live,
    /// Too late: the platforms are disconnected. A returning encoder resumes.
    Paused,
    /// Nothing is on air.
    NotLive,
}

/// What a broadcast was, at its end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShowReport {
    /// From its first picture to its end; zero when none came.
    pub live_for: Duration,
    /// Why it is over.
    pub ending: Ending,
    /// Every target that was part of it and still exists, in the studio's order.
    pub targets: Vec<TargetReport>,
}

/// One target in a [`ShowReport`].
#[derive(Clone, Debug, PartialEq)]
pub struct TargetReport {
    /// The target.
    pub target: Target,
    /// How it was at the end: uptime, reconnects, dropped frames, last failure.
    pub status: TargetStatus,
}
