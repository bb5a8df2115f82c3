//! The pages that Telecast serves: a person's camera app set up by one tap or by its camera, and recordings. Only where the host has a
//! public address for it, and behind that address's own server, which speaks HTTPS. Its words are in the catalogue of the chat; of Telegram it must know nothing.
//!
//! Read [`serve`] first.

mod page;
mod qr;
mod recording;

use crate::service::Service;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

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
        .with_state(service);
    let served = axum::serve(listener, router).with_graceful_shutdown(token.cancelled_owned()).await;
    if let Err(error) = served {
        tracing::error!(%error, "the page that sets up camera apps is served no more");
    }
}

async fn show(State(service): State<Service>, Path(code): Path<String>) -> Response {
    match service.set_up(&code).await {
        Some(set_up) => (StatusCode::OK, HEADERS, page::camera(&set_up)).into_response(),
        None => (StatusCode::NOT_FOUND, HEADERS, page::over()).into_response(),
    }
}
