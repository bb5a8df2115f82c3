//! A stream as browsers append it, and what of it is kept for who comes later. On the line each part stands behind a letter and
//! its length: `f` begins another film and holds its media type, `d` holds bytes of it, `s` says how the show is.

use crate::media::mp4::{Fragment, Fragments};
use crate::media::packet::{Kind, Packet, Role};
use crate::media::timeline::step;
use bytes::{BufMut as _, Bytes, BytesMut};

/// A part of what goes over the line.
pub(super) type Sent = Bytes;

/// Bytes kept for who comes later; beyond, they wait for the next keyframe. A log holds no more either.
const KEPT: usize = 8 << 20;
/// A picture without sound for so long has none, in ms. A browser would wait for it for ever.
const DEAF: i32 = 2_000;

/// See the module's head.
#[derive(Debug, Default)]
pub(super) struct Reel {
    /// The picture's and the sound's.
    headers: [Option<Packet>; 2],
    film: Option<Fragments>,
    /// The headers have no place in a film.
    unfit: bool,
    /// There is a header of sound, and no sound.
    silent: bool,
    /// How long only pictures have come, in ms, and when the last one did.
    quiet: i32,
    seen: Option<u32>,
    /// Films that have begun.
    number: u64,
    /// How the film begins.
    begin: Vec<Sent>,
    /// Its newest pieces, from one on that can be begun with.
    kept: Vec<Sent>,
    kept_bytes: usize,
}

impl Reel {
    /// Whether what came could be put into a film.
    pub(super) fn fits(&self) -> bool {
        !self.unfit
    }

    /// Another stream follows: its times have nothing to do with those before.
    pub(super) fn begin_anew(&mut self) {
        *self = Self { number: self.number, ..Self::default() };
    }

    /// How many films have begun.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The newest pieces of the film, for one who has its beginning; for others that stands before them.
    pub(super) fn so_far(&self, begun: bool) -> impl Iterator<Item = Sent> {
        let begin: &[Sent] = if begun { &[] } else { &self.begin };
        begin.iter().chain(&self.kept).cloned()
    }

    /// What these packets make of it.
    pub(super) fn take(&mut self, packets: &[Packet]) -> Vec<Sent> {
        let (mut sent, mut run) = (Vec::new(), Vec::new());
        for packet in packets.iter().filter(|packet| packet.kind != Kind::Data) {
            self.listen(packet);
            if self.ends_before(packet) {
                self.append(&std::mem::take(&mut run), &mut sent);
                self.end(&mut sent);
            }
            if packet.role == Role::SequenceHeader {
                self.headers[usize::from(packet.kind == Kind::Audio)] = Some(packet.clone());
                continue;
            }
            if self.film.is_none() && self.begins_with(packet) {
                self.begin(&mut sent);
            }
            if self.film.is_some() {
                run.push(packet.clone());
            }
        }
        self.append(&run, &mut sent);
        sent
    }

    /// A jump of the clock is no silence.
    fn listen(&mut self, packet: &Packet) {
        match (packet.kind, packet.role) {
            (Kind::Audio, Role::Frame) => self.quiet = 0,
            (Kind::Video, Role::Keyframe | Role::Frame) => {
                let before = self.seen.replace(packet.timestamp).unwrap_or(packet.timestamp);
                self.quiet = self.quiet.saturating_add(step(packet.timestamp, before).clamp(0, DEAF / 2));
            }
            _ => {}
        }
    }

    /// Whether the film ends before this packet: with another header, where sound fails to come, and where it has come again.
    /// What was known of the sound is forgotten, or noted, with that.
    fn ends_before(&mut self, packet: &Packet) -> bool {
        let quiet = self.quiet > DEAF;
        let sounds = self.film.as_ref().is_some_and(Fragments::sounds);
        match (packet.kind, packet.role) {
            (kind, Role::SequenceHeader) => {
                let known = self.headers[usize::from(kind == Kind::Audio)].as_ref();
                let other = known.is_none_or(|known| known.payload != packet.payload);
                if other {
                    (self.unfit, self.silent) = (false, false);
                }
                other
            }
            (Kind::Video, Role::Keyframe) if self.silent && !quiet => {
                self.silent = false;
                true
            }
            (Kind::Video, Role::Keyframe | Role::Frame) if sounds && quiet => {
                self.silent = true;
                true
            }
            _ => false,
        }
    }

    fn begins_with(&self, packet: &Packet) -> bool {
        let [picture, sound] = self.headers.each_ref().map(Option::is_some);
        match (packet.kind, packet.role) {
            _ if self.unfit => false,
            (Kind::Video, Role::Keyframe) => picture,
            (Kind::Audio, Role::Frame) => sound && !picture,
            _ => false,
        }
    }

    fn begin(&mut self, sent: &mut Vec<Sent>) {
        let [picture, sound] = &self.headers;
        let headers: Vec<Packet> = picture.iter().chain(sound.iter().filter(|_| !self.silent)).cloned().collect();
        let Ok(film) = Fragments::new(&headers) else {
            self.unfit = true;
            return;
        };
        self.begin = vec![framed(b'f', film.mime().as_bytes()), framed(b'd', film.init())];
        self.number += 1;
        sent.extend(self.begin.iter().cloned());
        self.film = Some(film);
    }

    fn append(&mut self, run: &[Packet], sent: &mut Vec<Sent>) {
        let pieces = self.film.as_mut().map(|film| film.pieces(run)).unwrap_or_default();
        for Fragment { begins, bytes } in pieces {
            let piece = framed(b'd', &bytes);
            sent.push(piece.clone());
            if begins {
                self.forget();
            }
            if begins || !self.kept.is_empty() {
                self.kept_bytes += piece.len();
                self.kept.push(piece);
            }
            if self.kept_bytes > KEPT {
                self.forget();
            }
        }
    }

    fn end(&mut self, sent: &mut Vec<Sent>) {
        let Some(mut film) = self.film.take() else { return };
        sent.extend(Some(film.finish()).filter(|rest| !rest.is_empty()).map(|rest| framed(b'd', &rest)));
        self.begin.clear();
        self.forget();
    }

    fn forget(&mut self) {
        self.kept.clear();
        self.kept_bytes = 0;
    }
}

/// Whether a part begins another film.
pub(super) fn begins_film(sent: &Sent) -> bool {
    sent.first() == Some(&b'f')
}

/// A part as it stands on the line.
pub(super) fn framed(kind: u8, bytes: &[u8]) -> Sent {
    let mut framed = BytesMut::with_capacity(5 + bytes.len());
    framed.put_u8(kind);
    framed.put_u32(bytes.len() as u32);
    framed.put_slice(bytes);
    framed.freeze()
}
