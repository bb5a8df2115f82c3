//! What a panel message shows.

use crate::domain::id::{ChatId, StudioId, UserId};
use crate::domain::monitor::Hearing;
use crate::domain::status::{Phase, PullStatus, SourceStatus, TargetState, TargetStatus};
use crate::domain::target::{Target, TargetName};
use crate::platform::OwnerPress;
use crate::platform::live_check::Delay;
use std::time::SystemTime;

/// Everything that a panel message shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// Which studio.
    pub studio: StudioId,
    /// The chat it belongs to.
    pub chat: ChatId,
    /// Its title.
    pub title: String,
    /// Where the broadcast is.
    pub phase: Phase,
    /// The source that flows now.
    pub source: Option<SourceStatus>,
    /// How it sounds, where that is known.
    pub hearing: Option<Hearing>,
    /// The source that is fetched, where the broadcast has one.
    pub pull: Option<PullStatus>,
    /// How many play it.
    pub viewers: usize,
    /// The show is being recorded.
    pub recording: bool,
    /// The studio's own page, if it is open.
    pub own_page: Option<OwnPage>,
    /// Every target of the studio, in its order: those outside the broadcast too.
    pub targets: Vec<PanelTarget>,
    /// Who started the broadcast.
    pub started_by: Option<UserId>,
    /// Who is on duty.
    pub on_duty: Vec<UserId>,
    /// Whose ingest key the encoder uses that is connected now.
    pub publisher: Option<UserId>,
    /// When the broadcast's first picture went out, also where the process was restarted since; with
    /// [`Phase::Waiting`] it means that a live broadcast waits for its encoder to come back.
    pub live_since: Option<SystemTime>,
    /// The broadcast stood still for longer than its hold and goes on only after
    /// [`Service::go_live`](super::Service::go_live); [`Service::stop_live`](super::Service::stop_live) ends it.
    pub asleep: bool,
}

impl Panel {
    /// Whether a broadcast is on, waiting, held, paused or asleep.
    #[must_use]
    pub fn has_broadcast(&self) -> bool {
        self.asleep || self.phase != Phase::Idle
    }

    /// Whether there is something to watch: a show with a picture, its own or the one that is kept.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(self.phase, Phase::Live { .. } | Phase::Held { .. })
    }

    /// Where people can watch what is part of the broadcast. A platform that refuses it shows nothing.
    #[must_use]
    pub fn links(&self) -> Vec<WatchLink> {
        let out = |state: &TargetState| matches!(state, TargetState::Off | TargetState::Refused { .. });
        let part = |shown: &&PanelTarget| shown.status.as_ref().is_some_and(|status| !out(&status.state));
        let own = self.own_page.iter().map(OwnPage::link);
        own.chain(self.targets.iter().filter(part).filter_map(|shown| WatchLink::of(&shown.target))).collect()
    }

    /// Every link that the studio has.
    #[must_use]
    pub fn all_links(&self) -> Vec<WatchLink> {
        let own = self.own_page.iter().map(OwnPage::link);
        own.chain(self.targets.iter().filter_map(|shown| WatchLink::of(&shown.target))).collect()
    }
}

/// The studio's own page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnPage {
    /// The page.
    pub link: String,
    /// How many watch it.
    pub watching: usize,
}

impl OwnPage {
    fn link(&self) -> WatchLink {
        WatchLink { of: None, link: self.link.clone() }
    }
}

/// One target on a panel.
#[derive(Clone, Debug, PartialEq)]
pub struct PanelTarget {
    /// The target.
    pub target: Target,
    /// How it is, when it is part of the broadcast.
    pub status: Option<TargetStatus>,
    /// How late its platform's page may be that tells whether viewers see it; without one, *sending* is all that can be
    /// known.
    pub page: Option<Delay>,
    /// What its owner must press there.
    pub press: Option<OwnerPress>,
}

/// Where people can watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchLink {
    /// The name of whose page it is; none for the studio's own.
    pub of: Option<TargetName>,
    /// The page.
    pub link: String,
}

impl WatchLink {
    /// The link of `target`, if it has one.
    #[must_use]
    pub fn of(target: &Target) -> Option<Self> {
        let link = target.viewer_link.clone()?;
        Some(Self { of: Some(target.name.clone()), link })
    }
}
