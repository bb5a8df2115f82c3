//! Cleans what was pasted and cuts it into labelled words.

/// Which box of a platform's page a label names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    Server,
    Key,
}

/// Labels as pages and programs print them. Longer ones first where one begins another.
const LABELS: &[(&str, Label)] = &[
    ("server url", Label::Server),
    ("stream url", Label::Server),
    ("rtmp server", Label::Server),
    ("rtmps url", Label::Server),
    ("rtmp url", Label::Server),
    ("server", Label::Server),
    ("url", Label::Server),
    ("服务器地址", Label::Server),
    ("服务器", Label::Server),
    ("伺服器", Label::Server),
    ("推流地址", Label::Server),
    ("推流域名", Label::Server),
    ("rtmp地址", Label::Server),
    ("rtmp 地址", Label::Server),
    ("直播地址", Label::Server),
    ("地址", Label::Server),
    ("stream key", Label::Key),
    ("stream name", Label::Key),
    ("streamkey", Label::Key),
    ("key", Label::Key),
    ("串流密钥", Label::Key),
    ("串流金鑰", Label::Key),
    ("串流码", Label::Key),
    ("推流密钥", Label::Key),
    ("推流码", Label::Key),
    ("直播码", Label::Key),
    ("直播密钥", Label::Key),
    ("流密钥", Label::Key),
    ("流名称", Label::Key),
    ("密钥", Label::Key),
    ("秘钥", Label::Key),
];

/// A word with the label that it stands under.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) label: Option<Label>,
    pub(super) text: String,
}

/// `text` without what copying adds: invisible characters, full-width forms, HTML's `&amp;`, curly quotes.
pub(super) fn clean(text: &str) -> String {
    let plain = text.chars().filter_map(|c| match c {
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}' => None,
        '\n' => Some('\n'),
        '\r' | '\u{2028}' | '\u{2029}' => Some('\n'),
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        '“' | '”' | '„' | '«' | '»' => Some('"'),
        '‘' | '’' => Some('\''),
        '。' | '、' => Some(' '),
        c if c.is_whitespace() || c.is_control() => Some(' '),
        c => Some(c),
    });
    plain.collect::<String>().replace("&amp;", "&")
}

/// Cuts cleaned text into words; a label holds for the rest of its line, or, when nothing follows it, for the next
/// line that has something on it.
pub(super) fn words(cleaned: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut label = None;
    for line in cleaned.lines() {
        let mut rest = line.trim();
        let mut said_something = false;
        while !rest.is_empty() {
            // A key may itself begin like `key=`: right after a label that is a value.
            let after_label = label.is_some() && !said_something;
            if let Some((found, after)) = label_at(rest, after_label) {
                (label, rest) = (Some(found), after.trim_start());
                continue;
            }
            let end = rest.find(|c: char| c.is_whitespace()).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            rest = after.trim_start();
            let text = bare(word);
            if !text.is_empty() {
                words.push(Word { label, text: text.to_owned() });
                said_something = true;
            }
        }
        if said_something {
            label = None;
        }
    }
    words
}

/// `text` without the mark of a list, `1. ` or `- ` or `【`, before a label.
fn unlisted(text: &str) -> &str {
    if let Some(rest) = text.strip_prefix(['[', '(', '【', ',', ';', '|']) {
        return rest.trim_start();
    }
    let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let mark = if digits.len() < text.len() {
        digits.strip_prefix(['.', ')'])
    } else {
        text.strip_prefix(['-', '*', '•', '·'])
    };
    // Keys begin with digits and dashes too; a label in Chinese or after a blank is no key.
    mark.filter(|rest| rest.starts_with(|c: char| c == ' ' || !c.is_ascii())).map_or(text, str::trim_start)
}

/// A label at the start of `text`, and what follows it and its colon; `after_label`: another one came just before.
fn label_at(text: &str, after_label: bool) -> Option<(Label, &str)> {
    let text = unlisted(text);
    LABELS.iter().find_map(|(name, label)| {
        let (head, mut after) = text.split_at_checked(name.len())?;
        if !head.eq_ignore_ascii_case(name) {
            return None;
        }
        after = after.trim_start_matches(|c: char| "]】".contains(c));
        // 串流密钥(Stream Key): …
        if let Some(inside) = after.trim_start().strip_prefix(['(', '['])
            && let Some((note, rest)) = inside.split_once([')', ']'])
            && note.len() <= 30
        {
            after = rest;
        }
        let trimmed = after.trim_start();
        let marked = trimmed.strip_prefix([':', '=']);
        let ascii = name.is_ascii();
        if ascii && after_label && after.starts_with(['=', ':']) {
            return None;
        }
        match marked {
            Some(value) => Some((*label, value)),
            // Without a colon an English word is a label only when nothing follows on its line.
            None if trimmed.is_empty() || !ascii => Some((*label, trimmed)),
            None => None,
        }
    })
}

/// A word without quotes, brackets and punctuation around it. What a key may begin or end with stays.
fn bare(word: &str) -> &str {
    let around = |c: char| "\"'`<>()[]{}「」『』《》【】〈〉,;".contains(c);
    word.trim_matches(around)
}
