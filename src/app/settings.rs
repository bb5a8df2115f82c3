//! What [`App`](super::App) is told: the configuration with its files read, or what a test or the demo makes up.

use super::fault::StartError;
use crate::chat::Timing;
use crate::config::Config;
use crate::platform::Catalogue;
use crate::platform::live_check::{Apps, HostApp};
use crate::relay::RelaySettings;
use crate::store::KeySource;
use ipnet::IpNet;
use secrecy::SecretString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use url::Url;

/// Everything that one run needs.
pub struct Settings {
    /// The bot's token.
    pub token: SecretString,
    /// The Bot API server.
    pub api_url: Url,
    /// A proxy for it.
    pub proxy: Option<SecretString>,
    /// How patient the bot is with Telegram.
    pub timing: Timing,
    /// Where everything is kept; made when missing.
    pub data: PathBuf,
    /// Where the master keys are.
    pub master_key: KeySource,
    /// Where RTMP is listened for; port 0 takes any free one.
    pub listen: SocketAddr,
    /// RTMPS, where it is wanted.
    pub tls: Option<Tls>,
    /// What encoders are told to send to, `rtmp://host/live`; none: the listener's own address.
    pub public_address: Option<String>,
    /// The same over TLS; none: encoders are not offered TLS.
    pub public_tls_address: Option<String>,
    /// The page that sets up camera apps, where it is wanted.
    pub web: Option<Web>,
    /// How soon what arrives is sent on.
    pub relay: RelaySettings,
    /// What recordings may take.
    pub recordings: Recordings,
    /// What this host can send, in Mbit/s, where that is known.
    pub uplink_mbps: Option<u32>,
    /// Private networks that may be pushed to.
    pub allow_private: Vec<IpNet>,
    /// More certificate authorities for RTMPS targets, PEM.
    pub extra_ca: Option<Vec<u8>>,
    /// What is known of the platforms.
    pub catalogue: Catalogue,
    /// The host's applications with platforms.
    pub apps: Apps,
    /// What is asked in place of the platforms' public pages, at `<it>/<host>/<path>`.
    pub pages: Option<Url>,
}

/// Pages for people.
#[derive(Clone, Debug)]
pub struct Web {
    /// Where people reach them, over HTTPS.
    pub url: Url,
    /// Where HTTP is listened for, for the server that speaks HTTPS in front of it; port 0 takes any free one.
    pub listen: SocketAddr,
}

/// What recordings may take of the disk, of all studios.
#[derive(Clone, Copy, Debug)]
pub struct Recordings {
    /// At most so much; 0: none are made.
    pub gib: u32,
    /// How long each is kept.
    pub days: u32,
}

/// RTMPS in.
pub struct Tls {
    /// Where it is listened for; port 0 takes any free one.
    pub listen: SocketAddr,
    /// The certificate chain, PEM.
    pub cert: Vec<u8>,
    /// Its private key, PEM.
    pub key: Vec<u8>,
}

impl Settings {
    /// Reads the files that the configuration names.
    ///
    /// # Errors
    /// [`StartError::File`], [`StartError::Catalogue`].
    pub fn from_config(config: Config) -> Result<Self, StartError> {
        let tls = match config.tls {
            Some(tls) => Some(Tls {
                listen: tls.listen,
                cert: read("TELECAST_TLS_CERT", &tls.cert)?,
                key: read("TELECAST_TLS_KEY", &tls.key)?,
            }),
            None => None,
        };
        let catalogue = match config.catalogue {
            Some(path) => {
                let text = read("TELECAST_CATALOGUE", &path)?;
                Catalogue::extended(&String::from_utf8_lossy(&text)).map_err(StartError::Catalogue)?
            }
            None => Catalogue::builtin(),
        };
        Ok(Self {
            token: config.token,
            api_url: config.api_url,
            proxy: config.proxy,
            timing: Timing::default(),
            data: config.data,
            master_key: match (config.master_key, config.master_key_file) {
                (Some(key), _) => KeySource::Setting(key),
                (None, Some(file)) => KeySource::File(file),
                (None, None) => KeySource::Data,
            },
            listen: config.listen,
            tls,
            public_address: Some(config.public_address.to_string()),
            public_tls_address: config.public_tls_address.map(|address| address.to_string()),
            web: config.public_url.map(|url| Web { url, listen: config.listen_web }),
            relay: RelaySettings {
                memory: config.memory_mib.map(|mib| u64::from(mib) << 20),
                ..if config.low_latency { RelaySettings::LOW_LATENCY } else { RelaySettings::default() }
            },
            recordings: Recordings { gib: config.recordings_gib, days: config.recordings_days },
            uplink_mbps: config.uplink_mbps,
            allow_private: config.allow_private,
            extra_ca: config.extra_ca.map(|path| read("TELECAST_EXTRA_CA", &path)).transpose()?,
            catalogue,
            apps: Apps::new(config.apps.into_iter().map(|app| {
                let host = HostApp { id: app.id, secret: app.secret };
                (app.platform.to_owned(), host)
            })),
            pages: None,
        })
    }

    /// This machine alone, at any free port, and pushes to nowhere but this machine: for the demo and for tests, which
    /// change what they need. `api` is a Bot API server, and stands for all public pages as well.
    #[must_use]
    pub fn local(token: SecretString, api: Url, data: PathBuf) -> Self {
        Self {
            token,
            api_url: api.clone(),
            proxy: None,
            timing: Timing::default(),
            data,
            master_key: KeySource::Data,
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            tls: None,
            public_address: None,
            public_tls_address: None,
            web: None,
            relay: RelaySettings::default(),
            recordings: Recordings { gib: 1, days: 1 },
            uplink_mbps: None,
            allow_private: IpNet::new(Ipv4Addr::LOCALHOST.into(), 8).into_iter().collect(),
            extra_ca: None,
            catalogue: Catalogue::builtin(),
            apps: Apps::default(),
            pages: Some(api),
        }
    }
}

fn read(setting: &'static str, path: &Path) -> Result<Vec<u8>, StartError> {
    std::fs::read(path).map_err(|cause| StartError::File { setting, cause })
}
