//! What a log may hold, and what it lets go of.

use super::{Entry, Log};
use std::time::{Duration, Instant};

/// Most memory that a log takes, payloads and entries, in bytes.
pub const MAX_BYTES: usize = 8 << 20;
/// Nothing older is kept.
pub const MAX_AGE: Duration = Duration::from_secs(10);
/// What is younger is kept also where memory is short: a picture begins with its keyframe, which may be larger than what a log
/// may hold then, and who keeps up takes it in this time.
const FRESH: Duration = Duration::from_secs(1);

impl Log {
    /// From the next packet on it holds no more than `most` bytes of what is older than a second, and never more than
    /// [`MAX_BYTES`].
    pub fn bound(&mut self, most: usize) {
        self.most = most.min(MAX_BYTES);
    }

    /// Lets go of what every reader has passed and no late joiner needs, and of whatever breaks the bounds.
    pub(super) fn evict(&mut self, now: Instant) {
        let beginning = self.beginning().unwrap_or(u64::MAX);
        // Where the front is what a late joiner begins with, it does not matter what the readers have taken.
        let passed = || self.readers.values().map(|cursor| cursor.next).min().unwrap_or(u64::MAX);
        let needless = if beginning > self.first { beginning.min(passed()) } else { beginning };
        while let Some(front) = self.entries.front() {
            let age = now.saturating_duration_since(front.arrived);
            let most = if age > FRESH { self.most } else { MAX_BYTES };
            let bounded = self.bytes <= most && age <= MAX_AGE;
            if bounded && self.first >= needless {
                break;
            }
            if let Some(entry) = self.entries.pop_front() {
                self.bytes -= weight(&entry);
                if self.keyframe == Some(self.first) {
                    self.keyframe = None;
                }
                if let Some(headers) = entry.headers {
                    self.front = headers;
                }
                self.first += 1;
            }
        }
        self.shelve(now);
    }
}

/// What an entry counts for.
pub(super) fn weight(entry: &Entry) -> usize {
    let headers = entry.headers.as_ref().map_or(0, |headers| headers.weight(&entry.packet));
    entry.packet.payload.len() + size_of::<Entry>() + headers
}
