//! Pages of their own for long messages, keyframes mostly. They go back to the system with their message, but for a few that the
//! next ones take over: what the system gives has to be cleared, and is given page by page while it is written.

use memmap2::MmapMut;
use std::io;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Pages are taken in steps of so many bytes, so that they suit a message that is a little longer. Those that nobody writes to
/// take no memory.
pub(super) const STEP: usize = 64 << 10;
/// For so many messages that hold pages, pages for one more are kept: a relay of one studio keeps none.
const HELD_FOR_EACH_KEPT: usize = 4;

static KEPT: Mutex<Kept> = Mutex::new(Kept { held: 0, pages: Vec::new() });

struct Kept {
    /// How many [`Pages`] there are.
    held: usize,
    pages: Vec<MmapMut>,
}

impl Kept {
    fn lock() -> MutexGuard<'static, Self> {
        KEPT.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Pages that suit `len` bytes; not those of which more than half would be for nothing.
    fn take(&mut self, len: usize) -> Option<MmapMut> {
        let suits = |pages: &MmapMut| (len..=2 * len).contains(&pages.len());
        self.pages.iter().rposition(suits).map(|at| self.pages.remove(at))
    }

    /// One that was held comes back; what goes to the system for it.
    fn put(&mut self, pages: Option<MmapMut>) -> Vec<MmapMut> {
        self.held -= 1;
        self.pages.extend(pages);
        let surplus = self.pages.len().saturating_sub(self.held / HELD_FOR_EACH_KEPT);
        self.pages.drain(..surplus).collect()
    }
}

/// Room for one message, at least as much as it was asked for. Older bytes may lie in it.
#[derive(Debug)]
pub(super) struct Pages(Option<MmapMut>);

impl Pages {
    /// Room for `len` bytes.
    ///
    /// # Errors
    /// The system gives none.
    pub(super) fn take(len: usize) -> io::Result<Self> {
        let mut taken = {
            let mut kept = Kept::lock();
            kept.held += 1;
            Self(kept.take(len))
        };
        if taken.0.is_none() {
            taken.0 = Some(MmapMut::map_anon(len.next_multiple_of(STEP))?);
        }
        Ok(taken)
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        let surplus = Kept::lock().put(self.0.take());
        // Not under the lock.
        drop(surplus);
    }
}

impl Deref for Pages {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl DerefMut for Pages {
    fn deref_mut(&mut self) -> &mut [u8] {
        self.0.as_deref_mut().unwrap_or_default()
    }
}

impl AsRef<[u8]> for Pages {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtmp::chunk::partial::Partial;

    fn pages(steps: usize) -> Option<MmapMut> {
        MmapMut::map_anon(steps * STEP).ok()
    }

    fn steps(pages: &[MmapMut]) -> Vec<usize> {
        pages.iter().map(|pages| pages.len() / STEP).collect()
    }

    #[test]
    fn for_four_that_are_held_one_is_kept_and_the_oldest_goes() {
        let mut kept = Kept { held: 13, pages: Vec::new() };
        let mut gone = Vec::new();
        let mut left = Vec::new();
        for number in 1..=13 {
            gone.extend(steps(&kept.put(pages(number))));
            left.push(kept.pages.len());
        }
        assert_eq!(left, [1, 2, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0]);
        assert_eq!(gone, (1..=13).collect::<Vec<_>>());
        // What the system did not give does not come back.
        kept.held = 9;
        assert_eq!((kept.put(None).len(), kept.pages.len(), kept.held), (0, 0, 8));
    }

    #[test]
    fn a_message_takes_over_what_suits_its_length_the_newest_first() {
        let mut kept = Kept { held: 12, pages: [2, 3, 4].into_iter().filter_map(pages).collect() };
        assert!(kept.take(4 * STEP + 1).is_none(), "too short");
        assert!(kept.take(STEP - 1).is_none(), "more than half would be for nothing");
        let taken: Vec<_> = std::iter::from_fn(|| kept.take(2 * STEP - 1)).collect();
        assert_eq!(steps(&taken), [3, 2]);
        assert_eq!(steps(&kept.pages), [4]);
    }

    /// What an older message left in its pages is no part of the next one, whole or not.
    #[test]
    fn nothing_older_is_read_of_pages_that_are_taken_over() {
        let len = 2 * STEP + 1;
        let mut pages = Pages::take(len).unwrap();
        pages.fill(7);
        let mut partial = Partial::Pages(pages, 0);
        for byte in [1, 2] {
            let before = partial.came().len();
            partial.take(&vec![byte; STEP], len, true);
            assert!(partial.came()[before..].iter().eq(&vec![byte; STEP]));
        }
        partial.take(&[3], len, true);
        assert_eq!(partial.finish(), [vec![1; STEP], vec![2; STEP], vec![3]].concat());
    }
}
