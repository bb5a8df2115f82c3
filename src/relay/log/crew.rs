//! Readers that go on in step, with one cursor for all of them: who has taken everything is handed the same from then on, as it
//! is appended.

use super::cursor::Cursor;
use super::{Entry, Log};
use crate::media::packet::Packet;
use crate::relay::ledger::{Count, Ledger};

/// Those readers.
#[derive(Debug)]
pub(super) struct Crew {
    pub(super) cursor: Cursor,
    /// What they have not been handed yet.
    packets: Vec<Packet>,
}

impl Crew {
    /// `entry` is appended under its `number`.
    pub(super) fn pass(&mut self, entry: &Entry, number: u64, timed: bool) {
        if number < self.cursor.until {
            self.cursor.pass(entry, true, true, timed, &mut self.packets);
        }
    }
}

/// A reader's own place, kept while the crew reads for it.
#[derive(Debug)]
pub struct Enlisted {
    own: Cursor,
    /// The crew's, as the reader came to it.
    from: Cursor,
}

/// What [`Log::hand`] hands the crew.
#[derive(Debug)]
pub struct Handed<'a> {
    /// To be emptied.
    pub packets: &'a mut Vec<Packet>,
    /// Of all that came since there is a crew, what it was handed, these included.
    pub sent: Count,
    /// And what was passed over.
    pub dropped: Count,
    /// What follows is in another codec: everybody goes on alone.
    pub ended: bool,
}

impl Log {
    /// The crew reads for `reader` from here on. `None` where the reader has not taken everything, what is counted and not
    /// held included, or not as others did.
    pub fn enlist(&mut self, reader: u64) -> Option<Enlisted> {
        let end = self.end();
        let own = self.readers.get(&reader)?;
        if own.next != end || own.passed != self.entered {
            return None;
        }
        if own.skipping || own.behind || own.parting || own.until != u64::MAX || own.version != self.latest.version {
            return None;
        }
        let alike = |crew: &Cursor| crew.tracks == own.tracks && crew.passed == own.passed;
        if self.crew.as_ref().is_some_and(|crew| !alike(&crew.cursor)) {
            return None;
        }
        let own = self.readers.remove(&reader)?;
        let crew = &mut self.crew.get_or_insert_with(|| Crew {
            cursor: Cursor {
                sent: Count::default(),
                dropped: Count::default(),
                filler: Count::default(),
                header_bytes: 0,
                ..own.clone()
            },
            packets: Vec::new(),
        });
        // Nobody's time goes back by what others were sent.
        for (crew, own) in crew.cursor.times.iter_mut().zip(own.times) {
            *crew = match (*crew, own) {
                (Some(ours), Some(theirs)) if theirs.wrapping_sub(ours).cast_signed() > 0 => own,
                (None, own) => own,
                (ours, _) => ours,
            };
        }
        let from = crew.cursor.clone();
        Some(Enlisted { own, from })
    }

    /// The reader goes on by itself, from where the crew is.
    pub fn dismiss(&mut self, reader: u64, Enlisted { own, from }: Enlisted) -> Ledger {
        let Some(Crew { cursor: crew, .. }) = &self.crew else { return own.ledger(self.entered) };
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

    /// Hands the crew, if there is one, what was appended since it was handed something.
    pub fn hand(&mut self) -> Option<Handed<'_>> {
        let Crew { cursor, packets } = self.crew.as_mut()?;
        let ended = cursor.until != u64::MAX;
        if !ended {
            cursor.pass_all(self.entered);
        }
        Some(Handed { packets, sent: cursor.sent, dropped: cursor.dropped, ended })
    }

    /// Nobody is enlisted any more.
    pub fn disband(&mut self) {
        self.crew = None;
    }
}
