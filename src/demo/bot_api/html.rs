//! Telegram's HTML, parsed as strictly as TDLib's `parse_html` (MessageEntity.cpp) does, with its error texts.

use super::entities::{Entity, EntityKind, checked_link};

const TAGS: [&str; 17] = [
    "a",
    "b",
    "strong",
    "i",
    "em",
    "s",
    "strike",
    "del",
    "u",
    "ins",
    "tg-spoiler",
    "tg-emoji",
    "tg-time",
    "span",
    "pre",
    "code",
    "blockquote",
];

struct Open {
    tag: String,
    argument: String,
    offset: usize,
    byte: usize,
}

/// Splits marked-up text into plain text and entities, or says what is wrong and at which byte.
pub(super) fn parse(source: &str) -> Result<(String, Vec<Entity>), String> {
    let mut reader = Reader { bytes: source.as_bytes(), at: 0 };
    let mut text = String::with_capacity(source.len());
    let mut offset = 0; // in UTF-16 code units, as Telegram counts
    let mut entities = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    while let Some(byte) = reader.peek() {
        let begin = reader.at;
        if byte == b'&'
            && let Some(c) = reader.character_reference()
        {
            text.push(c);
            offset += c.len_utf16();
        } else if byte != b'<' {
            let c = source[begin..].chars().next().unwrap_or_default();
            reader.at += c.len_utf8();
            text.push(c);
            offset += c.len_utf16();
        } else if reader.bytes.get(begin + 1) == Some(&b'/') {
            let last = open.last().ok_or_else(|| format!("Unexpected end tag at byte offset {begin}"))?;
            let name = reader.end_tag(begin)?;
            if !name.is_empty() && name != last.tag {
                let expected = &last.tag;
                return Err(format!(
                    "Unmatched end tag at byte offset {begin}, expected \"</{expected}>\", found \"</{name}>\""
                ));
            }
            if offset > last.offset {
                close(last, offset, &text, &mut entities)?;
            }
            open.pop();
        } else {
            let (tag, argument) = reader.start_tag(begin)?;
            open.push(Open { tag, argument, offset, byte: text.len() });
        }
    }
    if let Some(last) = open.last() {
        return Err(format!("Can't find end tag corresponding to start tag \"{}\"", last.tag));
    }
    entities.sort_by_key(|e: &Entity| (e.offset, std::cmp::Reverse(e.length)));
    Ok((text, entities))
}

fn close(open: &Open, end: usize, text: &str, entities: &mut Vec<Entity>) -> Result<(), String> {
    let (offset, length) = (open.offset, end - open.offset);
    let same_place = |e: &&mut Entity| e.offset == offset && e.length == length;
    let kind = match open.tag.as_str() {
        "b" | "strong" => EntityKind::Bold,
        "i" | "em" => EntityKind::Italic,
        "s" | "strike" | "del" => EntityKind::Strikethrough,
        "u" | "ins" => EntityKind::Underline,
        "tg-spoiler" | "span" => EntityKind::Spoiler,
        "blockquote" if open.argument.is_empty() => EntityKind::Blockquote,
        "blockquote" => EntityKind::ExpandableBlockquote,
        "tg-emoji" => match open.argument.parse::<i64>() {
            Ok(id) if id != 0 => EntityKind::CustomEmoji(open.argument.clone()),
            _ => return Err("Invalid custom emoji identifier specified".into()),
        },
        "a" => {
            let link = if open.argument.is_empty() { &text[open.byte..] } else { &open.argument };
            let user = link.strip_prefix("tg://user?id=").and_then(|id| id.parse().ok());
            match (user, checked_link(link)) {
                (Some(user), _) => EntityKind::TextMention(user),
                (None, Ok(link)) => EntityKind::TextLink(link),
                (None, Err(_)) => return Ok(()), // the real server drops a bad link and keeps its words
            }
        }
        "pre" => {
            if let Some(Entity { kind, .. }) = entities.last_mut().filter(same_place)
                && let EntityKind::Code(language) = kind
                && !language.is_empty()
            {
                *kind = EntityKind::Pre(std::mem::take(language));
                return Ok(());
            }
            EntityKind::Pre(String::new())
        }
        "code" => match entities.last_mut().filter(same_place) {
            Some(Entity { kind: EntityKind::Pre(language), .. }) if !open.argument.is_empty() => {
                language.clone_from(&open.argument);
                return Ok(());
            }
            _ => EntityKind::Code(open.argument.clone()),
        },
        _ => return Ok(()), // tg-time: shown as its words
    };
    entities.push(Entity { offset, length, kind });
    Ok(())
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Moves over bytes while `test` holds and returns them as text.
    fn take(&mut self, test: impl Fn(u8) -> bool) -> String {
        let begin = self.at;
        while self.peek().is_some_and(&test) {
            self.at += 1;
        }
        String::from_utf8_lossy(&self.bytes[begin..self.at]).into_owned()
    }

    fn blanks(&mut self) {
        self.take(|b| b.is_ascii_whitespace());
    }

    /// `&lt;`, `&#10;`, `&#x41`, … at the reader's place; `None`, and no move, for what is none of them.
    fn character_reference(&mut self) -> Option<char> {
        let begin = self.at;
        self.at += 1;
        let code = if self.peek() == Some(b'#') {
            self.at += 1;
            let (radix, digits) = if self.peek() == Some(b'x') {
                self.at += 1;
                (16, self.take(|b| b.is_ascii_hexdigit()))
            } else {
                (10, self.take(|b| b.is_ascii_digit()))
            };
            let short = self.at - begin < 10;
            u32::from_str_radix(&digits, radix).ok().filter(|&c| c != 0 && short).and_then(char::from_u32)
        } else {
            match self.take(|b| b.is_ascii_alphabetic()).as_str() {
                "lt" => Some('<'),
                "gt" => Some('>'),
                "amp" => Some('&'),
                "quot" => Some('"'),
                _ => None,
            }
        };
        if code.is_none() {
            self.at = begin;
        } else if self.peek() == Some(b';') {
            self.at += 1;
        }
        code
    }

    fn end_tag(&mut self, begin: usize) -> Result<String, String> {
        self.at += 2;
        let name = self.take(|b| !b.is_ascii_whitespace() && b != b'>').to_ascii_lowercase();
        self.blanks();
        if self.peek() != Some(b'>') {
            return Err(format!("Unclosed end tag at byte offset {begin}"));
        }
        self.at += 1;
        Ok(name)
    }

    fn start_tag(&mut self, begin: usize) -> Result<(String, String), String> {
        self.at += 1;
        let tag = self.take(|b| !b.is_ascii_whitespace() && b != b'>').to_ascii_lowercase();
        if self.peek().is_none() {
            return Err(format!("Unclosed start tag at byte offset {begin}"));
        }
        if !TAGS.contains(&tag.as_str()) {
            return Err(format!("Unsupported start tag \"{tag}\" at byte offset {begin}"));
        }
        let unclosed = || format!("Unclosed start tag \"{tag}\" at byte offset {begin}");
        let mut argument = String::new();
        loop {
            self.blanks();
            if self.peek() == Some(b'>') {
                break;
            }
            let name = self.take(|b| !b.is_ascii_whitespace() && !b"=>/\"'".contains(&b));
            if name.is_empty() {
                return Err(format!("Empty attribute name in the tag \"{tag}\" at byte offset {begin}"));
            }
            self.blanks();
            if self.peek() != Some(b'=') {
                self.peek().ok_or_else(unclosed)?;
                if tag == "blockquote" && name == "expandable" {
                    argument = "1".into();
                }
                continue;
            }
            self.at += 1;
            self.blanks();
            self.peek().ok_or_else(unclosed)?;
            let value = self.attribute_value()?;
            self.peek().ok_or_else(|| format!("Unclosed start tag at byte offset {begin}"))?;
            match (tag.as_str(), name.as_str()) {
                ("a", "href") | ("tg-emoji", "emoji-id") => argument = value,
                ("code", "class") if value.starts_with("language-") => argument = value[9..].into(),
                ("span", "class") if value.starts_with("tg-") => argument = value[3..].into(),
                ("blockquote", "expandable") => argument = "1".into(),
                _ => {}
            }
        }
        self.at += 1;
        if tag == "span" && argument != "spoiler" {
            return Err(format!("Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"));
        }
        Ok((tag, argument))
    }

    fn attribute_value(&mut self) -> Result<String, String> {
        let begin = self.at;
        let Some(quote @ (b'\'' | b'"')) = self.peek() else {
            let token = self.take(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-').to_ascii_lowercase();
            return match self.peek() {
                Some(b) if b.is_ascii_whitespace() || b == b'>' => Ok(token),
                _ => Err(format!("Unexpected end of name token at byte offset {begin}")),
            };
        };
        self.at += 1;
        let mut value = Vec::new();
        while let Some(byte) = self.peek().filter(|&b| b != quote) {
            match if byte == b'&' { self.character_reference() } else { None } {
                Some(c) => value.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                None => {
                    value.push(byte);
                    self.at += 1;
                }
            }
        }
        self.at = (self.at + 1).min(self.bytes.len());
        Ok(String::from_utf8_lossy(&value).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_markup_is_refused_in_the_servers_words() {
        for (source, words) in [
            ("<b>x", "Can't find end tag corresponding to start tag \"b\""),
            ("a <x>", "Unsupported start tag \"x\" at byte offset 2"),
            ("1 <2", "Unclosed start tag at byte offset 2"),
            ("1 < 2", "Unsupported start tag \"\" at byte offset 2"),
            ("x</b>", "Unexpected end tag at byte offset 1"),
            ("<b>x</i>", "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\""),
            ("<b>x</b", "Unclosed end tag at byte offset 4"),
            ("<a href=b@r>x</a>", "Unexpected end of name token at byte offset 8"),
            ("<span>x</span>", "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0"),
            ("<b/>", "Unsupported start tag \"b/\" at byte offset 0"),
            ("<a =x>", "Empty attribute name in the tag \"a\" at byte offset 0"),
            ("<code class=\"x", "Unclosed start tag at byte offset 0"),
        ] {
            assert_eq!(parse(source).unwrap_err(), words, "{source}");
        }
    }

    #[test]
    fn entities_are_counted_in_utf16_and_references_are_decoded() {
        let (text, entities) = parse("😀<b>群播 &lt;&amp;&#x41;</b> &nbsp; <code>k</code>").unwrap();
        assert_eq!(text, "😀群播 <&A &nbsp; k");
        let places: Vec<_> = entities.iter().map(|e| (e.offset, e.length)).collect();
        assert_eq!(places, [(2, 6), (16, 1)]);
    }

    #[test]
    fn links_pre_and_spoilers_are_named() {
        let (_, entities) = parse(
            "<a href=\"t.me/x?a=1&amp;b=2\">l</a><pre><code class=\"language-sh\">c</code></pre><tg-spoiler>s</tg-spoiler>\
             <a href=\"rtmp://x\">dropped</a>",
        )
        .unwrap();
        let kinds: Vec<_> = entities.into_iter().map(|e| e.kind).collect();
        assert_eq!(
            kinds,
            [EntityKind::TextLink("http://t.me/x?a=1&b=2".into()), EntityKind::Pre("sh".into()), EntityKind::Spoiler]
        );
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_panic_and_escaped_text_comes_back(text in "[<>&;/=\"'a-c群😀 #x0-9]{0,40}") {
            let _ = parse(&text);
            let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            proptest::prop_assert_eq!(parse(&escaped).unwrap().0, text);
        }
    }
}
