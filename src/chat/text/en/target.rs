//! /targets, /mykeys, /forget, /ingest.

use super::many;
use crate::chat::screen::{Detail, Encoder, Ingest, Keys, ServerRow, Target};

pub(super) fn target(screen: &Target) -> String {
    match screen {
        Target::None => "<b>There is no platform yet.</b>\n\nAdd the first: where people will watch.".into(),
        Target::List { rows, page, pages } => {
            let mut text = if *pages > 1 {
                format!("<b>Platforms, page {page} of {pages}</b>\n\nTap one to change it.\n")
            } else {
                "<b>Platforms</b>\n\nTap one to change it.\n".to_owned()
            };
            for row in rows {
                let state = match row.flaw {
                    _ if !row.on => "⚪ off",
                    Some(flaw) => super::check::flaw(flaw),
                    None => "🟢 on",
                };
                text += &format!("\n<b>{}</b> · {} · {state}", row.name, row.platform);
            }
            text
        }
        Target::Detail(detail) => self::detail(detail),
        Target::Servers { name, rows } => {
            let mut text = format!("<b>{name}: which server?</b>\n\nThe key stays the same.\n");
            for (number, ServerRow { server, say, on }) in (1..).zip(rows) {
                let say = say.as_ref().map_or("the usual one".to_owned(), ToString::to_string);
                let on = if *on { " · 🟢 in use" } else { "" };
                text += &format!("\n{number}. <code>{server}</code>\n{say}{on}");
            }
            text
        }
        Target::Moved { name, server, live } => {
            let live = if *live { "I connect there anew now." } else { "It counts from the next show on." };
            format!("<b>{name} now goes to another server.</b>\n\n<code>{server}</code>\n{live}")
        }
        Target::Tested { name, check } => super::check::tested(&name.to_string(), check),
        Target::Checked { rows, done, sound } => super::check::checked(rows, *done, *sound),
        Target::RenameAsk { name } => {
            format!("<b>What should “{name}” be called?</b>\n\nUp to 32 characters, or /cancel.")
        }
        Target::Renamed { name } => format!("<b>It is called “{name}” now.</b>"),
        Target::LinkAsk { name, what: None } => {
            format!("<b>Where do people watch {name}?</b>\n\nSend me the link of that page, or /cancel.")
        }
        Target::LinkAsk { name, what: Some(what) } => {
            format!(
                "<b>Where do people watch {name}?</b>\n\nSend me {what}\n\nAny link to that page will do. Or /cancel."
            )
        }
        Target::LinkSet { name, link } => format!("<b>People watch {name} here:</b>\n{link}"),
        Target::LinkGone { name } => format!("<b>{name} has no watch link any more.</b>"),
        Target::LinkFault { too_long: true } => {
            "<b>That link is too long.</b>\n\nSend a shorter one, or /cancel.".into()
        }
        Target::LinkFault { too_long: false } => {
            "<b>I can’t use that link.</b>\n\nA watch link begins with https://. Send another one, or /cancel.".into()
        }
        Target::Removed { name } => format!("<b>{name} is removed.</b>\n\nYou can undo that for 10 minutes."),
        Target::Restored { name } => format!("<b>{name} is back.</b>"),
    }
}

fn detail(detail: &Detail) -> String {
    let Detail { name, platform, server, key, .. } = detail;
    let state = if detail.on { "🟢 on: part of the next show" } else { "⚪ off" };
    let owner = if detail.key_is_mine { "your key" } else { "lent by somebody else" };
    let flaw = detail.flaw.map(|flaw| format!("\n{}", super::check::flaw(flaw))).unwrap_or_default();
    let press = detail.press.as_ref().map(|press| format!("\n\n▶️ {}", super::add::press(press))).unwrap_or_default();
    let link = detail.link.as_ref().map_or("none yet".to_owned(), ToString::to_string);
    format!(
        "<b>{name}</b> · {state}{flaw}\n\nPlatform: {platform}\nServer: <code>{server}</code>\nKey: <code>{key}</code> ({owner})\nWatch link: {link}{press}"
    )
}

pub(super) fn keys(screen: &Keys) -> String {
    match screen {
        Keys::None => "<b>I hold no stream key of yours.</b>".into(),
        Keys::List { rows, count, page, pages } => {
            let mut text = format!(
                "<b>I hold {} of yours.</b>\n\nIf you withdraw one, its platform or source is removed at once, even while live.\n",
                many(*count, "stream key", "stream keys")
            );
            for row in rows {
                let lent = match &row.studio {
                    Some(studio) => format!("lent to “{studio}”"),
                    None => "your own studio".to_owned(),
                };
                text += &format!("\n<b>{}</b> <code>{}</code> · {lent}", row.name, row.key);
            }
            if *pages > 1 {
                text += &format!("\n\nPage {page} of {pages}");
            }
            text
        }
        Keys::Withdrawn { name } => format!("<b>The key of {name} is deleted, and the platform with it.</b>"),
        Keys::ForgetAsk { targets: 0 } => "<b>Forget everything about you?</b>\n\nYour own studio with what is live there, your keys for cameras and OBS, your name and your language. This can’t be undone.".into(),
        Keys::ForgetAsk { targets } => format!(
            "<b>Forget everything about you?</b>\n\n{} with your stream keys, your own studio with what is live there, your keys for cameras and OBS, your name and your language. This can’t be undone.",
            many(*targets, "platform", "platforms")
        ),
        Keys::Forgotten { targets, owner: false } => {
            format!("<b>I have forgotten you.</b>\n\n{}You can no longer use this Telecast.", deleted(*targets))
        }
        Keys::Forgotten { targets, owner: true } => {
            let all = "<b>I have forgotten all but one thing: you still own this Telecast.</b>";
            format!("{all}\n\n{}", deleted(*targets)).trim_end().to_owned()
        }
        Keys::Spared => "<b>Nothing was deleted.</b>".into(),
    }
}

pub(super) fn ingest(screen: &Ingest) -> String {
    match screen {
        Ingest::Address { encoder, server, tls_server, key, studio, renewed } => {
            let mut text = match (renewed, studio) {
                (true, _) => "<b>Here is your new key. The old one no longer works.</b>\n\n".to_owned(),
                (false, Some(studio)) => format!("<b>Connect your camera or OBS to “{studio}”</b>\n\n"),
                (false, None) => "<b>Connect your camera or OBS</b>\n\n".to_owned(),
            };
            text += &match encoder {
                Encoder::Obs => format!(
                    "OBS: Settings → Stream → Service “Custom …”\nServer: <code>{server}</code>\nStream Key: <code>{key}</code>\nOutput: keyframe interval 2 s."
                ),
                Encoder::Larix => format!(
                    "Larix: Settings → Connections → New\nURL: <code>{server}/{key}</code>\nThe key is its last part."
                ),
                Encoder::TencentMeeting => format!(
                    "Tencent Meeting: Live → Custom live platform (自定义直播平台)\nServer address (推流地址): <code>{server}</code>\nStream key (推流密钥): <code>{key}</code>"
                ),
            };
            if let Some(tls) = tls_server {
                text += &format!("\nEncrypted: <code>{tls}</code>");
            }
            text + "\n\nThe buttons copy it all; I show the key only when you ask. It is yours: do not pass it on. I’ll tell you when the picture arrives."
        }
        Ingest::Key { key, url } => format!(
            "<b>Your key, for one minute.</b>\n\nKey: <tg-spoiler><code>{key}</code></tg-spoiler>\nServer and key in one: <tg-spoiler><code>{url}</code></tg-spoiler>\n\nWhoever has it can stream in your place. This message goes by itself and can’t be forwarded."
        ),
        Ingest::RenewAsk => {
            "<b>Make a new key?</b>\n\nThe old one stops working at once, and whoever streams with it is cut off."
                .into()
        }
    }
}

fn deleted(keys: usize) -> String {
    if keys == 0 { String::new() } else { format!("Deleted: {}. ", many(keys, "stream key", "stream keys")) }
}
