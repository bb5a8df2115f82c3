//! What is known of the platforms, and what people paste of them. Facts are data (`platforms.toml`); code is only what
//! follows from them. It must not know Telegram, studios or connections.
//!
//! Read [`Platform`] first, then [`Catalogue`] and [`paste::understand`].

mod addresses;
mod catalogue;
mod choose;
mod clean;
pub mod expiry;
mod facts;
pub mod fit;
#[doc(hidden)]
pub mod fuzz;
mod labels;
mod limits;
pub mod live_check;
pub mod paste;
mod pattern;
pub mod rest;
mod sound;
mod split;
mod status;
pub mod viewer;
mod whose;
mod words;

pub use catalogue::{Catalogue, CatalogueFault};
pub use facts::{
    Closed, Closes, Key, KeyKind, KeyLife, Means, OwnerPress, Part, Refusal, Role, SecondPublisher, Server, ServerRole,
    Tls, Viewer, When, Words,
};
pub use limits::{AudioCodec, Limits, Rung, Size, VideoCodec};
pub use pattern::Pattern;
pub use status::{Access, Answer, Application, Body, Check, Encoding, Lookup, Pick, Shape, StatusPage, Thumbnail};

use crate::domain::rtmp_url::{PushPoint, ServerUrl};
use crate::domain::secret::StreamKey;
use serde::Deserialize;
use std::time::Duration;

/// The publish name that is made up where any will do, because the secret is in the server address.
pub const FREE_NAME: &str = "telecast";

/// One platform of the catalogue. Where nothing is known of something, it is left out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Platform {
    /// Its identity, kept in the store: `[a-z0-9-]`, and never changed.
    pub id: String,
    /// What people call it.
    pub name: Words,
    /// What else they call it; a name of one or two letters only where nothing else is called so.
    #[serde(default)]
    pub also_called: Vec<String>,
    /// What it is to Telecast.
    #[serde(default)]
    pub role: Role,
    /// The month in which its facts were last looked up, `2026-10`.
    pub checked: String,
    /// What of it is weakly sourced, old or inferred.
    #[serde(default)]
    pub guesses: Vec<Part>,
    /// It takes no streams any more, or none of people who are new there. It is said when somebody pastes it.
    #[serde(default)]
    pub closed: Option<Closed>,
    /// What its user must have before there is a key: told when its tile opens.
    #[serde(default)]
    pub needs: Option<Words>,
    /// What else its user should know while pasting.
    #[serde(default)]
    pub notice: Option<Words>,
    /// What its owner must press there for viewers to see anything.
    #[serde(default)]
    pub owner_press: Option<OwnerPress>,
    /// Its push servers, the default first. Empty where each user has their own.
    #[serde(default)]
    pub servers: Vec<Server>,
    /// What a server looks like that is its user's own, with `…` for what differs.
    #[serde(default)]
    pub server_like: Option<String>,
    /// Hosts of its push servers, for lower-case text.
    #[serde(default)]
    pub hosts: Vec<Pattern>,
    /// Other platforms at the same hosts. Of those whose key fits, the one that comes first in the catalogue is meant,
    /// where its user chose none.
    #[serde(default)]
    pub shares_hosts_with: Vec<String>,
    /// Whether its servers speak TLS.
    #[serde(default)]
    pub tls: Tls,
    /// RTMP app that its dashboard sometimes leaves out of the address.
    #[serde(default)]
    pub app: Option<String>,
    /// How many parts the path of its server has; a key that was pasted in one piece with it comes behind those.
    #[serde(default = "one")]
    pub app_parts: usize,
    /// A query may stand in the server's path, with the key behind it: `…/live2?backup=1/KEY`.
    #[serde(default)]
    pub server_query: bool,
    /// The secret is in the server address and any publish name will do.
    #[serde(default)]
    pub free_name: bool,
    /// Its servers may ask for a user and a password.
    #[serde(default)]
    pub login: bool,
    /// What is known of its keys.
    pub key: Key,
    /// What a key's query holds for a stream that is taken, and that nobody sees: `bandwidthtest=true`.
    #[serde(default)]
    pub rehearsal: Option<String>,
    /// What it takes.
    #[serde(default)]
    pub limits: Limits,
    /// More than one picture in a stream (E-RTMP v2) is welcome.
    #[serde(default)]
    pub multitrack: bool,
    /// What becomes of a second encoder with the same key.
    #[serde(default)]
    pub second_publisher: Option<SecondPublisher>,
    /// Seconds for which it keeps a show that nothing comes of.
    #[serde(default)]
    pub drop_grace_s: Option<u32>,
    /// After minutes without a connection it begins a new video. Elsewhere that is not known, or for its user to set.
    #[serde(default)]
    pub new_video_after_drop: bool,
    /// Seconds for which a connection must hold before media counts as taken (DESIGN.md §2).
    #[serde(default = "default_settle")]
    settle_s: u64,
    /// Hosts of its viewer pages; each stands for itself and all below it.
    #[serde(default)]
    pub pages: Vec<String>,
    /// Where people watch.
    #[serde(default)]
    pub viewer: Viewer,
    /// How an application of the host's proves what it is, for the pages that ask for that.
    #[serde(default)]
    pub application: Option<Application>,
    /// Public pages that say whether it is live, the most trusted first.
    #[serde(default)]
    pub status: Vec<StatusPage>,
    /// Requests that find a name of a place by another one.
    #[serde(default)]
    pub lookups: Vec<Lookup>,
    /// Where its picture of the show is, for everybody to see.
    #[serde(default)]
    pub thumbnail: Option<Thumbnail>,
    /// What its refusals look like, the surest first.
    #[serde(default)]
    pub refusals: Vec<Refusal>,
}

fn default_settle() -> u64 {
    15
}

fn one() -> usize {
    1
}

impl Platform {
    /// How long a connection must hold before media counts as taken.
    #[must_use]
    pub fn settle(&self) -> Duration {
        Duration::from_secs(self.settle_s)
    }

    /// The default server, where the platform has one.
    #[must_use]
    pub fn default_server(&self) -> Option<ServerUrl> {
        self.servers.first().and_then(|server| ServerUrl::parse(&server.url).ok())
    }

    /// What to push to: the platform's default server and free name stand in where they exist. Key and server go
    /// out as they were given.
    #[must_use]
    pub fn compose(&self, server: Option<ServerUrl>, key: Option<StreamKey>) -> Option<PushPoint> {
        let free = || if self.free_name { StreamKey::parse(FREE_NAME).ok() } else { None };
        Some(PushPoint { server: server.or_else(|| self.default_server())?, key: key.or_else(free)? })
    }

    /// Whether people can choose it: a place to send to that takes streams.
    #[must_use]
    pub fn has_tile(&self) -> bool {
        self.closed.is_none() && self.role != Role::Encoder
    }

    /// Whether `host` is one of its push servers.
    #[must_use]
    pub fn pushes_to(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        self.hosts.iter().any(|pattern| pattern.matches(&host))
    }

    /// Whether `key` is of the shape of its keys; `None` where that has none.
    #[must_use]
    pub fn key_fits(&self, key: &StreamKey) -> Option<bool> {
        let shape = self.key.shape.as_ref().map(|shape| shape.matches(key.expose()));
        shape.or_else(|| self.key.starts.as_deref().map(|start| key.expose().starts_with(start)))
    }

    /// Where to publish so that the platform takes it and nobody sees it; nothing where it has no such way.
    #[must_use]
    pub fn rehearsal(&self, point: &PushPoint) -> Option<PushPoint> {
        let (flag, key) = (self.rehearsal.as_deref()?, point.key.expose());
        let has = |query: &str| query.split('&').any(|part| part == flag);
        let key = match key.split_once('?') {
            Some((_, query)) if has(query) => key.to_owned(),
            Some(_) => format!("{key}&{flag}"),
            None => format!("{key}?{flag}"),
        };
        // Only at the platform's own servers: elsewhere the flag may mean nothing, and everybody would see it.
        let at_home = self.pushes_to(point.server.host());
        Some(PushPoint { server: point.server.clone(), key: StreamKey::parse(&key).ok()? }).filter(|_| at_home)
    }

    /// Whether `key` begins as its keys do.
    fn key_starts(&self, key: &StreamKey) -> bool {
        self.key.starts.as_deref().is_some_and(|start| key.expose().starts_with(start))
    }

    /// Whether `part` of what is said of it is a guess.
    #[must_use]
    pub fn guesses(&self, part: Part) -> bool {
        self.guesses.contains(&part)
    }
}
