//! What all tasks run on.

use std::cell::Cell;
use std::io;
use std::thread::{available_parallelism, sleep};
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

/// With low latency, what finds a thread at rest is passed on within this time, if that takes no longer than the time before.
const WITHIN: Duration = Duration::from_micros(2_500);

/// How many times in a row it must have been woken so: one or two frames that come together are no reason to rest.
const OFTEN: u8 = 4;

/// Threads for all cores.
///
/// With `low_latency`, for a relay that does not gather its reads: what counts in its cost is how often it wakes up, so a
/// thread that was woken again and again within 5 ms rests, once it has nothing left to do. What arrives meanwhile wakes
/// nobody, and is dealt with in one go. It rests until 2.5 ms after it began, less what it has worked: about as long as the
/// next time will take. So a slow host keeps the delay of a fast one.
///
/// # Errors
/// The system gives no threads or files.
pub fn runtime(low_latency: bool) -> io::Result<Runtime> {
    // On one core another thread beside this one makes each wake-up dearer.
    let alone = low_latency && available_parallelism().is_ok_and(|cores| cores.get() == 1);
    let mut builder = if alone { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    if low_latency {
        builder.on_thread_unpark(|| WOKEN.set(WOKEN.get().again(Instant::now())));
        builder.on_thread_park(|| sleep(WOKEN.get().rest(Instant::now)));
    }
    builder.enable_all().build()
}

thread_local!(static WOKEN: Cell<Woken> = const { Cell::new(Woken { last: None, row: 0 }) });

/// How a thread was woken.
#[derive(Clone, Copy)]
struct Woken {
    last: Option<Instant>,
    /// How many times in a row it was soon after the time before, up to [`OFTEN`].
    row: u8,
}

impl Woken {
    fn again(self, now: Instant) -> Self {
        let soon = self.last.is_some_and(|last| now - last < 2 * WITHIN);
        Self { last: Some(now), row: if soon { OFTEN.min(self.row + 1) } else { 0 } }
    }

    /// How long it has no need to look for work; `now` is only asked where that depends on it.
    fn rest(self, now: impl FnOnce() -> Instant) -> Duration {
        let woken = self.last.filter(|_| self.row == OFTEN);
        woken.map_or(Duration::ZERO, |last| WITHIN.saturating_sub(2 * (now() - last)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_woken_often_rests_and_who_is_not_does_not() {
        let (start, ms) = (Instant::now(), Duration::from_millis);
        let mut woken = Woken { last: None, row: 0 };
        let mut rests = Vec::new();
        for at in [0, 100, 101, 104, 105, 107, 110, 120] {
            woken = woken.again(start + ms(at));
            rests.push(woken.rest(|| start + ms(at + 1)).as_micros());
        }
        assert_eq!(rests, [0, 0, 0, 0, 0, 500, 500, 0]);
        let often = [121, 122, 123, 124].into_iter().fold(woken, |woken, at| woken.again(start + ms(at)));
        assert_eq!(often.rest(|| start + ms(126)), Duration::ZERO, "to rest would take longer than it may");
    }
}
