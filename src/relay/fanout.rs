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
    memory: Memory,
}

#[derive(Default)]
struct Inner {
    log: Log,
    timeline: Timeline,
    hold: Hold,
    source: u64,
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
        let others = {
            let Inner { log, timeline, hold, source: current } = &mut *self.lock();
            if *current != source {
                return false;
            }
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
            log.has_readers()
        };
        if news {
            self.write(&mut hands, others);
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

    /// Has everybody send what was appended; `others`: some of them by themselves.
    fn write(&self, hands: &mut Hands<'_>, others: bool) {
        if hands.write(|reader, place| self.lock().log.dismiss(reader, place)) {
            self.disband(hands);
        }
        if others {
            self.appended.notify_waiters();
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
        let ((filled, next), others) = {
            let Inner { log, timeline, hold, .. } = &mut *self.lock();
            let filled = hold.fill(now, timeline, log);
            hands.load(log);
            (filled, log.has_readers())
        };
        if filled {
            self.write(&mut hands, others);
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

    /// Until another keyframe begins to come, behind which the log wants to let go of what is before it. Cancel safe.
    pub async fn turn(&self) {
        self.fanout.turned.notified().await;
    }

    /// Has the publisher's task write from here on what is appended, unless there is something to take already.
    pub(super) fn lend(&self, lent: Box<Lent>) -> Result<Loan, Box<Lent>> {
        let mut hands = self.fanout.loans.hands();
        let place = hands.suit(&lent.express).then(|| self.fanout.lock().log.enlist(self.reader));
        let Some(place) = place.flatten() else { return Err(lent) };
        let returned = hands.lend(self.reader, place, lent);
        Ok(Loan { fanout: Arc::clone(&self.fanout), reader: self.reader, returned })
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.fanout.lock().log.leave(self.reader);
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
mod tests {
    use super::*;
    use crate::media::packet::{Kind, Role};
    use bytes::Bytes;
    use proptest::prelude::*;
    use std::time::Duration;

    /// An encoder with a clock of its own.
    #[derive(Debug)]
    struct Encoder {
        number: u64,
        clock: u32,
        frames: u32,
    }

    impl Encoder {
        fn packet(&self, kind: Kind, role: Role, jitter: i32) -> Packet {
            let timestamp = self.clock.wrapping_add_signed(jitter);
            Packet { kind, role, timestamp, payload: Bytes::from_static(&[0; 100]) }
        }

        /// 40 ms of picture and sound, with headers before each keyframe.
        fn next(&mut self, jitter: i32) -> Vec<Packet> {
            let mut packets = Vec::new();
            let key = self.frames.is_multiple_of(25);
            if key {
                packets.push(self.packet(Kind::Data, Role::Metadata, 0));
                packets.push(self.packet(Kind::Video, Role::SequenceHeader, 0));
                packets.push(self.packet(Kind::Audio, Role::SequenceHeader, 0));
            }
            packets.push(self.packet(Kind::Video, if key { Role::Keyframe } else { Role::Frame }, jitter));
            packets.push(self.packet(Kind::Audio, Role::Frame, -13 - jitter));
            self.clock = self.clock.wrapping_add(40);
            self.frames += 1;
            packets
        }
    }

    #[derive(Clone, Debug)]
    enum Step {
        Send(u32, i32),
        Jump(i32),
        Pause(u64),
        Return(u32),
        Join,
        Take(usize),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let jump =
            prop_oneof![Just(3_600_000), Just(-5_000), Just(-900), Just(-40), Just(40), Just(9_990), any::<i32>()];
        let start = prop_oneof![Just(0), Just(0x00ff_ff00), Just(0xffff_ff00), any::<u32>()];
        let step = prop_oneof![
            8 => (1_u32..100, -40_i32..=40).prop_map(|(frames, jitter)| Step::Send(frames, jitter)),
            1 => jump.prop_map(Step::Jump),
            1 => (0_u64..20_000).prop_map(Step::Pause),
            1 => start.prop_map(Step::Return),
            1 => Just(Step::Join),
            4 => (0_usize..4).prop_map(Step::Take),
        ];
        prop::collection::vec(step, 1..80)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        /// Whatever encoders do with their clocks, and however slow a target is: no kind's time ever goes back on a
        /// connection, headers and what follows a drop included.
        #[test]
        fn on_every_connection_time_goes_on(start in prop_oneof![Just(0_u32), Just(0x00ff_ff00), Just(0xffff_ff00)],
                                            steps in steps()) {
            let (fanout, mut now) = (Arc::<Fanout>::default(), Instant::now());
            let mut encoder = Encoder { number: fanout.begin_source(), clock: start, frames: 0 };
            let mut readers: Vec<(Reader, [Option<u32>; 3])> = Vec::new();
            for step in steps {
                match step {
                    Step::Send(frames, jitter) => for frame in 0..frames {
                        now += Duration::from_millis(40);
                        let jitter = if frame % 2 == 0 { jitter } else { -jitter };
                        prop_assert!(fanout.append(encoder.number, now, &mut encoder.next(jitter)));
                    },
                    Step::Jump(by) => encoder.clock = encoder.clock.wrapping_add_signed(by),
                    Step::Pause(time) => now += Duration::from_millis(time),
                    Step::Return(clock) => encoder = Encoder { number: fanout.begin_source(), clock, frames: 0 },
                    Step::Join => readers.push((fanout.join(), [None; 3])),
                    Step::Take(which) => {
                        let Some((reader, times)) = readers.get_mut(which) else { continue };
                        let mut out = Vec::new();
                        reader.take(now, usize::MAX, &mut out);
                        for packet in out {
                            let newest = &mut times[packet.kind as usize];
                            let back = newest.map_or(0, |newest| packet.timestamp.wrapping_sub(newest).cast_signed());
                            prop_assert!(back >= 0, "{back} ms: {packet:?}");
                            *newest = Some(packet.timestamp);
                        }
                    }
                }
            }
        }
    }
}
