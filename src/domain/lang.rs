//! The languages of the screens. Their words are in `chat/text`, one module each.

use serde::{Deserialize, Serialize};

/// A language that every screen is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// 简体中文.
    Zh,
}

impl Lang {
    /// Every language; the first is for whoever speaks none of them.
    pub const ALL: [Self; 2] = [Self::En, Self::Zh];

    /// Its two letters (ISO 639-1), by which Telegram knows it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }

    /// What it calls itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Zh => "中文",
        }
    }

    /// The language for an IETF tag as Telegram gives it (`zh-hans`, `en-GB`); English for those that are not here.
    #[must_use]
    pub fn from_tag(tag: &str) -> Self {
        Self::known(tag).unwrap_or_default()
    }

    /// The same, if it is here.
    #[must_use]
    pub fn known(tag: &str) -> Option<Self> {
        let first = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|lang| first.eq_ignore_ascii_case(lang.code()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chinese_tag_is_chinese_and_what_is_not_known_is_english() {
        for (tag, lang) in [
            ("zh", Lang::Zh),
            ("zh-hans", Lang::Zh),
            ("ZH_TW", Lang::Zh),
            ("en-GB", Lang::En),
            ("fr", Lang::En),
            ("", Lang::En),
        ] {
            assert_eq!(Lang::from_tag(tag), lang, "{tag}");
        }
    }
}
