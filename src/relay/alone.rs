//! The only publisher of a relay that does not gather its reads: a thread of its own waits in the kernel for what it sends, since
//! the way over the runtime is an eighth of what a wake-up costs. Of several publishers the runtime reads, which then wakes up once
//! for some of them.

use super::driver::Input;
use super::source::{Publisher, SourceEvent, Watch};
use crate::rtmp::transport::Stream;
use crate::rtmp::{Source, SourceEnd};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::Instant;

/// How long an answer to a publisher that reads none may keep the thread.
const PATIENCE: Duration = Duration::from_millis(250);

/// How many publishers there are.
#[derive(Clone, Debug, Default)]
pub(super) struct Company(Arc<AtomicUsize>);

impl Company {
    /// One more, until it is dropped.
    pub(super) fn join(&self) -> Present {
        self.0.fetch_add(1, Ordering::Relaxed);
        Present(self.clone())
    }
}

/// One of them.
#[derive(Debug)]
pub(super) struct Present(Company);

impl Present {
    pub(super) fn is_alone(&self) -> bool {
        self.0.0.load(Ordering::Relaxed) == 1
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What comes back of a publisher that is not alone any more; `None`: it is not wanted any more.
type Back = Option<(Source<Stream>, Watch)>;

impl Publisher {
    /// Has a thread of its own read it for as long as it is alone; a silent one, until it sends something. Where this is dropped, the
    /// thread ends and passes on nothing more.
    pub(super) async fn read_alone(&self, mut source: Source<Stream>, watch: Watch) -> Result<Back, SourceEnd> {
        // Dropped in this order's reverse: the thread that is woken finds that it is not wanted.
        let _breaker = source.block(PATIENCE)?;
        let wanted = Arc::new(());
        let (publisher, still) = (self.clone(), Arc::downgrade(&wanted));
        let thread = spawn_blocking(move || publisher.wait_in_kernel(source, watch, &still));
        thread.await.unwrap_or_else(|error| match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The runtime ends.
            Err(_) => Ok(None),
        })
    }

    fn wait_in_kernel(
        self,
        mut source: Source<Stream>,
        mut watch: Watch,
        wanted: &Weak<()>,
    ) -> Result<Back, SourceEnd> {
        let mut packets = Vec::new();
        while self.present.is_alone() && !source.is_leaving() {
            let read = source.read_now(&mut packets);
            // What came behind its end is nobody's.
            if wanted.strong_count() == 0 {
                return Ok(None);
            }
            let Some(read) = read else { continue };
            read?;
            let Some(flows) = self.pass(Instant::now(), &mut packets, &mut watch, &source) else { return Ok(None) };
            if flows {
                // Without a driver the relay is closing.
                let _ = self.driver.blocking_send(Input::Source(self.number, SourceEvent::Flows));
            }
        }
        source.watch(true)?;
        Ok(Some((source, watch)))
    }
}
