//! The string literals of a source file.

/// Every literal of `source` that is said: not those of comments and patterns.
pub(super) fn of(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        } else if c == '\'' {
            rest = after_char(rest);
        } else if c == '"' {
            let (text, after) = literal(&rest[1..]);
            let next = after.trim_start();
            if !next.starts_with("=>") && !next.starts_with('|') {
                found.push(text);
            }
            rest = after;
        } else {
            rest = &rest[c.len_utf8()..];
        }
    }
    found
}

/// Behind a character's literal, or behind the mark alone where it begins a lifetime.
fn after_char(rest: &str) -> &str {
    let inside = &rest[1..];
    let skip = if inside.starts_with('\\') { 2 } else { inside.chars().next().map_or(0, char::len_utf8) };
    match inside.get(skip..).and_then(|behind| behind.find('\'')) {
        Some(0) => &inside[skip + 1..],
        Some(end) if inside.starts_with("\\u") => &inside[skip + end + 1..],
        _ => inside,
    }
}

/// What stands until the closing mark, as it is meant, and what follows it.
fn literal(inside: &str) -> (String, &str) {
    let mut text = String::new();
    let mut chars = inside.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (text, &inside[at + 1..]),
            '\\' => match chars.next() {
                Some((_, 'n')) => text.push('\n'),
                Some((_, '\n')) => {
                    let blanks = chars.as_str();
                    let skip = blanks.len() - blanks.trim_start().len();
                    for _ in 0..blanks[..skip].chars().count() {
                        chars.next();
                    }
                }
                Some((_, 'u')) => {
                    let code: String = chars.by_ref().map(|(_, c)| c).take_while(|c| *c != '}').collect();
                    let code = u32::from_str_radix(code.trim_start_matches('{'), 16).ok();
                    text.extend(code.and_then(char::from_u32));
                }
                Some((_, other)) => text.push(other),
                None => break,
            },
            c => text.push(c),
        }
    }
    (text, "")
}
