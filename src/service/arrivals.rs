//! Encoders that want to publish, players that want to play: whose key is it? A right key is taken, unless encoders fight
//! over it or players have no room; a wrong one is refused in words that their log shows, and an encoder's owner is told
//! where the key still says who that is. Neither kind of key ever does what the other is for.

use super::guesses::Guesses;
use super::{Notice, Service, lock};
use crate::domain::id::{StudioId, UserId};
use crate::domain::secret::{IngestKey, ReadKey};
use crate::domain::seldom::Seldom;
use crate::relay::ingest::Arrival;
use crate::rtmp::transport::Stream;
use crate::rtmp::{Asks, Play, Publish};
use crate::store::{Found, Playable};
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
const PLAYS_ONLY: &str = "This key is for players and publishes nothing. Ask the bot for server and key: /ingest";
const PUBLISHES_ONLY: &str = "This key is for encoders and plays nothing. The bot has one for players: /ingest";
const NOT_PLAYED: &str = "Nothing is played with this key. It may have been replaced: ask who gave it to you.";
const OFF: &str = "Playing is switched off here at present. Ask who gave you this key.";
const SHORT: &str =
    "This server is short of memory and keeps what it has for the shows that run. Try again a little later.";
const FULL: &str = "As many players as may be are connected already.";

/// What is remembered of those who came with wrong keys.
#[derive(Default)]
struct Strangers {
    guesses: Guesses,
    lines: Seldom,
    told: HashMap<(StudioId, UserId), Instant>,
}

impl Service {
    /// Judges encoders and players until no more can come; what is still being judged when `token` is cancelled is dropped.
    pub async fn receive(self, mut arrivals: mpsc::Receiver<Arrival>, tracker: TaskTracker, token: CancellationToken) {
        let strangers = Arc::<Mutex<Strangers>>::default();
        while let Some(arrival) = arrivals.recv().await {
            // In a task of its own, because refusing takes time; `relay::ingest` bounds how many there are.
            let judge = self.clone().judge(arrival, Arc::clone(&strangers));
            tracker.spawn(token.clone().run_until_cancelled_owned(judge));
        }
    }

    async fn judge(self, arrival: Arrival, strangers: Arc<Mutex<Strangers>>) {
        match arrival.asks {
            Asks::Publish(publish) => self.judge_publish(arrival.peer, publish, &strangers).await,
            Asks::Play(play) => self.judge_play(arrival.peer, play, &strangers).await,
        }
    }

    async fn judge_publish(&self, peer: SocketAddr, publish: Publish<Stream>, strangers: &Mutex<Strangers>) {
        let key = IngestKey::from_stream_name(publish.name());
        let Found::Exact { studio, .. } = self.0.store.find_ingest(&key) else {
            return self.refuse_publish(peer, publish, strangers).await;
        };
        // It is let go of before anybody is refused: nobody waits for a stranger to read.
        let show = self.show(studio).await;
        // Again, now that nobody can take the key away meanwhile.
        let Found::Exact { user, .. } = self.0.store.find_ingest(&key) else {
            drop(show);
            return self.refuse_publish(peer, publish, strangers).await;
        };
        if let Some(why) = self.shuts_out(studio, self.0.store.broadcast(studio).is_some()) {
            drop(show);
            tracing::info!(%studio, %user, %peer, why, "encoder refused");
            return publish.reject(why).await;
        }
        tracing::info!(%studio, %user, %peer, encoder = publish.encoder(), "encoder connected");
        let before = lock(&self.0.publishers).insert(studio, user);
        let Some(contested) = self.0.relay.attach(studio, publish).await else {
            self.tell(Notice::Arrived { studio });
            self.tell(Notice::PanelChanged(studio));
            return;
        };
        if let Some(before) = before {
            lock(&self.0.publishers).insert(studio, before);
        }
        drop(show);
        if contested.news {
            self.tell(Notice::Contested { user, studio });
        }
        tracing::info!(%studio, %user, %peer, "encoder refused: another one is live in this studio");
        contested.publish.reject(CONTESTED).await;
    }

    async fn judge_play(&self, peer: SocketAddr, play: Play<Stream>, strangers: &Mutex<Strangers>) {
        let key = ReadKey::from_stream_name(play.name());
        let Playable::Studio(studio) = self.0.store.find_read(&key) else {
            return self.refuse_play(peer, play, strangers).await;
        };
        let show = self.show(studio).await;
        // Again, now that nobody can take the key away meanwhile.
        if self.0.store.find_read(&key) != Playable::Studio(studio) {
            drop(show);
            return self.refuse_play(peer, play, strangers).await;
        }
        if let Some(why) = self.shuts_out(studio, false) {
            drop(show);
            tracing::info!(%studio, %peer, why, "player refused");
            return play.reject(why).await;
        }
        tracing::info!(%studio, %peer, player = play.player(), "player connected");
        let refused = self.0.relay.play(studio, play).await;
        drop(show);
        if let Some(play) = refused {
            tracing::info!(%studio, %peer, "player refused: there is no room");
            play.reject(FULL).await;
        }
    }

    /// Why nobody new is let in, where that is so; `on`: but for the show that runs already.
    fn shuts_out(&self, studio: StudioId, on: bool) -> Option<&'static str> {
        let open = self.0.store.studio(studio).is_some_and(|studio| self.is_let_in(&studio));
        if open { (self.memory().is_short() && !on).then_some(SHORT) } else { Some(SHUT) }
    }

    async fn refuse_publish(&self, peer: SocketAddr, publish: Publish<Stream>, strangers: &Mutex<Strangers>) {
        let now = self.slow_down(peer, strangers).await;
        let words = match self.0.store.find_ingest(&IngestKey::from_stream_name(publish.name())) {
            Found::Stale { studio, user } => {
                if lock(strangers).tells(now, studio, user) {
                    self.tell(Notice::StaleKey { user, studio });
                }
                STALE
            }
            _ => match self.0.store.find_read(&ReadKey::from_stream_name(publish.name())) {
                Playable::Unknown => UNKNOWN,
                Playable::Studio(_) | Playable::Off => PLAYS_ONLY,
            },
        };
        if let Some(more) = lock(strangers).lines.tells(now, peer.ip()) {
            tracing::info!(%peer, more, "encoder refused: wrong key");
        }
        publish.reject(words).await;
    }

    async fn refuse_play(&self, peer: SocketAddr, play: Play<Stream>, strangers: &Mutex<Strangers>) {
        let now = self.slow_down(peer, strangers).await;
        let words = match self.0.store.find_ingest(&IngestKey::from_stream_name(play.name())) {
            Found::Exact { .. } => PUBLISHES_ONLY,
            _ => match self.0.store.find_read(&ReadKey::from_stream_name(play.name())) {
                Playable::Off => OFF,
                Playable::Studio(_) | Playable::Unknown => NOT_PLAYED,
            },
        };
        if let Some(more) = lock(strangers).lines.tells(now, peer.ip()) {
            tracing::info!(%peer, more, "player refused: wrong key, or playing is off");
        }
        play.reject(words).await;
    }

    /// A wrong key of either kind costs its address the same; answers when it came.
    async fn slow_down(&self, peer: SocketAddr, strangers: &Mutex<Strangers>) -> Instant {
        let now = tokio::time::Instant::now().into_std();
        // Without chance an answer takes as long as the one before, which is no reason not to give it.
        let chance = getrandom::u32().unwrap_or_default();
        let delay = lock(strangers).guesses.wrong(now, peer.ip(), chance);
        tokio::time::sleep(delay).await;
        now
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
