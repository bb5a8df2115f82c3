//! The lines after a tap, and Telegram's list of commands.

use crate::chat::command::Listed;
use crate::chat::label::Toast;
use crate::chat::screen::No;
use crate::domain::access::Policy;

pub(in crate::chat::text) fn toast(toast: &Toast) -> String {
    match toast {
        Toast::Silent => String::new(),
        Toast::OldMenu => {
            "This button is too old. For new ones, send /status (the show), /targets (platforms) or /announce.".into()
        }
        Toast::OldDraft => "This button is too old. What is saved: /targets. To add a platform: /addtarget".into(),
        Toast::NotYourMenu => "This menu belongs to somebody else. Send the command yourself.".into(),
        Toast::No(reason) => no(reason),
        Toast::On(name) => format!("{} is on", name.plain()),
        Toast::Off(name) => format!("{} is off", name.plain()),
        Toast::Retrying { name, now: true } => format!("Trying {} again now", name.plain()),
        Toast::Retrying { name, now: false } => format!("I try {} as soon as your picture comes", name.plain()),
        Toast::Place { name, place, count } => format!("{} is number {place} of {count} now.", name.plain()),
        Toast::KeptLive => "It stays live".into(),
        Toast::Kept => "I keep you on air".into(),
        Toast::BackAlready => "Your picture is back already".into(),
        Toast::PausedAlready => "Too late: the show is paused. It goes on when your picture is back.".into(),
        Toast::FetchingNow => "Trying the URL again now".into(),
        Toast::NotLive => "There is no show right now".into(),
        Toast::Posted(place) => format!("Posted in “{place}”"),
        Toast::NotPosted(place) => format!("“{place}” does not take it: see that I may post videos there"),
        Toast::MayNotPin => "I’ll pin it once I am an admin here who may pin messages".into(),
        Toast::Muted => "For 1 hour I tell you of this studio without a sound".into(),
        Toast::Unmuted => "I make a sound again when you must act".into(),
    }
}

fn no(reason: &No) -> String {
    let words = match reason {
        No::Unclaimed => "This Telecast has no owner yet.",
        No::Private { .. } => "This is a private Telecast.",
        No::AdminsOnly => {
            "Only admins of this group can do that. Anonymous admin? Make me an admin too, or write under your own name."
        }
        No::OperatorsOnly(Policy::Named) => "Only admins who were named as operators can do that here.",
        No::OperatorsOnly(Policy::Any | Policy::Video) => "Only admins who may manage video chats can do that here.",
        No::AppointersOnly => "Only those who may appoint admins can say who operates here.",
        No::OutOfGroup => "I am not in that group any more. Add me again, then tap once more.",
        No::Denied(denied) => return super::host::denied_short(*denied),
        No::OwnerOnly => "Only the owner of this Telecast can do that.",
        No::UnknownTarget => "That platform is no longer here.",
        No::NotYours => "That key belongs to somebody else.",
        No::Store => "I could not save that. Nothing was changed.",
        No::Broken => "Something went wrong on my side. Please try again.",
        No::TooManyPlaces { limit } => {
            return format!("Your shows are announced in {limit} chats already. Take one out first.");
        }
        No::AdminsUnknown => "Telegram did not tell me who the admins are. Please try again.",
    };
    words.into()
}

pub(in crate::chat::text) fn listed(command: Listed) -> &'static str {
    match command {
        Listed::GoLive => "Go live on all platforms",
        Listed::StopLive => "End the show",
        Listed::Status => "How the show and each platform are doing",
        Listed::Look => "See and hear what goes out",
        Listed::Clip => "The last half minute of the show as a video",
        Listed::Recordings => "Record shows, and get what was recorded",
        Listed::Watch => "A page of your own to watch on",
        Listed::Links => "Where people watch",
        Listed::AddTarget => "Add a platform",
        Listed::Targets => "Switch, test, rename or remove platforms",
        Listed::Check => "Test what would happen on each platform",
        Listed::Ingest => "Server and key for your camera or OBS",
        Listed::MyKeys => "Stream keys that you gave me",
        Listed::Announce => "Where I announce your shows",
        Listed::Settings => "How long I keep you on air without a picture",
        Listed::Admin => "Who is on your server, limits, invitations",
        Listed::Language => "English or 中文",
        Listed::Help => "What I can do",
        Listed::Cancel => "Leave what we are doing",
    }
}
