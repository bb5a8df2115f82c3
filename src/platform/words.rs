//! Cuts cleaned text into words, each with the label that it stands under.

use super::labels::{Label, Told, at_start, is_cjk};

/// A word or an address.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Word<'t> {
    pub(super) text: &'t str,
    /// Has a scheme.
    pub(super) address: bool,
    pub(super) label: Option<Label>,
    /// Nothing stands between it and its label, and that can be nothing else.
    pub(super) sure: bool,
    /// Nothing else is on its line, or nothing but one address.
    pub(super) alone: bool,
    /// A program's input.
    pub(super) input: bool,
}

enum Item<'t> {
    Label {
        label: Label,
        sure: bool,
        marked: bool,
    },
    Word(&'t str),
    Address(&'t str),
    /// Words of other scripts.
    Talk,
}

/// A label that no value has followed yet.
#[derive(Clone, Copy)]
struct Open {
    label: Label,
    sure: bool,
    marked: bool,
}

/// Cuts cleaned text into words; a label holds for what follows it on its line, or, when nothing does, for the next
/// line that has something on it.
pub(super) fn words(cleaned: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut before: Option<Open> = None;
    for line in cleaned.lines() {
        if let Some(open) = before
            && let Some(text) = one_word(line)
        {
            let (label, sure) = (Some(open.label), true);
            words.push(Word { text, address: false, label, sure, alone: true, input: false });
            before = None;
            continue;
        }
        let items = items(line);
        if items.is_empty() {
            continue;
        }
        before = label(&items, before, &mut words);
    }
    words
}

/// Gives the words of one line their labels; what is left is for the next line.
fn label<'t>(items: &[Item<'t>], before: Option<Open>, words: &mut Vec<Word<'t>>) -> Option<Open> {
    let labelled = items.iter().any(|item| matches!(item, Item::Label { .. }));
    // A line with a label of its own begins with words for that one: "Default stream key".
    let before = before.filter(|_| !labelled || matches!(items.first(), Some(Item::Address(_))));
    let (mut open, mut taken, mut input) = (before, false, false);
    let pair = matches!(items, [Item::Address(_), Item::Word(_)] | [Item::Word(_), Item::Address(_)]);
    for item in items {
        let (text, address) = match item {
            Item::Label { label, sure, marked } => {
                (open, taken) = (Some(Open { label: *label, sure: *sure, marked: *marked }), false);
                continue;
            }
            Item::Talk => {
                // "密钥在哪里": a label only where a colon is.
                open = open.and_then(|open| (open.marked || !taken).then_some(Open { sure: false, ..open }));
                continue;
            }
            Item::Word(text) => (*text, false),
            Item::Address(text) => (*text, true),
        };
        let label = open.map(|open| open.label);
        let from_before = before.is_some() && items.len() > 1;
        // A box of a program's login page.
        let boxed = matches!(items.first(), Some(Item::Label { label: Label::User | Label::Password, .. }));
        let boxed = boxed && (items.len() == 2 || matches!(items, [_, _, Item::Word(button)] if is_button(button)));
        let sure = open.is_some_and(|open| open.sure || boxed) && !taken && !from_before;
        words.push(Word { text, address, label, sure, alone: items.len() == 1 || (pair && !address), input });
        taken = true;
        input = text == "-i";
    }
    let talked = matches!(items.last(), Some(Item::Talk));
    open.filter(|open| !taken && (open.marked || !talked))
}

/// The only word of `line`, whatever it looks like, if it is no label and no address.
fn one_word(line: &str) -> Option<&str> {
    let text = bare(line.trim());
    let label = at_start(text).is_some_and(|(.., length)| {
        let value = text[length..].trim_start_matches([':', '=']);
        value.is_empty() || address_length(value).is_some()
    });
    let one = !text.is_empty() && text.is_ascii() && !text.contains([' ', '"', '`', '|', '<', '{']);
    let real = text.bytes().any(|b| b.is_ascii_alphanumeric()) && !is_button(text) && !text.contains("://");
    (one && real && !label).then_some(text)
}

fn items(line: &str) -> Vec<Item<'_>> {
    let mut items = Vec::new();
    let mut rest = line;
    let mut last = ' ';
    while let Some(c) = rest.chars().next() {
        if let Some(after) =
            rest.strip_prefix('<').and_then(|rest| rest.split_once('>')).filter(|(inside, _)| is_blank(inside))
        {
            (rest, last) = (after.1, ' ');
            continue;
        }
        if is_gap(c) || rest.starts_with("-rtmp_") || (c == '-' && rest.starts_with("--")) {
            rest = &rest[c.len_utf8()..];
            last = ' ';
            continue;
        }
        // Right after a label, whatever looks like one is a value: keys begin like `key=` too.
        let value = matches!(items.last(), Some(Item::Label { sure: true, .. }));
        if let Some(length) = address_length(rest) {
            items.push(Item::Address(rest[..length].trim_end_matches([',', '.', ';', ':', '!', '*'])));
            rest = without_placeholder(&rest[length..]);
        } else if let Some((item, after)) = label_item(rest, last, value) {
            items.push(item);
            rest = after;
        } else if c.is_ascii() {
            let end = rest.find(ends_word).unwrap_or(rest.len()).max(1);
            // Whatever is glued to the front of an address is chatter; inside a query it is part of a key.
            let glued = (1..end).find(|at| begins_push(&rest[*at..]) && !rest[..*at].contains(['?', '&']));
            let (word, after) = rest.split_at(glued.unwrap_or(end));
            let word = trimmed(word, &line[..line.len() - rest.len()], after);
            if glued.is_none() && word.bytes().any(|b| b.is_ascii_alphanumeric()) {
                items.push(Item::Word(word));
            }
            rest = after;
        } else {
            if !matches!(items.last(), Some(Item::Talk)) {
                items.push(Item::Talk);
            }
            rest = &rest[c.len_utf8()..];
        }
        last = line[..line.len() - rest.len()].chars().next_back().unwrap_or(' ');
    }
    items
}

/// A label at the start of `text`, and what follows it and its colon. `last` stands before it; `value`: where a value
/// should stand.
fn label_item(text: &str, last: char, value: bool) -> Option<(Item<'_>, &str)> {
    let first = text.chars().next()?;
    let inside = last.is_alphanumeric() && !is_cjk(last) && !is_cjk(first);
    let (label, told, length) = at_start(text).filter(|_| !inside)?;
    let ascii = text[..length].is_ascii();
    let mut after = text[length..].trim_start_matches([' ', '"', '\'', '`', ']', '*']);
    // 串流密钥(Stream Key): …
    if let Some(note) = after.strip_prefix(['(', '['])
        && let Some((note, rest)) = note.split_once([')', ']'])
        && note.len() <= 48
        && !note.contains("://")
    {
        after = rest.trim_start_matches([' ', '"', '*']);
    }
    let mark = after.strip_prefix([':', '=']).or_else(|| after.strip_prefix("->"));
    if let Some(rest) = mark {
        let rest = rest.trim_start_matches([':', '=', '>', '*']);
        let glued = rest.starts_with(|c: char| c.is_ascii_graphic() && !is_gap(c)) && address_length(rest).is_none();
        let glued = glued && text[length..].starts_with([':', '=']);
        // `streamname=…&key=…` is a query.
        let run = &rest[..rest.find(ends_word).unwrap_or(rest.len())];
        let query = text[length..].starts_with('=') && run.find('&').is_some_and(|at| !run[..at].contains('?'));
        if glued && (value || query) {
            return None;
        }
        return Some((Item::Label { label, sure: true, marked: true }, rest));
    }
    // `key?x=1`, `server/live`, `key-12`: a word that begins so.
    let goes_on =
        ascii && text[length..].starts_with(|c: char| c.is_ascii_graphic() && !is_gap(c) && !",.;!".contains(c));
    if told == Told::Marked || goes_on {
        return None;
    }
    let particle = ["是", "为", "為", "は", "는", "은", "is ", "are ", "ist ", "es "];
    let said = particle.iter().find_map(|word| after.strip_prefix(word));
    let rest = said.unwrap_or(after);
    // Without a colon an English word is surely a label only when nothing follows on its line.
    Some((Item::Label { label, sure: !ascii || rest.trim().is_empty(), marked: false }, rest))
}

/// Length of the address with a scheme at the start of `text`.
fn address_length(text: &str) -> Option<usize> {
    let (scheme, rest) = text.split_once("://")?;
    let sound = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.len() <= 10
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    if !sound {
        return None;
    }
    let start = scheme.len() + 3;
    // IPv6 has brackets.
    let host =
        rest.rsplit_once('@').filter(|(login, _)| !login.contains(['/', ' '])).map_or(0, |(login, _)| login.len() + 1);
    let skip = match rest[host..].strip_prefix('[') {
        Some(inner) => host + inner.find(']').map_or(0, |end| end + 2),
        None => 0,
    };
    let tail = rest.get(skip..)?;
    let end = tail.find(|c: char| ends_word(c) || c == ')').unwrap_or(tail.len());
    Some(start + skip + end)
}

fn begins_push(text: &str) -> bool {
    ["rtmp://", "rtmps://", "http://", "https://"]
        .iter()
        .any(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
}

/// `text` without `{stream_key}` or `<your key>` at its start, which stands for something.
fn without_placeholder(text: &str) -> &str {
    for (opens, closes) in [('{', '}'), ('<', '>')] {
        if let Some((inside, rest)) = text.strip_prefix(opens).and_then(|text| text.split_once(closes))
            && inside.len() <= 30
        {
            return rest;
        }
    }
    text
}

/// `<your stream key>`, which stands for something.
fn is_blank(inside: &str) -> bool {
    inside.len() <= 30 && inside.trim().contains(' ') && !inside.contains(['=', ':', '/', '"'])
}

/// What stands between words.
fn is_gap(c: char) -> bool {
    c.is_whitespace() || "\"'`<>(){}[]|,;*".contains(c)
}

fn ends_word(c: char) -> bool {
    c.is_whitespace() || !c.is_ascii() || "\"'`<>{}[]|".contains(c)
}

/// `word` without the punctuation around it, where it stands in its line `before` and `after` something. A key may end in `=`,
/// where no quoted value follows, and in `*`, where that closes nothing.
fn trimmed<'t>(word: &'t str, before: &str, after: &str) -> &'t str {
    let opened = before.split(|c| c != '*').filter(|run| !run.is_empty()).count() % 2 == 1;
    let named = after.starts_with(['"', '\'']);
    let ends = |c: char| ",;()\\.:".contains(c) || (c == '*' && opened) || (c == '=' && named);
    word.trim_start_matches([',', ';', '*', '(', ')', '\\']).trim_end_matches(ends)
}

/// A line without quotes, brackets and punctuation around it. What a key may begin or end with stays.
fn bare(line: &str) -> &str {
    let inside = line.trim_matches(|c: char| "\"'`<>()[]{},; ".contains(c));
    let inside = if inside.starts_with('*') { inside.trim_matches('*') } else { inside };
    inside.trim_matches(|c: char| "\"'`<>()[]{},; ".contains(c)).trim_end_matches(['.', ':'])
}

/// What is written on buttons and above boxes.
pub(super) fn is_button(word: &str) -> bool {
    const BUTTONS: &[&str] = &[
        "copy",
        "copied",
        "reset",
        "show",
        "hide",
        "reveal",
        "edit",
        "save",
        "cancel",
        "apply",
        "ok",
        "settings",
        "stream",
        "streaming",
        "service",
        "destination",
        "output",
        "audio",
        "video",
        "hotkeys",
        "general",
        "advanced",
        "custom",
        "server",
        "key",
        "url",
        "user",
        "password",
        "settings",
        "rtmp",
        "rtmps",
        "obs",
        "live",
        "none",
        "null",
        "true",
        "false",
        "help",
        "thanks",
        "thx",
        "hello",
        "please",
        "pause",
        "test",
        "encoder",
        "primary",
        "backup",
        "generate",
    ];
    BUTTONS.iter().any(|button| button.eq_ignore_ascii_case(word.trim_end_matches(['.', '!'])))
}
