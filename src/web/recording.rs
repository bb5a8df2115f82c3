//! A recording to be loaded, by whoever has its link.

use super::page;
use crate::domain::id::StudioId;
use crate::domain::recording::RecordingName;
use crate::service::Service;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tower_http::services::ServeFile;

/// Sends the file, or the part of it that is asked for: a phone goes on where its network broke off.
pub(super) async fn load(
    State(service): State<Service>,
    Path((studio, until, mark, name)): Path<(u64, u64, String, String)>,
    request: Request,
) -> Response {
    let over = || (StatusCode::NOT_FOUND, super::HEADERS, page::over()).into_response();
    let Some(name) = RecordingName::parse(&name) else { return over() };
    let Some(path) = service.linked_recording(StudioId(studio), until, &mark, name).await else { return over() };
    let Ok(response) = ServeFile::new(path).try_call(request).await else { return over() };
    let mut response = response.into_response();
    let headers = response.headers_mut();
    let named = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    headers.extend(named.ok().map(|named| (header::CONTENT_DISPOSITION, named)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
