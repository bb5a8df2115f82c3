//! What a target must see on its connection, whatever is done to the studio's log.

use bytes::Bytes;
use std::collections::HashMap;
use std::time::Instant;
use telecast::media::packet::{Kind, Packet, Role};
use telecast::relay::ledger::Ledger;
use telecast::relay::log::MAX_LAG;

/// Makes packets that know their number, and remembers what each needs.
#[derive(Default)]
pub struct Press {
    made: u32,
    /// When each came.
    came: Vec<Instant>,
    /// The codec of the picture, and its header in force.
    codec: Option<u8>,
    header: Option<u32>,
    /// The header that each keyframe needs.
    needs: HashMap<u32, Option<u32>>,
    pictures: HashMap<u32, u32>,
    picture: u32,
}

impl Press {
    /// A packet of `size` bytes and more, its payload as its role says; `hevc` is another codec's. It comes at `now`.
    pub fn packet(&mut self, kind: Kind, role: Role, timestamp: u32, size: usize, hevc: bool, now: Instant) -> Packet {
        let number = self.made;
        self.made += 1;
        self.came.push(now);
        let key = if role == Role::Frame { 0x20 } else { 0x10 };
        let codec = if hevc { 12 } else { 7 };
        // An IDR slice of the length that follows stands alone.
        let unit = if hevc { 19 << 1 } else { 0x65 };
        let header = role == Role::SequenceHeader;
        let mut payload = match (kind, role) {
            (Kind::Video, _) => vec![key | codec, u8::from(!header), 0, 0, 0],
            (Kind::Audio, _) => vec![0xaf, u8::from(!header)],
            (Kind::Data, _) => b"\x02\x00\x0aonMetaData".to_vec(),
        };
        match (kind, role) {
            (Kind::Video, Role::SequenceHeader) => payload.extend(config(hevc)),
            (Kind::Audio, Role::SequenceHeader) => payload.extend([0x11, 0x90]),
            (Kind::Video, _) => payload.extend([&(size as u32 + 5).to_be_bytes()[..], &[unit]].concat()),
            _ => {}
        }
        payload.extend(number.to_be_bytes());
        payload.resize(payload.len() + size, 0);
        if kind == Kind::Video && role != Role::Frame && self.codec.replace(codec).is_some_and(|before| before != codec)
        {
            self.header = None;
        }
        match (kind, role) {
            (Kind::Video, Role::SequenceHeader) => self.header = Some(number),
            (Kind::Video, _) => {
                if role == Role::Keyframe {
                    self.needs.insert(number, self.header);
                }
                self.picture += 1;
                self.pictures.insert(number, self.picture);
            }
            _ => {}
        }
        Packet { kind, role, timestamp, payload: payload.into() }
    }
}

/// A decoder's configuration with lengths of four bytes.
fn config(hevc: bool) -> Vec<u8> {
    if hevc { [&[0; 21][..], &[3, 0]].concat() } else { vec![1, 0x64, 0, 0x1f, 0xff, 0xe1, 0, 0] }
}

/// The number that a packet was given.
fn number(packet: &Packet) -> u32 {
    let at = match (packet.kind, packet.role) {
        (Kind::Video, Role::SequenceHeader) if packet.payload[0] & 0x0f == 12 => 5 + 23,
        (Kind::Video, Role::SequenceHeader) => 5 + 8,
        (Kind::Video, _) => 5 + 5,
        (Kind::Audio, Role::SequenceHeader) => 4,
        (Kind::Audio, _) => 2,
        (Kind::Data, _) => 13,
    };
    let number =
        |payload: &Bytes| payload.get(at..).and_then(<[u8]>::first_chunk).map(|bytes| u32::from_be_bytes(*bytes));
    number(&packet.payload).unwrap_or(u32::MAX)
}

/// One connection, as the server at its end sees it.
#[derive(Default)]
pub struct Connection {
    /// What had been made when it began: its opening, which has no age.
    opening: u32,
    times: [Option<u32>; 3],
    /// Whether a frame has come: before it, times of headers are the encoder's own.
    timed: bool,
    picture: Option<u32>,
    header: Option<u32>,
}

impl Connection {
    pub fn new(press: &Press) -> Self {
        Self { opening: press.made, ..Self::default() }
    }

    /// What comes over it: the picture begins with a keyframe behind the header that it needs, no frame follows one that was
    /// dropped, no time goes back, nothing is older than it may be.
    pub fn gets(&mut self, packets: &[Packet], press: &Press, now: Instant) {
        for packet in packets {
            let number = number(packet);
            let header = packet.role.is_header();
            match (packet.kind, packet.role) {
                (Kind::Video, Role::SequenceHeader) => self.header = Some(number),
                (Kind::Video, Role::Keyframe) => {
                    if let Some(needed) = press.needs[&number] {
                        assert_eq!(self.header, Some(needed), "a keyframe without its header");
                    }
                    self.picture = Some(press.pictures[&number]);
                }
                (Kind::Video, Role::Frame) => {
                    let picture = press.pictures[&number];
                    assert_eq!(self.picture, Some(picture - 1), "a frame behind one that was dropped");
                    self.picture = Some(picture);
                }
                _ => {}
            }
            self.timed |= !header && packet.kind != Kind::Data;
            let newest = &mut self.times[packet.kind as usize];
            if self.timed {
                let back = newest.map_or(0, |newest| packet.timestamp.wrapping_sub(newest).cast_signed());
                assert!(back >= 0, "back by {back} ms: {packet:?}");
                *newest = Some(packet.timestamp);
            }
            // Silence that was made up has no number.
            if !header && (self.opening..press.made).contains(&number) {
                let age = now.saturating_duration_since(press.came[number as usize]);
                let repeat = packet.role == Role::Keyframe;
                assert!(age <= MAX_LAG || repeat, "{age:?} old");
            }
        }
    }
}

/// Whether it adds up.
pub fn balance(ledger: &Ledger) {
    let mut sum = ledger.sent;
    sum += ledger.dropped;
    sum += ledger.queued;
    assert_eq!(sum, ledger.entered);
}
