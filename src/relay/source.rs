//! One publisher: reads what its encoder sends into the studio's [`Fanout`], and tells its driver when it comes and goes.

use crate::domain::status::{AudioInfo, SourceStatus, VideoInfo};
use crate::media::packet::{Kind, Packet, Role};
use crate::media::{filler, format};
use crate::relay::alone::Present;
use crate::relay::driver::{Inbox, Input};
use crate::relay::fanout::Fanout;
use crate::relay::gather::Gather;
use crate::relay::meter::{BFrames, BitRate, FrameRate, KeyframeGap, Meter};
use crate::rtmp::transport::Stream;
use crate::rtmp::{self, SourceEnd};
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How often a driver is told that media flows: well within the second after which it would look by itself. Each ring of a
/// timer costs the host one or two wake-ups, and the publisher's task is awake.
const TOLD: Duration = Duration::from_millis(750);
/// Media without a picture's format counts as a source after this time.
const FORMATLESS: Duration = Duration::from_millis(700);
/// How long an encoder may take to hear that it may publish.
const BEGIN: Duration = Duration::from_secs(5);

/// What a publisher tells its driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SourceEvent {
    /// Its media flows: told each [`TOLD`] while it does, and at once when it begins to.
    Flows,
    /// It is gone.
    Gone {
        /// It ended its publish in order.
        clean: bool,
    },
}

/// What is known of a publisher, for its studio's status.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) since: Instant,
    /// Payload bytes that came in.
    pub(super) bytes: Meter,
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
        Self { since: now, bytes: Meter::default(), format: Mutex::default() }
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

    fn learn<T>(&self, change: impl FnOnce(&mut Format) -> T) -> T {
        change(&mut self.format.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Reads one publisher.
#[derive(Clone)]
pub(super) struct Publisher {
    /// Its number in the fanout.
    pub(super) number: u64,
    /// Who is told.
    pub(super) driver: Inbox,
    pub(super) fanout: Arc<Fanout>,
    pub(super) seen: Arc<Seen>,
    /// How long reads are gathered; zero: not at all.
    pub(super) gather: Duration,
    /// It counts as long as it is read.
    pub(super) present: Arc<Present>,
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
            Ok(Ok(source)) => self.read(source).await,
            Ok(Err(_)) | Err(_) => false,
        }
    }

    /// Whether the publish ended in order.
    async fn read(&self, source: rtmp::Source<Stream>) -> bool {
        self.follow(source).await.map_or_else(|end| ended(&end), |()| false)
    }

    /// Reads until its end, without telling that, or until another publisher has taken over.
    pub(super) async fn follow(&self, mut source: rtmp::Source<Stream>) -> Result<(), SourceEnd> {
        let mut watch = Watch::default();
        let mut gather = Gather::new(self.gather, Instant::now());
        let mut packets = Vec::new();
        loop {
            if self.gather.is_zero() && self.present.is_alone() && !source.is_leaving() && source.can_block() {
                let Some(back) = self.read_alone(source, watch).await? else { return Ok(()) };
                (source, watch) = back;
            }
            let full = if gather.tick().await {
                source.read_now(&mut packets).transpose()? == Some(true)
            } else {
                source.read(&mut packets).await?
            };
            let now = Instant::now();
            gather.note(now, &packets, full, &mut source)?;
            let Some(flows) = self.pass(now, &mut packets, &mut watch, &source) else { return Ok(()) };
            if flows {
                self.tell(SourceEvent::Flows).await;
            }
        }
    }

    /// Has all targets send what was read of `source`. Whether its driver is to be told that media flows; `None`: another
    /// publisher has taken over.
    pub(super) fn pass(
        &self,
        now: Instant,
        packets: &mut Vec<Packet>,
        watch: &mut Watch,
        source: &rtmp::Source<Stream>,
    ) -> Option<bool> {
        let flows = !packets.is_empty() && watch.note(now, packets, &self.seen);
        if !self.fanout.append(self.number, now.into_std(), packets) {
            return None;
        }
        if source.begins_keyframe() {
            self.fanout.await_keyframe(self.number, now.into_std());
        }
        Some(flows)
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

/// Notices what a publisher sends.
#[derive(Default)]
pub(super) struct Watch {
    first: Option<Instant>,
    /// When its driver was told last that media flows.
    told: Option<Instant>,
    format_known: bool,
    rate: FrameRate,
    gap: KeyframeGap,
    bframes: BFrames,
    sound: BitRate,
}

impl Watch {
    /// Whether its driver is to be told that media flows.
    fn note(&mut self, now: Instant, packets: &[Packet], seen: &Seen) -> bool {
        let first = *self.first.get_or_insert(now);
        seen.bytes.add(packets.iter().map(|packet| packet.payload.len() as u64).sum());
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
        let known = self.format_known || now - first >= FORMATLESS;
        let tell = known && self.told.is_none_or(|told| now - told >= TOLD);
        if tell {
            self.told = Some(now);
        }
        tell
    }
}
