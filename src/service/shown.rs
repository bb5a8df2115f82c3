//! What platforms show of a show, for whoever looks at it.

use super::{Refused, Service};
use crate::domain::access::{Caller, Right};
use crate::domain::target::{Target, TargetName};
use crate::platform::live_check::Picture;
use futures_util::future::join_all;
use std::time::Duration;
use tokio::time::timeout;

/// How many platforms are asked at most.
const MOST: usize = 4;
/// For how long, in all: whoever looks waits.
const PATIENCE: Duration = Duration::from_secs(3);

/// What one platform shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What its target is called.
    pub name: TargetName,
    /// The picture on its public page.
    pub picture: Picture,
}

impl Service {
    /// What the platforms that the studio's show goes to show of it: of those that have a picture for everybody to see,
    /// the first four. Takes three seconds at most.
    ///
    /// # Errors
    /// See [`Service::look`].
    pub async fn shown(&self, caller: Caller) -> Result<Vec<Shown>, Refused> {
        let studio = self.admit(caller, Right::Operate).await?.id;
        let (Some(pages), Some(record)) = (self.0.pages.get(), self.0.store.broadcast(studio)) else {
            return Ok(Vec::new());
        };
        let has = |target: &Target| self.0.catalogue.get(&target.platform).is_some_and(|p| p.thumbnail.is_some());
        let targets = self.sending(studio, &record).into_iter().filter(has).take(MOST);
        let shown = targets.map(async |target: Target| {
            let platform = self.0.catalogue.get(&target.platform)?;
            let picture = timeout(PATIENCE, pages.picture(platform, &target)).await.ok()??;
            Some(Shown { name: target.name, picture })
        });
        Ok(join_all(shown).await.into_iter().flatten().collect())
    }
}
