//! What a broadcast was, at its end.

use super::state::{PageView, StateView};
use super::{FailureView, TargetView};
use crate::chat::said::Said;
use crate::domain::status::Ending;
use crate::service::ShowReport;
use std::time::{Duration, Instant};

/// What a broadcast was.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::chat) struct ReportView {
    pub(in crate::chat) live_for: Duration,
    pub(in crate::chat) ending: Ending,
    pub(in crate::chat) targets: Vec<TargetView>,
}

impl ReportView {
    pub(in crate::chat) fn of(report: &ShowReport) -> Self {
        let now = Instant::now();
        let targets = report.targets.iter().map(|shown| {
            let state = StateView::of(&shown.status.state, PageView::Missing, now);
            let mut view = TargetView::with(Said::from(&shown.target.name), state, &shown.status);
            view.uptime = whole(shown.status.uptime);
            // At the end only those that never got through, or had fallen, need their reason.
            let through = shown.status.uptime > Duration::ZERO && !state.failed();
            view.failure = shown.status.last_failure.as_ref().filter(|_| !through).map(FailureView::of);
            view
        });
        Self { live_for: whole(report.live_for), ending: report.ending, targets: targets.collect() }
    }
}

impl TargetView {
    /// In a report: it was switched off before it was ever on air or failed.
    pub(in crate::chat) fn was_out(&self) -> bool {
        self.state == StateView::Off && self.uptime.is_zero() && self.failure.is_none()
    }
}

/// An amount of data, as people and their providers count it: powers of ten.
pub(in crate::chat) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        1_000_000..1_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{}.{} GB", bytes / 1_000_000_000, bytes / 100_000_000 % 10),
    }
}

/// A time that is over, in whole seconds; however short it was, it is not nothing.
fn whole(time: Duration) -> Duration {
    if time.is_zero() { time } else { Duration::from_secs(time.as_secs().max(1)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_counted_in_powers_of_ten() {
        let sizes = [1, 999_001, 1_000_000, 640_500_000, 1_950_000_000, 123_400_000_000].map(size);
        assert_eq!(sizes, ["1 kB", "1000 kB", "1 MB", "640 MB", "1.9 GB", "123.4 GB"]);
    }

    #[test]
    fn a_show_however_short_was_not_nothing() {
        let seconds = |time: Duration| time.as_secs();
        assert_eq!((seconds(whole(Duration::from_millis(40))), seconds(whole(Duration::ZERO))), (1, 0));
        assert_eq!(seconds(whole(Duration::from_millis(4900))), 4);
    }
}
