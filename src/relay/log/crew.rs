//! Readers that go on in step, with one cursor for all of them: whoever has taken everything takes the same from then on.

use super::Log;
use super::cursor::Cursor;
use crate::relay::ledger::{Count, Ledger};

/// The crew's place among the readers, whose numbers begin with 1.
const CREW: u64 = 0;

/// A reader's own place, kept while the crew reads for it.
#[derive(Debug)]
pub struct Enlisted {
    own: Cursor,
    /// The crew's, as the reader came to it.
    from: Cursor,
}

impl Log {
    /// The number by which [`Log::take`] takes for the crew, as long as anybody is enlisted.
    pub const CREW: u64 = CREW;

    /// The crew reads for `reader` from here on. `None` where the reader has not taken everything, what is counted and not
    /// held included, or not as others did.
    pub fn enlist(&mut self, reader: u64) -> Option<Enlisted> {
        let end = self.end();
        let own = self.readers.get(&reader)?;
        if own.next != end || own.passed != self.entered {
            return None;
        }
        if own.skipping || own.parting || own.until != u64::MAX || own.version != self.latest.version {
            return None;
        }
        if self.readers.get(&CREW).is_some_and(|crew| crew.tracks != own.tracks || crew.passed != own.passed) {
            return None;
        }
        let own = self.readers.remove(&reader)?;
        let crew = self.readers.entry(CREW).or_insert_with(|| Cursor {
            sent: Count::default(),
            dropped: Count::default(),
            filler: Count::default(),
            header_bytes: 0,
            ..own.clone()
        });
        // Nobody's time goes back by what others were sent.
        for (crew, own) in crew.times.iter_mut().zip(own.times) {
            *crew = match (*crew, own) {
                (Some(ours), Some(theirs)) if theirs.wrapping_sub(ours).cast_signed() > 0 => own,
                (None, own) => own,
                (ours, _) => ours,
            };
        }
        let from = crew.clone();
        Some(Enlisted { own, from })
    }

    /// The reader goes on by itself, from where the crew is.
    pub fn dismiss(&mut self, reader: u64, Enlisted { own, from }: Enlisted) -> Ledger {
        let Some(crew) = self.readers.get(&CREW) else { return own.ledger(self.entered) };
        let mut cursor = Cursor { base: own.base, opening: own.opening, ..crew.clone() };
        cursor.sent = own.sent;
        cursor.sent += crew.sent - from.sent;
        cursor.dropped = own.dropped;
        cursor.dropped += crew.dropped - from.dropped;
        cursor.filler = own.filler;
        cursor.filler += crew.filler - from.filler;
        cursor.header_bytes = own.header_bytes + (crew.header_bytes - from.header_bytes);
        let ledger = cursor.ledger(self.entered);
        self.readers.insert(reader, cursor);
        ledger
    }

    /// Whether the crew has lost nothing and goes on in the same codec: [`Log::take`] gives it what was appended, and has
    /// nothing to tell.
    #[must_use]
    pub fn crew_is_in_step(&self) -> bool {
        let crew = self.readers.get(&CREW);
        crew.is_some_and(|crew| !crew.skipping && crew.next >= self.first && crew.until == u64::MAX)
    }
}
