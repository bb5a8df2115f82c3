//! Settings: the only reader of the environment. Every fault is found at once, and each says its cure.
//!
//! Read [`Config`] first; each setting is explained in `.env.example`, which a test keeps in step with [`SETTINGS`].

mod address;

pub use address::PublicAddress;

use ipnet::IpNet;
use secrecy::SecretString;
use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use url::Url;

/// Every setting with its default; an empty one has none.
pub const SETTINGS: &[(&str, &str)] = &[
    ("TELECAST_TOKEN", ""),
    ("TELECAST_TOKEN_FILE", ""),
    ("TELECAST_PUBLIC_ADDRESS", ""),
    ("TELECAST_PUBLIC_TLS_ADDRESS", ""),
    ("TELECAST_DATA", "data"),
    ("TELECAST_LISTEN", "0.0.0.0:1935"),
    ("TELECAST_LISTEN_TLS", ""),
    ("TELECAST_TLS_CERT", ""),
    ("TELECAST_TLS_KEY", ""),
    ("TELECAST_API_URL", "https://api.telegram.org"),
    ("TELECAST_PROXY", ""),
    ("TELECAST_MASTER_KEY_FILE", ""),
    ("TELECAST_LOW_LATENCY", "no"),
    ("TELECAST_UPLINK", ""),
    ("TELECAST_ALLOW_PRIVATE", ""),
    ("TELECAST_EXTRA_CA", ""),
    ("TELECAST_CATALOGUE", ""),
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
    /// RTMPS, where it is wanted.
    pub tls: Option<TlsListener>,
    /// The Bot API server.
    pub api_url: Url,
    /// HTTP or SOCKS proxy for the Bot API, and for public pages that can't be reached without. It may hold a password.
    pub proxy: Option<SecretString>,
    /// The file with the master key; none: made in the data directory.
    pub master_key_file: Option<PathBuf>,
    /// What arrives is sent on within 3 ms, in place of 50.
    pub low_latency: bool,
    /// What this host can send, in Mbit/s.
    pub uplink_mbps: Option<u32>,
    /// Private networks that may be pushed to.
    pub allow_private: Vec<IpNet>,
    /// More certificate authorities for RTMPS targets, PEM.
    pub extra_ca: Option<PathBuf>,
    /// A file that adds to the catalogue of platforms.
    pub catalogue: Option<PathBuf>,
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
            let tls = reader.tls();
            let public_tls_address = reader.public_address("TELECAST_PUBLIC_TLS_ADDRESS", true);
            let api_url = reader.web_url("TELECAST_API_URL");
            let proxy = reader.proxy();
            let master_key_file = reader.master_key_file().or_else(|| reader.credential("master_key"));
            let low_latency = reader.yes("TELECAST_LOW_LATENCY");
            let uplink_mbps = reader.uplink();
            let allow_private = reader.networks();
            let extra_ca = reader.file("TELECAST_EXTRA_CA", "Name a PEM file that Telecast can read.");
            let catalogue = reader.file("TELECAST_CATALOGUE", "Name a TOML file that Telecast can read.");
            let log = reader.log();
            Some(Self {
                token: token?,
                public_address: public_address?,
                public_tls_address,
                data: data?,
                listen: listen?,
                tls,
                api_url: api_url?,
                proxy,
                master_key_file,
                low_latency,
                uplink_mbps,
                allow_private,
                extra_ca,
                catalogue,
                log,
            })
        })();
        match config {
            Some(config) if reader.faults.is_empty() => Ok(config),
            _ => Err(reader.faults),
        }
    }
}

const ADDRESS_CURE: &str = "Write what encoders should send to, such as rtmp://live.example.com/live";
const TOKEN_CURE: &str = "Ask @BotFather for a token and put it in .env: TELECAST_TOKEN=123456:ABC…";

struct Reader<L> {
    lookup: L,
    faults: Vec<ConfigFault>,
}

impl<L: Fn(&str) -> Option<String>> Reader<L> {
    fn fault(&mut self, name: &'static str, problem: impl Into<String>, cure: &'static str) {
        self.faults.push(ConfigFault { name, problem: problem.into(), cure });
    }

    /// What was set, else the default.
    fn get(&self, name: &'static str) -> Option<String> {
        let set = (self.lookup)(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let default = || SETTINGS.iter().find(|(known, _)| *known == name).map(|(_, default)| (*default).to_owned());
        set.or_else(default).filter(|text| !text.is_empty())
    }

    /// A file that systemd gives (`LoadCredential=`).
    fn credential(&self, name: &str) -> Option<PathBuf> {
        let dir = (self.lookup)("CREDENTIALS_DIRECTORY").filter(|dir| !dir.is_empty())?;
        Some(Path::new(&dir).join(name)).filter(|path| path.is_file())
    }

    fn token(&mut self) -> Option<SecretString> {
        let named = self.file("TELECAST_TOKEN_FILE", "Name a file that Telecast can read and that holds the token.");
        let text = match self.get("TELECAST_TOKEN") {
            Some(text) => text,
            None => match named.or_else(|| self.credential("token")) {
                Some(path) => std::fs::read_to_string(path).unwrap_or_default().trim().to_owned(),
                // A named file that cannot be read was told already.
                None if self.get("TELECAST_TOKEN_FILE").is_some() => return None,
                None => {
                    self.fault("TELECAST_TOKEN", "is not set", TOKEN_CURE);
                    return None;
                }
            },
        };
        let sound = text.split_once(':').is_some_and(|(id, secret)| {
            let rest = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
            !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()) && secret.len() >= 10 && secret.bytes().all(rest)
        });
        if !sound {
            self.fault("TELECAST_TOKEN", "is not a bot token (digits, a colon, letters)", TOKEN_CURE);
            return None;
        }
        Some(SecretString::from(text))
    }

    fn public_address(&mut self, name: &'static str, tls: bool) -> Option<PublicAddress> {
        let text = self.get(name)?;
        let cure = if tls { "Write it like rtmps://live.example.com/live" } else { ADDRESS_CURE };
        match PublicAddress::parse(&text, tls) {
            Ok(address) => Some(address),
            Err(problem) => {
                self.fault(name, problem, cure);
                None
            }
        }
    }

    fn socket(&mut self, name: &'static str) -> Option<SocketAddr> {
        let text = self.get(name)?;
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.fault(
                name,
                format!("is not an address and a port: {text}"),
                "Write it like 0.0.0.0:1935 or [::]:1935",
            );
        }
        parsed
    }

    fn tls(&mut self) -> Option<TlsListener> {
        const CURE: &str = "Set TELECAST_LISTEN_TLS, TELECAST_TLS_CERT and TELECAST_TLS_KEY together, or none of them.";
        let listen = self.socket("TELECAST_LISTEN_TLS");
        let cert = self.file("TELECAST_TLS_CERT", "Name a PEM file that Telecast can read.");
        let key = self.file("TELECAST_TLS_KEY", "Name a PEM file that Telecast can read.");
        let names = ["TELECAST_LISTEN_TLS", "TELECAST_TLS_CERT", "TELECAST_TLS_KEY"];
        let set = names.map(|name| self.get(name).is_some());
        if set.contains(&true) {
            for (name, _) in names.into_iter().zip(set).filter(|(_, set)| !set) {
                self.fault(name, "is not set, but RTMPS needs it", CURE);
            }
        }
        Some(TlsListener { listen: listen?, cert: cert?, key: key? })
    }

    fn web_url(&mut self, name: &'static str) -> Option<Url> {
        let text = self.get(name)?;
        let url = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if url.is_none() {
            self.fault(name, "is not a web address", "Write it like https://host, or leave it out.");
        }
        url
    }

    fn proxy(&mut self) -> Option<SecretString> {
        let text = self.get("TELECAST_PROXY")?;
        let schemes = ["http", "https", "socks5", "socks5h"];
        if Url::parse(&text).is_ok_and(|url| schemes.contains(&url.scheme()) && url.has_host()) {
            return Some(SecretString::from(text));
        }
        let cure = "Write it like socks5h://host:1080 or http://user:password@host:8080";
        self.fault("TELECAST_PROXY", "is not a proxy's address", cure);
        None
    }

    // The path is not told: people paste the secret itself where its file should be named.
    fn file(&mut self, name: &'static str, cure: &'static str) -> Option<PathBuf> {
        let path = PathBuf::from(self.get(name)?);
        match std::fs::File::open(&path).and_then(|file| file.metadata()) {
            Ok(meta) if meta.is_file() => return Some(path),
            Ok(_) => self.fault(name, "does not name a file", cure),
            Err(e) => self.fault(name, format!("names a file that cannot be read: {e}"), cure),
        }
        None
    }

    fn master_key_file(&mut self) -> Option<PathBuf> {
        const NAME: &str = "TELECAST_MASTER_KEY_FILE";
        let path = self.file(NAME, "Name a file that Telecast can read: openssl rand -hex 32 makes its content.")?;
        if std::fs::metadata(&path).is_ok_and(|meta| meta.permissions().mode() & 0o007 != 0) {
            self.fault(NAME, "names a file that everyone on this host may read", "chmod 600 it.");
        }
        Some(path)
    }

    fn yes(&mut self, name: &'static str) -> bool {
        let text = self.get(name).unwrap_or_default();
        if !["yes", "no"].contains(&text.as_str()) {
            self.fault(name, format!("is neither yes nor no: {text}"), "Write yes or no.");
        }
        text == "yes"
    }

    fn uplink(&mut self) -> Option<u32> {
        let text = self.get("TELECAST_UPLINK")?;
        let mbps = text.parse().ok().filter(|mbps| (1..=1_000_000).contains(mbps));
        if mbps.is_none() {
            let cure = "Write whole Mbit/s, such as 50, or leave it out.";
            self.fault("TELECAST_UPLINK", format!("is no number of Mbit/s from 1 to 1000000: {text}"), cure);
        }
        mbps
    }

    fn networks(&mut self) -> Vec<IpNet> {
        let text = self.get("TELECAST_ALLOW_PRIVATE").unwrap_or_default();
        let mut networks = Vec::new();
        for part in text.split([',', ' ']).filter(|part| !part.is_empty()) {
            match part.parse::<IpNet>().or_else(|_| part.parse::<IpAddr>().map(IpNet::from)) {
                Ok(network) => networks.push(network),
                Err(_) => self.fault(
                    "TELECAST_ALLOW_PRIVATE",
                    format!("holds what is not a network: {part}"),
                    "Write networks like 192.168.1.0/24, separated by commas.",
                ),
            }
        }
        networks
    }

    fn log(&mut self) -> String {
        let text = self.get("TELECAST_LOG").unwrap_or_default();
        if tracing_subscriber::EnvFilter::try_new(&text).is_err() {
            let cure = "Write a level (error, warn, info, debug, trace), or like info,telecast=debug";
            self.fault("TELECAST_LOG", format!("cannot be read: {text}"), cure);
        }
        text
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
