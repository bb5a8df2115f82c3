//! What /addtarget says.

use super::samples::{group, minutes, name};
use crate::chat::on::tiles;
use crate::chat::said::Said;
use crate::chat::screen::*;
use crate::chat::view::FailureView;
use crate::domain::lang::Lang;
use crate::domain::rtmp_url::UrlFault;
use crate::domain::secret::KeyFault;
use crate::domain::target::Flaw;
use crate::platform::Catalogue;

fn about(lang: Lang, platform: &str) -> About {
    tiles::about(Catalogue::builtin().get(platform).unwrap(), lang)
}

pub(super) fn understood(lang: Lang, check: Check) -> Understood {
    let platform = about(lang, "bilibili").name;
    Understood {
        name: platform.clone(),
        platform,
        server: Said::address("rtmp://live-push.bilivideo.com/live-bvc/"),
        key: name("••••7f3a"),
        made_up: false,
        notes: vec![],
        deleted: true,
        check,
        expiry: None,
        odd_key: None,
        others: 0,
        ended: None,
        rekey: false,
    }
}

pub(super) fn add(lang: Lang) -> Vec<Add> {
    // With a server of its own, with one for each user, and with the secret in the server's address.
    let [one, many, free, meeting] =
        ["bilibili", "lexiang", "azure", "tencent-meeting"].map(|platform| about(lang, platform));
    let understood = |check| understood(lang, check);
    let notes = vec![
        NoteView::Swapped,
        NoteView::Split,
        NoteView::QuestionMark,
        NoteView::Scheme,
        NoteView::App,
        NoteView::KeyRepeated,
        NoteView::ViewerPage,
        NoteView::MoreServers,
        NoteView::Login,
        NoteView::LoginInAddress,
        NoteView::OtherPlatform,
    ];
    let failed = Understood {
        notes,
        deleted: false,
        expiry: Some(Expiry::In(minutes(150))),
        platform: free.name.clone(),
        server: Said::address("rtmp://e.channel.media.azure.net:1935/live/…"),
        ended: free.closed.clone(),
        ..understood(super::checks::failed(FailureView::Dns))
    };
    let made_up = Understood { made_up: true, key: name("telecast"), ..understood(Check::Reachable) };
    let odd = |platform, sure| {
        let About { name, key_hint: hint, .. } = about(lang, platform);
        let odd_key = Some(OddKey { hint, sure });
        Understood { platform: name, odd_key, ..understood(Check::Reachable) }
    };
    let (twitch, steam) = (odd("twitch", true), Understood { rekey: true, ..odd("steam", false) });
    let servers = Understood { others: 3, ..understood(Check::Reachable) };
    let rekey = Understood { rekey: true, expiry: Some(Expiry::Over), ..understood(Check::Reachable) };
    let mut all = vec![
        Add::Platforms { studio: None },
        Add::Platforms { studio: group() },
        Add::Paste { about: one.clone(), rekey: None },
        Add::Paste { about: many.clone(), rekey: None },
        Add::Paste { about: free, rekey: None },
        Add::Paste { about: About { needs: None, ..one.clone() }, rekey: Some(name("B站 主号")) },
        Add::Encoder { name: meeting.name, notice: meeting.notice },
        Add::NeedKey { about: many.clone(), server: Said::address("rtmp://host/live"), deleted: true },
        Add::NeedServer { about: many, key: name("••••7f3a"), deleted: false },
        Add::Understood(Box::new(understood(Check::Pending))),
        Add::Understood(Box::new(understood(Check::Reachable))),
        Add::Understood(Box::new(understood(Check::Accepted { may_notice_later: true }))),
        Add::Understood(Box::new(understood(Check::Live))),
        Add::Understood(Box::new(understood(Check::Turned(Said::words("no such app"))))),
        Add::Understood(Box::new(Understood {
            rekey: true,
            ..understood(Check::Accepted { may_notice_later: false })
        })),
        Add::Understood(Box::new(rekey)),
        Add::Understood(Box::new(failed)),
        Add::Understood(Box::new(made_up)),
        Add::Understood(Box::new(twitch)),
        Add::Understood(Box::new(steam)),
        Add::Understood(Box::new(servers)),
        Add::Rest { lines: vec![name("We begin at eight."), name("今晚八点开始，密钥：•••")] },
        Add::NameAsk { name: name("Bilibili") },
        Add::NameFault,
        Add::Saved { name: name("Bilibili"), live: false, press: None, linked: false, flaw: None },
        Add::Saved { name: name("Bilibili"), live: false, press: None, linked: true, flaw: Some(Flaw::Unreachable) },
        Add::Saved { name: name("Bilibili"), live: true, press: one.press.clone(), linked: true, flaw: None },
        Add::Rekeyed { name: name("Bilibili"), live: false },
        Add::Rekeyed { name: name("Bilibili"), live: true },
        Add::Expired,
        Add::Forwarded,
        Add::NotTaken { deleted: true },
        Add::NotTaken { deleted: false },
        Add::TooMany { limit: 20 },
    ];
    let faults = [
        PasteFaultView::Nothing,
        PasteFaultView::ViewerPage,
        PasteFaultView::Protocol,
        PasteFaultView::Server(UrlFault::Empty),
        PasteFaultView::Server(UrlFault::TooLong),
        PasteFaultView::Server(UrlFault::WebPage),
        PasteFaultView::Server(UrlFault::Scheme),
        PasteFaultView::Server(UrlFault::Malformed),
        PasteFaultView::Server(UrlFault::NoApp),
        PasteFaultView::Key(KeyFault::Empty),
        PasteFaultView::Key(KeyFault::TooLong),
        PasteFaultView::Key(KeyFault::Blanks),
        PasteFaultView::SeveralKeys,
        PasteFaultView::SeveralTargets,
        PasteFaultView::TooLong,
    ];
    all.extend(faults.map(|fault| Add::Fault { fault, about: one.clone() }));
    all
}
