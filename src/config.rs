//! Settings: the only reader of the environment. Every fault is found at once, and each says its cure.
//!
//! Read [`Config`] first; each setting is explained in `.env.example`, which a test keeps in step with [`SETTINGS`].

mod address;
mod apps;
mod reader;

pub use address::PublicAddress;
pub use apps::PlatformApp;

use ipnet::IpNet;
use reader::{ADDRESS_CURE, Reader};
use secrecy::SecretString;
use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use url::Url;

/// Stands for a public address where none is needed.
pub const THIS_MACHINE: &str = "rtmp://localhost/live";

/// Every setting with its default; an empty one has none.
pub const SETTINGS: &[(&str, &str)] = &[
    ("TELECAST_TOKEN", ""),
    ("TELECAST_TOKEN_FILE", ""),
    ("TELECAST_PUBLIC_ADDRESS", ""),
    ("TELECAST_PUBLIC_TLS_ADDRESS", ""),
    ("TELECAST_DATA", "data"),
    ("TELECAST_LISTEN", "0.0.0.0:1935"),
    ("TELECAST_PUBLIC_URL", ""),
    ("TELECAST_LISTEN_WEB", "127.0.0.1:8080"),
    ("TELECAST_LISTEN_TLS", ""),
    ("TELECAST_TLS_CERT", ""),
    ("TELECAST_TLS_KEY", ""),
    ("TELECAST_API_URL", "https://api.telegram.org"),
    ("TELECAST_PROXY", ""),
    ("TELECAST_MASTER_KEY", ""),
    ("TELECAST_MASTER_KEY_FILE", ""),
    ("TELECAST_MEMORY", ""),
    ("TELECAST_LOW_LATENCY", "no"),
    ("TELECAST_UPLINK", ""),
    ("TELECAST_RECORDINGS", "20"),
    ("TELECAST_RECORDINGS_DAYS", "7"),
    ("TELECAST_ALLOW_PRIVATE", ""),
    ("TELECAST_EXTRA_CA", ""),
    ("TELECAST_CATALOGUE", ""),
    ("TELECAST_TWITCH_ID", ""),
    ("TELECAST_TWITCH_SECRET", ""),
    ("TELECAST_TWITCH_SECRET_FILE", ""),
    ("TELECAST_KICK_ID", ""),
    ("TELECAST_KICK_SECRET", ""),
    ("TELECAST_KICK_SECRET_FILE", ""),
    ("TELECAST_TROVO_ID", ""),
    ("TELECAST_YOUTUBE_KEY", ""),
    ("TELECAST_YOUTUBE_KEY_FILE", ""),
    ("TELECAST_LOG", "info"),
];

/// What one run of Telecast is told.
#[derive(Clone, Debug)]
pub struct Config {
    /// The bot's token.
    pub token: SecretString,
    /// Where encoders send, as they are told.
    pub public_address: PublicAddress,
    /// The same over TLS.
    pub public_tls_address: Option<PublicAddress>,
    /// Where everything is kept.
    pub data: PathBuf,
    /// Where RTMP is listened for.
    pub listen: SocketAddr,
    /// Where people reach pages of Telecast's, over HTTPS.
    pub public_url: Option<Url>,
    /// Where HTTP is listened for then.
    pub listen_web: SocketAddr,
    /// RTMPS, where it is wanted.
    pub tls: Option<TlsListener>,
    /// The Bot API server.
    pub api_url: Url,
    /// HTTP or SOCKS proxy for the Bot API, and for public pages that can't be reached without. It may hold a password.
    pub proxy: Option<SecretString>,
    /// The master keys themselves, which go before a file.
    pub master_key: Option<SecretString>,
    /// The file with the master keys; none: made in the data directory.
    pub master_key_file: Option<PathBuf>,
    /// How much memory Telecast may have, in MiB; none: what the host's control group says.
    pub memory_mib: Option<u32>,
    /// What arrives is sent on within 3 ms, in place of 50.
    pub low_latency: bool,
    /// What this host can send, in Mbit/s.
    pub uplink_mbps: Option<u32>,
    /// How much recordings may take of the disk, in GiB, of all studios; 0: none are made.
    pub recordings_gib: u32,
    /// For how many days each is kept.
    pub recordings_days: u32,
    /// Private networks that may be pushed to.
    pub allow_private: Vec<IpNet>,
    /// More certificate authorities for RTMPS targets, PEM.
    pub extra_ca: Option<PathBuf>,
    /// A file that adds to the catalogue of platforms.
    pub catalogue: Option<PathBuf>,
    /// What the host has registered with platforms, to ask them what viewers see.
    pub apps: Vec<PlatformApp>,
    /// What is logged, as `tracing_subscriber::EnvFilter` reads it.
    pub log: String,
}

/// RTMPS in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsListener {
    /// Where it is listened for.
    pub listen: SocketAddr,
    /// The certificate chain, PEM.
    pub cert: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
}

/// One thing that is wrong, and its cure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFault {
    /// The setting.
    pub name: &'static str,
    /// What is wrong with it. Never its value where that may be secret.
    pub problem: String,
    /// What to do.
    pub cure: &'static str,
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}. {}", self.name, self.problem, self.cure)
    }
}

impl Config {
    /// Reads the environment, and `.env` of the working directory where the environment is silent.
    ///
    /// # Errors
    /// Every [`ConfigFault`] at once.
    pub fn from_environment() -> Result<Self, Vec<ConfigFault>> {
        let file = read_env_file(Path::new(".env")).map_err(|fault| vec![fault])?;
        #[allow(clippy::disallowed_methods)] // this is the reader
        Self::from(|name| std::env::var(name).ok().or_else(|| file.get(name).cloned()))
    }

    /// The same for a run without Telegram, which needs neither a token nor, for encoders on this machine, a public
    /// address: [`THIS_MACHINE`] stands for one.
    ///
    /// # Errors
    /// Every [`ConfigFault`] at once.
    pub fn without_telegram() -> Result<Self, Vec<ConfigFault>> {
        let file = read_env_file(Path::new(".env")).map_err(|fault| vec![fault])?;
        let known = |name: &str| match name {
            "TELECAST_TOKEN" => Some("0:none-is-needed".to_owned()),
            "TELECAST_PUBLIC_ADDRESS" => Some(THIS_MACHINE.to_owned()),
            _ => None,
        };
        #[allow(clippy::disallowed_methods)] // this is the reader
        let set = |name: &str| std::env::var(name).ok().or_else(|| file.get(name).cloned());
        Self::from(|name| set(name).filter(|text| !text.trim().is_empty()).or_else(|| known(name)))
    }

    /// Reads the settings that `lookup` knows. A setting that is empty counts as not set.
    ///
    /// # Errors
    /// Every [`ConfigFault`] at once.
    pub fn from(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<ConfigFault>> {
        let mut reader = Reader { lookup, faults: Vec::new() };
        let token = reader.token();
        let public_address = reader.public_address("TELECAST_PUBLIC_ADDRESS", false);
        if public_address.is_none() && reader.get("TELECAST_PUBLIC_ADDRESS").is_none() {
            reader.fault("TELECAST_PUBLIC_ADDRESS", "is not set", ADDRESS_CURE);
        }
        let config = (|| {
            let data = reader.get("TELECAST_DATA").map(PathBuf::from);
            let listen = reader.socket("TELECAST_LISTEN");
            let public_url = reader.public_url();
            let listen_web = reader.socket("TELECAST_LISTEN_WEB");
            let tls = reader.tls();
            let public_tls_address = reader.public_address("TELECAST_PUBLIC_TLS_ADDRESS", true);
            let api_url = reader.web_url("TELECAST_API_URL");
            let proxy = reader.proxy();
            let master_key = reader.master_key();
            let master_key_file = reader.master_key_file().or_else(|| reader.credential("master_key"));
            let memory_mib = reader.number("TELECAST_MEMORY", 32..=1 << 20, "MiB");
            let low_latency = reader.yes("TELECAST_LOW_LATENCY");
            let uplink_mbps = reader.number("TELECAST_UPLINK", 1..=1_000_000, "Mbit/s");
            let recordings_gib = reader.number("TELECAST_RECORDINGS", 0..=1_000_000, "GiB");
            let recordings_days = reader.number("TELECAST_RECORDINGS_DAYS", 1..=36_500, "days");
            let allow_private = reader.networks();
            let extra_ca = reader.file("TELECAST_EXTRA_CA", "Name a PEM file that Telecast can read.");
            let catalogue = reader.file("TELECAST_CATALOGUE", "Name a TOML file that Telecast can read.");
            let apps = reader.apps();
            let log = reader.log();
            Some(Self {
                token: token?,
                public_address: public_address?,
                public_tls_address,
                data: data?,
                listen: listen?,
                public_url,
                listen_web: listen_web?,
                tls,
                api_url: api_url?,
                proxy,
                master_key,
                master_key_file,
                memory_mib,
                low_latency,
                uplink_mbps,
                recordings_gib: recordings_gib?,
                recordings_days: recordings_days?,
                allow_private,
                extra_ca,
                catalogue,
                apps,
                log,
            })
        })();
        match config {
            Some(config) if reader.faults.is_empty() => Ok(config),
            _ => Err(reader.faults),
        }
    }
}

/// The settings in `path`; none where there is no such file.
fn read_env_file(path: &Path) -> Result<HashMap<String, String>, ConfigFault> {
    const CURE: &str = "Write one NAME=value per line, in quotes where the value holds blanks or a #.";
    let fault = |problem: String| ConfigFault { name: ".env", problem, cure: CURE };
    let lines = match dotenvy::from_filename_iter(path) {
        Ok(lines) => lines,
        Err(dotenvy::Error::Io(e)) if e.kind() == io::ErrorKind::NotFound => return Ok(HashMap::new()),
        Err(_) => return Err(fault("cannot be read".into())),
    };
    let mut settings = HashMap::new();
    for (at, line) in lines.enumerate() {
        // The library's own words quote the line, which may hold the token.
        let (name, value) = line.map_err(|_| fault(format!("has a line that cannot be read, after {at} good ones")))?;
        settings.insert(name, value);
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_env_file_has_comments_and_quotes_and_its_faults_do_not_quote_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(".env");
        assert!(read_env_file(&path).unwrap().is_empty(), "no file, no settings");
        std::fs::write(&path, "# a comment\nA=1\nB=\"two words\" # more\nexport C='#3'\nD=\n").unwrap();
        let settings = read_env_file(&path).unwrap();
        for (name, value) in [("A", "1"), ("B", "two words"), ("C", "#3"), ("D", "")] {
            assert_eq!(settings[name], value);
        }
        std::fs::write(&path, "A=1\nTELECAST_TOKEN planted token\n").unwrap();
        let fault = read_env_file(&path).unwrap_err();
        assert!(!fault.to_string().contains("planted"), "{fault}");
    }
}
