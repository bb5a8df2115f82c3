//! /addtarget, and a new key for an old platform.

use super::span;
use crate::chat::screen::{About, Add, Check, Expiry, NoteView, OddKey, PasteFaultView, Press, Understood};
use crate::domain::rtmp_url::UrlFault;
use crate::domain::secret::KeyFault;

pub(super) fn add(screen: &Add) -> String {
    match screen {
        Add::Platforms { studio: None } => "<b>Where will people watch?</b>\n\nNot in the list? Take “Other RTMP server”, or just send me server and key.".into(),
        Add::Platforms { studio: Some(studio) } => {
            format!("<b>A new platform for “{studio}”: where will people watch?</b>\n\nNot in the list? Take “Other RTMP server”, or just send me server and key.")
        }
        Add::Paste { about, rekey: None } => {
            let name = &about.name;
            format!("<b>{name}: send me {}.</b>\n\n{}", wanted(about), hints(about))
        }
        Add::Paste { about, rekey: Some(target) } => {
            format!("<b>Send me the new key of {target}.</b>\n\n{}", hints(about))
        }
        Add::Encoder { name, notice } => {
            let notice = notice.as_ref().map(|notice| format!("\n\n{notice}")).unwrap_or_default();
            format!("<b>{name} sends to me, so it is not a platform to add.</b>{notice}")
        }
        Add::NeedKey { about, server, deleted } => {
            let hint = &about.key_hint;
            format!("<b>Now the stream key.</b>\n\nServer: <code>{server}</code>\n{hint}{}", gone(*deleted))
        }
        Add::NeedServer { about, key, deleted } => {
            let name = &about.name;
            format!("<b>Now the server address of {name}.</b>\n\nKey: <code>{key}</code>\nThe address begins with rtmp:// or rtmps:// and stands next to the key.{}", gone(*deleted))
        }
        Add::Fault { fault, about } => {
            format!("<b>{}</b>\n\nSend it again, or /cancel.\n{}", self::fault(*fault), about.key_hint)
        }
        Add::Understood(read) => understood(read),
        Add::Rest { lines } => {
            let lines = lines.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
            format!("<b>Your message held more than the key. Here is the rest:</b>\n\n{lines}")
        }
        Add::NameAsk { name } => format!("<b>What should “{name}” be called?</b>\n\nUp to 32 characters."),
        Add::NameFault => "<b>A name has 1 to 32 characters.</b>\n\nSend another one, or /cancel.".into(),
        Add::Saved { name, live, press, linked, flaw } => {
            let mut text = if *live {
                format!("<b>{name} is saved and joins the show now.</b>")
            } else {
                format!("<b>{name} is saved.</b>")
            };
            if let Some(press) = press {
                text += &format!("\n\n▶️ {}", self::press(press));
            }
            if flaw.is_some() && !live {
                text += "\n\n⚠️ Its test failed, so I marked it. Test it again before the show: /check";
            }
            if !linked {
                text += "\n\nTip: add its watch link, so that /links can tell people where to go.";
            }
            text
        }
        Add::Rekeyed { name, live: true } => format!("<b>{name} has its new key, and the show uses it from now on.</b>"),
        Add::Rekeyed { name, live: false } => format!("<b>{name} has its new key.</b>"),
        Add::Expired => "<b>That took longer than 15 minutes, so I forgot what you had sent.</b>\n\nNothing was saved. Please start again: /addtarget or /targets".into(),
        Add::NotTaken { deleted: true } => "<b>There was a key in your message, so I deleted it.</b>\n\nI kept nothing of it.".into(),
        Add::NotTaken { deleted: false } => "<b>There is a key in your message. Please delete it.</b>\n\nI kept nothing of it.".into(),
        Add::Forwarded => "<b>I don’t read keys from forwarded messages.</b>\n\nCopy the text and send it yourself.".into(),
        Add::TooMany { limit } => {
            let most = super::many(*limit, "platform", "platforms");
            format!("<b>This studio already has {most}, and that is the most.</b>\n\nRemove one with /targets first.")
        },
    }
}

fn wanted(about: &About) -> &'static str {
    if about.free_name {
        "the server address"
    } else if about.server.is_some() {
        "the stream key"
    } else {
        "server and stream key"
    }
}

fn hints(about: &About) -> String {
    let hint = &about.key_hint;
    let mut text = format!("{hint}\n");
    if let Some(server) = &about.server {
        text += &format!("Server: <code>{server}</code>. Is yours different? Send both server and key.\n");
    } else if !about.free_name {
        text += "Both in one message is fine, in any order.\n";
    }
    let told = [("⚠️", &about.closed), ("📋", &about.needs), ("ℹ️", &about.notice)];
    for (sign, words) in told.iter().filter_map(|(sign, words)| Some((sign, words.as_ref()?))) {
        text += &format!("{sign} {words}\n");
    }
    if let Some(press) = &about.press {
        text += &format!("▶️ {}\n", self::press(press));
    }
    text + "I delete your message as soon as I have read it."
}

pub(super) fn press(press: &Press) -> String {
    match &press.link {
        Some(link) => format!("{} {link}", press.say),
        None => press.say.to_string(),
    }
}

fn understood(read: &Understood) -> String {
    let Understood { platform, server, key, name, .. } = read;
    let mut text = match &read.check {
        Check::Pending => format!("<b>{name}: I understood this. Checking the server …</b>\n"),
        Check::Reachable if read.rekey => format!("<b>{name}: the server answers. Use this key?</b>\n"),
        Check::Reachable => format!("<b>{name}: the server answers. Save it?</b>\n"),
        Check::Accepted { .. } if read.rekey => format!("<b>{name} takes this key. Use it?</b>\n"),
        Check::Accepted { .. } => format!("<b>{name} takes your key. Save it?</b>\n"),
        Check::Live => format!("<b>{name}: a show uses this key now. Save it all the same?</b>\n"),
        Check::Turned(_) => format!("<b>{name} does not take this address.</b>\n"),
        Check::Failed { failure, .. } if failure.is_answer() => {
            format!("<b>{name}: the server answers, but does not let me in.</b>\n")
        }
        Check::Failed { .. } => format!("<b>{name}: I could not connect to the server.</b>\n"),
    };
    text += &format!("\nPlatform: {platform}\nServer: <code>{server}</code>\n");
    text += &if read.made_up {
        format!("Stream name: <code>{key}</code>\nℹ️ Any name will do there, so I made this one up.\n")
    } else {
        format!("Key: <code>{key}</code>\n")
    };
    for note in &read.notes {
        text += &format!("ℹ️ {}\n", self::note(note));
    }
    match &read.check {
        Check::Pending => {}
        Check::Reachable if read.made_up => text += "ℹ️ Whether it takes the stream will show when you go live.\n",
        Check::Reachable => text += "ℹ️ Whether it accepts the key will show when you go live.\n",
        check @ (Check::Accepted { .. } | Check::Live) => text += &format!("ℹ️ {}\n", super::check::what(check)),
        check @ (Check::Turned(_) | Check::Failed { .. }) => {
            text += &format!("⚠️ {} You can save it anyway; I mark it.\n", super::check::what(check));
        }
    }
    match read.expiry {
        Some(Expiry::Over) => text += "⚠️ This key has expired. Get a new one on the platform.\n",
        Some(Expiry::In(left)) => text += &format!("⏳ This key expires in {}.\n", span(left)),
        None => {}
    }
    match &read.odd_key {
        Some(OddKey { hint, sure: true }) => {
            text += &format!(
                "⚠️ This doesn’t look like a {platform} key. How to know the right one: {hint} You can save it anyway.\n"
            );
        }
        Some(OddKey { hint, sure: false }) => {
            text += &format!(
                "⚠️ As far as I know, {platform} keys look different. How to know the right one: {hint} You can save it anyway.\n"
            );
        }
        None => {}
    }
    if read.others > 0 {
        let more = super::many(read.others, "more server", "more servers");
        text += &format!("🌐 {platform} has {more}, for other places or when this one stutters: tap “Other server”.\n");
    }
    if let Some(ended) = &read.ended {
        text += &format!("⚠️ {ended}\n");
    }
    text + gone(read.deleted)
}

fn gone(deleted: bool) -> &'static str {
    if deleted {
        "\n🗑 I deleted your message with the key."
    } else {
        "\n⚠️ I could not delete your message with the key: please delete it yourself."
    }
}

fn note(note: &NoteView) -> &'static str {
    match note {
        NoteView::Swapped => "Server and key were swapped; I put them in order.",
        NoteView::Split => "I split the address into server and key.",
        NoteView::QuestionMark => "I added the “?” that the key had lost.",
        NoteView::Scheme => "I added what was missing before the address.",
        NoteView::App => "I added what was missing at the end of the address.",
        NoteView::ViewerPage => "I took the web page as the watch link.",
        NoteView::KeyRepeated => "The key was in the address too; I took it out there.",
        NoteView::MoreServers => "There was more than one server; I took the main one.",
        NoteView::Login => "I found a user and a password, and give them to the server only if it asks.",
        NoteView::LoginInAddress => {
            "I found a user and a password in the address, and give them to the server only if it asks."
        }
        NoteView::OtherPlatform => "The address belongs to another platform than you chose, so I went by the address.",
    }
}

fn fault(fault: PasteFaultView) -> &'static str {
    match fault {
        PasteFaultView::Nothing => "I found neither a server address nor a stream key in that.",
        PasteFaultView::ViewerPage | PasteFaultView::Server(UrlFault::WebPage) => {
            "That is the page where people watch. I need the address that an encoder sends to, and its key."
        }
        PasteFaultView::Server(UrlFault::Empty) => "The server address is empty.",
        PasteFaultView::Server(UrlFault::TooLong) => "That server address is too long.",
        PasteFaultView::Server(UrlFault::Scheme) => "A server address begins with rtmp:// or rtmps://.",
        PasteFaultView::Server(UrlFault::Malformed) => "I can’t read that server address.",
        PasteFaultView::Server(UrlFault::NoApp) => {
            "Something is missing at the end of the server address, such as /live."
        }
        PasteFaultView::Key(KeyFault::Empty) => "The stream key is empty.",
        PasteFaultView::Key(KeyFault::TooLong) => "That is too long for a stream key.",
        PasteFaultView::Key(KeyFault::Blanks) => "A stream key has no spaces in it.",
        PasteFaultView::Protocol => {
            "That is not an RTMP address, and I can only push RTMP. Look for one that begins with rtmp:// or rtmps://."
        }
        PasteFaultView::SeveralTargets => "There are several places to send to in that. Send me one at a time.",
        PasteFaultView::SeveralKeys => "I can’t tell which word is the key. Send only the server and the key.",
        PasteFaultView::TooLong => "That is far too long for a server and a key.",
    }
}
