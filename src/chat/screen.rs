//! Everything that Telecast can say, without words: `text` has those, in each language, by exhaustive matches, so that
//! no language can lack one.

mod adding;
mod announce;
mod change;
mod host;
mod keys;
mod look;
mod recordings;
mod sources;
mod target;
mod watch;
mod weekly;

pub(super) use adding::{About, Add, Check, Expiry, NoteView, OddKey, PasteFaultView, Press, Understood};
pub(super) use announce::Announce;
pub(super) use change::ChangeView;
pub(super) use host::{Host, InviteLine, Overview, StudioLine};
pub(super) use keys::{Keys, Lent};
pub(super) use look::LookView;
pub(super) use recordings::{RecordingView, RecordingsView, Way};
pub(super) use sources::{Played, PullCheck, Pulled};
pub(super) use target::{Checked, Detail, Row, ServerRow, Target};
pub(super) use watch::WatchView;
pub(super) use weekly::WeeklyView;

use super::advice::{CautionView, Meaning};
use super::label::Toast;
use super::said::Said;
use super::view::{FailureView, LinkView, PanelView, ReportView, SourceView};
use crate::domain::access::Policy;
use crate::domain::monitor::Finding;
use crate::domain::quota::Denied;
use crate::domain::status::LoginFault;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// One message.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Screen {
    Hello(Hello),
    Group(Group),
    Access(Access),
    Add(Add),
    Target(Target),
    Keys(Keys),
    Ingest(Ingest),
    Pulled(Pulled),
    Played(Played),
    Settings(Settings),
    Operators(OperatorsView),
    Host(Host),
    Show(Show),
    Look(LookView),
    Watch(WatchView),
    Announce(Announce),
    Weekly(WeeklyView),
    Recordings(RecordingsView),
    Panel(PanelView),
    News(News),
    No(No),
}

/// First contact and what is about the chat itself.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Hello {
    /// /start: what it is, how it is, and what comes next.
    Welcome {
        targets: usize,
        /// A stream comes in.
        camera: bool,
        /// A show is on; whether viewers have something to see.
        show: Option<bool>,
        /// Whose server it is, to who is told of that for the first time.
        host: Option<Said>,
    },
    /// Whose server it is, before somebody gives a key there.
    Server(Said),
    /// What was typed is no command.
    NotUnderstood,
    Claimed,
    AlreadyOwner,
    ClaimWrong,
    /// A `?start=` link that is used up, old, or somebody else's.
    LinkExpired,
    Help,
    GroupHelp,
    Language,
    LanguageSet,
    Cancelled,
    NothingToCancel,
    /// A command from before the bot was away.
    Late {
        command: &'static str,
        minutes: u64,
    },
    /// A button that may have been tapped while the bot was away, so many minutes ago at most.
    LateTap {
        label: Option<Said>,
        minutes: u64,
    },
}

/// What is said in groups only.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Group {
    Hello,
    Stranger {
        asked: bool,
    },
    /// This goes on in the private chat.
    AddInPrivate,
    IngestInPrivate,
    KeysInPrivate,
    /// Somebody posted a key for all to see.
    KeyPosted {
        deleted: bool,
    },
    /// An anonymous admin must show who they are.
    ProveAdmin,
}

/// What a studio is set to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Settings {
    /// How long the platforms are kept without a picture; zero: not at all.
    pub(super) hold: Duration,
    /// Which admins operate, where it is a group's.
    pub(super) operators: Option<Policy>,
}

/// Who operates a group's studio.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct OperatorsView {
    pub(super) policy: Policy,
    /// The named ones that others may know.
    pub(super) named: Vec<Said>,
}

/// Who is let in.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Access {
    Asked,
    AskedBefore,
    /// There is nothing to ask for.
    LetIn,
    /// To the owner.
    Question {
        name: Said,
        group: bool,
    },
    Answered {
        name: Said,
        yes: bool,
    },
    /// To who asked.
    Welcome,
    Declined,
    /// An invitation that is used up, over, or none.
    InviteOver,
}

/// What an encoder is given.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ingest {
    /// In the words of one encoder.
    Address {
        encoder: Encoder,
        server: Said,
        tls_server: Option<Said>,
        key: Said,
        studio: Option<Said>,
        renewed: bool,
    },
    /// The key in clear, for a minute.
    Key {
        key: Said,
        url: Said,
    },
    RenewAsk,
}

/// Whose words are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Encoder {
    Obs,
    Larix,
    TencentMeeting,
}

/// /golive, /stoplive, /links.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Show {
    NoTargets,
    KeysOver {
        names: Vec<Said>,
    },
    AllOff,
    UnknownNames {
        names: Vec<Said>,
        known: Vec<Said>,
    },
    StopAsk {
        targets: Vec<Said>,
        live_for: Option<Duration>,
        studio: Option<Said>,
    },
    /// What a toast would say, to who typed instead of tapping.
    Said(Toast),
    Report(ReportView),
    TakenOut {
        targets: Vec<Said>,
    },
    /// What was to be taken out of the show is no part of it.
    NotInIt {
        targets: Vec<Said>,
    },
    NotLive,
    Links {
        links: Vec<LinkView>,
        live: bool,
    },
    NoLinks,
}

/// What is told without being asked. `studio`: the group that it is about, where it is told elsewhere. A paused show
/// goes on as a new video on the platforms `new`, and perhaps on those of `maybe`. `HeldPulled`: the picture is tried to
/// be fetched.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum News {
    SourceSeen {
        source: SourceView,
        studio: Option<Said>,
    },
    Held {
        clean: bool,
        hold: Duration,
        sound_only: bool,
        studio: Option<Said>,
    },
    SourceUnstable {
        studio: Option<Said>,
    },
    HeldPulled {
        hold: Duration,
        sound_only: bool,
        studio: Option<Said>,
    },
    Kept {
        hold: Duration,
        studio: Option<Said>,
    },
    /// The show is not recorded any more.
    NotRecorded {
        full: bool,
        studio: Option<Said>,
    },
    HoldEnding {
        hold: Duration,
        studio: Option<Said>,
    },
    Resumed {
        after: Duration,
        studio: Option<Said>,
    },
    Paused {
        left: Duration,
        new: Vec<Said>,
        maybe: Vec<Said>,
        studio: Option<Said>,
    },
    Trouble {
        name: Said,
        trouble: TroubleView,
        meaning: Option<Meaning>,
        /// Another platform is on air.
        others: bool,
        studio: Option<Said>,
    },
    Recovered {
        name: Said,
        after: Duration,
        studio: Option<Said>,
    },
    /// What is found of the stream itself.
    Stream {
        finding: Finding,
        studio: Option<Said>,
    },
    Withdrawn {
        name: Said,
        by: Option<Said>,
        /// See `Trouble`.
        others: bool,
    },
    LostRight {
        who: Option<Said>,
        cut: bool,
    },
    /// To the person themselves.
    YourRightLost {
        cut: bool,
        studio: Option<Said>,
    },
    /// The bot was thrown out of a group with a show: to who started that.
    ThrownOut {
        studio: Option<Said>,
    },
    /// To the person themselves: they are on duty, or no more.
    OnDuty {
        on: bool,
        studio: Option<Said>,
    },
    /// What must be done could be told to nobody in private.
    NobodyCalled,
    /// The bot may not speak any more where it announced shows.
    NotAnnounced {
        place: Said,
    },
    Changed {
        who: Option<Said>,
        change: ChangeView,
    },
    Forewarned {
        cautions: Vec<CautionView>,
        studio: Option<Said>,
    },
    StaleKey {
        studio: Option<Said>,
    },
    Contested {
        studio: Option<Said>,
    },
    WaitExpired {
        studio: Option<Said>,
    },
    Ended {
        report: ReportView,
    },
    EndedByHost {
        report: ReportView,
    },
    ResumeAsked {
        still: Duration,
        studio: Option<Said>,
    },
}

/// What a target does wrong.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TroubleView {
    Refused { words: Said },
    Login(LoginFault),
    Codec(&'static str),
    KeyOver,
    Lost(Option<FailureView>),
    Slow,
    Unstable(Option<FailureView>),
}

/// Why something was not done.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum No {
    Unclaimed,
    Private {
        asked: bool,
    },
    AdminsOnly,
    /// An admin, but not one of those who operate.
    OperatorsOnly(Policy),
    /// Only who may say who is an admin.
    AppointersOnly,
    /// The bot was thrown out of the group.
    OutOfGroup,
    OwnerOnly,
    /// The host, or what it lets the studio use, stands against a show.
    Denied(Denied),
    UnknownTarget,
    NotYours,
    Store,
    /// A fault of ours.
    Broken,
    /// Telegram did not say who the admins are.
    AdminsUnknown,
    /// Shows are announced in as many chats as can be.
    TooManyPlaces {
        limit: usize,
    },
}
