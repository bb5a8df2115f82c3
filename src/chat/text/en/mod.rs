//! English.

mod add;
mod announce;
mod check;
mod forewarn;
mod hello;
mod host;
mod labels;
mod look;
mod news;
mod panel;
mod recordings;
mod refusal;
mod rights;
mod show;
mod sources;
mod stream;
mod target;
mod toasts;
mod watch;
mod weekly;

use super::{CameraWords, Words};
use labels::label;
use toasts::{listed, toast};

use crate::chat::screen::Screen;
use crate::chat::view::LinkView;
use std::time::Duration;

pub(super) const WORDS: Words = Words {
    page,
    toast,
    label,
    listed,
    profile: (DESCRIPTION, SHORT_DESCRIPTION),
    commands: &[],
    now: &["now"],
    camera: CameraWords {
        tag: "en",
        title: |studio| format!("Camera for {studio}"),
        open: "Open in Larix",
        here: "On this phone: tap the button. Larix Broadcaster must be installed.",
        there: "On another phone: point its camera at this code, or scan it in Larix: Settings, Larix Grove.",
        yours: "The key is yours alone: show this page to nobody. It works for ten minutes.",
        over: "This link is over. Go back to the chat and tap the button again.",
    },
    page_words: watch::PAGE,
};

const DESCRIPTION: &str = "Telecast · live everywhere from your chat.\n\nSend one stream from OBS, your phone or Tencent Meeting. Telecast puts it on Bilibili, YouTube, Twitch and others at once, and tells you here how each is doing.\n\nPress Start.";
const SHORT_DESCRIPTION: &str = "Live everywhere from your chat: one stream in, many platforms out.";

fn page(screen: &Screen) -> String {
    match screen {
        Screen::Hello(screen) => hello::hello(screen),
        Screen::Group(screen) => hello::group(screen),
        Screen::Access(screen) => hello::access(screen),
        Screen::No(reason) => hello::no(reason),
        Screen::Add(screen) => add::add(screen),
        Screen::Target(screen) => target::target(screen),
        Screen::Keys(screen) => target::keys(screen),
        Screen::Ingest(screen) => target::ingest(screen),
        Screen::Pulled(screen) => sources::pulled(screen),
        Screen::Played(screen) => sources::played(screen),
        Screen::Settings(screen) => rights::settings(screen),
        Screen::Operators(view) => rights::operators(view),
        Screen::Host(screen) => host::host(screen),
        Screen::Show(screen) => show::show(screen),
        Screen::Look(screen) => look::look(screen),
        Screen::Recordings(screen) => recordings::recordings(screen),
        Screen::Weekly(screen) => weekly::weekly(screen),
        Screen::Watch(view) => watch::watch(view),
        Screen::Announce(screen) => announce::announce(screen),
        Screen::Panel(view) => panel::panel(view),
        Screen::News(news) => news::news(news),
    }
}

/// `2 h 13 min`.
fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0, s) => format!("{s} s"),
        (0, 0, m, 0) => format!("{m} min"),
        (0, 0, m, s) => format!("{m} min {s} s"),
        (0, h, 0, _) => format!("{h} h"),
        (0, h, m, _) => format!("{h} h {m} min"),
        (d, 0, ..) => format!("{d} d"),
        (d, h, ..) => format!("{d} d {h} h"),
    }
}

/// A line with a page to watch.
fn link(link: &LinkView) -> String {
    match &link.name {
        Some(name) => format!("\n{name}: {}", link.link),
        None => format!("\nIn the browser: {}", link.link),
    }
}

/// A count with its noun.
fn many(count: usize, one: &str, more: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {more}") }
}
