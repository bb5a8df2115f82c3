//! What is known of the platforms, and what people paste of them. Facts are data (`platforms.toml`); code is only what
//! follows from them. It must not know Telegram, studios or connections.
//!
//! Read [`Platform`] first, then [`paste::understand`].

pub mod expiry;
pub mod live_check;
pub mod paste;
mod split;
pub mod viewer;
mod words;

use crate::domain::rtmp_url::{PushPoint, ServerUrl};
use crate::domain::secret::StreamKey;
use serde::Deserialize;
use std::sync::LazyLock;
use std::time::Duration;

/// Publish name for platforms whose secret is in the server address.
const FREE_NAME: &str = "telecast";

/// One platform of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Platform {
    /// Its identity, kept in the store.
    pub id: String,
    /// What people call it.
    pub name: Words,
    /// Its push servers, the default first. Empty where each user has their own.
    #[serde(default)]
    pub servers: Vec<String>,
    /// Hosts of its push servers; each stands for itself and all below it.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Hosts of its viewer pages.
    #[serde(default)]
    pub pages: Vec<String>,
    /// What its keys begin with, where that is certain.
    #[serde(default)]
    pub key_starts: Option<String>,
    /// How to know its key.
    pub key_hint: Words,
    /// What its user must do there for viewers to see anything.
    #[serde(default)]
    pub prepare: Option<Words>,
    /// RTMP app that its dashboard sometimes leaves out of the address.
    #[serde(default)]
    pub app: Option<String>,
    /// Takes RTMPS only.
    #[serde(default)]
    pub tls: bool,
    /// The secret is in the server address and any publish name will do.
    #[serde(default)]
    pub free_name: bool,
    /// The day on which the service ended.
    #[serde(default)]
    pub ended: Option<String>,
    /// After minutes without a connection it begins a new video. Elsewhere that is not known, or for its user to set.
    #[serde(default)]
    pub new_video_after_drop: bool,
    /// Seconds for which a connection must hold before media counts as taken (DESIGN.md §2).
    #[serde(default = "default_settle")]
    settle_s: u64,
    /// Which public page says whether it is live.
    #[serde(default)]
    pub live_check: Option<LiveCheckKind>,
}

/// The same words in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// English.
    pub en: String,
    /// 简体中文.
    pub zh: String,
}

/// Public status pages that Telecast can ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LiveCheckKind {
    /// Bilibili's room status.
    Bilibili,
}

fn default_settle() -> u64 {
    15
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
        self.servers.first().and_then(|text| ServerUrl::parse(text).ok())
    }

    /// What to push to: the platform's default server and free name stand in where they exist. Key and server go
    /// out as they were given.
    #[must_use]
    pub fn compose(&self, server: Option<ServerUrl>, key: Option<StreamKey>) -> Option<PushPoint> {
        let free = || if self.free_name { StreamKey::parse(FREE_NAME).ok() } else { None };
        Some(PushPoint { server: server.or_else(|| self.default_server())?, key: key.or_else(free)? })
    }

    /// Whether `host` is one of its push servers.
    fn pushes_to(&self, host: &str) -> bool {
        self.hosts.iter().any(|known| is_under(host, known))
    }
}

/// Whether `host` is `known` or below it.
fn is_under(host: &str, known: &str) -> bool {
    let host = host.to_ascii_lowercase();
    host.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Every platform that Telecast knows.
#[derive(Clone, Debug)]
pub struct Catalogue {
    platforms: Vec<Platform>,
    custom: Platform,
}

impl Catalogue {
    /// The catalogue that is part of the program.
    #[must_use]
    pub fn builtin() -> Self {
        embedded().clone()
    }

    /// Every platform, in the order of the tiles; `custom` last.
    #[must_use]
    pub fn all(&self) -> &[Platform] {
        &self.platforms
    }

    /// The platform with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Platform> {
        self.platforms.iter().find(|platform| platform.id == id)
    }

    /// The platform with this id, or `custom` where the catalogue no longer has it.
    #[must_use]
    pub fn get_or_custom(&self, id: &str) -> &Platform {
        self.get(id).unwrap_or(&self.custom)
    }

    /// Whose server it is. The host alone decides: a key of a known shape on a foreign host is that host's.
    #[must_use]
    pub fn recognise(&self, server: &ServerUrl, _key: &StreamKey) -> &Platform {
        self.by_host(server.host())
    }

    fn by_host(&self, host: &str) -> &Platform {
        self.platforms.iter().find(|platform| platform.pushes_to(host)).unwrap_or(&self.custom)
    }

    /// Whose viewer page a link is.
    #[must_use]
    pub fn of_page(&self, link: &str) -> Option<&Platform> {
        let url = url::Url::parse(link).ok()?;
        let host = url.host_str()?;
        self.platforms.iter().find(|platform| platform.pages.iter().any(|known| is_under(host, known)))
    }
}

/// The embedded file, read once. A test reads it too, so that it cannot fail in a released program.
#[allow(clippy::expect_used)]
fn embedded() -> &'static Catalogue {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        platform: Vec<Platform>,
    }
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
        let File { platform: platforms } =
            toml::from_str(include_str!("platforms.toml")).expect("the embedded catalogue is valid");
        let custom = platforms.iter().find(|p| p.id == "custom").cloned().expect("the catalogue has `custom`");
        Catalogue { platforms, custom }
    });
    &CATALOGUE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_catalogue_is_sound() {
        let catalogue = Catalogue::builtin();
        assert!(catalogue.all().len() >= 10);
        assert_eq!(catalogue.all().last().unwrap().id, "custom");
        for platform in catalogue.all() {
            assert_eq!(catalogue.all().iter().filter(|p| p.id == platform.id).count(), 1, "{}", platform.id);
            for server in &platform.servers {
                let url = ServerUrl::parse(server).unwrap();
                assert_eq!(catalogue.by_host(url.host()).id, platform.id, "{server}");
                assert!(url.tls() || !platform.tls, "{server}");
            }
        }
        assert_eq!(catalogue.get_or_custom("gone").id, "custom");
    }

    #[test]
    fn a_server_is_recognised_by_its_host_alone() {
        let catalogue = Catalogue::builtin();
        let key = StreamKey::parse("live_1_abc").unwrap();
        for (server, id) in [
            ("rtmp://bdy.live-push.bilivideo.com/live-bvc", "bilibili"),
            ("rtmps://abc.global-contribute.live-video.net/app", "kick"),
            ("rtmps://jfk50.contribute.live-video.net/app", "twitch"),
            ("rtmp://live-fra.twitch.tv/app", "twitch"),
            ("rtmps://DC4-1.rtmp.t.me/s/", "telegram"),
            ("rtmps://x.channel.media.azure.net:2935/live/0a", "azure"),
            ("rtmp://1.livepush.myqcloud.com/live", "tencent-css"),
            ("rtmp://evil-twitch.tv/app", "custom"),
            ("rtmp://127.0.0.1/live", "custom"),
        ] {
            assert_eq!(catalogue.recognise(&ServerUrl::parse(server).unwrap(), &key).id, id, "{server}");
        }
    }

    #[test]
    fn what_is_left_out_is_filled_in_only_where_the_platform_has_it() {
        let catalogue = Catalogue::builtin();
        let key = StreamKey::parse("?streamname=live_1_2&key=3").unwrap();
        let point = catalogue.get("bilibili").unwrap().compose(None, Some(key)).unwrap();
        assert_eq!(point.server.tc_url(), "rtmp://live-push.bilivideo.com/live-bvc");
        assert_eq!(point.key.expose(), "?streamname=live_1_2&key=3");
        let azure = ServerUrl::parse("rtmp://e.channel.media.azure.net:1935/live/token").unwrap();
        assert_eq!(catalogue.get("azure").unwrap().compose(Some(azure), None).unwrap().key.expose(), "telecast");
        assert_eq!(catalogue.get("bilibili").unwrap().compose(None, None), None);
        assert_eq!(catalogue.get("custom").unwrap().compose(None, StreamKey::parse("k").ok()), None);
    }
}
