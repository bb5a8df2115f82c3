//! JSON that stands in the middle of a web page. Pure; takes time in proportion to the page.

use serde_json::Value;

/// How many places of a page are looked at.
const PLACES: usize = 8;

/// The first JSON behind `marker`; where it is `escaped`, it is an attribute's value, up to its quote.
pub(super) fn find(page: &str, marker: &str, escaped: bool) -> Option<Value> {
    page.match_indices(marker).take(PLACES).find_map(|(at, _)| {
        let rest = &page[at + marker.len()..];
        if escaped {
            let value = unescape(rest.split_once('"')?.0);
            return serde_json::from_str(&value).ok();
        }
        serde_json::from_str(&literal(rest)?).ok()
    })
}

/// The object or array that `text` begins with, with JavaScript's `undefined` made `null`: pages write their state as a
/// literal of that language.
fn literal(text: &str) -> Option<String> {
    let text = text.trim_start();
    let (mut json, mut depth, mut from) = (String::new(), 0usize, 0);
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => {
                while let Some((_, inside)) = bytes.next() {
                    match inside {
                        b'\\' => drop(bytes.next()),
                        b'"' => break,
                        _ => {}
                    }
                }
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    json.push_str(&text[from..=at]);
                    return Some(json);
                }
            }
            b'u' if text[at..].starts_with("undefined") => {
                json.push_str(&text[from..at]);
                json.push_str("null");
                from = at + "undefined".len();
            }
            _ => {}
        }
        if depth == 0 {
            return None;
        }
    }
    None
}

/// `text` without HTML's escapes; those that are unknown stay.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        // The longest that is known has eight characters.
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        let known = end.and_then(|end| Some((end, character(&rest[1..end])?)));
        match known {
            Some((end, c)) => {
                plain.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                plain.push('&');
                rest = &rest[1..];
            }
        }
    }
    plain + rest
}

fn character(name: &str) -> Option<char> {
    Some(match name {
        "quot" => '"',
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        _ => {
            let number = name.strip_prefix('#')?;
            let hex = number.strip_prefix(['x', 'X']);
            let code = hex.map_or_else(|| number.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok());
            return char::from_u32(code?);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_pages_state_ends_where_its_braces_do() {
        let page = r#"x = 1; S = {"a":"}\" undefined","b":undefined,"c":[undefined,1]}; more(); S = {"a":2}"#;
        assert_eq!(find(page, "S = ", false), Some(json!({"a": "}\" undefined", "b": null, "c": [null, 1]})));
        assert_eq!(find("S = f({}); S = {\"a\":2}<", "S = ", false), Some(json!({"a": 2})), "the next place is tried");
        for broken in ["S = {\"a\":1", "S = ", "S = \"", "S = }", "S = {undefined}", "", "S = {\"a\":\"\\"] {
            assert_eq!(find(broken, "S = ", false), None, "{broken}");
        }
        let deep = format!("S = {}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(find(&deep, "S = ", false), None, "too deep, and no stack overflows");
    }

    #[test]
    fn an_attributes_value_has_its_escapes_taken_out_once() {
        let page = r#"<p data-props="{&quot;a&quot;:&#34;&amp;lt; &#x76F4;&quot;[&apos;&bogus;&#99999999;" id="b">"#;
        assert_eq!(find(page, "data-props=\"", true), None);
        let page = r#"<p data-props="{&quot;a&quot;:&#34;&amp;lt; &#x76F4; &bogus; &&quot;}" id="b">"#;
        assert_eq!(find(page, "data-props=\"", true), Some(json!({"a": "&lt; 直 &bogus; &"})));
    }
}
