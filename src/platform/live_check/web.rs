//! Asks public pages: what may be reached, for how long, and how much of it is read.

use crate::platform::Encoding;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, ClientBuilder, Proxy, Response, StatusCode, redirect};
use std::collections::HashSet;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use url::{Host, Url};

/// How long a question may take, from the look-up of the name to the last byte.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The same for a picture: whoever looks waits for it.
const PICTURE_TIMEOUT: Duration = Duration::from_millis(2_500);
/// How much of an answer is read.
const MAX_JSON: usize = 512 * 1024;
/// How much of a web page is read: its state may stand behind a megabyte of other things.
const MAX_PAGE: usize = 2 * 1024 * 1024;
/// The largest picture taken.
const MAX_PICTURE: usize = 1024 * 1024;
/// How long a host is left alone that is asked too often and does not say for how long.
const TOO_OFTEN: Duration = Duration::from_secs(60);
/// How many redirects are followed.
const REDIRECTS: usize = 3;
/// Many pages answer nobody without one.
const AGENT: &str = concat!("Mozilla/5.0 (compatible; Telecast/", env!("CARGO_PKG_VERSION"), ")");

/// Judges an address that a name stands for.
pub type Allowed = Arc<dyn Fn(SocketAddr) -> bool + Send + Sync>;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It may not be asked: no host name, another port, an address that is not the open internet's.
    NotAsked,
    /// No connection, no answer in time, too many redirects.
    Lost,
    /// An HTTP error; where it says that it is asked too often, how long to wait.
    Refused(u16, Option<Duration>),
}

/// One question.
pub(super) struct Question<'q> {
    pub(super) url: Url,
    pub(super) body: Option<(Encoding, String)>,
    /// What proves an application of the host's; with a secret in it anywhere, it goes to this host and no further.
    pub(super) secret: Option<HeaderMap>,
    pub(super) form: Form,
    /// The catalogue names the host; otherwise a person did.
    pub(super) fixed: bool,
    pub(super) platform: &'q str,
}

/// In what an answer is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    /// JSON somewhere in a web page.
    Page,
    /// What lies elsewhere is another picture: it follows no redirect, and is taken whole or not at all.
    Picture,
}

/// Asks public pages over HTTPS: hosts by name only, through the same judge as every other dial.
pub struct Web {
    open: Ways,
    /// Follows no redirect.
    straight: Ways,
    /// Hosts that could not be reached without the proxy.
    by_proxy: Mutex<HashSet<String>>,
    stand_in: Option<Url>,
}

/// How to get there.
struct Ways {
    direct: Client,
    proxied: Option<Client>,
}

impl Ways {
    /// `client` is told whose addresses need no judge.
    fn new(client: impl Fn(Option<String>) -> ClientBuilder, proxy: Option<&str>) -> reqwest::Result<Self> {
        let proxied = |proxy: &str| {
            // The host chose it, and it may well be its neighbour.
            let own = Url::parse(proxy).ok().and_then(|url| url.host_str().map(str::to_owned));
            client(own).no_proxy().proxy(Proxy::all(proxy)?).build()
        };
        Ok(Self { direct: client(None).no_proxy().build()?, proxied: proxy.map(proxied).transpose()? })
    }
}

impl Web {
    /// `allowed` judges the addresses; `proxy` is taken where a host that the catalogue names can't be reached without.
    /// `stand_in` is asked in place of all pages, at `<it>/<host>/<path>`: for tests and the demo.
    ///
    /// # Errors
    /// There is no TLS on this system, or `proxy` is no proxy's address.
    pub fn new(allowed: Allowed, proxy: Option<&str>, stand_in: Option<Url>) -> reqwest::Result<Self> {
        let client = |redirects: fn() -> redirect::Policy| {
            let allowed = allowed.clone();
            move |unjudged| {
                let client = Client::builder().timeout(TIMEOUT).user_agent(AGENT).redirect(redirects());
                client.dns_resolver(Arc::new(Judged { allowed: allowed.clone(), unjudged }))
            }
        };
        Ok(Self {
            open: Ways::new(client(redirects), proxy)?,
            straight: Ways::new(client(redirect::Policy::none), proxy)?,
            by_proxy: Mutex::default(),
            stand_in,
        })
    }

    /// The bytes of an answer, cut where they are too many, and its headers.
    pub(super) async fn ask(&self, question: Question<'_>) -> Result<(Vec<u8>, HeaderMap), Fault> {
        let form = question.form;
        let mut response = self.open(question).await?;
        let most = match form {
            Form::Json => MAX_JSON,
            Form::Page => MAX_PAGE,
            Form::Picture => MAX_PICTURE,
        };
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| Fault::Lost)? {
            let room = most - bytes.len();
            bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
            match form {
                Form::Picture if chunk.len() > room => return Err(Fault::Lost),
                Form::Json | Form::Page if bytes.len() == most => break,
                _ => {}
            }
        }
        Ok((bytes, std::mem::take(response.headers_mut())))
    }

    async fn open(&self, question: Question<'_>) -> Result<Response, Fault> {
        let Question { url, body, secret, form, fixed, platform } = question;
        if !is_public(&url) {
            return Err(Fault::NotAsked);
        }
        let host = url.host_str().unwrap_or_default().to_owned();
        let straight = secret.is_some() || form == Form::Picture;
        let ways = if straight { &self.straight } else { &self.open };
        let way = ways.proxied.as_ref().filter(|_| fixed && self.lock().contains(&host));
        let url = self.stand_in.as_ref().map_or(Some(url.clone()), |base| moved(base, &url)).ok_or(Fault::NotAsked)?;
        let client = way.unwrap_or(&ways.direct);
        let request = match body {
            None => client.get(url),
            Some((Encoding::Form, text)) => {
                client.post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(text)
            }
            Some((Encoding::Json, text)) => client.post(url).header(CONTENT_TYPE, "application/json").body(text),
        };
        let request = if form == Form::Picture { request.timeout(PICTURE_TIMEOUT) } else { request };
        let response = request.headers(secret.unwrap_or_default()).send().await.map_err(|error| {
            // The URL may hold a key of the host's.
            let error = error.without_url();
            tracing::debug!(%platform, %error, "a public page does not answer");
            if ways.proxied.is_some() && fixed && (error.is_connect() || error.is_timeout()) {
                // The other way next time.
                let mut by_proxy = self.lock();
                if !by_proxy.remove(&host) {
                    by_proxy.insert(host.clone());
                }
            }
            Fault::Lost
        })?;
        let status = response.status();
        if !status.is_success() {
            tracing::debug!(%platform, %status, "a public page answers with an error");
            let after = response.headers().get(RETRY_AFTER).and_then(|after| after.to_str().ok()?.trim().parse().ok());
            let after = after.map(Duration::from_secs);
            let waits = match status {
                StatusCode::TOO_MANY_REQUESTS => Some(after.unwrap_or(TOO_OFTEN)),
                StatusCode::SERVICE_UNAVAILABLE => after,
                _ => None,
            };
            return Err(Fault::Refused(status.as_u16(), waits));
        }
        Ok(response)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.by_proxy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether `url` is one of the open web: HTTPS at its own port, a host with a name, no login.
fn is_public(url: &Url) -> bool {
    let named = matches!(url.host(), Some(Host::Domain(name)) if name.contains('.'));
    named && url.scheme() == "https" && url.port().is_none() && url.username().is_empty() && url.password().is_none()
}

fn moved(base: &Url, url: &Url) -> Option<Url> {
    let mut moved = base.clone();
    moved.set_path(&format!("{}/{}{}", base.path().trim_end_matches('/'), url.host_str()?, url.path()));
    moved.set_query(url.query());
    Some(moved)
}

fn redirects() -> redirect::Policy {
    redirect::Policy::custom(|attempt| {
        // Back to where the question went is no way to anywhere else.
        let same = attempt.previous().last().is_some_and(|from| from.origin() == attempt.url().origin());
        if attempt.previous().len() > REDIRECTS || !(same || is_public(attempt.url())) {
            return attempt.error("not followed");
        }
        attempt.follow()
    })
}

/// Finds addresses, and leaves those that are not allowed out.
struct Judged {
    allowed: Allowed,
    /// The one host that may be anywhere.
    unjudged: Option<String>,
}

impl Resolve for Judged {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.allowed.clone();
        let free = self.unjudged.as_ref().is_some_and(|host| host.eq_ignore_ascii_case(name.as_str()));
        Box::pin(async move {
            if free {
                // At the port of its URL.
                let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
                return Ok::<Addrs, _>(Box::new(found.into_iter()));
            }
            let found: Vec<_> =
                tokio::net::lookup_host((name.as_str(), 443)).await?.filter(|at| allowed(*at)).collect();
            if found.is_empty() {
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, "no address that may be asked").into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn of_a_names_addresses_those_are_dialled_that_the_judge_lets_through() {
        let found = async |judge: fn(SocketAddr) -> bool, unjudged: Option<&str>| {
            let judged = Judged { allowed: Arc::new(judge), unjudged: unjudged.map(str::to_owned) };
            let found = judged.resolve("localhost".parse().unwrap()).await;
            found.map(|found| found.collect::<Vec<_>>()).unwrap_or_default()
        };
        assert!(!found(|_| true, None).await.is_empty());
        assert_eq!(found(|address| !address.ip().is_loopback(), None).await, []);
        assert_eq!(found(|_| false, Some("proxy.local")).await, []);
        assert!(!found(|_| false, Some("LocalHost")).await.is_empty());
    }

    #[test]
    fn only_the_open_web_is_asked() {
        let public = |url: &str| is_public(&url.parse().unwrap());
        assert!(public("https://live.example.com/a?b=c"));
        for url in [
            "http://live.example.com/",
            "https://live.example.com:8443/",
            "https://user@live.example.com/",
            "https://:pass@live.example.com/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://[::1]/",
            "https://localhost/",
            "file:///etc/passwd",
        ] {
            assert!(!public(url), "{url}");
        }
    }
}
