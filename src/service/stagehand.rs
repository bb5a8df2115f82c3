//! The one thread that does what stands beside all shows: it waits for the disk, decodes sound and looks into pictures, so that
//! the threads which relay do none of that.

use rustix::process::nice;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{Builder, JoinHandle};
use tokio::sync::mpsc;

/// As the system lists it among the threads of the process.
const NAME: &str = "beside";
/// Its niceness above that of the process, of 19 at most: it hardly ever interrupts a thread that relays, and gets a quarter
/// of a core that it shares with one.
const NICE: i32 = 5;
/// Jobs that may wait; whoever has another one waits.
const JOBS: usize = 256;

/// Something to be done. It may block.
pub(super) type Job = Box<dyn FnOnce() + Send>;

/// See the module's head.
pub(super) struct Stagehand {
    jobs: mpsc::Sender<Job>,
    thread: Option<JoinHandle<()>>,
}

impl Stagehand {
    /// Begins to work. Where the system gives no thread, nothing is done.
    pub(super) fn begin() -> Self {
        let (jobs, mut waiting) = mpsc::channel::<Job>(JOBS);
        let work = move || {
            // On Linux that is this thread's alone.
            if let Err(error) = nice(NICE) {
                tracing::warn!(%error, "what stands beside the shows runs like what relays them");
            }
            while let Some(job) = waiting.blocking_recv() {
                if catch_unwind(AssertUnwindSafe(job)).is_err() {
                    tracing::error!("what stands beside a show panicked, a fault of Telecast's; it goes on");
                }
            }
        };
        let thread = Builder::new().name(NAME.into()).spawn(work);
        let thread = thread.inspect_err(|error| tracing::error!(%error, "nothing stands beside the shows")).ok();
        Self { jobs, thread }
    }

    /// Where jobs are handed in.
    pub(super) fn jobs(&self) -> mpsc::Sender<Job> {
        self.jobs.clone()
    }

    /// Waits until all is done that was handed in, once nobody can hand in more.
    pub(super) async fn end(self) {
        drop(self.jobs);
        if let Some(thread) = self.thread {
            // It does not panic, and whoever waits for it longer than the process has time is not waited for.
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::getpriority_process;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn it_lets_the_other_threads_of_the_process_go_first() {
        let niceness = || getpriority_process(None).unwrap();
        let (hand, (tell, told)) = (Stagehand::begin(), oneshot::channel());
        hand.jobs().send(Box::new(move || tell.send(niceness()).unwrap())).await.unwrap();
        assert_eq!(told.await.unwrap(), (niceness() + NICE).min(19));
        hand.end().await;
    }

    #[tokio::test]
    async fn what_was_handed_in_is_done_in_its_order_also_behind_a_panic_and_then_it_ends() {
        let (hand, done) = (Stagehand::begin(), Arc::<AtomicUsize>::default());
        for number in 0..600 {
            let done = Arc::clone(&done);
            let job = move || {
                assert!(number != 300, "a fault");
                done.fetch_add(1, Ordering::Relaxed);
            };
            hand.jobs().send(Box::new(job)).await.unwrap();
        }
        hand.end().await;
        assert_eq!(done.load(Ordering::Relaxed), 599);
    }
}
