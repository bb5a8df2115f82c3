//! Words that come from outside. They are shown escaped and capped, because their `Display` is the only way out.

use crate::domain::target::TargetName;
use std::fmt;

/// Longest name of a chat or person shown, in characters.
const NAME: usize = 64;
/// Longest saying of a platform shown, in characters.
const WORDS: usize = 120;
/// Longest link or address shown, in characters.
const ADDRESS: usize = 500;

/// A text of somebody else's, on one line. `Display` escapes it for Telegram's HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said(String);

impl Said {
    /// What a chat or person is called.
    pub(super) fn name(text: &str) -> Self {
        Self::capped(text, NAME)
    }

    /// What a platform said.
    pub(super) fn words(text: &str) -> Self {
        Self::capped(text, WORDS)
    }

    /// A link, or the part of a server's address that may be shown.
    pub(super) fn address(text: &str) -> Self {
        Self::capped(text, ADDRESS)
    }

    fn capped(text: &str, cap: usize) -> Self {
        // Invisible marks of direction can turn the rest of a line around.
        let hidden = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}');
        let plain = text.chars().filter(|c| !hidden(*c)).map(|c| if c.is_control() { ' ' } else { c });
        let line = plain.take(cap * 2).collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
        if line.chars().count() <= cap {
            return Self(line);
        }
        Self(line.chars().take(cap - 1).chain(['…']).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text as it is, for buttons, which take no markup.
    pub(super) fn plain(&self) -> &str {
        &self.0
    }
}

impl From<&TargetName> for Said {
    fn from(name: &TargetName) -> Self {
        Self::name(name.as_str())
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                c => fmt::Write::write_char(f, c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_tricks_of_direction_are_harmless() {
        assert_eq!(Said::name("<b>\"A&B\"\n\u{202e}evil").to_string(), "&lt;b&gt;&quot;A&amp;B&quot; evil");
        assert_eq!(Said::name("  周末 🎬  ").to_string(), "周末 🎬");
    }

    #[test]
    fn what_is_too_long_is_cut() {
        let long = Said::words(&"直".repeat(500));
        assert_eq!(long.plain().chars().count(), 120);
        assert!(long.plain().ends_with('…'));
    }
}
