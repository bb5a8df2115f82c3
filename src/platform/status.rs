//! Which public page says whether a show is live, and how its answer is read: data for the one who asks.

use serde::Deserialize;
use std::collections::BTreeMap;

/// A page that says whether a show is live. Names in braces are those of [`Viewer`](super::Viewer)'s patterns, of
/// [`Lookup`]s, and of an [`Application`]. An answer that is none of `live`, `replay` and `offline` says nothing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusPage {
    /// What must be had to ask it.
    #[serde(default)]
    pub access: Access,
    /// Its URL.
    pub url: String,
    /// What is posted; without it, the page is fetched.
    #[serde(default)]
    pub body: Option<Body>,
    /// Text of a web page behind which the answer's JSON begins; without it, all is JSON.
    #[serde(default)]
    pub behind: Option<String>,
    /// The JSON is an attribute's value, with HTML's escapes.
    #[serde(default)]
    pub escaped: bool,
    /// Where in it the state is (RFC 6901), names in braces; `*` stands for every element of an array.
    pub pointer: String,
    /// Which element of the array, where `*` alone would be too many.
    #[serde(default)]
    pub pick: Option<Pick>,
    /// What must be so for the answer to count.
    #[serde(default)]
    pub only_if: Vec<Check>,
    /// States in which viewers see the show.
    pub live: Vec<Answer>,
    /// States in which they see an old one.
    #[serde(default)]
    pub replay: Vec<Answer>,
    /// What makes a live state a replay.
    #[serde(default)]
    pub replay_if: Vec<Check>,
    /// States in which they see none.
    #[serde(default)]
    pub offline: Vec<Answer>,
    /// Where in it the show's title is (RFC 6901).
    #[serde(default)]
    pub title: Option<String>,
    /// Seconds that it may be late, where that is known.
    #[serde(default)]
    pub late_s: Option<u32>,
    /// Seconds between two questions about one channel, where that is more than of other pages.
    #[serde(default)]
    pub every_s: Option<u32>,
    /// It changes often, or answers not everybody: what it says is worth something, its silence nothing.
    #[serde(default)]
    pub fragile: bool,
}

/// What must be had to ask a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Nothing.
    #[default]
    Open,
    /// What the host was given when it registered an [`Application`] with the platform.
    Application,
}

/// How an application that the host has registered with a platform proves what it is. Names in braces: `{app_id}` and
/// `{app_secret}`, which the platform gave to the host, and `{app_token}`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// Where id and secret are exchanged for a token (OAuth 2.0's client credentials, RFC 6749 §4.4, both in the body);
    /// without it there is none.
    #[serde(default)]
    pub token_url: Option<String>,
    /// What goes with each question.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The HTTP errors by which it is refused as such.
    #[serde(default = "unauthorised")]
    pub refused_by: Vec<u16>,
}

fn unauthorised() -> Vec<u16> {
    vec![401, 403]
}

/// What is posted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// How it is written.
    pub encoding: Encoding,
    /// Its text, names in braces.
    pub text: String,
}

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `application/json`.
    Json,
}

/// A place of the answer that must be so.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Where (RFC 6901).
    pub pointer: String,
    /// How.
    pub is: Answer,
}

/// The element of an array whose `key` is the same as what is at `same_as`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pick {
    /// A field of the element.
    pub key: String,
    /// Where in the answer (RFC 6901).
    pub same_as: String,
}

/// A value, or what kind of thing is there.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    /// True or false.
    Flag(bool),
    /// A number, also where the page writes it as text.
    Number(i64),
    /// Text, in any case.
    Text(String),
    /// Whatever it is.
    Shape {
        /// What kind of thing is there.
        shape: Shape,
    },
}

/// What kind of thing is at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// Anything but `null`.
    Present,
    /// `null`.
    Null,
    /// No such place.
    Missing,
    /// An array, an object or a text with something in it.
    Filled,
}

/// Where a platform's public page has its picture of a show. Names in braces are those of a [`StatusPage`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thumbnail {
    /// The picture's URL, or that of the page that tells it.
    pub url: String,
    /// Names stand in it in lower case, however people write them.
    #[serde(default)]
    pub lower_case: bool,
    /// Where in the page's JSON the picture's URL is (RFC 6901); without it, `url` is the picture's own.
    #[serde(default)]
    pub pointer: Option<String>,
    /// What must be so for the page's answer to count.
    #[serde(default)]
    pub only_if: Vec<Check>,
}

/// A request that finds one name of a place by another: Bilibili's room by its owner's number.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    /// The name that is known.
    pub from: String,
    /// The name that is found.
    pub to: String,
    /// What must be had to ask.
    #[serde(default)]
    pub access: Access,
    /// The URL, the known name in braces.
    pub url: String,
    /// Where in its JSON the found name is (RFC 6901), a number but 0 or a text.
    pub pointer: String,
    /// What must be so for the answer to count.
    #[serde(default)]
    pub only_if: Vec<Check>,
}
