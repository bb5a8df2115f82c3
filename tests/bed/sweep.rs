//! Finds secrets in bytes: in clear, percent-encoded, in base64, in hexadecimal, as Debug prints bytes, and parts of eight.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::collections::HashMap;

/// How long a part must be to count.
const PART: usize = 8;

/// What is looked for.
pub struct Sweep {
    /// Eight bytes that give away which secret, and in which form.
    parts: HashMap<[u8; PART], (usize, &'static str)>,
}

impl Sweep {
    /// For all of these.
    pub fn of<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut parts = HashMap::new();
        for (number, secret) in secrets.into_iter().enumerate() {
            for window in secret.as_bytes().windows(PART) {
                note(&mut parts, window, (number, "in clear"));
            }
            // Six bytes are eight characters, wherever a group of three begins.
            for window in secret.as_bytes().windows(6) {
                for text in [STANDARD_NO_PAD.encode(window), URL_SAFE_NO_PAD.encode(window)] {
                    note(&mut parts, text.as_bytes(), (number, "in base64"));
                }
            }
        }
        Self { parts }
    }

    /// Which secrets are in there, and in which form.
    pub fn find(&self, bytes: &[u8]) -> Vec<(usize, &'static str)> {
        let mut found = Vec::new();
        let mut look = |bytes: &[u8], forms: &[&str]| {
            for window in bytes.windows(PART) {
                if let Some(hit) = <[u8; PART]>::try_from(window).ok().and_then(|window| self.parts.get(&window))
                    && forms.contains(&hit.1)
                    && !found.contains(hit)
                {
                    found.push(*hit);
                }
            }
        };
        look(bytes, &["in clear", "in base64"]);
        let decoded: Vec<u8> = percent_encoding::percent_decode(bytes).collect();
        if decoded != bytes {
            look(&decoded, &["in clear"]);
        }
        for list in lists(bytes).into_iter().chain(hexadecimal(bytes)) {
            look(&list, &["in clear"]);
        }
        found
    }
}

fn note(parts: &mut HashMap<[u8; PART], (usize, &'static str)>, window: &[u8], hit: (usize, &'static str)) {
    if let Ok(window) = window.try_into() {
        parts.entry(window).or_insert(hit);
    }
}

/// What `{:?}` prints of bytes, `[112, 108, …]`, read back.
fn lists(bytes: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(bytes);
    let lists = text.split('[').filter_map(|rest| rest.split_once(']')).map(|(list, _)| list);
    let numbers = lists.map(|list| list.split(',').map_while(|number| number.trim().parse().ok()).collect::<Vec<u8>>());
    numbers.filter(|list| list.len() >= PART).collect()
}

/// Hexadecimal text of sixteen digits or more, read back from either first digit on.
fn hexadecimal(bytes: &[u8]) -> Vec<Vec<u8>> {
    let runs = bytes.split(|byte| !byte.is_ascii_hexdigit()).filter(|run| run.len() >= 2 * PART);
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).unwrap_or(0);
    let read = |run: &[u8]| run.chunks_exact(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect::<Vec<u8>>();
    runs.flat_map(|run| [read(run), read(&run[1..])]).collect()
}
