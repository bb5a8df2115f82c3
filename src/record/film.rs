//! One file of a recording, while it is written: whole up to what was appended last, whenever writing ends.

use crate::domain::recording::Container;
use crate::media::flv;
use crate::media::mp4::Fragments;
use crate::media::packet::{Kind, Packet, Role};
use crate::media::tag;
use crate::media::timeline::step;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::Duration;

/// See the module's head.
pub(super) struct Film {
    file: File,
    headers: Vec<Packet>,
    format: Format,
    bytes: u64,
    clock: Clock,
}

enum Format {
    Mp4(Box<Fragments>),
    Flv,
}

/// How long it plays.
#[derive(Default)]
struct Clock {
    last: Option<u32>,
    ms: u64,
}

impl Clock {
    /// The time of a packet since the film's beginning, in ms. What is late is as late as what came before.
    fn tell(&mut self, packet: &Packet) -> u64 {
        let forward = self.last.map_or(0, |last| step(packet.timestamp, last).max(0));
        if forward > 0 || self.last.is_none() {
            self.last = Some(packet.timestamp);
        }
        self.ms += u64::from(forward.unsigned_abs());
        self.ms
    }
}

/// Whether the packet shows that another codec has begun than the header's.
pub(super) fn is_outdated(header: &Packet, packet: &Packet) -> bool {
    let codec = |packet: &Packet| tag::codec(packet.kind, &packet.payload);
    header.kind == packet.kind && codec(packet).is_some_and(|new| codec(header) != Some(new))
}

/// What a film of these would be: `media` begins with a keyframe, or is sound alone.
pub(super) fn container(headers: &[Packet], media: &[Packet]) -> Container {
    let sounds = |packet: &Packet| packet.kind == Kind::Audio && packet.role == Role::Frame;
    let fits = |film: &Fragments| film.has_sound() || !media.iter().any(sounds);
    if Fragments::new(headers).is_ok_and(|film| fits(&film)) { Container::Mp4 } else { Container::Flv }
}

impl Film {
    /// Begins a film in a new file.
    ///
    /// # Errors
    /// The disk's; [`io::ErrorKind::AlreadyExists`].
    pub(super) fn create(path: &Path, headers: &[Packet], container: Container) -> io::Result<Self> {
        let file = File::options().read(true).write(true).create_new(true).open(path)?;
        let (format, head) = match (container, Fragments::new(headers)) {
            (Container::Mp4, Ok(film)) => {
                let head = film.init().to_vec();
                (Format::Mp4(Box::new(film)), head)
            }
            _ => {
                let mut head = flv::HEAD.to_vec();
                headers.iter().for_each(|header| flv::append(header, 0, &mut head));
                (Format::Flv, head)
            }
        };
        let mut film = Self { file, headers: headers.to_vec(), format, bytes: 0, clock: Clock::default() };
        film.append(&head)?;
        Ok(film)
    }

    /// Whether another film must begin with this packet: another header, or sound that this one has no place for.
    pub(super) fn changes(&self, packet: &Packet) -> bool {
        match (packet.role, &self.format) {
            (Role::SequenceHeader, _) => {
                !self.headers.iter().any(|old| old.kind == packet.kind && old.payload == packet.payload)
            }
            (Role::Keyframe | Role::Frame, Format::Mp4(film)) => {
                packet.kind == Kind::Audio && !film.has_sound()
                    || self.headers.iter().any(|header| is_outdated(header, packet))
            }
            _ => false,
        }
    }

    /// Appends what goes on.
    ///
    /// # Errors
    /// The disk's. What was appended before is whole.
    pub(super) fn write(&mut self, packets: &[Packet]) -> io::Result<()> {
        let mut out = Vec::new();
        for packet in packets.iter().filter(|packet| matches!(packet.role, Role::Keyframe | Role::Frame)) {
            let time = self.clock.tell(packet);
            if let Format::Flv = &self.format {
                flv::append(packet, time as u32, &mut out);
            }
        }
        if let Format::Mp4(film) = &mut self.format {
            out = film.push(packets);
        }
        self.append(&out)
    }

    /// Ends it: how long it plays.
    ///
    /// # Errors
    /// The disk's. What was appended before is whole.
    pub(super) fn finish(mut self) -> io::Result<Duration> {
        let lasts = self.lasts();
        if let Format::Mp4(film) = &mut self.format {
            let rest = film.finish();
            if let Err(error) = self.append(&rest) {
                tracing::debug!(%error, "the last sample of a recording was not kept");
            }
            super::mend::tell_length(&self.file, lasts)?;
        }
        self.file.sync_all()?;
        Ok(lasts)
    }

    pub(super) fn lasts(&self) -> Duration {
        Duration::from_millis(self.clock.ms)
    }

    /// Whether nothing was to be appended yet.
    pub(super) const fn is_empty(&self) -> bool {
        self.clock.last.is_none()
    }

    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        // By its place: behind a write that failed, the file's own would be beyond the end.
        if let Err(error) = self.file.write_all_at(bytes, self.bytes) {
            // What is half there is taken back, as far as the disk lets itself be told.
            let _ = self.file.set_len(self.bytes);
            return Err(error);
        }
        self.bytes += bytes.len() as u64;
        Ok(())
    }
}
