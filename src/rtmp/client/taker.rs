//! Who takes the media: a target that it is published to, or a player that plays it from here.

use super::session::{Event, Session};
use super::sink::Step;
use crate::domain::status::{Loss, PushFailure};
use crate::media::packet::Packet;
use crate::rtmp::fault::Fault;
use crate::rtmp::outbound::Outbound;
use crate::rtmp::server;

/// See the module's head.
pub(super) enum Taker {
    Target(Session),
    Player(server::Session),
}

impl Taker {
    /// The message stream of the media.
    pub(super) fn stream(&self) -> u32 {
        match self {
            Self::Target(session) => session.stream(),
            Self::Player(session) => session.stream(),
        }
    }

    /// Brings packets into the form that is wanted: servers keep metadata that stands behind `@setDataFrame`, players
    /// know it bare.
    pub(super) fn dress(&self, packets: &mut [Packet]) {
        if let Self::Player(_) = self {
            for packet in packets.iter_mut().filter(|packet| packet.payload.starts_with(server::SET_DATA_FRAME)) {
                packet.payload = packet.payload.slice(server::SET_DATA_FRAME.len()..);
            }
        }
    }

    /// Takes all of `bytes`.
    pub(super) fn read(&mut self, bytes: &[u8], out: &mut Outbound) -> Result<Step, PushFailure> {
        let mut step = Step::Heard;
        match self {
            Self::Target(session) => session.read(bytes, out, |event| {
                if event == Event::Acknowledged {
                    step = Step::Acknowledged;
                }
            })?,
            Self::Player(session) => {
                let mut ended = false;
                session.read(bytes, out, |event| {
                    ended |= matches!(event, server::Event::End);
                    !ended
                })?;
                if ended {
                    return Err(PushFailure::Lost(Loss::Closed));
                }
            }
        }
        Ok(step)
    }

    /// The end of a broadcast.
    pub(super) fn goodbye(&self, out: &mut Outbound) -> Result<(), Fault> {
        match self {
            Self::Target(session) => session.goodbye(out),
            Self::Player(session) => session.goodbye(out),
        }
    }
}
