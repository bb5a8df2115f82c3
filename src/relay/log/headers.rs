//! Metadata, sequence headers and what stands beside these, in force at some place of the log.

use crate::media::packet::{Kind, Packet, Role};
use crate::media::tag;
use std::sync::Arc;

/// Extra tracks whose headers are kept.
const MAX_TRACKS: usize = 16;
/// The longest that is kept, in bytes: of a main track, and of anything else. A longer one is sent on, and not again.
const MAX_MAIN: usize = 1 << 20;
const MAX_BESIDE: usize = 64 << 10;

/// A header, with the version that brought it.
type Kept = (u64, Packet);

#[derive(Clone, Debug, Default)]
pub(super) struct Headers {
    /// Grows with every change.
    pub(super) version: u64,
    metadata: Option<Kept>,
    video: Option<Kept>,
    audio: Option<Kept>,
    /// How the picture's colours are meant, and the sound's channels.
    colours: Option<Kept>,
    channels: Option<Kept>,
    /// Of extra tracks. Shared, for many headers may follow each other that change nothing here.
    extra: Arc<[Kept]>,
}

impl Headers {
    /// In the order in which a connection begins with them; `tracks`: those of extra tracks too.
    pub(super) fn all(&self, tracks: bool) -> impl Iterator<Item = &Kept> {
        // Details first, as OBS has them: who opens a decoder by the header knows them then.
        let main = [&self.metadata, &self.colours, &self.video, &self.channels, &self.audio];
        main.into_iter().flatten().chain(self.extra.iter().filter(move |_| tracks))
    }

    /// Whether there are extra tracks.
    pub(super) fn has_tracks(&self) -> bool {
        !self.extra.is_empty()
    }

    /// Whether there is a picture, in a codec that has headers.
    pub(super) fn has_picture(&self) -> bool {
        self.video.is_some()
    }

    /// These, without what the next publisher may lack and would take back with nothing.
    pub(super) fn for_another_source(&self) -> Self {
        Self { colours: None, channels: None, extra: Arc::default(), ..self.clone() }
    }

    /// Whether `header` is short enough to be kept.
    pub(super) fn takes(header: &Packet) -> bool {
        let main = matches!(header.role, Role::Metadata | Role::SequenceHeader);
        header.payload.len() <= if main { MAX_MAIN } else { MAX_BESIDE }
    }

    /// These, with `header` in its place.
    pub(super) fn with(&self, header: &Packet) -> Self {
        let mut headers = self.clone();
        headers.version += 1;
        let kept = (headers.version, header.clone());
        if header.role == Role::ExtraHeader {
            let of = |packet: &Packet| (packet.kind as u8, tag::track(packet.kind, &packet.payload));
            let others = self.extra.iter().filter(|(_, old)| of(old) != of(header)).cloned();
            headers.extra = others.chain([kept]).take(MAX_TRACKS).collect();
        } else {
            *headers.slot(header.role, header.kind) = Some(kept);
        }
        headers
    }

    /// These, with none of the kind of `newest` that is in another codec. Details may have come before the header.
    pub(super) fn for_another_codec(&self, newest: &Packet) -> Self {
        let mut headers = self.clone();
        *headers.slot(Role::SequenceHeader, newest.kind) = None;
        let other = |kept: &mut Kept| !tag::same_codec(newest.kind, &kept.1.payload, &newest.payload);
        headers.slot(Role::Detail, newest.kind).take_if(other);
        headers
    }

    /// What they take of memory, beside the payloads, where `packet` brought them: at most, for others may have them too.
    pub(super) fn weight(&self, packet: &Packet) -> usize {
        let extra = if packet.role == Role::ExtraHeader { self.extra.len() * size_of::<Kept>() } else { 0 };
        size_of::<Self>() + extra
    }

    fn slot(&mut self, role: Role, kind: Kind) -> &mut Option<Kept> {
        match (kind, role) {
            (Kind::Data, _) => &mut self.metadata,
            (Kind::Video, Role::Detail) => &mut self.colours,
            (Kind::Video, _) => &mut self.video,
            (Kind::Audio, Role::Detail) => &mut self.channels,
            (Kind::Audio, _) => &mut self.audio,
        }
    }
}
