//! A studio's watch page: the page itself, and the line over which the film comes. Who has the link is let in; nobody else learns
//! that there is a page.

use super::page::escaped;
use crate::chat::PageWords;
use crate::domain::lang::Lang;
use crate::domain::secret::WatchKey;
use crate::domain::subscriber::subscriber;
use crate::service::watch::Watcher;
use crate::service::{NotIn, Service};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::stream::unfold;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

/// Its own scripts and style, its own film, and nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; media-src blob:; img-src data:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// As those of the other page: nothing is kept, and nobody else learns the address.
const HEADERS: [(HeaderName, &str); 5] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
];
/// The line is not for a proxy to gather: nginx would hold it back.
const UNBUFFERED: (HeaderName, &str) = (HeaderName::from_static("x-accel-buffering"), "no");
/// In which a proxy says for whom it calls.
const FORWARDED: &str = "x-forwarded-for";

pub(super) fn routes() -> Router<Service> {
    Router::new()
        .route("/w/{key}", get(page))
        .route("/w/{key}/live", get(live))
        .route("/w/page.js", get(|| file("text/javascript", include_str!("watch/page.js"))))
        .route("/w/player.js", get(|| file("text/javascript", include_str!("watch/player.js"))))
        .route("/w/style.css", get(|| file("text/css", include_str!("watch/style.css"))))
}

async fn file(kind: &'static str, text: &'static str) -> impl IntoResponse {
    (HEADERS, [(header::CONTENT_TYPE, kind)], text)
}

async fn page(State(service): State<Service>, Path(key): Path<String>, headers: HeaderMap) -> Response {
    let words = PageWords::of(language(&headers));
    let studio = service.find_watch_page(&WatchKey::from_path(&key));
    let (status, title, said) = match &studio {
        Some(studio) => (StatusCode::OK, studio.title.as_str(), words.connecting),
        None => (StatusCode::NOT_FOUND, "Telecast", words.gone),
    };
    let html = drawn(words, title, said, studio.is_some());
    (status, HEADERS, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
}

async fn live(
    State(service): State<Service>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Response {
    match service.watch(&WatchKey::from_path(&key), visitor(peer.ip(), &headers)) {
        Ok(watcher) => {
            let kind = (header::CONTENT_TYPE, "application/octet-stream");
            (HEADERS, [kind, UNBUFFERED], Body::from_stream(unfold(watcher, next))).into_response()
        }
        Err(NotIn::NoPage) => (StatusCode::NOT_FOUND, HEADERS).into_response(),
        Err(NotIn::Full) => (StatusCode::SERVICE_UNAVAILABLE, HEADERS).into_response(),
    }
}

/// Taken only when there is room for it on the way.
async fn next(mut watcher: Watcher) -> Option<(Result<Bytes, Infallible>, Watcher)> {
    let sent = watcher.next().await?;
    Some((Ok(sent), watcher))
}

/// Who watches, as far as limits go. A proxy of the host's says for whom it calls; one on this machine that does not hides
/// them all.
fn visitor(peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
    let peer = peer.to_canonical();
    let near = match peer {
        IpAddr::V4(peer) => peer.is_loopback() || peer.is_private(),
        IpAddr::V6(peer) => peer.is_loopback() || peer.is_unique_local(),
    };
    // What the proxy has added stands last; all before it the visitor may have made up.
    let told = headers.get_all(FORWARDED).iter().next_back().filter(|_| near);
    let told = told.and_then(|told| told.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    told.or_else(|| Some(peer).filter(|peer| !peer.is_loopback())).map(subscriber)
}

/// The first language of the visitor's that the page has.
fn language(headers: &HeaderMap) -> Lang {
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let tags = wanted.split(',').map(|part| part.split(';').next().unwrap_or_default().trim());
    tags.into_iter().find_map(Lang::known).unwrap_or_default()
}

fn drawn(words: &PageWords, title: &str, said: &str, open: bool) -> String {
    let PageWords {
        tag,
        before,
        held,
        paused,
        over,
        codec,
        connecting,
        sound,
        mute,
        whole,
        watching,
        full,
        gone,
        script,
    } = words;
    let title = escaped(title);
    let script = if open {
        format!("<script type=\"module\" src=\"page.js\"></script><noscript>{script}</noscript>")
    } else {
        String::new()
    };
    format!(
        include_str!("watch/page.html"),
        tag = tag,
        title = title,
        said = said,
        script = script,
        before = before,
        held = held,
        paused = paused,
        over = over,
        codec = codec,
        connecting = connecting,
        sound = sound,
        mute = mute,
        whole = whole,
        watching = watching,
        full = full,
        gone = gone,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn a_visitor_reads_the_first_of_their_languages_that_there_is() {
        for (wanted, lang) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", Lang::Zh),
            ("fr-FR, fr;q=0.9, zh;q=0.5, en;q=0.4", Lang::Zh),
            ("en-US,zh;q=0.1", Lang::En),
            ("de", Lang::En),
            ("", Lang::En),
        ] {
            assert_eq!(language(&told(header::ACCEPT_LANGUAGE, wanted)), lang, "{wanted}");
        }
    }

    #[test]
    fn a_visitor_is_known_by_their_address_or_by_what_a_proxy_of_the_hosts_has_added() {
        let forwarded = |value| told(HeaderName::from_static(FORWARDED), value);
        let (here, there): (IpAddr, IpAddr) = ("127.0.0.1".parse().unwrap(), "192.0.2.7".parse().unwrap());
        let made_up = forwarded("198.51.100.1, 203.0.113.9");
        assert_eq!(visitor(there, &made_up), Some(there));
        for proxy in [here, "172.17.0.1".parse().unwrap(), "fd00::1".parse().unwrap()] {
            assert_eq!(visitor(proxy, &made_up), Some("203.0.113.9".parse().unwrap()));
        }
        assert_eq!(visitor(here, &forwarded("2001:db8::1:2:3:4:5")), Some("2001:db8:0:1::".parse().unwrap()));
        for nobody in ["", "unknown", "203.0.113.9, x"] {
            assert_eq!(visitor(here, &forwarded(nobody)), None, "{nobody}");
            let near = "192.168.1.7".parse().unwrap();
            assert_eq!(visitor(near, &forwarded(nobody)), Some(near), "{nobody}");
        }
    }

    #[test]
    fn a_title_is_no_markup() {
        let page = drawn(PageWords::of(Lang::Zh), "<b>\"A&B\" {x}", "还没开播", true);
        assert!(page.contains("&lt;b&gt;&quot;A&amp;B&quot; {x}") && !page.contains("<b>\""), "{page}");
        assert!(page.contains("lang=\"zh-CN\"") && page.contains("还没开播"));
    }
}
