//! Who operates a group's studio, who changed what, and what becomes of those who no longer do.

use super::show::listed;
use super::{span, weekly};
use crate::chat::said::Said;
use crate::chat::screen::{ChangeView, OperatorsView, Settings};
use crate::domain::access::Policy;

pub(super) fn settings(Settings { hold, operators }: &Settings) -> String {
    let mut text = if hold.is_zero() {
        "<b>When your picture is gone, I let the platforms go at once.</b>\n\nThe show goes on when it is back, but platforms may begin a new video. When you press stop in your camera or OBS, the show ends.\n\nFor how long shall I keep you on air instead? It counts at once, also during a show.".to_owned()
    } else {
        format!(
            "<b>When your picture is gone, I keep you on air for {}.</b>\n\nThe platforms get your last picture and silence meanwhile, and the show goes on when you are back.\n\nFor how long shall it be? It counts at once, also during a show.",
            span(*hold)
        )
    };
    if let Some(policy) = operators {
        text += &format!("\n\nWho operates here: {}.", who(*policy));
    }
    text
}

pub(super) fn operators(view: &OperatorsView) -> String {
    let mut text = format!("<b>Who operates here: {}.</b>", who(view.policy));
    if view.policy == Policy::Named {
        text += &match view.named.is_empty() {
            true => "\n\nNobody is named yet, so only the group’s creator operates. Tap the names below.".to_owned(),
            false => format!(
                "\n\nNamed: {}, and always the group’s creator. Tap a name to change that.",
                listed(&view.named)
            ),
        };
    }
    text + "\n\nEvery admin can still stop a show. Only those who may appoint admins can change this. Whoever is no longer an operator loses their camera’s key within a minute."
}

fn who(policy: Policy) -> &'static str {
    match policy {
        Policy::Any => "any admin",
        Policy::Video => "admins who may manage video chats",
        Policy::Named => "the admins who are named",
    }
}

pub(super) fn operators_only(policy: Policy) -> String {
    let who = match policy {
        Policy::Any | Policy::Video => "admins who may manage video chats",
        Policy::Named => "admins who were named as operators",
    };
    format!(
        "<b>Only {who} can do that here.</b>\n\nYou can stop a show and look at everything. Somebody who may appoint admins can make you an operator in /settings."
    )
}

pub(super) const APPOINTERS_ONLY: &str = "<b>Only those who may appoint admins can say who operates here.</b>\n\nAsk the group’s creator, or an admin who may appoint others.";

pub(super) fn changed(who: Option<&Said>, change: &ChangeView) -> String {
    let who = who.map_or("An anonymous admin".to_owned(), Said::to_string);
    let what = match change {
        ChangeView::Started => "started the show".to_owned(),
        ChangeView::TookIn(names) => format!("took in {}", listed(names)),
        ChangeView::Stopped => "ended the show".to_owned(),
        ChangeView::TookOut(names) => format!("took out {}", listed(names)),
        ChangeView::KeptOnAir => "keeps the show on air".to_owned(),
        ChangeView::Added(name) => format!("added {name}"),
        ChangeView::Removed(name) => format!("removed {name}"),
        ChangeView::Restored(name) => format!("brought {name} back"),
        ChangeView::Switched(name, true) => format!("switched {name} on"),
        ChangeView::Switched(name, false) => format!("switched {name} off"),
        ChangeView::Renamed { from, to } => format!("renamed {from} to {to}"),
        ChangeView::Rekeyed(name) => format!("gave {name} a new key"),
        ChangeView::Moved(name) => format!("sends {name} to another server"),
        ChangeView::Reordered(name, true) => format!("moved {name} up"),
        ChangeView::Reordered(name, false) => format!("moved {name} down"),
        ChangeView::Linked(name, true) => format!("set the watch link of {name}"),
        ChangeView::Linked(name, false) => format!("removed the watch link of {name}"),
        ChangeView::Hold(time) if time.is_zero() => "has the show paused at once when the picture is gone".to_owned(),
        ChangeView::Hold(time) => format!("has me stay on air for {} without a picture", span(*time)),
        ChangeView::Language(lang) => format!("chose {} for this group", lang.name()),
        ChangeView::Policy(Policy::Any) => "made every admin an operator".to_owned(),
        ChangeView::Policy(Policy::Video) => "made admins who may manage video chats the operators".to_owned(),
        ChangeView::Policy(Policy::Named) => "made the admins who are named the operators".to_owned(),
        ChangeView::Named(Some(name), true) => format!("made {name} an operator"),
        ChangeView::Named(Some(name), false) => format!("took {name} off the operators"),
        ChangeView::Named(None, true) => "made one more admin an operator".to_owned(),
        ChangeView::Named(None, false) => "took one admin off the operators".to_owned(),
        ChangeView::Pulled(true) => "takes the stream from a URL".to_owned(),
        ChangeView::Pulled(false) => "no longer takes the stream from a URL".to_owned(),
        ChangeView::Shared(true) => "lets others play the stream".to_owned(),
        ChangeView::Shared(false) => "no longer lets others play the stream".to_owned(),
        ChangeView::WatchPage(true) => "turned the watch page on".to_owned(),
        ChangeView::WatchPage(false) => "turned the watch page off".to_owned(),
        ChangeView::WatchPageRenewed => "made a new link to the watch page".to_owned(),
        ChangeView::ReadKeyRenewed => "made a new key for players".to_owned(),
        ChangeView::Weekly(Some(time)) => format!("set the weekly show to {}", weekly::time(time)),
        ChangeView::Weekly(None) => "called the weekly show off".to_owned(),
        ChangeView::Announces(place, true) => format!("has me announce the shows in “{place}”"),
        ChangeView::Announces(place, false) => format!("no longer has me announce the shows in “{place}”"),
        ChangeView::Pinned(true) => "has me pin the panel during a show".to_owned(),
        ChangeView::Pinned(false) => "no longer has me pin the panel".to_owned(),
        ChangeView::Recorded(true) => "has me record the shows".to_owned(),
        ChangeView::Recorded(false) => "no longer has me record the shows".to_owned(),
        ChangeView::RecordingDeleted => "deleted a recording".to_owned(),
        ChangeView::Duty(true) => "is on duty: what must be done is told to them aloud, in private".to_owned(),
        ChangeView::Duty(false) => "went off duty".to_owned(),
    };
    format!("<b>👤 {who}</b> {what}.")
}

pub(super) fn withdrawn(name: &Said, by: Option<&Said>, others: bool) -> String {
    let why = by.map_or("its stream key was withdrawn".to_owned(), |by| format!("{by} withdrew its stream key"));
    let go_on = if others { "\n\nThe other platforms go on." } else { "" };
    format!("<b>{name} was removed: {why}.</b>{go_on}")
}

pub(super) fn lost(who: Option<&Said>, cut: bool) -> String {
    let who = who.map_or("Somebody".to_owned(), Said::to_string);
    if cut {
        format!(
            "<b>⚠️ {who} is no longer an operator here, so I disconnected their camera.</b>\n\nIf a show is on, I keep it on air until another operator connects a camera with a key of their own: /ingest."
        )
    } else {
        format!("<b>👤 {who}</b> is no longer an operator here. Their camera’s key has stopped working.")
    }
}

pub(super) fn yours_lost(cut: bool, studio: Option<&Said>) -> String {
    let place = studio.map_or("there".to_owned(), |studio| format!("in “{studio}”"));
    let camera = if cut { "I disconnected your camera or OBS. Its key" } else { "Your key for the camera or OBS" };
    format!(
        "<b>You are no longer an operator {place}.</b>\n\n{camera} does not work there any more. Stream keys that you lent stay yours: /mykeys shows them, and you can withdraw them at any time."
    )
}

pub(super) fn thrown_out(studio: Option<&Said>) -> String {
    let place = studio.map_or("the group".to_owned(), |studio| format!("“{studio}”"));
    format!(
        "<b>⚠️ I was removed from {place} while your show is on.</b>\n\nIt goes on for as long as the camera sends, and then ends by itself. You can stop it here at any time; for everything else, add me to the group again."
    )
}
