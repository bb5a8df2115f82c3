//! One target's place in the log: being slow moves it, and nothing else.

use super::Entry;
use super::headers::Headers;
use crate::media::packet::{Kind, Packet, Role};
use crate::relay::ledger::{Count, Ledger};

#[derive(Clone, Debug)]
pub(super) struct Cursor {
    pub(super) next: u64,
    /// Everything before the cursor that the ledger has accounted for, from `base` on.
    pub(super) passed: Count,
    pub(super) base: Count,
    pub(super) sent: Count,
    pub(super) dropped: Count,
    pub(super) filler: Count,
    pub(super) header_bytes: u64,
    /// The newest headers that were taken.
    pub(super) version: u64,
    /// Video is passed over until a keyframe.
    pub(super) skipping: bool,
    /// Something is passed over because the reader was too slow.
    pub(super) behind: bool,
    /// Entries before this one begin the connection: no age limit.
    pub(super) opening: u64,
    /// The connection ends before this entry, where another codec begins or it parts.
    pub(super) until: u64,
    /// It takes extra tracks.
    pub(super) tracks: bool,
    /// It ends before the next keyframe.
    pub(super) parting: bool,
    /// The newest time of each kind: what follows is never earlier.
    pub(super) times: [Option<u32>; 3],
}

impl Cursor {
    /// Takes the headers that it has not taken yet, with the time of what they stand before; returns their bytes.
    pub(super) fn catch_up(
        &mut self,
        headers: &Headers,
        before: Option<u32>,
        timed: bool,
        out: &mut Vec<Packet>,
    ) -> usize {
        let mut bytes = 0;
        for (version, packet) in headers.all(self.tracks) {
            if *version > self.version {
                bytes += packet.payload.len();
                let time = before.unwrap_or(packet.timestamp);
                out.push(self.stamp(packet, time, timed));
            }
        }
        self.version = self.version.max(headers.version);
        self.header_bytes += bytes as u64;
        bytes
    }

    /// Passes `entry`: appends it to `out`, behind the headers that it needs, or drops it. `fresh`: it is not too old;
    /// `newest`: a picture that was passed over may go on with it; `timed`: see [`Self::stamp`]. How many payload bytes
    /// were appended, unless it was dropped.
    pub(super) fn pass(
        &mut self,
        entry: &Entry,
        fresh: bool,
        newest: bool,
        timed: bool,
        out: &mut Vec<Packet>,
    ) -> Option<usize> {
        let packet = &entry.packet;
        let wanted = match (packet.role, packet.kind) {
            (Role::ExtraHeader | Role::Extra, _) if !self.tracks => false,
            // Not once more, and not behind newer ones.
            (role, _) if role.is_header() => {
                entry.headers.as_ref().is_none_or(|headers| headers.version > self.version)
            }
            (Role::Keyframe, _) if self.skipping => fresh && newest,
            (_, Kind::Video) => !self.skipping,
            (_, Kind::Audio | Kind::Data) => fresh,
        };
        let count = entry.count();
        self.pass_all(entry.before);
        self.passed += count;
        self.next += 1;
        if !wanted {
            self.dropped += count;
            return None;
        }
        if packet.role == Role::Keyframe {
            (self.skipping, self.behind) = (false, false);
        }
        let mut bytes = packet.payload.len();
        match &entry.headers {
            Some(headers) if packet.role.is_header() => {
                self.header_bytes += bytes as u64;
                self.version = self.version.max(headers.version);
            }
            Some(headers) => bytes += self.catch_up(headers, Some(packet.timestamp), true, out),
            None => {}
        }
        self.sent += count;
        if entry.filler {
            self.filler += Count::of(packet);
        }
        out.push(self.stamp(packet, packet.timestamp, timed));
        Some(bytes)
    }

    /// Passes over what came in and is not held, up to `entered`.
    pub(super) fn pass_all(&mut self, entered: Count) {
        self.dropped += entered - self.passed;
        self.passed = entered;
    }

    /// The packet as it goes out: at `time`, or at that of its kind's last one where that is later. `timed`: it is the
    /// broadcast's time.
    pub(super) fn stamp(&mut self, packet: &Packet, time: u32, timed: bool) -> Packet {
        let newest = &mut self.times[packet.kind as usize];
        let timestamp = newest.filter(|newest| time.wrapping_sub(*newest).cast_signed() < 0).unwrap_or(time);
        if timed {
            *newest = Some(timestamp);
        }
        Packet { timestamp, ..packet.clone() }
    }

    pub(super) fn ledger(&self, entered: Count) -> Ledger {
        Ledger {
            entered: entered - self.base,
            sent: self.sent,
            dropped: self.dropped,
            queued: entered - self.passed,
            header_bytes: self.header_bytes,
            filler: self.filler,
        }
    }
}
