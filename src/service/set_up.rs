//! A page that sets up a person's camera app: a link to it, and what it holds. The link works for ten minutes, for whoever
//! has it, as long as the key behind it does.

use super::{Refused, Service, SetUp, lock};
use crate::domain::access::{Caller, Right};
use crate::domain::lang::Lang;
use crate::domain::secret::IngestKey;
use crate::store::Found;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

/// How long a link works.
const WORKS: Duration = Duration::from_secs(600);
/// Links that are out at most.
const MOST: usize = 10_000;

/// A link that is out.
#[derive(Clone, Debug)]
pub(super) struct Out {
    key: IngestKey,
    lang: Lang,
    until: Instant,
}

/// Every link that is out, by what it ends with.
pub(super) type Links = HashMap<String, Out>;

impl Service {
    /// A link to a page with server and key for the caller's camera app; nothing where the host has no address for it.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Operate`].
    pub async fn set_up_link(&self, caller: Caller, lang: Lang) -> Result<Option<String>, Refused> {
        let studio = self.admit(caller, Right::Operate).await?.id;
        let Some(url) = &self.0.settings.public_url else { return Ok(None) };
        let key = self.0.store.ingest_key(studio, caller.user).await?;
        let mut random = [0u8; 16];
        if let Err(error) = getrandom::fill(&mut random) {
            tracing::error!(%error, "no random numbers: no page for a camera app");
            return Ok(None);
        }
        let code: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let now = Instant::now();
        let mut links = lock(&self.0.links);
        links.retain(|_, out| out.until > now);
        if links.len() >= MOST {
            links.clear();
        }
        links.insert(code.clone(), Out { key, lang, until: now + WORKS });
        Ok(Some(format!("{}/s/{code}", url.trim_end_matches('/'))))
    }

    /// What the page of a link holds, unless that is over, or the key is.
    #[must_use]
    pub fn set_up(&self, code: &str) -> Option<SetUp> {
        let out = lock(&self.0.links).get(code).cloned();
        let Out { key, lang, .. } = out.filter(|out| out.until > Instant::now())?;
        let Found::Exact { studio, .. } = self.0.store.find_ingest(&key) else { return None };
        let known = self.0.store.studio(studio).filter(|studio| self.is_let_in(studio))?;
        let settings = &self.0.settings;
        let server = settings.ingest_tls_server.as_ref().unwrap_or(&settings.ingest_server).clone();
        Some(SetUp { server, key, studio: known.title, lang })
    }
}
