//! Writing hands of connections whose targets keep up: the publisher's task writes with them what it has just appended,
//! so that nobody is woken for it. Who does not keep up gets the hand back, and is waited for by nobody.

use crate::media::packet::Packet;
use crate::relay::ledger::Ledger;
use crate::relay::log::{Log, Taken};
use crate::relay::meter::PushMeter;
use crate::rtmp::Express;
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
        Self { batch: Vec::with_capacity(64), counted: Ledger::default(), meter }
    }

    /// Fills the batch with what `reader` is to send next.
    pub(super) fn fill(&mut self, log: &mut Log, reader: u64, now: Instant) -> Taken {
        let taken = log.take(reader, now, BATCH, &mut self.batch);
        let (sent, dropped) = (taken.ledger.sent - self.counted.sent, taken.ledger.dropped - self.counted.dropped);
        self.meter.sent.add(sent.bytes);
        self.meter.dropped_frames.add(dropped.frames);
        self.meter.dropped_bytes.add(dropped.bytes);
        self.counted = taken.ledger;
        taken
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
pub(super) struct Loans(Mutex<Vec<Place>>);

struct Place {
    reader: u64,
    lent: Box<Lent>,
    /// Everything appended so far is in its load.
    in_step: bool,
    /// To its owner.
    back: oneshot::Sender<Box<Lent>>,
}

impl Loans {
    /// All hands; nobody lends one or takes one back meanwhile. Taken before the log is locked, and kept for longer.
    pub(super) fn hands(&self) -> Hands<'_> {
        Hands(self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// All hands that are lent, to be written with.
pub(super) struct Hands<'a>(MutexGuard<'a, Vec<Place>>);

impl Hands<'_> {
    /// Loads each with what it is to write.
    pub(super) fn load(&mut self, log: &mut Log, now: Instant) {
        for Place { reader, lent, in_step, .. } in self.0.iter_mut() {
            *in_step = log.is_in_step(*reader) && !lent.load.fill(log, *reader, now).more;
        }
    }

    /// Writes what they are loaded with. Who has more to write than that gets the hand back.
    pub(super) fn write(&mut self) {
        let busy = |Place { lent, in_step, .. }: &mut Place| {
            let Lent { load, express } = &mut **lent;
            let written = express.send(&mut load.batch);
            load.wrote(written);
            !*in_step || !express.is_empty()
        };
        for Place { lent, back, .. } in self.0.extract_if(.., busy) {
            // Its owner may be gone.
            let _ = back.send(lent);
        }
    }

    /// Lends `lent`.
    pub(super) fn lend(&mut self, reader: u64, lent: Box<Lent>) -> oneshot::Receiver<Box<Lent>> {
        let (back, returned) = oneshot::channel();
        self.0.push(Place { reader, lent, in_step: true, back });
        returned
    }

    /// Takes back what `reader` has lent, if it has not been given back.
    pub(super) fn take(&mut self, reader: u64) -> Option<Box<Lent>> {
        let at = self.0.iter().position(|place| place.reader == reader)?;
        Some(self.0.swap_remove(at).lent)
    }
}
