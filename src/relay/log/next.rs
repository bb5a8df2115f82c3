//! The next keyframe, from when it begins to come: nobody will begin with the one before, which need not be kept beside it.

use super::Log;
use std::time::Instant;

impl Log {
    /// Another keyframe has begun to come: who joins from here on begins with it.
    pub fn await_keyframe(&mut self, now: Instant) {
        self.next_keyframe_comes = true;
        self.evict(now);
    }

    /// Where a late joiner begins.
    pub(super) fn beginning(&self) -> Option<u64> {
        self.keyframe.filter(|_| !self.next_keyframe_comes)
    }
}
