//! What Telecast can do: every verb once, for any front end. Knows no words and no Telegram: it takes typed
//! questions and gives typed answers; `chat` has the words.
//!
//! Read [`Service`] first, then [`answer`] with [`panel`] (what verbs give back) and [`notice`] (what happens by itself).
//! One file per group of verbs:
//!
//! - `studio`: claim, open, ask for access, approve
//! - `operators`: which admins of a group operate, and losing that
//! - `targets`, `keys`: what a studio sends to, and whose keys those are
//! - `preflight`: what would happen if one went live on a target
//! - `ingest`, `set_up`: what an encoder is given
//! - `sources`: where a stream is fetched from instead, and who may play it
//! - `go_live`, `hold`, `stop_live`, `status`: the show; `look`: what it looks like, or did a minute ago,
//!   and `shown`: what platforms show of it
//! - `recordings`: shows that were
//! - `duty`: who is told aloud what must be done about it
//! - `host` with `usage`: what the owner does as the host of the server
//! - `watch`: a page of the studio's own, where people watch
//! - `announce`: where shows are announced to an audience
//! - `weekly`: what is missing before a show
//! - `memory`: what a front end asks to be remembered
//! - `access`: the one place where a caller is judged
//! - `backstage`: what stands beside a stream, and keeps it; `senses`: what is heard and seen of it; `stagehand`: whose thread does it
//! - `follow` with `alerts` and `meaning`, `forewarn`, `arrivals` with `guesses`, `pages`, `resume`: what goes on without being asked

mod access;
mod alerts;
mod announce;
pub mod answer;
mod arrivals;
mod backstage;
mod duty;
mod follow;
mod forewarn;
mod go_live;
mod guesses;
mod hold;
mod host;
mod ingest;
mod keys;
mod look;
mod meaning;
mod memory;
pub mod notice;
mod operators;
mod pages;
pub mod panel;
mod preflight;
mod recordings;
mod refused;
mod resume;
mod senses;
mod set_up;
mod shown;
mod sources;
mod stagehand;
mod status;
mod stop_live;
mod studio;
mod targets;
mod usage;
pub mod watch;
mod weekly;

pub use crate::record::Kept;
pub use announce::ShowNow;
pub use answer::*;
pub use host::{HostOverview, HostStudio};
pub use look::{Clip, Look, Scene, Sound, Turn};
pub use notice::{Caution, Change, Notice, Trouble, Warning};
pub use panel::{OwnPage, Panel, PanelTarget, WatchLink};
pub use recordings::{Fetched, Recordings, fits_message};
pub use refused::Refused;
pub use shown::Shown;
pub use watch::{NotIn, WatchPage};
pub use weekly::{Lack, Missing};

use crate::domain::id::{StudioId, UserId};
use crate::platform::Catalogue;
use crate::platform::live_check::LiveCheck;
use crate::record::Archive;
use crate::relay::Relay;
use crate::relay::dial::Dialler;
use crate::store::Store;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, OwnedMutexGuard, Semaphore, mpsc};

/// Notices that may wait for a front end; more are lost, because a show must not wait for its audience.
const NOTICES: usize = 1024;
/// Films of a minute that are made and sent at once, of all studios.
const LONG_FILMS: usize = 2;

/// What the host sets for every studio.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The server address that encoders are given, `rtmp://…/live`.
    pub ingest_server: String,
    /// The same over TLS, where the host has a certificate.
    pub ingest_tls_server: Option<String>,
    /// Most targets a studio may have.
    pub max_targets: usize,
    /// How long /golive waits for an encoder.
    pub wait: Duration,
    /// What the host can send in all, in kbit/s, where it is known.
    pub uplink_kbps: Option<u32>,
    /// Where pages of Telecast's are reached, `https://host/path`, if the host has such an address.
    pub public_url: Option<String>,
    /// Where the last minute of each show is kept, and recordings.
    pub files: PathBuf,
    /// How much recordings may take of the disk, in bytes, of all studios.
    pub recordings_most: u64,
    /// How long each is kept.
    pub recordings_keep: Duration,
    /// The platforms with which the host has an application, to ask them what viewers see.
    pub apps: BTreeSet<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            ingest_server: "rtmp://127.0.0.1:1935/live".into(),
            ingest_tls_server: None,
            max_targets: 20,
            wait: Duration::from_secs(60 * 60),
            uplink_kbps: None,
            public_url: None,
            files: std::env::temp_dir(),
            recordings_most: 20 << 30,
            recordings_keep: Duration::from_secs(7 * 86_400),
            apps: BTreeSet::new(),
        }
    }
}

/// Every verb. A handle, cheap to clone.
///
/// Every verb judges its [`Caller`](crate::domain::access::Caller) anew, writes what is wanted to the store before
/// it answers, is safe to repeat, and never waits for a platform (but [`Service::preflight`], which is there to).
#[derive(Clone)]
pub struct Service(Arc<Inner>);

struct Inner {
    store: Store,
    relay: Relay,
    dialler: Arc<Dialler>,
    catalogue: Catalogue,
    settings: Settings,
    notices: Mutex<Option<mpsc::Sender<Notice>>>,
    /// One change to a studio's show at a time, so that what is stored and what is relayed cannot part.
    shows: Mutex<HashMap<StudioId, Arc<tokio::sync::Mutex<()>>>>,
    /// Ends that a verb brought about and answered, and that the relay is still to report.
    answered_ends: Mutex<HashMap<StudioId, u32>>,
    /// Studios whose broadcast is over, which the store could not be told yet.
    ended: Mutex<HashSet<StudioId>>,
    /// Whose ingest key each studio's last publisher used.
    publishers: Mutex<HashMap<StudioId, UserId>>,
    /// What was said before each studio's show.
    forewarned: Mutex<HashMap<StudioId, forewarn::Said>>,
    /// A target becomes part of a show: tests with its key end.
    goes_out: Notify,
    /// Studios that somebody is looking at.
    looks: Mutex<HashSet<StudioId>>,
    /// Places for films of a minute: each takes up to 100 MB while it is made and sent.
    long_films: Arc<Semaphore>,
    archive: Arc<Archive>,
    /// What stands beside each stream.
    stages: Mutex<backstage::Stages>,
    /// Links to pages that are out.
    links: Mutex<set_up::Links>,
    /// Where people watch on the studios' own pages.
    halls: watch::Halls,
    /// Who asks public pages, once [`Service::watch_pages`] runs.
    pages: OnceLock<Arc<LiveCheck>>,
}

impl Service {
    /// Every verb on top of `store` and `relay`; the receiver tells what happens by itself. `dialler` is what the
    /// relay uses, for [`Service::preflight`].
    ///
    /// Nothing goes on without being asked until [`Service::follow`], [`Service::receive`], [`Service::watch_pages`]
    /// run and [`Service::resume`] was called.
    #[must_use]
    pub fn new(
        store: Store,
        relay: Relay,
        dialler: Arc<Dialler>,
        catalogue: Catalogue,
        settings: Settings,
    ) -> (Self, mpsc::Receiver<Notice>) {
        let (sender, receiver) = mpsc::channel(NOTICES);
        let archive =
            Archive::new(settings.files.join("recordings"), settings.recordings_most, settings.recordings_keep);
        let service = Self(Arc::new(Inner {
            archive: Arc::new(archive),
            store,
            relay,
            dialler,
            catalogue,
            settings,
            notices: Mutex::new(Some(sender)),
            shows: Mutex::default(),
            answered_ends: Mutex::default(),
            ended: Mutex::default(),
            publishers: Mutex::default(),
            forewarned: Mutex::default(),
            goes_out: Notify::new(),
            looks: Mutex::default(),
            long_films: Arc::new(Semaphore::new(LONG_FILMS)),
            stages: Mutex::default(),
            links: Mutex::default(),
            halls: watch::Halls::default(),
            pages: OnceLock::new(),
        }));
        (service, receiver)
    }

    /// What is known of the platforms.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.0.catalogue
    }

    /// No more notices from now on: their receiver ends when it has been drained.
    pub fn close_notices(&self) {
        lock(&self.0.notices).take();
    }

    /// Tells the front end, if it keeps up.
    fn tell(&self, notice: Notice) {
        let notices = lock(&self.0.notices);
        let Some(sender) = notices.as_ref() else { return };
        let repeatable = matches!(notice, Notice::PanelChanged(_));
        // The last half of the room is for what is told only once.
        if repeatable && sender.capacity() < NOTICES / 2 {
            return;
        }
        if sender.try_send(notice).is_err() {
            tracing::warn!("a notice was lost: the chat does not keep up");
        }
    }

    /// Waits until nobody else changes the studio's show.
    async fn show(&self, studio: StudioId) -> OwnedMutexGuard<()> {
        let show = Arc::clone(lock(&self.0.shows).entry(studio).or_default());
        show.lock_owned().await
    }
}

/// A poisoned lock is taken as it is: every change under one is a single step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
