//! Writing hands of connections whose targets keep up: the publisher's task writes with them what it has just appended,
//! so that nobody is woken for it. Who does not keep up gets the hand back, and is waited for by nobody.

use crate::media::packet::Packet;
use crate::relay::ledger::{Count, Ledger};
use crate::relay::log::{Enlisted, Handed, Log, Taken};
use crate::relay::meter::PushMeter;
use crate::rtmp::{Batch, Express};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::oneshot;

/// What is taken from the log at once, in bytes: more would lie where it cannot be dropped any more.
const BATCH: usize = 256 << 10;

/// What one connection takes from the log, and what of it has been counted.
#[derive(Debug)]
pub(super) struct Load {
    pub(super) batch: Vec<Packet>,
    pub(super) counted: Ledger,
    meter: Arc<PushMeter>,
}

impl Load {
    pub(super) fn new(meter: Arc<PushMeter>) -> Self {
        Self { batch: Vec::new(), counted: Ledger::default(), meter }
    }

    /// Fills the batch with what `reader` is to send next.
    pub(super) fn fill(&mut self, log: &mut Log, reader: u64, now: Instant) -> Taken {
        let taken = log.take(reader, now, BATCH, &mut self.batch);
        self.count(taken.ledger.sent - self.counted.sent, taken.ledger.dropped - self.counted.dropped);
        self.counted = taken.ledger;
        taken
    }

    fn count(&self, sent: Count, dropped: Count) {
        self.meter.sent.add(sent.bytes);
        if dropped.frames > 0 {
            self.meter.dropped_frames.add(dropped.frames);
            self.meter.dropped_bytes.add(dropped.bytes);
        }
    }

    /// Bytes of it were handed to the socket.
    pub(super) fn wrote(&self, bytes: usize) {
        self.meter.wire.add(bytes as u64);
    }
}

/// What is lent: the load and the hand that writes it.
#[derive(Debug)]
pub(super) struct Lent {
    pub(super) load: Load,
    pub(super) express: Express,
}

/// All hands that are lent of one studio.
#[derive(Default)]
pub(super) struct Loans(Mutex<Crew>);

#[derive(Default)]
struct Crew {
    members: Vec<Member>,
    /// What all of them are to write.
    batch: Batch,
    /// What follows is not for them.
    ended: bool,
    /// What all of them were handed, and what of it their meters have been told. Nobody reads those more than once a second
    /// or so, and each lies apart.
    handed: Tally,
    told: Tally,
}

#[derive(Clone, Copy, Default)]
struct Tally {
    sent: Count,
    dropped: Count,
    wire: usize,
}

struct Member {
    reader: u64,
    place: Enlisted,
    /// Bytes of the last batch that its socket did not take.
    left: usize,
    /// In here, not behind a pointer: what a write begins with has left the processor's cache since the last one.
    lent: Lent,
    /// To its owner.
    back: oneshot::Sender<Box<Lent>>,
}

impl AsRef<Express> for Member {
    fn as_ref(&self) -> &Express {
        &self.lent.express
    }
}

impl AsMut<Express> for Member {
    fn as_mut(&mut self) -> &mut Express {
        &mut self.lent.express
    }
}

impl Loans {
    /// All hands; nobody lends one or takes one back meanwhile. Taken before the log is locked, and kept for longer.
    pub(super) fn hands(&self) -> Hands<'_> {
        Hands(self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// All hands that are lent, to be written with.
pub(super) struct Hands<'a>(MutexGuard<'a, Crew>);

impl Hands<'_> {
    /// Loads what they are to write.
    pub(super) fn load(&mut self, log: &mut Log) {
        let Some(Handed { packets, sent, dropped, ended }) = log.hand() else { return };
        let crew = &mut *self.0;
        crew.batch.load(packets);
        (crew.handed.sent, crew.handed.dropped, crew.ended) = (sent, dropped, ended);
    }

    /// Writes it. Whose socket does not take all, and who is to be sent something else, gets the hand back, and from `dismiss`
    /// its own place; says whether anybody did.
    pub(super) fn write(&mut self, dismiss: impl Fn(u64, Enlisted) -> Ledger) -> bool {
        let Crew { members, batch, ended, handed, .. } = &mut *self.0;
        let (all, mut some) = (*ended, false);
        handed.wire += batch.send(members, |member, left| {
            member.left = left;
            some = true;
        });
        batch.clear();
        if !all && !some {
            return false;
        }
        self.tell();
        let leaves = |member: &mut Member| all || member.left > 0;
        for Member { reader, place, mut lent, back, .. } in self.0.members.extract_if(.., leaves) {
            lent.load.counted = dismiss(reader, place);
            // Its owner may be gone.
            let _ = back.send(Box::new(lent));
        }
        true
    }

    /// Tells all meters what was counted.
    pub(super) fn tell(&mut self) {
        let Crew { members, handed, told, .. } = &mut *self.0;
        let before = std::mem::replace(told, *handed);
        for Member { left, lent, .. } in members {
            lent.load.count(handed.sent - before.sent, handed.dropped - before.dropped);
            lent.load.wrote(handed.wire - before.wire - *left);
        }
    }

    /// Whether nobody lends any.
    pub(super) fn are_none(&self) -> bool {
        self.0.members.is_empty()
    }

    /// Whether the same bytes are for `express` as for the others.
    pub(super) fn suit(&self, express: &Express) -> bool {
        self.are_none() || self.0.batch.stream() == express.stream()
    }

    /// Lends `lent` in the place of `reader`.
    pub(super) fn lend(&mut self, reader: u64, place: Enlisted, lent: Lent) -> oneshot::Receiver<Box<Lent>> {
        if self.are_none() {
            *self.0 = Crew { batch: Batch::new(lent.express.stream()), ..Crew::default() };
        }
        self.tell();
        let (back, returned) = oneshot::channel();
        self.0.members.push(Member { reader, place, left: 0, lent, back });
        returned
    }

    /// Takes back what `reader` has lent, if it has not been given back.
    pub(super) fn take(&mut self, reader: u64) -> Option<(Enlisted, Box<Lent>)> {
        let at = self.0.members.iter().position(|member| member.reader == reader)?;
        self.tell();
        let Member { place, lent, .. } = self.0.members.swap_remove(at);
        Some((place, Box::new(lent)))
    }
}
