//! One of each short thing that can be said.

use super::samples::no;
use crate::chat::label::{Label, Toast};
use crate::chat::said::Said;
use crate::domain::access::Policy;
use crate::domain::quota::Limit;
use crate::domain::status::LoginFault;
use crate::domain::weekly::ZONES;
use std::time::Duration;

/// Each thing that is wrong with a login.
pub(super) const LOGIN_FAULTS: [LoginFault; 4] =
    [LoginFault::Needed, LoginFault::WrongPassword, LoginFault::NoSuchUser, LoginFault::Unknown];

fn name(text: &str) -> Said {
    Said::name(text)
}

pub(super) fn toasts() -> Vec<Toast> {
    let mut all = vec![Toast::OldMenu, Toast::OldDraft, Toast::NotYourMenu];
    all.extend(no().into_iter().map(Toast::No));
    let named = || name("Bilibili");
    all.extend([
        Toast::On(named()),
        Toast::Off(named()),
        Toast::Retrying { name: named(), now: true },
        Toast::Retrying { name: named(), now: false },
        Toast::Place { name: named(), place: 2, count: 5 },
        Toast::KeptLive,
        Toast::Kept,
    ]);
    all.extend([
        Toast::BackAlready,
        Toast::PausedAlready,
        Toast::NotLive,
        Toast::FetchingNow,
        Toast::Muted,
        Toast::Unmuted,
        Toast::MayNotPin,
        Toast::Posted(named()),
        Toast::NotPosted(named()),
    ]);
    all
}

pub(super) fn labels() -> Vec<Label> {
    let named = || name("Bilibili");
    let limit = |limit, value, chosen| Label::Limit { limit, value, chosen };
    let mut all = vec![
        Label::Name(named()),
        Label::Target { name: named(), on: true, flawed: false },
        Label::Target { name: named(), on: true, flawed: true },
        Label::Target { name: named(), on: false, flawed: true },
        Label::TurnOffNamed(named()),
        Label::RetryNamed(named()),
        Label::Withdraw(named()),
        Label::Time { time: Duration::from_secs(600), chosen: true },
        Label::Time { time: Duration::ZERO, chosen: false },
        Label::AddTarget,
        Label::AddAnother,
        Label::GoLive,
        Label::StopNow,
        Label::Stop,
        Label::KeepLive,
        Label::EndNow,
        Label::KeepHolding,
        Label::GoOn,
        Label::Camera,
        Label::Targets,
        Label::Status,
        Label::Look,
        Label::LookAgain,
        Label::Clip,
        Label::Record(false),
        Label::Record(true),
        Label::Recordings,
        Label::Recording(super::recordings::recording()),
        Label::SendHere,
        Label::Download,
        Label::Delete,
        Label::ClipAgain,
        Label::PostIn(name("粉丝群 Fans")),
        Label::Help,
        Label::Language,
        Label::Operators,
        Label::Policy { policy: Policy::Any, chosen: false },
        Label::Policy { policy: Policy::Video, chosen: true },
        Label::Policy { policy: Policy::Named, chosen: false },
        Label::Operator { name: named(), named: true },
        Label::Operator { name: named(), named: false },
        Label::Save,
        Label::SaveAnyway,
        Label::ChangeName,
        Label::Cancel,
        Label::TurnOn,
        Label::TurnOff,
        Label::Test,
        Label::TestAll,
        Label::Earlier,
        Label::Later,
        Label::NewKey,
        Label::Rename,
        Label::WatchLink,
        Label::RemoveLink,
        Label::Remove,
        Label::Undo,
        Label::Back,
        Label::Previous,
        Label::OtherServer,
        Label::MorePlatforms,
        Label::Next,
        Label::RetryNow,
        Label::ForgetAll,
        Label::Requests(2),
        Label::AllStudios,
        Label::Invites,
        Label::InviteFor { uses: 10, lasts: Duration::from_secs(7 * 86_400) },
        Label::Revoke(2),
        Label::CopyLink,
        Label::OpenWatchPage,
        Label::CloseWatchPage,
        Label::NewWatchLink,
        Label::RenewWatchLink,
        Label::Drain,
        Label::TakeShows,
        Label::Refresh,
        Label::Block,
        Label::LimitOf(Limit::Targets),
        Label::LimitOf(Limit::Mbps),
        Label::LimitOf(Limit::Hours),
        limit(Limit::Targets, None, true),
        limit(Limit::Targets, Some(5), false),
        limit(Limit::Mbps, Some(20), true),
        limit(Limit::Hours, Some(30), false),
        Label::AskAccess,
        Label::LetIn,
        Label::Decline,
        Label::RunNow,
        Label::ProveAdmin,
        Label::OpenPrivate,
        Label::CopyServer,
        Label::CopyUrl,
        Label::CopyKey,
        Label::Obs,
        Label::Larix,
        Label::TencentMeeting,
        Label::SetUpCamera,
        Label::ShowKey,
        Label::RenewKey,
        Label::RenewKeyNow,
        Label::SetUpPrivately,
        Label::PullFrom,
        Label::LetPlay,
        Label::OtherUrl,
        Label::StopPull,
        Label::Share,
        Label::Unshare,
        Label::RenewReadKey,
        Label::FetchNow,
        Label::OnDuty,
        Label::OffDuty,
        Label::Pin(false),
        Label::Pin(true),
        Label::Mute,
        Label::Unmute,
        Label::Announce(named()),
        Label::Unannounce(named()),
        Label::Weekly,
        Label::Day(0),
        Label::Day(6),
        Label::Clock(1205),
        Label::NoWeekly,
        Label::NewKeyNamed(named()),
        Label::ToChannel,
        Label::ToGroup,
        Label::ToChats,
    ];
    all.extend(ZONES.map(Label::Zone));
    all
}
