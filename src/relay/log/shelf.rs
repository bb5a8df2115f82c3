//! Where old payloads lie while a reader lags: in memory that goes back to the system with them. An allocator keeps what
//! a target that stalls once took, since what is made meanwhile lies behind it.

use super::Log;
use bytes::Bytes;
use memmap2::MmapMut;
use std::time::{Duration, Instant};

/// What is younger will soon be let go of.
const OLD: Duration = Duration::from_secs(1);
/// Less is not worth a place of its own; payload bytes.
const LEAST: usize = 512 << 10;

impl Log {
    /// Moves the payloads before the newest keyframe there, once for each keyframe, if the oldest is [`OLD`].
    pub(super) fn shelve(&mut self, now: Instant) {
        let Some(keyframe) = self.keyframe.filter(|keyframe| *keyframe > self.shelved) else { return };
        if self.entries.front().is_none_or(|front| now.saturating_duration_since(front.arrived) < OLD) {
            return;
        }
        let from = self.shelved.max(self.first);
        self.shelved = keyframe;
        if from >= keyframe {
            return;
        }
        let old = (from - self.first) as usize..(keyframe - self.first) as usize;
        let bytes = self.entries.range(old.clone()).map(|entry| entry.packet.payload.len()).sum();
        if bytes < LEAST {
            return;
        }
        // Where the system gives none, they stay where they are.
        let Ok(mut shelf) = MmapMut::map_anon(bytes) else { return };
        let mut end = 0;
        for entry in self.entries.range(old.clone()) {
            let begin = end;
            end += entry.packet.payload.len();
            shelf[begin..end].copy_from_slice(&entry.packet.payload);
        }
        let mut shelf = Bytes::from_owner(shelf);
        for entry in self.entries.range_mut(old) {
            entry.packet.payload = shelf.split_to(entry.packet.payload.len());
        }
    }
}
