//! Every platform that Telecast knows: the embedded file, and what a host adds to it.

use super::{Closes, Platform, Refusal, Role, sound};
use crate::domain::lang::Lang;
use crate::domain::rtmp_url::{PushPoint, ServerUrl};
use crate::domain::secret::StreamKey;
use serde::Deserialize;
use std::fmt;
use std::sync::LazyLock;
use toml::{Table, Value};

const EMBEDDED: &str = include_str!("platforms.toml");

/// Every platform that Telecast knows. Cheap to share, not to clone.
#[derive(Clone, Debug)]
pub struct Catalogue {
    platforms: Vec<Platform>,
    custom: Platform,
    tiles: Tiles,
    refusals: Vec<Refusal>,
}

/// The ids of what people use most, in the order of their tiles.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tiles {
    pub(super) en: Vec<String>,
    pub(super) zh: Vec<String>,
}

/// One thing that is wrong with a catalogue's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueFault {
    /// A platform's id, or another place of the file.
    pub place: String,
    /// What is wrong there.
    pub problem: String,
}

impl CatalogueFault {
    pub(super) fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { place: place.into(), problem: problem.into() }
    }
}

impl fmt::Display for CatalogueFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.problem)
    }
}

impl Catalogue {
    /// The catalogue that is part of the program.
    #[must_use]
    pub fn builtin() -> Self {
        embedded().clone()
    }

    /// The same with what `local` says: a file of the same schema. An entry of a known id changes the fields that it
    /// has, all others are added; lists of tiles take the place of ours, refusals come before ours.
    ///
    /// # Errors
    /// Every [`CatalogueFault`] at once.
    pub fn extended(local: &str) -> Result<Self, Vec<CatalogueFault>> {
        let mut whole: Table = EMBEDDED.parse().map_err(|fault| vec![syntax(&fault)])?;
        let local: Table = local.parse().map_err(|fault| vec![syntax(&fault)])?;
        let mut faults = Vec::new();
        for (name, value) in local {
            match (name.as_str(), value) {
                ("platform", Value::Array(entries)) => {
                    entries.into_iter().for_each(|entry| merge(&mut whole, entry, &mut faults));
                }
                ("refusal", Value::Array(mut rules)) => {
                    rules.extend(whole.get("refusal").and_then(Value::as_array).cloned().unwrap_or_default());
                    whole.insert(name, Value::Array(rules));
                }
                ("tiles", Value::Table(lists)) => {
                    if let Some(tiles) = whole.get_mut("tiles").and_then(Value::as_table_mut) {
                        tiles.extend(lists);
                    }
                }
                _ => faults.push(CatalogueFault::new(name, "is none of [[platform]], [[refusal]] and [tiles]")),
            }
        }
        let catalogue = Self::read(whole, &mut faults);
        match catalogue {
            Some(catalogue) if faults.is_empty() => Ok(catalogue),
            _ => Err(faults),
        }
    }

    fn read(mut whole: Table, faults: &mut Vec<CatalogueFault>) -> Option<Self> {
        let mut platforms = Vec::new();
        let entries = whole.remove("platform").and_then(|entries| entries.as_array().cloned()).unwrap_or_default();
        for entry in entries {
            let id = entry.get("id").and_then(Value::as_str).unwrap_or("[[platform]]").to_owned();
            match entry.try_into::<Platform>() {
                Ok(platform) => platforms.push(platform),
                Err(fault) => faults.push(CatalogueFault::new(id, fault.message())),
            }
        }
        let mut part = |name: &str| whole.remove(name).unwrap_or_else(|| Value::Array(Vec::new()));
        let tiles = part("tiles").try_into::<Tiles>().map_err(|fault| CatalogueFault::new("tiles", fault.message()));
        let refusals = part("refusal").try_into().map_err(|fault| CatalogueFault::new("refusal", fault.message()));
        // `custom` stays the last: whatever nobody else knows is its.
        platforms.sort_by_key(|platform| platform.id == "custom");
        let custom = platforms.last().filter(|platform| platform.id == "custom").cloned();
        let custom = custom.ok_or_else(|| CatalogueFault::new("custom", "is missing"));
        let mut keep = |fault| faults.push(fault);
        let tiles = tiles.map_err(&mut keep).ok();
        let refusals = refusals.map_err(&mut keep).ok();
        let custom = custom.map_err(&mut keep).ok();
        let catalogue = Self { platforms, custom: custom?, tiles: tiles?, refusals: refusals? };
        faults.extend(sound::faults(&catalogue));
        Some(catalogue)
    }

    /// Every platform; `custom` last.
    #[must_use]
    pub fn all(&self) -> &[Platform] {
        &self.platforms
    }

    /// What people can choose, in the order for readers of `lang`: what is used most, then the others by name.
    /// `custom` is not among them.
    #[must_use]
    pub fn tiles(&self, lang: Lang) -> Vec<&Platform> {
        let first = self.first_tiles(lang);
        let mut tiles: Vec<_> = first.iter().filter_map(|id| self.get(id)).collect();
        let rest =
            |platform: &&Platform| platform.has_tile() && platform.id != "custom" && !first.contains(&platform.id);
        let mut rest: Vec<_> = self.platforms.iter().filter(rest).collect();
        rest.sort_by_key(|platform| platform.name.of(lang).to_lowercase());
        tiles.extend(rest);
        tiles
    }

    pub(super) fn first_tiles(&self, lang: Lang) -> &[String] {
        match lang {
            Lang::Zh => &self.tiles.zh,
            _ => &self.tiles.en,
        }
    }

    /// The platform with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Platform> {
        self.platforms.iter().find(|platform| platform.id == id)
    }

    /// The platform with this id, or `custom` where the catalogue no longer has it.
    #[must_use]
    pub fn get_or_custom(&self, id: &str) -> &Platform {
        self.get(id).unwrap_or(&self.custom)
    }

    /// Whose server it is. The host decides: a key of a known shape on a foreign host is that host's. Only where hosts
    /// are shared, what was chosen decides, and then the key; who chose a product keeps it on a carrier's host.
    #[must_use]
    pub fn recognise<'c>(&'c self, server: &ServerUrl, key: &StreamKey, chosen: Option<&'c Platform>) -> &'c Platform {
        self.by_host(server.host(), Some(key), chosen)
    }

    pub(super) fn by_host<'c>(
        &'c self,
        host: &str,
        key: Option<&StreamKey>,
        chosen: Option<&'c Platform>,
    ) -> &'c Platform {
        let known: Vec<_> = self.platforms.iter().filter(|platform| platform.pushes_to(host)).collect();
        let carriers = known.iter().all(|platform| platform.role == Role::Cdn);
        let kept = |chosen: &&Platform| carriers || known.iter().any(|platform| platform.id == chosen.id);
        if let Some(chosen) = chosen.filter(|chosen| chosen.id != "custom").filter(kept) {
            return chosen;
        }
        let fits = |platform: &&&Platform| key.and_then(|key| platform.key_fits(key)) == Some(true);
        known.iter().find(fits).or(known.first()).copied().unwrap_or(&self.custom)
    }

    /// Tells whether a host is a push server of some platform. It outlives the catalogue.
    pub fn hosts(&self) -> impl Fn(&str) -> bool + Send + Sync + use<> {
        let hosts: Vec<_> = self.platforms.iter().flat_map(|platform| &platform.hosts).cloned().collect();
        move |host| hosts.iter().any(|pattern| pattern.matches(&host.to_ascii_lowercase()))
    }

    /// Every port that a server of the catalogue names.
    #[must_use]
    pub fn ports(&self) -> Vec<u16> {
        let servers = self.platforms.iter().flat_map(|platform| &platform.servers);
        servers.filter_map(|server| Some(ServerUrl::parse(&server.url).ok()?.port())).collect()
    }

    /// What to push to, and whose it is: see [`Catalogue::recognise`] and [`Platform::compose`]. `None` while something
    /// is missing.
    #[must_use]
    pub fn compose<'c>(
        &'c self,
        server: Option<ServerUrl>,
        key: Option<StreamKey>,
        chosen: Option<&'c Platform>,
    ) -> Option<(&'c Platform, PushPoint)> {
        let platform = match &server {
            Some(server) => self.by_host(server.host(), key.as_ref(), chosen),
            None => chosen?,
        };
        Some((platform, platform.compose(server, key)?))
    }

    /// Whose viewer page a link is.
    #[must_use]
    pub fn of_page(&self, link: &str) -> Option<&Platform> {
        let url = url::Url::parse(link).ok()?;
        let host = url.host_str()?;
        let known: Vec<_> = self.platforms.iter().filter(|p| p.pages.iter().any(|page| is_under(host, page))).collect();
        let shaped = known.iter().find(|platform| platform.viewer.pages.iter().any(|page| page.matches(link)));
        shaped.or(known.first()).copied()
    }

    /// What a refusal by `platform` means: the first of its own rules and then of everybody's that fits. `words` are the
    /// server's, as they were told; `closes` is what it took before it closed the connection without any, `after_s`
    /// seconds later.
    #[must_use]
    pub fn refusal(&self, platform: &Platform, words: &str, closes: Option<(Closes, u32)>) -> Option<Refusal> {
        let rules = platform.refusals.iter().chain(&self.refusals);
        rules.into_iter().find(|rule| rule.fits(words, closes)).cloned()
    }
}

/// Whether `host` is `known` or below it.
fn is_under(host: &str, known: &str) -> bool {
    let host = host.to_ascii_lowercase();
    host.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn syntax(fault: &toml::de::Error) -> CatalogueFault {
    CatalogueFault::new("the file", fault.to_string().trim_end())
}

/// Puts the fields of a host's `entry` over those of the platform with its id, or adds it.
fn merge(whole: &mut Table, entry: Value, faults: &mut Vec<CatalogueFault>) {
    let Value::Table(entry) = entry else {
        return faults.push(CatalogueFault::new("[[platform]]", "is not a table"));
    };
    let Some(id) = entry.get("id").and_then(Value::as_str) else {
        return faults.push(CatalogueFault::new("[[platform]]", "has no id"));
    };
    let Some(platforms) = whole.get_mut("platform").and_then(Value::as_array_mut) else { return };
    let known = platforms.iter_mut().filter_map(Value::as_table_mut);
    match known.into_iter().find(|known| known.get("id").and_then(Value::as_str) == Some(id)) {
        Some(known) => known.extend(entry),
        None => platforms.push(Value::Table(entry)),
    }
}

/// The embedded file, read once. A test reads it too, so that it cannot fail in a released program.
#[allow(clippy::panic)]
fn embedded() -> &'static Catalogue {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| match Catalogue::extended("") {
        Ok(catalogue) => catalogue,
        Err(faults) => panic!("the embedded catalogue: {faults:?}"),
    });
    &CATALOGUE
}

#[cfg(test)]
mod tests;
