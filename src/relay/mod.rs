//! Tasks and channels that move packets from one publisher to many targets. Knows nothing of chats, people
//! or stored things; decides nothing itself: [`crate::domain::broadcast`] decides.
//!
//! Read [`Relay`] first, then [`report::ReportEvent`].

mod alone;
mod crowd;
pub mod dial;
mod driver;
pub mod fanout;
mod feed;
pub mod gate;
mod gather;
mod handover;
mod hold;
pub mod ingest;
mod lane;
pub mod ledger;
mod loan;
pub mod log;
mod look;
pub mod memory;
mod meter;
mod pace;
mod places;
mod pull;
mod push;
pub mod report;
mod socket;
mod source;
pub mod tap;
mod viewer;

use crate::domain::broadcast::Event;
use crate::domain::id::{StudioId, TargetId};
use crate::domain::rtmp_url::PushPoint;
use crate::domain::status::{Phase, Seen, StudioStatus};
use crate::media::packet::Packet;
use crate::rtmp::transport::Stream;
use crate::rtmp::{Play, Publish};
use alone::Company;
use dial::Dialler;
use driver::{Deed, Driver, Inbox, Input};
use memory::Memory;
use pace::Pacer;
use report::{Plan, PlannedTarget, Report, Summary};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
pub use tap::{Batch, Pace, Tap};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
pub use viewer::VIEWERS;

/// What may wait for a driver: it takes at once.
const INPUTS: usize = 64;
/// Reports that wait to be taken, of all studios.
const REPORTS: usize = 64;

/// What the host sets for every broadcast.
#[derive(Clone, Copy, Debug)]
pub struct RelaySettings {
    /// How long reads from encoders are gathered, and with them the writes to targets; zero reads and writes at once.
    /// Headers, the GOP that begins a connection and the first seconds of a publisher never wait.
    pub gather: Duration,
    /// How much memory this process may have, in bytes; none: what its control group says, if it says anything.
    pub memory: Option<u64>,
}

impl RelaySettings {
    /// For those whose viewers answer within seconds. It costs twice the processor time, on a runtime made for it.
    pub const LOW_LATENCY: Self = Self { gather: Duration::ZERO, memory: None };
}

impl Default for RelaySettings {
    fn default() -> Self {
        Self { gather: Duration::from_millis(50), memory: None }
    }
}

/// Every studio's relay: a handle, cheap to clone.
///
/// Cancelling its token closes every connection **without** saying goodbye: only the end of a broadcast does.
#[derive(Clone)]
pub struct Relay {
    host: Host,
    studios: Arc<Mutex<HashMap<StudioId, Studio>>>,
}

/// What all drivers share.
#[derive(Clone)]
struct Host {
    dialler: Arc<Dialler>,
    pacer: Arc<Pacer>,
    company: Company,
    settings: RelaySettings,
    memory: Memory,
    tracker: TaskTracker,
    token: CancellationToken,
    reports: mpsc::Sender<Report>,
}

/// A publish that was not let in, because the studio's source sends and was taken over too often already.
pub struct Contested {
    /// To be rejected in words.
    pub publish: Box<Publish<Stream>>,
    /// It is the first of this fight: its owner should be told.
    pub news: bool,
}

#[derive(Clone)]
struct Studio {
    inbox: Inbox,
    shown: Arc<Shown>,
}

/// A studio's status, as its driver last said.
#[derive(Default)]
struct Shown(Mutex<StudioStatus>);

impl Shown {
    fn set(&self, status: StudioStatus) {
        *self.lock() = status;
    }

    fn lock(&self) -> MutexGuard<'_, StudioStatus> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Relay {
    /// A relay without studios; they come with their first use. Everything worth telling arrives at the receiver,
    /// which should be drained all the time; the relay itself never waits for it.
    #[must_use]
    pub fn new(
        dialler: Arc<Dialler>,
        settings: RelaySettings,
        tracker: TaskTracker,
        token: CancellationToken,
    ) -> (Self, mpsc::Receiver<Report>) {
        let (reports, receiver) = mpsc::channel(REPORTS);
        let memory = Memory::default();
        tracker.spawn(memory.clone().watch(settings.memory, token.clone()));
        let host = Host {
            dialler,
            pacer: Arc::default(),
            company: Company::default(),
            settings,
            memory,
            tracker,
            token,
            reports,
        };
        (Self { host, studios: Arc::default() }, receiver)
    }

    /// How near this process is to its limit of memory.
    #[must_use]
    pub fn memory(&self) -> Memory {
        self.host.memory.clone()
    }

    /// Begins a broadcast: at once if the studio's publisher is there, else when it comes. False: there is one already.
    pub async fn go_live(&self, studio: StudioId, plan: Plan) -> bool {
        self.ask(studio, |done| Input::GoLive(plan, done)).await
    }

    /// Ends the broadcast; every push says goodbye. `None`: there is none.
    pub async fn stop(&self, studio: StudioId) -> Option<Summary> {
        self.ask(studio, Input::Stop).await
    }

    /// A person wants the pushes kept without a publisher, anew for the full hold. Nothing where none are held: the
    /// status says which it was.
    pub async fn keep_holding(&self, studio: StudioId) {
        self.act(studio, Deed::Tell(Event::KeepHolding)).await;
    }

    /// How long the pushes are kept without a publisher from now on, a hold that has begun included. Nothing without a
    /// broadcast.
    pub async fn set_hold(&self, studio: StudioId, hold: Duration) {
        self.act(studio, Deed::Tell(Event::SetHold(hold))).await;
    }

    /// Adds a target to the broadcast, re-keys it, or switches it on. No other target notices. Nothing without a broadcast.
    pub async fn set_target(&self, studio: StudioId, target: PlannedTarget) {
        self.act(studio, Deed::SetTarget(target)).await;
    }

    /// Takes a target out of the broadcast: it says goodbye and stays in the status as off.
    pub async fn drop_target(&self, studio: StudioId, target: TargetId) {
        self.act(studio, Deed::Tell(Event::DropTarget(target))).await;
    }

    /// A person asks for another attempt now: never refused, nothing where the target is connected.
    pub async fn retry(&self, studio: StudioId, target: TargetId) {
        self.act(studio, Deed::Tell(Event::Retry(target))).await;
    }

    /// What the platform's public page says.
    pub async fn note_seen(&self, studio: StudioId, target: TargetId, seen: Seen) {
        self.act(studio, Deed::Tell(Event::Seen(target, seen))).await;
    }

    /// Fetches the broadcast's source from there from now on, or from nowhere. An encoder that publishes takes its place
    /// for as long as it does. Nothing without a broadcast.
    pub async fn set_pull(&self, studio: StudioId, point: Option<PushPoint>) {
        self.act(studio, Deed::SetPull(point)).await;
    }

    /// A person asks for another attempt to fetch the source now; nothing where none is waited for.
    pub async fn retry_pull(&self, studio: StudioId) {
        self.act(studio, Deed::RetryPull).await;
    }

    /// Lets a player in, who gets the stream as long as there is one, and is told its end. Where [`VIEWERS`] are in
    /// already, the request comes back.
    pub async fn play(&self, studio: StudioId, play: Play<Stream>) -> Option<Box<Play<Stream>>> {
        self.ask(studio, |done| Input::Play(Box::new(play), done)).await
    }

    /// Cuts off every player of the studio, within a second.
    pub async fn cut_viewers(&self, studio: StudioId) {
        self.act(studio, Deed::CutViewers).await;
    }

    /// The newest of what goes out, or would go out: headers, and from a keyframe on what there is; about a second of it is
    /// waited for, 1.1 s at most. `None`: nothing comes in. It costs a place in the log, and nobody waits for it.
    pub async fn look(&self, studio: StudioId) -> Option<Vec<Packet>> {
        let (reader, _) = self.ask(studio, Input::Read).await?;
        Some(look::look(&reader).await)
    }

    /// What goes out, or would go out, from the newest keyframe on, in pieces of about `every`: for those who stand beside
    /// the show. `None`: nothing comes in. It costs a place in the log, and nobody waits for it.
    pub async fn tap(&self, studio: StudioId, every: Duration) -> Option<Tap> {
        let (reader, over) = self.ask(studio, Input::Read).await?;
        Some(Tap::new(reader, over, every))
    }

    /// Accepts `publish` and makes it the studio's source; an older source is closed. Where encoders fight for it, the
    /// publish comes back ([`crate::domain::takeover`]).
    pub async fn attach(&self, studio: StudioId, publish: Publish<Stream>) -> Option<Contested> {
        self.ask(studio, |done| Input::Attach(Box::new(publish), done)).await
    }

    /// Cuts the encoder off that publishes to the studio.
    pub async fn detach(&self, studio: StudioId) {
        self.act(studio, Deed::Detach).await;
    }

    /// How the studio is, at most a second old. Never waits.
    #[must_use]
    pub fn status(&self, studio: StudioId) -> StudioStatus {
        let studio = self.lock().get(&studio).cloned();
        studio.map(|studio| studio.shown.lock().clone()).unwrap_or_default()
    }

    /// Where its show is, as [`Self::status`] has it.
    #[must_use]
    pub fn phase(&self, studio: StudioId) -> Phase {
        self.lock().get(&studio).map(|studio| studio.shown.lock().phase).unwrap_or_default()
    }

    async fn act(&self, studio: StudioId, deed: Deed) {
        self.ask(studio, |done| Input::Do(deed, done)).await;
    }

    /// Tells a studio's driver something and waits until its status shows what came of it. A relay that is closing
    /// does nothing any more.
    async fn ask<T: Default>(&self, studio: StudioId, input: impl FnOnce(oneshot::Sender<T>) -> Input) -> T {
        let (done, answer) = oneshot::channel();
        let inbox = self.studio(studio).inbox;
        if inbox.send(input(done)).await.is_err() {
            return T::default();
        }
        answer.await.unwrap_or_default()
    }

    fn studio(&self, id: StudioId) -> Studio {
        let begin = || {
            let (inbox, inputs) = mpsc::channel(INPUTS);
            let shown = Arc::<Shown>::default();
            let driver = Driver::new(id, self.host.clone(), inbox.clone(), Arc::clone(&shown));
            self.host.tracker.spawn(driver.run(inputs));
            Studio { inbox, shown }
        };
        let mut studios = self.lock();
        // A driver that died by a fault of ours must not take its studio with it.
        if studios.get(&id).is_some_and(|studio| studio.inbox.is_closed()) && !self.host.token.is_cancelled() {
            studios.remove(&id);
        }
        studios.entry(id).or_insert_with(begin).clone()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<StudioId, Studio>> {
        self.studios.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
