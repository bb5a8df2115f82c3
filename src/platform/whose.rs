//! Whose a paste is: by its words, its host and its key.

use super::{Catalogue, KeyKind, Platform, Role};
use crate::domain::secret::StreamKey;

/// The one platform that `cleaned` names in words; none where it names several.
pub(super) fn named<'c>(cleaned: &str, catalogue: &'c Catalogue) -> Option<&'c Platform> {
    let lower = without_addresses(&cleaned.to_lowercase());
    let mut best: Option<(&Platform, usize)> = None;
    let mut several = false;
    for platform in catalogue.all().iter().filter(|p| p.role != Role::Encoder && p.id != "custom") {
        let names = [platform.name.en.as_str(), platform.name.zh.as_str(), platform.id.as_str()];
        let names = names.into_iter().chain(platform.also_called.iter().map(String::as_str));
        let Some(longest) = names.filter(|name| says(&lower, &name.to_lowercase())).map(str::len).max() else {
            continue;
        };
        match best {
            Some((_, length)) if length > longest => {}
            Some((_, length)) if length == longest => several = true,
            _ => (best, several) = (Some((platform, longest)), false),
        }
    }
    best.filter(|_| !several).map(|(platform, _)| platform)
}

/// Without addresses and keys: hosts and keys name nobody by chance.
fn without_addresses(text: &str) -> String {
    let plain = |word: &&str| !word.contains("://") && !word.contains(['?', '&']) && word.len() < 60;
    text.split(|c: char| c.is_whitespace() || "\"'`<>[]{}|,;".contains(c)).filter(plain).collect::<Vec<_>>().join(" ")
}

/// Whether `text` holds `name` as a word, or at all where its script parts no words.
fn says(text: &str, name: &str) -> bool {
    let short = name.is_ascii() && name.len() < 3;
    let word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    !short
        && text.match_indices(name).any(|(at, _)| {
            let (before, after) = (text[..at].chars().next_back(), text[at + name.len()..].chars().next());
            !name.is_ascii() || !(word(before) || word(after))
        })
}

/// The platform whose keys alone begin as `key` does; on a server of nobody's, the carrier whose signature it has.
pub(super) fn by_key<'c>(key: &StreamKey, catalogue: &'c Catalogue, on_server: bool) -> Option<&'c Platform> {
    let starts = |platform: &&Platform| platform.key.starts.is_some() && platform.key_starts(key);
    let signs = |platform: &&Platform| {
        platform.role == Role::Cdn && platform.key.kind != KeyKind::App && platform.key_fits(key) == Some(true)
    };
    let mut all = catalogue.all().iter().filter(|platform| if on_server { signs(platform) } else { starts(platform) });
    all.next().filter(|_| all.next().is_none())
}
