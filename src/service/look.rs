//! What goes out, to be looked at: a short film of the newest or of the last seconds, for whoever operates a studio.

use super::{Refused, Service, lock};
use crate::domain::access::{Caller, Right};
use crate::domain::id::StudioId;
use crate::domain::monitor::Hearing;
use crate::domain::status::{Phase, StudioStatus};
use crate::media::mp4::{self, Unfit};
use crate::media::packet::{Kind, Packet, Role};
use bytes::Bytes;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;

/// The longest clip.
const LONGEST: Duration = Duration::from_secs(60);
/// The largest, in bytes as they are kept: what Telegram takes, less what tables take.
pub(super) const LARGEST: usize = 49 << 20;

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
    /// No show is on, and only of a show the last seconds are kept.
    NotOn,
    /// The disk does not keep them. `full`: it has no room.
    Disk {
        /// See there.
        full: bool,
    },
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
    /// There is some, and nothing was heard in it for a while.
    Silent,
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
    /// What platforms were sent up to now.
    Past,
}

/// One studio is looked at once at a time. Dropping it ends that.
pub struct Turn {
    service: Service,
    studio: StudioId,
    /// A long film takes a place of the host's.
    place: Option<OwnedSemaphorePermit>,
}

impl Turn {
    /// Waits for one of the host's places for long films.
    pub(super) async fn take_place(&mut self) {
        self.place = Arc::clone(&self.service.0.long_films).acquire_owned().await.ok();
    }
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
        let scene = match status.phase {
            Phase::Held { .. } => Scene::Held,
            Phase::Live { .. } => Scene::OnAir,
            Phase::Idle | Phase::Waiting { .. } | Phase::Paused { .. } => Scene::Before,
        };
        if status.source.is_none() && scene != Scene::Held {
            return Ok(Look::NoSource);
        }
        let Some(turn) = self.turn(studio) else { return Ok(Look::UnderWay) };
        let Some(packets) = self.0.relay.look(studio).await else { return Ok(Look::NoSource) };
        let mut look = film(packets, scene, &status, turn).await;
        if let Look::Clip(clip @ Clip { sound: Sound::There, .. }) = &mut look
            && matches!(self.hearing(studio), Some(Hearing::Silent(_)))
        {
            clip.sound = Sound::Silent;
        }
        Ok(look)
    }

    /// The last `time` of the studio's show as a film, a minute at most, from a keyframe on. Where others wait for theirs,
    /// so does this.
    ///
    /// # Errors
    /// See [`Service::look`].
    pub async fn clip(&self, caller: Caller, time: Duration) -> Result<Look, Refused> {
        let studio = self.admit(caller, Right::Operate).await?.id;
        let status = self.0.relay.status(studio);
        if matches!(status.phase, Phase::Idle | Phase::Waiting { .. }) {
            return Ok(Look::NotOn);
        }
        let Some(mut turn) = self.turn(studio) else { return Ok(Look::UnderWay) };
        let Some(backstage) = self.backstage(studio) else { return Ok(Look::NoPicture) };
        turn.take_place().await;
        let read = move || {
            let backstage = lock(&backstage);
            let packets = backstage.ring.last(time.min(LONGEST), LARGEST).map_err(|error| error.kind());
            backstage.fault.map_or(packets, Err)
        };
        Ok(match tokio::task::spawn_blocking(read).await {
            Ok(Ok(packets)) => film(packets, Scene::Past, &status, turn).await,
            Ok(Err(fault)) => Look::Disk { full: fault == io::ErrorKind::StorageFull },
            Err(_) => Look::NoPicture,
        })
    }

    /// Nothing: the studio is being looked at.
    pub(super) fn turn(&self, studio: StudioId) -> Option<Turn> {
        let new = lock(&self.0.looks).insert(studio);
        new.then(|| Turn { service: self.clone(), studio, place: None })
    }
}

async fn film(packets: Vec<Packet>, scene: Scene, status: &StudioStatus, turn: Turn) -> Look {
    let is_frame = |role| matches!(role, Role::Keyframe | Role::Frame);
    let has = |kind| packets.iter().any(|packet| packet.kind == kind && is_frame(packet.role));
    let (video, audio) = (has(Kind::Video), has(Kind::Audio));
    // Some megabytes are copied.
    let Ok(made) = tokio::task::spawn_blocking(move || mp4::clip(&packets)).await else { return Look::NoPicture };
    match made {
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
        Err(Unfit::NoPicture) if audio && !video && scene == Scene::Held => Look::SilenceOnly,
        Err(Unfit::NoPicture) if audio && !video => Look::SoundOnly,
        Err(Unfit::NoPicture) => Look::NoPicture,
        Err(Unfit::Codec) => Look::Codec(status.source.as_ref().and_then(|source| Some(source.video.as_ref()?.codec))),
        Err(Unfit::TooLong) => Look::TooLong,
    }
}
