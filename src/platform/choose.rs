//! Which word of a paste is the key, and which the login.

use super::Platform;
use super::labels::Label;
use super::words::{Word, is_button};

/// What of a paste is neither address nor page.
pub(super) struct Candidates<'w, 't> {
    words: Vec<&'w Word<'t>>,
    /// A command's words are its options.
    command: bool,
}

/// A key, and how it was found.
#[derive(Clone, Copy)]
pub(super) struct Found<'t> {
    pub(super) text: &'t str,
    /// It stood under the server's label.
    pub(super) swapped: bool,
    /// Nothing but its looks speaks for it.
    pub(super) guessed: bool,
}

impl<'w, 't> Candidates<'w, 't> {
    pub(super) fn new(words: Vec<&'w Word<'t>>, command: bool) -> Self {
        Self { words, command }
    }

    /// The key: a labelled word, else one of the platform's shape, else the only one that looks like one. `swapped`:
    /// the server stands under the key's label. `Err` where several words might be it.
    pub(super) fn key(&self, platform: &Platform, swapped: bool) -> Result<Option<Found<'t>>, ()> {
        let all = || self.words.iter().copied();
        let sure = all().filter(|word| word.label == Some(Label::Key) && word.sure && !is_button(word.text));
        // "Key: Default abcd-…": the later word of the line looks more like it.
        let better = |word: &'w Word<'t>| {
            let mut after = self.words.iter().copied().skip_while(|other| !std::ptr::eq(*other, word)).skip(1);
            let next = after.find(|other| other.label != Some(Label::Key) || other.sure || looks_like_key(other.text));
            next.filter(|next| !looks_like_key(word.text) && next.label == word.label && !next.sure).unwrap_or(word)
        };
        let shaped = |word: &&'w Word<'t>| platform.key.starts.as_deref().is_some_and(|start| begins(word.text, start));
        let plausible = |word: &&'w Word<'t>| looks_like_key(word.text);
        let found = |text, guessed| Found { text, swapped: false, guessed };
        let tell = |chosen: Option<&'t str>, guessed| Ok(chosen.map(|text| found(text, guessed)));
        if let Some(key) = one(sure.map(better)) {
            return key.and_then(|text| tell(Some(text), false));
        }
        if swapped && let Some(key) = one(all().filter(|word| word.label == Some(Label::Server) && word.sure)) {
            return key.map(|text| Some(Found { text, swapped: true, guessed: false }));
        }
        if let Some(key) = one(all().filter(shaped)) {
            return key.and_then(|text| tell(Some(text), false));
        }
        let said =
            all().filter(|word| word.label == Some(Label::Key) && !word.sure).filter(|word| spoken_key(word.text));
        if let Some(key) = one(said) {
            return key.and_then(|text| tell(Some(text), false));
        }
        if self.command {
            return Ok(None);
        }
        let free = || all().filter(|word| matches!(word.label, None | Some(Label::Key | Label::Server)));
        if let Some(key) = one(free().filter(plausible)) {
            return key.and_then(|text| tell(Some(text), true));
        }
        // A plain word alone on its line.
        let plain = |word: &&'w Word<'t>| word.alone && word.text.len() >= 3 && !is_button(word.text);
        match one(free().filter(plain)) {
            Some(Ok(text)) => tell(Some(text), true),
            _ => Ok(None),
        }
    }

    /// User and password, where both are labelled.
    pub(super) fn login(&self) -> Option<(&'t str, &'t str)> {
        let labelled =
            |label| self.words.iter().find(|word| word.label == Some(label) && word.sure).map(|word| word.text);
        Some((labelled(Label::User)?, labelled(Label::Password)?))
    }
}

/// The one text of `words`, `Err` where there are several.
fn one<'w, 't: 'w>(words: impl Iterator<Item = &'w Word<'t>>) -> Option<Result<&'t str, ()>> {
    let mut words = words.map(|word| word.text);
    let first = words.next()?;
    Some(if words.all(|other| other == first) { Ok(first) } else { Err(()) })
}

pub(super) fn begins(text: &str, start: &str) -> bool {
    text.starts_with(start) || start.strip_prefix('?').is_some_and(|bare| text.starts_with(bare))
}

/// After "the key is …" or "key …".
fn spoken_key(text: &str) -> bool {
    let mark = |b: u8| b.is_ascii_digit() || b"_-?=".contains(&b);
    text.len() >= 4 && text.trim_end_matches('?').bytes().any(mark) && !is_known_else(text)
}

/// Whether `text` looks like a key by itself: long, with digits, and neither a date, a file, an address nor a setting.
pub(super) fn looks_like_key(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    let enough = text.len() >= 8 && digits > 0 && (letters > 0 || digits >= 15);
    let token = text.len() >= 20 && digits > 0;
    (enough || token) && !is_known_else(text)
}

/// A date, a telephone number, a file, a host, an e-mail, an option, a resolution.
fn is_known_else(text: &str) -> bool {
    const FILES: &[&str] = &[
        ".mp4", ".flv", ".mkv", ".mov", ".jpg", ".jpeg", ".png", ".gif", ".m3u8", ".ts", ".bat", ".sh", ".py", ".json",
        ".txt",
    ];
    let lower = text.to_ascii_lowercase();
    let numbers = text.bytes().all(|b| b.is_ascii_digit() || b"-/:.,+x".contains(&b)) && text.len() < 15;
    let option = text.starts_with('-') && !text[1..].starts_with(|c: char| c.is_ascii_digit());
    let host = lower.split(['/', ':']).next().unwrap_or_default();
    let dotted = host.matches('.').count() > 0 && host.split('.').all(|part| !part.is_empty()) && !text.contains('?');
    let settings = ["h264", "h265", "1080p", "720p", "kbps", "kbit"].iter().any(|word| lower.contains(word));
    numbers
        || option
        || FILES.iter().any(|file| lower.ends_with(file))
        || (text.contains('@') && text.contains('.'))
        || (dotted && text.len() < 60)
        || (settings && text.len() < 20)
        || text.starts_with(['$', '%', '/', '#'])
}
