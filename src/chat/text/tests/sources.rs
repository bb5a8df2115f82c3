//! One of each thing that can be said of where the stream is taken from, and of who may play it.

use crate::chat::said::Said;
use crate::chat::screen::{News, Played, PullCheck, Pulled, Screen};
use crate::chat::view::{FailureView, PanelView, PhaseView, PullFailureView, PullView, SourceView};
use crate::domain::rtmp_url::UrlFault;
use crate::domain::status::LoginFault;
use std::time::Duration;

pub(super) fn screens() -> Vec<Screen> {
    let pulled = pulled().into_iter().map(Screen::Pulled);
    let others = played().into_iter().map(Screen::Played).chain(panels().into_iter().map(Screen::Panel));
    pulled.chain(others).chain(news().map(Screen::News)).collect()
}

fn group() -> Option<Said> {
    Some(Said::name("周末直播 Weekend Show"))
}

fn failures() -> Vec<PullFailureView> {
    let words = "NetStream.Play.StreamNotFound";
    vec![
        PullFailureView::Refused(Said::words("")),
        PullFailureView::Refused(Said::words(words)),
        PullFailureView::Login(LoginFault::Needed),
        PullFailureView::Login(LoginFault::WrongPassword),
        PullFailureView::Ended,
        PullFailureView::Silent,
        PullFailureView::Lost(FailureView::Down),
    ]
}

fn pulled() -> Vec<Pulled> {
    let from = || Said::address("rtmp://host.example/live/•••");
    let saved = |deleted, check| Pulled::Saved { from: from(), deleted, check };
    let mut all = vec![
        Pulled::Ask { studio: None },
        Pulled::Ask { studio: group() },
        Pulled::Is { from: from(), studio: None },
        Pulled::Is { from: from(), studio: group() },
        saved(true, PullCheck::Pending),
        saved(true, PullCheck::Plays),
        saved(false, PullCheck::Live),
        Pulled::Stopped,
    ];
    all.extend(failures().into_iter().map(|why| saved(true, PullCheck::Failed(why))));
    let faults =
        [UrlFault::Empty, UrlFault::TooLong, UrlFault::WebPage, UrlFault::Scheme, UrlFault::Malformed, UrlFault::NoApp];
    all.extend(faults.map(Pulled::Fault));
    all
}

fn played() -> Vec<Played> {
    let url =
        |scheme: &str| Said::address(&format!("{scheme}://live.example.com/live/play-k3mpa0123456789abcdefghjkm"));
    let on = |tls: bool, studio, renewed| Played::On {
        url: url("rtmp"),
        tls_url: tls.then(|| url("rtmps")),
        studio,
        renewed,
    };
    vec![
        Played::Off { studio: None, cut: false },
        Played::Off { studio: group(), cut: false },
        Played::Off { studio: None, cut: true },
        on(false, None, false),
        on(true, group(), false),
        on(false, None, true),
        Played::RenewAsk,
    ]
}

fn news() -> [News; 2] {
    let hold = Duration::from_secs(600);
    [
        News::HeldPulled { hold, sound_only: false, studio: None },
        News::HeldPulled { hold, sound_only: true, studio: group() },
    ]
}

/// A panel with nothing on it.
pub(super) fn plain(phase: PhaseView) -> PanelView {
    PanelView {
        phase,
        source: None,
        hearing: None,
        publisher: None,
        pull: None,
        on_duty: vec![],
        viewers: 0,
        recording: false,
        watching: None,
        targets: vec![],
        links: vec![],
    }
}

fn panels() -> Vec<PanelView> {
    let waiting = PhaseView::Waiting { left: Duration::from_secs(3600), again: false };
    let source =
        SourceView { size: Some((1920, 1080)), video: Some("H.264"), fps: Some(30), audio: Some("AAC"), kbps: 4300 };
    let retrying = |why| PullView::Retrying { attempt: 3, left: Duration::from_secs(5), why };
    let pulls = [
        PullView::Connecting,
        PullView::Waiting,
        retrying(None),
        retrying(Some(PullFailureView::Refused(Said::words("NetStream.Play.StreamNotFound")))),
    ];
    let mut all: Vec<_> = pulls.map(|pull| PanelView { pull: Some(pull), ..plain(waiting) }).into();
    let live = plain(PhaseView::Live { lasted: Duration::from_secs(60) });
    all.push(PanelView {
        pull: Some(PullView::Receiving),
        source: Some(source.clone()),
        viewers: 2,
        recording: true,
        ..live.clone()
    });
    all.push(PanelView { pull: Some(PullView::Resting), source: Some(source), ..live });
    all
}
