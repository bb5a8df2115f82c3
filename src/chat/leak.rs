//! Does a text hold a stream key that should not be where it is?

use crate::domain::rtmp_url::ServerUrl;
use crate::platform::Catalogue;
use crate::platform::paste::{self, PasteFault};

/// Whether `text` holds something that is a stream key beyond doubt: a push address with a key, or the shape of a known
/// platform's keys.
pub(super) fn holds_key(text: &str, catalogue: &Catalogue) -> bool {
    // A command's own name is no part of what follows it.
    let text = match text.trim_start().split_once(char::is_whitespace) {
        Some((first, rest)) if first.starts_with('/') => rest,
        _ => text,
    };
    let lower = text.to_ascii_lowercase();
    if lower.contains("rtmp://") || lower.contains("rtmps://") {
        let read = paste::understand(text, catalogue, None);
        // Without a key it may still be an address with a secret in it, as platforms in Azure's style have.
        let secret =
            |server: ServerUrl| server.login().is_some() || server.app().split(['/', '?', '=']).any(looks_random);
        let in_address = read.server.is_some_and(secret);
        let several = read.fault == Some(PasteFault::SeveralKeys);
        let beside = || text.split_whitespace().any(|word| !word.contains("://") && looks_random(word));
        return in_address || read.key.is_some_and(|key| looks_random(key.expose())) || (several && beside());
    }
    let words = text.split(|c: char| c.is_whitespace() || "\"'`<>()[]{}，。：,;".contains(c));
    words.into_iter().any(|word| {
        let word = word.rsplit_once([':', '：']).map_or(word, |(_, after)| after);
        let starts = catalogue.all().iter().filter_map(|platform| platform.key.starts.as_deref());
        let known = starts.into_iter().any(|start| {
            let begins = word.starts_with(start) || start.strip_prefix('?').is_some_and(|bare| word.starts_with(bare));
            begins && word.len() >= start.len() + 16 && word.bytes().any(|byte| byte.is_ascii_digit())
        });
        known || groups_of_four(word)
    })
}

/// Long, and not only letters.
fn looks_random(word: &str) -> bool {
    let count = word.chars().count();
    count >= 20 || (count >= 12 && word.bytes().any(|byte| byte.is_ascii_digit() || b"-_".contains(&byte)))
}

/// YouTube's: four or five groups of four.
fn groups_of_four(word: &str) -> bool {
    let groups: Vec<_> = word.split('-').collect();
    let fits = |group: &&str| group.len() == 4 && group.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    // Telephone numbers have no letters, and words no digits.
    let mixed = word.bytes().any(|b| b.is_ascii_lowercase()) && word.bytes().any(|b| b.is_ascii_digit());
    (4..=5).contains(&groups.len()) && groups.iter().all(fits) && mixed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_seen_and_chatter_is_let_pass() {
        let catalogue = Catalogue::builtin();
        for key in [
            "/addtarget rtmp://push.example.com/live planted-stream-key",
            "rtmp://push.example.com/live/planted-stream-key",
            "rtmp://anna:pw@wowza.example/live",
            "server: rtmp://x.channel.media.azure.net:1935/live/0123456789abcdef",
            "这是密钥：live_123456789_AbCdEfGhIjKlMnOpQr",
            "hello all, our address is rtmp://push.example.com/live and the key planted-stream-key",
            "key abcd-1efg-hijk-lmno",
            "?streamname=live_12345_6789012&key=0a1b2c",
        ] {
            assert!(holds_key(key, &catalogue), "{key}");
        }
        for chatter in [
            "/golive",
            "/addtarget",
            "the address begins with rtmp://live-push.bilivideo.com/live-bvc",
            "see rtmp://push.example.com/live",
            "rtmps://b.rtmps.youtube.com:443/live2?backup=1",
            "play rtmp://push.example.com/live/stream in VLC",
            "live_stream_tonight at eight",
            "call 1234-5678-9012-3456",
            "well-what-that-some",
            "https://live.bilibili.com/77",
            "",
        ] {
            assert!(!holds_key(chatter, &catalogue), "{chatter}");
        }
    }
}
