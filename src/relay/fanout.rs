//! The [`Log`] of one studio, shared: its publisher appends under one short lock, and writes to the targets that keep
//! up; the others are woken.

use crate::media::packet::Packet;
use crate::media::timeline::Timeline;
use crate::relay::hold::Hold;
use crate::relay::loan::{Hands, Lent, Load, Loans};
use crate::relay::log::{Log, MAX_BYTES, Taken};
use crate::relay::memory::Memory;
use crate::rtmp::Offer;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::{Notify, oneshot};

/// See the module's head.
#[derive(Default)]
pub struct Fanout {
    /// Locked before the log, where both are.
    loans: Loans,
    inner: Mutex<Inner>,
    appended: Notify,
    /// Another keyframe has begun to come.
    turned: Notify,
    /// Something has come that somebody waited for no longer than until now.
    due: Notify,
    memory: Memory,
}

#[derive(Default)]
struct Inner {
    log: Log,
    timeline: Timeline,
    hold: Hold,
    source: u64,
    /// When the first of those is due who wait for what comes then.
    due: Option<Instant>,
}

impl Inner {
    /// Has somebody woken by what comes at `at` or later.
    fn call_at(&mut self, at: Instant) {
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    /// Who is to be woken when something has come `now`.
    fn call(&mut self, now: Instant) -> Call {
        Call { readers: self.log.has_readers(), due: self.due.take_if(|due| *due <= now).is_some() }
    }
}

/// Who is to be woken.
struct Call {
    readers: bool,
    due: bool,
}

impl Fanout {
    /// One that holds less where memory is short.
    #[must_use]
    pub fn within(memory: &Memory) -> Self {
        Self { memory: memory.clone(), ..Self::default() }
    }

    /// A new publisher takes over: what [`Fanout::append`] is given by older ones is thrown away from now on.
    pub fn begin_source(&self) -> u64 {
        let mut inner = self.lock();
        inner.log.begin_source();
        inner.timeline.restart();
        inner.hold.begin_source();
        inner.source += 1;
        inner.source
    }

    /// Appends, empties `packets` and has every reader send them. False: another publisher took over.
    pub fn append(&self, source: u64, now: Instant, packets: &mut Vec<Packet>) -> bool {
        let news = !packets.is_empty();
        let mut hands = self.loans.hands();
        let call = {
            let mut inner = self.lock();
            if inner.source != source {
                return false;
            }
            let Inner { log, timeline, hold, .. } = &mut *inner;
            log.bound(self.memory.room(MAX_BYTES));
            if hold.hear(now, packets, timeline, log) {
                log.append(
                    now,
                    packets.drain(..).map(|mut packet| {
                        hold.note(&packet);
                        packet.timestamp = timeline.place(&packet, now);
                        packet
                    }),
                );
            } else {
                packets.drain(..).for_each(|packet| hold.readmit(now, packet, timeline, log));
            }
            hands.load(log);
            news.then(|| inner.call(now))
        };
        if let Some(call) = call {
            self.write(&mut hands, call);
        }
        true
    }

    /// See [`Log::await_keyframe`].
    pub fn await_keyframe(&self, source: u64, now: Instant) {
        let mut inner = self.lock();
        if inner.source == source {
            inner.log.await_keyframe(now);
            drop(inner);
            self.turned.notify_waiters();
        }
    }

    /// Has everybody send what was appended, those of `call` by themselves.
    fn write(&self, hands: &mut Hands<'_>, call: Call) {
        if hands.write(|reader, place| self.lock().log.dismiss(reader, place)) {
            self.disband(hands);
        }
        if call.readers {
            self.appended.notify_waiters();
        }
        if call.due {
            self.due.notify_waiters();
        }
    }

    /// Without members there is no crew.
    fn disband(&self, hands: &Hands<'_>) {
        if hands.are_none() {
            self.lock().log.disband();
        }
    }

    /// Tells all meters what was counted since they were told last.
    pub(super) fn tell(&self) {
        self.loans.hands().tell();
    }

    /// Takes back what `reader` has lent, if it has not been given back.
    fn recall(&self, reader: u64) -> Option<Box<Lent>> {
        let mut hands = self.loans.hands();
        let (place, mut lent) = hands.take(reader)?;
        lent.load.counted = self.lock().log.dismiss(reader, place);
        self.disband(&hands);
        Some(lent)
    }

    /// Whether there are targets that are to be fed whatever the publisher does.
    pub fn feed(&self, fed: bool) {
        self.lock().hold.feed(fed);
    }

    /// When media last came, of whatever publisher.
    pub fn heard(&self) -> Option<Instant> {
        self.lock().hold.heard()
    }

    /// The publisher's connection has ended.
    pub fn lose_source(&self) {
        self.lock().hold.lose_source();
    }

    /// Feeds the targets what is due in place of a publisher that is gone or silent. When to ask again, if at all.
    pub fn fill(&self, now: Instant) -> Option<Instant> {
        let mut hands = self.loans.hands();
        let (call, next) = {
            let mut inner = self.lock();
            let Inner { log, timeline, hold, .. } = &mut *inner;
            let (filled, next) = hold.fill(now, timeline, log);
            hands.load(log);
            (filled.then(|| inner.call(now)), next)
        };
        if let Some(call) = call {
            self.write(&mut hands, call);
        }
        next
    }

    /// Whether targets are fed, or would be, but with a picture that cannot be repeated.
    pub fn lacks_still(&self) -> bool {
        self.lock().hold.lacks_still()
    }

    /// One that knows nothing of this one's stream, timestamps neither, and goes on with its publishers' numbers: for
    /// when nobody sends. Who still reads this one may read it to its end.
    #[must_use]
    pub fn renewed(&self) -> Self {
        let inner = Inner { source: self.lock().source, ..Inner::default() };
        Self { inner: Mutex::new(inner), ..Self::within(&self.memory) }
    }

    /// See [`Log::offer`].
    #[must_use]
    pub fn offer(&self) -> Offer {
        self.lock().log.offer()
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

    /// See [`Load::fill`].
    pub(super) fn fill(&self, now: Instant, load: &mut Load) -> Taken {
        load.fill(&mut self.fanout.lock().log, self.reader, now)
    }

    /// See [`Log::take_tracks`].
    pub fn take_tracks(&self) {
        self.fanout.lock().log.take_tracks(self.reader);
    }

    /// See [`Log::part`].
    pub fn part(&self) {
        self.fanout.lock().log.part(self.reader);
    }

    /// See [`Log::follow`]. Nothing of it must be lent.
    pub fn follow(&mut self) {
        self.reader = self.fanout.lock().log.follow(self.reader);
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

    /// What tells of what comes here.
    pub fn bell(&self) -> Bell {
        Bell(Arc::clone(&self.fanout))
    }

    /// Has the publisher's task write from here on what is appended, unless there is something to take already.
    pub(super) fn lend(&self, lent: Box<Lent>) -> Result<Loan, Box<Lent>> {
        let mut hands = self.fanout.loans.hands();
        let place = hands.suit(&lent.express).then(|| self.fanout.lock().log.enlist(self.reader));
        let Some(place) = place.flatten() else { return Err(lent) };
        let returned = hands.lend(self.reader, place, *lent);
        Ok(Loan { fanout: Arc::clone(&self.fanout), reader: self.reader, returned })
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.fanout.lock().log.leave(self.reader);
    }
}

/// Tells when something comes, to who takes it later or elsewhere.
#[derive(Clone)]
pub struct Bell(Arc<Fanout>);

impl Bell {
    /// Until another keyframe begins to come, behind which the log wants to let go of what is before it. Cancel safe.
    pub async fn turn(&self) {
        self.0.turned.notified().await;
    }

    /// Until something comes at `at` or later, or that is over already. Who waits so is woken by nothing but what is passed
    /// on to others anyway. Cancel safe.
    pub async fn due(&self, at: Instant) {
        while tokio::time::Instant::now().into_std() < at {
            let due = self.0.due.notified();
            tokio::pin!(due);
            due.as_mut().enable();
            self.0.lock().call_at(at);
            due.await;
        }
    }
}

/// A hand that is lent. Dropping it takes it back.
pub(super) struct Loan {
    fanout: Arc<Fanout>,
    reader: u64,
    returned: oneshot::Receiver<Box<Lent>>,
}

impl Loan {
    /// Until it is given back, because there is more to write than the target takes at once. Cancel safe.
    pub(super) async fn returned(&mut self) -> Option<Box<Lent>> {
        (&mut self.returned).await.ok()
    }

    /// Takes it back now. Once.
    pub(super) fn recall(&mut self) -> Option<Box<Lent>> {
        self.fanout.recall(self.reader).or_else(|| self.returned.try_recv().ok())
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        self.fanout.recall(self.reader);
    }
}

#[cfg(test)]
mod tests;
