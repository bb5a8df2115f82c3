//! One publisher: reads what its encoder sends into the studio's [`Fanout`], and tells its driver when it comes and goes.

use crate::domain::status::{AudioInfo, SourceStatus, VideoInfo};
use crate::media::packet::{Kind, Packet, Role};
use crate::media::{filler, format};
use crate::relay::driver::{Inbox, Input};
use crate::relay::fanout::Fanout;
use crate::relay::gather::Gather;
use crate::relay::meter::{BFrames, BitRate, FrameRate, KeyframeGap, Meter};
use crate::rtmp::transport::Stream;
use crate::rtmp::{self, SourceEnd};
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};

/// How long an encoder may take to send its first media.
pub(super) const FIRST_MEDIA: Duration = Duration::from_secs(20);
/// A publisher that is silent for this long on an open connection counts as gone.
const SILENCE: Duration = Duration::from_secs(10);
/// Media without a picture's format counts as a source after this time.
const FORMATLESS: Duration = Duration::from_millis(700);
/// How long an encoder may take to hear that it may publish.
const BEGIN: Duration = Duration::from_secs(5);

/// What a publisher tells its driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SourceEvent {
    /// Its media flows.
    Up,
    /// Its media has ceased, its connection has not.
    Silent,
    /// It is gone.
    Gone {
        /// It ended its publish in order.
        clean: bool,
    },
}

/// What is known of a publisher, for its studio's status.
#[derive(Debug)]
pub(super) struct Seen {
    since: Instant,
    /// Payload bytes that came in.
    pub(super) bytes: Meter,
    /// When the last media came, in milliseconds after `since` and one; 0: none has come.
    last: AtomicU64,
    format: Mutex<Format>,
}

#[derive(Clone, Debug, Default)]
struct Format {
    video: Option<VideoInfo>,
    audio: Option<AudioInfo>,
}

impl Format {
    /// A header. One that repeats the last one takes nothing away of what was measured; says whether it is another.
    fn see(&mut self, video: Option<VideoInfo>) -> bool {
        let shape = |video: &VideoInfo| (video.codec, video.width, video.height, video.profile);
        let other = self.video.as_ref().map(shape) != video.as_ref().map(shape);
        if other {
            self.video = video;
        }
        other
    }

    /// The same of sound.
    fn hear(&mut self, audio: Option<AudioInfo>) {
        let shape = |audio: &AudioInfo| (audio.codec, audio.sample_rate, audio.channels);
        if self.audio.as_ref().map(shape) != audio.as_ref().map(shape) {
            self.audio = audio;
        }
    }
}

impl Seen {
    pub(super) fn new(now: Instant) -> Self {
        Self { since: now, bytes: Meter::default(), last: AtomicU64::new(0), format: Mutex::default() }
    }

    /// Everything but the rate, which the driver measures.
    pub(super) fn status(&self, kbps: u32) -> SourceStatus {
        let Format { video, audio } = self.format.lock().unwrap_or_else(PoisonError::into_inner).clone();
        SourceStatus { since: self.since.into_std(), video, audio, kbps }
    }

    /// The codec of its picture, as people call it.
    pub(super) fn codec(&self) -> Option<&'static str> {
        self.learn(|format| format.video.as_ref().map(|video| video.codec))
    }

    /// When it last sent media, if it has sent any.
    pub(super) fn last_media(&self) -> Option<Instant> {
        let after = self.last.load(Ordering::Relaxed).checked_sub(1)?;
        self.since.checked_add(Duration::from_millis(after))
    }

    fn note(&self, now: Instant, bytes: u64) {
        self.bytes.add(bytes);
        let after = u64::try_from(now.saturating_duration_since(self.since).as_millis()).unwrap_or(u64::MAX);
        self.last.store(after.saturating_add(1), Ordering::Relaxed);
    }

    fn learn<T>(&self, change: impl FnOnce(&mut Format) -> T) -> T {
        change(&mut self.format.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Reads one publisher.
pub(super) struct Publisher {
    /// Its number in the fanout.
    pub(super) number: u64,
    /// Who is told.
    pub(super) driver: Inbox,
    pub(super) fanout: Arc<Fanout>,
    pub(super) seen: Arc<Seen>,
    /// How long reads are gathered; zero: not at all.
    pub(super) gather: Duration,
    /// How long it may take to send its first media.
    pub(super) first: Duration,
}

impl Publisher {
    /// Lets the encoder begin and reads it to its end.
    pub(super) async fn run(self, publish: rtmp::Publish<Stream>) {
        let work = AssertUnwindSafe(self.work(publish)).catch_unwind().await;
        let clean = work.unwrap_or_else(|_| {
            tracing::error!("reading an encoder panicked, a fault of Telecast's; it may connect again");
            false
        });
        self.tell(SourceEvent::Gone { clean }).await;
    }

    async fn tell(&self, event: SourceEvent) {
        // Without a driver the relay is closing.
        let _ = self.driver.send(Input::Source(self.number, event)).await;
    }

    /// Whether the publish ended in order.
    async fn work(&self, publish: rtmp::Publish<Stream>) -> bool {
        match timeout(BEGIN, publish.begin()).await {
            Ok(Ok(mut source)) => self.read(&mut source).await,
            Ok(Err(_)) | Err(_) => false,
        }
    }

    /// Whether the publish ended in order.
    async fn read(&self, source: &mut rtmp::Source<Stream>) -> bool {
        self.follow(source).await.unwrap_or_else(|end| ended(&end))
    }

    /// Reads to its end, without telling that. False: another publisher took over, or nothing came.
    pub(super) async fn follow(&self, source: &mut rtmp::Source<Stream>) -> Result<bool, SourceEnd> {
        let mut watch = Watch::new(Instant::now(), self.first);
        let mut gather = Gather::new(self.gather, Instant::now());
        let mut packets = Vec::new();
        let mut silence = pin!(sleep_until(watch.deadline()));
        loop {
            let full = if gather.tick().await {
                source.read_now(&mut packets).transpose()?
            } else {
                tokio::select! {
                    biased;
                    read = source.read(&mut packets) => Some(read?),
                    () = &mut silence => None,
                }
            };
            let now = Instant::now();
            if full.is_none() && watch.deadline() <= now {
                if watch.first.is_none() {
                    tracing::info!("a publisher sent no media and was closed");
                    return Ok(false);
                }
                if watch.rest(now) {
                    self.tell(SourceEvent::Silent).await;
                }
            }
            let came_up = !packets.is_empty() && watch.note(now, &packets, &self.seen);
            // Set anew only when it rings, and when the first media has come.
            if came_up || silence.is_elapsed() {
                silence.as_mut().reset(watch.deadline());
            }
            gather.note(now, &packets, full == Some(true), source)?;
            if !self.fanout.append(self.number, now.into_std(), &mut packets) {
                return Ok(false);
            }
            if source.begins_keyframe() {
                self.fanout.await_keyframe(self.number, now.into_std());
            }
            if came_up {
                self.tell(SourceEvent::Up).await;
            }
        }
    }
}

fn ended(end: &SourceEnd) -> bool {
    match end {
        SourceEnd::Clean => return true,
        SourceEnd::Closed => tracing::info!("an encoder closed its connection without ending its publish"),
        SourceEnd::Lost(kind) => tracing::info!(%kind, "an encoder's connection was lost"),
        SourceEnd::Fault(fault) => tracing::warn!(%fault, "an encoder broke the protocol and was closed"),
        SourceEnd::Refused { .. } => {}
    }
    false
}

/// Notices what a publisher sends, and when it sends nothing.
struct Watch {
    /// When its first media must have come.
    until: Instant,
    first: Option<Instant>,
    last: Instant,
    /// It was told to be up, and not to be silent since.
    up: bool,
    format_known: bool,
    rate: FrameRate,
    gap: KeyframeGap,
    bframes: BFrames,
    sound: BitRate,
}

impl Watch {
    fn new(now: Instant, first: Duration) -> Self {
        let (rate, gap, bframes, sound) = Default::default();
        Self { until: now + first, first: None, last: now, up: false, format_known: false, rate, gap, bframes, sound }
    }

    /// When silence has lasted.
    fn deadline(&self) -> Instant {
        self.first.map_or(self.until, |_| self.last + SILENCE)
    }

    /// Silence has lasted: whether that is news. Measures anew.
    fn rest(&mut self, now: Instant) -> bool {
        self.last = now;
        std::mem::take(&mut self.up)
    }

    /// Whether the source has come up by `packets`.
    fn note(&mut self, now: Instant, packets: &[Packet], seen: &Seen) -> bool {
        let first = *self.first.get_or_insert(now);
        self.last = now;
        seen.note(now, packets.iter().map(|packet| packet.payload.len() as u64).sum());
        for packet in packets {
            match (packet.kind, packet.role) {
                (Kind::Video, Role::SequenceHeader) => {
                    self.format_known = true;
                    if seen.learn(|format| format.see(format::video(&packet.payload))) {
                        (self.rate, self.gap, self.bframes) = Default::default();
                    }
                }
                (Kind::Audio, Role::SequenceHeader) => {
                    seen.learn(|format| format.hear(format::audio(&packet.payload)));
                }
                (Kind::Video, role @ (Role::Keyframe | Role::Frame)) => {
                    self.gap.note(packet.timestamp, role == Role::Keyframe);
                    if let Some(shown) = filler::shown(packet) {
                        self.bframes.note(shown);
                    }
                    if let Some(fps) = self.rate.note(packet.timestamp) {
                        let (gap, bframes) = (self.gap.longest(), self.bframes.most());
                        seen.learn(|format| {
                            if let Some(video) = &mut format.video {
                                (video.fps, video.keyframe_gap, video.bframes) = (fps, gap, bframes);
                            }
                        });
                    }
                }
                (Kind::Audio, Role::Frame) => {
                    if let Some(kbps) = self.sound.note(packet.timestamp, packet.payload.len()) {
                        seen.learn(|format| {
                            if let Some(audio) = &mut format.audio {
                                audio.kbps = kbps;
                            }
                        });
                    }
                }
                _ => {}
            }
        }
        let comes = !self.up && (self.format_known || now - first >= FORMATLESS);
        self.up |= comes;
        comes
    }
}
