//! Entry point for the fuzzer of `fuzz/`, run by property tests too.

use super::Catalogue;
use super::paste::understand;
use std::sync::LazyLock;

/// From this length on, a key is not in what is said of it by chance.
const LONG: usize = 16;

/// Reads `text` with no tile open and with some; whether nothing that may be said of what was found holds the key or
/// the password.
pub fn paste(text: &str) -> bool {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::builtin);
    let tiles = ["bilibili", "youtube", "kick", "azure", "wowza", "custom"].map(|id| CATALOGUE.get(id));
    tiles.into_iter().chain([None]).all(|tile| {
        let found = understand(text, &CATALOGUE, tile);
        let fault = found.fault.map(|fault| fault.to_string()).unwrap_or_default();
        let masked = found.key.as_ref().map(|key| key.masked()).unwrap_or_default();
        let mut said = format!("{found:?} {fault} {masked}");
        // A host is no secret, whatever else is called like it.
        if let Some(server) = &found.server {
            said = said.replace(server.host(), "");
        }
        if let Some(link) = found.link.as_deref().and_then(|link| url::Url::parse(link).ok()) {
            said = said.replace(link.host_str().unwrap_or(" "), "");
        }
        let key = found.key.as_ref().map(|key| key.expose());
        let password = found.login.as_ref().map(|login| login.expose().1);
        [key, password].into_iter().flatten().all(|secret| secret.len() < LONG || !said.contains(secret))
    })
}
