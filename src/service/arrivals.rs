//! Encoders that want to publish: whose key is it? A right key is taken, unless encoders fight over it; a wrong one is
//! refused in words that an encoder's log shows, and its owner is told where the key still says who that is.

use super::guesses::Guesses;
use super::{Notice, Service, lock};
use crate::domain::id::{StudioId, UserId};
use crate::domain::secret::IngestKey;
use crate::relay::ingest::Arrival;
use crate::rtmp::transport::Stream;
use crate::rtmp::{Asks, Publish};
use crate::store::Found;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// An owner of a stale key is told once in this time.
const STALE_EVERY: Duration = Duration::from_secs(600);

// English only: encoders show these in their logs, not in a chat.
const UNKNOWN: &str = "This stream key is not known here. Ask the bot for server and key: /ingest";
const STALE: &str = "This stream key is cut short or was replaced. Ask the bot for the whole key: /ingest";
const SHUT: &str = "This stream key belongs to a studio that may not stream here at present.";
const CONTESTED: &str =
    "Another encoder is live with this stream key. Stop it first, or ask the bot for a new key: /ingest";

/// What is remembered of those who came with wrong keys.
#[derive(Default)]
struct Strangers {
    guesses: Guesses,
    told: HashMap<(StudioId, UserId), Instant>,
}

impl Service {
    /// Judges encoders until no more can come; what is still being judged when `token` is cancelled is dropped.
    pub async fn receive(self, mut arrivals: mpsc::Receiver<Arrival>, tracker: TaskTracker, token: CancellationToken) {
        let strangers = Arc::<Mutex<Strangers>>::default();
        while let Some(arrival) = arrivals.recv().await {
            // In a task of its own, because refusing takes time; `relay::ingest` bounds how many there are.
            let judge = self.clone().judge(arrival, Arc::clone(&strangers));
            tracker.spawn(token.clone().run_until_cancelled_owned(judge));
        }
    }

    async fn judge(self, arrival: Arrival, strangers: Arc<Mutex<Strangers>>) {
        let publish = match arrival.asks {
            Asks::Publish(publish) => publish,
            Asks::Play(play) => return play.reject("Nothing is played here.").await,
        };
        let key = IngestKey::from_stream_name(publish.name());
        let Found::Exact { studio, .. } = self.0.store.find_ingest(&key) else {
            return self.refuse(&key, arrival.peer, publish, &strangers).await;
        };
        let show = self.show(studio).await;
        // Again, now that nobody can take the key away meanwhile.
        let Found::Exact { user, .. } = self.0.store.find_ingest(&key) else {
            return self.refuse(&key, arrival.peer, publish, &strangers).await;
        };
        if !self.0.store.studio(studio).is_some_and(|studio| self.is_let_in(&studio)) {
            return publish.reject(SHUT).await;
        }
        tracing::info!(%studio, %user, peer = %arrival.peer, encoder = publish.encoder(), "encoder connected");
        let before = lock(&self.0.publishers).insert(studio, user);
        let Some(contested) = self.0.relay.attach(studio, publish).await else {
            self.tell(Notice::PanelChanged(studio));
            return;
        };
        if let Some(before) = before {
            lock(&self.0.publishers).insert(studio, before);
        }
        // Nobody waits for a stranger to read.
        drop(show);
        if contested.news {
            self.tell(Notice::Contested { user, studio });
        }
        tracing::info!(%studio, %user, peer = %arrival.peer, "encoder refused: another one is live in this studio");
        contested.publish.reject(CONTESTED).await;
    }

    async fn refuse(&self, key: &IngestKey, peer: SocketAddr, publish: Publish<Stream>, strangers: &Mutex<Strangers>) {
        let now = tokio::time::Instant::now().into_std();
        let delay = lock(strangers).guesses.wrong(now, peer.ip());
        tokio::time::sleep(delay).await;
        let words = match self.0.store.find_ingest(key) {
            Found::Stale { studio, user } => {
                if lock(strangers).tells(now, studio, user) {
                    self.tell(Notice::StaleKey { user, studio });
                }
                STALE
            }
            _ => UNKNOWN,
        };
        tracing::info!(%peer, "encoder refused: wrong key");
        publish.reject(words).await;
    }
}

impl Strangers {
    /// Whether the owner of a stale key is told this time.
    fn tells(&mut self, now: Instant, studio: StudioId, user: UserId) -> bool {
        self.told.retain(|_, told| now.saturating_duration_since(*told) < STALE_EVERY);
        let first = !self.told.contains_key(&(studio, user));
        if first {
            self.told.insert((studio, user), now);
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_of_a_stale_key_is_told_once_in_ten_minutes() {
        let mut strangers = Strangers::default();
        let start = Instant::now();
        let mut tells = |after, user| strangers.tells(start + Duration::from_secs(after), StudioId(1), UserId(user));
        assert!(tells(0, 1));
        assert!(!tells(599, 1));
        assert!(tells(599, 2), "another person's key is another matter");
        assert!(tells(600, 1));
    }
}
