//! What each studio sends and for how long it is live, counted each minute for its month. A minute at most is lost with a
//! process that is killed, or with a target that leaves a show.

use super::Service;
use crate::domain::id::{StudioId, TargetId};
use crate::domain::quota::{Usage, month_of};
use crate::domain::status::Phase;
use std::collections::HashMap;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How often it is counted.
const EVERY: Duration = Duration::from_secs(60);

/// What was counted last.
#[derive(Default)]
struct Counted {
    /// Bytes that each target had been sent.
    sent: HashMap<(StudioId, TargetId), u64>,
    at: Option<Instant>,
}

impl Service {
    /// Counts until `token` is cancelled, and once more then.
    pub async fn count_usage(self, token: CancellationToken) {
        let mut counted = Counted { at: Some(Instant::now()), ..Counted::default() };
        while token.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
            self.count(&mut counted).await;
            self.note_ends().await;
        }
        self.note_ends().await;
        self.count(&mut counted).await;
    }

    async fn count(&self, counted: &mut Counted) {
        let now = Instant::now();
        let passed = counted.at.replace(now).map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        let month = month_of(SystemTime::now());
        let (mut sent, mut used) = (HashMap::new(), Vec::new());
        for (studio, _) in self.0.store.broadcasts() {
            let status = self.0.relay.status(studio);
            let mut bytes = 0;
            for (id, target) in &status.targets {
                sent.insert((studio, *id), target.sent_bytes);
                bytes += since(counted.sent.get(&(studio, *id)).copied(), target.sent_bytes);
            }
            let live =
                if matches!(status.phase, Phase::Live { .. } | Phase::Held { .. }) { passed } else { Duration::ZERO };
            if bytes > 0 || !live.is_zero() {
                let usage: Usage = self.0.store.usage(studio).in_month(month).and(bytes, live);
                used.push((studio, usage));
            }
        }
        counted.sent = sent;
        if !used.is_empty()
            && let Err(error) = self.0.store.set_usage(used).await
        {
            tracing::error!(%error, "what studios used was not kept");
        }
    }
}

/// What came since. A show that began anew counts from nothing.
fn since(before: Option<u64>, now: u64) -> u64 {
    before.filter(|before| *before <= now).map_or(now, |before| now - before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_show_that_began_anew_counts_from_nothing() {
        assert_eq!((since(None, 7), since(Some(5), 7), since(Some(9), 7)), (7, 2, 7));
    }
}
