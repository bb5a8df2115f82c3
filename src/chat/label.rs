//! The short things that can be said: what buttons say, and the lines after a tap.

use super::said::Said;
use super::screen::No;
use super::screen::RecordingView;
use crate::domain::access::Policy;
use crate::domain::quota::Limit;
use std::time::Duration;

/// The passing line after a tap. At most 200 characters.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Toast {
    /// Nothing to say.
    Silent,
    OldMenu,
    /// What it would have saved is saved already, or forgotten.
    OldDraft,
    NotYourMenu,
    No(No),
    On(Said),
    Off(Said),
    Retrying {
        name: Said,
        /// Or with the picture, which is not there.
        now: bool,
    },
    /// Where a target stands now among the others.
    Place {
        name: Said,
        place: usize,
        count: usize,
    },
    KeptLive,
    Kept,
    /// There is a picture again, so that nothing need be kept.
    BackAlready,
    /// Too late to be kept.
    PausedAlready,
    NotLive,
    /// The source is dialled now.
    FetchingNow,
    Muted,
    Unmuted,
    /// The bot has no right to pin there yet.
    MayNotPin,
    /// The clip is there now.
    Posted(Said),
    NotPosted(Said),
}

/// What a button says: one line, alone or beside others ([`super::rows`]).
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Label {
    /// A name, as it is.
    Name(Said),
    /// A target of a list, with its switch.
    Target {
        name: Said,
        on: bool,
        /// Its last test failed.
        flawed: bool,
    },
    AddTarget,
    AddAnother,
    GoLive,
    StopNow,
    Stop,
    KeepLive,
    EndNow,
    KeepHolding,
    GoOn,
    Camera,
    Targets,
    Status,
    Look,
    LookAgain,
    Clip,
    ClipAgain,
    /// Post it there.
    PostIn(Said),
    Help,
    Language,
    /// A time to be chosen, and whether it is.
    Time {
        time: Duration,
        chosen: bool,
    },
    /// Who may operate.
    Operators,
    /// Which admins operate, and whether it is so.
    Policy {
        policy: Policy,
        chosen: bool,
    },
    /// Somebody, and whether they are a named operator.
    Operator {
        name: Said,
        named: bool,
    },
    Save,
    SaveAnyway,
    ChangeName,
    Cancel,
    TurnOn,
    TurnOff,
    TurnOffNamed(Said),
    Test,
    TestAll,
    Earlier,
    Later,
    NewKey,
    Rename,
    WatchLink,
    RemoveLink,
    Remove,
    Undo,
    Back,
    Previous,
    MorePlatforms,
    OtherServer,
    Next,
    RetryNow,
    RetryNamed(Said),
    Withdraw(Said),
    ForgetAll,
    /// So many wait to be let in.
    Requests(usize),
    AllStudios,
    Invites,
    /// An invitation for so many, for so long.
    InviteFor {
        uses: u32,
        lasts: Duration,
    },
    /// Takes an invitation back, by its number.
    Revoke(usize),
    CopyLink,
    OpenWatchPage,
    CloseWatchPage,
    NewWatchLink,
    /// Really.
    RenewWatchLink,
    Drain,
    /// New shows begin again.
    TakeShows,
    Refresh,
    Block,
    /// Changes this limit.
    LimitOf(Limit),
    /// Sets it; nothing: there is none.
    Limit {
        limit: Limit,
        value: Option<u32>,
        chosen: bool,
    },
    AskAccess,
    LetIn,
    Decline,
    RunNow,
    ProveAdmin,
    OpenPrivate,
    CopyServer,
    CopyUrl,
    CopyKey,
    Obs,
    Larix,
    TencentMeeting,
    ShowKey,
    /// Opens the page that sets up a camera app.
    SetUpCamera,
    RenewKey,
    RenewKeyNow,
    SetUpPrivately,
    PullFrom,
    LetPlay,
    OtherUrl,
    StopPull,
    Share,
    Unshare,
    RenewReadKey,
    FetchNow,
    OnDuty,
    OffDuty,
    /// Whether the panel is pinned during a show.
    Pin(bool),
    /// Whether shows are recorded.
    Record(bool),
    Recordings,
    Recording(RecordingView),
    SendHere,
    Download,
    Delete,
    Mute,
    Unmute,
    /// Announce this studio's shows.
    Announce(Said),
    /// Announce nothing there, or of them, any more.
    Unannounce(Said),
    Weekly,
    /// A day of the week, from Monday.
    Day(u8),
    /// A time of the day, in minutes.
    Clock(u16),
    /// The clock of a place, by its name in the time zone database.
    Zone(&'static str),
    NoWeekly,
    NewKeyNamed(Said),
    ToChannel,
    ToGroup,
    ToChats,
}
