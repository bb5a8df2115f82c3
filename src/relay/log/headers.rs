//! Metadata and sequence headers in force at some place of the log.

use crate::media::packet::{Kind, Packet};

/// Each with the version that brought it.
#[derive(Clone, Debug, Default)]
pub(super) struct Headers {
    /// Grows with every change.
    pub(super) version: u64,
    metadata: Option<(u64, Packet)>,
    video: Option<(u64, Packet)>,
    audio: Option<(u64, Packet)>,
}

impl Headers {
    /// In the order in which a connection begins with them.
    pub(super) fn all(&self) -> impl Iterator<Item = &(u64, Packet)> {
        [&self.metadata, &self.video, &self.audio].into_iter().flatten()
    }

    /// These, with `header` in its place.
    pub(super) fn with(&self, header: &Packet) -> Self {
        let mut headers = self.clone();
        headers.version += 1;
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
