//! The task behind an outbox.

use super::lane::{Lane, Offer, Waiting};
use super::whole::Whole;
use super::{IfGone, Job, Order, Orders, Urgency};
use crate::chat::telegram::{Answer, Fault, Telegram};
use crate::domain::id::ChatId;
use crate::service::Service;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// The longest that an answer to a tap is held back for Telegram's sake; later nobody looks.
const ANSWER_WAIT: Duration = Duration::from_secs(5);
/// How long a chat is left alone in which the bot may not speak: that a whole group may speak again, nobody is told.
const MUTED: Duration = Duration::from_secs(600);
/// How often chats that rest are forgotten.
const SWEEP: Duration = Duration::from_secs(60);

/// Carries out orders.
pub(in crate::chat) struct Courier {
    telegram: Telegram,
    service: Service,
    orders: Orders,
    lanes: HashMap<ChatId, Lane>,
    whole: Whole,
    /// Groups that have become other chats.
    moved: HashMap<ChatId, ChatId>,
    under_way: FuturesUnordered<BoxFuture<'static, Outcome>>,
    drains: Vec<oneshot::Sender<()>>,
    /// Who waits for the answers of which chats.
    waits: Vec<(Vec<ChatId>, oneshot::Sender<()>)>,
}

enum Outcome {
    Job {
        chat: ChatId,
        waiting: Waiting,
        result: Result<Option<i32>, Fault>,
    },
    Moved {
        old: ChatId,
        new: ChatId,
        waiting: Waiting,
    },
    /// A fault of ours took the job with it.
    Lost {
        chat: ChatId,
        upload: bool,
    },
    Answered,
}

impl Courier {
    pub(in crate::chat) fn new(telegram: Telegram, service: Service, orders: Orders) -> Self {
        Self {
            telegram,
            service,
            orders,
            lanes: HashMap::new(),
            whole: Whole::default(),
            moved: HashMap::new(),
            under_way: FuturesUnordered::new(),
            drains: Vec::new(),
            waits: Vec::new(),
        }
    }

    /// Works until every outbox is gone.
    pub(in crate::chat) async fn run(&mut self) {
        let mut sweep = tokio::time::interval(SWEEP);
        loop {
            self.start();
            if self.under_way.is_empty() && self.lanes.values().all(Lane::is_empty) {
                for done in self.drains.drain(..) {
                    let _ = done.send(());
                }
            }
            let owes = |chat: &ChatId| self.lanes.get(self.moved.get(chat).unwrap_or(chat)).is_some_and(Lane::owes);
            for (_, done) in self.waits.extract_if(.., |(chats, _)| !chats.iter().any(owes)) {
                let _ = done.send(());
            }
            let now = now();
            let whole = |urgency| self.whole.ready(now, urgency);
            let wake = self.lanes.values().filter_map(|lane| lane.wakes(now, whole)).min();
            tokio::select! {
                order = self.orders.0.recv() => match order {
                    Some(order) => self.take(order),
                    None => return,
                },
                Some(outcome) = self.under_way.next() => self.settle(outcome),
                () = sleep_until(wake) => {}
                _ = sweep.tick() => self.sweep(),
            }
        }
    }

    fn take(&mut self, order: Order) {
        match order {
            Order::Do { chat, urgency, job } => self.put(chat, Waiting::new(job, urgency, now())),
            Order::Answer { query, answer } => {
                let (telegram, answer) = (self.telegram.clone(), answer);
                self.under_way.push(guarded(Outcome::Answered, async move {
                    answer_tap(&telegram, &query, &answer).await;
                    Outcome::Answered
                }));
            }
            // Nobody may be waiting any more.
            Order::Correct { chat, letter, post, done } => drop(done.send(self.lane(chat).correct(letter, post))),
            Order::Open(chat) => {
                if let Some(lane) = self.lanes.get_mut(&chat) {
                    lane.open();
                }
            }
            Order::Shut(chat) => self.lane(chat).shut(None),
            Order::Answered { chats, done } => self.waits.push((chats, done)),
            Order::Drain(done) => self.drains.push(done),
        }
    }

    fn put(&mut self, chat: ChatId, waiting: Waiting) {
        let lane = self.lane(chat);
        if lane.speaks(now()) && !lane.put(waiting) {
            tracing::warn!(%chat, "a message was lost: too many wait for this chat");
        }
    }

    fn lane(&mut self, chat: ChatId) -> &mut Lane {
        let chat = self.moved.get(&chat).copied().unwrap_or(chat);
        self.lanes.entry(chat).or_insert_with(|| Lane::new(chat.0 < 0))
    }

    /// Sets everything on its way that may go now: the most urgent first, and of that what has waited longest.
    fn start(&mut self) {
        let now = now();
        loop {
            let whole = &self.whole;
            let offers = self.lanes.iter_mut().filter_map(|(chat, lane)| {
                let Offer { overdue, urgency, turn } = lane.offers(now)?;
                Some((whole.rank(overdue, urgency), turn, *chat, urgency))
            });
            let Some((rank, _, chat, urgency)) = offers.min() else { return };
            if self.whole.ready(now, rank.room()).is_none_or(|ready| ready > now) {
                return;
            }
            let lane = self.lane(chat);
            let Some(waiting) = lane.take(now, urgency) else { return };
            lane.begin(waiting.is_upload());
            self.whole.note(now, urgency, waiting.is_upload());
            self.send_off(chat, waiting);
        }
    }

    fn send_off(&mut self, chat: ChatId, waiting: Waiting) {
        let (telegram, service) = (self.telegram.clone(), self.service.clone());
        let lost = Outcome::Lost { chat, upload: waiting.is_upload() };
        self.under_way.push(guarded(lost, async move {
            let result = carry_out(&telegram, chat, &waiting.job).await;
            let Err(Fault::Moved(new)) = result else { return Outcome::Job { chat, waiting, result } };
            if let Err(error) = service.move_studio(chat, new).await {
                tracing::debug!(%chat, %error, "no studio to move");
            }
            Outcome::Moved { old: chat, new, waiting }
        }));
    }

    /// What an outcome says of the way to Telegram.
    fn weigh(&mut self, now: Instant, outcome: &Outcome) {
        let upload = match outcome {
            Outcome::Answered => return,
            Outcome::Lost { upload, .. } => *upload,
            Outcome::Moved { waiting, .. } | Outcome::Job { waiting, .. } => waiting.is_upload(),
        };
        if let Outcome::Job { result: Err(Fault::Unreachable(_) | Fault::Conflict | Fault::Token), .. } = outcome {
            self.whole.failed(now, upload);
        } else if self.whole.passed(upload) {
            self.lanes.values_mut().for_each(Lane::relieved);
        }
    }

    fn settle(&mut self, outcome: Outcome) {
        let now = now();
        self.weigh(now, &outcome);
        match outcome {
            Outcome::Answered => {}
            Outcome::Lost { chat, upload } => self.lane(chat).end(upload),
            Outcome::Moved { old, new, waiting } => {
                let mut left = self.lanes.remove(&old).map(|mut lane| lane.take_all()).unwrap_or_default();
                left.insert(0, waiting);
                self.moved.insert(old, new);
                left.into_iter().for_each(|waiting| self.put(new, waiting));
            }
            Outcome::Job { chat, waiting, result } => {
                let lane = self.lane(chat);
                lane.end(waiting.is_upload());
                match result {
                    Ok(number) => {
                        // What went out beside it may have been told to wait.
                        if waiting.is_upload() {
                            lane.relieved()
                        } else {
                            lane.passed()
                        }
                        tell(waiting.job, number);
                    }
                    Err(Fault::Wait(time)) => {
                        lane.wait(now, time);
                        lane.put_back(waiting);
                    }
                    Err(Fault::Unreachable(_) | Fault::Conflict | Fault::Token) => {
                        lane.failed(now);
                        lane.put_back(waiting);
                    }
                    Err(Fault::Unchanged) => lane.passed(),
                    Err(Fault::Topic) => {
                        lane.passed();
                        // What is told to a group is told to it elsewhere then.
                        let mut waiting = waiting;
                        if let Job::Send { post, .. } = &mut waiting.job
                            && post.topic.take().is_some()
                        {
                            lane.put_back(waiting);
                        }
                    }
                    Err(Fault::Gone) => {
                        lane.passed();
                        match waiting.job {
                            Job::Edit { post, gone: IfGone::Anew, .. } => {
                                let job = Job::Send { post, letter: None, done: None };
                                lane.put_back(Waiting { job, ..waiting });
                            }
                            job => tell_gone(job),
                        }
                    }
                    Err(Fault::Shut) => {
                        lane.shut(Some(now + MUTED));
                        tell_gone(waiting.job);
                        tracing::info!(%chat, "the bot may not speak in this chat");
                    }
                    Err(fault @ (Fault::Refused | Fault::Moved(_))) => {
                        lane.passed();
                        let urgent = waiting.urgency != Urgency::Panel;
                        tracing::warn!(%chat, %fault, urgent, "a message was not sent");
                    }
                }
            }
        }
    }

    fn sweep(&mut self) {
        let now = now();
        self.lanes.retain(|_, lane| !lane.speaks(now) || !lane.is_empty() || !lane.pace.rested(now));
    }
}

async fn carry_out(telegram: &Telegram, chat: ChatId, job: &Job) -> Result<Option<i32>, Fault> {
    match job {
        Job::Send { post, .. } => telegram.send(chat, post).await.map(Some),
        Job::Edit { message, post, .. } => telegram.edit(chat, *message, post).await.map(|()| Some(*message)),
        Job::Delete { message } => telegram.delete(chat, *message).await.map(|()| None),
    }
}

/// Answers a tap, once more if Telegram asks for a little patience.
async fn answer_tap(telegram: &Telegram, query: &str, answer: &Answer) {
    let mut result = telegram.answer(query, answer).await;
    if let Err(Fault::Wait(time)) = result
        && time <= ANSWER_WAIT
    {
        tokio::time::sleep(time).await;
        result = telegram.answer(query, answer).await;
    }
    if let Err(fault) = result {
        tracing::debug!(%fault, "a tap was not answered");
    }
}

fn tell(job: Job, number: Option<i32>) {
    if let (Job::Send { done: Some(done), .. }, Some(number)) = (job, number) {
        // Nobody may be waiting any more.
        let _ = done.send(number);
    }
}

fn tell_gone(job: Job) {
    if let Job::Edit { gone: IfGone::Tell(gone), .. } = job {
        let _ = gone.send(());
    }
}

/// A panic becomes `instead`.
fn guarded(instead: Outcome, work: impl Future<Output = Outcome> + Send + 'static) -> BoxFuture<'static, Outcome> {
    async move {
        AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| {
            tracing::error!("sending a message panicked");
            instead
        })
    }
    .boxed()
}

async fn sleep_until(wake: Option<Instant>) {
    match wake {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
