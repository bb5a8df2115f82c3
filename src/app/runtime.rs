//! What all tasks run on.

use std::cell::Cell;
use std::io;
use std::thread::sleep;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

/// With low latency, a thread that is woken often looks for work at most this often.
const REST: Duration = Duration::from_micros(2_700);

/// Threads for all cores.
///
/// With `low_latency`, for a relay that does not gather its reads: what counts in its cost is how often it wakes up, so a
/// thread that was woken twice within 5.4 ms rests, once it has nothing left to do, until 2.7 ms after it began. What
/// arrives meanwhile wakes nobody, and is dealt with in one go.
///
/// # Errors
/// The system gives no threads or files.
pub fn runtime(low_latency: bool) -> io::Result<Runtime> {
    let mut builder = Builder::new_multi_thread();
    if low_latency {
        builder.on_thread_unpark(|| WOKEN.set(WOKEN.get().again(Instant::now())));
        builder.on_thread_park(|| sleep(WOKEN.get().rest(Instant::now())));
    }
    builder.enable_all().build()
}

thread_local!(static WOKEN: Cell<Woken> = const { Cell::new(Woken { last: None, often: false }) });

/// How a thread was woken.
#[derive(Clone, Copy)]
struct Woken {
    last: Option<Instant>,
    /// Soon after the time before.
    often: bool,
}

impl Woken {
    fn again(self, now: Instant) -> Self {
        Self { last: Some(now), often: self.last.is_some_and(|last| now - last < 2 * REST) }
    }

    /// How long it has no need to look for work.
    fn rest(self, now: Instant) -> Duration {
        let woken = self.last.filter(|_| self.often);
        woken.map_or(Duration::ZERO, |last| REST.saturating_sub(now - last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_woken_often_rests_and_who_is_not_does_not() {
        let (start, ms) = (Instant::now(), Duration::from_millis);
        let mut woken = Woken { last: None, often: false };
        let mut rests = Vec::new();
        for at in [0, 100, 101, 104, 110] {
            woken = woken.again(start + ms(at));
            rests.push(woken.rest(start + ms(at + 1)).as_micros());
        }
        assert_eq!(rests, [0, 0, 1_700, 1_700, 0]);
        assert_eq!(woken.again(start + ms(112)).rest(start + ms(115)), Duration::ZERO, "it has worked for longer");
    }
}
