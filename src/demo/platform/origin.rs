//! The platforms where Telecast's story began, beside Bilibili, which [`Platform::alpha_tv`] is.

use super::{Platform, Setup, secret};
use crate::demo::bot_api::{Bilingual, Screen};
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
    /// As Azure Media Services were: the secret is in the application, and any name will do.
    pub azure: Platform,
    /// Wowza: asks for a user and a password.
    pub wowza: Platform,
}

impl Origin {
    /// Starts them on free ports.
    ///
    /// # Errors
    /// See [`Platform::start`].
    pub async fn start() -> io::Result<Self> {
        let dies = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + GOOD_FOR;
        let key = format!("{}?txSecret={}&txTime={:08X}", secret()?, secret()?, dies.as_secs());
        let lexiang = platform("Tencent Lexiang", "live".into(), Some(key), None).await?;
        let lexiang_page = format!("https://k100.lexiangla.com/lives/{}", secret()?);
        let azure = platform("Azure style", format!("live/{}", secret()?), None, None).await?;
        let login = Some((USER.to_owned(), secret()?));
        let wowza = platform("Wowza", "live".into(), Some("weekend-show".into()), login).await?;
        Ok(Self { lexiang, lexiang_page, azure, wowza })
    }

    /// Their screens in the side panel, each with how to add it.
    #[must_use]
    pub fn screens(&self) -> Vec<Screen> {
        let name = Bilingual::new("Tencent Lexiang", "腾讯乐享");
        let mut lexiang = Screen { name: name.clone(), ..self.lexiang.screen(name) };
        lexiang.copy.push((Bilingual::new("Watch page", "观看页"), self.lexiang_page.clone()));
        // What has ended has no button in the chat.
        let typed = Bilingual::new("“Azure style”, typed in", "手动输入“Azure 类平台”");
        let azure = Screen { name: Bilingual::new("Azure style", "Azure 类平台"), ..self.azure.screen(typed) };
        vec![lexiang, azure, self.wowza.screen(Bilingual::plain("Wowza"))]
    }

    /// Cuts everybody off and frees the ports.
    pub async fn stop(&self) {
        self.lexiang.stop().await;
        self.azure.stop().await;
        self.wowza.stop().await;
    }
}

async fn platform(
    name: &str,
    app: String,
    key: Option<String>,
    login: Option<(String, String)>,
) -> io::Result<Platform> {
    Platform::start(Setup { name: name.into(), app, key, tls: None, login, listen: None }).await
}
