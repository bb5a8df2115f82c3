//! What happens without being asked, for the front end to tell.

use super::Missing;
use super::answer::{Applicant, ShowReport};
use crate::domain::access::Policy;
use crate::domain::id::{StudioId, TargetId, UserId};
use crate::domain::lang::Lang;
use crate::domain::monitor::Finding;
use crate::domain::status::{LoginFault, PushFailure, SourceStatus};
use crate::domain::target::TargetName;
use crate::domain::weekly::Weekly;
use crate::platform::Refusal;
use crate::platform::fit::Misfit;
use std::time::{Duration, SystemTime};

/// Something to tell. Names are carried along, because by the time it is told a target may be gone.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// To the owner, once for each applicant: let them in?
    AccessAsked {
        /// Whom to tell.
        owner: UserId,
        /// Who asks.
        applicant: Applicant,
        /// What they call themselves. Untrusted.
        name: String,
    },
    /// The host of the server ended a show.
    EndedByHost {
        /// Where.
        studio: StudioId,
        /// How it was.
        report: ShowReport,
    },
    /// To the owner: the last show is over while no new ones begin, so that the server can be upgraded.
    Drained {
        /// Whom to tell.
        owner: UserId,
    },
    /// An encoder's first picture, while there is no broadcast: offer to go live.
    SourceSeen {
        /// Where.
        studio: StudioId,
        /// Whose ingest key it uses.
        user: UserId,
        /// What is seen.
        source: SourceStatus,
    },
    /// The broadcast's first picture goes out.
    Live {
        /// Where.
        studio: StudioId,
    },
    /// The encoder is gone, the pushes are kept. Told at once after a clean end, else after 10 s.
    Held {
        /// Where.
        studio: StudioId,
        /// The encoder ended its publish in order: somebody pressed stop there.
        clean: bool,
        /// Its last picture cannot be repeated, for want of closed GOPs: the platforms get silence at most.
        sound_only: bool,
    },
    /// The encoder went away for the third time in five minutes. Until it has been there for five, or stays away for 30 s,
    /// nothing more is told of that.
    SourceUnstable {
        /// Where.
        studio: StudioId,
    },
    /// The encoder is back, after a [`Notice::Held`], [`Notice::SourceUnstable`] or [`Notice::Paused`].
    Resumed {
        /// Where.
        studio: StudioId,
        /// How long it was gone.
        after: Duration,
    },
    /// Before the show, or as soon as it is known: what of the stream, the keys or the host will not do. Each once.
    Forewarned {
        /// Where.
        studio: StudioId,
        /// Who started the show, or publishes, if that is known.
        user: Option<UserId>,
        /// What, never nothing.
        warnings: Vec<Warning>,
    },
    /// The show is not recorded any more, because of the disk. Once in each show.
    NotRecorded {
        /// Where.
        studio: StudioId,
        /// It is full, or recordings may take no more of it.
        full: bool,
    },
    /// In 60 s hold runs out: keep the platforms ([`super::Service::keep_holding`]) or end it? Once in each hold that is
    /// longer than that.
    HoldEnding {
        /// Where.
        studio: StudioId,
    },
    /// Hold ran out, the platforms are disconnected; a returning encoder resumes.
    Paused {
        /// Where.
        studio: StudioId,
        /// Targets whose platform begins a new video then.
        new_video: Vec<TargetName>,
        /// Targets of which that is not known, or depends on how they are set there.
        maybe_new_video: Vec<TargetName>,
    },
    /// A target does not do what it should. Told at once when it refuses, else when it has lasted 30 s.
    TargetTrouble {
        /// Where.
        studio: StudioId,
        /// Which.
        target: TargetId,
        /// Its name.
        name: TargetName,
        /// What.
        trouble: Trouble,
        /// What it means there, as far as the catalogue knows.
        meaning: Option<Refusal>,
    },
    /// A target sends again, after a [`Notice::TargetTrouble`].
    TargetRecovered {
        /// Where.
        studio: StudioId,
        /// Which.
        target: TargetId,
        /// Its name.
        name: TargetName,
        /// How long it was in trouble.
        after: Duration,
    },
    /// Something is wrong with the stream itself, or is no more.
    Stream {
        /// Where.
        studio: StudioId,
        /// What.
        finding: Finding,
    },
    /// A target is gone because its key's owner withdrew the key.
    TargetWithdrawn {
        /// Where.
        studio: StudioId,
        /// Which.
        target: TargetId,
        /// Its name.
        name: TargetName,
        /// Who withdrew it.
        by: UserId,
    },
    /// To the person: an encoder uses an ingest key of theirs that is cut short or outdated. At most each 10 min.
    StaleKey {
        /// Whom to tell.
        user: UserId,
        /// Of which studio.
        studio: StudioId,
    },
    /// To the person: encoders with an ingest key of theirs take the studio's source from each other, or from somebody
    /// else's; the last who got in stays for as long as it sends. Once for each fight.
    Contested {
        /// Whom to tell.
        user: UserId,
        /// Of which studio.
        studio: StudioId,
    },
    /// An encoder was let in.
    Arrived {
        /// Where.
        studio: StudioId,
    },
    /// Somebody may no longer operate a group's studio: their ingest key there is worth nothing any more.
    LostRight {
        /// Where.
        studio: StudioId,
        /// Who.
        user: UserId,
        /// They were publishing, and were cut off.
        cut: bool,
    },
    /// An operator has changed something in a group's studio.
    Changed {
        /// Where.
        studio: StudioId,
        /// Who; nobody, where they do not want to be known.
        by: Option<UserId>,
        /// What.
        change: Change,
    },
    /// A studio's weekly show begins within two hours. Once for each.
    ShowComing {
        /// Where.
        studio: StudioId,
        /// When.
        at: SystemTime,
        /// How many targets are switched on.
        targets: usize,
        /// What is missing.
        missing: Vec<Missing>,
    },
    /// Nothing is announced in a chat any more, for Telecast may not speak there.
    NotAnnounced {
        /// Whose shows.
        studio: StudioId,
        /// What the chat is called. Untrusted.
        title: String,
    },
    /// No encoder came in time; the broadcast is over.
    WaitExpired {
        /// Where.
        studio: StudioId,
        /// Who had started it.
        started_by: UserId,
    },
    /// The broadcast ended by itself. One that was stopped by a verb is not told here: the verb's answer has the report.
    Ended {
        /// Where.
        studio: StudioId,
        /// What it was.
        report: ShowReport,
    },
    /// After a restart: the broadcast stood still for longer than its hold. Go on ([`super::Service::go_live`]) or end it?
    ResumeAsked {
        /// Where.
        studio: StudioId,
        /// Who had started it.
        started_by: UserId,
        /// Since when nothing was sent.
        still_since: SystemTime,
    },
    /// What [`super::Service::panel`] answers has changed.
    PanelChanged(StudioId),
}

/// What an operator has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A show was started.
    Started,
    /// Targets were added to the show that is on.
    TookIn(Vec<TargetName>),
    /// The show was ended.
    Stopped,
    /// Targets were taken out of the show, which goes on.
    TookOut(Vec<TargetName>),
    /// The show is kept on air without a picture.
    KeptOnAir,
    /// A target was added.
    Added(TargetName),
    /// A target was removed.
    Removed(TargetName),
    /// A removed target was brought back.
    Restored(TargetName),
    /// A target was switched.
    Switched(TargetName, bool),
    /// A target has another name.
    Renamed {
        /// The old one.
        from: TargetName,
        /// The new one.
        to: TargetName,
    },
    /// A target has another key.
    Rekeyed(TargetName),
    /// A target is sent to another of its platform's servers.
    Moved(TargetName),
    /// A target stands earlier, or later, among the others.
    Reordered(TargetName, bool),
    /// A target has another watch link, or none.
    Linked(TargetName, bool),
    /// How long the platforms are kept without a picture.
    Hold(Duration),
    /// The language in which the group is spoken to.
    Language(Lang),
    /// Which admins operate.
    Policy(Policy),
    /// Somebody was named an operator, or is none any more.
    Named {
        /// Who.
        user: UserId,
        /// Whether they are.
        yes: bool,
    },
    /// The stream is fetched from a URL, or no more.
    Pulled(bool),
    /// Others may play the stream, or no more.
    Shared(bool),
    /// The read key was replaced.
    ReadKeyRenewed,
    /// The studio's own page can be watched, or no more.
    WatchPage(bool),
    /// That page has another link.
    WatchPageRenewed,
    /// They are on duty, or no more.
    Duty(bool),
    /// The panel is pinned during a show, or not.
    Pinned(bool),
    /// Shows are recorded, or not.
    Recorded(bool),
    /// A recording was deleted.
    RecordingDeleted,
    /// When the weekly show is; none, where there is none any more.
    Weekly(Option<Weekly>),
    /// Shows are announced in a chat, or no more.
    Announces {
        /// What the chat is called. Untrusted.
        title: String,
        /// Whether they are.
        on: bool,
    },
}

impl Trouble {
    /// Whether nothing will come of trying again alone.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Login(_) | Self::Codec(_) | Self::KeyOver)
    }
}

/// Something that will not do, and for which targets.
#[derive(Clone, Debug, PartialEq)]
pub struct Warning {
    /// Of which targets it is said; of none in particular where nothing is named.
    pub names: Vec<TargetName>,
    /// What.
    pub caution: Caution,
}

/// See [`Warning`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caution {
    /// The stream is not what the platform takes.
    Misfit {
        /// In which way.
        misfit: Misfit,
        /// What the platform takes is a guess, so that it may do nevertheless.
        guess: bool,
    },
    /// The key ends soon.
    KeyEnds {
        /// For how long it holds.
        left: Duration,
    },
    /// More is to be sent than the host says it can send. In kbit/s.
    Uplink {
        /// What the stream has.
        kbps: u32,
        /// To how many targets it goes.
        targets: usize,
        /// What all of it comes to, with what is on air beside it.
        needed_kbps: u32,
        /// What the host can send.
        most_kbps: u32,
        /// Other studios are on air.
        others: bool,
    },
    /// More is to be sent than the host lets the studio send; a show that was known to be so would not have begun.
    Quota {
        /// What the stream has, kbit/s.
        kbps: u32,
        /// To how many targets it goes.
        targets: usize,
        /// What all of it comes to, kbit/s.
        needed_kbps: u32,
        /// What the studio may send, Mbit/s.
        mbps: u32,
    },
}

/// What a target does wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The server refuses the key, in its own words. Untrusted.
    Refused {
        /// The words, or nothing.
        words: String,
        /// It closed without any, so many seconds after publish.
        hung_up_s: Option<u32>,
    },
    /// The server asks who publishes, and the answer did not please it.
    Login(LoginFault),
    /// The platform does not take the picture's codec, so that nothing is sent there.
    Codec(&'static str),
    /// The key says that its time is over, so that nothing is sent there.
    KeyOver,
    /// No connection for 30 s; it is tried again and again.
    Lost(Option<PushFailure>),
    /// It takes less than it is sent, so that frames are dropped.
    Slow,
    /// Lost or slow three times in 5 min; nothing more is told of it until it has been well for 5 min.
    Unstable(Option<PushFailure>),
}
