//! The studio's own page: in the chat, and what stands on it.

use super::many;
use crate::chat::screen::WatchView;
use crate::chat::text::PageWords;

pub(super) fn watch(view: &WatchView) -> String {
    match view {
        WatchView::NoAddress => "<b>This server has no address for a watch page.</b>\n\nWhoever runs it sets TELECAST_PUBLIC_URL: the https:// address at which people reach it. Then your viewers can watch in the browser, without any platform.".into(),
        WatchView::Closed { now: true, .. } => "<b>The watch page is off.</b>\n\nWhoever was watching was sent away. If you turn it on again, the same link works again.".into(),
        WatchView::Closed { studio, now: false } => {
            let of = studio.as_ref().map(|studio| format!(" of “{studio}”")).unwrap_or_default();
            format!(
                "<b>Let people watch the shows{of} on a page of your own?</b>\n\nWhoever has its link sees and hears you in the browser, on a phone too, two or three seconds behind. No platform is needed. Up to 50 can watch at once; each takes as much bandwidth as a platform."
            )
        }
        WatchView::Open { link, watching, studio, renewed } => {
            let of = studio.as_ref().map(|studio| format!(" the shows of “{studio}”")).unwrap_or_default();
            let head = if *renewed {
                "<b>Here is the new link. The old one no longer works.</b>".to_owned()
            } else {
                format!("<b>People can watch{of} here:</b>")
            };
            let now = match watching {
                0 => String::new(),
                n => format!("👀 {} watching.\n", many(*n, "person is", "people are")),
            };
            format!(
                "{head}\n\n{link}\n\n{now}It shows your picture from /golive to /stoplive, and nothing before. Whoever has the link can watch, up to 50 at once."
            )
        }
        WatchView::RenewAsk => "<b>Make a new link?</b>\n\nThe old one stops working at once, and whoever is watching is sent away.".into(),
    }
}

pub(super) const PAGE: PageWords = PageWords {
    tag: "en",
    before: "Not live yet. It starts here by itself.",
    held: "One moment: the picture is away.",
    paused: "The show is paused. When it goes on, you see it here.",
    over: "The show is over.",
    codec: "This browser can’t play the picture’s format. Try another browser or another device.",
    connecting: "Connecting …",
    sound: "Tap for sound",
    mute: "Sound off",
    whole: "Full screen",
    watching: "Watching now",
    full: "There is no room just now: as many are watching as can. The page tries again by itself.",
    gone: "This link does not lead anywhere any more. Ask whoever gave it to you for the new one.",
    script: "This page needs JavaScript.",
};
