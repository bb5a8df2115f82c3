//! One connection to one target: dials, publishes, sends what its place in the log gives, until it is closed or fails.
//! It waits for nobody but its target, and nobody waits for it.

use crate::domain::broadcast::PushEvent;
use crate::domain::id::TargetId;
use crate::domain::rtmp_url::PushPoint;
use crate::domain::status::{Loss, PushFailure};
use crate::relay::dial::{Dialler, Seat};
use crate::relay::driver::{Inbox, Input};
use crate::relay::fanout::Fanout;
use crate::relay::feed::Feed;
use crate::relay::handover::Handover;
use crate::relay::loan::Load;
use crate::relay::meter::PushMeter;
use crate::relay::pace::Pacer;
use crate::rtmp::transport::Stream;
use crate::rtmp::{Client, Offer, Step};
use futures_util::FutureExt as _;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until, timeout};

/// From the first look-up to an accepted publish; some platforms take 25 s.
pub(super) const ACCEPT: Duration = Duration::from_secs(30);
/// A target that takes nothing for this long is dead.
const STALL: Duration = Duration::from_secs(10);
/// A target that has dropped nothing for this long has caught up.
const SMOOTH: Duration = Duration::from_secs(5);
/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(3);

/// One connection to be.
pub(super) struct Push {
    pub(super) id: TargetId,
    /// Its events carry this number.
    pub(super) connection: u64,
    /// Who is told.
    pub(super) driver: Inbox,
    pub(super) point: PushPoint,
    pub(super) dialler: Arc<Dialler>,
    pub(super) seat: Seat,
    pub(super) pacer: Arc<Pacer>,
    pub(super) fanout: Arc<Fanout>,
    pub(super) meter: Arc<PushMeter>,
}

/// By what a connection is led.
pub(super) struct Reins {
    pub(super) hurry: oneshot::Receiver<Infallible>,
    pub(super) close: oneshot::Receiver<bool>,
}

impl Push {
    /// Runs until it fails or is closed. It dials when the host has room, at once when `hurry`'s sender is dropped: somebody
    /// waits for it. `close` says whether the target is told that the show is over; where its sender
    /// is dropped, the connection ends without a word. Nothing is told after it was closed.
    pub(super) async fn run(self, Reins { hurry, close }: Reins) {
        let mut close = pin!(close);
        let mut feed = None;
        let work = async {
            self.pacer.wait(hurry).await;
            self.work(&mut feed).await
        };
        let work = AssertUnwindSafe(work).catch_unwind();
        let goodbye = tokio::select! {
            biased;
            closed = &mut close => closed.unwrap_or(false),
            end = work => {
                let end = end.unwrap_or_else(|_| {
                    tracing::error!("a push panicked, a fault of Telecast's; it is made again");
                    PushEvent::Failed(PushFailure::Lost(Loss::Internal))
                });
                return self.tell(end).await;
            }
        };
        if let Some(feed) = feed.filter(|_| goodbye) {
            // Whether it hears it or not: the show is over. Boxed, as all that is rarely needed.
            let _ = timeout(GOODBYE, feed.goodbye().boxed()).await;
        }
    }

    async fn tell(&self, event: PushEvent) {
        // Without a driver the relay is closing.
        let _ = self.driver.send(Input::Push(self.id, self.connection, event)).await;
    }

    /// What is to be told last.
    async fn work(&self, slot: &mut Option<Feed>) -> PushEvent {
        // Boxed, so that what it needs is not kept for as long as the connection stands.
        let publish = async {
            let client = self.open(&self.point).await?;
            self.tell(PushEvent::Publishing).await;
            client.publish().await
        };
        let mut sink = match within(ACCEPT, publish.boxed()).await {
            Ok(sink) => sink,
            Err(failure) => return PushEvent::Failed(failure),
        };
        let (mut place, mut obeyed) = (None, None);
        loop {
            self.tell(PushEvent::Accepted).await;
            let reader = place.take().unwrap_or_else(|| self.fanout.join());
            if sink.takes_tracks() {
                reader.take_tracks();
            }
            let feed = slot.insert(Feed::new(sink, reader, Load::new(Arc::clone(&self.meter))));
            let client = match send(feed, Some(self), &mut obeyed).await {
                Ok(Some(client)) => client,
                Ok(None) => return PushEvent::CodecChanged,
                Err(failure) => return PushEvent::Failed(failure),
            };
            let Some((old, reader)) = slot.take().map(Feed::follow) else { return PushEvent::CodecChanged };
            place = Some(reader);
            self.tell(PushEvent::Moving).await;
            self.tell(PushEvent::Publishing).await;
            // A platform takes one publisher at a time, so the old server sees the end first.
            sink = match tokio::join!(within(ACCEPT, client.publish().boxed()), old.leave().boxed()).0 {
                Ok(sink) => sink,
                Err(failure) => return PushEvent::Failed(failure),
            };
        }
    }

    pub(super) async fn open(&self, point: &PushPoint) -> Result<Client<Stream>, PushFailure> {
        let plain = self.meter.plain.load(Ordering::Relaxed);
        let offer = if plain { Offer::default() } else { self.fanout.offer() };
        let opened = self.dialler.open(point, offer, &self.seat).await;
        let choked = matches!(
            opened,
            Err(PushFailure::Refused { .. } | PushFailure::Lost(Loss::Closed | Loss::Reset | Loss::Protocol(_)))
        );
        if choked && !offer.is_empty() {
            self.meter.plain.store(true, Ordering::Relaxed);
        }
        opened
    }
}

/// The failure of what takes longer is [`Loss::Timeout`].
pub(super) async fn within<T>(
    time: Duration,
    work: impl Future<Output = Result<T, PushFailure>>,
) -> Result<T, PushFailure> {
    timeout(time, work).await.unwrap_or(Err(PushFailure::Lost(Loss::Timeout)))
}

/// Sends for ever, or until the stream goes on in another codec, or over the connection that is returned; `push` is to
/// tell how it goes. `obeyed`: when a server that asked for another connection last was.
pub(super) async fn send(
    feed: &mut Feed,
    push: Option<&Push>,
    obeyed: &mut Option<Instant>,
) -> Result<Option<Client<Stream>>, PushFailure> {
    let mut handover = Handover::new(push);
    let tell = async |event| {
        if let Some(push) = push {
            push.tell(event).await;
        }
    };
    let mut health = Health::new(Instant::now());
    let mut alarm = pin!(sleep_until(health.progress + STALL));
    let (mut media, mut announced) = (false, false);
    loop {
        let now = Instant::now();
        if let Some(taken) = feed.fill(now.into_std()) {
            health.progress = now;
            if taken.ended {
                return Ok(handover.other());
            }
            media |= taken.ledger.sent.frames + taken.ledger.filler.frames > 0;
            if let Some(event) = health.note(now, taken.behind) {
                tell(event).await;
            }
        }
        if announced && health.is_well() {
            feed.lend();
        }
        handover.heed(feed, now, obeyed);
        tokio::select! {
            biased;
            step = feed.step() => match step {
                Ok(Step::Wrote(_)) => {
                    health.progress = Instant::now();
                    if media && !announced && feed.is_empty() {
                        announced = true;
                        tell(PushEvent::MediaSent).await;
                    }
                }
                Ok(Step::Acknowledged) => {
                    if announced && health.acknowledged() {
                        tell(PushEvent::Acknowledged).await;
                    }
                }
                Ok(Step::Heard) => {}
                Err(failure) => return handover.instead(failure).await,
            },
            () = handover.stands() => feed.part(),
            () = &mut alarm, if !feed.is_empty() => {
                // Set anew only when it rings: most of the time there is progress.
                if Instant::now() >= health.progress + STALL {
                    feed.forsake();
                    return handover.instead(PushFailure::Lost(Loss::Stalled)).await;
                }
                alarm.as_mut().reset(health.progress + STALL);
            }
        }
    }
}

/// How well the target takes what it is sent.
struct Health {
    progress: Instant,
    slow_since: Option<Instant>,
    acknowledged: bool,
}

impl Health {
    fn new(now: Instant) -> Self {
        Self { progress: now, slow_since: None, acknowledged: false }
    }

    fn note(&mut self, now: Instant, behind: bool) -> Option<PushEvent> {
        if behind {
            return self.slow_since.replace(now).is_none().then_some(PushEvent::Slow);
        }
        let caught_up = self.slow_since.is_some_and(|since| now - since >= SMOOTH);
        if caught_up {
            self.slow_since = None;
        }
        caught_up.then_some(PushEvent::CaughtUp)
    }

    /// It takes what it is sent, and has long done so.
    fn is_well(&self) -> bool {
        self.slow_since.is_none()
    }

    /// Whether this is the first.
    fn acknowledged(&mut self) -> bool {
        !std::mem::replace(&mut self.acknowledged, true)
    }
}
