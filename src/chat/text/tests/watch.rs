//! What is said of a studio's own page, and what stands on it.

use super::samples::{group, minutes, name};
use super::sources::plain;
use crate::chat::said::Said;
use crate::chat::screen::{Announce, Screen, Show, WatchView};
use crate::chat::text::PageWords;
use crate::chat::view::{LinkView, PanelView, PhaseView};
use crate::domain::lang::Lang;

const LINK: &str = "https://live.example.com/w/abcdefghjkmnpqrstuvwxyz023";

pub(super) fn screens() -> Vec<Screen> {
    let open = |watching, studio, renewed| WatchView::Open { link: Said::address(LINK), watching, studio, renewed };
    let views = [
        WatchView::NoAddress,
        WatchView::Closed { studio: None, now: false },
        WatchView::Closed { studio: group(), now: false },
        WatchView::Closed { studio: None, now: true },
        open(0, None, false),
        open(1, group(), false),
        open(23, None, true),
        WatchView::RenewAsk,
    ];
    let links = || vec![LinkView { name: None, link: Said::address(LINK) }];
    let live = plain(PhaseView::Live { lasted: minutes(1) });
    let title = || name("Olivia");
    let others = [
        Screen::Panel(PanelView { watching: Some(0), links: links(), ..live.clone() }),
        Screen::Panel(PanelView { watching: Some(3), links: links(), ..live }),
        Screen::Show(Show::Links { links: links(), live: true }),
        Screen::Show(Show::StopAsk { targets: vec![], live_for: Some(minutes(133)), studio: group() }),
        Screen::Show(Show::StopAsk { targets: vec![], live_for: None, studio: None }),
        Screen::Announce(Announce::Live { title: title(), links: links() }),
        Screen::Announce(Announce::Over { title: title(), links: vec![], lasted: minutes(133) }),
    ];
    views.map(Screen::Watch).into_iter().chain(others).collect()
}

/// All that a page can say.
pub(super) fn page(lang: Lang) -> String {
    let PageWords {
        tag,
        before,
        held,
        paused,
        over,
        codec,
        connecting,
        sound,
        mute,
        whole,
        watching,
        full,
        gone,
        script,
    } = PageWords::of(lang);
    [tag, before, held, paused, over, codec, connecting, sound, mute, whole, watching, full, gone, script]
        .map(|words| *words)
        .join("\n")
}
