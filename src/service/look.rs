//! What goes out, to be looked at: a short film of it, for whoever operates a studio.

use super::{Refused, Service, lock};
use crate::domain::access::{Caller, Right};
use crate::domain::id::StudioId;
use crate::domain::status::Phase;
use crate::media::mp4::{self, Unfit};
use crate::media::packet::{Kind, Role};
use bytes::Bytes;
use std::time::Duration;

/// What came of wanting to look.
#[derive(Debug)]
pub enum Look {
    /// This.
    Clip(Clip),
    /// Nothing comes in, so that nothing goes out.
    NoSource,
    /// No picture came within a second that a film can begin with.
    NoPicture,
    /// Only sound comes.
    SoundOnly,
    /// The encoder is away, and its picture cannot be repeated: platforms are sent silence.
    SilenceOnly,
    /// The picture's codec has no place in an MP4 file.
    Codec(Option<&'static str>),
    /// More than a message holds.
    TooLong,
    /// The last one is on its way still.
    UnderWay,
}

/// The newest seconds as an MP4 file, as they came: nothing is encoded anew.
#[derive(Debug)]
pub struct Clip {
    /// The file, at most 50 MB.
    pub file: Bytes,
    /// Pixels; 0 where the stream does not tell.
    pub width: u32,
    /// As `width`.
    pub height: u32,
    /// How long it plays.
    pub lasts: Duration,
    /// Its sound.
    pub sound: Sound,
    /// What there is to be seen.
    pub scene: Scene,
    /// Until it is dropped, the studio is given no other one.
    pub turn: Turn,
}

/// Whether a clip sounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sound {
    /// As the stream does.
    There,
    /// There is none in the stream.
    None,
    /// There is, in a codec that has no place in an MP4 file.
    LeftOut,
}

/// What a clip shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scene {
    /// What platforms are sent.
    OnAir,
    /// What comes in, and goes nowhere yet.
    Before,
    /// What platforms are sent while the encoder is away.
    Held,
}

/// One studio is looked at once at a time. Dropping it ends that.
pub struct Turn {
    service: Service,
    studio: StudioId,
}

impl std::fmt::Debug for Turn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Turn({:?})", self.studio)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        lock(&self.service.0.looks).remove(&self.studio);
    }
}

impl Service {
    /// The newest of the studio's stream as a short film. Takes little over a second at most, and costs the broadcast
    /// nothing.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Operate`]: before a show, its picture is nobody else's.
    pub async fn look(&self, caller: Caller) -> Result<Look, Refused> {
        let studio = self.admit(caller, Right::Operate).await?.id;
        let status = self.0.relay.status(studio);
        let held = matches!(status.phase, Phase::Held { .. });
        if status.source.is_none() && !held {
            return Ok(Look::NoSource);
        }
        if !lock(&self.0.looks).insert(studio) {
            return Ok(Look::UnderWay);
        }
        let turn = Turn { service: self.clone(), studio };
        let Some(packets) = self.0.relay.look(studio).await else { return Ok(Look::NoSource) };
        let is_frame = |role| matches!(role, Role::Keyframe | Role::Frame);
        let has = |kind| packets.iter().any(|packet| packet.kind == kind && is_frame(packet.role));
        let (video, audio) = (has(Kind::Video), has(Kind::Audio));
        // Some megabytes are copied.
        let Ok(made) = tokio::task::spawn_blocking(move || mp4::clip(&packets)).await else {
            return Ok(Look::NoPicture);
        };
        let scene = match status.phase {
            Phase::Held { .. } => Scene::Held,
            Phase::Live { .. } => Scene::OnAir,
            Phase::Idle | Phase::Waiting { .. } | Phase::Paused { .. } => Scene::Before,
        };
        Ok(match made {
            Ok(mp4) => Look::Clip(Clip {
                width: mp4.width,
                height: mp4.height,
                lasts: mp4.duration,
                sound: match (mp4.sound, audio) {
                    (true, _) => Sound::There,
                    (false, true) => Sound::LeftOut,
                    (false, false) => Sound::None,
                },
                scene,
                file: mp4.bytes.into(),
                turn,
            }),
            Err(Unfit::NoPicture) if audio && !video && held => Look::SilenceOnly,
            Err(Unfit::NoPicture) if audio && !video => Look::SoundOnly,
            Err(Unfit::NoPicture) => Look::NoPicture,
            Err(Unfit::Codec) => Look::Codec(status.source.and_then(|source| source.video).map(|video| video.codec)),
            Err(Unfit::TooLong) => Look::TooLong,
        })
    }
}
