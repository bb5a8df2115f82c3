//! How a platform is: what its server says, and what viewers see.

use super::ahead;
use crate::domain::status::{Sight, TargetState, TargetStatus};
use crate::platform::When;
use crate::platform::live_check::Delay;
use std::time::{Duration, Instant};

/// What is to be pressed once the picture is there is said for so long: whether it was, nobody can know.
const REMINDED: Duration = Duration::from_secs(10 * 60);

/// A platform's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::chat) enum StateView {
    /// Switched off, or taken out of this broadcast.
    Off,
    /// Will be part of the next broadcast.
    Ready,
    Waiting,
    Connecting,
    Accepted,
    Sending(PageView),
    OnAir,
    Slow,
    Reconnecting {
        attempt: u32,
        left: Duration,
    },
    Refused {
        retry: Option<Duration>,
    },
}

/// What a platform's page says while the show is not seen there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::chat) enum PageView {
    /// There is none to ask: nobody can know.
    Missing,
    /// The platform may still be on its way; it takes so long, where that is known.
    Soon(Option<Duration>),
    /// It should have been seen by now.
    NotSeen,
    /// The page plays an old show.
    Recording,
    /// The page has said nothing.
    Silent,
}

impl PageView {
    pub(super) fn of(page: Option<Delay>, status: &TargetStatus, now: Instant) -> Self {
        let Some(delay) = page else { return Self::Missing };
        let sight = status.seen.as_ref().map(|seen| seen.sight);
        let up = status.up_since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        match sight {
            Some(Sight::Replay) => Self::Recording,
            _ if up < delay.at_most => Self::Soon(delay.usual),
            Some(_) => Self::NotSeen,
            None => Self::Silent,
        }
    }
}

impl StateView {
    pub(super) fn of(state: &TargetState, page: PageView, now: Instant) -> Self {
        let left = |at: Instant| ahead(at.saturating_duration_since(now));
        match state {
            TargetState::Off => Self::Off,
            TargetState::Waiting => Self::Waiting,
            TargetState::Connecting => Self::Connecting,
            TargetState::Accepted => Self::Accepted,
            TargetState::Sending => Self::Sending(page),
            TargetState::OnAir => Self::OnAir,
            TargetState::Slow => Self::Slow,
            TargetState::Reconnecting { attempt, at } => Self::Reconnecting { attempt: *attempt, left: left(*at) },
            TargetState::Refused { retry_at } => Self::Refused { retry: retry_at.map(left) },
        }
    }

    /// Whether nobody sees anything there before its owner presses something.
    pub(super) fn is_owners_turn(self, when: When, status: &TargetStatus) -> bool {
        match when {
            _ if self == Self::Sending(PageView::Recording) => true,
            When::Before => matches!(self, Self::Waiting | Self::Refused { retry: Some(_) }) && status.uptime.is_zero(),
            When::After => matches!(self, Self::Accepted | Self::Sending(_)) && status.uptime < REMINDED,
        }
    }

    /// Whether a person might want another attempt at once.
    pub(in crate::chat) fn failed(self) -> bool {
        matches!(self, Self::Reconnecting { .. } | Self::Refused { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::status::Seen;

    fn status(up: Duration, sight: Option<Sight>, now: Instant) -> TargetStatus {
        TargetStatus {
            state: TargetState::Sending,
            seen: sight.map(|sight| Seen { sight, title: None }),
            kbps: 0,
            up_since: now.checked_sub(up),
            sent_bytes: 0,
            dropped_frames: 0,
            dropped_bytes: 0,
            reconnects: 0,
            uptime: up,
            last_failure: None,
        }
    }

    #[test]
    fn within_a_platforms_delay_nothing_is_read_into_what_its_page_does_not_show() {
        let now = Instant::now() + Duration::from_secs(10_000);
        let usual = Some(Duration::from_secs(60));
        let delay = Some(Delay { usual, at_most: Duration::from_secs(96) });
        let (early, late) = (Duration::from_secs(95), Duration::from_secs(96));
        for (page, up, sight, told) in [
            (None, late, None, PageView::Missing),
            (delay, early, None, PageView::Soon(usual)),
            (delay, early, Some(Sight::Offline), PageView::Soon(usual)),
            (delay, late, Some(Sight::Offline), PageView::NotSeen),
            (delay, late, None, PageView::Silent),
            (delay, early, Some(Sight::Replay), PageView::Recording),
            (delay, late, Some(Sight::Replay), PageView::Recording),
        ] {
            assert_eq!(PageView::of(page, &status(up, sight, now), now), told, "{up:?} {sight:?}");
        }
    }
}
