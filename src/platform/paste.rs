//! Understands what people paste: both boxes in one message, one URL, swapped boxes, a viewer page by mistake, HTML's
//! `&amp;`, full-width characters, a key that lost its `?`. What it did to the text it says, so that people can look.

use super::words::{Label, Word, clean, words};
use super::{Catalogue, Platform, Tls, split::split, viewer};
use crate::domain::rtmp_url::{ServerUrl, UrlFault};
use crate::domain::secret::{KeyFault, StreamKey};

/// Longest text that is looked at, in bytes. Telegram's own messages have at most 4096 characters.
const MAX_TEXT: usize = 16 * 1024;

/// What a pasted text holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Understood {
    /// The push server.
    pub server: Option<ServerUrl>,
    /// The stream key.
    pub key: Option<StreamKey>,
    /// What was done to the text, for people to look at.
    pub notes: Vec<PasteNote>,
    /// What a person should mend; whatever else was found stands beside it.
    pub fault: Option<PasteFault>,
}

/// Something done to a pasted text that a person should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasteNote {
    /// Server and key stood in each other's box.
    Swapped,
    /// One URL was cut into server and key.
    Split,
    /// The key had lost the `?` that it begins with.
    QuestionMarkAdded,
    /// `rtmp://` or `rtmps://` was missing.
    SchemeAdded,
    /// The platform's app was missing from the server.
    AppAdded,
    /// There was a link to the page that people watch, checked.
    ViewerPage(String),
    /// There was more than one server; the first was taken.
    MoreServers,
}

/// What is wrong with a pasted text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasteFault {
    /// Neither a server nor a key.
    #[error("there is neither a server nor a key in this")]
    Nothing,
    /// Only a page that people watch.
    #[error("that is the page that people watch, not where an encoder sends")]
    ViewerPage,
    /// The server cannot be used.
    #[error(transparent)]
    Server(UrlFault),
    /// The key cannot be used.
    #[error(transparent)]
    Key(KeyFault),
    /// More than one word might be the key.
    #[error("it is not clear which word is the key")]
    SeveralKeys,
    /// More text than any server and key.
    #[error("that is too long")]
    TooLong,
}

/// Reads `text` as people write it who paste what belongs to a platform of `catalogue`; `platform` is the one that the
/// person chose, if they did.
#[must_use]
pub fn understand(text: &str, catalogue: &Catalogue, platform: Option<&Platform>) -> Understood {
    let mut found = Understood::default();
    if text.len() > MAX_TEXT {
        found.fault = Some(PasteFault::TooLong);
        return found;
    }
    let platform = platform.filter(|p| p.id != "custom");
    let words = words(&clean(text));
    let mut servers = Vec::new();
    let mut others = Vec::new();
    let mut page = false;
    for word in &words {
        match kind(word, catalogue) {
            Kind::Push(url) => servers.push((word.label, url)),
            Kind::Schemeless(url) => {
                found.note(PasteNote::SchemeAdded);
                servers.push((word.label, url));
            }
            Kind::Page(url) => {
                page = true;
                if let Ok(link) = viewer::check_link(url) {
                    found.note(PasteNote::ViewerPage(link));
                }
            }
            Kind::Foreign => found.fault = Some(PasteFault::Server(UrlFault::Scheme)),
            Kind::Other => others.push(word),
        }
    }
    servers.dedup_by(|b, a| a.1 == b.1);
    if servers.len() > 1 {
        found.note(PasteNote::MoreServers);
    }
    let url = servers.first().map(|(_, url)| url.as_str());
    let host = url.map(host_of).unwrap_or_default();
    let known = match catalogue.by_host(host, None, platform) {
        custom if custom.id == "custom" => platform.unwrap_or(custom),
        known => known,
    };
    let mut key = match choose_key(&others, known) {
        Ok(word) => word.map(|word| word.text.clone()),
        Err(fault) => {
            found.fault = Some(fault);
            None
        }
    };
    if let (Some((Some(Label::Key), _)), Some(_)) = (servers.first(), &key) {
        found.note(PasteNote::Swapped);
    }
    if let Some(url) = url {
        let server = match &key {
            // The whole URL and the key once more.
            Some(key) => match url.strip_suffix(key.as_str()).filter(|rest| rest.ends_with('/')) {
                Some(rest) if rest.matches('/').count() > 3 => rest,
                _ => url,
            },
            None if found.fault.is_none() => {
                let (server, rest) = split(url, known);
                if !rest.is_empty() {
                    found.note(PasteNote::Split);
                    key = Some(rest.to_owned());
                }
                server
            }
            None => url,
        };
        found.take_server(server, known);
    }
    if let Some(text) = key {
        found.take_key(&text, known);
    }
    if found.fault.is_none() && found.server.is_none() && found.key.is_none() {
        found.fault = Some(if page { PasteFault::ViewerPage } else { PasteFault::Nothing });
    }
    found
}

impl Understood {
    fn note(&mut self, note: PasteNote) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    fn take_server(&mut self, text: &str, platform: &Platform) {
        let mut parsed = ServerUrl::parse(text);
        if let (Err(UrlFault::NoApp), Some(app)) = (&parsed, &platform.app) {
            self.note(PasteNote::AppAdded);
            parsed = ServerUrl::parse(&format!("{}/{app}", text.trim_end_matches('/')));
        }
        match parsed {
            Ok(server) => self.server = Some(server),
            Err(fault) => self.fault = Some(PasteFault::Server(fault)),
        }
    }

    fn take_key(&mut self, text: &str, platform: &Platform) {
        let lost = platform.key.starts.as_deref().and_then(|start| start.strip_prefix('?'));
        let mended = match lost {
            Some(start) if text.starts_with(start) => {
                self.note(PasteNote::QuestionMarkAdded);
                format!("?{text}")
            }
            _ => text.to_owned(),
        };
        match StreamKey::parse(&mended) {
            Ok(key) => self.key = Some(key),
            Err(fault) => self.fault = Some(PasteFault::Key(fault)),
        }
    }
}

/// The one word of `others` that is the key: a labelled one, else one that looks like the platform's, else the only one.
fn choose_key<'w>(others: &[&'w Word], platform: &Platform) -> Result<Option<&'w Word>, PasteFault> {
    let one = |words: Vec<&'w Word>| match words.as_slice() {
        [] => None,
        [first, rest @ ..] if rest.iter().all(|word| word.text == first.text) => Some(Ok(Some(*first))),
        _ => Some(Err(PasteFault::SeveralKeys)),
    };
    // Under the server's label a key can only stand by mistake, which is told; all other words are candidates.
    let shaped = |word: &&&Word| platform.key.starts.as_deref().is_some_and(|start| begins(&word.text, start));
    let plain = |word: &&&Word| word.text.chars().all(|c| c.is_ascii_graphic());
    one(others.iter().filter(|word| word.label == Some(Label::Key)).copied().collect())
        .or_else(|| one(others.iter().filter(shaped).copied().collect()))
        .or_else(|| one(others.iter().filter(plain).copied().collect()))
        .unwrap_or(Ok(None))
}

fn begins(text: &str, start: &str) -> bool {
    text.starts_with(start) || start.strip_prefix('?').is_some_and(|bare| text.starts_with(bare))
}

enum Kind<'w> {
    Push(String),
    Schemeless(String),
    Page(&'w str),
    /// A URL of a protocol that Telecast does not push.
    Foreign,
    Other,
}

fn kind<'w>(word: &'w Word, catalogue: &Catalogue) -> Kind<'w> {
    let text = word.text.as_str();
    let lower = text.to_ascii_lowercase();
    // Whatever is glued to the front of a URL is a label or chatter; inside a query it is part of a key.
    let starts = |scheme: &str| lower.find(scheme).filter(|at| !lower[..*at].contains(['?', '&', '=']));
    for scheme in ["rtmps://", "rtmp://"] {
        if let Some(at) = starts(scheme) {
            return Kind::Push(text[at..].to_owned());
        }
    }
    for scheme in ["https://", "http://"] {
        if let Some(at) = starts(scheme) {
            return Kind::Page(&text[at..]);
        }
    }
    // srt, rtsp, ftp …: no stream key has this outside a query.
    if starts("://").is_some() {
        return Kind::Foreign;
    }
    let known = catalogue.by_host(host_of(text), None, None);
    if known.id != "custom" && text.contains('.') {
        let scheme = if known.tls == Tls::Only || host_of(text).contains("rtmps") { "rtmps" } else { "rtmp" };
        return Kind::Schemeless(format!("{scheme}://{text}"));
    }
    let page = catalogue.of_page(&format!("https://{text}")).is_some() && text.contains('/');
    if page { Kind::Page(text) } else { Kind::Other }
}

fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = &rest[..rest.find('/').unwrap_or(rest.len())];
    // User and password may stand before it.
    let host = authority.rsplit('@').next().unwrap_or_default();
    &host[..host.find(['?', ':']).unwrap_or(host.len())]
}
