//! A platform's server address. Server and key are kept apart and never joined and split again.

use crate::domain::login::{Login, MAX_LOGIN};
use crate::domain::secret::StreamKey;
use std::fmt;
use url::Url;
use zeroize::Zeroizing;

/// Longest server address taken, in bytes; a login in it has bounds of its own.
pub const MAX_SERVER: usize = 1024;
/// From this length on, the first word of a path with a digit in it may be a key that was pasted as a part of the server.
const LIKE_A_KEY: usize = 16;

/// Whether the first word of a server's path may be a key, and is not to be shown.
#[must_use]
pub fn is_like_a_key(word: &str) -> bool {
    word.len() >= LIKE_A_KEY && word.bytes().any(|b| b.is_ascii_digit())
}

/// Where a push goes, or a pull comes from: what the dialler needs and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushPoint {
    /// The server address.
    pub server: ServerUrl,
    /// The publish name, or the name that is played, verbatim.
    pub key: StreamKey,
}

impl PushPoint {
    /// Reads server and name out of one URL, which may hold a login: a query belongs to the name, so the last slash before
    /// it is where the name begins. A path of one part is the application, and there is no name.
    ///
    /// # Errors
    /// [`UrlFault`] names what a person should mend; without a name it is [`UrlFault::NoApp`].
    pub fn from_url(url: &str) -> Result<Self, UrlFault> {
        let url = url.trim();
        // A whole URL that is no address is told by what is wrong with it.
        let whole = ServerUrl::parse(url)?;
        // A password may hold a question mark.
        let host = url.find("://").map_or(0, |scheme| scheme + 3);
        let path = url[host..].find('/').map_or(url.len(), |slash| host + slash);
        let end = url[path..].find('?').map_or(url.len(), |query| path + query);
        if url.get(path + 1..end).is_some_and(|app| !app.is_empty() && !app.contains('/')) {
            return Ok(Self { server: whole, key: StreamKey::nameless() });
        }
        let (server, _) = url[..end].rsplit_once('/').ok_or(UrlFault::NoApp)?;
        let name = &url[server.len() + 1..];
        let server = ServerUrl::parse(server).map_err(|_| UrlFault::NoApp)?;
        Ok(Self { server, key: StreamKey::parse(name).map_err(|_| UrlFault::NoApp)? })
    }

    /// Whether both are the same stream's, on whatever server. The secret of a nameless one is its address.
    #[must_use]
    pub fn has_key_of(&self, other: &Self) -> bool {
        self.key == other.key && (!self.key.is_nameless() || self.server == other.server)
    }
}

/// An `rtmp://` or `rtmps://` address without a stream key. Its path may hold a secret (Azure style), and a login may
/// stand before its host, so it has no `Display` and `Debug` prints [`ServerUrl::shown`].
#[derive(Clone, PartialEq, Eq)]
pub struct ServerUrl {
    tls: bool,
    host: String,
    port: Option<u16>,
    app: String,
    login: Option<Login>,
}

/// What is wrong with a text that should be a server address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlFault {
    /// Nothing there.
    #[error("the server address is empty")]
    Empty,
    /// More than [`MAX_SERVER`] bytes.
    #[error("the server address is longer than {MAX_SERVER} bytes")]
    TooLong,
    /// A web page: what people watch, not where an encoder sends.
    #[error("that is a web page, not a push server")]
    WebPage,
    /// Neither `rtmp://` nor `rtmps://`.
    #[error("a push server begins with rtmp:// or rtmps://")]
    Scheme,
    /// No host, a bad port, blanks, a user without a password, a fragment.
    #[error("the server address cannot be read")]
    Malformed,
    /// Nothing after the host: RTMP needs an application.
    #[error("the server address has nothing after its host")]
    NoApp,
}

impl ServerUrl {
    /// Reads a server address as people paste it.
    ///
    /// # Errors
    /// [`UrlFault`] names what a person should mend.
    pub fn parse(text: &str) -> Result<Self, UrlFault> {
        let text = text.trim();
        if text.is_empty() {
            return Err(UrlFault::Empty);
        }
        // A login that was escaped byte by byte, and what stands between the parts.
        if text.len() > MAX_SERVER + 6 * MAX_LOGIN + "://:@//".len() {
            return Err(UrlFault::TooLong);
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(UrlFault::Malformed);
        }
        let (scheme, rest) = text.split_once("://").ok_or(UrlFault::Scheme)?;
        let tls = match scheme.to_ascii_lowercase().as_str() {
            "rtmp" => false,
            "rtmps" => true,
            "http" | "https" => return Err(UrlFault::WebPage),
            _ => return Err(UrlFault::Scheme),
        };
        // The URL parser judges host and port; path and query stay as they were typed.
        let (authority, app) = rest.split_once('/').unwrap_or((rest, ""));
        // Passwords hold anything, so the last `@` parts them from the host.
        let (login, authority) = match authority.rsplit_once('@') {
            Some((login, host)) => (Some(Login::from_userinfo(login).ok_or(UrlFault::Malformed)?), host),
            None => (None, authority),
        };
        let parsed = Url::parse(&format!("ftp://{authority}/")).map_err(|_| UrlFault::Malformed)?;
        if authority.contains('#') || app.contains('#') || parsed.query().is_some() {
            return Err(UrlFault::Malformed);
        }
        let host = parsed.host_str().filter(|h| !h.is_empty()).ok_or(UrlFault::Malformed)?;
        // `Url` drops a port that is its scheme's default, so the typed one is read here.
        let port = match authority.rsplit_once(':') {
            Some((before, port)) if !before.is_empty() && !port.contains(']') => {
                Some(port.parse().ok().filter(|p| *p != 0).ok_or(UrlFault::Malformed)?)
            }
            _ => None,
        };
        let app = app.strip_suffix('/').unwrap_or(app);
        let server = Self { tls, host: host.to_owned(), port, app: app.to_owned(), login };
        // As it is kept: a host in other letters is longer there than it was typed.
        if server.scheme().len() + server.authority().len() + app.len() > MAX_SERVER {
            return Err(UrlFault::TooLong);
        }
        if app.is_empty() {
            return Err(UrlFault::NoApp);
        }
        Ok(server)
    }

    /// Whether the address is `rtmps://`.
    #[must_use]
    pub fn tls(&self) -> bool {
        self.tls
    }

    /// The host, as typed, IPv6 in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port typed, else 1935 for RTMP and 443 for RTMPS.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(if self.tls { 443 } else { 1935 })
    }

    /// RTMP `app`: all after the host, with its query, without one trailing slash. May hold a secret.
    #[must_use]
    pub fn app(&self) -> &str {
        &self.app
    }

    /// RTMP `tcUrl`: names the real host, and the port only where it was typed. May hold a secret.
    #[must_use]
    pub fn tc_url(&self) -> String {
        format!("{}/{}", self.origin(), self.app)
    }

    /// User and password that stood before the host.
    #[must_use]
    pub fn login(&self) -> Option<&Login> {
        self.login.as_ref()
    }

    /// The same with `login`.
    #[must_use]
    pub fn with_login(self, login: Login) -> Self {
        Self { login: Some(login), ..self }
    }

    /// All of it, the login too, as [`ServerUrl::parse`] reads it again. Only what is sealed holds this.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<String> {
        // `parse` takes one trailing slash off, so an app that ends in one is given a second.
        let slash = if self.app.ends_with('/') { "/" } else { "" };
        let userinfo = self.login.as_ref().map(Login::userinfo);
        let (userinfo, at) = userinfo.as_ref().map_or(("", ""), |userinfo| (userinfo, "@"));
        let app = &self.app;
        Zeroizing::new(format!("{}://{userinfo}{at}{}/{app}{slash}", self.scheme(), self.authority()))
    }

    /// The address that a server names in place of this one: a URI reference (RFC 3986 §4.2; E-RTMP v2, "Reconnect
    /// Request"), or nothing for the same. Who is reached over TLS stays so, and the login is the same: the server could
    /// have asked for it as well.
    ///
    /// # Errors
    /// See [`ServerUrl::parse`]; [`UrlFault::Scheme`] where TLS would be left, [`UrlFault::Malformed`] where another login
    /// is named.
    pub fn resolve(&self, reference: &str) -> Result<Self, UrlFault> {
        if reference.is_empty() {
            return Ok(self.clone());
        }
        let scheme = self.scheme();
        let whole = if reference.contains("://") {
            reference.to_owned()
        } else if reference.starts_with("//") {
            format!("{scheme}:{reference}")
        } else if reference.starts_with('/') {
            format!("{}{reference}", self.origin())
        } else {
            let path = self.app.split('?').next().unwrap_or_default();
            let folder = path.rfind('/').map_or("", |end| &path[..=end]);
            format!("{}/{folder}{reference}", self.origin())
        };
        match Self::parse(&whole)? {
            Self { login: Some(_), .. } => Err(UrlFault::Malformed),
            Self { tls: false, .. } if self.tls => Err(UrlFault::Scheme),
            to => Ok(Self { login: self.login.clone(), ..to }),
        }
    }

    /// What may be shown: scheme, whether there is a login, host, port and the first word of the path, unless that is as
    /// long as a key.
    #[must_use]
    pub fn shown(&self) -> String {
        let end = self.app.find(['/', '?']).unwrap_or(self.app.len());
        let rest = if end < self.app.len() { "/•••" } else { "" };
        let first = &self.app[..end];
        let first = if is_like_a_key(first) { "•••" } else { first };
        format!("{}/{first}{rest}", self.shown_host())
    }

    /// The same without the path.
    #[must_use]
    pub fn shown_host(&self) -> String {
        let login = if self.login.is_some() { "•••@" } else { "" };
        format!("{}://{login}{}", self.scheme(), self.authority())
    }

    fn origin(&self) -> String {
        format!("{}://{}", self.scheme(), self.authority())
    }

    fn scheme(&self) -> &'static str {
        if self.tls { "rtmps" } else { "rtmp" }
    }

    fn authority(&self) -> String {
        let port = self.port.map(|p| format!(":{p}")).unwrap_or_default();
        format!("{}{port}", self.host)
    }
}

impl fmt::Debug for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_same_on_another_server_unless_the_address_is_the_key() {
        let point = |url| PushPoint::from_url(url).unwrap();
        let (a, b) = (point("rtmp://a.example/live/key-1"), point("rtmp://b.example/live/key-1"));
        assert!(a.has_key_of(&b) && !a.has_key_of(&point("rtmp://a.example/live/key-2")));
        let (c, d) = (point("rtmp://a.example/secret-1"), point("rtmp://a.example/secret-2"));
        assert!(c.has_key_of(&c.clone()) && !c.has_key_of(&d));
    }

    #[test]
    fn an_address_is_split_as_obs_splits_it() {
        let url = ServerUrl::parse("rtmps://b.rtmps.youtube.com:443/live2?backup=1").unwrap();
        assert!(url.tls());
        assert_eq!((url.host(), url.port(), url.app()), ("b.rtmps.youtube.com", 443, "live2?backup=1"));
        assert_eq!(url.tc_url(), "rtmps://b.rtmps.youtube.com:443/live2?backup=1");
        let url = ServerUrl::parse(" rtmp://live-push.bilivideo.com/live-bvc/ ").unwrap();
        assert_eq!(url.tc_url(), "rtmp://live-push.bilivideo.com/live-bvc");
        assert_eq!(ServerUrl::parse("RTMP://[::1]:1936/live").unwrap().port(), 1936);
    }

    #[test]
    fn a_url_is_split_before_its_last_part_and_its_query_belongs_to_that() {
        for (url, server, name) in [
            ("rtmp://a.example/live/key", "rtmp://a.example/live", "key"),
            (" rtmps://a.example:1/live/room/key?a=b/c \n", "rtmps://a.example:1/live/room", "key?a=b/c"),
            ("rtmp://a.example/live/?streamname=x&key=y", "rtmp://a.example/live", "?streamname=x&key=y"),
            ("rtmp://a.example/room", "rtmp://a.example/room", ""),
            ("rtmp://a.example/room?token=a/b", "rtmp://a.example/room?token=a/b", ""),
        ] {
            let point = PushPoint::from_url(url).unwrap();
            assert_eq!((point.server.tc_url().as_str(), point.key.expose()), (server, name));
        }
        for (url, fault) in [
            ("rtmp://a.example/live/", UrlFault::NoApp),
            ("rtmp://a.example", UrlFault::NoApp),
            ("https://a.example/live/key", UrlFault::WebPage),
            ("a.example/live/key", UrlFault::Scheme),
            ("", UrlFault::Empty),
        ] {
            assert_eq!(PushPoint::from_url(url).unwrap_err(), fault, "{url}");
        }
    }

    #[test]
    fn a_secret_in_the_path_is_not_shown() {
        let url = ServerUrl::parse("rtmp://e.channel.media.azure.net:1935/live/0123456789abcdef").unwrap();
        assert_eq!(format!("{url:?}"), "rtmp://e.channel.media.azure.net:1935/live/•••");
        assert_eq!(url.shown_host(), "rtmp://e.channel.media.azure.net:1935");
        let url = ServerUrl::parse("rtmp://push.example/live_604417283_Hs8KqVz2").unwrap();
        assert_eq!(format!("{url:?}"), "rtmp://push.example/•••");
    }

    #[test]
    fn a_login_stands_before_the_host_and_is_neither_shown_nor_sent() {
        let text = "rtmp://anna:p@ss%2F%25w%23rd@wowza.example:1935/live?x=1";
        let url = ServerUrl::parse(text).unwrap();
        assert_eq!(url.login().unwrap().expose(), ("anna", "p@ss/%w#rd"));
        assert_eq!((url.host(), url.app()), ("wowza.example", "live?x=1"));
        assert_eq!(url.tc_url(), "rtmp://wowza.example:1935/live?x=1");
        assert_eq!(format!("{url:?}"), "rtmp://•••@wowza.example:1935/live/•••");
        assert_eq!(ServerUrl::parse(&url.expose()).unwrap(), url);
        let long = format!("rtmp://{}:{}@a.example/{}", "安".repeat(85), "密".repeat(85), "x".repeat(1000));
        let long = ServerUrl::parse(&long).unwrap();
        assert_eq!(ServerUrl::parse(&long.expose()).unwrap(), long);
        let most = format!("rtmp://{0}:{0}@a.example/{1}", "密密".repeat(42) + "安-", "x".repeat(1024 - 13));
        let most = ServerUrl::parse(&most).unwrap();
        assert_eq!(ServerUrl::parse(&most.expose()).unwrap(), most, "as long as all parts may be");
        let moved = url.resolve("//edge.example/live").unwrap();
        assert_eq!((moved.login(), moved.host()), (url.login(), "edge.example"));
        let ends_in_slash = ServerUrl::parse("rtmp://a.example/live//").unwrap();
        assert_eq!(ServerUrl::parse(&ends_in_slash.expose()).unwrap(), ends_in_slash);
        for text in ["rtmp://anna@a.example/live", "rtmp://anna:@a.example/live", "rtmp://@a.example/live"] {
            assert_eq!(ServerUrl::parse(text).unwrap_err(), UrlFault::Malformed, "{text}");
        }
        let point = PushPoint::from_url("rtmp://anna:s?cret@a.example/live/key?x=1").unwrap();
        assert_eq!(point.server.login().unwrap().expose(), ("anna", "s?cret"));
        assert_eq!((point.server.tc_url().as_str(), point.key.expose()), ("rtmp://a.example/live", "key?x=1"));
    }

    #[test]
    fn a_server_names_another_one_in_whole_or_in_part_and_tls_is_not_left() {
        let base = ServerUrl::parse("rtmps://a.example:1936/live/token?x=1").unwrap();
        for (reference, resolved) in [
            ("", "rtmps://a.example:1936/live/token?x=1"),
            ("rtmps://b.example/app", "rtmps://b.example/app"),
            ("//192.0.2.0:443/app?y=2", "rtmps://192.0.2.0:443/app?y=2"),
            ("/app", "rtmps://a.example:1936/app"),
            ("other", "rtmps://a.example:1936/live/other"),
        ] {
            assert_eq!(base.resolve(reference).unwrap().tc_url(), resolved, "{reference}");
        }
        assert_eq!(base.resolve("rtmp://b.example/app").unwrap_err(), UrlFault::Scheme);
        assert_eq!(base.resolve("https://b.example/app").unwrap_err(), UrlFault::WebPage);
        assert_eq!(base.resolve("//user:pass@b.example/app").unwrap_err(), UrlFault::Malformed);
        assert_eq!(base.resolve(&format!("/{}", "a".repeat(2000))).unwrap_err(), UrlFault::TooLong);
        let plain = ServerUrl::parse("rtmp://a.example/live").unwrap();
        assert_eq!(plain.resolve("other").unwrap().tc_url(), "rtmp://a.example/other");
        assert!(plain.resolve("rtmps://b.example/live").unwrap().tls());
    }

    /// What is kept of it is longer, and must be read again.
    #[test]
    fn a_host_in_other_letters_counts_as_long_as_it_is_kept() {
        let server = |app: usize| ServerUrl::parse(&format!("rtmp://直播.example/{}", "x".repeat(app)));
        let kept = "rtmp".len() + server(1).unwrap().host().len();
        assert!(kept > "rtmp直播.example".len());
        let longest = server(1024 - kept).unwrap();
        assert_eq!(ServerUrl::parse(&longest.expose()).unwrap(), longest);
        assert_eq!(server(1024 - kept + 1).unwrap_err(), UrlFault::TooLong);
    }

    #[test]
    fn each_mistake_has_its_own_name() {
        for (text, fault) in [
            ("", UrlFault::Empty),
            ("https://live.bilibili.com/1", UrlFault::WebPage),
            ("srt://host/live", UrlFault::Scheme),
            ("live.example.com/app", UrlFault::Scheme),
            ("rtmp:///live", UrlFault::Malformed),
            ("rtmp://host:99999/live", UrlFault::Malformed),
            ("rtmp://host:0/live", UrlFault::Malformed),
            ("rtmp://host", UrlFault::NoApp),
            ("rtmp://host/", UrlFault::NoApp),
        ] {
            assert_eq!(ServerUrl::parse(text).unwrap_err(), fault, "{text}");
        }
    }
}
