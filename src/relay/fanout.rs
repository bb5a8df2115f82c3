//! The [`Log`] of one studio, shared: its publisher appends under one short lock, its targets are woken.
//! Knows no socket.

use crate::media::packet::Packet;
use crate::media::timeline::Timeline;
use crate::relay::log::{Log, Taken};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::Notify;

/// See the module's head.
#[derive(Default)]
pub struct Fanout {
    inner: Mutex<Inner>,
    appended: Notify,
}

#[derive(Default)]
struct Inner {
    log: Log,
    timeline: Timeline,
    source: u64,
}

impl Fanout {
    /// A new publisher takes over: what [`Fanout::append`] is given by older ones is thrown away from now on.
    pub fn begin_source(&self) -> u64 {
        let mut inner = self.lock();
        inner.log.begin_source();
        inner.timeline.restart();
        inner.source += 1;
        inner.source
    }

    /// Appends, empties `packets` and wakes every reader that waits. False: another publisher took over.
    pub fn append(&self, source: u64, now: Instant, packets: &mut Vec<Packet>) -> bool {
        let news = !packets.is_empty();
        {
            let Inner { log, timeline, source: current } = &mut *self.lock();
            if *current != source {
                return false;
            }
            log.append(
                now,
                packets.drain(..).map(|mut packet| {
                    packet.timestamp = timeline.place(&packet, now);
                    packet
                }),
            );
        }
        if news {
            self.appended.notify_waiters();
        }
        true
    }

    /// Forgets everything, timestamps too: for when nobody sends and nobody is sent to.
    pub fn clear(&self) {
        let mut inner = self.lock();
        inner.log.clear();
        inner.timeline = Timeline::default();
    }

    /// A reader for one connection: headers and GOP first.
    #[must_use]
    pub fn join(self: &Arc<Self>) -> Reader {
        let reader = self.lock().log.join();
        Reader { fanout: Arc::clone(self), reader }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection's place in the log. Dropping it frees what only it still needed.
pub struct Reader {
    fanout: Arc<Fanout>,
    reader: u64,
}

impl Reader {
    /// See [`Log::take`].
    pub fn take(&self, now: Instant, max: usize, out: &mut Vec<Packet>) -> Taken {
        self.fanout.lock().log.take(self.reader, now, max, out)
    }

    /// Until there is something to take. Cancel safe.
    pub async fn wait(&self) {
        let appended = self.fanout.appended.notified();
        tokio::pin!(appended);
        appended.as_mut().enable();
        if !self.fanout.lock().log.has_news(self.reader) {
            appended.await;
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.fanout.lock().log.leave(self.reader);
    }
}
