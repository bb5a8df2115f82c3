//! What a panel shows, worked out to the last figure, so that words need no clock. Figures are rounded: a panel is
//! edited only when its text changes.

mod report;
mod state;

pub(super) use report::{ReportView, size};
pub(super) use state::{PageView, StateView};

use super::advice::Advice;
use super::said::Said;
use crate::domain::monitor::Hearing;
use crate::domain::status::{
    Barred, LoginFault, Loss, Phase, PullFailure, PullState, PullStatus, PushFailure, SourceStatus, TargetStatus,
};
use crate::service::{Panel, PanelTarget, WatchLink};
use std::time::{Duration, Instant, SystemTime};

/// A whole panel.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PanelView {
    pub(super) phase: PhaseView,
    pub(super) source: Option<SourceView>,
    /// How it sounds, where that is known.
    pub(super) hearing: Option<Hearing>,
    /// Who publishes it, in a group.
    pub(super) publisher: Option<Said>,
    pub(super) pull: Option<PullView>,
    /// Those on duty whom others may know.
    pub(super) on_duty: Vec<Said>,
    /// How many play it.
    pub(super) viewers: usize,
    pub(super) recording: bool,
    /// How many watch the studio's own page, if it is open.
    pub(super) watching: Option<usize>,
    pub(super) targets: Vec<TargetView>,
    pub(super) links: Vec<LinkView>,
}

/// Where the broadcast is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PhaseView {
    Idle,
    /// `again`: it was live before a restart.
    Waiting {
        left: Duration,
        again: bool,
    },
    Live {
        lasted: Duration,
    },
    Held {
        lasted: Duration,
        left: Duration,
    },
    Paused {
        left: Duration,
    },
    Asleep,
}

/// The encoder's stream.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SourceView {
    /// `1920×1080`, where it is known.
    pub(super) size: Option<(u32, u32)>,
    pub(super) video: Option<&'static str>,
    /// Frames a second, where measured.
    pub(super) fps: Option<u32>,
    pub(super) audio: Option<&'static str>,
    pub(super) kbps: u32,
}

/// A source that is fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PullView {
    Resting,
    Connecting,
    Waiting,
    Receiving,
    Retrying { attempt: u32, left: Duration, why: Option<PullFailureView> },
}

/// Why it does not flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PullFailureView {
    Refused(Said),
    Login(LoginFault),
    Ended,
    Silent,
    Lost(FailureView),
}

/// One platform's line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TargetView {
    pub(super) name: Said,
    pub(super) state: StateView,
    pub(super) kbps: u32,
    pub(super) uptime: Duration,
    pub(super) dropped_frames: u64,
    /// Bytes that were sent there in this show.
    pub(super) sent: u64,
    pub(super) reconnects: u32,
    /// What the platform calls the show that viewers see.
    pub(super) title: Option<Said>,
    /// What its owner must press there now.
    pub(super) turn: Option<Advice>,
    /// The last failure, while it still matters.
    pub(super) failure: Option<FailureView>,
}

/// Why a platform failed, each told in its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FailureView {
    Refused(Said),
    Login(LoginFault),
    Codec(&'static str),
    KeyOver,
    Dns,
    Blocked(Barred),
    Down,
    Timeout,
    Tls,
    Protocol,
    Closed,
    Reset,
    Stalled,
    Internal,
}

/// A page that people watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LinkView {
    /// Whose page it is; none for the studio's own.
    pub(super) name: Option<Said>,
    pub(super) link: Said,
}

impl PanelView {
    pub(super) fn of(panel: &Panel, now: Instant) -> Self {
        let lasted = |since: Instant| match panel.live_since {
            // A restart began the monotone clock anew, but not the broadcast.
            Some(since) => coarse(SystemTime::now().duration_since(since).unwrap_or_default()),
            None => coarse(now.saturating_duration_since(since)),
        };
        let left = |until: Instant| ahead(until.saturating_duration_since(now));
        let phase = match panel.phase {
            Phase::Idle if panel.asleep => PhaseView::Asleep,
            Phase::Idle => PhaseView::Idle,
            Phase::Waiting { until } => PhaseView::Waiting { left: left(until), again: panel.live_since.is_some() },
            Phase::Live { since } => PhaseView::Live { lasted: lasted(since) },
            Phase::Held { since, until, .. } => PhaseView::Held { lasted: lasted(since), left: left(until) },
            Phase::Paused { until, .. } => PhaseView::Paused { left: left(until) },
        };
        let on = panel.has_broadcast();
        let mut targets: Vec<_> = panel.targets.iter().map(|target| TargetView::of(target, on, now)).collect();
        if let PhaseView::Live { lasted } | PhaseView::Held { lasted, .. } = phase {
            // Said once, of the show.
            let same = |target: &&mut TargetView| target.uptime + Duration::from_secs(60) >= lasted;
            targets.iter_mut().filter(same).for_each(|target| target.uptime = Duration::ZERO);
        }
        Self {
            phase,
            source: panel.source.as_ref().map(SourceView::of),
            hearing: panel.hearing.map(heard),
            publisher: None,
            on_duty: Vec::new(),
            pull: panel.pull.as_ref().map(|pull| PullView::of(pull, left)),
            viewers: panel.viewers,
            recording: panel.recording,
            watching: panel.own_page.as_ref().map(|page| page.watching),
            targets,
            links: if on { links(&panel.links()) } else { Vec::new() },
        }
    }
}

/// Where a show is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// On so many platforms.
    All(usize),
    /// Not on these, of so many.
    NotOn(Vec<Said>, usize),
    /// On none yet.
    Connecting,
    /// On the studio's own page alone.
    OwnPage,
}

impl PanelView {
    /// Where the show is, in one word.
    pub(super) fn reach(&self) -> Reach {
        let part = self.targets.iter().filter(|target| !matches!(target.state, StateView::Off | StateView::Ready));
        let (out, well): (Vec<_>, Vec<_>) = part.partition(|target| target.state.failed());
        let up = well.iter().filter(|target| !matches!(target.state, StateView::Waiting | StateView::Connecting));
        match (out.len(), up.count()) {
            (0, 0) if !well.is_empty() => Reach::Connecting,
            (0, 0) if self.watching.is_some() => Reach::OwnPage,
            (0, up) => Reach::All(up),
            (n, _) => Reach::NotOn(out.iter().map(|target| target.name.clone()).collect(), n + well.len()),
        }
    }
}

impl SourceView {
    pub(super) fn of(source: &SourceStatus) -> Self {
        let video = source.video.as_ref();
        Self {
            size: video.filter(|v| v.width > 0 && v.height > 0).map(|v| (v.width, v.height)),
            video: video.map(|v| v.codec),
            fps: video.and_then(|v| if v.fps > 0.0 { Some(v.fps.round() as u32) } else { None }),
            audio: source.audio.as_ref().map(|a| a.codec),
            kbps: rate(source.kbps),
        }
    }
}

impl PullView {
    fn of(pull: &PullStatus, left: impl Fn(Instant) -> Duration) -> Self {
        match pull.state {
            PullState::Resting => Self::Resting,
            PullState::Connecting => Self::Connecting,
            PullState::Waiting => Self::Waiting,
            PullState::Receiving => Self::Receiving,
            PullState::Retrying { attempt, at } => {
                Self::Retrying { attempt, left: left(at), why: pull.failure.as_ref().map(PullFailureView::of) }
            }
        }
    }
}

impl PullFailureView {
    pub(super) fn of(failure: &PullFailure) -> Self {
        match failure {
            PullFailure::Refused { words } => Self::Refused(Said::words(words)),
            PullFailure::Login(fault) => Self::Login(*fault),
            PullFailure::Ended => Self::Ended,
            PullFailure::Silent => Self::Silent,
            PullFailure::Lost(loss) => Self::Lost(FailureView::of_loss(loss)),
        }
    }
}

impl TargetView {
    fn of(shown: &PanelTarget, on: bool, now: Instant) -> Self {
        match &shown.status {
            Some(status) => {
                let page = PageView::of(shown.page, status, now);
                let state = StateView::of(&status.state, page, now);
                let turn = shown.press.as_ref().filter(|press| state.is_owners_turn(press.when, status));
                let turn = turn.map(|press| Advice::of(&press.told()));
                Self { turn, ..Self::with(Said::from(&shown.target.name), state, status) }
            }
            None => {
                let ready = shown.target.enabled && !on;
                Self {
                    name: Said::from(&shown.target.name),
                    state: if ready { StateView::Ready } else { StateView::Off },
                    kbps: 0,
                    uptime: Duration::ZERO,
                    dropped_frames: 0,
                    sent: 0,
                    reconnects: 0,
                    title: None,
                    turn: None,
                    failure: None,
                }
            }
        }
    }

    fn with(name: Said, state: StateView, status: &TargetStatus) -> Self {
        let title = status.seen.as_ref().and_then(|seen| seen.title.as_deref());
        let title = title.filter(|_| state == StateView::OnAir);
        let well = matches!(state, StateView::Sending(_) | StateView::OnAir | StateView::Off | StateView::Waiting);
        Self {
            name,
            state,
            kbps: rate(status.kbps),
            uptime: coarse(status.uptime),
            dropped_frames: status.dropped_frames,
            sent: status.sent_bytes,
            reconnects: status.reconnects,
            title: title.map(Said::words),
            turn: None,
            failure: status.last_failure.as_ref().filter(|_| !well).map(FailureView::of),
        }
    }
}

impl FailureView {
    pub(super) fn of(failure: &PushFailure) -> Self {
        match failure {
            PushFailure::Refused { words } => Self::Refused(Said::words(words)),
            PushFailure::HungUp { .. } => Self::Refused(Said::words("")),
            PushFailure::Login(fault) => Self::Login(*fault),
            PushFailure::Codec(codec) => Self::Codec(codec),
            PushFailure::KeyOver => Self::KeyOver,
            PushFailure::Lost(loss) => Self::of_loss(loss),
        }
    }

    /// Whether the server answered, and said no.
    pub(super) fn is_answer(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Login(_))
    }

    fn of_loss(loss: &Loss) -> Self {
        match loss {
            Loss::Dns => Self::Dns,
            Loss::Blocked(why) => Self::Blocked(*why),
            Loss::Down => Self::Down,
            Loss::Timeout => Self::Timeout,
            Loss::Tls(_) => Self::Tls,
            Loss::Protocol(_) => Self::Protocol,
            Loss::Closed => Self::Closed,
            Loss::Reset => Self::Reset,
            Loss::Stalled => Self::Stalled,
            Loss::Internal => Self::Internal,
        }
    }
}

/// How a stream sounds, so rounded that it changes slowly.
pub(super) fn heard(hearing: Hearing) -> Hearing {
    match hearing {
        Hearing::Silent(lasts) => Hearing::Silent(coarse(lasts)),
        hearing => hearing,
    }
}

pub(super) fn links(links: &[WatchLink]) -> Vec<LinkView> {
    links
        .iter()
        .map(|link| LinkView { name: link.of.as_ref().map(Said::from), link: Said::address(&link.link) })
        .collect()
}

/// A time that has passed, so rounded that it changes slowly.
pub(super) fn coarse(time: Duration) -> Duration {
    let seconds = time.as_secs();
    Duration::from_secs(match seconds {
        0 => 0,
        1..10 => 1,
        10..60 => seconds / 10 * 10,
        _ => seconds / 60 * 60,
    })
}

/// A time to wait, rounded up: what is said to come in 0 s is late already.
pub(super) fn ahead(time: Duration) -> Duration {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    Duration::from_secs(match seconds {
        0..=120 => seconds.div_ceil(5) * 5,
        _ => seconds.div_ceil(60) * 60,
    })
}

pub(super) fn rate(kbps: u32) -> u32 {
    let step = match kbps {
        0..100 => 10,
        100..1000 => 50,
        _ => 100,
    };
    (kbps + step / 2) / step * step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_rates_change_slowly() {
        let seconds = |time: Duration| time.as_secs();
        assert_eq!([0, 1, 9, 59].map(|time| seconds(coarse(Duration::from_secs(time)))), [0, 1, 1, 50]);
        assert_eq!(seconds(coarse(Duration::from_secs(129))), 120);
        assert_eq!(seconds(coarse(Duration::from_secs(7999))), 7980);
        assert_eq!(seconds(ahead(Duration::from_millis(1))), 5);
        assert_eq!(seconds(ahead(Duration::from_secs(3541))), 3600);
        assert_eq!((rate(4), rate(94), rate(974), rate(4312)), (0, 90, 950, 4300));
    }
}
