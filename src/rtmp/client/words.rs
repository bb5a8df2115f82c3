//! A server's own words, made fit for a person's eyes: short, without control characters and without the key.

use crate::domain::rtmp_url::is_like_a_key;
use crate::rtmp::command::{field, text_of};
use rml_amf0::Amf0Value;

/// Characters kept.
pub(super) const MAX_CHARS: usize = 200;

/// A name shorter than this is no secret.
const MIN_NAME: usize = 4;
/// A part of a name or of an application shorter than this is none either.
const MIN_PART: usize = 6;

const CUT: &str = "•••";

/// What must not come back in a server's words. Implements no Debug.
pub(super) struct Secrets(Vec<String>);

impl Secrets {
    /// The publish name and its parts, and the parts of the application behind its first, or that too where it is like a key:
    /// where platforms put keys. Without a name, the application stands for it.
    pub(super) fn new<'a>(app: &'a str, name: &'a str) -> Self {
        let name = if name.is_empty() { app } else { name };
        let parts = |text: &'a str| text.split(['/', '?', '&', '=']).filter(|part| part.len() >= MIN_PART);
        let (first, behind) = app.split_once(['/', '?']).unwrap_or((app, ""));
        let first = Some(first).filter(|first| is_like_a_key(first));
        let whole = Some(name).filter(|name| name.len() >= MIN_NAME);
        Self(Vec::new()).and(whole.into_iter().chain(parts(name)).chain(first).chain(parts(behind)))
    }

    /// With more that must not come back, however short.
    pub(super) fn and<'a>(mut self, more: impl IntoIterator<Item = &'a str>) -> Self {
        self.0.extend(more.into_iter().map(on_one_line).filter(|secret| !secret.is_empty()));
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
        let mut words = on_one_line(words);
        for secret in &self.0 {
            if words.contains(secret.as_str()) {
                words = words.replace(secret.as_str(), CUT);
            }
        }
        words.chars().take(MAX_CHARS).collect()
    }
}

/// `text` in shown characters with single blanks between its words: secrets too, so that a password with two blanks in it is
/// found where a server says it with one.
fn on_one_line(text: &str) -> String {
    let shown: String = text.chars().map(|c| if is_shown(c) { c } else { ' ' }).collect();
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
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
            ("0123456789abcdef", "any", "no app 0123456789abcdef"),
            ("live?token=0123456789abcdef", "any", "no app live?token=0123456789abcdef"),
        ] {
            let words = Secrets::new(app, name).words(&info("error", "Code", said));
            for secret in ["abcd-efgh-ijkl", "live_1234567", "0123456789abcdef"] {
                assert!(!words.contains(secret), "{words}");
            }
            assert!(words.contains(CUT), "{words}");
        }
    }

    #[test]
    fn a_password_with_blanks_is_cut_out_however_wide_they_are() {
        let secrets = Secrets::new("live", "key").and(["two  words", "密\u{3000}码"]);
        let words = secrets.words(&text("two words, two \r\n words, two  words, 密 码"));
        assert_eq!(words, "•••, •••, •••, •••");
    }
}
