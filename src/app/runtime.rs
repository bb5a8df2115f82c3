//! What all tasks run on.

use std::cell::Cell;
use std::io;
use std::thread::sleep;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

/// With low latency, a thread that has nothing left to do rests until so much time has passed since it last began.
const REST: Duration = Duration::from_micros(2_400);

/// Threads for all cores.
///
/// With `low_latency`, for a relay that does not gather its reads. What counts in its cost is how often it wakes up, so its
/// threads do that at most each 2.4 ms: what arrives meanwhile wakes nobody, and is dealt with in one go. What arrives at
/// an idle thread is dealt with at once.
///
/// # Errors
/// The system gives no threads or files.
pub fn runtime(low_latency: bool) -> io::Result<Runtime> {
    thread_local!(static BEGAN: Cell<Option<Instant>> = const { Cell::new(None) });
    let mut builder = Builder::new_multi_thread();
    if low_latency {
        builder.on_thread_unpark(|| BEGAN.set(Some(Instant::now())));
        builder
            .on_thread_park(|| sleep(BEGAN.get().map_or(Duration::ZERO, |began| REST.saturating_sub(began.elapsed()))));
    }
    builder.enable_all().build()
}
