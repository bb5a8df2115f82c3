//! Metadata and sequence headers in force at some place of the log.

use crate::media::packet::{Kind, Packet, Role};
use crate::media::tag;

/// Extra tracks whose headers are kept, and the longest of these, in bytes.
const MAX_TRACKS: usize = 16;
const MAX_EXTRA: usize = 64 << 10;

/// Each with the version that brought it.
#[derive(Clone, Debug, Default)]
pub(super) struct Headers {
    /// Grows with every change.
    pub(super) version: u64,
    metadata: Option<(u64, Packet)>,
    video: Option<(u64, Packet)>,
    audio: Option<(u64, Packet)>,
    /// Of extra tracks.
    extra: Vec<(u64, Packet)>,
}

impl Headers {
    /// In the order in which a connection begins with them; `tracks`: those of extra tracks too.
    pub(super) fn all(&self, tracks: bool) -> impl Iterator<Item = &(u64, Packet)> {
        let extra = self.extra.iter().filter(move |_| tracks);
        [&self.metadata, &self.video, &self.audio].into_iter().flatten().chain(extra)
    }

    /// Whether there are extra tracks.
    pub(super) fn has_tracks(&self) -> bool {
        !self.extra.is_empty()
    }

    /// These, with none of extra tracks.
    pub(super) fn without_tracks(&self) -> Self {
        Self { extra: Vec::new(), ..self.clone() }
    }

    /// These, with `header` in its place.
    pub(super) fn with(&self, header: &Packet) -> Self {
        let mut headers = self.clone();
        headers.version += 1;
        if header.role == Role::ExtraHeader {
            let of = |packet: &Packet| (packet.kind as u8, tag::track(packet.kind, &packet.payload));
            headers.extra.retain(|(_, old)| of(old) != of(header));
            if headers.extra.len() < MAX_TRACKS && header.payload.len() <= MAX_EXTRA {
                headers.extra.push((headers.version, header.clone()));
            }
            return headers;
        }
        *headers.slot(header.kind) = Some((headers.version, header.clone()));
        headers
    }

    /// These, with none of `kind`.
    pub(super) fn without(&self, kind: Kind) -> Self {
        let mut headers = self.clone();
        *headers.slot(kind) = None;
        headers
    }

    fn slot(&mut self, kind: Kind) -> &mut Option<(u64, Packet)> {
        match kind {
            Kind::Data => &mut self.metadata,
            Kind::Video => &mut self.video,
            Kind::Audio => &mut self.audio,
        }
    }
}
