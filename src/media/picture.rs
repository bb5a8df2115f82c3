//! How large pictures are and when they come: what can be known of them without a decoder.

use super::format;
use super::nal;
use super::packet::{Kind, Packet, Role};
use super::tag::{self, Part};
use super::timeline::step;
use crate::domain::monitor::Picture;
use std::time::Duration;

/// A clock that jumped farther than this, in ms, measures nothing.
const JUMP: i32 = 60_000;
/// So many pictures are compared at most.
const MOST: usize = 1_024;

/// Measures one stream's pictures, a second or so at a time.
#[derive(Debug, Default)]
pub struct Meter {
    /// The picture's header, and of how many blocks of 16 × 16 pixels it is.
    header: Option<(Packet, u32)>,
    /// When the last keyframe was.
    key: Option<u32>,
    /// What came since it was measured, and how large it was, keyframes not counted.
    seen: Picture,
    sizes: Vec<u32>,
}

impl Meter {
    /// These came, in this order.
    pub fn note(&mut self, packets: &[Packet]) {
        for packet in packets.iter().filter(|packet| packet.kind == Kind::Video) {
            match packet.role {
                Role::SequenceHeader => self.begin(packet),
                Role::Keyframe | Role::Frame => self.frame(packet),
                _ => {}
            }
        }
    }

    /// What came since this was asked; none where there was no picture.
    pub fn second(&mut self) -> Option<Picture> {
        let (mut seen, mut sizes) = (std::mem::take(&mut self.seen), std::mem::take(&mut self.sizes));
        sizes.sort_unstable();
        seen.small = sizes.get(sizes.len() / 4).copied();
        seen.blocks = self.header.as_ref().map_or(0, |(_, blocks)| *blocks);
        (seen.frames > 0).then_some(seen)
    }

    fn frame(&mut self, packet: &Packet) {
        let Some(size) = self.size(packet) else { return };
        let seen = &mut self.seen;
        seen.frames = seen.frames.saturating_add(1);
        seen.bytes = seen.bytes.saturating_add(size);
        let since = self.key.map(|key| step(packet.timestamp, key)).filter(|since| (0..=JUMP).contains(since));
        seen.since_key = Duration::from_millis(since.unwrap_or(0).unsigned_abs().into());
        if packet.role == Role::Keyframe {
            seen.gap = seen.gap.max(since.map(|_| seen.since_key));
            (self.key, seen.key, seen.since_key) = (Some(packet.timestamp), Some(size), Duration::ZERO);
        } else if self.sizes.len() < MOST {
            self.sizes.push(size);
        }
    }

    fn begin(&mut self, header: &Packet) {
        if self.header.as_ref().is_some_and(|(known, _)| known.payload == header.payload) {
            return;
        }
        self.seen.anew = self.header.is_some();
        let (width, height) = format::video(&header.payload).map_or((0, 0), |video| (video.width, video.height));
        let blocks = u64::from(width.div_ceil(16)) * u64::from(height.div_ceil(16));
        self.header = Some((header.clone(), u32::try_from(blocks).unwrap_or(0)));
    }

    /// The size of what is no header and no filler.
    fn size(&self, packet: &Packet) -> Option<u32> {
        let tag = tag::video(&packet.payload).filter(|tag| tag.part == Part::Frames)?;
        let config = self.header.as_ref().and_then(|(header, _)| tag::video(&header.payload)).map(|tag| tag.body);
        u32::try_from(nal::content(tag.codec, config.unwrap_or_default(), tag.body)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    /// H.264 with lengths of four bytes; its SPS cannot be read.
    const CONFIG: &[u8] = &[0x17, 0, 0, 0, 0, 1, 0x64, 0, 0x1f, 0xff, 0xe0];

    fn packet(timestamp: u32, payload: Vec<u8>) -> Packet {
        let payload = Bytes::from(payload);
        Packet { kind: Kind::Video, role: tag::role(Kind::Video, &payload), timestamp, payload }
    }

    fn measure(meter: &mut Meter, packets: &[Packet]) -> Option<Picture> {
        meter.note(packets);
        meter.second()
    }

    /// A slice of so many bytes, and 100 of filler.
    fn slice(timestamp: u32, key: bool, size: usize) -> Packet {
        let unit = |kind: u8, size: usize| [&(size as u32).to_be_bytes()[..], &[kind], &vec![1; size - 1]].concat();
        let head = [if key { 0x17 } else { 0x27 }, 1, 0, 0, 0];
        packet(timestamp, [&head[..], &unit(if key { 5 } else { 1 }, size), &unit(12, 100)].concat())
    }

    #[test]
    fn sizes_are_those_of_what_is_seen_and_times_those_of_the_encoder() {
        let mut meter = Meter::default();
        let start = u32::MAX - 500;
        let at = |ms: u32| start.wrapping_add(ms);
        let first = [packet(at(0), CONFIG.to_vec()), slice(at(0), true, 900)];
        let sizes = [40, 20, 30, 10].into_iter().zip(1..).map(|(size, number)| slice(at(number * 40), false, size));
        let seen = measure(&mut meter, &first.into_iter().chain(sizes).collect::<Vec<_>>()).unwrap();
        assert_eq!((seen.frames, seen.bytes, seen.small, seen.key), (5, 1_000, Some(20), Some(900)));
        assert_eq!((seen.gap, seen.since_key), (None, Duration::from_millis(160)));
        let seen = measure(&mut meter, &[slice(at(6_000), true, 800), slice(at(8_000), true, 700)]).unwrap();
        assert_eq!((seen.small, seen.key, seen.gap), (None, Some(700), Some(Duration::from_secs(6))));
        let seen = measure(&mut meter, &[slice(at(9_500), false, 10)]).unwrap();
        assert_eq!((seen.gap, seen.since_key), (None, Duration::from_millis(1_500)));
        assert_eq!(measure(&mut meter, &[slice(at(3_000), true, 700)]).unwrap().gap, None, "a clock that jumped back");
        assert_eq!(measure(&mut meter, &[]), None);
        let other = packet(at(9_600), [CONFIG, &[0]].concat());
        let anew = [CONFIG.to_vec(), other.payload.to_vec()]
            .map(|header| measure(&mut meter, &[packet(at(9_600), header), slice(at(9_600), true, 10)]).unwrap().anew);
        assert_eq!(anew, [false, true]);
    }

    #[test]
    fn a_pictures_blocks_are_counted_where_its_header_tells() {
        // The demo's clip is of 640 × 360.
        let clip = include_bytes!("../demo/clip.flv");
        let at = clip.windows(5).position(|head| head == [0x17, 0, 0, 0, 0]).unwrap();
        let mut meter = Meter::default();
        let seen = measure(&mut meter, &[packet(0, clip[at..at + 60].to_vec()), slice(0, true, 50)]).unwrap();
        assert_eq!(seen.blocks, 40 * 23);
    }
}
