//! What is sent: H.264 and AAC that decoders take, every frame with a number, looped without end.

use crate::bed::{Fault, Result};
use std::ops::Range;
use std::sync::{Arc, OnceLock};
use std::time::Instant;
use telecast::demo::clip::Clip as Builtin;
use telecast::media::packet::{Kind, Role};

use super::wire::{AUDIO, DATA, VIDEO};

const MAGIC: &[u8] = b"FieldStamp";
/// Magic, source, number and time in hexadecimal: no byte of it can be taken for a start code.
const STAMP: usize = MAGIC.len() + 4 + 10 + 14;
/// One round of the built-in clip.
const ROUND_MS: u64 = 4_000;
/// Where a stamp may begin in a payload, at the latest.
const LOOKED_AT: usize = 16;

/// Microseconds since the first call in this process: what stamps carry.
pub fn now() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_micros() as u64
}

/// What a frame says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Whose it is: every connection of an encoder has another.
    pub source: u16,
    /// Counts that source's frames, sound and picture together, from 0 in the order of sending.
    pub number: u64,
    /// When it was handed to the socket, see [`now`].
    pub sent: u64,
}

/// One frame of the round, its stamp still blank.
#[derive(Clone, Debug)]
pub struct Unit {
    /// An RTMP message type.
    pub kind: u8,
    /// A picture that can be shown without any before it.
    pub keyframe: bool,
    /// Milliseconds since the round began.
    pub at: u64,
    payload: Vec<u8>,
    stamp: usize,
}

/// What is sent, and what every frame must look like when it arrives. The length of a frame follows from its number, so
/// that the bytes of any span are known without having kept it.
#[derive(Debug)]
pub struct Clip {
    headers: Vec<(u8, Vec<u8>)>,
    units: Vec<Unit>,
    /// Bytes of the units before each, and of all.
    sums: Vec<u64>,
}

impl Clip {
    /// 30 frames a second, a keyframe each second, filled up to about `kbps` (at least 500).
    ///
    /// # Errors
    /// The program's own clip is damaged.
    pub fn new(kbps: u32) -> Result<Arc<Self>> {
        // Keyframes weigh more than others in the field too.
        Self::shaped(kbps, 5)
    }

    /// The same, a keyframe filled up to `weight` times any other picture.
    ///
    /// # Errors
    /// See [`Self::new`].
    pub fn shaped(kbps: u32, weight: usize) -> Result<Arc<Self>> {
        let mut headers = Vec::new();
        let mut units = Vec::new();
        for (at, packet) in Arc::new(Builtin::builtin()?).play() {
            let kind = match packet.kind {
                Kind::Audio => AUDIO,
                Kind::Video => VIDEO,
                Kind::Data => DATA,
            };
            if matches!(packet.role, Role::Metadata | Role::SequenceHeader) {
                headers.push((kind, packet.payload.to_vec()));
                continue;
            }
            let at = at.as_millis() as u64;
            if at >= ROUND_MS {
                break;
            }
            let keyframe = packet.role == Role::Keyframe;
            units.push((kind, keyframe, at, packet.payload));
        }
        let pictures = units.iter().filter(|unit| unit.0 == VIDEO).count();
        let keyframes = units.iter().filter(|unit| unit.1).count();
        let shares = pictures + (weight - 1) * keyframes;
        let share = (u64::from(kbps) * ROUND_MS / 8).saturating_sub(60_000) as usize / shares;
        let stamped = |(kind, keyframe, at, payload): (u8, bool, u64, bytes::Bytes)| {
            let (payload, stamp) = if kind == VIDEO {
                picture(&payload, share * if keyframe { weight } else { 1 })
            } else {
                sound(&payload)
            };
            Unit { kind, keyframe, at, payload, stamp }
        };
        let units: Vec<Unit> = units.into_iter().map(stamped).collect();
        if headers.len() < 3 || units.is_empty() {
            return Err(Fault("the clip is damaged".into()));
        }
        let mut sums = vec![0];
        for unit in &units {
            sums.push(sums[sums.len() - 1] + unit.payload.len() as u64);
        }
        Ok(Arc::new(Self { headers, units, sums }))
    }

    /// Metadata, then the sequence headers: message type and payload.
    pub fn headers(&self) -> &[(u8, Vec<u8>)] {
        &self.headers
    }

    /// The frame of a number, and its time in ms since number 0.
    pub fn unit(&self, number: u64) -> (&Unit, u64) {
        let count = self.units.len() as u64;
        let unit = &self.units[(number % count) as usize];
        (unit, number / count * ROUND_MS + unit.at)
    }

    /// Payload bytes of a span of numbers.
    pub fn bytes(&self, span: Range<u64>) -> u64 {
        let (count, all) = (self.units.len() as u64, self.sums[self.units.len()]);
        let before = |number: u64| number / count * all + self.sums[(number % count) as usize];
        before(span.end.max(span.start)) - before(span.start)
    }

    /// The payload of a number.
    pub fn payload(&self, stamp: Stamp) -> Vec<u8> {
        let unit = self.unit(stamp.number).0;
        let mut payload = unit.payload.clone();
        let text = format!("{:04x}{:010x}{:014x}", stamp.source, stamp.number, stamp.sent);
        payload[unit.stamp + MAGIC.len()..unit.stamp + STAMP].copy_from_slice(text.as_bytes());
        payload
    }

    /// What a payload says of itself; `None`: no publisher here sent it.
    pub fn stamp(payload: &[u8]) -> Option<Stamp> {
        let head = &payload[..payload.len().min(LOOKED_AT + MAGIC.len())];
        let at = head.windows(MAGIC.len()).position(|window| window == MAGIC)? + MAGIC.len();
        let text = std::str::from_utf8(payload.get(at..at + STAMP - MAGIC.len())?).ok()?;
        let number = |span: Range<usize>| u64::from_str_radix(&text[span], 16).ok();
        Some(Stamp { source: number(0..4)? as u16, number: number(4..14)?, sent: number(14..28)? })
    }

    /// Whether a payload is what was sent under its stamp, byte for byte. Its first byte may differ in the kind of
    /// frame: a publisher can be told to send no keyframes.
    pub fn is_intact(&self, kind: u8, payload: &[u8], stamp: Stamp) -> bool {
        let unit = self.unit(stamp.number).0;
        let rest = unit.stamp + STAMP;
        kind == unit.kind
            && payload.len() == unit.payload.len()
            && payload[1..unit.stamp] == unit.payload[1..unit.stamp]
            && payload[rest..] == unit.payload[rest..]
    }
}

/// A picture with user data in front (H.264, D.1.7) and filler (7.3.2.7) behind, `size` bytes or more.
fn picture(payload: &[u8], size: usize) -> (Vec<u8>, usize) {
    let mut whole = payload[..5].to_vec();
    let length = |whole: &mut Vec<u8>, length: usize| whole.extend((length as u32).to_be_bytes());
    // Type 6, user data unregistered (5), its length, the stamp (its magic stands in for a UUID), the stop bit.
    length(&mut whole, 3 + STAMP + 1);
    whole.extend([6, 5, STAMP as u8]);
    let stamp = whole.len();
    blank(&mut whole);
    whole.push(0x80);
    whole.extend(&payload[5..]);
    if let Some(filler) = size.checked_sub(whole.len() + 6).filter(|filler| *filler > 0) {
        length(&mut whole, filler + 2);
        whole.push(12);
        whole.extend(std::iter::repeat_n(0xff, filler));
        whole.push(0x80);
    }
    (whole, stamp)
}

/// Sound with a data stream element in front (ISO 14496-3, 4.4.2.7): three bits of kind, four of a tag, one that says
/// "aligned", then the count; what follows stays on a byte's boundary.
fn sound(payload: &[u8]) -> (Vec<u8>, usize) {
    let mut whole = payload[..2].to_vec();
    whole.extend([0b1000_0001, STAMP as u8]);
    let stamp = whole.len();
    blank(&mut whole);
    whole.extend(&payload[2..]);
    (whole, stamp)
}

fn blank(whole: &mut Vec<u8>) {
    whole.extend(MAGIC);
    whole.extend([b'0'; STAMP - MAGIC.len()]);
}
