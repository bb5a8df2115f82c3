//! Takes off a pasted text what copying added to it.

/// `text` without what copying adds: invisible characters, full-width forms, HTML's and JSON's escapes, curly quotes,
/// blanks and line breaks inside an address or a key. Only letters of other scripts stay beside ASCII.
pub(super) fn clean(text: &str) -> String {
    let plain = unescaped(&entities(&halved(text)));
    schemes(&joined(&plain))
}

/// Half-width, with blanks for what is neither letter nor ASCII.
fn halved(text: &str) -> String {
    let invisible = |c: &char| {
        matches!(*c, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
    };
    let chars: Vec<char> = text.chars().filter(|c| !invisible(c)).collect();
    let ascii_at = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_alphanumeric);
    let half = |(at, c): (usize, &char)| match *c {
        '\r' | '\n' | '\u{2028}' | '\u{2029}' | '\u{85}' => '\n',
        // What parts sentences; a key that holds one of these holds the ASCII one.
        '，' | '；' | '！' | '、' => ' ',
        '。' | '．' | '｡' if ascii_at(at.checked_sub(1)) && ascii_at(at.checked_add(1)) => '.',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(*c) - 0xfee0).unwrap_or(' '),
        '“' | '”' | '„' | '«' | '»' => '"',
        '‘' | '’' => '\'',
        '\u{2010}'..='\u{2013}' | '\u{2212}' => '-',
        c if c.is_ascii() && !c.is_ascii_control() => c,
        c if c.is_alphanumeric() => c,
        _ => ' ',
    };
    chars.iter().enumerate().map(half).collect()
}

/// HTML's escapes undone, also where they were escaped once more.
fn entities(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..3 {
        if !text.contains(';') {
            break;
        }
        text = text.replace("&amp;", "&").replace("&#38;", "&").replace("&#x26;", "&");
    }
    for (escape, plain) in [
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&nbsp;", " "),
        ("&#39;", "'"),
        ("&#61;", "="),
        ("&#x3D;", "="),
    ] {
        text = text.replace(escape, plain);
    }
    text
}

/// Backslashes undone: JSON's, Markdown's, and a shell's at the end of a line, where Windows has `^`.
fn unescaped(text: &str) -> String {
    let text = text.replace("^\n", " ").replace("^ \n", " ");
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let code =
            after.strip_prefix('u').and_then(|hex| hex.get(..4)).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        rest = match (code, after.chars().next()) {
            (Some(code), _) if code.is_ascii_graphic() => {
                out.push(char::from(code));
                after.get(5..).unwrap_or_default()
            }
            (_, Some('n' | 'r')) => {
                out.push('\n');
                after.get(1..).unwrap_or_default()
            }
            (_, Some('\n')) => {
                out.push(' ');
                after.get(1..).unwrap_or_default()
            }
            (_, Some(c)) if c.is_ascii_punctuation() => {
                out.push(c);
                after.get(1..).unwrap_or_default()
            }
            _ => {
                out.push(' ');
                after
            }
        };
    }
    out + rest
}

/// Lines whose break fell into a query, put together again.
fn joined(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split('\n') {
        // Mails are quoted with `>`.
        let line = line.trim_start_matches(['>', ' ']).trim_end();
        let last = out.rsplit([' ', '\n']).next().unwrap_or_default();
        let open = last.contains('?') && last.ends_with(['&', '=']) && !line.contains(' ') && !line.contains("://");
        let query = last.contains(['?', '=']) && line.starts_with('&');
        if !out.is_empty() && !(line.len() > 1 && (open || query)) {
            out.push('\n');
        }
        out.push_str(line);
    }
    out
}

/// `rtmp://` as it is meant, where blanks stand in it or a part of it is missing.
fn schemes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = find_rtmp(rest) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let length = if from.as_bytes().get(4).is_some_and(|b| b.eq_ignore_ascii_case(&b's')) { 5 } else { 4 };
        let (scheme, tail) = from.split_at(length);
        let inner = out.chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric() || "-_.=?&/%".contains(c));
        let colon = tail.trim_start_matches(' ').strip_prefix([':', ';']);
        let slashes = colon.unwrap_or(tail).trim_start_matches(' ');
        let host = slashes.trim_start_matches(['/', ' ']);
        let typed = slashes[..slashes.len() - host.len()].matches('/').count();
        let begins = host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[');
        // What stands behind a blank must be a host.
        let blank = tail.len() - host.len() != "://".len();
        let word = host.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
        let begins = begins && (!blank || word.contains(['.', '[', ':']));
        // `rtmp:/host` and `rtmp//host`, but no `rtmp/rtmps`.
        if !inner && begins && typed > 0 && typed + usize::from(colon.is_some()) > 1 {
            out.push_str(&scheme.to_ascii_lowercase());
            out.push_str("://");
            rest = host;
        } else {
            out.push_str(scheme);
            rest = tail;
        }
    }
    out + rest
}

fn find_rtmp(text: &str) -> Option<usize> {
    text.as_bytes().windows(4).position(|four| four.eq_ignore_ascii_case(b"rtmp"))
}
