//! Shows what goes out in the halls where somebody watches: a task for each, with one reader of the studio's log for all.

use super::{Air, Hall};
use crate::domain::id::StudioId;
use crate::domain::status::Phase;
use crate::relay::tap::Tap;
use crate::service::{Notice, Service, lock};
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long is gathered before it is shown: what a browser waits for cannot be less.
const GATHER: Duration = Duration::from_millis(200);
/// How often it is looked how the show is.
const LOOK: Duration = Duration::from_secs(1);
/// So many looks without news, and it is said all the same.
const SILENT_LOOKS: u32 = 4;
/// So many looks in a row at which the line does not hold all who watch, and they are sent away. No rate is steadier.
const CROWDED_LOOKS: u32 = 5;

impl Service {
    /// Serves all halls, each with a task of `tasks`, until `token` is cancelled; then everybody is sent away.
    pub async fn project(self, tasks: TaskTracker, token: CancellationToken) {
        let serve = async {
            loop {
                self.0.halls.opened.notified().await;
                for (studio, hall) in self.unserved() {
                    tasks.spawn(self.clone().serve_hall(studio, hall));
                }
            }
        };
        token.run_until_cancelled(serve).await;
        lock(&self.0.halls.open).drain().for_each(|(_, hall)| hall.close());
    }

    /// Halls that nobody serves yet; from now on somebody does.
    fn unserved(&self) -> Vec<(StudioId, Arc<Hall>)> {
        let open = lock(&self.0.halls.open);
        let halls = open.iter().filter(|(_, hall)| hall.serve());
        halls.map(|(studio, hall)| (*studio, Arc::clone(hall))).collect()
    }

    async fn serve_hall(self, studio: StudioId, hall: Arc<Hall>) {
        let served = AssertUnwindSafe(self.show_until_empty(studio, &hall)).catch_unwind().await;
        if served.is_err() {
            tracing::error!(%studio, "a watch page's task panicked, a fault of Telecast's; whoever watched comes again");
            hall.close();
            lock(&self.0.halls.open).retain(|_, known| !Arc::ptr_eq(known, &hall));
        }
        self.tell(Notice::PanelChanged(studio));
    }

    async fn show_until_empty(&self, studio: StudioId, hall: &Arc<Hall>) {
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut tap, mut silent, mut told): (Option<Tap>, u32, usize) = (None, 0, 0);
        // Whoever comes while the rate is known is judged by it as they come.
        let (mut judged, mut crowded) = (self.live_rate(studio) > 0, 0);
        loop {
            let next = async {
                match &mut tap {
                    Some(tap) => tap.next().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = hall.closed() => return,
                batch = next => match batch {
                    Some(batch) => hall.show(&batch.packets),
                    None => tap = None,
                },
                _ = look.tick() => {
                    if self.gives_up(studio, hall) {
                        return;
                    }
                    let air = air(self.0.relay.phase(studio), hall.air());
                    hall.set_air(air);
                    let known = self.live_rate(studio) > 0;
                    crowded = if known && !self.holds(studio, hall) { crowded + 1 } else { 0 };
                    judged &= !matches!(air, Air::Before | Air::Over);
                    let patience = if judged { CROWDED_LOOKS } else { 1 };
                    if crowded >= patience {
                        // They come again at once, each judged by the rate.
                        self.clear_hall(studio);
                    }
                    judged |= known;
                    match air {
                        Air::Live | Air::Held if tap.is_none() => {
                            hall.begin_anew();
                            tap = self.0.relay.tap(studio, GATHER).await;
                        }
                        Air::Live | Air::Held => {}
                        _ => tap = None,
                    }
                    silent = if hall.say(silent >= SILENT_LOOKS) { 0 } else { silent + 1 };
                    let watching = hall.watching();
                    if std::mem::replace(&mut told, watching) != watching {
                        self.tell(Notice::PanelChanged(studio));
                    }
                }
            }
        }
    }

    /// What comes in to a show that goes out, in kbit/s; 0 where that is not known.
    fn live_rate(&self, studio: StudioId) -> u32 {
        let status = self.0.relay.status(studio);
        let live = matches!(status.phase, Phase::Live { .. });
        status.source.filter(|_| live).map_or(0, |source| source.kbps)
    }

    /// Whether the line holds all who watch, beside the platforms and the other shows.
    fn holds(&self, studio: StudioId, hall: &Hall) -> bool {
        let load = self.load_with(studio, hall.watching());
        self.0.store.studio(studio).is_none_or(|studio| studio.quota.holds(&load))
    }

    /// Gives an empty hall up.
    fn gives_up(&self, studio: StudioId, hall: &Arc<Hall>) -> bool {
        let mut open = lock(&self.0.halls.open);
        // Under the lock, under which people enter.
        if hall.watching() > 0 {
            return false;
        }
        if open.get(&studio).is_some_and(|known| Arc::ptr_eq(known, hall)) {
            open.remove(&studio);
        }
        true
    }
}

/// How a show is that was so before.
fn air(phase: Phase, before: Air) -> Air {
    match phase {
        Phase::Live { .. } => Air::Live,
        Phase::Held { .. } => Air::Held,
        Phase::Paused { .. } => Air::Paused,
        Phase::Waiting { .. } => Air::Before,
        Phase::Idle if before == Air::Before => Air::Before,
        Phase::Idle => Air::Over,
    }
}
