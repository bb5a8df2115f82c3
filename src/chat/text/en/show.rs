//! /golive, /stoplive, /links.

use super::{many, news::failure, span};
use crate::chat::said::Said;
use crate::chat::screen::Show;
use crate::chat::view::{ReportView, StateView, size};
use crate::domain::status::Ending;

pub(super) fn show(screen: &Show) -> String {
    match screen {
        Show::NoTargets => "<b>There is no platform to go live on yet.</b>\n\nAdd one first: it takes a minute.".into(),
        Show::KeysOver { names } => {
            let [key, has] = if names.len() == 1 { ["key", "has"] } else { ["keys", "have"] };
            format!(
                "<b>I did not go live: the stream {key} for {} {has} expired.</b>\n\nGet a new key there and give it to me, then send /golive again.",
                listed(names)
            )
        }
        Show::AllOff => "<b>Every platform is switched off.</b>\n\nSwitch on those you want with /targets.".into(),
        Show::UnknownNames { names, known } => format!(
            "<b>I know no platform called {}. Nothing was changed.</b>\n\nThere are: {}",
            listed(names),
            listed(known)
        ),
        Show::StopAsk { targets, live_for, studio } => {
            let lasted = live_for.map(|time| format!(" after {}", span(time))).unwrap_or_default();
            let place = studio.as_ref().map(|studio| format!(" in “{studio}”")).unwrap_or_default();
            if targets.is_empty() {
                return format!("<b>End the show{place}{lasted}?</b>");
            }
            format!(
                "<b>End the show{place} on {}{lasted}?</b>\n\n{}",
                many(targets.len(), "platform", "platforms"),
                listed(targets)
            )
        }
        Show::Said(toast) => format!("<b>{}.</b>", said(&super::toast(toast))),
        Show::Report(report) => self::report(report),
        Show::TakenOut { targets } => format!("<b>Stopped on {}.</b>\n\nThe others go on.", listed(targets)),
        Show::NotInIt { targets } => {
            format!("<b>Nothing was changed.</b>\n\nThe show does not go to {}.", listed(targets))
        }
        Show::NotLive => "<b>There is no show right now.</b>".into(),
        Show::Links { links, live } => {
            let mut text = if *live {
                "<b>🔴 Live now. Watch here:</b>\n".to_owned()
            } else {
                "<b>Watch here:</b>\n".to_owned()
            };
            for link in links {
                text += &super::link(link);
            }
            text
        }
        Show::NoLinks => {
            "<b>No watch link is known.</b>\n\nAdmins add one under /targets → platform → Watch link.".into()
        }
    }
}

/// A line as a sentence of a message. It may hold a name.
fn said(line: &str) -> String {
    Said::words(line.trim_end_matches('.')).to_string()
}

pub(super) fn listed(names: &[Said]) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// What a show was.
pub(super) fn report(report: &ReportView) -> String {
    if report.live_for.is_zero() {
        return "<b>Stopped. It was never live: no picture came.</b>".into();
    }
    let mut text = format!("<b>The show is over. It was live for {}.</b>", span(report.live_for));
    text += match report.ending {
        Ending::Stopped => "",
        Ending::EncoderStopped => "\nYour camera or OBS was stopped.",
        Ending::PictureLost => "\nYour picture did not come back in time.",
    };
    if !report.targets.is_empty() {
        text.push('\n');
    }
    for target in &report.targets {
        let name = &target.name;
        let mut line = if target.was_out() {
            format!("\n⚪ <b>{name}</b>: switched off")
        } else if target.uptime.is_zero() {
            format!("\n🔴 <b>{name}</b>: never got through")
        } else if matches!(target.state, StateView::Refused { .. }) {
            format!("\n🔴 <b>{name}</b>: {}, then it refused", span(target.uptime))
        } else {
            format!("\n✅ <b>{name}</b>: {}", span(target.uptime))
        };
        if target.sent > 0 {
            line += &format!(" · {} sent", size(target.sent));
        }
        if target.reconnects > 0 {
            line += &format!(" · reconnected {}", many(target.reconnects as usize, "time", "times"));
        }
        if target.dropped_frames > 0 {
            line += &format!(" · {} frames dropped", target.dropped_frames);
        }
        if let Some(why) = &target.failure {
            line += &format!("\n     {}", failure(why));
        }
        text += &line;
    }
    text
}
