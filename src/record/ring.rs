//! The newest of a show, on disk: what a clip is cut from. The file has no name, so that it is gone with the show and with
//! the process, and never grows beyond its bound.

use super::space;
use crate::media::packet::{Kind, Packet, Role};
use crate::media::timeline::step;
use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, IoSlice, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::time::Duration;

/// Largest file, in bytes: a minute at 8 Mbit/s.
const MOST: u64 = 64 << 20;
/// In front of each payload: kind, role, time, length.
const HEAD: usize = 10;

/// See the module's head.
pub struct Ring {
    dir: PathBuf,
    most: u64,
    file: Option<File>,
    /// Where the next span goes, if it has room before the file's end.
    next: u64,
    spans: VecDeque<Span>,
    headers: Vec<Packet>,
    /// The time of the newest frame.
    newest: u32,
}

/// What was written at once.
struct Span {
    at: u64,
    bytes: u64,
    /// Where in it each keyframe begins, and its time.
    keyframes: Vec<(u64, u32)>,
}

impl Ring {
    /// One that lies on the disk of `dir`; empty, and no file yet.
    #[must_use]
    pub fn new(dir: PathBuf) -> Self {
        let (spans, headers) = (VecDeque::new(), Vec::new());
        Self { dir, most: MOST, file: None, next: 0, spans, headers, newest: 0 }
    }

    /// The headers in force.
    #[must_use]
    pub fn headers(&self) -> &[Packet] {
        &self.headers
    }

    /// Forgets everything but the headers in force.
    pub fn clear(&mut self) {
        (self.file, self.next) = (None, 0);
        self.spans.clear();
    }

    /// Adds what came, in place of the oldest where it is full. Behind another header nothing older is kept.
    ///
    /// # Errors
    /// The disk's; then nothing is kept, and the next call begins anew. [`io::ErrorKind::StorageFull`] also where what
    /// others need would not be left free.
    pub fn write(&mut self, packets: &[Packet]) -> io::Result<()> {
        let written = self.try_write(packets);
        if written.is_err() {
            self.clear();
        }
        written
    }

    fn try_write(&mut self, packets: &[Packet]) -> io::Result<()> {
        let mut from = 0;
        for (at, packet) in packets.iter().enumerate() {
            if self.is_news(packet) {
                self.spans.clear();
                from = at;
            }
        }
        let frames: Vec<&Packet> = packets[from..].iter().filter(|packet| is_frame(packet)).collect();
        let Some(last) = frames.last() else { return Ok(()) };
        let bytes = frames.iter().map(|packet| (HEAD + packet.payload.len()) as u64).sum();
        if bytes > self.most {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.newest = last.timestamp;
        let at = if self.next + bytes > self.most { 0 } else { self.next };
        self.spans.retain(|span| span.at + span.bytes <= at || at + bytes <= span.at);
        space::claim(&self.dir, bytes)?;
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(tempfile::tempfile_in(&self.dir)?),
        };
        file.seek(SeekFrom::Start(at))?;
        write(file, &frames)?;
        self.spans.push_back(Span { at, bytes, keyframes: keyframes(&frames) });
        self.next = at + bytes;
        Ok(())
    }

    /// The last `time` of the show from a keyframe on, headers first; less where there is less, or where it would be more
    /// than `most` bytes. Empty: there is no keyframe.
    ///
    /// # Errors
    /// The disk's.
    pub fn last(&self, time: Duration, most: usize) -> io::Result<Vec<Packet>> {
        let long = i32::try_from(time.as_millis()).unwrap_or(i32::MAX);
        let mut after: u64 = self.spans.iter().map(|span| span.bytes).sum();
        let mut begin = None;
        for (number, span) in self.spans.iter().enumerate() {
            for (offset, keyframe) in &span.keyframes {
                let enough = step(self.newest, *keyframe) >= long;
                if after - offset <= most as u64 && (begin.is_none() || enough) {
                    begin = Some((number, *offset));
                }
            }
            after -= span.bytes;
        }
        let (Some(file), Some((first, mut skip))) = (&self.file, begin) else { return Ok(Vec::new()) };
        let mut packets = self.headers.clone();
        for span in self.spans.range(first..) {
            let mut read = BytesMut::zeroed((span.bytes - skip) as usize);
            file.read_exact_at(&mut read, span.at + skip)?;
            packets.extend(parse(read.freeze()));
            skip = 0;
        }
        Ok(packets)
    }

    /// Whether it is a header that was not in force.
    fn is_news(&mut self, packet: &Packet) -> bool {
        if packet.role != Role::SequenceHeader {
            return false;
        }
        match self.headers.iter_mut().find(|old| old.kind == packet.kind) {
            Some(old) if old.payload == packet.payload => return false,
            Some(old) => *old = packet.clone(),
            None => self.headers.push(packet.clone()),
        }
        true
    }
}

fn is_frame(packet: &Packet) -> bool {
    packet.kind != Kind::Data && matches!(packet.role, Role::Keyframe | Role::Frame)
}

/// Where each keyframe's head lies behind the first one's, and its time.
fn keyframes(frames: &[&Packet]) -> Vec<(u64, u32)> {
    let places = frames.iter().scan(0, |next, packet| {
        let at = *next;
        *next += (HEAD + packet.payload.len()) as u64;
        Some((at, *packet))
    });
    places.filter(|(_, packet)| packet.role == Role::Keyframe).map(|(at, packet)| (at, packet.timestamp)).collect()
}

/// Hands the payloads to the system from where they lie.
fn write(file: &mut File, frames: &[&Packet]) -> io::Result<()> {
    let mut heads = Vec::with_capacity(frames.len() * HEAD);
    for packet in frames {
        heads.put_u8(u8::from(packet.kind == Kind::Video));
        heads.put_u8(u8::from(packet.role == Role::Keyframe));
        heads.put_u32(packet.timestamp);
        heads.put_u32(packet.payload.len() as u32);
    }
    let pairs = heads.chunks(HEAD).zip(frames);
    let mut slices: Vec<_> =
        pairs.flat_map(|(head, packet)| [IoSlice::new(head), IoSlice::new(&packet.payload)]).collect();
    let mut left = &mut slices[..];
    while !left.is_empty() {
        match file.write_vectored(left) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(bytes) => IoSlice::advance_slices(&mut left, bytes),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The packets that [`write()`] wrote.
fn parse(mut read: Bytes) -> impl Iterator<Item = Packet> {
    std::iter::from_fn(move || {
        let (kind, role) = (read.try_get_u8().ok()?, read.try_get_u8().ok()?);
        let (timestamp, bytes) = (read.try_get_u32().ok()?, read.try_get_u32().ok()? as usize);
        let payload = (bytes <= read.len()).then(|| read.split_to(bytes))?;
        let kind = if kind == 0 { Kind::Audio } else { Kind::Video };
        Some(Packet { kind, role: if role == 0 { Role::Frame } else { Role::Keyframe }, timestamp, payload })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn packet(kind: Kind, role: Role, timestamp: u32, payload: &[u8]) -> Packet {
        Packet { kind, role, timestamp, payload: Bytes::copy_from_slice(payload) }
    }

    fn headers() -> Vec<Packet> {
        let header = |kind, payload| packet(kind, Role::SequenceHeader, 0, payload);
        vec![header(Kind::Video, b"video"), header(Kind::Audio, b"audio")]
    }

    /// Second number `second`: a keyframe each two seconds, ten pictures and ten sounds, so many bytes each.
    fn second(second: u32, bytes: usize) -> Vec<Packet> {
        let pictures = (0..10).flat_map(|tenth| {
            let time = second * 1_000 + tenth * 100;
            let role = if second.is_multiple_of(2) && tenth == 0 { Role::Keyframe } else { Role::Frame };
            let payload = vec![second as u8; bytes];
            [packet(Kind::Video, role, time, &payload), packet(Kind::Audio, Role::Frame, time, &payload)]
        });
        pictures.collect()
    }

    /// Its directory is gone with it.
    fn ring(most: u64) -> (tempfile::TempDir, Ring) {
        let dir = tempfile::tempdir().unwrap();
        let mut ring = Ring::new(dir.path().to_owned());
        ring.most = most;
        ring.write(&headers()).unwrap();
        (dir, ring)
    }

    fn last(ring: &Ring, seconds: u64) -> Vec<Packet> {
        ring.last(Duration::from_secs(seconds), usize::MAX).unwrap()
    }

    #[test]
    fn the_last_seconds_are_given_from_a_keyframe_on_behind_their_headers_as_they_came() {
        let (_dir, mut ring) = ring(MOST);
        assert!(last(&ring, 5).is_empty());
        for number in 0..20 {
            ring.write(&second(number, 100)).unwrap();
        }
        let expected =
            |from| headers().into_iter().chain((from..20).flat_map(|at| second(at, 100))).collect::<Vec<_>>();
        assert_eq!(last(&ring, 5), expected(14), "5.9 s");
        assert_eq!(last(&ring, 6), expected(12));
        assert_eq!(last(&ring, 60), expected(0), "what there is");
        let most = 20 * (HEAD + 100) * 5;
        assert_eq!(ring.last(Duration::from_secs(60), most).unwrap(), expected(16), "what has room");
        assert!(ring.last(Duration::from_secs(60), 1_000).unwrap().is_empty());
    }

    #[test]
    fn it_never_grows_beyond_its_bound_and_leaves_no_name() {
        let most = 10 * 20 * (HEAD as u64 + 100);
        let (dir, mut ring) = ring(most);
        for number in 0..200 {
            ring.write(&second(number, 60 + (number as usize * 7) % 70)).unwrap();
            let kept: u64 = ring.spans.iter().map(|span| span.bytes).sum();
            assert!(kept <= most && ring.file.as_ref().unwrap().metadata().unwrap().len() <= most);
        }
        let kept = last(&ring, 60);
        assert_eq!(kept.last(), second(199, 60 + (199 * 7) % 70).last());
        assert!(kept.len() > 120, "{} packets", kept.len());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        assert!(ring.write(&second(0, most as usize)).is_err(), "more than it may ever hold");
        assert!(last(&ring, 60).is_empty());
        ring.write(&second(2, 100)).unwrap();
        assert_eq!(last(&ring, 60).len(), 22, "it goes on, and knows its headers");
    }

    #[test]
    fn behind_another_header_nothing_older_is_kept_and_the_same_one_again_changes_nothing() {
        let (_dir, mut ring) = ring(MOST);
        ring.write(&second(0, 100)).unwrap();
        ring.write(&headers()).unwrap();
        assert_eq!(last(&ring, 9).len(), 22);
        let other = packet(Kind::Video, Role::SequenceHeader, 0, b"another");
        let mut packets = second(1, 100);
        packets.push(other.clone());
        packets.extend(second(2, 100));
        ring.write(&packets).unwrap();
        assert_eq!(last(&ring, 9)[..2], [other, headers().remove(1)]);
        assert_eq!(last(&ring, 9)[2..], second(2, 100));
    }

    #[test]
    fn a_disk_that_is_gone_is_an_error_and_no_more() {
        let (dir, mut ring) = ring(MOST);
        drop(dir);
        assert!(ring.write(&second(0, 100)).is_err());
        assert!(last(&ring, 9).is_empty());
    }

    proptest! {
        #[test]
        fn whatever_was_written_last_is_read_as_it_was(sizes in proptest::collection::vec(0usize..400, 1..60)) {
            let (_dir, mut ring) = ring(8_000);
            let mut all = Vec::new();
            for (number, bytes) in (0..).zip(sizes) {
                let one = [packet(Kind::Video, Role::Keyframe, number * 40, &vec![number as u8; bytes])];
                ring.write(&one).unwrap();
                all.extend(one);
                let kept = last(&ring, 60).split_off(2);
                prop_assert!(all.ends_with(&kept) && !kept.is_empty());
            }
        }
    }
}
