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
        let add_as = |en: &str, zh: &str| vec![(Bilingual::new("Add it as", "添加时选择"), Bilingual::new(en, zh))];
        let mut lexiang = self.lexiang.screen(add_as("Tencent Lexiang", "腾讯乐享"));
        lexiang.copy.push((Bilingual::new("Watch page", "观看页"), self.lexiang_page.clone()));
        let typed = vec![(
            Bilingual::new("To add it, type", "添加时输入"),
            Bilingual::new("Azure style (it has no button)", "Azure 类平台（没有按钮）"),
        )];
        vec![lexiang, self.azure.screen(typed), self.wowza.screen(add_as("Wowza", "Wowza"))]
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
