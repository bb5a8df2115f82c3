//! Who gives the media: an encoder that publishes here, or a server that is played from.

use super::session::{Event, Session};
use super::source::SourceEnd;
use crate::rtmp::client::{Playing, Progress, Rejection};
use crate::rtmp::inbound::Inbound;
use crate::rtmp::outbound::Outbound;

/// See the module's head.
pub(super) enum Giver {
    Encoder(Session),
    Server(Playing),
}

impl Giver {
    /// What an encoder calls itself.
    pub(super) fn encoder(&self) -> &str {
        match self {
            Self::Encoder(session) => session.encoder(),
            Self::Server(_) => "",
        }
    }

    /// Whether media may be expected.
    pub(super) fn has_begun(&self) -> bool {
        match self {
            Self::Encoder(_) => true,
            Self::Server(playing) => playing.has_begun(),
        }
    }

    pub(super) fn inbound(&self) -> &Inbound {
        match self {
            Self::Encoder(session) => session.inbound(),
            Self::Server(playing) => playing.inbound(),
        }
    }

    /// What a server said when it did not take the connection.
    pub(super) fn take_rejection(&mut self) -> Option<Rejection> {
        match self {
            Self::Encoder(_) => None,
            Self::Server(playing) => playing.take_rejection(),
        }
    }

    /// Whether who gives may wait for what waits in `out`.
    pub(super) fn is_urgent(&self, out: &Outbound) -> bool {
        !self.has_begun() || self.inbound().is_urgent(out)
    }

    /// Takes all of `bytes` and gives `event` what they complete, until it returns false.
    pub(super) fn read(
        &mut self,
        bytes: &[u8],
        out: &mut Outbound,
        mut event: impl FnMut(Event) -> bool,
    ) -> Result<(), SourceEnd> {
        match self {
            Self::Encoder(session) => session.read(bytes, out, event).map_err(SourceEnd::Fault),
            Self::Server(playing) => playing.read(bytes, out, |progress| {
                event(match progress {
                    Progress::Media(message) => Event::Media(message),
                    Progress::Ended => Event::End,
                })
            }),
        }
    }
}
