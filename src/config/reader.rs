//! How each kind of setting is read.

use super::{ConfigFault, PublicAddress, SETTINGS, TlsListener};
use ipnet::IpNet;
use secrecy::SecretString;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use url::Url;

pub(super) const ADDRESS_CURE: &str = "Write what encoders should send to, such as rtmp://live.example.com/live";
const TOKEN_CURE: &str = "Ask @BotFather for a token and put it in .env: TELECAST_TOKEN=123456:ABC…";

/// Reads what is set, and notes what is wrong with it.
pub(super) struct Reader<L> {
    pub(super) lookup: L,
    pub(super) faults: Vec<ConfigFault>,
}

impl<L: Fn(&str) -> Option<String>> Reader<L> {
    pub(super) fn fault(&mut self, name: &'static str, problem: impl Into<String>, cure: &'static str) {
        self.faults.push(ConfigFault { name, problem: problem.into(), cure });
    }

    /// What was set, else the default.
    pub(super) fn get(&self, name: &'static str) -> Option<String> {
        let set = (self.lookup)(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let default = || SETTINGS.iter().find(|(known, _)| *known == name).map(|(_, default)| (*default).to_owned());
        set.or_else(default).filter(|text| !text.is_empty())
    }

    /// A file that systemd gives (`LoadCredential=`).
    pub(super) fn credential(&self, name: &str) -> Option<PathBuf> {
        let dir = (self.lookup)("CREDENTIALS_DIRECTORY").filter(|dir| !dir.is_empty())?;
        Some(Path::new(&dir).join(name)).filter(|path| path.is_file())
    }

    pub(super) fn token(&mut self) -> Option<SecretString> {
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

    pub(super) fn public_address(&mut self, name: &'static str, tls: bool) -> Option<PublicAddress> {
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

    pub(super) fn socket(&mut self, name: &'static str) -> Option<SocketAddr> {
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

    pub(super) fn tls(&mut self) -> Option<TlsListener> {
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

    pub(super) fn web_url(&mut self, name: &'static str) -> Option<Url> {
        let text = self.get(name)?;
        let url = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if url.is_none() {
            self.fault(name, "is not a web address", "Write it like https://host, or leave it out.");
        }
        url
    }

    /// Telegram shows buttons that lead to web pages, and a key must not travel there in clear.
    pub(super) fn public_url(&mut self) -> Option<Url> {
        const NAME: &str = "TELECAST_PUBLIC_URL";
        let text = self.get(NAME)?;
        let url = Url::parse(&text).ok();
        let url = url.filter(|url| url.scheme() == "https" && url.has_host() && url.query().is_none());
        if url.is_none() {
            self.fault(
                NAME,
                "is no address of a web server with HTTPS",
                "Write it like https://live.example.com, or leave it out.",
            );
        }
        url
    }

    pub(super) fn proxy(&mut self) -> Option<SecretString> {
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
    pub(super) fn file(&mut self, name: &'static str, cure: &'static str) -> Option<PathBuf> {
        let path = PathBuf::from(self.get(name)?);
        match std::fs::File::open(&path).and_then(|file| file.metadata()) {
            Ok(meta) if meta.is_file() => return Some(path),
            Ok(_) => self.fault(name, "does not name a file", cure),
            Err(e) => self.fault(name, format!("names a file that cannot be read: {e}"), cure),
        }
        None
    }

    /// One key, or several behind one another.
    pub(super) fn master_key(&mut self) -> Option<SecretString> {
        const NAME: &str = "TELECAST_MASTER_KEY";
        let text = self.get(NAME)?;
        let sound = |key: &str| key.len() == 64 && key.bytes().all(|digit| digit.is_ascii_hexdigit());
        if !text.split([',', ' ']).filter(|key| !key.is_empty()).all(sound) {
            self.fault(NAME, "is not 64 hexadecimal digits", "openssl rand -hex 32 makes such a key.");
        }
        Some(SecretString::from(text))
    }

    pub(super) fn master_key_file(&mut self) -> Option<PathBuf> {
        const NAME: &str = "TELECAST_MASTER_KEY_FILE";
        let path = self.file(NAME, "Name a file that Telecast can read: openssl rand -hex 32 makes its content.")?;
        if std::fs::metadata(&path).is_ok_and(|meta| meta.permissions().mode() & 0o007 != 0) {
            self.fault(NAME, "names a file that everyone on this host may read", "chmod 600 it.");
        }
        Some(path)
    }

    pub(super) fn yes(&mut self, name: &'static str) -> bool {
        let text = self.get(name).unwrap_or_default();
        if !["yes", "no"].contains(&text.as_str()) {
            self.fault(name, format!("is neither yes nor no: {text}"), "Write yes or no.");
        }
        text == "yes"
    }

    /// A whole number of these units, within bounds.
    pub(super) fn number(&mut self, name: &'static str, bounds: RangeInclusive<u32>, units: &str) -> Option<u32> {
        let text = self.get(name)?;
        let number = text.parse().ok().filter(|number| bounds.contains(number));
        if number.is_none() {
            let (least, most) = bounds.into_inner();
            self.fault(
                name,
                format!("is no number of {units} from {least} to {most}: {text}"),
                "Write a whole number, or leave it out.",
            );
        }
        number
    }

    pub(super) fn networks(&mut self) -> Vec<IpNet> {
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

    pub(super) fn log(&mut self) -> String {
        let text = self.get("TELECAST_LOG").unwrap_or_default();
        // Of other letters, such as a full-width comma, its reader makes a panic.
        if !text.is_ascii() || tracing_subscriber::EnvFilter::try_new(&text).is_err() {
            let cure = "Write a level (error, warn, info, debug, trace), or like info,telecast=debug";
            self.fault("TELECAST_LOG", format!("cannot be read: {text}"), cure);
        }
        text
    }
}
