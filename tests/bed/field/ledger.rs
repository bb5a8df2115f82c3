//! What came to a platform, by content: every frame is new, once more (replay), or in an absent encoder's place (filler).
//! Takes the same memory after a day as after a minute.

use super::clip::{Clip, Stamp, now};
use super::delays::Delays;
use super::spans::Spans;
use super::wire::{AUDIO, Message, VIDEO};
use std::collections::VecDeque;
use std::ops::AddAssign;
use std::sync::Arc;

/// Connections that are remembered one by one.
const KEPT: usize = 64;
/// What took longer than this is late, µs.
const LATE: u64 = 4_000_000;
/// Silent AAC-LC that no encoder here sends so.
const SILENT: [&[u8]; 2] = [b"\x21\x00\x49\x90\x02\x19\x00\x23\x80", b"\x00\xc8\x00\x80\x23\x80"];

/// Frames and their payload bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Frames.
    pub frames: u64,
    /// Bytes.
    pub bytes: u64,
}

impl Count {
    pub(super) fn note(&mut self, payload: &[u8]) {
        *self += Self { frames: 1, bytes: payload.len() as u64 };
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.frames += other.frames;
        self.bytes += other.bytes;
    }
}

/// One connection, in µs of [`now`].
#[derive(Clone, Debug, Default)]
pub struct Connection {
    /// TCP was accepted.
    pub began: u64,
    /// The publish was accepted.
    pub published: Option<u64>,
    /// The first frame, and its number if it has one.
    pub media: Option<(u64, Option<u64>)>,
    /// The last frame so far.
    pub last: u64,
    /// The longest time without any frame.
    pub gap: u64,
    /// It ended, and whether with a goodbye.
    pub ended: Option<(u64, bool)>,
    /// Frames came over it.
    stands: bool,
    /// Those that had not come before.
    fresh: u64,
}

/// What became of one source's frames at a platform, in payload bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Before the first that was to come.
    pub early: u64,
    /// Came, each once.
    pub received: u64,
    /// Did not, amid a connection.
    pub inside: u64,
    /// Did not, from one connection to the next.
    pub between: u64,
    /// Behind the last that came.
    pub behind: u64,
}

/// The connection that publishes now.
#[derive(Clone, Debug, Default)]
struct Present {
    /// When it began, which names it.
    began: u64,
    times: [Option<u32>; 32],
    headers: [Option<Vec<u8>>; 2],
    picture: Option<(u16, u64)>,
    /// The newest keyframe that was the publisher's own.
    keyframe: Option<(u16, u64)>,
}

/// See the module's head.
#[derive(Clone, Debug)]
pub struct Ledger {
    clip: Arc<Clip>,
    /// TCP connections.
    pub attempts: u64,
    /// Publishes asked for.
    pub asked: u64,
    /// Publishes accepted.
    pub accepted: u64,
    /// Frames that came for the first time.
    pub received: Count,
    /// Frames that begin a connection and had come before.
    pub replayed: Count,
    /// Of both, those that took more than 4 s.
    pub late: Count,
    /// Silence, and a keyframe once more amid a connection.
    pub filler: Count,
    /// Metadata and sequence headers.
    pub headers: Count,
    /// Changed, unknown, or once more where nothing should be repeated.
    pub strange: u64,
    /// Times that went back within a kind.
    pub backwards: u64,
    /// The longest step forward within a kind and a connection, ms.
    pub step: u32,
    /// Frames before their headers, or a first picture that is no keyframe.
    pub unready: u64,
    /// Pictures behind a gap that are no keyframe.
    pub torn: u64,
    /// Connections whose bytes were no RTMP.
    pub garbled: u64,
    /// The first of the faults above, in words.
    pub first_fault: Option<String>,
    /// The newest connections, the oldest first.
    pub connections: VecDeque<Connection>,
    spans: Spans,
    present: Present,
    delays: Delays,
}

impl Ledger {
    /// Nothing yet.
    pub fn new(clip: Arc<Clip>) -> Self {
        Self {
            clip,
            attempts: 0,
            asked: 0,
            accepted: 0,
            received: Count::default(),
            replayed: Count::default(),
            late: Count::default(),
            filler: Count::default(),
            headers: Count::default(),
            strange: 0,
            backwards: 0,
            step: 0,
            unready: 0,
            torn: 0,
            garbled: 0,
            first_fault: None,
            connections: VecDeque::new(),
            spans: Spans::default(),
            present: Present::default(),
            delays: Delays::default(),
        }
    }

    /// Frames that never came between the first and the newest of each source: inside of connections, and from one to
    /// the next.
    pub fn missing(&self) -> (Count, Count) {
        self.spans.missing(&self.clip)
    }

    /// What became of one source's frames; `next` is the number that its publisher would send next.
    pub fn account(&self, source: u16, next: u64) -> Option<Account> {
        self.spans.account(&self.clip, source, next)
    }

    /// The delay from publisher to platform that so many of 1000 new frames did not exceed, in ms.
    pub fn delay(&self, of_1000: u32) -> u32 {
        self.delays.at(of_1000)
    }

    /// Measures delays anew from here on.
    pub fn forget_delays(&mut self) {
        self.delays = Delays::default();
    }

    /// The connection that publishes, or did last.
    pub fn newest(&self) -> Option<&Connection> {
        self.connections.iter().rev().find(|connection| connection.published.is_some())
    }

    /// The newest time of a kind, ms modulo 2^32.
    pub fn time(&self, kind: u8) -> Option<u32> {
        self.present.times[usize::from(kind & 31)]
    }

    /// A picture has come over the newest connection.
    pub fn shows(&self) -> bool {
        self.present.picture.is_some()
    }

    /// The longest time without any frame on the newest connection that had one, up to now or to its end; µs.
    pub fn silence(&self) -> u64 {
        let Some(newest) = self.connections.iter().rev().find(|one| one.media.is_some()) else { return 0 };
        let until = newest.ended.map_or_else(now, |(at, _)| at);
        newest.gap.max(until.saturating_sub(newest.last))
    }

    /// The newest sequence header of a kind.
    pub fn header(&self, kind: u8) -> Option<&[u8]> {
        self.present.headers[usize::from(kind == VIDEO)].as_deref()
    }

    /// Frames of any kind, of the publisher or not.
    pub fn frames(&self) -> u64 {
        self.received.frames + self.replayed.frames + self.filler.frames
    }

    pub(super) fn connect(&mut self) -> u64 {
        self.attempts += 1;
        let began = now();
        if self.connections.len() == KEPT {
            self.connections.pop_front();
        }
        self.connections.push_back(Connection { began, ..Connection::default() });
        began
    }

    /// The connection that began then.
    pub(super) fn of(&mut self, began: u64) -> Option<&mut Connection> {
        self.connections.iter_mut().rev().find(|connection| connection.began == began)
    }

    pub(super) fn publish(&mut self, began: u64) {
        self.accepted += 1;
        self.present = Present { began, ..Present::default() };
        if let Some(connection) = self.of(began) {
            connection.published = Some(now());
        }
    }

    pub(super) fn end(&mut self, began: u64, in_order: bool) {
        if let Some(connection) = self.of(began) {
            connection.ended = Some((now(), in_order));
        }
    }

    pub(super) fn note(&mut self, words: impl FnOnce() -> String) {
        self.first_fault.get_or_insert_with(words);
    }

    /// A message of audio, video or data.
    pub(super) fn take(&mut self, began: u64, message: &Message) {
        let Message { kind, timestamp, payload, .. } = message;
        if began != self.present.began {
            // What lay in an older connection is read late: it counts, and is in nobody's order.
            if let Some(stamp) = Clip::stamp(payload).filter(|stamp| self.clip.is_intact(*kind, payload, *stamp)) {
                let count = if self.is_new(began, payload, stamp) { &mut self.received } else { &mut self.replayed };
                count.note(payload);
                if now().saturating_sub(stamp.sent) > LATE {
                    self.late.note(payload);
                }
            }
            return;
        }
        let newest = self.present.times[usize::from(*kind & 31)].replace(*timestamp);
        let step = newest.map_or(0, |newest| timestamp.wrapping_sub(newest).cast_signed());
        match u32::try_from(step) {
            Ok(step) => self.step = self.step.max(step),
            Err(_) => {
                self.backwards += 1;
                self.note(|| format!("type {kind} went from {newest:?} back to {timestamp} ms"));
            }
        }
        let header = match (kind, payload.as_slice()) {
            (&AUDIO, [first, 0, ..]) => first >> 4 == 10,
            (&AUDIO, _) => false,
            (&VIDEO, [first, second, ..]) => first & 0x80 == 0 && matches!(first & 15, 7 | 12) && *second == 0,
            (&VIDEO, _) => false,
            _ => true,
        };
        if header {
            self.headers.note(payload);
            if matches!(*kind, AUDIO | VIDEO) {
                self.present.headers[usize::from(*kind == VIDEO)] = Some(payload.clone());
            }
            return;
        }
        let stamp = Clip::stamp(payload);
        let at = now();
        if let Some(connection) = self.of(began) {
            let before = connection.media.map_or(at, |_| connection.last);
            connection.gap = connection.gap.max(at - before);
            connection.media.get_or_insert((at, stamp.map(|stamp| stamp.number)));
            connection.last = at;
        }
        if self.present.headers[usize::from(*kind == VIDEO)].is_none() {
            self.unready += 1;
            self.note(|| format!("type {kind} at {timestamp} ms before its header"));
        }
        match stamp {
            Some(stamp) if self.clip.is_intact(*kind, payload, stamp) => self.frame(began, at, *kind, payload, stamp),
            None if *kind == AUDIO && payload.get(2..).is_some_and(|body| SILENT.contains(&body)) => {
                self.fill(began, payload);
            }
            // What ends a sequence is nobody's frame.
            None if *kind == VIDEO && payload.get(1) == Some(&2) => {}
            _ => {
                self.strange += 1;
                self.note(|| format!("{} bytes of type {kind} at {timestamp} ms that nobody sent", payload.len()));
            }
        }
        if let Some(connection) = self.of(began) {
            connection.stands = true;
        }
    }

    fn frame(&mut self, began: u64, at: u64, kind: u8, payload: &[u8], stamp: Stamp) {
        let keyframe = kind == VIDEO && payload[0] >> 4 & 7 == 1;
        let (place, shown) = ((stamp.source, stamp.number), self.present.keyframe);
        if kind == VIDEO {
            self.picture(keyframe, stamp);
        }
        let late = at.saturating_sub(stamp.sent) > LATE;
        if late && shown != Some(place) {
            self.late.note(payload);
        }
        let Connection { stands, fresh, .. } = self.of(began).cloned().unwrap_or_default();
        if self.is_new(began, payload, stamp) {
            self.received.note(payload);
            self.delays.note(at.saturating_sub(stamp.sent));
        } else if keyframe && stands && shown == Some(place) {
            self.fill(began, payload);
        } else if fresh > 0 {
            self.strange += 1;
            self.note(|| format!("frame {} of source {} once more", stamp.number, stamp.source));
        } else {
            self.replayed.note(payload);
        }
        if keyframe {
            self.present.keyframe = Some(place);
        }
    }

    /// What an absent encoder's place is filled with. A connection that begins amid it begins with the keyframe that is
    /// repeated, and what came in between that and the absence lies before it.
    fn fill(&mut self, began: u64, payload: &[u8]) {
        self.filler.note(payload);
        if let Some(connection) = self.of(began).filter(|connection| connection.fresh == 1) {
            connection.fresh = 0;
        }
    }

    /// A picture needs all before it, back to a keyframe.
    fn picture(&mut self, keyframe: bool, stamp: Stamp) {
        let place = (stamp.source, stamp.number);
        match self.present.picture {
            _ if keyframe => {}
            None => {
                self.unready += 1;
                self.note(|| format!("the first picture, {place:?}, is no keyframe"));
            }
            Some((source, number)) => {
                let next = (number + 1..).find(|number| self.clip.unit(*number).0.kind == VIDEO);
                if (Some(source), next) != (Some(stamp.source), Some(stamp.number)) {
                    self.torn += 1;
                    self.note(|| format!("picture {place:?} behind {:?}", (source, number)));
                }
            }
        }
        self.present.picture = Some(place);
    }

    fn is_new(&mut self, began: u64, payload: &[u8], stamp: Stamp) -> bool {
        let Self { connections, spans, clip, .. } = self;
        let connection = connections.iter_mut().rev().find(|connection| connection.began == began);
        let mut forgotten = Connection::default();
        let Connection { stands, fresh, .. } = connection.unwrap_or(&mut forgotten);
        let new = spans.take(clip, stamp, payload, *stands, *fresh == 0);
        (*stands, *fresh) = (true, *fresh + u64::from(new));
        new
    }
}

#[cfg(test)]
mod tests;
