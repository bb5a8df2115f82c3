//! The parts of a [`Platform`](super::Platform): the schema of `platforms.toml`.

use super::Pattern;
use crate::domain::lang::Lang;
use serde::Deserialize;

/// The same words in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// English.
    pub en: String,
    /// 简体中文.
    pub zh: String,
}

impl Words {
    /// The words for a reader of `lang`.
    #[must_use]
    pub fn of(&self, lang: Lang) -> &str {
        // What is known of platforms is in two languages, whatever the screens speak.
        match lang {
            Lang::Zh => &self.zh,
            _ => &self.en,
        }
    }
}

/// What a platform is to Telecast.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// People watch there.
    #[default]
    Destination,
    /// A carrier behind many products: who chose one of those means it, and not the carrier.
    Cdn,
    /// It sends to Telecast.
    Encoder,
    /// Software that anybody runs: it has no hosts of its own.
    Generic,
}

/// A part of what is said of a platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Its servers and their hosts.
    Servers,
    /// The shape and the life of its keys.
    Key,
    /// What of it goes into app, tcUrl and name.
    Compose,
    /// What it takes.
    Limits,
    /// Where people watch.
    Viewer,
    /// What its status pages say.
    Status,
    /// What its user must have, and what its owner must press.
    Needs,
    /// That it is closed.
    Closed,
}

/// The end of a platform, or its end for those who are new.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closed {
    /// The day or the month, `2024-06-30` or `2026-02`.
    pub since: String,
    /// What happened, and what to do instead.
    pub say: Words,
}

/// What its owner must press there for viewers to see anything.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnerPress {
    /// What to press, a whole sentence.
    pub say: Words,
    /// Before the stream arrives, or after.
    pub when: When,
    /// The page with the button.
    #[serde(default)]
    pub link: Option<String>,
}

impl OwnerPress {
    /// What to press, and where.
    #[must_use]
    pub fn told(&self) -> Words {
        self.linked(&self.say)
    }

    /// What was said of it in other words, and where.
    #[must_use]
    pub fn linked(&self, say: &Words) -> Words {
        let link = self.link.as_ref().map(|link| format!(" {link}")).unwrap_or_default();
        Words { en: format!("{}{link}", say.en), zh: format!("{}{link}", say.zh) }
    }
}

/// On which side of the stream's arrival something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// Before the stream arrives; the platform may refuse it until then.
    Before,
    /// Once it has arrived; until then nobody sees it.
    After,
}

/// A push server.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// What goes into the box “Server”.
    pub url: String,
    /// What it is among the others.
    #[serde(default)]
    pub role: ServerRole,
    /// When to take it.
    #[serde(default)]
    pub say: Option<Words>,
}

/// What a server is among others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServerRole {
    /// The usual one.
    #[default]
    Primary,
    /// For when the usual one does not do.
    Backup,
    /// The nearer one for some.
    Region,
}

/// Whether servers speak TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    /// RTMP and RTMPS, or it is not known: whatever was pasted.
    #[default]
    Yes,
    /// RTMPS only.
    Only,
    /// RTMP only.
    No,
}

/// What is known of a platform's keys.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Where its secret is.
    pub kind: KeyKind,
    /// How long it holds.
    #[serde(default)]
    pub life: Option<KeyLife>,
    /// What it looks like. A key that does not is told of, never refused.
    #[serde(default)]
    pub shape: Option<Pattern>,
    /// What it begins with, where that is certain.
    #[serde(default)]
    pub starts: Option<String>,
    /// How to know it.
    pub hint: Words,
}

/// Where the secret of a stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyKind {
    /// A plain word.
    Path,
    /// Nothing but a query, which begins with `?`.
    Query,
    /// A name and a query behind it.
    PathAndQuery,
    /// In the server's path; the name is free.
    App,
    /// There is none.
    None,
}

/// How long a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyLife {
    /// For good.
    Permanent,
    /// Until its owner has a new one made.
    UntilReset,
    /// From one start to one stop.
    PerSession,
    /// For one event that was planned.
    PerEvent,
    /// Until a time that stands in it.
    Expiring,
}

/// What becomes of a second encoder with the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecondPublisher {
    /// It is refused.
    Refused,
    /// It takes the first one's place.
    Replaces,
}

/// Where people watch. Names in braces in templates are those of groups in patterns: the platform's own names of a place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Viewer {
    /// The link, `https://www.twitch.tv/{login}`.
    pub link: Option<String>,
    /// Finds names in the link of a viewer page.
    pub pages: Vec<Pattern>,
    /// Finds names in a key.
    pub key: Option<Pattern>,
    /// What to ask its user for, where the key does not tell it: “your Twitch name”.
    pub ask: Option<Words>,
    /// Viewers must be logged in.
    pub login: bool,
}

/// A refusal: what it looks like, and what it means there.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// The code of its status, whole.
    #[serde(default)]
    pub code: Option<String>,
    /// A part of its words, in lower case.
    #[serde(default)]
    pub text: Option<String>,
    /// It closes the connection without a word, after that.
    #[serde(default)]
    pub closes: Option<Closes>,
    /// So many seconds later at most.
    #[serde(default)]
    pub within_s: Option<u32>,
    /// What it means.
    pub means: Means,
    /// What to do about it, where more is known than what it means.
    #[serde(default)]
    pub say: Option<Words>,
}

impl Refusal {
    /// One whose meaning is known otherwise than by its looks.
    #[must_use]
    pub fn known(means: Means) -> Self {
        Self { code: None, text: None, closes: None, within_s: None, means, say: None }
    }

    /// Whether a refusal of these looks is meant: see [`Catalogue::refusal`](super::Catalogue::refusal).
    pub(super) fn fits(&self, words: &str, closes: Option<(Closes, u32)>) -> bool {
        let code = self.code.as_ref().is_none_or(|code| words == code || words.starts_with(&format!("{code}:")));
        let text = self.text.as_ref().is_none_or(|text| words.to_lowercase().contains(text));
        let closed = match (self.closes, closes) {
            (None, _) => true,
            (Some(rule), Some((seen, after))) => rule == seen && self.within_s.is_none_or(|within| after <= within),
            (Some(_), None) => false,
        };
        code && text && closed && (self.closes.is_some() || !words.is_empty())
    }
}

/// What a server took before it closed the connection without a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Closes {
    /// `connect`, but not `publish`.
    Connect,
    /// `publish`.
    Publish,
}

/// What a refusal means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Means {
    /// The key is wrong.
    Key,
    /// The key was good once, and is used up.
    KeyUsed,
    /// The key's time is over.
    KeyExpired,
    /// Its owner has not pressed start, or has pressed stop.
    NotStarted,
    /// Somebody else publishes with the key.
    InUse,
    /// The stream is more than it takes.
    OverLimit,
    /// The server's address is wrong behind its host.
    Address,
    /// User or password are wrong.
    Login,
}
