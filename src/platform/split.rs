//! One URL that holds server and key, cut where the platform would cut it.

use super::choose::begins;
use super::{KeyKind, Platform};

/// Server and key in `url` (scheme included); the key is empty where there is none.
pub(super) fn split<'u>(url: &'u str, platform: &Platform) -> (&'u str, &'u str) {
    let path_at = url.find("://").map_or(0, |at| at + 3);
    let path_at = url[path_at..].find('/').map_or(url.len(), |at| path_at + at + 1);
    let path = &url[path_at..];
    let query_at = path.find('?').unwrap_or(path.len());
    let cut = |server_end: usize, key_at: usize| (&url[..path_at + server_end], &path[key_at..]);
    let segments = path[..query_at].trim_end_matches('/');
    // YouTube's second server, and hosts that write a login so: the query belongs to the server, the key follows it.
    let in_query = platform.server_query || (platform.id == "custom" && !segments.contains('/'));
    if in_query && let Some(slash) = path[query_at..].rfind('/') {
        return cut(query_at + slash, query_at + slash + 1);
    }
    // Bilibili: the key is nothing but a query, and its slash is easily lost.
    let all_query = platform.key.kind == KeyKind::Query && !segments.contains('/');
    if query_at < path.len() && (path[..query_at].ends_with('/') || all_query) {
        return cut(segments.len(), query_at);
    }
    // The app left out before a key of a known shape.
    let known = platform.key.starts.as_deref().is_some_and(|start| begins(segments, start));
    if known && platform.app.is_some() && !segments.contains('/') {
        return (&url[..path_at.saturating_sub(1)], path);
    }
    // Azure style: `live/<token>` is all server; a third part is the name.
    match segments.rfind('/') {
        Some(slash) if segments.matches('/').count() >= platform.app_parts => cut(slash, slash + 1),
        _ => (url, ""),
    }
}
