//! Asks the platforms' public pages what viewers see. What is asked and how an answer is read is data of the catalogue;
//! an error is never an answer.
//!
//! Read [`LiveCheck::look`] first, then `read` (what an answer says), `web` (what may be asked), `pace` (when).

mod embed;
mod pace;
mod read;
mod web;

pub use read::{Names, Sight, Unreadable, read};
pub use web::{Allowed, Web};

use super::{Access, Body, Encoding, Lookup, Platform, StatusPage, viewer};
use crate::domain::target::Target;
use pace::{Outcome, Pace, Turn};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;
use url::Url;
use web::{Fault, Question};

/// Of a name in a URL, these stay: a link's names are escaped already where they must be.
const STAYS: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/').remove(b':').remove(b'%');

/// What a look at a platform's page came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// What viewers see, where it is known now.
    pub sight: Option<Sight>,
    /// Where people watch, where the platform had to be asked for it.
    pub link: Option<String>,
}

/// Asks public pages, each channel at most each 30 s, whoever wants to know.
pub struct LiveCheck {
    web: Web,
    pace: Mutex<Pace>,
}

/// Whether there is a page to ask about `target`.
#[must_use]
pub fn can_ask(platform: &Platform, target: &Target) -> bool {
    let Some(names) = target.status_id.as_deref().map(viewer::names_of) else { return false };
    let mut known: Vec<&str> = names.keys().map(String::as_str).collect();
    known.extend(lookups(platform, &names).map(|lookup| lookup.to.as_str()));
    pages(platform).any(|page| needs(page).all(|name| known.contains(&name)))
}

impl LiveCheck {
    /// Asks by `web`.
    #[must_use]
    pub fn new(web: Web) -> Self {
        Self { web, pace: Mutex::default() }
    }

    /// What viewers see of `target`, where that can be known now.
    pub async fn look(&self, platform: &Platform, target: &Target) -> Look {
        let Some(place) = target.status_id.as_deref().filter(|_| can_ask(platform, target)) else {
            return Look::default();
        };
        let channel = format!("{} {place}", platform.id);
        let turn = self.pace().turn(&channel, Instant::now().into_std());
        let mut names = viewer::names_of(place);
        let sight = match turn {
            Turn::Wait(sight, found) => {
                names.extend(found);
                sight
            }
            Turn::Ask(failures, mut found) => {
                names.append(&mut found);
                let outcome = self.ask(platform, &mut names, failures).await;
                let chance = getrandom::u32().map_or(0.5, |chance| f64::from(chance) / f64::from(u32::MAX));
                self.pace().done(&channel, outcome, names.clone(), Instant::now().into_std(), chance);
                if let Outcome::Answered(sight) = outcome { sight } else { None }
            }
        };
        // What was known before had its link made of it then; one that a person took away stays away.
        let found = names != viewer::names_of(place);
        let link = platform.viewer.link.as_deref().filter(|_| found).and_then(|link| viewer::fill(link, &names));
        Look { sight, link: link.and_then(|link| viewer::check_link(&link).ok()) }
    }

    async fn ask(&self, platform: &Platform, names: &mut Names, failures: u32) -> Outcome {
        let wanted: Vec<Lookup> = lookups(platform, names).cloned().collect();
        for lookup in wanted {
            match self.find(platform, &lookup, names).await {
                Ok(found) => drop(names.insert(lookup.to, found)),
                Err(failed) => return failed,
            }
        }
        let pages: Vec<_> = pages(platform).filter(|page| needs(page).all(|name| names.contains_key(name))).collect();
        // Where one page fails, the next one is asked next time.
        let Some(page) = pages.get(failures as usize % pages.len().max(1)) else { return Outcome::Failed(None) };
        let body = match &page.body {
            Some(body) => match body_of(body, names) {
                Some(text) => Some((body.encoding, text)),
                None => return Outcome::Failed(None),
            },
            None => None,
        };
        match self.answer(platform, &page.url, body, page.behind.is_some(), names).await {
            Ok(bytes) => match read(page, names, &bytes) {
                Ok(sight) => Outcome::Answered(sight),
                Err(Unreadable) => Outcome::Failed(None),
            },
            Err(failed) => failed,
        }
    }

    async fn find(&self, platform: &Platform, lookup: &Lookup, names: &Names) -> Result<String, Outcome> {
        let bytes = self.answer(platform, &lookup.url, None, false, names).await?;
        read::name(&bytes, &lookup.pointer, &lookup.only_if).ok_or(Outcome::Failed(None))
    }

    async fn answer(
        &self,
        platform: &Platform,
        template: &str,
        body: Option<(Encoding, String)>,
        page: bool,
        names: &Names,
    ) -> Result<Vec<u8>, Outcome> {
        let failed = Outcome::Failed(None);
        let url = url_of(template, names).ok_or(failed)?;
        let host = url.host_str().unwrap_or_default().to_owned();
        if !self.pace().may_ask(&host, Instant::now().into_std()) {
            return Err(failed);
        }
        let fixed = Url::parse(template).is_ok_and(|named| named.host_str() == url.host_str());
        let asked = self.web.ask(Question { url, body, page, fixed, platform: &platform.id }).await;
        asked.map_err(|fault| match fault {
            Fault::Refused(Some(after)) => {
                self.pace().leave(&host, after, Instant::now().into_std());
                Outcome::Failed(Some(after))
            }
            Fault::Refused(None) | Fault::Lost | Fault::NotAsked => failed,
        })
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Pages that nobody must log in to.
fn pages(platform: &Platform) -> impl Iterator<Item = &StatusPage> {
    platform.status.iter().filter(|page| page.access == Access::Open)
}

/// Requests that find a name that is not known by one that is.
fn lookups<'p>(platform: &'p Platform, names: &'p Names) -> impl Iterator<Item = &'p Lookup> {
    let open = platform.lookups.iter().filter(|lookup| lookup.access == Access::Open);
    open.filter(|lookup| names.contains_key(&lookup.from) && !names.contains_key(&lookup.to))
}

/// The names that a page is asked with.
fn needs(page: &StatusPage) -> impl Iterator<Item = &str> {
    let body = page.body.iter().flat_map(|body| viewer::placeholders(&body.text));
    viewer::placeholders(&page.url).chain(viewer::placeholders(&page.pointer)).chain(body)
}

fn url_of(template: &str, names: &Names) -> Option<Url> {
    let escaped = |value: &String| utf8_percent_encode(value, STAYS).to_string();
    let names = names.iter().map(|(name, value)| (name.clone(), escaped(value))).collect();
    Url::parse(&viewer::fill(template, &names)?).ok()
}

/// A body with its names in place; none where a name holds more than letters, digits and a little between: what could
/// end the text that it stands in.
fn body_of(body: &Body, names: &Names) -> Option<String> {
    let plain = |value: &str| value.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c));
    let sound = viewer::placeholders(&body.text).all(|name| names.get(name).is_some_and(|value| plain(value)));
    if sound { viewer::fill(&body.text, names) } else { None }
}
