//! Understands what people paste: both boxes in one message in any order and language, one URL, a command, what a
//! picture of a settings page reads, swapped boxes, a viewer page by mistake. What it did to the text it says, so that
//! people can look; nothing that it says holds a key.

use super::addresses::{Addresses, host_of};
use super::choose::{Candidates, Found, looks_like_key};
use super::{Catalogue, Platform, clean::clean, split::split, whose, words::words};
use crate::domain::login::Login;
use crate::domain::rtmp_url::{ServerUrl, UrlFault};
use crate::domain::secret::{KeyFault, StreamKey};
use std::fmt;

/// Longest text that is looked at, in bytes. Telegram's own messages have at most 4096 characters.
const MAX_TEXT: usize = 16 * 1024;

/// What a pasted text holds. `Debug` shows of it what people may see.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Understood {
    /// Whose it is, where the text tells: the id of a platform of the catalogue.
    pub platform: Option<String>,
    /// The push server, with the login where there is one.
    pub server: Option<ServerUrl>,
    /// The stream key.
    pub key: Option<StreamKey>,
    /// User and password, where both were found; with the server too, where that was.
    pub login: Option<Login>,
    /// A link to the page that people watch, checked.
    pub link: Option<String>,
    /// What was done to the text, for people to look at.
    pub notes: Vec<PasteNote>,
    /// What a person should mend; whatever else was found stands beside it.
    pub fault: Option<PasteFault>,
}

impl fmt::Debug for Understood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { platform, server, key, login, link, notes, fault } = self;
        let mut out = f.debug_struct("Understood");
        out.field("platform", platform).field("server", server).field("key", key).field("login", login);
        // Links hold tokens too.
        out.field("link", &link.as_deref().map(host_of)).field("notes", notes).field("fault", fault).finish()
    }
}

/// Something done to a pasted text that a person should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasteNote {
    /// Server and key stood in each other's box.
    Swapped,
    /// One URL was cut into server and key.
    Split,
    /// The key had lost the `?` that it begins with.
    QuestionMarkAdded,
    /// `rtmp://` or `rtmps://` was missing, or stood there as `https://`.
    SchemeAdded,
    /// The platform's app was missing from the server.
    AppAdded,
    /// The key stood in the server too, where it does not belong.
    KeyRepeated,
    /// There was a link to the page that people watch.
    ViewerPage,
    /// There was more than one server of the same show; the first that is no backup was taken.
    MoreServers,
    /// There were a user and a password.
    Login,
    /// There were a user and a password before the server's host.
    LoginInAddress,
    /// The server is of another platform than the one that was chosen.
    OtherPlatform,
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
    /// Only an address of SRT, WebRTC, RTSP, HLS or the like.
    #[error("that address is not RTMP")]
    Protocol,
    /// The server cannot be used.
    #[error(transparent)]
    Server(UrlFault),
    /// The key cannot be used.
    #[error(transparent)]
    Key(KeyFault),
    /// More than one word might be the key.
    #[error("it is not clear which word is the key")]
    SeveralKeys,
    /// More than one whole target.
    #[error("there is more than one place to send to in this")]
    SeveralTargets,
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
    let cleaned = clean(text);
    let tile = platform.filter(|p| p.id != "custom");
    let chosen = tile.or_else(|| whose::named(&cleaned, catalogue));
    let words = words(&cleaned);
    let lower = cleaned.to_ascii_lowercase();
    let command = lower.contains("ffmpeg") || lower.contains("gst-launch");
    let addresses = Addresses::of(&words, catalogue, command);
    let server = addresses.server(catalogue);
    let known = addresses.platform(server, catalogue, chosen);
    let host = known.unwrap_or_else(|| catalogue.get_or_custom("custom"));
    let candidates = Candidates::new(addresses.others(), command);
    let key = candidates.key(host, server.is_some_and(|server| server.under_key));
    found.take(&addresses, catalogue, host, key);
    let by_key = || found.key.as_ref().and_then(|key| whose::by_key(key, catalogue, found.server.is_some()));
    let whose = known.filter(|known| known.id != "custom").or_else(by_key);
    let whose = whose.map(|first| match (&found.server, &found.key) {
        (Some(server), Some(key)) => match catalogue.recognise(server, key, chosen) {
            custom if custom.id == "custom" => first,
            known => known,
        },
        _ => first,
    });
    found.platform = whose.map(|platform| platform.id.clone());
    found.take_login(candidates.login());
    let other = |tile: &Platform| found.server.is_some() && whose.is_some_and(|platform| platform.id != tile.id);
    if tile.is_some_and(other) {
        found.note(PasteNote::OtherPlatform);
    }
    found.judge(&addresses);
    found
}

impl Understood {
    fn note(&mut self, note: PasteNote) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Server and key, which may stand in one address.
    fn take(
        &mut self,
        addresses: &Addresses<'_, '_>,
        catalogue: &Catalogue,
        platform: &Platform,
        key: Result<Option<Found<'_>>, ()>,
    ) {
        let Some(server) = addresses.server(catalogue) else {
            match key {
                Ok(Some(key)) => self.take_key(key.text, platform),
                Ok(None) => {}
                Err(()) => self.fault = Some(PasteFault::SeveralKeys),
            }
            return;
        };
        if server.mended {
            self.note(PasteNote::SchemeAdded);
        }
        let (before, inside) = split(&server.url, platform);
        let key = match key {
            // Only its looks speak for a word beside an address that holds a key.
            Ok(Some(key)) if key.guessed && !inside.is_empty() && !server.alone => Ok(None),
            Err(()) if !inside.is_empty() => Ok(None),
            key => key,
        };
        let (address, key) = match key {
            Ok(Some(key)) => {
                if key.swapped {
                    self.note(PasteNote::Swapped);
                }
                let name = key.text.split('?').next().unwrap_or_default();
                let bare = inside.trim_end_matches('/').trim_start_matches('?');
                let same = bare == key.text.trim_start_matches('?') || (!name.is_empty() && bare == name);
                if same && !bare.is_empty() {
                    self.note(PasteNote::KeyRepeated);
                }
                // A key in the place of the app.
                if let Some(rest) = server.url.strip_suffix(key.text).and_then(|rest| rest.strip_suffix('/'))
                    && inside.is_empty()
                    && looks_like_key(key.text)
                {
                    self.note(PasteNote::KeyRepeated);
                    self.take_server(rest, platform);
                    return self.take_key(key.text, platform);
                }
                (if same && !bare.is_empty() { before } else { server.url.as_str() }, Some(key.text))
            }
            Ok(None) if addresses.has_several_targets(catalogue, platform) => {
                self.fault = Some(PasteFault::SeveralTargets);
                return;
            }
            Ok(None) if inside.is_empty() => (before, None),
            Ok(None) => {
                self.note(PasteNote::Split);
                (before, Some(inside))
            }
            Err(()) => {
                self.fault = Some(PasteFault::SeveralKeys);
                (server.url.as_str(), None)
            }
        };
        self.take_server(address, platform);
        if addresses.has_more_servers() {
            self.note(PasteNote::MoreServers);
        }
        if let Some(text) = key {
            self.take_key(text, platform);
        }
    }

    fn take_server(&mut self, text: &str, platform: &Platform) {
        let mut parsed = ServerUrl::parse(text);
        let default = platform.default_server();
        let app = platform.app.as_deref().or(default.as_ref().map(ServerUrl::app));
        if let (Err(UrlFault::NoApp), Some(app)) = (&parsed, app) {
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
        let lost = lost.or_else(|| text.starts_with("streamname=live_").then_some("streamname=live_"));
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

    fn take_login(&mut self, login: Option<(&str, &str)>) {
        let Some(login) = login.and_then(|(user, password)| Login::new(user, password)) else {
            self.login = self.server.as_ref().and_then(ServerUrl::login).cloned();
            if self.login.is_some() {
                self.note(PasteNote::LoginInAddress);
            }
            return;
        };
        self.server = self.server.take().map(|server| server.with_login(login.clone()));
        self.login = Some(login);
        self.note(PasteNote::Login);
    }

    /// What of pages and foreign addresses a person should know.
    fn judge(&mut self, addresses: &Addresses<'_, '_>) {
        self.link = addresses.link().filter(|_| !addresses.foreign() || self.server.is_some());
        if self.link.is_some() {
            self.note(PasteNote::ViewerPage);
        }
        if self.fault.is_some() || self.server.is_some() {
            return;
        }
        self.fault = match (addresses.foreign(), addresses.page(), &self.key) {
            (true, ..) => Some(PasteFault::Protocol),
            (_, true, None) => Some(PasteFault::ViewerPage),
            (_, _, None) if self.login.is_none() => Some(PasteFault::Nothing),
            _ => None,
        };
        if self.fault == Some(PasteFault::Protocol) {
            self.key = None;
        }
    }
}
