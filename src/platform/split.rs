//! One URL that holds server and key, cut where the platform would cut it.

use super::Platform;

/// Server and key in `url` (scheme included); the key is empty where there is none.
pub(super) fn split<'u>(url: &'u str, platform: &Platform) -> (&'u str, &'u str) {
    let path_at = url.find("://").map_or(0, |at| at + 3);
    let path_at = url[path_at..].find('/').map_or(url.len(), |at| path_at + at + 1);
    let path = &url[path_at..];
    let query_at = path.find('?').unwrap_or(path.len());
    let cut = |server_end: usize, key_at: usize| (&url[..path_at + server_end], &path[key_at..]);
    // YouTube's second server: its query belongs to the server, the key follows it.
    if platform.server_query
        && let Some(slash) = path[query_at..].find('/')
    {
        return cut(query_at + slash, query_at + slash + 1);
    }
    // Bilibili: the key is nothing but a query.
    if path[..query_at].ends_with('/') && query_at < path.len() {
        return cut(query_at - 1, query_at);
    }
    let segments = path[..query_at].trim_end_matches('/');
    // Azure style: `live/<token>` is all server; a third part is the name.
    let least = platform.app_parts;
    match segments.rfind('/') {
        Some(slash) if segments.matches('/').count() >= least => cut(slash, slash + 1),
        _ => (url, ""),
    }
}
