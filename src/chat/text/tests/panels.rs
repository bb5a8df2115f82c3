//! One of each thing that a panel can show.

use super::samples::{minutes, name, target};
use super::sources::plain;
use crate::chat::advice::Advice;
use crate::chat::said::Said;
use crate::chat::view::*;
use crate::platform::Catalogue;
use std::time::Duration;

pub(super) fn panels() -> Vec<PanelView> {
    let source =
        SourceView { size: Some((1920, 1080)), video: Some("H.264"), fps: Some(30), audio: Some("AAC"), kbps: 4300 };
    let seen = source.clone();
    let silent = SourceView { size: None, video: Some("HEVC"), fps: None, audio: None, kbps: 0 };
    let (second, minute) = (Duration::from_secs(5), minutes(1));
    let slow = TargetView { dropped_frames: 96, ..target("Kick", StateView::Slow) };
    let failing = |state, failure| TargetView { failure: Some(failure), ..target("Twitch", state) };
    let pressed = |id, state| {
        let press = Catalogue::builtin().get(id).and_then(|platform| platform.owner_press.clone());
        TargetView { turn: press.map(|press| Advice::of(&press.told())), ..target(id, state) }
    };
    let sends = StateView::Sending;
    let live = vec![
        target("Bilibili", StateView::OnAir),
        TargetView { title: Some(Said::words("Friday <live> & 周五夜")), ..target("Kick", StateView::OnAir) },
        target("YouTube", sends(PageView::Missing)),
        target("B站 备用", sends(PageView::NotSeen)),
        target("Twitch", sends(PageView::Soon(Some(minutes(1))))),
        target("Huya", sends(PageView::Soon(None))),
        target("Weibo", sends(PageView::Silent)),
        target("Douyu", sends(PageView::Recording)),
        pressed("bilibili", sends(PageView::Recording)),
        target("Lexiang", StateView::Accepted),
        target("Facebook", StateView::Connecting),
        slow,
        failing(StateView::Reconnecting { attempt: 3, left: second }, FailureView::Down),
        failing(StateView::Refused { retry: Some(minute) }, FailureView::Refused(Said::words("BadName"))),
        failing(StateView::Refused { retry: None }, FailureView::Refused(Said::words(""))),
        failing(StateView::Refused { retry: None }, FailureView::Codec("HEVC")),
        failing(StateView::Refused { retry: None }, FailureView::KeyOver),
        pressed("bilibili", StateView::Refused { retry: Some(minute) }),
        pressed("facebook", sends(PageView::Missing)),
        target("Off", StateView::Off),
    ];
    let links = vec![LinkView { name: Some(name("Bilibili")), link: Said::address("https://live.bilibili.com/123") }];
    let waiting = [target("Bilibili", StateView::Waiting), target("Off", StateView::Off)];
    vec![
        plain(PhaseView::Idle),
        PanelView {
            targets: vec![target("Bilibili", StateView::Ready)],
            source: Some(silent),
            ..plain(PhaseView::Idle)
        },
        PanelView { targets: waiting.into(), ..plain(PhaseView::Waiting { left: minutes(60), again: false }) },
        plain(PhaseView::Waiting { left: minutes(35), again: true }),
        PanelView { source: Some(source), targets: live, links, ..plain(PhaseView::Live { lasted: minutes(64) }) },
        PanelView {
            source: Some(seen),
            publisher: Some(name("阿明 Ming")),
            on_duty: vec![name("Olivia"), name("阿明 Ming")],
            ..plain(PhaseView::Live { lasted: minutes(1) })
        },
        PanelView {
            targets: vec![
                target("Bilibili", StateView::OnAir),
                failing(StateView::Refused { retry: None }, FailureView::Refused(Said::words("BadName"))),
            ],
            ..plain(PhaseView::Live { lasted: minutes(1) })
        },
        PanelView {
            targets: vec![target("Bilibili", StateView::Connecting)],
            ..plain(PhaseView::Live { lasted: Duration::from_secs(1) })
        },
        PanelView {
            targets: vec![
                target("Bilibili", StateView::OnAir),
                TargetView { uptime: Duration::ZERO, ..target("Twitch", sends(PageView::Missing)) },
            ],
            ..plain(PhaseView::Live { lasted: minutes(64) })
        },
        plain(PhaseView::Held { lasted: minutes(64), left: minutes(9) }),
        plain(PhaseView::Paused { left: minutes(30) }),
        plain(PhaseView::Asleep),
    ]
}
