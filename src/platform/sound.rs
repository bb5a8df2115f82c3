//! What a catalogue must be for the rest of Telecast to rely on it.

use super::{Access, Catalogue, CatalogueFault, KeyKind, Platform, Tls, Words};
use crate::domain::lang::Lang;
use crate::domain::rtmp_url::ServerUrl;
use std::collections::BTreeSet;

/// Names in braces that the host was given with its application.
const GIVEN: &[&str] = &["app_id", "app_secret"];

/// Everything that is wrong with `catalogue` beyond its syntax.
pub(super) fn faults(catalogue: &Catalogue) -> Vec<CatalogueFault> {
    let mut faults = Vec::new();
    let mut ids = BTreeSet::new();
    for platform in catalogue.all() {
        if !ids.insert(&platform.id) {
            faults.push(CatalogueFault::new(&platform.id, "is there twice"));
        }
        let problems = itself(platform).into_iter().chain(servers(platform, catalogue)).chain(places(platform));
        faults.extend(problems.map(|problem| CatalogueFault::new(&platform.id, problem)));
    }
    for lang in Lang::ALL {
        let tiles = catalogue.first_tiles(lang);
        for (at, id) in tiles.iter().enumerate() {
            let problem = match catalogue.get(id) {
                None => "is no platform's id",
                Some(platform) if !platform.has_tile() => "is closed, or an encoder, and can have no tile",
                Some(platform) if platform.id == "custom" => "has its own place below all tiles",
                _ if tiles[..at].contains(id) => "has two tiles",
                _ => continue,
            };
            faults.push(CatalogueFault::new("tiles", format!("{id} {problem}")));
        }
    }
    faults
}

fn itself(platform: &Platform) -> Vec<String> {
    let mut problems = Vec::new();
    let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    if platform.id.is_empty() || platform.id.len() > 32 || !platform.id.bytes().all(plain) {
        problems.push("an id has 1 to 32 of a-z, 0-9 and -".into());
    }
    if !is_date(&platform.checked, 7) {
        problems.push(format!("checked is no month like 2026-10: {}", platform.checked));
    }
    if let Some(closed) = &platform.closed
        && !is_date(&closed.since, closed.since.len())
    {
        problems.push(format!("closed.since is no day or month: {}", closed.since));
    }
    if words(platform).any(|words| words.en.trim().is_empty() || words.zh.trim().is_empty()) {
        problems.push("words are missing in a language".into());
    }
    if platform.name.en.chars().count().max(platform.name.zh.chars().count()) > 28 {
        problems.push("its name is longer than 28 characters".into());
    }
    let empty = |rule: &&super::Refusal| rule.code.is_none() && rule.text.is_none() && rule.closes.is_none();
    if platform.refusals.iter().any(|rule| empty(&rule)) {
        problems.push("a refusal says nothing of how it looks".into());
    }
    let plain = |c: u8| c.is_ascii_alphanumeric() || b"=_-".contains(&c);
    if platform.rehearsal.as_ref().is_some_and(|flag| flag.is_empty() || !flag.bytes().all(plain)) {
        problems.push("rehearsal is one part of a query, like test=true".into());
    }
    if platform.free_name != (platform.key.kind == KeyKind::App) {
        problems.push("free_name goes with a key of kind app, and only with that".into());
    }
    problems
}

/// All that people read of a platform.
pub(super) fn words(platform: &Platform) -> impl Iterator<Item = &Words> {
    let Platform { name, key, closed, needs, notice, owner_press, viewer, .. } = platform;
    let said = [
        Some(name),
        Some(&key.hint),
        closed.as_ref().map(|closed| &closed.say),
        needs.as_ref(),
        notice.as_ref(),
        owner_press.as_ref().map(|press| &press.say),
        viewer.ask.as_ref(),
    ];
    let servers = platform.servers.iter().filter_map(|server| server.say.as_ref());
    let refusals = platform.refusals.iter().filter_map(|rule| rule.say.as_ref());
    said.into_iter().flatten().chain(servers).chain(refusals)
}

fn servers(platform: &Platform, catalogue: &Catalogue) -> Vec<String> {
    let mut problems = Vec::new();
    let like = platform.server_like.iter().map(|like| like.replace('…', "x"));
    for text in platform.servers.iter().map(|server| server.url.clone()).chain(like) {
        let Ok(url) = ServerUrl::parse(&text) else {
            problems.push(format!("{text} is no server's address"));
            continue;
        };
        // A host that is each user's own is nobody's.
        if url.host() == "x" {
            continue;
        }
        if !platform.pushes_to(url.host()) {
            problems.push(format!("none of its hosts is that of {text}"));
        }
        if (platform.tls == Tls::Only && !url.tls()) || (platform.tls == Tls::No && url.tls()) {
            problems.push(format!("{text} and tls contradict each other"));
        }
        for other in catalogue.all().iter().filter(|other| other.id != platform.id && other.pushes_to(url.host())) {
            if !platform.shares_hosts_with.contains(&other.id) || !other.shares_hosts_with.contains(&platform.id) {
                problems.push(format!("{text} is one of {}'s hosts too; name each in shares_hosts_with", other.id));
            }
        }
    }
    problems
}

/// Whether every name in braces can be known.
fn places(platform: &Platform) -> Vec<String> {
    let mut known: BTreeSet<&str> = BTreeSet::new();
    known.extend(platform.application.iter().flat_map(|_| GIVEN));
    known.extend(platform.viewer.pages.iter().chain(&platform.viewer.key).flat_map(super::Pattern::names));
    known.extend(platform.lookups.iter().map(|lookup| lookup.to.as_str()));
    let mut texts: Vec<&str> = platform.viewer.link.iter().map(String::as_str).collect();
    for page in &platform.status {
        texts.extend([page.url.as_str(), page.pointer.as_str()]);
        texts.extend(page.body.iter().map(|body| body.text.as_str()));
    }
    texts.extend(platform.lookups.iter().map(|lookup| lookup.url.as_str()));
    texts.extend(platform.thumbnail.iter().map(|thumbnail| thumbnail.url.as_str()));
    let mut problems: Vec<_> = texts
        .iter()
        .flat_map(|text| super::viewer::placeholders(text))
        .filter(|name| !known.contains(name))
        .map(|name| format!("nothing tells {{{name}}}"))
        .collect();
    let web = |text: &&str| text.starts_with("https://");
    let links = platform.viewer.link.iter().chain(platform.owner_press.iter().filter_map(|press| press.link.as_ref()));
    let asked = platform.status.iter().map(|page| &page.url).chain(platform.lookups.iter().map(|lookup| &lookup.url));
    let asked = asked.chain(platform.application.iter().filter_map(|application| application.token_url.as_ref()));
    let asked = asked.chain(platform.thumbnail.iter().map(|thumbnail| &thumbnail.url));
    problems.extend(application(platform));
    problems.extend(
        links.chain(asked).map(String::as_str).filter(|text| !web(text)).map(|text| format!("{text} is not https://")),
    );
    problems
}

/// Whether what the host was given goes where the catalogue says, and in a shape that can be sent.
fn application(platform: &Platform) -> Vec<String> {
    let pages = platform.status.iter().map(|page| (page.access, &page.url));
    let asks = pages.chain(platform.lookups.iter().map(|lookup| (lookup.access, &lookup.url)));
    let asks: Vec<_> = asks.filter(|(access, _)| *access == Access::Application).map(|(_, url)| url).collect();
    let mut problems = Vec::new();
    if platform.application.is_none() && !asks.is_empty() {
        problems.push("a page asks for an application, and none is told of".into());
    }
    let host = |url: &str| url.split('/').nth(2).unwrap_or_default().to_owned();
    let loose = asks.iter().filter(|url| host(url).contains('{'));
    problems.extend(loose.map(|url| format!("{url} gets what the host was given, and is at no fixed host")));
    if let Some(application) = &platform.application {
        let known = |name: &str| GIVEN.contains(&name) || (application.token_url.is_some() && name == "app_token");
        let sound = |name: &str, value: &str| {
            name.parse::<reqwest::header::HeaderName>().is_ok() && super::viewer::placeholders(value).all(known)
        };
        let headers = application.headers.iter().filter(|(name, value)| !sound(name, value));
        problems.extend(headers.map(|(name, value)| format!("{name}: {value} is no header")));
    }
    problems
}

/// `2026-10` or `2026-10-31`, as long as `length` says.
fn is_date(text: &str, length: usize) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let digits = |part: &&str, count: usize| part.len() == count && part.bytes().all(|b| b.is_ascii_digit());
    let sound = parts.iter().zip([4, 2, 2]).all(|(part, count)| digits(part, count));
    sound && (2..=3).contains(&parts.len()) && text.len() == length
}
