//! Players of a studio's stream: each is a reader of its [`Fanout`] as a target is, with the same bounds, and is waited for
//! by nobody.

use crate::relay::Host;
use crate::relay::driver::{Inbox, Input};
use crate::relay::fanout::Fanout;
use crate::relay::feed::Feed;
use crate::relay::loan::Load;
use crate::relay::push;
use crate::rtmp::Play;
use crate::rtmp::transport::Stream;
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Players that a studio has room for. They are people and tools who were given its read key, not its audience: each
/// costs as much of the host's line as a target.
pub const VIEWERS: usize = 10;
/// How long a player may take to hear that it may play.
const BEGIN: Duration = Duration::from_secs(5);
/// How long a player's end may take: what lies ready for it, and that it was the last.
const FAREWELL: Duration = Duration::from_millis(800);

/// The players of one studio.
pub(super) struct Viewers {
    places: Arc<Semaphore>,
    /// Ends those who play the stream as it is: they are given what lies ready, and told that it was the last.
    over: CancellationToken,
}

impl Default for Viewers {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(VIEWERS)), over: CancellationToken::new() }
    }
}

impl Viewers {
    /// How many there are.
    pub(super) fn count(&self) -> usize {
        VIEWERS.saturating_sub(self.places.available_permits())
    }

    /// Lets a player in; gives it back where there is no room. When it is gone, `driver` is told. Without a word it ends
    /// with the host's token alone.
    pub(super) fn let_in(
        &self,
        play: Box<Play<Stream>>,
        fanout: &Arc<Fanout>,
        driver: &Inbox,
        host: &Host,
    ) -> Option<Box<Play<Stream>>> {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else { return Some(play) };
        let (fanout, over, token) = (Arc::clone(fanout), self.over.clone(), host.token.clone());
        let driver = driver.clone();
        host.tracker.spawn(async move {
            let shown = AssertUnwindSafe(show(*play, fanout, over, place)).catch_unwind();
            if let Some(Err(_)) = token.run_until_cancelled(shown).await {
                tracing::error!("a player's task panicked, a fault of Telecast's; it may connect again");
            }
            // Without a driver the relay is closing.
            let _ = driver.send(Input::Left).await;
        });
        None
    }

    /// The stream is over, or not theirs any more: every player's connection ends within a second.
    pub(super) fn cut(&mut self) {
        std::mem::take(&mut self.over).cancel();
    }
}

async fn show(play: Play<Stream>, fanout: Arc<Fanout>, over: CancellationToken, _place: OwnedSemaphorePermit) {
    let Ok(Ok(sink)) = timeout(BEGIN, play.begin()).await else { return };
    let mut feed = Feed::new(sink, fanout.join(), Load::new(Arc::default()));
    drop(fanout);
    let fed = over.run_until_cancelled(push::send(&mut feed, None, &mut None)).await;
    // Another codec is for another connection, as everywhere; all else is the player's own end.
    if matches!(fed, None | Some(Ok(_))) {
        let end = async {
            if feed.drain().await.is_ok() {
                feed.goodbye().await;
            }
        };
        // Whether it hears it or not: it is over.
        let _ = timeout(FAREWELL, end).await;
    }
}
