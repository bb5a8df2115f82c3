//! The address that encoders are given.

use std::fmt;
use url::{Host, Url};

/// `rtmp://host[:port]/live`: what goes into the encoder's server box. No query, no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicAddress(String);

impl PublicAddress {
    /// Takes `text` without a trailing slash.
    pub(super) fn parse(text: &str, tls: bool) -> Result<Self, &'static str> {
        let url = Url::parse(text).map_err(|_| "cannot be read")?;
        let scheme = if tls { "rtmps" } else { "rtmp" };
        if url.scheme() != scheme {
            return Err(if tls { "does not begin with rtmps://" } else { "does not begin with rtmp://" });
        }
        let unspecified = match url.host() {
            None => return Err("has no host"),
            Some(Host::Domain(name)) => name.is_empty() || name == "0.0.0.0",
            Some(Host::Ipv4(ip)) => ip.is_unspecified(),
            Some(Host::Ipv6(ip)) => ip.is_unspecified(),
        };
        if unspecified {
            return Err("names no host that an encoder could reach");
        }
        let path = url.path().trim_matches('/');
        if path.is_empty() || path.contains('/') {
            return Err("must have one word after its host");
        }
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return Err("must be only scheme, host, port and one word");
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }

    /// The address, as people copy it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its host.
    #[must_use]
    pub fn host(&self) -> String {
        Url::parse(&self.0).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }

    /// The RTMP application that encoders will name.
    #[must_use]
    pub fn app(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }
}

impl fmt::Display for PublicAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_what_an_encoder_can_be_given() {
        let address = PublicAddress::parse("rtmp://live.example.com:1936/live/", false).unwrap();
        assert_eq!((address.as_str(), address.app()), ("rtmp://live.example.com:1936/live", "live"));
        assert_eq!(address.host(), "live.example.com");
        assert!(PublicAddress::parse("rtmps://live.example.com/live", true).is_ok());
        assert!(PublicAddress::parse("rtmp://[2001:db8::1]/live", false).is_ok());
        for bad in [
            "live.example.com",
            "http://live.example.com/live",
            "rtmps://live.example.com/live",
            "rtmp://live.example.com",
            "rtmp://live.example.com/live/x",
            "rtmp://0.0.0.0/live",
            "rtmp://[::]/live",
            "rtmp://u:p@host/live",
            "rtmp://host/live?key=1",
        ] {
            assert!(PublicAddress::parse(bad, false).is_err(), "{bad}");
        }
    }
}
