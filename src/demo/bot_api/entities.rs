//! What is bold, a link or a command in a text. Offsets are UTF-16 code units, as everywhere in the Bot API.

use super::html;
use super::params::Params;
use super::refusal::Refusal;
use serde_json::{Value, json};

/// Longest text of a message, in characters.
const MAX_TEXT: usize = 4096;
/// Longest caption of a photo or document, in characters.
const MAX_CAPTION: usize = 1024;

/// A marked part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// Where it begins, UTF-16 code units.
    pub offset: usize,
    /// How long it is, UTF-16 code units.
    pub length: usize,
    /// What it is.
    pub kind: EntityKind,
}

/// `MessageEntity.type`, with what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as in the Bot API")]
pub enum EntityKind {
    Bold,
    Italic,
    Underline,
    Strikethrough,
    Spoiler,
    Blockquote,
    ExpandableBlockquote,
    Code(String),
    Pre(String),
    TextLink(String),
    TextMention(i64),
    CustomEmoji(String),
    BotCommand,
    Url,
}

impl Entity {
    /// The JSON form. `user` gives the `User` of a mention.
    pub(super) fn json(&self, user: impl Fn(i64) -> Value) -> Value {
        let (name, more) = match &self.kind {
            EntityKind::Bold => ("bold", None),
            EntityKind::Italic => ("italic", None),
            EntityKind::Underline => ("underline", None),
            EntityKind::Strikethrough => ("strikethrough", None),
            EntityKind::Spoiler => ("spoiler", None),
            EntityKind::Blockquote => ("blockquote", None),
            EntityKind::ExpandableBlockquote => ("expandable_blockquote", None),
            EntityKind::Code(_) => ("code", None),
            EntityKind::Pre(language) => ("pre", (!language.is_empty()).then(|| ("language", json!(language)))),
            EntityKind::TextLink(url) => ("text_link", Some(("url", json!(url)))),
            EntityKind::TextMention(id) => ("text_mention", Some(("user", user(*id)))),
            EntityKind::CustomEmoji(id) => ("custom_emoji", Some(("custom_emoji_id", json!(id)))),
            EntityKind::BotCommand => ("bot_command", None),
            EntityKind::Url => ("url", None),
        };
        let mut entity = json!({"type": name, "offset": self.offset, "length": self.length});
        if let Some((key, value)) = more {
            entity[key] = value;
        }
        entity
    }
}

/// A text with its marks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marked {
    /// The plain text.
    pub text: String,
    /// The marks, by offset.
    pub entities: Vec<Entity>,
}

impl Marked {
    /// What a person typed: commands and addresses are found, nothing else is markup.
    pub(super) fn typed(text: &str) -> Self {
        let text = text.trim().to_owned();
        let mut entities = Vec::new();
        let mut offset = 0;
        for word in text.split_inclusive(char::is_whitespace) {
            let bare = word.trim_end();
            let kind = if command(bare).is_some() {
                Some(EntityKind::BotCommand)
            } else {
                bare.split_once("://")
                    .filter(|(s, r)| matches!(*s, "http" | "https") && !r.is_empty())
                    .map(|_| EntityKind::Url)
            };
            if let Some(kind) = kind {
                entities.push(Entity { offset, length: bare.encode_utf16().count(), kind });
            }
            offset += word.encode_utf16().count();
        }
        Self { text, entities }
    }

    /// The text of `sendMessage` and `editMessageText`.
    pub(super) fn text_of(params: &mut Params) -> Result<Self, Refusal> {
        let text = params.text("text").ok_or_else(|| Refusal::bad("message text is empty"))?;
        let marked =
            Self::parse(text, params.text("parse_mode"), params.json("entities", "can't parse entities JSON object")?)?;
        match marked.text.chars().count() {
            0 => Err(Refusal::bad("text must be non-empty")),
            n if n > MAX_TEXT => Err(Refusal::bad("message is too long")),
            _ => Ok(marked),
        }
    }

    /// The caption of a photo or document; may be empty.
    pub(super) fn caption(
        text: Option<String>,
        mode: Option<String>,
        entities: Option<Value>,
    ) -> Result<Self, Refusal> {
        let marked = Self::parse(text.unwrap_or_default(), mode, entities)?;
        if marked.text.chars().count() > MAX_CAPTION {
            return Err(Refusal::bad("message caption is too long"));
        }
        Ok(marked)
    }

    fn parse(text: String, mode: Option<String>, entities: Option<Value>) -> Result<Self, Refusal> {
        if text.len() > 1 << 15 {
            return Err(Refusal::bad("text is too long"));
        }
        let (text, entities) = match mode.map(|m| m.to_ascii_lowercase()).as_deref() {
            None | Some("none") => {
                if entities.is_some_and(|e| e.as_array().is_none_or(|a| !a.is_empty())) {
                    return Err(Refusal::plain(501, "the stand-in takes markup as HTML only"));
                }
                (text, Vec::new())
            }
            Some("html") => {
                html::parse(&text).map_err(|words| Refusal::bad(format!("can't parse entities: {words}")))?
            }
            Some("markdown" | "markdownv2") => {
                return Err(Refusal::plain(501, "the stand-in takes markup as HTML only"));
            }
            Some(_) => return Err(Refusal::bad("unsupported parse_mode")),
        };
        Ok(Self { text, entities }.trimmed())
    }

    /// Outer blanks go, as in Telegram, and marks shrink with them.
    fn trimmed(self) -> Self {
        let before = self.text.len() - self.text.trim_start().len();
        let cut = self.text[..before].encode_utf16().count();
        let text = self.text.trim().to_owned();
        let whole = text.encode_utf16().count();
        let shrink = |e: Entity| {
            let end = (e.offset + e.length).saturating_sub(cut).min(whole);
            let offset = e.offset.saturating_sub(cut);
            (end > offset).then(|| Entity { offset, length: end - offset, kind: e.kind })
        };
        Self { entities: self.entities.into_iter().filter_map(shrink).collect(), text }
    }
}

/// Takes `/name@bot` apart: the name, and the bot that is named.
pub(super) fn command(word: &str) -> Option<(&str, Option<&str>)> {
    let (name, bot) = match word.strip_prefix('/')?.split_once('@') {
        Some((name, bot)) => (name, Some(bot)),
        None => (word.strip_prefix('/')?, None),
    };
    let fits =
        |s: &str, max: usize| (1..=max).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    (fits(name, 64) && bot.is_none_or(|b| fits(b, 32))).then_some((name, bot))
}

/// A link as Telegram keeps it, or its words on what is wrong.
pub(super) fn checked_link(link: &str) -> Result<String, String> {
    let wrong = |why: &str| format!("URL '{link}' is invalid: {why}");
    let full = if link.contains("://") { link.trim().to_owned() } else { format!("http://{}", link.trim()) };
    let url = url::Url::parse(&full).map_err(|_| wrong("Wrong HTTP URL"))?;
    match url.scheme() {
        "tg" | "ton" => Ok(full),
        "http" | "https" => {
            let host = url.host_str().unwrap_or_default();
            let known = host.contains('.') || host == "localhost" || host.starts_with('[');
            if known { Ok(full) } else { Err(wrong("Wrong HTTP URL")) }
        }
        _ => Err(wrong("Unsupported URL protocol")),
    }
}
