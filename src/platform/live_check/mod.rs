//! Asks the platforms' public pages what viewers see. What is asked and how an answer is read is data of the catalogue;
//! an error is never an answer.
//!
//! Read [`LiveCheck::look`] first, then `ask` (one channel's question), `read` (what an answer says), `web` (what may be
//! asked), `pace` (when), `picture` (what a platform shows of a show), `apps` and `grant` (pages that ask for an application of the host's).

mod apps;
mod ask;
mod embed;
mod grant;
mod pace;
mod picture;
mod read;
mod web;

pub use crate::domain::status::Sight;
pub use apps::{Apps, HostApp};
pub use picture::Picture;
pub use read::{Names, Unreadable, read};
pub use web::{Allowed, Web};

use super::{Access, Lookup, Platform, StatusPage, viewer};
use crate::domain::target::Target;
use pace::{Outcome, Pace, Turn};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How late a platform may be of which that is not known: most are within a minute and a half.
const MOST_LATE: Duration = Duration::from_secs(90);

/// What a look at a platform's page came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// What viewers see, where it is known now.
    pub sight: Option<Sight>,
    /// What the platform calls the show, where it is live.
    pub title: Option<String>,
    /// Where people watch, where the platform had to be asked for it.
    pub link: Option<String>,
}

/// Asks public pages, each channel at most each 30 s, whoever wants to know.
pub struct LiveCheck {
    web: Web,
    apps: Apps,
    pace: Mutex<Pace>,
}

/// How late a page may be that is asked about a show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay {
    /// How long the platform takes until it shows what it is sent, where that is known.
    pub usual: Option<Duration>,
    /// After so long its page should have been read as live.
    pub at_most: Duration,
}

/// Whether there is a page to ask about `target`, and how late that may be; `app` where the host has an application with
/// the platform.
#[must_use]
pub fn can_ask(platform: &Platform, target: &Target, app: bool) -> Option<Delay> {
    let names = target.status_id.as_deref().map(viewer::names_of)?;
    let mut known: Vec<&str> = names.keys().map(String::as_str).collect();
    known.extend(lookups(platform, &names, app).map(|lookup| lookup.to.as_str()));
    let page = pages(platform, app).find(|page| needs(page).all(|name| known.contains(&name)))?;
    let usual = page.late_s.map(|late| Duration::from_secs(late.into()));
    Some(Delay { usual, at_most: usual.unwrap_or(MOST_LATE) + pace::longest(every(page)) })
}

impl LiveCheck {
    /// Asks by `web`, and with `apps` where a platform asks for an application.
    #[must_use]
    pub fn new(web: Web, apps: Apps) -> Self {
        Self { web, apps, pace: Mutex::default() }
    }

    /// What viewers see of `target`, where that can be known now.
    pub async fn look(&self, platform: &Platform, target: &Target) -> Look {
        let app = self.apps.of(platform).is_some();
        let Some(place) = target.status_id.as_deref().filter(|_| can_ask(platform, target, app).is_some()) else {
            return Look::default();
        };
        let channel = format!("{} {place}", platform.id);
        let turn = self.pace().turn(&channel, Instant::now().into_std());
        let mut names = viewer::names_of(place);
        let seen = match turn {
            Turn::Wait(seen, found) => {
                names.extend(found);
                seen
            }
            Turn::Ask(failures, mut found) => {
                names.append(&mut found);
                let outcome = self.ask(platform, &mut names, failures).await;
                let chance = getrandom::u32().map_or(0.5, |chance| f64::from(chance) / f64::from(u32::MAX));
                let seen = if let Outcome::Answered(seen, _) = &outcome { seen.clone() } else { None };
                self.pace().done(&channel, outcome, names.clone(), Instant::now().into_std(), chance);
                seen
            }
        };
        // What was known before had its link made of it then; one that a person took away stays away.
        let found = names != viewer::names_of(place);
        let link = platform.viewer.link.as_deref().filter(|_| found).and_then(|link| viewer::fill(link, &names));
        let (sight, title) = seen.map_or((None, None), |seen| (Some(seen.sight), seen.title));
        Look { sight, title, link: link.and_then(|link| viewer::check_link(&link).ok()) }
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Pages that nobody must log in to, and with an application those that ask for one.
fn pages(platform: &Platform, app: bool) -> impl Iterator<Item = &StatusPage> {
    platform.status.iter().filter(move |page| app || page.access == Access::Open)
}

/// Requests that find a name that is not known by one that is.
fn lookups<'p>(platform: &'p Platform, names: &'p Names, app: bool) -> impl Iterator<Item = &'p Lookup> {
    let open = platform.lookups.iter().filter(move |lookup| app || lookup.access == Access::Open);
    open.filter(|lookup| names.contains_key(&lookup.from) && !names.contains_key(&lookup.to))
}

/// How often a page is asked about one channel.
fn every(page: &StatusPage) -> Duration {
    page.every_s.map_or(pace::EVERY, |every| Duration::from_secs(every.into())).max(pace::EVERY)
}

/// The names of a place that a page is asked with.
fn needs(page: &StatusPage) -> impl Iterator<Item = &str> {
    let body = page.body.iter().flat_map(|body| viewer::placeholders(&body.text));
    let all = viewer::placeholders(&page.url).chain(viewer::placeholders(&page.pointer)).chain(body);
    all.filter(|name| !name.starts_with("app_"))
}
