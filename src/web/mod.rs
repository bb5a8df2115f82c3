//! The pages that Telecast serves: a person's camera app set up by one tap or by its camera, recordings, and a studio's shows to
//! be watched. Only where the host has a public address for them, and behind that address's own server, which speaks HTTPS.
//! Their words are in the catalogue of the chat; of Telegram they must know nothing.
//!
//! Read [`serve`] first.

mod page;
mod qr;
mod recording;
mod watch;

use crate::service::Service;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::serve::ListenerExt as _;
use socket2::SockRef;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// How long what was sent may stay untaken.
const DEAD: Duration = Duration::from_secs(30);
/// What the kernel holds ahead of what it can send, in bytes.
const UNSENT: u32 = 128 << 10;

/// Nothing is loaded, nothing is kept, and nobody else learns the address.
const HEADERS: [(header::HeaderName, &str); 6] = [
    (header::CONTENT_TYPE, "text/html; charset=utf-8"),
    (header::CACHE_CONTROL, "no-store"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// Serves until `token` is cancelled.
pub async fn serve(listener: TcpListener, service: Service, token: CancellationToken) {
    let router = Router::new()
        .route("/s/{code}", get(show))
        .route("/r/{studio}/{until}/{mark}/{name}", get(recording::load))
        .merge(watch::routes())
        .with_state(service);
    let listener = listener.tap_io(tune);
    let served = axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>());
    let served = served.with_graceful_shutdown(token.cancelled_owned()).await;
    if let Err(error) = served {
        tracing::error!(%error, "pages are served no more");
    }
}

/// Who reads nothing is cut off by the kernel, which holds little for them meanwhile.
fn tune(tcp: &mut TcpStream) {
    let socket = SockRef::from(&*tcp);
    let set = socket.set_tcp_nodelay(true).and_then(|()| socket.set_tcp_user_timeout(Some(DEAD)));
    if let Err(error) = set.and_then(|()| socket.set_tcp_notsent_lowat(UNSENT)) {
        tracing::debug!(%error, "a socket option was not set");
    }
}

async fn show(State(service): State<Service>, Path(code): Path<String>) -> Response {
    match service.set_up(&code) {
        Some(set_up) => (StatusCode::OK, HEADERS, page::camera(&set_up)).into_response(),
        None => (StatusCode::NOT_FOUND, HEADERS, page::over()).into_response(),
    }
}
