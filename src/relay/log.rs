//! The newest packets of one studio: GOP cache and every target's queue at once. Pure: knows no lock, no task
//! and no clock but its arguments.
//!
//! A packet is held once. A target is a cursor; being slow moves its cursor, not other people's packets.

mod bounds;
mod codecs;
mod crew;
mod cursor;
#[doc(hidden)]
pub mod fuzz;
mod headers;
mod next;
mod shelf;

use crate::media::filler::shown;
use crate::media::packet::{Kind, Packet, Role};
use crate::media::timeline::step;
use crate::relay::ledger::{Count, Ledger};
use crate::rtmp::Offer;
use bounds::weight;
pub use bounds::{MAX_AGE, MAX_BYTES};
use codecs::Codecs;
use crew::Crew;
pub use crew::{Enlisted, Handed};
use cursor::Cursor;
use headers::Headers;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// So many entries have room from the start, a GOP of 2 s of 60 pictures a second and sound: a heap that grows around what is
/// enlarged late gives nothing back below it.
const ENTRIES: usize = 256;
/// Nothing older is handed to a target, except the GOP that begins its connection.
pub const MAX_LAG: Duration = Duration::from_secs(4);

#[derive(Debug)]
struct Entry {
    packet: Packet,
    arrived: Instant,
    /// Everything that came in before.
    before: Count,
    /// Keyframes and headers: what is in force from here on.
    headers: Option<Arc<Headers>>,
    /// No publisher sent it.
    filler: bool,
}

impl Entry {
    /// What it counts for among what came in.
    fn count(&self) -> Count {
        if self.filler { Count::default() } else { Count::of(&self.packet) }
    }
}

/// See the module's head.
#[derive(Debug)]
pub struct Log {
    entries: VecDeque<Entry>,
    /// Number of the front entry; entries are numbered for ever.
    first: u64,
    bytes: usize,
    /// How many it may hold.
    most: usize,
    entered: Count,
    /// In force before the front entry, and after the back one.
    front: Arc<Headers>,
    latest: Arc<Headers>,
    /// The newest.
    keyframe: Option<u64>,
    /// The next one has begun to come.
    next_keyframe_comes: bool,
    /// See [`Log::shown`].
    shown: Option<u32>,
    /// What comes before it lies on the shelf, or is too little for it.
    shelved: u64,
    codecs: Codecs,
    /// The first entry, of those to come too, whose time is the broadcast's: an encoder stamps headers as it likes, and
    /// only when a frame has come its clock is known.
    timed: u64,
    /// A new publisher's video is passed over until its first keyframe.
    awaiting_keyframe: bool,
    readers: BTreeMap<u64, Cursor>,
    crew: Option<Crew>,
    joined: u64,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            entries: VecDeque::with_capacity(ENTRIES),
            first: 1,
            bytes: 0,
            most: MAX_BYTES,
            entered: Count::default(),
            front: Arc::default(),
            latest: Arc::default(),
            keyframe: None,
            next_keyframe_comes: false,
            shown: None,
            shelved: 0,
            codecs: Codecs::default(),
            timed: u64::MAX,
            awaiting_keyframe: false,
            readers: BTreeMap::new(),
            crew: None,
            joined: 0,
        }
    }
}

/// What one [`Log::take`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// The connection's ledger after it.
    pub ledger: Ledger,
    /// The reader was too slow: from here on something is passed over.
    pub overflowed: bool,
    /// Something was passed over, or still is: the picture until its next keyframe.
    pub behind: bool,
    /// More lies ready.
    pub more: bool,
    /// What follows is for a connection of its own: in another codec, or behind where it parts. Nothing more is given.
    pub ended: bool,
}

impl Log {
    /// Another publisher follows: its picture begins with its first keyframe.
    pub fn begin_source(&mut self) {
        self.awaiting_keyframe = true;
        self.latest = Arc::new(self.latest.for_another_source());
    }

    /// Appends what came in one read.
    pub fn append(&mut self, now: Instant, packets: impl IntoIterator<Item = Packet>) {
        for packet in packets {
            self.push(now, packet);
        }
        self.evict(now);
    }

    /// Appends what no publisher sent. Behind a keyframe of this kind, a publisher's picture goes on with its next
    /// keyframe.
    pub fn fill(&mut self, now: Instant, packets: impl IntoIterator<Item = Packet>) {
        for packet in packets {
            self.awaiting_keyframe |= packet.role == Role::Keyframe;
            let before = self.entered;
            self.hold(now, before, packet, true);
        }
        self.evict(now);
    }

    /// Counts what came in and is not to be held; every reader finds it dropped.
    pub fn pass_over(&mut self, packet: &Packet) {
        self.entered += Count::of(packet);
    }

    /// What a server is told of the stream before it comes.
    #[must_use]
    pub fn offer(&self) -> Offer {
        Offer { tracks: self.latest.has_tracks(), ..self.codecs.offer() }
    }

    /// Payload bytes that came in, headers not counted.
    #[must_use]
    pub fn entered_bytes(&self) -> u64 {
        self.entered.bytes
    }

    /// When the last picture since the newest keyframe is shown.
    #[must_use]
    pub fn shown(&self) -> Option<u32> {
        self.shown
    }

    /// A reader that begins with the headers and the GOP at hand.
    pub fn join(&mut self) -> u64 {
        self.join_at(self.beginning())
    }

    /// The reader takes extra tracks too, from its beginning.
    pub fn take_tracks(&mut self, reader: u64) {
        if let Some(cursor) = self.readers.get_mut(&reader) {
            cursor.tracks = true;
        }
    }

    /// The reader ends before the next keyframe: see [`Taken::ended`].
    pub fn part(&mut self, reader: u64) {
        if let Some(cursor) = self.readers.get_mut(&reader) {
            cursor.parting = true;
        }
    }

    /// A reader for another connection, in place of one that has ended: begins where that did, with all headers.
    pub fn follow(&mut self, reader: u64) -> u64 {
        let ended = self.readers.remove(&reader).map(|cursor| cursor.until);
        let is_keyframe = |at: &u64| self.entry(*at).is_some_and(|entry| entry.packet.role == Role::Keyframe);
        self.join_at(ended.filter(is_keyframe).or(self.beginning()))
    }

    fn join_at(&mut self, keyframe: Option<u64>) -> u64 {
        let end = self.end();
        let next = keyframe.unwrap_or(end);
        let base = self.entry(next).map_or(self.entered, |entry| entry.before);
        self.joined += 1;
        self.readers.insert(
            self.joined,
            Cursor {
                next,
                passed: base,
                base,
                sent: Count::default(),
                dropped: Count::default(),
                filler: Count::default(),
                header_bytes: 0,
                version: 0,
                skipping: keyframe.is_none(),
                behind: false,
                opening: end,
                until: u64::MAX,
                tracks: false,
                parting: false,
                times: [None; 3],
            },
        );
        self.joined
    }

    /// The reader is gone.
    pub fn leave(&mut self, reader: u64) {
        self.readers.remove(&reader);
    }

    /// Whether anybody reads by themselves.
    #[must_use]
    pub fn has_readers(&self) -> bool {
        !self.readers.is_empty()
    }

    /// Whether [`Log::take`] would find anything.
    #[must_use]
    pub fn has_news(&self, reader: u64) -> bool {
        self.readers.get(&reader).is_some_and(|cursor| cursor.next < self.end())
    }

    /// Appends to `out` what the reader is to send next: about `max` payload bytes, and at least one packet if any.
    pub fn take(&mut self, reader: u64, now: Instant, max: usize, out: &mut Vec<Packet>) -> Taken {
        let end = self.end();
        let Self { entries, first, entered, front, latest, keyframe, timed, awaiting_keyframe, readers, .. } = self;
        let Some(cursor) = readers.get_mut(&reader) else {
            return Taken::default();
        };
        if cursor.until <= cursor.next.max(*first) {
            let ledger = cursor.ledger(*entered);
            return Taken { ledger, more: cursor.next < end, ended: true, ..Taken::default() };
        }
        let (mut taken, mut bytes, mut overflowed) = (false, 0, false);
        // Sound alone has no keyframe to go on with.
        cursor.behind &= keyframe.is_some() || latest.has_picture() && !*awaiting_keyframe;
        let mut behind = cursor.behind;
        let time = |entry: &Entry| entry.packet.timestamp;
        if cursor.next < *first {
            overflowed = !cursor.skipping;
            (cursor.skipping, cursor.behind, behind) = (true, true, true);
            cursor.next = *first;
            bytes += cursor.catch_up(front, entries.front().map(time), *first >= *timed, out);
        }
        if cursor.version == 0 && cursor.skipping {
            // Newer headers may lie behind the keyframe that it begins with.
            let ahead = keyframe.filter(|at| *at >= cursor.next).and_then(|at| entries.get((at - *first) as usize));
            let headers = ahead.and_then(|entry| entry.headers.as_ref()).unwrap_or(latest);
            bytes += cursor.catch_up(headers, ahead.or(entries.back()).map(time), end > *timed, out);
        }
        let last = end.min(cursor.until);
        for entry in entries.range((cursor.next - *first) as usize..(last - *first) as usize) {
            if taken && bytes >= max {
                break;
            }
            let late = cursor.next >= cursor.opening && now.saturating_duration_since(entry.arrived) > MAX_LAG;
            if late && !entry.packet.role.is_header() {
                overflowed |= !cursor.skipping;
                (cursor.skipping, cursor.behind, behind) = (true, true, true);
            }
            let newest = *keyframe == Some(cursor.next);
            if let Some(more) = cursor.pass(entry, !late, newest, cursor.next >= *timed, out) {
                (taken, bytes) = (true, bytes + more);
            }
        }
        let more = cursor.next < end;
        if !more {
            cursor.pass_all(*entered);
        }
        Taken { ledger: cursor.ledger(*entered), overflowed, behind, more, ended: false }
    }

    fn push(&mut self, now: Instant, packet: Packet) {
        let count = Count::of(&packet);
        let before = self.entered;
        self.entered += count;
        if self.codecs.change(&packet) {
            self.end_codec(&packet);
        }
        if packet.kind != Kind::Data && !packet.role.is_header() {
            self.timed = self.timed.min(self.end());
        }
        if self.awaiting_keyframe && packet.kind == Kind::Video && !packet.role.is_header() {
            if packet.role != Role::Keyframe {
                // Nobody can decode it: counted, never held, so every reader finds it dropped.
                return;
            }
            self.awaiting_keyframe = false;
        }
        self.hold(now, before, packet, false);
    }

    fn hold(&mut self, now: Instant, before: Count, packet: Packet, filler: bool) {
        let headers = match packet.role {
            role if role.is_header() && Headers::takes(&packet) => {
                self.latest = Arc::new(self.latest.with(&packet));
                Some(Arc::clone(&self.latest))
            }
            Role::Keyframe => {
                let end = self.end();
                for cursor in self.readers.values_mut().filter(|cursor| cursor.parting) {
                    (cursor.parting, cursor.until) = (false, cursor.until.min(end));
                }
                (self.keyframe, self.next_keyframe_comes) = (Some(end), false);
                Some(Arc::clone(&self.latest))
            }
            _ => None,
        };
        if let Some(shown) = shown(&packet) {
            let last = self.shown.filter(|last| packet.role != Role::Keyframe && step(shown, *last) < 0);
            self.shown = Some(last.unwrap_or(shown));
        }
        let (number, entry) = (self.end(), Entry { packet, arrived: now, before, headers, filler });
        if let Some(crew) = &mut self.crew {
            crew.pass(&entry, number, number >= self.timed);
        }
        self.bytes += weight(&entry);
        self.entries.push_back(entry);
    }

    /// Another codec begins: whoever reads goes on over a new connection, which begins behind here and without the old
    /// codec's header.
    fn end_codec(&mut self, newest: &Packet) {
        let end = self.end();
        self.keyframe = None;
        let crew = self.crew.as_mut().map(|crew| &mut crew.cursor);
        self.readers.values_mut().chain(crew).for_each(|cursor| cursor.until = cursor.until.min(end));
        self.latest = Arc::new(self.latest.for_another_codec(newest));
    }

    fn end(&self) -> u64 {
        self.first + self.entries.len() as u64
    }

    fn entry(&self, number: u64) -> Option<&Entry> {
        self.entries.get(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }
}

#[cfg(test)]
mod tests;
