//! What the owner is told as the host of the server, and why a show may not begin.

use super::{many, span};
use crate::chat::screen::{Host, InviteLine, Overview, StudioLine};
use crate::domain::quota::{Denied, Limit};

pub(super) fn host(screen: &Host) -> String {
    match screen {
        Host::Overview(all) => overview(all),
        Host::Studios { rows, search, page, pages, count } => {
            let found = many(*count, "studio", "studios");
            let mut text = match search {
                Some(search) => format!("<b>{found} with “{search}” in the name</b>"),
                None => format!("<b>{found}</b>"),
            };
            if *pages > 1 {
                text += &format!(", page {page} of {pages}");
            }
            text += "\n\nTo find one, send /admin and a part of its name.\n";
            rows.iter().for_each(|row| text += &format!("\n{}", line(row)));
            text
        }
        Host::Studio(studio) => self::studio(studio),
        Host::StopAsk { name, targets: 0 } => {
            format!("<b>End the show of {name}?</b>\n\nThey are told that it was you.")
        }
        Host::StopAsk { name, targets } => format!(
            "<b>End the show of {name} on {}?</b>\n\nThey are told that it was you.",
            many(*targets, "platform", "platforms")
        ),
        Host::Stopped { name } => format!("<b>The show of {name} is over.</b>\n\nThey were told that it was you."),
        Host::LimitAsk { name, limit: Limit::Targets } => {
            format!("<b>How many platforms may {name} have?</b>\n\nThose that it has stay.")
        }
        Host::LimitAsk { name, limit: Limit::Mbps } => {
            format!("<b>How much may a show of {name} send, to all platforms together?</b>\n\nIt counts from the next show on.")
        }
        Host::LimitAsk { name, limit: Limit::Hours } => {
            format!("<b>For how many hours a month may {name} be live?</b>\n\nA show that runs is never cut.")
        }
        Host::Invites { rows } if rows.is_empty() => {
            "<b>There is no invitation now.</b>\n\nWhoever opens an invitation is let in without asking you. For how many people or groups, and for how long?".into()
        }
        Host::Invites { rows } => {
            let mut text = format!(
                "<b>{} out.</b>\n\nWhoever opens one is let in without asking you. Who came by it stays when you take it back.\n",
                many(rows.len(), "invitation is", "invitations are")
            );
            for (number, InviteLine { left, lasts }) in (1..).zip(rows) {
                text += &format!("\n{number}. for {left} more, ends in {}", span(*lasts));
            }
            text
        }
        Host::Invited { link, group_link, uses, lasts } => format!(
            "<b>Here is your invitation, for {}, good for {}.</b>\n\nFor people: {link}\nTo add me to a group: {group_link}\n\nWhoever has a link is let in, so send it only to those whom you mean.",
            many(*uses as usize, "person or group", "people or groups"),
            span(*lasts)
        ),
        Host::Requests { count: 0 } => "<b>Nobody waits to be let in.</b>".into(),
        Host::Requests { count } => {
            format!("<b>{} to be let in.</b>\n\nTap a name to answer.", many(*count, "asks", "ask"))
        }
        Host::Blocked { name } => format!("<b>I won’t ask you about {name} again.</b>\n\nThey are not told."),
        Host::Drained => {
            "<b>Every show is over: you can upgrade the server now.</b>\n\nNo new show begins before the restart. After it, they do again.".into()
        }
    }
}

fn overview(all: &Overview) -> String {
    let Overview { live, more, studios, kbps, cap_kbps, bytes, draining } = all;
    let shows = live.len() + more;
    let mut text = match shows {
        0 => "<b>Nobody is live.</b>".to_owned(),
        _ => format!("<b>{}: {} going out.</b>", many(shows, "show is on", "shows are on"), mbit(*kbps)),
    };
    text += &format!("\n\n{} · {} this month", many(*studios, "studio", "studios"), gigabytes(*bytes));
    if let Some(cap) = cap_kbps {
        text += &format!(
            "\nThe server can send {}. When shows fill it, new ones wait; none is cut.",
            mbit(u64::from(*cap))
        );
    }
    if *draining {
        text += &match shows {
            0 => "\n\n🚧 No new show begins. Every show is over: you can upgrade now.".to_owned(),
            _ => "\n\n🚧 No new show begins. Those that run go on; I tell you when the last is over.".to_owned(),
        };
    }
    if shows > 0 {
        text += "\n";
    }
    live.iter().for_each(|row| text += &format!("\n{}", line(row)));
    if *more > 0 {
        text += &format!("\n… and {more} more");
    }
    text
}

fn line(studio: &StudioLine) -> String {
    let StudioLine { name, targets, kbps, bytes, .. } = studio;
    let sent = gigabytes(*bytes);
    let platforms = many(*targets, "platform", "platforms");
    match studio {
        StudioLine { let_in: false, .. } => format!("<b>🚫 {name}</b> · shut out"),
        StudioLine { live_for: Some(time), .. } => {
            format!("<b>🔴 {name}</b> · {} · {platforms} · {} · {sent} this month", span(*time), mbit(u64::from(*kbps)))
        }
        StudioLine { on: true, .. } => format!("<b>⏳ {name}</b> · no picture now · {platforms} · {sent} this month"),
        _ => format!("<b>⚪ {name}</b> · {platforms} · {sent} this month"),
    }
}

fn studio(studio: &StudioLine) -> String {
    let limit =
        |value: Option<u32>, unit: &str| value.map_or("no limit".to_owned(), |value| format!("at most {value}{unit}"));
    let kind = if studio.group { "A group’s studio." } else { "A person’s studio." };
    format!(
        "{}\n\n{kind} Live for {} this month.\n\nPlatforms: {}\nOne show: {}\nA month: {}",
        line(studio),
        many(usize::try_from(studio.hours).unwrap_or(usize::MAX), "hour", "hours"),
        limit(studio.quota.targets, ""),
        limit(studio.quota.mbps, " Mbit/s"),
        limit(studio.quota.hours, " h live")
    )
}

pub(super) fn denied(denied: Denied) -> String {
    match denied {
        Denied::Draining => "<b>I did not go live: this server is about to be upgraded.</b>\n\nShows that run go on, new ones wait until it is done. Please try again a little later.".into(),
        Denied::Memory => "<b>I did not go live: this server is short of memory.</b>\n\nWhat it has is kept for the shows that run. Please try again in a little while; its host finds the reason in the log.".into(),
        Denied::HostFull => "<b>I did not go live: this server sends as much as it can.</b>\n\nOther shows are on, and I cut none of them. Try again when one has ended, with fewer platforms, or with a lower bitrate.".into(),
        Denied::Mbps { mbps } => format!("<b>I did not go live: this studio may send {mbps} Mbit/s in all.</b>\n\nYour stream to all these platforms is more. Choose fewer platforms or a lower bitrate, or ask the host of this server."),
        Denied::Hours { hours } => format!("<b>I did not go live: this studio’s {hours} hours of this month are used up.</b>\n\nThe host of this server can give you more. A new month begins on the 1st (UTC)."),
    }
}

pub(super) fn denied_short(denied: Denied) -> String {
    match denied {
        Denied::Draining => "Not now: this server is about to be upgraded. Shows that run go on. Try again a little later.".into(),
        Denied::Memory => "Not now: this server is short of memory, and keeps it for the shows that run. Try again in a little while.".into(),
        Denied::HostFull => "Not now: this server sends as much as it can, and I cut no other show. Try again when one has ended, or with fewer platforms.".into(),
        Denied::Mbps { mbps } => format!("This studio may send {mbps} Mbit/s in all. Choose fewer platforms or a lower bitrate."),
        Denied::Hours { hours } => format!("This studio’s {hours} hours of this month are used up. The host of this server can give you more."),
    }
}

/// `18 Mbit/s`, below ten with one digit more.
fn mbit(kbps: u64) -> String {
    if kbps < 10_000 {
        format!("{}.{} Mbit/s", kbps / 1000, kbps % 1000 / 100)
    } else {
        format!("{} Mbit/s", kbps / 1000)
    }
}

/// `2.4 GB`, from ten on without the digit.
fn gigabytes(bytes: u64) -> String {
    let tenths = bytes.div_ceil(100_000_000);
    if bytes == 0 {
        "0 GB".into()
    } else if tenths < 100 {
        format!("{}.{} GB", tenths / 10, tenths % 10)
    } else {
        format!("{} GB", tenths / 10)
    }
}
