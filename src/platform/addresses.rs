//! The addresses of a paste: push servers, pages that people watch, and what is neither.

use super::labels::Label;
use super::split::split;
use super::words::Word;
use super::{Catalogue, Platform, Tls, viewer};

/// A push server as it stands in a paste.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) url: String,
    /// Its scheme was missing or a web page's.
    pub(super) mended: bool,
    /// Nothing else is on its line.
    pub(super) alone: bool,
    /// It stands under the key's label.
    pub(super) under_key: bool,
    backup: bool,
}

/// What of a paste has an address's form.
#[derive(Default)]
pub(super) struct Addresses<'w, 't> {
    servers: Vec<Server>,
    pages: Vec<String>,
    /// Addresses of other protocols.
    foreign: Vec<&'t str>,
    others: Vec<&'w Word<'t>>,
    /// There was a push address of a player.
    plays: bool,
}

enum Kind {
    Push(String, bool),
    Page(String),
    Foreign,
    Other,
}

impl<'w, 't> Addresses<'w, 't> {
    pub(super) fn of(words: &'w [Word<'t>], catalogue: &Catalogue, command: bool) -> Self {
        let mut all = Self::default();
        let mut words = words.iter().peekable();
        while let Some(word) = words.next() {
            if command && word.input {
                continue;
            }
            match kind(word, catalogue) {
                Kind::Push(..) if word.label == Some(Label::Play) => all.plays = true,
                Kind::Push(mut url, mended) => {
                    if let Some(rest) = words.peek()
                        && is_broken_off(&url, rest.text, catalogue)
                    {
                        url.push_str(rest.text);
                        words.next();
                    }
                    let under_key = word.label == Some(Label::Key);
                    let backup = word.label == Some(Label::Backup);
                    all.servers.push(Server { url, mended, alone: word.alone, under_key, backup });
                }
                Kind::Page(url) => all.pages.push(url),
                Kind::Foreign => all.foreign.push(word.text),
                Kind::Other => all.others.push(word),
            }
        }
        let mut seen: Vec<String> = Vec::new();
        all.servers.retain(|server| {
            let url = server.url.trim_end_matches('/').to_owned();
            let new = !seen.contains(&url);
            seen.push(url);
            new
        });
        all
    }

    pub(super) fn others(&self) -> Vec<&'w Word<'t>> {
        self.others.clone()
    }

    /// The server that is meant: the first that is no backup, with TLS where the same host is there with and without.
    pub(super) fn server(&self, catalogue: &Catalogue) -> Option<&Server> {
        let backup = |server: &&Server| server.backup || is_backup(&server.url, catalogue);
        let first = self.servers.iter().find(|server| !backup(server)).or(self.servers.first())?;
        let tls = |server: &&Server| server.url.starts_with("rtmps://") && host_of(&server.url) == host_of(&first.url);
        self.servers.iter().find(tls).or(Some(first))
    }

    /// Whose `server` is, or else whose page or foreign address is there.
    pub(super) fn platform<'c>(
        &self,
        server: Option<&Server>,
        catalogue: &'c Catalogue,
        chosen: Option<&'c Platform>,
    ) -> Option<&'c Platform> {
        let real = |platform: &'c Platform| (platform.id != "custom").then_some(platform);
        match server {
            Some(server) => real(catalogue.by_host(host_of(&server.url), None, chosen)).or(chosen),
            None => {
                let foreign = || self.foreign.iter().find_map(|url| real(catalogue.by_host(host_of(url), None, None)));
                let page = || self.pages.iter().find_map(|url| catalogue.of_page(url));
                chosen.or_else(foreign).or_else(page)
            }
        }
    }

    pub(super) fn has_more_servers(&self) -> bool {
        self.servers.len() > 1
    }

    /// Whether there are whole targets with different keys.
    pub(super) fn has_several_targets(&self, catalogue: &Catalogue, platform: &Platform) -> bool {
        let keys = self.servers.iter().map(|server| {
            let whose = match catalogue.by_host(host_of(&server.url), None, Some(platform)) {
                custom if custom.id == "custom" => platform,
                known => known,
            };
            split(&server.url, whose).1
        });
        let mut keys = keys.filter(|key| !key.is_empty());
        keys.next().is_some_and(|first| keys.any(|key| key != first))
    }

    /// A link to a page that people watch.
    pub(super) fn link(&self) -> Option<String> {
        self.pages.iter().find_map(|url| viewer::check_link(url).ok())
    }

    pub(super) fn page(&self) -> bool {
        !self.pages.is_empty() || self.plays
    }

    pub(super) fn foreign(&self) -> bool {
        !self.foreign.is_empty()
    }
}

/// Whether the catalogue has `url` as a server for when the first one fails.
fn is_backup(url: &str, catalogue: &Catalogue) -> bool {
    let host = host_of(url);
    let platform = catalogue.by_host(host, None, None);
    platform.server_query && url.contains("backup=")
}

/// Whether `rest` broke off from the end of `url`: together they are a server of the catalogue.
fn is_broken_off(url: &str, rest: &str, catalogue: &Catalogue) -> bool {
    let whole = format!("{url}{rest}");
    let platform = catalogue.by_host(host_of(url), None, None);
    let same = |known: &str| after_host(known).trim_end_matches('/') == after_host(&whole).trim_end_matches('/');
    platform.id != "custom"
        && !platform
            .servers
            .iter()
            .any(|server| after_host(&server.url).trim_end_matches('/') == after_host(url).trim_end_matches('/'))
        && platform.servers.iter().any(|server| same(&server.url))
}

fn after_host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or("", |at| &rest[at..])
}

fn kind(word: &Word<'_>, catalogue: &Catalogue) -> Kind {
    let text = word.text;
    let host = host_of(text);
    let known = || catalogue.by_host(host, None, None);
    let scheme =
        |platform: &Platform| if platform.tls == Tls::Only || host.contains("rtmps") { "rtmps" } else { "rtmp" };
    if word.address {
        let (typed, rest) = text.split_once("://").unwrap_or_default();
        return match typed.to_ascii_lowercase().as_str() {
            "rtmp" | "rtmps" => Kind::Push(text.to_owned(), false),
            "http" | "https" if is_upload(text, word.label) => Kind::Foreign,
            "http" | "https" => match known() {
                platform
                    if platform.id != "custom" && (is_listed(platform, host) || catalogue.of_page(text).is_none()) =>
                {
                    Kind::Push(format!("{}://{rest}", scheme(platform)), true)
                }
                _ => Kind::Page(text.to_owned()),
            },
            _ => Kind::Foreign,
        };
    }
    if !text.contains('.') || text.contains(['?', '=']) && !text.contains('/') {
        return Kind::Other;
    }
    let page = format!("https://{text}");
    if text.contains('/') && catalogue.of_page(&page).is_some() {
        return Kind::Page(page);
    }
    let platform = known();
    // Without a scheme only a platform's host or the server's own label tells what it is.
    let labelled = matches!(word.label, Some(Label::Server | Label::Backup)) && word.sure && looks_like_host(text);
    if platform.id != "custom" || labelled {
        Kind::Push(format!("{}://{text}", scheme(platform)), true)
    } else {
        Kind::Other
    }
}

/// Whether one of the platform's own servers has this host.
fn is_listed(platform: &Platform, host: &str) -> bool {
    platform.servers.iter().any(|server| host_of(&server.url).eq_ignore_ascii_case(host))
}

/// `push.example.cn:1935/live`
fn looks_like_host(text: &str) -> bool {
    let host = host_of(text);
    let parts = || host.split('.');
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    text.contains('/') && parts().count() > 1 && parts().all(plain)
}

/// WHIP, and HLS or DASH that an encoder uploads.
fn is_upload(url: &str, label: Option<Label>) -> bool {
    let lower = url.to_ascii_lowercase();
    ["webrtc/publish", "/whip", "http_upload_hls", "dash_upload", "upload_hls"].iter().any(|part| lower.contains(part))
        || label == Some(Label::Other)
}

pub(super) fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = &rest[..rest.find('/').unwrap_or(rest.len())];
    // User and password may stand before it.
    let host = authority.rsplit('@').next().unwrap_or_default();
    if host.starts_with('[') {
        return &host[..host.find(']').map_or(host.len(), |end| end + 1)];
    }
    &host[..host.find(['?', ':']).unwrap_or(host.len())]
}
