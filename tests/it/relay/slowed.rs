//! Time that is paused, and yet waits for sockets.

use super::rig::DEADLINE;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

/// Paused time that moves on by a millisecond now and then, up to a sum, and never jumps while sockets are waited for;
/// when dropped, time is as ever. Should a test hang, time jumps on in the end, and its deadline is met.
pub(super) struct Slowed(JoinHandle<()>);

impl Slowed {
    /// Time must be paused.
    pub(super) fn by(sum: Duration) -> Self {
        let deadline = std::time::Instant::now() + DEADLINE;
        Self(TaskTracker::new().spawn(async move {
            let mut left = sum.as_millis();
            while std::time::Instant::now() < deadline {
                for _ in 0..100 {
                    tokio::task::yield_now().await;
                }
                if left > 0 {
                    left -= 1;
                    tokio::time::advance(Duration::from_millis(1)).await;
                }
            }
        }))
    }
}

impl Drop for Slowed {
    fn drop(&mut self) {
        self.0.abort();
        tokio::time::resume();
    }
}
