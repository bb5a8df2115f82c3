//! The long poll, in place of teloxide's dispatcher. That one confirms updates while handlers still run, panics when
//! Telegram is away at its start, and dies of a panicking handler. Here an update is confirmed by the next poll only
//! after it was dealt with; those of one chat are dealt with in order, chats do not wait for each other; a panic costs
//! one answer; whatever goes wrong on the way is waited out, told once, and touches nothing else.

use super::Timing;
use super::desk::Desk;
use super::telegram::{Fault, Way};
use super::update::{Incoming, What};
use crate::domain::id::ChatId;
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// No handler takes longer; what waits for others goes on in tasks.
const HANDLER: Duration = Duration::from_secs(20);
/// How long the next poll waits for the answers to the last one's updates to leave. They take a few milliseconds, unless
/// Telegram wants them slower.
const ANSWERED: Duration = Duration::from_millis(150);
/// Between attempts with a token that Telegram does not know.
const TOKEN: Duration = Duration::from_secs(60);
/// Telegram begins its numbers anew after a week of silence; a number so much smaller than the last is such a one.
const ANEW: u32 = 1_000_000;
/// Updates that Telegram hands out at once at most.
const MOST: usize = 100;

/// Polls until `token` is cancelled.
pub(super) async fn run(desk: &Arc<Desk>, timing: Timing, token: &CancellationToken) {
    let begun = desk.service.begun_update();
    let mut poll = Poll {
        desk: Arc::clone(desk),
        timing,
        offset: None,
        handed: desk.service.handed_updates(),
        begun,
        trouble: None,
        failures: 0,
        greeted: false,
    };
    while !token.is_cancelled() {
        let Some(result) = token.run_until_cancelled(poll.fetch()).await else { break };
        let pause = match result {
            Ok(updates) => {
                poll.well();
                poll.deal_with(updates).await;
                continue;
            }
            Err(fault) => poll.ill(fault),
        };
        token.run_until_cancelled(tokio::time::sleep(pause)).await;
    }
    if let Some(handed) = poll.handed
        && let Err(error) = desk.service.set_handed_updates(handed).await
    {
        tracing::error!(%error, "when Telegram was heard last was not kept");
    }
}

struct Poll {
    desk: Arc<Desk>,
    timing: Timing,
    offset: Option<i32>,
    /// When Telegram last handed out everything that there was; before this process, if it has not since.
    handed: Option<SystemTime>,
    /// The newest update that the process before this one had begun with.
    begun: Option<u32>,
    /// What was told last, so that it is told once.
    trouble: Option<Fault>,
    failures: u32,
    greeted: bool,
}

impl Poll {
    async fn fetch(&mut self) -> Result<Vec<Incoming>, Fault> {
        if !self.greeted {
            let name = self.desk.telegram.name().await?;
            tracing::info!(bot = %name, "connected to Telegram");
            self.desk.set_name(name);
            self.greeted = true;
            self.greet().await;
        }
        self.desk.telegram.updates(self.offset, self.timing.hold).await
    }

    async fn greet(&self) {
        // To the host's terminal, not to the log: whoever has the code owns this instance.
        if let Ok(Some(code)) = self.desk.service.claim_code().await {
            let (link, name) = (self.desk.link(&code), self.desk.name().unwrap_or_default());
            println!("Nobody owns this Telecast yet. To own it, open  {link}");
            println!("or send @{name} this message:  /start {code}");
        }
        self.desk.set_profile();
        self.desk.vanish_what_is_due();
    }

    fn well(&mut self) {
        if self.trouble.take().is_some() {
            tracing::info!("Telegram answers again");
        }
        self.failures = 0;
    }

    /// Tells what is wrong, once; how long to wait.
    fn ill(&mut self, fault: Fault) -> Duration {
        let same = match (&self.trouble, &fault) {
            // However long each time.
            (Some(Fault::Wait(_)), Fault::Wait(_)) => true,
            (known, fault) => known.as_ref() == Some(fault),
        };
        // Once is no news: the poll of before a restart takes a moment to end, and networks drop what is held for long.
        let once = matches!(fault, Fault::Conflict | Fault::Unreachable(Way::Broken)) && self.failures == 0;
        let told = same || once;
        if !told {
            tracing::warn!("{fault}. Live shows are not affected; I keep trying");
            self.trouble = Some(fault.clone());
        }
        let backoff = self.timing.backoff * (1 << self.failures.min(5));
        self.failures = self.failures.saturating_add(1);
        match fault {
            Fault::Wait(time) => time,
            Fault::Token => TOKEN,
            _ => backoff.min(self.timing.backoff_most),
        }
    }

    /// Deals with what has come, then lets it be confirmed.
    async fn deal_with(&mut self, updates: Vec<Incoming>) {
        let Some(last) = updates.iter().map(|update| update.id).max() else {
            self.handed = Some(SystemTime::now());
            return;
        };
        // A tap has no date; what it cannot be is older than the last time when none was left waiting.
        let age = self.handed.and_then(|then| SystemTime::now().duration_since(then).ok());
        let late = age.filter(|age| *age > self.timing.late + self.timing.hold);
        if updates.len() < MOST {
            self.handed = Some(SystemTime::now());
        }
        let done = self.desk.service.last_update();
        let new: Vec<_> =
            updates.into_iter().filter(|update| !done.is_some_and(|done| is_done(update.id, done))).collect();
        let mut chats: Vec<_> = new.iter().filter_map(|update| update.chat).collect();
        chats.dedup();
        let (desk, begun) = (&self.desk, self.begun);
        if !new.is_empty()
            && let Err(error) = desk.service.set_begun_update(last).await
        {
            tracing::error!(%error, "the number of the newest update was not kept");
        }
        let take = |mut incoming: Incoming| {
            if let What::Tapped(tap) = &mut incoming.what {
                tap.late = late;
            }
            let again = incoming.chat.filter(|_| begun.is_some_and(|begun| is_done(incoming.id, begun)));
            let (desk, work) = (Arc::clone(desk), Arc::clone(desk).take(incoming));
            async move {
                work.await;
                // What it did the first time may leave nothing for this one to say.
                again.into_iter().for_each(|chat| desk.show_as_it_is(chat));
            }
        };
        settle(new, HANDLER, take, |chat, query| desk.broke(chat, query)).await;
        // What was done and not answered before a crash is done once more after it, to the same end, and answered.
        let _ = timeout(ANSWERED, self.desk.outbox.answered(chats)).await;
        if done.is_none_or(|done| last > done || !is_done(last, done))
            && let Err(error) = desk.service.set_last_update(last).await
        {
            tracing::error!(%error, "the number of the last update was not kept");
        }
        self.offset = i32::try_from(last).ok().and_then(|last| last.checked_add(1));
    }
}

/// Whether an update was dealt with before.
fn is_done(update: u32, last: u32) -> bool {
    update <= last && last - update < ANEW
}

/// Hands updates to `handle`: those of one chat one after the other, chats side by side. A handler that panics or takes
/// too long costs that one update, which `broke` is told.
async fn settle<F>(
    updates: Vec<Incoming>,
    time: Duration,
    handle: impl Fn(Incoming) -> F,
    broke: impl Fn(ChatId, Option<String>),
) where
    F: Future<Output = ()>,
{
    let mut chats: Vec<(ChatId, Vec<Incoming>)> = Vec::new();
    for update in updates {
        let Some(chat) = update.chat else { continue };
        match chats.iter_mut().find(|(known, _)| *known == chat) {
            Some((_, more)) => more.push(update),
            None => chats.push((chat, vec![update])),
        }
    }
    let (handle, broke) = (&handle, &broke);
    join_all(chats.into_iter().map(|(chat, updates)| async move {
        for update in updates {
            let id = update.id;
            let query = if let What::Tapped(tap) = &update.what { Some(tap.query.clone()) } else { None };
            // The call itself may panic too.
            let work = async { handle(update).await };
            match timeout(time, AssertUnwindSafe(work).catch_unwind()).await {
                Ok(Ok(())) => continue,
                Ok(Err(_)) => tracing::error!(update = id, %chat, "a handler panicked; its update is given up"),
                Err(_) => tracing::error!(update = id, %chat, "a handler took too long; its update is given up"),
            }
            broke(chat, query);
        }
    }))
    .await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    fn update(id: u32, chat: i64) -> Incoming {
        Incoming { id, chat: Some(ChatId(chat)), what: What::Nothing }
    }

    #[tokio::test(start_paused = true)]
    async fn a_panic_or_a_hang_costs_one_update_and_chats_keep_their_order() {
        let (done, broken) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
        let handle = |incoming: Incoming| {
            assert_ne!(incoming.id, 2, "a fault before the handler even begins");
            let done = &done;
            async move {
                match incoming.id {
                    1 => tokio::time::sleep(Duration::from_secs(1)).await,
                    4 => std::future::pending().await,
                    5 => panic!("a fault in the handler"),
                    _ => {}
                }
                done.lock().unwrap().push(incoming.id);
            }
        };
        let updates = vec![update(1, 10), update(2, 10), update(3, 10), update(4, 20), update(5, 30), update(6, 30)];
        let broke = |chat: ChatId, _| broken.lock().unwrap().push(chat.0);
        settle(updates, Duration::from_secs(20), handle, broke).await;
        assert_eq!(*done.lock().unwrap(), [6, 1, 3]);
        let mut broken = broken.into_inner().unwrap();
        broken.sort_unstable();
        assert_eq!(broken, [10, 20, 30]);
    }

    #[test]
    fn what_was_dealt_with_is_known_and_a_new_beginning_too() {
        assert!(is_done(5, 5) && is_done(4, 5));
        assert!(!is_done(6, 5));
        assert!(!is_done(17, 900_000_000), "numbers begin anew");
    }
}
