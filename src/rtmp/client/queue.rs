//! Packets on their way into one socket, cut into chunks without a copy.

use crate::media::packet::{Kind, Packet};
use crate::rtmp::chunk::{CHUNK_SIZE, MediaHeader};
use std::io::IoSlice;

/// Parts of one vectored write. Most have less than ten, and the room for them is cleared each time.
pub(super) const MAX_SLICES: usize = 32;

/// Chunk stream and type of each kind of message. Commands have a chunk stream of their own.
const AUDIO: (u8, u8) = (4, 8);
const VIDEO: (u8, u8) = (6, 9);
const DATA: (u8, u8) = (5, 18);

/// Packets, and how far they are written.
#[derive(Clone, Default)]
pub(super) struct Queue {
    packets: Vec<Packet>,
    headers: Vec<MediaHeader>,
    /// Packets that are written whole.
    done: usize,
    /// Bytes of the next one that are written, headers included.
    written: usize,
}

impl Queue {
    pub(super) fn is_empty(&self) -> bool {
        self.done == self.packets.len()
    }

    /// Whether a message is written in part: nothing else may come before its rest.
    pub(super) fn is_amid_packet(&self) -> bool {
        self.written > 0
    }

    /// The bytes of all of it that is not written.
    pub(super) fn len(&self) -> usize {
        let all =
            self.packets.iter().zip(&self.headers).skip(self.done).map(|(packet, header)| wire_len(packet, header));
        all.sum::<usize>() - self.written
    }

    /// Forgets what it holds.
    pub(super) fn clear(&mut self) {
        self.packets.clear();
        self.headers.clear();
        (self.done, self.written) = (0, 0);
    }

    /// Takes all of `packets`, for message stream `stream`; leaves an empty vector with room for as many.
    pub(super) fn take(&mut self, packets: &mut Vec<Packet>, stream: u32) {
        if self.packets.is_empty() {
            std::mem::swap(&mut self.packets, packets);
        } else {
            self.packets.append(packets);
        }
        for packet in &self.packets[self.headers.len()..] {
            let (csid, kind) = match packet.kind {
                Kind::Audio => AUDIO,
                Kind::Video => VIDEO,
                Kind::Data => DATA,
            };
            self.headers.push(MediaHeader::new(csid, kind, stream, packet.timestamp, packet.payload.len()));
        }
    }

    /// Fills `slices` with what comes next, of at most `packets` packets; returns how many it filled.
    pub(super) fn slices<'a>(&'a self, slices: &mut [IoSlice<'a>], packets: usize) -> usize {
        let mut skip = self.written;
        let mut count = 0;
        let pairs = self.packets.iter().zip(&self.headers).skip(self.done).take(packets);
        for (packet, header) in pairs {
            for part in parts(packet, header) {
                if skip >= part.len() {
                    skip -= part.len();
                    continue;
                }
                let Some(slot) = slices.get_mut(count) else { return count };
                *slot = IoSlice::new(&part[skip..]);
                skip = 0;
                count += 1;
            }
        }
        count
    }

    /// Appends all of it to `bytes`.
    pub(super) fn copy_to(&self, bytes: &mut Vec<u8>) {
        let parts = self.packets.iter().zip(&self.headers).flat_map(|(packet, header)| parts(packet, header));
        parts.for_each(|part| bytes.extend_from_slice(part));
    }

    /// The next `count` bytes are written.
    pub(super) fn advance(&mut self, mut count: usize) {
        while count > 0 && !self.is_empty() {
            let whole = wire_len(&self.packets[self.done], &self.headers[self.done]);
            let left = whole.saturating_sub(self.written);
            if count < left {
                self.written += count;
                return;
            }
            count -= left;
            self.written = 0;
            self.done += 1;
        }
        if self.is_empty() {
            // Room is kept, payloads are not.
            self.clear();
        }
    }
}

/// A message as it is on the wire: header, payload, header, payload …; no part is empty.
fn parts<'a>(packet: &'a Packet, header: &'a MediaHeader) -> impl Iterator<Item = &'a [u8]> {
    let chunks = packet.payload.chunks(CHUNK_SIZE.into()).enumerate();
    let rest = chunks.flat_map(|(index, chunk)| [if index == 0 { &[] } else { header.continuation() }, chunk]);
    std::iter::once(header.first()).chain(rest.filter(|part| !part.is_empty()))
}

/// The length of what [`parts`] gives.
fn wire_len(packet: &Packet, header: &MediaHeader) -> usize {
    let len = packet.payload.len();
    let continuations = len.div_ceil(CHUNK_SIZE.into()).saturating_sub(1);
    header.first().len() + len + continuations * header.continuation().len()
}
