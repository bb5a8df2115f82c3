//! Asks the platforms' public pages whether viewers see what is sent: only then is it *on air*.

use super::{Notice, Service};
use crate::domain::id::StudioId;
use crate::domain::status::{Phase, TargetState};
use crate::domain::target::Target;
use crate::platform::live_check::LiveCheck;
use futures_util::{FutureExt as _, StreamExt as _};
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often a page is asked.
const EVERY: Duration = Duration::from_secs(30);
/// How many are asked at once.
const AT_ONCE: usize = 8;

impl Service {
    /// Asks while there is something to ask about, until `token` is cancelled.
    pub async fn watch_pages(self, pages: LiveCheck, token: CancellationToken) {
        let mut round = tokio::time::interval(EVERY);
        round.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let rounds = async {
            loop {
                round.tick().await;
                let asked = futures_util::stream::iter(self.to_ask());
                let round = asked.for_each_concurrent(AT_ONCE, |(studio, target)| self.ask(&pages, studio, target));
                if AssertUnwindSafe(round).catch_unwind().await.is_err() {
                    tracing::error!("asking public pages panicked, a fault of Telecast's; it goes on");
                }
            }
        };
        token.run_until_cancelled(rounds).await;
    }

    /// Every target that sends and has a page.
    fn to_ask(&self) -> Vec<(StudioId, Target)> {
        let mut found = Vec::new();
        for (studio, record) in self.0.store.broadcasts() {
            let status = self.0.relay.status(studio);
            if !matches!(status.phase, Phase::Live { .. } | Phase::Held { .. }) {
                continue;
            }
            let sends = |target: &Target| {
                let state = status.targets.get(&target.id).map(|target| &target.state);
                matches!(state, Some(TargetState::Sending | TargetState::OnAir | TargetState::Slow))
            };
            let targets = self.targets_of(studio, &record).into_iter();
            found.extend(targets.filter(|target| LiveCheck::can_ask(target) && sends(target)).map(|t| (studio, t)));
        }
        found
    }

    async fn ask(&self, pages: &LiveCheck, studio: StudioId, target: Target) {
        if target.viewer_link.is_none()
            && let Some(link) = pages.viewer_link(&target).await
        {
            let note = move |target: &mut Target| {
                target.viewer_link.get_or_insert(link);
            };
            match self.0.store.update_target(studio, target.id, note).await {
                Ok(_) => self.tell(Notice::PanelChanged(studio)),
                Err(error) => tracing::debug!(%studio, target = %target.id, %error, "viewer link not kept"),
            }
        }
        // No answer says nothing, so what was known stays.
        if let Some(on_air) = pages.is_on_air(&target).await {
            self.0.relay.note_on_air(studio, target.id, on_air).await;
        }
    }
}
