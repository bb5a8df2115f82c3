//! What /recordings says.

use crate::chat::screen::{RecordingView, RecordingsView, Screen, Way};
use crate::domain::recording::{Container, RecordingName};
use std::time::Duration;

pub(super) fn recording() -> RecordingView {
    RecordingView {
        name: RecordingName { began: 1_795_725_005, seconds: 3_725, container: Container::Mp4 },
        at: "2026-11-27 04:30".into(),
        zone: "Asia/Shanghai".into(),
        bytes: 2_712_000_000,
    }
}

pub(super) fn screens() -> Vec<Screen> {
    let list = |on, count| RecordingsView::List { on, keeps: Duration::from_secs(7 * 86_400), count };
    let small = || RecordingView { bytes: 31_000_000, zone: "UTC".into(), ..recording() };
    let all = [
        list(false, 0),
        list(true, 1),
        list(true, 12),
        RecordingsView::One { recording: small(), way: Way::Here },
        RecordingsView::One { recording: recording(), way: Way::Link },
        RecordingsView::One { recording: recording(), way: Way::Disk },
        RecordingsView::Film(small()),
        RecordingsView::Deleted(recording()),
        RecordingsView::Gone,
        RecordingsView::NotHere,
        RecordingsView::Unfit,
    ];
    all.map(Screen::Recordings).into()
}
