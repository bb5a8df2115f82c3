//! The platforms where Telecast's story began, beside Bilibili, which [`Platform::alpha_tv`] is.

use super::{Platform, Setup, secret};
use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long a key of Lexiang is good; longer than the time before an expiry that is warned of.
const GOOD_FOR: Duration = Duration::from_secs(30 * 86_400);
/// Whom Wowza lets in.
const USER: &str = "olivia";

/// Three stand-ins, with the addresses and keys of their originals.
#[derive(Debug)]
pub struct Origin {
    /// Tencent Lexiang: the key has a query.
    pub lexiang: Platform,
    /// The page where Lexiang's viewers watch.
    pub lexiang_page: String,
    /// As Azure Media Services were: the secret is in the application. Any name would do there; this one takes only
    /// the name that Telecast makes up.
    pub azure: Platform,
    /// Wowza: asks for a user and a password.
    pub wowza: Platform,
    /// Wowza's server with both in it, as people paste it.
    pub wowza_server: String,
}

impl Origin {
    /// Starts them on free ports.
    ///
    /// # Errors
    /// See [`Platform::start`].
    pub async fn start() -> io::Result<Self> {
        let dies = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + GOOD_FOR;
        let key = format!("{}?txSecret={}&txTime={:08X}", secret()?, secret()?, dies.as_secs());
        let lexiang = platform("Tencent Lexiang", "live".into(), key, None).await?;
        let lexiang_page = format!("https://k100.lexiangla.com/lives/{}", secret()?);
        let azure = platform("Azure style", format!("live/{}", secret()?), "telecast".into(), None).await?;
        let password = secret()?;
        let login = Some((USER.to_owned(), password.clone()));
        let wowza = platform("Wowza", "live".into(), "weekend-show".into(), login).await?;
        let wowza_server = wowza.server().replace("://", &format!("://{USER}:{password}@"));
        Ok(Self { lexiang, lexiang_page, azure, wowza, wowza_server })
    }

    /// Cuts everybody off and frees the ports.
    pub async fn stop(&self) {
        self.lexiang.stop().await;
        self.azure.stop().await;
        self.wowza.stop().await;
    }
}

async fn platform(name: &str, app: String, key: String, login: Option<(String, String)>) -> io::Result<Platform> {
    Platform::start(Setup { name: name.into(), app, key, tls: None, login, listen: None }).await
}
