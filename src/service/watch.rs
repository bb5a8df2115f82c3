//! A studio's own page, for people to watch its shows on: who opens it, what leads to it, and who is let in.

mod hall;
mod projector;
mod reel;

pub use hall::{Air, Hall, Watcher};

use super::{Change, Notice, OwnPage, Refused, Service, lock};
use crate::domain::access::{Caller, Right};
use crate::domain::id::StudioId;
use crate::domain::quota::Load;
use crate::domain::secret::WatchKey;
use crate::store::Studio;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// How many can watch one studio's page at a time: each costs as much of the host's line as a platform.
pub const WATCHERS: usize = 50;
/// How many of them from one address: one visitor does not take all places, and people behind one line have room.
const FROM_ONE: usize = 20;

/// A studio's own page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WatchPage {
    /// The host has no address for pages.
    NoAddress,
    /// It is closed, and who knows the link sees nothing.
    Closed,
    /// It is open.
    Open(OwnPage),
}

/// Why nobody is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotIn {
    /// The link leads nowhere.
    NoPage,
    /// There are as many as there is room for.
    Full,
}

/// Every hall in which somebody watches.
#[derive(Default)]
pub(super) struct Halls {
    open: Mutex<HashMap<StudioId, Arc<Hall>>>,
    /// One was opened.
    opened: Notify,
}

impl Service {
    /// The studio's watch page.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Operate`].
    pub async fn watch_page(&self, caller: Caller) -> Result<WatchPage, Refused> {
        let studio = self.admit(caller, Right::Operate).await?;
        Ok(self.watch_page_of(studio.id))
    }

    /// Opens the studio's watch page.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Operate`].
    pub async fn open_watch_page(&self, caller: Caller) -> Result<WatchPage, Refused> {
        let studio = self.admit(caller, Right::Operate).await?;
        if self.0.settings.public_url.is_none() {
            return Ok(WatchPage::NoAddress);
        }
        let before = self.0.store.watch_key(studio.id).is_some();
        self.0.store.open_watch_page(studio.id).await?;
        if !before {
            self.changed(&studio, caller, Change::WatchPage(true));
            self.tell(Notice::PanelChanged(studio.id));
        }
        Ok(self.watch_page_of(studio.id))
    }

    /// Closes it; who watches is sent away.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Operate`].
    pub async fn close_watch_page(&self, caller: Caller) -> Result<(), Refused> {
        let studio = self.admit(caller, Right::Operate).await?;
        let before = self.0.store.watch_key(studio.id).is_some();
        self.0.store.close_watch_page(studio.id).await?;
        self.clear_hall(studio.id);
        if before {
            self.changed(&studio, caller, Change::WatchPage(false));
            self.tell(Notice::PanelChanged(studio.id));
        }
        Ok(())
    }

    /// Another link; the old one leads nowhere from now on, and who watches is sent away.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Operate`].
    pub async fn renew_watch_page(&self, caller: Caller) -> Result<WatchPage, Refused> {
        let studio = self.admit(caller, Right::Operate).await?;
        if self.0.settings.public_url.is_none() {
            return Ok(WatchPage::NoAddress);
        }
        self.0.store.renew_watch_page(studio.id).await?;
        self.clear_hall(studio.id);
        self.changed(&studio, caller, Change::WatchPageRenewed);
        self.tell(Notice::PanelChanged(studio.id));
        Ok(self.watch_page_of(studio.id))
    }

    /// Whose page a link leads to, if it is open.
    #[must_use]
    pub fn find_watch_page(&self, key: &WatchKey) -> Option<Studio> {
        let studio = self.0.store.find_watch(key)?;
        self.0.store.studio(studio).filter(|studio| self.is_let_in(studio))
    }

    /// Lets somebody in who has the link; `from` is their line, where that is known ([`subscriber`](crate::domain::subscriber)).
    ///
    /// # Errors
    /// [`NotIn`].
    pub fn watch(&self, key: &WatchKey, from: Option<IpAddr>) -> Result<Watcher, NotIn> {
        let studio = self.find_watch_page(key).ok_or(NotIn::NoPage)?;
        if !studio.quota.has_room(&self.load_with(studio.id, self.watching(studio.id) + 1)) {
            return Err(NotIn::Full);
        }
        let mut halls = lock(&self.0.halls.open);
        // Again under the lock, under which links end.
        let studio = self.find_watch_page(key).ok_or(NotIn::NoPage)?.id;
        let hall = halls.entry(studio).or_default();
        let watcher = hall.enter(WATCHERS, from.map(|line| (line, FROM_ONE))).ok_or(NotIn::Full)?;
        self.0.halls.opened.notify_one();
        Ok(watcher)
    }

    /// The load of the studio's show with so many who watch it.
    fn load_with(&self, studio: StudioId, watching: usize) -> Load {
        let targets = self.0.store.broadcast(studio).map_or(0, |record| record.targets.len());
        self.load(studio, targets + watching)
    }

    fn watch_page_of(&self, studio: StudioId) -> WatchPage {
        match (&self.0.settings.public_url, self.own_page(studio)) {
            (None, _) => WatchPage::NoAddress,
            (_, None) => WatchPage::Closed,
            (_, Some(page)) => WatchPage::Open(page),
        }
    }

    /// The studio's own page, if people can watch there.
    pub(super) fn own_page(&self, studio: StudioId) -> Option<OwnPage> {
        let url = self.0.settings.public_url.as_ref()?;
        let key = self.0.store.watch_key(studio)?;
        let link = format!("{}/w/{}", url.trim_end_matches('/'), key.expose());
        Some(OwnPage { link, watching: self.watching(studio) })
    }

    /// How many watch the studio's page.
    pub(super) fn watching(&self, studio: StudioId) -> usize {
        lock(&self.0.halls.open).get(&studio).map_or(0, |hall| hall.watching())
    }

    pub(super) fn clear_hall(&self, studio: StudioId) {
        if let Some(hall) = lock(&self.0.halls.open).remove(&studio) {
            hall.close();
        }
    }
}
