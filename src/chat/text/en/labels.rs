//! Buttons.

use super::span;
use crate::chat::label::Label;
use crate::domain::access::Policy;
use crate::domain::quota::Limit;

pub(in crate::chat::text) fn label(label: &Label) -> String {
    let words = match label {
        Label::Name(name) => return name.plain().to_owned(),
        Label::Target { name, on: true, flawed: true } => return format!("⚠️ {}", name.plain()),
        Label::Target { name, on: true, flawed: false } => return format!("🟢 {}", name.plain()),
        Label::Target { name, on: false, .. } => return format!("⚪ {} (off)", name.plain()),
        Label::TurnOffNamed(name) => return format!("Switch off {}", name.plain()),
        Label::RetryNamed(name) => return format!("🔁 Retry {}", name.plain()),
        Label::Withdraw(name) => return format!("Withdraw {}", name.plain()),
        Label::Time { time, chosen } => {
            let time = if time.is_zero() { "Off".into() } else { span(*time) };
            return if *chosen { format!("✅ {time}") } else { time };
        }
        Label::Policy { policy, chosen } => {
            let policy = match policy {
                Policy::Any => "Any admin",
                Policy::Video => "Admins who manage video chats",
                Policy::Named => "Admins whom I name",
            };
            return if *chosen { format!("✅ {policy}") } else { policy.into() };
        }
        Label::Operator { name, named: true } => return format!("✅ {}", name.plain()),
        Label::Operator { name, named: false } => return format!("◻️ {}", name.plain()),
        Label::Operators => "👥 Who may operate",
        Label::AddTarget => "➕ Add platform",
        Label::AddAnother => "➕ Add another",
        Label::GoLive => "🔴 Go live",
        Label::StopNow => "⏹ Stop now",
        Label::Stop => "⏹ Stop",
        Label::KeepLive => "Keep it live",
        Label::EndNow => "⏹ End now",
        Label::KeepHolding => "Keep me on air",
        Label::GoOn => "▶️ Go on",
        Label::Camera => "📷 Camera / OBS",
        Label::Targets => "Platforms",
        Label::Status => "Status",
        Label::Help => "Help",
        Label::Language => "Language",
        Label::English => "English",
        Label::Chinese => "中文",
        Label::Save => "✅ Save",
        Label::SaveAnyway => "✅ Save anyway",
        Label::ChangeName => "Change name",
        Label::Cancel => "Cancel",
        Label::TurnOn => "Switch on",
        Label::TurnOff => "Switch off",
        Label::Test => "Test",
        Label::TestAll => "🩺 Test all",
        Label::Earlier => "↑ Up",
        Label::Later => "↓ Down",
        Label::NewKey => "New key",
        Label::Rename => "Rename",
        Label::WatchLink => "Watch link",
        Label::RemoveLink => "Remove the link",
        Label::Remove => "🗑 Remove",
        Label::Undo => "↩️ Undo",
        Label::Back => "‹ Back",
        Label::Previous => "‹ Previous",
        Label::OtherServer => "Other server",
        Label::MorePlatforms => "More platforms ›",
        Label::Next => "Next ›",
        Label::RetryNow => "🔁 Retry now",
        Label::ForgetAll => "Forget everything",
        Label::Requests(count) => return format!("🙋 Requests ({count})"),
        Label::InviteFor { uses, lasts } => return format!("➕ For {uses}, {}", span(*lasts)),
        Label::Revoke(number) => return format!("Take back {number}"),
        Label::LimitOf(Limit::Targets) => "Platforms",
        Label::LimitOf(Limit::Mbps) => "Mbit/s",
        Label::LimitOf(Limit::Hours) => "Hours",
        Label::Limit { limit, value, chosen } => {
            let value = match (value, limit) {
                (None, _) => "No limit".to_owned(),
                (Some(value), Limit::Targets) => value.to_string(),
                (Some(value), Limit::Mbps) => format!("{value} Mbit/s"),
                (Some(value), Limit::Hours) => format!("{value} h"),
            };
            return if *chosen { format!("✅ {value}") } else { value };
        }
        Label::AllStudios => "All studios",
        Label::Invites => "✉️ Invite",
        Label::CopyLink => "📋 Copy link",
        Label::Drain => "🚧 Drain for upgrade",
        Label::TakeShows => "▶️ Allow new shows",
        Label::Refresh => "🔄 Refresh",
        Label::Block => "🚫 Block",
        Label::AskAccess => "Ask for access",
        Label::LetIn => "✅ Let in",
        Label::Decline => "No",
        Label::RunNow => "▶️ Run now",
        Label::ProveAdmin => "It’s me, go on",
        Label::OpenPrivate => "🔒 Go on in private",
        Label::CopyServer => "📋 Copy server",
        Label::CopyUrl => "📋 Copy URL",
        Label::CopyKey => "📋 Copy key",
        Label::Obs => "OBS",
        Label::Larix => "Larix",
        Label::TencentMeeting => "Tencent Meeting",
        Label::SetUpCamera => "📱 Set up Larix: tap or QR",
        Label::ShowKey => "👁 Show the key",
        Label::RenewKey => "New key",
        Label::RenewKeyNow => "Make a new key",
        Label::PullFrom => "🔗 Take it from a URL",
        Label::LetPlay => "📺 Let others play it",
        Label::OtherUrl => "Another URL",
        Label::StopPull => "⏹ Stop pulling",
        Label::Share => "✅ Let others play it",
        Label::Unshare => "Turn it off",
        Label::RenewReadKey => "New read key",
        Label::FetchNow => "🔁 Retry the URL now",
        Label::Pin(false) => "📌 Pin the panel",
        Label::Pin(true) => "✅ Pin the panel",
        Label::Announce(name) => return format!("📣 Announce {}", name.plain()),
        Label::Unannounce(name) => return format!("✖️ Not {}", name.plain()),
        Label::ToChannel => "➕ In a channel",
        Label::ToGroup => "➕ In a group",
        Label::ToChats => "➕ In other chats",
        Label::OnDuty => "🔔 On duty",
        Label::OffDuty => "Go off duty",
        Label::Mute => "🔕 Mute for 1 h",
        Label::Unmute => "🔔 Sound on again",
        Label::SetUpPrivately => "🔒 Set up in private",
    };
    words.into()
}
