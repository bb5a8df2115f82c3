//! How many dials the host makes at once: when a network fails, every target of every studio falls in the same moment,
//! and neither this host nor the platforms are served by hundreds of handshakes in one go.
//!
//! Holds no queue of its own: who waits is a task that waits for a lock, in the order in which it came.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

/// Dials within [`SPAN`] that need not wait.
const DIALS: usize = 20;
/// See [`DIALS`].
const SPAN: Duration = Duration::from_secs(1);

/// Spaces the dials of a whole host.
#[derive(Debug, Default)]
pub(super) struct Pacer {
    /// Whoever waits for [`Pacer::recent`] to have room; the others wait behind, first come, first served.
    first: tokio::sync::Mutex<()>,
    /// When the last dials were made, at most [`DIALS`], the oldest first.
    recent: Mutex<VecDeque<Instant>>,
}

impl Pacer {
    /// Waits until a dial may be made: at once when `hurry`'s sender is dropped, for somebody waits for it.
    pub(super) async fn wait(&self, hurry: oneshot::Receiver<Infallible>) {
        tokio::select! {
            biased;
            _ = hurry => self.at_once(),
            () = self.turn() => {}
        }
    }

    /// A dial that somebody waits for is made: it counts, and does not wait.
    fn at_once(&self) {
        self.note(Instant::now());
    }

    /// Waits until a dial that nobody asked for may be made: no 21st within a second. Cancel safe: who goes away leaves
    /// no gap.
    pub(super) async fn turn(&self) {
        let _first = self.first.lock().await;
        while let Some(room) = self.room() {
            sleep_until(room).await;
        }
    }

    /// When to look again, or nothing: then the dial counts as made.
    fn room(&self) -> Option<Instant> {
        let now = Instant::now();
        let oldest = {
            let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            recent.front().copied().filter(|_| recent.len() == DIALS)
        };
        let room = oldest.map(|oldest| oldest + SPAN).filter(|room| *room > now);
        if room.is_none() {
            self.note(now);
        }
        room
    }

    fn note(&self, now: Instant) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() == DIALS {
            recent.pop_front();
        }
        recent.push_back(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tokio::time::{advance, timeout};
    use tokio_util::task::TaskTracker;

    /// So many that wait from now on; what they answer is when each had its turn, and which it was.
    fn crowd(pacer: &Arc<Pacer>, count: usize) -> Vec<tokio::task::JoinHandle<(Instant, usize)>> {
        let waiting = |number| {
            let pacer = Arc::clone(pacer);
            TaskTracker::new().spawn(async move {
                pacer.turn().await;
                (Instant::now(), number)
            })
        };
        (0..count).map(waiting).collect()
    }

    /// Until the first have had their turn.
    async fn settle(waiting: &[tokio::task::JoinHandle<(Instant, usize)>]) {
        while !waiting[DIALS - 1].is_finished() {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn of_two_hundred_that_are_due_at_once_twenty_dial_in_any_second_in_their_order_and_none_is_lost() {
        let (pacer, start) = (Arc::new(Pacer::default()), Instant::now());
        let mut turns = Vec::new();
        for waiting in crowd(&pacer, 200) {
            turns.push(waiting.await.unwrap());
        }
        assert!(turns.is_sorted(), "first come, first served");
        assert!(turns[..20].iter().all(|(at, _)| *at == start), "the first need not wait");
        for (early, late) in turns.iter().zip(&turns[20..]) {
            assert!(late.0 - early.0 >= Duration::from_secs(1), "{early:?} {late:?}");
        }
        let all = turns[199].0 - start;
        assert!((9_000..9_100).contains(&all.as_millis()), "no slower than must be: {all:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_dial_that_somebody_waits_for_goes_at_once_and_the_others_make_room() {
        let (pacer, start) = (Arc::new(Pacer::default()), Instant::now());
        let waiting = crowd(&pacer, 40);
        settle(&waiting).await;
        advance(Duration::from_millis(500)).await;
        for _ in 0..5 {
            pacer.at_once();
        }
        let mut times = Vec::new();
        for turn in waiting {
            times.push((turn.await.unwrap().0 - start).as_millis());
        }
        assert_eq!(times.iter().filter(|at| **at == 0).count(), 20);
        assert!(times[20..35].iter().all(|at| (1_000..1_010).contains(at)), "{times:?}");
        assert!(times[35..].iter().all(|at| (1_500..1_510).contains(at)), "{times:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_goes_away_leaves_no_gap() {
        let (pacer, start) = (Arc::new(Pacer::default()), Instant::now());
        let mut waiting = crowd(&pacer, 200);
        settle(&waiting).await;
        for gone in waiting.drain(20..199) {
            gone.abort();
        }
        for turn in waiting {
            turn.await.unwrap();
        }
        assert!(start.elapsed() < Duration::from_millis(1_010), "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn twenty_a_second_never_wait() {
        let pacer = Pacer::default();
        for _ in 0..1_000 {
            timeout(Duration::ZERO, pacer.turn()).await.expect("a wait");
            advance(Duration::from_millis(50)).await;
        }
    }
}
