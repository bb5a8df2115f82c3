//! Asks the platforms' public pages whether viewers see what is sent: only then is it *on air*.

use super::{Notice, Service};
use crate::domain::id::StudioId;
use crate::domain::status::{Phase, Seen, TargetState};
use crate::domain::target::Target;
use crate::platform::live_check::{Delay, LiveCheck, can_ask};
use crate::store::BroadcastRecord;
use futures_util::{FutureExt as _, StreamExt as _};
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often it is looked whom to ask; `LiveCheck` knows whose turn it is.
const EVERY: Duration = Duration::from_secs(5);
/// How many are asked at once.
const AT_ONCE: usize = 8;

impl Service {
    /// Asks while there is something to ask about, until `token` is cancelled.
    pub async fn watch_pages(self, pages: LiveCheck, token: CancellationToken) {
        let pages = Arc::clone(self.0.pages.get_or_init(|| Arc::new(pages)));
        let mut round = tokio::time::interval(EVERY);
        round.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let rounds = async {
            loop {
                round.tick().await;
                let asked = futures_util::stream::iter(self.to_ask());
                let round = asked.for_each_concurrent(AT_ONCE, |same| self.ask(&pages, same));
                if AssertUnwindSafe(round).catch_unwind().await.is_err() {
                    tracing::error!("asking public pages panicked, a fault of Telecast's; it goes on");
                }
            }
        };
        token.run_until_cancelled(rounds).await;
    }

    /// Every target that sends and has a page; those of one channel together.
    fn to_ask(&self) -> Vec<Vec<(StudioId, Target)>> {
        let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (studio, record) in self.0.store.broadcasts() {
            for target in self.sending(studio, &record).into_iter().filter(|target| self.can_ask(target).is_some()) {
                let channel = (target.platform.clone(), target.status_id.clone());
                found.entry(channel).or_default().push((studio, target));
            }
        }
        found.into_values().collect()
    }

    /// The targets that the studio's show goes out to now.
    pub(super) fn sending(&self, studio: StudioId, record: &BroadcastRecord) -> Vec<Target> {
        let status = self.0.relay.status(studio);
        let on = matches!(status.phase, Phase::Live { .. } | Phase::Held { .. });
        let sends = |target: &Target| {
            let state = status.targets.get(&target.id).map(|target| &target.state);
            on && matches!(state, Some(TargetState::Sending | TargetState::OnAir | TargetState::Slow))
        };
        self.targets_of(studio, record).into_iter().filter(sends).collect()
    }

    /// Whether there is a page to ask about `target`, and how late that may be.
    pub(super) fn can_ask(&self, target: &Target) -> Option<Delay> {
        let platform = self.0.catalogue.get(&target.platform)?;
        can_ask(platform, target, self.0.settings.apps.contains(&platform.id))
    }

    /// Asks about one channel, and notes it for every target there.
    async fn ask(&self, pages: &LiveCheck, same: Vec<(StudioId, Target)>) {
        let Some((_, first)) = same.first() else { return };
        let Some(platform) = self.0.catalogue.get(&first.platform) else { return };
        let look = pages.look(platform, first).await;
        for (studio, target) in same {
            if let (None, false, Some(link)) = (&target.viewer_link, target.unlinked, look.link.clone()) {
                let note = move |target: &mut Target| {
                    if !target.unlinked {
                        target.viewer_link.get_or_insert(link);
                    }
                };
                match self.0.store.update_target(studio, target.id, note).await {
                    Ok(_) => self.tell(Notice::PanelChanged(studio)),
                    Err(error) => tracing::debug!(%studio, target = %target.id, %error, "viewer link not kept"),
                }
            }
            // No answer says nothing, so what was known stays.
            if let Some(sight) = look.sight {
                self.0.relay.note_seen(studio, target.id, Seen { sight, title: look.title.clone() }).await;
            }
        }
    }
}
