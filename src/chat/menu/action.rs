//! What a button can do.

use crate::chat::command::Command;
use crate::chat::screen::Encoder;
use crate::domain::access::Policy;
use crate::domain::announce::Spot;
use crate::domain::id::{ChatId, StudioId, TargetId, UserId};
use crate::domain::lang::Lang;
use crate::domain::quota::Limit;
use crate::domain::recording::RecordingName;
use crate::service::Applicant;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a button does.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(in crate::chat) enum Action {
    /// As if the command were typed now, by who taps.
    Run(Command),
    /// Goes on in the private chat.
    Private(Errand),
    Language(Lang),
    /// How long platforms are kept without a picture.
    SetHold(Duration),
    /// Who may operate?
    Operators,
    SetPolicy(Policy),
    /// Somebody is a named operator, or no longer.
    Operator(UserId, bool),
    AskAccess,
    Admit {
        applicant: Applicant,
        yes: bool,
    },
    /// What the owner does as the host.
    Host(HostDeed),
    Platform(String),
    /// A page of platforms.
    Tiles(usize),
    Save,
    /// The servers of what waits for its “Save”.
    Draft(DraftDeed),
    ChangeName,
    Cancel,
    Page(usize),
    Target(TargetId, Deed),
    Withdraw(StudioId, TargetId),
    /// The studio's stream is no longer fetched from my URL.
    WithdrawPull(StudioId),
    /// A page of what I lent.
    KeysPage(usize),
    ForgetAll,
    /// Not to forget me, after all.
    Spare,
    Encoder(Encoder),
    /// The own ingest key in clear, for a minute.
    ShowKey,
    RenewAsk,
    Renew,
    Source(SourceDeed),
    Watch(WatchDeed),
    StopNow,
    KeepLive,
    /// Ends a show that has no picture.
    EndNow,
    /// Keeps a show on air that has no picture.
    KeepHolding,
    /// On duty, or no more.
    Duty(bool),
    /// The panel is pinned during a show, or not.
    Pin(bool),
    /// A studio's shows are announced in the chat and topic of the button.
    AnnounceHere(StudioId),
    /// A studio's shows are announced in another chat.
    AnnounceIn(StudioId, ChatId),
    /// A studio's shows are announced there no more.
    Unannounce(StudioId, Spot),
    /// The clip above is posted to a place where shows are announced.
    PostClip {
        spot: Spot,
        /// The message with the film, where that is not the one with the button.
        film: Option<i32>,
    },
    /// The weekly time of the show.
    Weekly(WeeklyDeed),
    /// Recordings, and whether they are made.
    Recording(RecordingDeed),
    /// No sound of a studio's troubles for an hour, or every sound again.
    Mute(bool),
}

impl Action {
    /// Whether it begins, changes or ends what others see or use, so that doing it late would surprise.
    pub(in crate::chat) fn is_felt(&self) -> bool {
        match self {
            Self::Run(command) => command.effect().is_some(),
            Self::PostClip { .. } => true,
            Self::StopNow | Self::EndNow | Self::ForgetAll | Self::Renew => true,
            Self::Withdraw(..) | Self::WithdrawPull(_) => true,
            Self::Target(_, deed) => matches!(deed, Deed::On | Deed::Off | Deed::LeaveOut | Deed::Remove),
            Self::Source(deed) => matches!(deed, SourceDeed::StopPull | SourceDeed::Unshare | SourceDeed::Renew),
            Self::Recording(deed) => matches!(deed, RecordingDeed::Delete(_)),
            Self::Watch(deed) => matches!(deed, WatchDeed::Close | WatchDeed::Renew),
            Self::Host(deed) => matches!(deed, HostDeed::Stop(_) | HostDeed::BlockStudio(_, true)),
            _ => false,
        }
    }

    /// The same, where its button is no longer under `message`.
    pub(in crate::chat) fn below(self, message: i32) -> Self {
        match self {
            Self::PostClip { spot, film: None } => Self::PostClip { spot, film: Some(message) },
            action => action,
        }
    }

    /// Whether a second tap would do it a second time. All others bring about a state, however often they are tapped.
    pub(in crate::chat) fn works_once(&self) -> bool {
        matches!(
            self,
            Self::PostClip { .. }
                | Self::Renew
                | Self::Source(SourceDeed::Renew)
                | Self::Watch(WatchDeed::Renew)
                | Self::Host(HostDeed::Invite { .. })
        )
    }
}

/// What is done about recordings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(in crate::chat) enum RecordingDeed {
    /// A page of them.
    Page(usize),
    /// Shows are recorded, or not.
    Record(bool),
    Show(RecordingName),
    Send(RecordingName),
    Delete(RecordingName),
}

/// What is done about the weekly time of a show; each step with the answers before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(in crate::chat) enum WeeklyDeed {
    Ask,
    /// A day, from Monday.
    Day(u8),
    /// A day and an hour.
    Hour(u8, u8),
    /// A day and a minute of it.
    Minute(u8, u16),
    /// The same, and a place by its number.
    Set(u8, u16, usize),
    Off,
}

/// What a person goes to the private chat for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(in crate::chat) enum Errand {
    AddTarget,
    Ingest,
    Keys,
    Target(TargetId),
    Rekey(TargetId),
    Duty,
    Announce,
}

/// What is done about where the stream is taken from, and who may play it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(in crate::chat) enum SourceDeed {
    Pull,
    AskUrl,
    StopPull,
    Retry,
    Play,
    Share,
    Unshare,
    RenewAsk,
    Renew,
}

/// What is done about the studio's own page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(in crate::chat) enum WatchDeed {
    Show,
    Open,
    Close,
    RenewAsk,
    Renew,
}

/// What the owner does as the host of the server. Each is judged when it is tapped.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(in crate::chat) enum HostDeed {
    /// How everything is.
    Home,
    /// A page of the studios whose title holds this.
    Studios {
        search: String,
        page: usize,
    },
    Studio(StudioId),
    StopAsk(StudioId),
    Stop(StudioId),
    /// Whether new shows wait.
    Drain(bool),
    Invites,
    Invite {
        uses: u32,
        days: u32,
    },
    /// Takes an invitation back.
    Revoke(String),
    Requests,
    Request(Applicant),
    /// Hears no more of somebody who asks.
    Block(Applicant),
    BlockStudio(StudioId, bool),
    Limits(StudioId, Limit),
    SetLimit(StudioId, Limit, Option<u32>),
}

/// Which server a target is saved with. `deleted`: the message that held its key is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(in crate::chat) enum DraftDeed {
    /// Which of the platform's servers?
    Servers { deleted: bool },
    /// This one, by its number in the catalogue.
    Server { number: usize, deleted: bool },
    /// The one that it has.
    Show { deleted: bool },
}

/// What is done to a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(in crate::chat) enum Deed {
    Show,
    On,
    Off,
    /// Switches it off and leaves the message as it is.
    LeaveOut,
    Test,
    Rekey,
    /// Which of the platform's servers?
    Servers,
    /// This one, by its number in the catalogue.
    Server(usize),
    /// At this place among the others, from 0.
    Place(usize),
    Rename,
    Link,
    DropLink,
    Remove,
    Restore,
    Retry,
}
