//! What a platform has received, counted.

use crate::demo::bot_api::Bilingual;
use crate::domain::status::{AudioInfo, VideoInfo};
use crate::media::format;
use crate::media::packet::{Kind, Packet, Role};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// Connections that are remembered.
const KEPT: usize = 64;
/// First packets of a connection that are remembered.
const FIRST: usize = 16;
/// The rate is that of so long.
const RATE: Duration = Duration::from_secs(3);
/// Between two marks of the rate.
const MARK: Duration = Duration::from_millis(250);

/// Everything that came to a platform.
#[derive(Clone, Debug, Default)]
pub struct Received {
    /// Publishes that were accepted, oldest first, the newest 64.
    pub connections: Vec<Connection>,
    /// Publishes that were refused.
    pub refused: u64,
    /// When one was refused last.
    pub last_refusal: Option<Instant>,
    accepted: u64,
}

/// One publish that was accepted.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Counts the accepted publishes from 1.
    pub number: u64,
    /// What calls itself the sender (`flashVer`).
    pub encoder: String,
    /// The name that it publishes under, where any will do: it is no key.
    pub name: Option<String>,
    /// When it was accepted.
    pub began: Instant,
    /// When it ended, if it has.
    pub ended: Option<Instant>,
    /// It said goodbye: it did not just vanish.
    pub ended_in_order: bool,
    /// What came first, up to 16 packets.
    pub first: Vec<First>,
    /// Video frames, keyframes included, headers not.
    pub video_frames: u64,
    /// Keyframes.
    pub keyframes: u64,
    /// Audio frames.
    pub audio_frames: u64,
    /// Payload bytes of everything.
    pub bytes: u64,
    /// The picture's format, once its header came.
    pub video: Option<VideoInfo>,
    /// The sound's format, once its header came.
    pub audio: Option<AudioInfo>,
    /// Frames stamped earlier than one of their kind before them.
    pub backwards: u64,
    /// The longest step between the stamps of two video frames.
    pub longest_step: Duration,
    /// The newest stamps of video and audio, milliseconds modulo 2^32.
    pub video_at: Option<u32>,
    /// See `video_at`.
    pub audio_at: Option<u32>,
    /// Bytes at some moments of the last seconds.
    marks: VecDeque<(Instant, u64)>,
}

/// One of the first packets of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct First {
    /// Audio, video or data.
    pub kind: Kind,
    /// What it is to a decoder.
    pub role: Role,
    /// Milliseconds, modulo 2^32.
    pub timestamp: u32,
}

impl Received {
    /// The connection that publishes now.
    #[must_use]
    pub fn live(&self) -> Option<&Connection> {
        self.connections.last().filter(|connection| connection.ended.is_none())
    }

    pub(super) fn refuse(&mut self, now: Instant) {
        self.refused += 1;
        self.last_refusal = Some(now);
    }

    /// A publish is accepted, unless there is one already.
    pub(super) fn begin(&mut self, encoder: &str, name: Option<String>, now: Instant) -> bool {
        if self.live().is_some() {
            return false;
        }
        self.accepted += 1;
        if self.connections.len() == KEPT {
            self.connections.remove(0);
        }
        self.connections.push(Connection {
            number: self.accepted,
            encoder: encoder.to_owned(),
            name,
            began: now,
            ended: None,
            ended_in_order: false,
            first: Vec::new(),
            video_frames: 0,
            keyframes: 0,
            audio_frames: 0,
            bytes: 0,
            video: None,
            audio: None,
            backwards: 0,
            longest_step: Duration::ZERO,
            video_at: None,
            audio_at: None,
            marks: VecDeque::from([(now, 0)]),
        });
        true
    }

    pub(super) fn take(&mut self, packets: &[Packet], now: Instant) {
        if let Some(live) = self.connections.last_mut() {
            packets.iter().for_each(|packet| live.count(packet));
            live.mark(now);
        }
    }

    pub(super) fn end(&mut self, in_order: bool, now: Instant) {
        if let Some(live) = self.connections.last_mut() {
            (live.ended, live.ended_in_order) = (Some(now), in_order);
        }
    }
}

impl Connection {
    /// A decoder could begin with what came first: metadata and all headers before any frame, and of the picture a
    /// keyframe first. `false` until both picture and sound have come.
    #[must_use]
    pub fn begins_well(&self) -> bool {
        let at = |kind, role| self.first.iter().position(|first| first.kind == kind && first.role == role);
        let frame = |first: &First| matches!(first.role, Role::Frame | Role::Keyframe) && first.kind != Kind::Data;
        let Some(begins) = self.first.iter().position(frame) else { return false };
        let headers = [
            at(Kind::Data, Role::Metadata),
            at(Kind::Video, Role::SequenceHeader),
            at(Kind::Audio, Role::SequenceHeader),
        ];
        let picture = self.first.iter().find(|first| first.kind == Kind::Video && frame(first));
        headers.iter().all(|header| header.is_some_and(|at| at < begins))
            && picture.is_some_and(|first| first.role == Role::Keyframe)
            && at(Kind::Audio, Role::Frame).is_some()
    }

    /// Bits arriving, in kbit/s, over the last three seconds; the first second counts as whole.
    #[must_use]
    pub fn kbps(&self, now: Instant) -> u64 {
        let Some((since, before)) = self.marks.iter().find(|(at, _)| now - *at <= RATE) else { return 0 };
        let time = u64::try_from((now - *since).as_millis()).unwrap_or(u64::MAX).max(1000);
        (self.bytes - before) * 8 / time
    }

    /// For the screen.
    pub(super) fn facts(&self, now: Instant) -> Vec<(Bilingual, Bilingual)> {
        let mut facts = Vec::new();
        facts.extend(self.name.as_ref().map(|name| (Bilingual::new("Stream name", "流名称"), Bilingual::plain(name))));
        let picture = self.video.as_ref().map(|video| format!("{} {}×{}", video.codec, video.width, video.height));
        let khz = |rate: u32| format!("{}.{}", rate / 1000, rate % 1000 / 100);
        let sound = self.audio.as_ref().map(|audio| format!("{} {} kHz", audio.codec, khz(audio.sample_rate)));
        let both: Vec<_> = picture.into_iter().chain(sound).collect();
        if !both.is_empty() {
            facts.push((Bilingual::new("Receives", "收到"), Bilingual::plain(both.join(" · "))));
        }
        facts.push((Bilingual::new("Rate", "码率"), Bilingual::plain(format!("{} kbit/s", self.kbps(now)))));
        let (frames, keyframes) = (self.video_frames, self.keyframes);
        let frames =
            Bilingual::new(format!("{frames}, {keyframes} keyframes"), format!("{frames}，关键帧 {keyframes}"));
        facts.push((Bilingual::new("Frames", "帧数"), frames));
        facts
    }

    fn count(&mut self, packet: &Packet) {
        let Packet { kind, role, timestamp, ref payload } = *packet;
        if self.first.len() < FIRST {
            self.first.push(First { kind, role, timestamp });
        }
        self.bytes += payload.len() as u64;
        match (kind, role) {
            (Kind::Data, _) | (_, Role::Metadata | Role::Detail) => {}
            (Kind::Video, Role::SequenceHeader) => self.video = format::video(payload),
            (Kind::Audio, Role::SequenceHeader) => self.audio = format::audio(payload),
            (Kind::Video, _) => {
                self.video_frames += 1;
                self.keyframes += u64::from(role == Role::Keyframe);
                if let Some(step) = self.video_at.map(|before| timestamp.wrapping_sub(before).cast_signed()) {
                    self.backwards += u64::from(step < 0);
                    self.longest_step =
                        self.longest_step.max(Duration::from_millis(u64::try_from(step).unwrap_or_default()));
                }
                self.video_at = Some(timestamp);
            }
            (Kind::Audio, _) => {
                self.audio_frames += 1;
                let back = |before: u32| timestamp.wrapping_sub(before).cast_signed() < 0;
                self.backwards += u64::from(self.audio_at.is_some_and(back));
                self.audio_at = Some(timestamp);
            }
        }
    }

    fn mark(&mut self, now: Instant) {
        if self.marks.back().is_none_or(|(at, _)| now - *at >= MARK) {
            self.marks.push_back((now, self.bytes));
            while self.marks.front().is_some_and(|(at, _)| now - *at > RATE) {
                self.marks.pop_front();
            }
        }
    }
}
