//! When a publisher is read. What counts in a relay's cost is how often it wakes up, and targets are written to when
//! their publisher has been read: so reads are gathered, on one grid for the whole host, and arrivals in between wake nobody.

use crate::media::packet::Packet;
use crate::rtmp::transport::Stream;
use crate::rtmp::{Source, SourceEnd};
use std::sync::OnceLock;
use std::time::Duration;
use tokio::task::yield_now;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

/// At first a publisher is read whenever something comes: nobody's first picture waits.
const EAGER: Duration = Duration::from_secs(3);
/// A publisher that sends more than this from one tick to the next is read whenever something comes: the grid slows
/// down nobody. Payload bytes.
const FAST: usize = 1 << 20;

/// See the module's head.
pub(super) struct Gather {
    every: Duration,
    /// While reads are gathered.
    grid: Option<Interval>,
    /// Since when they are not.
    eager_since: Instant,
    /// The last read left something behind.
    full: bool,
    /// Payload bytes since the last tick.
    bytes: usize,
}

impl Gather {
    /// Gathers for `every`; zero: not at all.
    pub(super) fn new(every: Duration, now: Instant) -> Self {
        Self { every, grid: None, eager_since: now, full: false, bytes: 0 }
    }

    /// Waits for the time to read what is there; false: it is time to wait for something to be there.
    pub(super) async fn tick(&mut self) -> bool {
        if self.full {
            // Others have their turn before this one goes on: the targets too, who are to take what it sends.
            yield_now().await;
        } else if let Some(grid) = &mut self.grid {
            grid.tick().await;
            self.bytes = 0;
        }
        self.grid.is_some()
    }

    /// A read brought `packets`, and left something behind if it was `full`.
    ///
    /// # Errors
    /// The end of the source.
    pub(super) fn note(
        &mut self,
        now: Instant,
        packets: &[Packet],
        full: bool,
        source: &mut Source<Stream>,
    ) -> Result<(), SourceEnd> {
        self.full = full;
        if self.grid.is_some() {
            self.bytes += packets.iter().map(|packet| packet.payload.len()).sum::<usize>();
            if self.bytes > FAST {
                (self.grid, self.eager_since) = (None, now);
                source.watch(true)?;
            }
        } else if !full && !self.every.is_zero() && now - self.eager_since > EAGER {
            (self.grid, self.bytes) = (Some(grid(self.every, now)), 0);
            source.watch(false)?;
        }
        Ok(())
    }
}

/// Ticks at the same moments for everyone who gathers for the same time.
fn grid(every: Duration, now: Instant) -> Interval {
    static EPOCH: OnceLock<Instant> = OnceLock::new();
    let epoch = *EPOCH.get_or_init(|| now);
    let into = now.saturating_duration_since(epoch).as_nanos() % every.as_nanos().max(1);
    let next = now + every.saturating_sub(Duration::from_nanos(u64::try_from(into).unwrap_or(0)));
    let mut grid = interval_at(next, every);
    grid.set_missed_tick_behavior(MissedTickBehavior::Skip);
    grid
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[tokio::test(start_paused = true)]
    async fn whoever_left_something_behind_lets_others_have_their_turn_gathered_or_not() {
        let now = Instant::now();
        let mut gather = Gather::new(Duration::ZERO, now);
        assert_eq!(gather.tick().now_or_never(), Some(false));
        gather.full = true;
        assert_eq!(gather.tick().now_or_never(), None);
        assert!(!gather.tick().await);
        gather.grid = Some(grid(Duration::from_millis(50), now));
        assert!(gather.tick().await);
        assert_eq!(now.elapsed(), Duration::ZERO, "none waits for the grid");
    }
}
