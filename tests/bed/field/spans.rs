//! Which numbers of which source came to a platform.

use super::clip::{Clip, Stamp};
use super::ledger::{Account, Count};
use std::collections::VecDeque;

/// Numbers behind the newest for which it is known whether they came: more than any relay keeps.
const WINDOW: u64 = 16_384;
/// Sound may overtake the pictures that it was sent between: by so many numbers, where a push begins.
const REORDERED: u64 = 4;
/// Sources whose numbers are told apart; of older ones only the sums are kept.
const SOURCES: usize = 4;

/// What is known of one source's numbers at one platform.
#[derive(Clone, Debug)]
struct Span {
    source: u16,
    /// The platform was to get everything from here on.
    first: u64,
    /// The number behind the highest that came.
    next: u64,
    got: Count,
    /// Passed over from one connection to the next.
    between: Count,
    /// Of the numbers `next - WINDOW..next`: which came, and which are in `between`.
    seen: Bits,
    passed: Bits,
}

/// A bit for each of the newest [`WINDOW`] numbers.
#[derive(Clone, Debug)]
struct Bits(Vec<u64>);

impl Bits {
    fn none() -> Self {
        Self(vec![0; (WINDOW / 64) as usize])
    }

    fn has(&self, number: u64) -> bool {
        self.0[(number % WINDOW / 64) as usize] >> (number % 64) & 1 == 1
    }

    fn set(&mut self, number: u64, to: bool) {
        let word = &mut self.0[(number % WINDOW / 64) as usize];
        *word = *word & !(1 << (number % 64)) | u64::from(to) << (number % 64);
    }
}

impl Span {
    fn new(source: u16, first: u64) -> Self {
        let (got, between) = (Count::default(), Count::default());
        Self { source, first, next: first, got, between, seen: Bits::none(), passed: Bits::none() }
    }

    /// What is missing amid connections.
    fn inside(&self, clip: &Clip) -> Count {
        let all = Count { frames: self.next - self.first, bytes: clip.bytes(self.first..self.next) };
        Count {
            frames: all.frames - self.got.frames - self.between.frames,
            bytes: all.bytes - self.got.bytes - self.between.bytes,
        }
    }

    /// Whether this number is new; `begins`: it is the first new one of its connection.
    fn take(&mut self, clip: &Clip, number: u64, payload: &[u8], begins: bool) -> bool {
        if number < self.first && number + REORDERED >= self.first {
            self.first = number;
        } else if number < self.next {
            if number < self.first || number + WINDOW < self.next || self.seen.has(number) {
                return false;
            }
            if self.passed.has(number) {
                // An older connection's buffer is read after all.
                self.passed.set(number, false);
                self.between.frames -= 1;
                self.between.bytes -= payload.len() as u64;
            }
        } else {
            if begins {
                self.between += Count { frames: number - self.next, bytes: clip.bytes(self.next..number) };
            }
            for passed in self.next.max(number.saturating_sub(WINDOW - 1))..number {
                self.seen.set(passed, false);
                self.passed.set(passed, begins);
            }
            self.passed.set(number, false);
            self.next = number + 1;
        }
        self.seen.set(number, true);
        self.got.note(payload);
        true
    }
}

/// See the module's head.
#[derive(Clone, Debug, Default)]
pub(super) struct Spans {
    newest: VecDeque<Span>,
    /// Of sources that are no longer told apart: missing inside of connections, and between them.
    older: [Count; 2],
}

impl Spans {
    /// Whether this number is new. `stands`: frames came over this connection before; `begins`: no new one did.
    pub(super) fn take(&mut self, clip: &Clip, stamp: Stamp, payload: &[u8], stands: bool, begins: bool) -> bool {
        let known = self.newest.iter().position(|span| span.source == stamp.source);
        let index = known.unwrap_or_else(|| {
            if self.newest.len() == SOURCES
                && let Some(oldest) = self.newest.pop_front()
            {
                self.older[0] += oldest.inside(clip);
                self.older[1] += oldest.between;
            }
            // On a connection that stands, a new source is to come from its first frame on.
            self.newest.push_back(Span::new(stamp.source, if stands { 0 } else { stamp.number }));
            self.newest.len() - 1
        });
        self.newest[index].take(clip, stamp.number, payload, begins)
    }

    /// See [`Ledger::missing`](super::Ledger::missing).
    pub(super) fn missing(&self, clip: &Clip) -> (Count, Count) {
        let [mut inside, mut between] = self.older;
        for span in &self.newest {
            inside += span.inside(clip);
            between += span.between;
        }
        (inside, between)
    }

    /// See [`Ledger::account`](super::Ledger::account).
    pub(super) fn account(&self, clip: &Clip, source: u16, next: u64) -> Option<Account> {
        let span = self.newest.iter().find(|span| span.source == source)?;
        Some(Account {
            early: clip.bytes(0..span.first),
            received: span.got.bytes,
            inside: span.inside(clip).bytes,
            between: span.between.bytes,
            behind: clip.bytes(span.next..next),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sockets of several broken connections are read in any order.
    #[test]
    fn what_comes_late_leaves_the_gap_that_it_was_in() {
        let clip = Clip::new(1_000).unwrap();
        let mut spans = Spans::default();
        let mut take = |number: u64, begins: bool| {
            let stamp = Stamp { source: 1, number, sent: 0 };
            spans.take(&clip, stamp, &clip.payload(stamp), true, begins);
            spans.missing(&clip)
        };
        (0..10).for_each(|number| assert_eq!(take(number, false), Default::default()));
        take(20, true);
        let (inside, between) = take(30, true);
        assert_eq!((inside.frames, between.frames), (0, 10 + 9));
        // Each gap is filled, the older one first, then once more.
        for number in (10..20).chain(21..30).chain(10..20) {
            take(number, false);
        }
        assert_eq!(spans.missing(&clip), Default::default());
        assert_eq!(spans.account(&clip, 1, 31).unwrap().received, clip.bytes(0..31));
    }
}
