//! A server's own words, made fit for a person's eyes: short, without control characters and without the key.

use crate::rtmp::command::{field, text_of};
use rml_amf0::Amf0Value;

/// Characters kept.
const MAX_CHARS: usize = 200;

/// A name shorter than this is no secret.
const MIN_NAME: usize = 4;
/// A part of a name or of an application shorter than this is none either.
const MIN_PART: usize = 6;

const CUT: &str = "•••";

/// What must not come back in a server's words. Implements no Debug.
pub(super) struct Secrets(Vec<String>);

impl Secrets {
    /// The publish name and its parts, and the parts of the application behind its first: where platforms put keys.
    /// Without a name, the application stands for it.
    pub(super) fn new(app: &str, name: &str) -> Self {
        let name = if name.is_empty() { app } else { name };
        let mut secrets = vec![name.to_owned()];
        secrets.retain(|name| name.len() >= MIN_NAME);
        let parts = |text: &str| -> Vec<String> {
            text.split(['/', '?', '&', '=']).filter(|part| part.len() >= MIN_PART).map(str::to_owned).collect()
        };
        secrets.extend(parts(name));
        secrets.extend(app.split_once(['/', '?']).map(|(_, rest)| parts(rest)).unwrap_or_default());
        Self(secrets).and([])
    }

    /// With more that must not come back, however short.
    pub(super) fn and<'a>(mut self, more: impl IntoIterator<Item = &'a str>) -> Self {
        self.0.extend(more.into_iter().map(str::to_owned));
        // The longest first, so that no part of a key cuts the key in two.
        self.0.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        self
    }

    /// `code: description`, and where a redirect leads, of an information object.
    pub(super) fn words(&self, info: &Amf0Value) -> String {
        let mut words: Vec<String> = Vec::new();
        if let Amf0Value::Utf8String(text) = info {
            words.push(text.clone());
        }
        words.extend(["code", "description"].iter().filter_map(|key| text_of(info, key)).map(str::to_owned));
        words.retain(|text| !text.is_empty());
        let redirect = field(info, "ex").and_then(|ex| text_of(ex, "redirect"));
        let redirect = redirect.map(|to| format!(" (redirect to {to})")).unwrap_or_default();
        self.clean(&(words.join(": ") + &redirect))
    }

    fn clean(&self, words: &str) -> String {
        let mut words: String = words.chars().map(|c| if is_shown(c) { c } else { ' ' }).collect();
        for secret in &self.0 {
            if words.contains(secret.as_str()) {
                words = words.replace(secret.as_str(), CUT);
            }
        }
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        words.chars().take(MAX_CHARS).collect()
    }
}

/// Control characters and those that turn the direction of the text around are not.
fn is_shown(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtmp::command::{info, object, text};

    #[test]
    fn a_refusal_is_told_in_the_servers_words() {
        let secrets = Secrets::new("live", "key");
        let words = secrets.words(&info("error", "NetStream.Publish.BadName", "Already\r\n publishing\u{202e}"));
        assert_eq!(words, "NetStream.Publish.BadName: Already publishing");
        assert_eq!(secrets.words(&Amf0Value::Null), "");
        assert_eq!(secrets.words(&text("go away")), "go away");
        assert_eq!(secrets.words(&info("error", "", &"x".repeat(5000))).len(), MAX_CHARS);
    }

    #[test]
    fn a_redirect_is_kept_as_words() {
        let ex = object([("redirect", text("rtmp://other.example/live"))]);
        let told = object([("code", text("NetConnection.Connect.Rejected")), ("ex", ex)]);
        let words = Secrets::new("live", "key").words(&told);
        assert_eq!(words, "NetConnection.Connect.Rejected (redirect to rtmp://other.example/live)");
    }

    #[test]
    fn a_key_that_the_server_repeats_is_cut_out_whole_or_in_parts() {
        let bilibili = "?streamname=live_1234567&key=0123456789abcdef&schedule=rtmp";
        for (app, name, said) in [
            ("live", "abcd-efgh-ijkl", "abcd-efgh-ijkl is in use"),
            ("live", "/abcd-efgh-ijkl?x=1", "stream abcd-efgh-ijkl is in use"),
            ("live-bvc", bilibili, bilibili),
            ("live-bvc", bilibili, "live_1234567 0123456789abcdef"),
            ("live/0123456789abcdef", "any", "no app live/0123456789abcdef"),
            ("live?token=0123456789abcdef", "any", "no app live?token=0123456789abcdef"),
        ] {
            let words = Secrets::new(app, name).words(&info("error", "Code", said));
            for secret in ["abcd-efgh-ijkl", "live_1234567", "0123456789abcdef"] {
                assert!(!words.contains(secret), "{words}");
            }
            assert!(words.contains(CUT), "{words}");
        }
    }
}
