//! The two languages of the screens.

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
    /// The language for an IETF tag as Telegram gives it (`zh-hans`, `en-GB`); English for all that is not Chinese.
    #[must_use]
    pub fn from_tag(tag: &str) -> Self {
        let first = tag.split(['-', '_']).next().unwrap_or_default();
        if first.eq_ignore_ascii_case("zh") { Self::Zh } else { Self::En }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chinese_tag_is_chinese_and_the_rest_is_english() {
        for (tag, lang) in
            [("zh", Lang::Zh), ("zh-hans", Lang::Zh), ("ZH_TW", Lang::Zh), ("en-GB", Lang::En), ("", Lang::En)]
        {
            assert_eq!(Lang::from_tag(tag), lang, "{tag}");
        }
    }
}
