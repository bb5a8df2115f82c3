//! Recordings of a studio's shows: whether they are made, what there is, and how one gets at them.

use super::look::LARGEST;
use super::{Change, Refused, Service, Turn};
use crate::domain::access::{Caller, Right};
use crate::domain::id::StudioId;
use crate::domain::recording::{Container, RecordingName};
use crate::media::mp4::{self, Mp4};
use crate::record::{Archive, Kept};
use crate::store::Studio;
use bytes::Bytes;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::time::interval;
use tokio_util::sync::CancellationToken;

/// How often it is looked what has been kept for long enough.
const TIDY: Duration = Duration::from_secs(3_600);
/// How long a link works.
const LINK: Duration = Duration::from_secs(7 * 86_400);

/// What a studio has of recordings.
#[derive(Clone, Debug, PartialEq)]
pub struct Recordings {
    /// The host has room for recordings at all.
    pub allowed: bool,
    /// Its shows are recorded.
    pub on: bool,
    /// Newest first.
    pub kept: Vec<Kept>,
    /// How long each is kept.
    pub keeps: Duration,
    /// By the clock of which place its people reckon, where that is known.
    pub zone: Option<String>,
}

/// What came of wanting a recording in the chat.
#[derive(Debug)]
pub enum Fetched {
    /// This.
    Film {
        /// An MP4 file, at most 50 MB.
        file: Bytes,
        /// Pixels; 0 where it does not tell.
        size: (u32, u32),
        /// How long it plays.
        lasts: Duration,
        /// Until it is dropped, the studio is given no other one.
        turn: Turn,
    },
    /// There is none of this name any more.
    Gone,
    /// More than a message holds, or no MP4.
    Unfit,
    /// Another film is on its way still.
    UnderWay,
}

impl Service {
    /// Makes whole what a killed process was recording. Before encoders are let in.
    pub async fn mend_recordings(&self) {
        self.with_archive(|archive| archive.open()).await;
    }

    /// Deletes recordings whose time is over, until `token` is cancelled.
    pub async fn tidy_recordings(self, token: CancellationToken) {
        let mut tidy = interval(TIDY);
        while token.run_until_cancelled(tidy.tick()).await.is_some() {
            self.with_archive(|archive| archive.tidy(SystemTime::now())).await;
        }
    }

    /// Has the studio's shows recorded, or not. It counts at once, also during a show.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Operate`].
    pub async fn set_record(&self, caller: Caller, on: bool) -> Result<Studio, Refused> {
        let studio = self.admit(caller, Right::Operate).await?;
        if studio.record == on {
            return Ok(studio);
        }
        let studio = self.0.store.update_studio(studio.id, move |studio| studio.record = on).await?;
        self.changed(&studio, caller, Change::Recorded(on));
        Ok(studio)
    }

    /// The studio's recordings.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Operate`].
    pub async fn recordings(&self, caller: Caller) -> Result<Recordings, Refused> {
        let studio = self.admit(caller, Right::Operate).await?;
        let kept = self.with_archive(move |archive| archive.list(studio.id)).await.unwrap_or_default();
        let zone = studio.weekly.map(|weekly| weekly.zone);
        let allowed = self.0.archive.is_open();
        Ok(Recordings { allowed, on: studio.record, kept, keeps: self.0.archive.keeps(), zone })
    }

    /// One of them as a film for the chat. Where others wait for theirs, so does this.
    ///
    /// # Errors
    /// See [`Service::recordings`].
    pub async fn fetch_recording(&self, caller: Caller, name: RecordingName) -> Result<Fetched, Refused> {
        let studio = self.admit(caller, Right::Operate).await?.id;
        let Some(mut turn) = self.turn(studio) else { return Ok(Fetched::UnderWay) };
        turn.take_place().await;
        let read = move |archive: &Archive| {
            let Some(path) = archive.path(studio, name) else { return Ok(None) };
            let kept = Kept { name, bytes: path.metadata()?.len() };
            std::io::Result::Ok(Some(if fits_message(&kept) { mp4::whole(&std::fs::read(path)?) } else { None }))
        };
        Ok(match self.with_archive(read).await {
            Some(Ok(Some(Some(Mp4 { bytes, width, height, duration, .. })))) => {
                Fetched::Film { file: bytes.into(), size: (width, height), lasts: duration, turn }
            }
            Some(Ok(Some(None))) => Fetched::Unfit,
            Some(Ok(None)) => Fetched::Gone,
            Some(Err(error)) => {
                tracing::warn!(%studio, %name, %error, "a recording could not be read");
                Fetched::Gone
            }
            None => Fetched::Gone,
        })
    }

    /// Deletes one of them. False: it is not there.
    ///
    /// # Errors
    /// See [`Service::recordings`]; [`Refused::Store`] where the disk does not.
    pub async fn delete_recording(&self, caller: Caller, name: RecordingName) -> Result<bool, Refused> {
        let studio = self.admit(caller, Right::Operate).await?;
        let id = studio.id;
        match self.with_archive(move |archive| archive.delete(id, name)).await {
            Some(Ok(gone)) => {
                if gone {
                    self.changed(&studio, caller, Change::RecordingDeleted);
                }
                Ok(gone)
            }
            Some(Err(error)) => {
                tracing::warn!(studio = %id, %name, %error, "a recording could not be deleted");
                Err(Refused::Store)
            }
            None => Err(Refused::Store),
        }
    }

    /// A link by which whoever has it can load the recording for a week; nothing where the host has no address for it.
    ///
    /// # Errors
    /// See [`Service::recordings`].
    pub async fn recording_link(&self, caller: Caller, name: RecordingName) -> Result<Option<String>, Refused> {
        let studio = self.admit(caller, Right::Operate).await?.id;
        let Some(url) = &self.0.settings.public_url else { return Ok(None) };
        let until = unix(SystemTime::now() + LINK);
        let mark = self.mark_of(&marked(studio, name, until));
        Ok(mark.map(|mark| format!("{}/r/{}/{until}/{mark}/{name}", url.trim_end_matches('/'), studio.0)))
    }

    /// The file behind such a link, while it works.
    pub async fn linked_recording(
        &self,
        studio: StudioId,
        until: u64,
        mark: &str,
        name: RecordingName,
    ) -> Option<PathBuf> {
        let known = self.0.store.studio(studio).filter(|studio| self.is_let_in(studio))?;
        let good = self.mark_of(&marked(known.id, name, until))?;
        let same = bool::from(subtle::ConstantTimeEq::ct_eq(good.as_bytes(), mark.as_bytes()));
        if !same || unix(SystemTime::now()) > until {
            return None;
        }
        self.with_archive(move |archive| archive.path(studio, name)).await?
    }

    /// All of a studio's recordings go, with the studio.
    pub(super) async fn forget_recordings(&self, studio: StudioId) {
        if let Some(Err(error)) = self.with_archive(move |archive| archive.forget(studio)).await {
            tracing::error!(%studio, %error, "recordings of a studio that was forgotten are still there");
        }
    }

    /// A disk is waited for elsewhere. Nothing: the process ends.
    async fn with_archive<T: Send + 'static>(&self, work: impl FnOnce(&Archive) -> T + Send + 'static) -> Option<T> {
        let archive = Arc::clone(&self.0.archive);
        tokio::task::spawn_blocking(move || work(&archive)).await.ok()
    }
}

/// Whether a message holds it.
#[must_use]
pub fn fits_message(kept: &Kept) -> bool {
    kept.name.container == Container::Mp4 && kept.bytes <= LARGEST as u64
}

fn unix(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}

fn marked(studio: StudioId, name: RecordingName, until: u64) -> String {
    format!("recording {} {name} {until}", studio.0)
}
