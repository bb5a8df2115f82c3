//! How a stream sounds, and what may be wrong with it.

use super::samples::{group, minutes, name};
use super::sources::plain;
use crate::chat::screen::{News, Screen};
use crate::chat::view::{PanelView, PhaseView, SourceView};
use crate::domain::monitor::{Ailment, Fault, Finding, Hearing};
use std::time::Duration;

pub(super) fn screens() -> Vec<Screen> {
    panels().into_iter().map(Screen::Panel).chain(news().into_iter().map(Screen::News)).collect()
}

fn panels() -> Vec<PanelView> {
    let source =
        SourceView { size: Some((1920, 1080)), video: Some("H.264"), fps: Some(30), audio: Some("AAC"), kbps: 4300 };
    let shown = |hearing| PanelView {
        source: Some(source.clone()),
        publisher: Some(name("阿明 Ming")),
        hearing: Some(hearing),
        ..plain(PhaseView::Live { lasted: minutes(1) })
    };
    let silent = Hearing::Silent(Duration::from_secs(20));
    let mut all: Vec<_> = [Hearing::Fine(-18), Hearing::Fine(0), Hearing::Quiet(-42), Hearing::TooLoud, silent]
        .into_iter()
        .chain([Hearing::Silent(minutes(3)), Hearing::Missing])
        .map(shown)
        .collect();
    let mute = SourceView { audio: None, ..source.clone() };
    all.push(PanelView { source: Some(mute), ..shown(Hearing::Missing) });
    all
}

fn news() -> Vec<News> {
    let news = |finding, studio| News::Stream { finding, studio };
    let trouble = |fault, seconds, studio| news(Finding::Found(fault, Duration::from_secs(seconds)), studio);
    let over = |ailment, seconds, studio| news(Finding::Over(ailment, Duration::from_secs(seconds)), studio);
    vec![
        trouble(Fault::Silent { ever: true }, 20, None),
        trouble(Fault::Silent { ever: false }, 20, group()),
        trouble(Fault::NoSound, 20, None),
        trouble(Fault::NoPicture, 20, group()),
        trouble(Fault::Frozen, 90, None),
        trouble(Fault::Blank { ever: false }, 10, group()),
        trouble(Fault::Blank { ever: true }, 30, None),
        trouble(Fault::RareKeyframes { every_s: 10 }, 20, None),
        trouble(Fault::Starved { kbps: 450, usual_kbps: 4_300 }, 15, group()),
        over(Ailment::Sound, 45, None),
        over(Ailment::Picture, 150, group()),
        over(Ailment::Keyframes, 60, None),
        over(Ailment::Rate, 60, None),
    ]
}
