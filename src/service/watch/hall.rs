//! One film for all who watch it: what comes is put into pieces once, and everybody is given the same bytes. Whoever comes later
//! begins with the newest piece that can be begun with; whoever falls behind goes on there too, and holds nobody up.

use super::reel::{Reel, Sent};
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, broadcast};
use tokio_util::sync::CancellationToken;

use crate::media::packet::Packet;

/// Sendings that may wait for one who watches, about four seconds of them; who has not taken them by then has lost them.
const WAITING: usize = 24;

/// How a show is, for who watches it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Air {
    /// There is nothing to see, and there was nothing.
    #[default]
    Before,
    /// There is a picture.
    Live,
    /// The picture is away, and a still one is shown.
    Held,
    /// The picture was away for too long.
    Paused,
    /// The show is over.
    Over,
    /// There is a picture, in a codec that browsers cannot be given.
    Codec,
}

impl Air {
    /// Its name on the line.
    const fn name(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Live => "live",
            Self::Held => "held",
            Self::Paused => "paused",
            Self::Over => "over",
            Self::Codec => "codec",
        }
    }
}

/// Where one studio's show is watched.
#[derive(Debug)]
pub struct Hall {
    inner: Mutex<Inner>,
    line: broadcast::Sender<Bytes>,
    /// Somebody came or went.
    moved: Notify,
    closed: CancellationToken,
}

#[derive(Debug, Default)]
struct Inner {
    reel: Reel,
    air: Air,
    watching: usize,
    /// What was said last.
    said: Option<(Air, usize)>,
}

impl Default for Hall {
    fn default() -> Self {
        let (line, _) = broadcast::channel(WAITING);
        Self { inner: Mutex::default(), line, moved: Notify::new(), closed: CancellationToken::new() }
    }
}

impl Hall {
    /// Shows what came to everybody.
    pub fn show(&self, packets: &[Packet]) {
        let mut inner = self.lock();
        let sent = inner.reel.take(packets);
        if inner.air == Air::Live && !inner.reel.fits() {
            inner.air = Air::Codec;
        } else if inner.air == Air::Codec && inner.reel.fits() {
            inner.air = Air::Live;
        }
        sent.into_iter().for_each(|sent| self.send(sent));
    }

    /// How the show is from now on. Where there is no picture, whoever comes is given none.
    pub fn set_air(&self, air: Air) {
        let mut inner = self.lock();
        if !matches!(air, Air::Live | Air::Held) {
            inner.reel = Reel::default();
        }
        inner.air = match air {
            Air::Live | Air::Held if !inner.reel.fits() => Air::Codec,
            air => air,
        };
    }

    /// Says how the show is and how many watch it, to everybody: where that has changed, or where `again`, so that a line
    /// that is silent is known to be dead.
    pub fn say(&self, again: bool) {
        let mut inner = self.lock();
        let now = (inner.air, inner.watching);
        if again || inner.said != Some(now) {
            inner.said = Some(now);
            self.send(said(now));
        }
    }

    /// A place for one more, if fewer than `most` watch.
    pub fn enter(self: &Arc<Self>, most: usize) -> Option<Watcher> {
        let mut inner = self.lock();
        if inner.watching >= most || self.closed.is_cancelled() {
            return None;
        }
        inner.watching += 1;
        self.moved.notify_waiters();
        // Under the lock, so that nothing is sent between what lies ready and what follows.
        let line = self.line.subscribe();
        let ready = [said((inner.air, inner.watching))].into_iter().chain(inner.reel.so_far()).collect();
        Some(Watcher { hall: Arc::clone(self), line, ready })
    }

    /// How many watch.
    #[must_use]
    pub fn watching(&self) -> usize {
        self.lock().watching
    }

    /// Until somebody comes or goes.
    pub async fn moved(&self) {
        self.moved.notified().await;
    }

    /// Sends everybody away, and lets nobody in.
    pub fn close(&self) {
        self.closed.cancel();
    }

    /// Until it is closed.
    pub async fn closed(&self) {
        self.closed.cancelled().await;
    }

    /// Nobody may be there.
    fn send(&self, sent: Sent) {
        let _ = self.line.send(sent);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn said((air, watching): (Air, usize)) -> Sent {
    super::reel::framed(b's', format!("{{\"air\":\"{}\",\"watching\":{watching}}}", air.name()).as_bytes())
}

/// One who watches. Dropped, it is gone.
#[derive(Debug)]
pub struct Watcher {
    hall: Arc<Hall>,
    line: broadcast::Receiver<Bytes>,
    ready: VecDeque<Bytes>,
}

impl Watcher {
    /// What comes next on the line; nothing more once the hall is closed. Cancel safe.
    pub async fn next(&mut self) -> Option<Bytes> {
        loop {
            if self.hall.closed.is_cancelled() {
                return None;
            }
            if let Some(ready) = self.ready.pop_front() {
                return Some(ready);
            }
            let heard = tokio::select! {
                heard = self.line.recv() => heard,
                () = self.hall.closed.cancelled() => return None,
            };
            match heard {
                Ok(sent) => return Some(sent),
                Err(broadcast::error::RecvError::Closed) => return None,
                // Behind for too long: on with the newest that can be begun with.
                Err(broadcast::error::RecvError::Lagged(_)) => {
                    let inner = self.hall.lock();
                    self.line = self.line.resubscribe();
                    self.ready = inner.reel.so_far().collect();
                }
            }
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.hall.lock().watching -= 1;
        self.hall.moved.notify_waiters();
    }
}
