//! Where old payloads lie while a reader lags: in memory that goes back to the system with them. An allocator keeps what
//! a target that stalls once took, since what is made meanwhile lies behind it.

use super::Log;
use bytes::Bytes;
use memmap2::MmapMut;
use std::io;
use std::ops::Range;
use std::time::{Duration, Instant};

/// What is younger stays where it is.
const OLD: Duration = Duration::from_secs(1);
/// Payload bytes of one place, up to a packet more; less waits for more. It goes back once nothing in it is held: the less
/// lies in it, the less of that is in vain.
const PLACE: usize = 256 << 10;
/// So many entries that come to less stay where they are: else each packet of a flood would have all before it counted again.
const MANY: usize = 1024;

impl Log {
    /// Moves there what is [`OLD`], as long as somebody has yet to take what is before the newest GOP.
    pub(super) fn shelve(&mut self, now: Instant) {
        self.shelved = self.shelved.max(self.first);
        if self.keyframe.is_none_or(|keyframe| keyframe <= self.first) {
            return;
        }
        loop {
            let begin = (self.shelved - self.first) as usize;
            let (mut end, mut bytes) = (begin, 0);
            while bytes < PLACE && end - begin < MANY {
                match self.entries.get(end) {
                    Some(entry) if now.saturating_duration_since(entry.arrived) >= OLD => {
                        bytes += entry.packet.payload.len();
                        end += 1;
                    }
                    _ => return,
                }
            }
            if bytes >= PLACE && self.move_together(begin..end, bytes).is_err() {
                // Where the system gives no memory, they stay where they are.
                return;
            }
            self.shelved = self.first + end as u64;
        }
    }

    /// Moves the payloads of `old` entries, which are `bytes` long in all, to a place of their own.
    fn move_together(&mut self, old: Range<usize>, bytes: usize) -> io::Result<()> {
        let mut place = MmapMut::map_anon(bytes)?;
        let mut end = 0;
        for entry in self.entries.range(old.clone()) {
            let begin = end;
            end += entry.packet.payload.len();
            place[begin..end].copy_from_slice(&entry.packet.payload);
        }
        let mut place = Bytes::from_owner(place);
        for entry in self.entries.range_mut(old) {
            entry.packet.payload = place.split_to(entry.packet.payload.len());
        }
        Ok(())
    }
}
