//! One film for all who watch it: what comes is put into pieces once, and everybody is given the same bytes. Whoever comes later
//! begins with the newest piece that can be begun with; whoever falls behind goes on there too, and holds nobody up.

use super::reel::{Reel, Sent, begins_film, framed};
use crate::media::packet::Packet;
use bytes::Bytes;
use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

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
    line: broadcast::Sender<Sent>,
    closed: CancellationToken,
}

#[derive(Debug, Default)]
struct Inner {
    reel: Reel,
    air: Air,
    /// Who watches, by where they come from.
    watching: Vec<Option<IpAddr>>,
    /// What was said last.
    said: Option<(Air, usize)>,
    served: bool,
}

impl Default for Hall {
    fn default() -> Self {
        let (line, _) = broadcast::channel(WAITING);
        Self { inner: Mutex::default(), line, closed: CancellationToken::new() }
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
            inner.reel.begin_anew();
        }
        inner.air = match air {
            Air::Live | Air::Held if !inner.reel.fits() => Air::Codec,
            air => air,
        };
    }

    /// Another stream follows: its times have nothing to do with those before.
    pub fn begin_anew(&self) {
        self.lock().reel.begin_anew();
    }

    /// How it was last.
    #[must_use]
    pub fn air(&self) -> Air {
        self.lock().air
    }

    /// Says how the show is and how many watch it, to everybody: where that has changed, or where `again`, so that a line
    /// that is silent is known to be dead. Answers whether it was said.
    pub fn say(&self, again: bool) -> bool {
        let mut inner = self.lock();
        let now = (inner.air, inner.watching.len());
        let news = again || inner.said != Some(now);
        if news {
            inner.said = Some(now);
            self.send(said(now));
        }
        news
    }

    /// Whether nobody serves it yet; from now on somebody does.
    pub(super) fn serve(&self) -> bool {
        !std::mem::replace(&mut self.lock().served, true)
    }

    /// A place for one more, if fewer than `most` watch, and fewer than so many from the line where they come from.
    pub fn enter(self: &Arc<Self>, most: usize, from: Option<(IpAddr, usize)>) -> Option<Watcher> {
        let mut inner = self.lock();
        let crowded = from
            .is_some_and(|(line, most)| inner.watching.iter().filter(|other| **other == Some(line)).count() >= most);
        if crowded || inner.watching.len() >= most || self.closed.is_cancelled() {
            return None;
        }
        let from = from.map(|(line, _)| line);
        inner.watching.push(from);
        // Under the lock, so that nothing is sent between what lies ready and what follows.
        let line = self.line.subscribe();
        let now = said((inner.air, inner.watching.len()));
        let ready = [now].into_iter().chain(inner.reel.so_far(false)).collect();
        let film = inner.reel.number();
        drop(inner);
        Some(Watcher { hall: Arc::clone(self), from, line, ready, film })
    }

    /// How many watch.
    #[must_use]
    pub fn watching(&self) -> usize {
        self.lock().watching.len()
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
    framed(b's', format!("{{\"air\":\"{}\",\"watching\":{watching}}}", air.name()).as_bytes())
}

/// One who watches. Dropped, it is gone.
#[derive(Debug)]
pub struct Watcher {
    hall: Arc<Hall>,
    from: Option<IpAddr>,
    line: broadcast::Receiver<Sent>,
    ready: VecDeque<Sent>,
    /// Of how many films it was sent the beginning, or passed over.
    film: u64,
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
                Ok(sent) => {
                    self.film += u64::from(begins_film(&sent));
                    return Some(sent);
                }
                Err(broadcast::error::RecvError::Closed) => return None,
                // Behind for too long: on with the newest that can be begun with.
                Err(broadcast::error::RecvError::Lagged(_)) => {
                    let inner = self.hall.lock();
                    self.line = self.line.resubscribe();
                    self.ready = inner.reel.so_far(self.film == inner.reel.number()).collect();
                    self.film = inner.reel.number();
                }
            }
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let mut inner = self.hall.lock();
        if let Some(place) = inner.watching.iter().position(|from| *from == self.from) {
            inner.watching.swap_remove(place);
        }
    }
}
