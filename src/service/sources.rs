//! Where a studio's stream comes from when no encoder publishes, and who may play it.

use super::{Change, PlayAddress, PullTrial, Refused, Service};
use crate::domain::access::{Caller, Right};
use crate::domain::rtmp_url::PushPoint;
use crate::domain::secret::ReadKey;
use crate::domain::status::{Loss, PullFailure, PushFailure};
use crate::store::PullInfo;
use std::time::Duration;

/// How long a trial may take in all.
const TRIAL: Duration = Duration::from_secs(10);

impl Service {
    /// Where the studio's stream is fetched from, if it is: what may be shown of it.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Operate`].
    pub async fn pull(&self, caller: Caller) -> Result<Option<PullInfo>, Refused> {
        let studio = self.admit(caller, Right::Operate).await?.id;
        Ok(self.0.store.pull(studio))
    }

    /// Whether a stream comes from there now. Up to 10 s; the server sees a player that comes and goes.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Operate`].
    pub async fn try_pull(&self, caller: Caller, point: &PushPoint) -> Result<PullTrial, Refused> {
        let studio = self.admit(caller, Right::Operate).await?.id;
        let seat = self.0.dialler.seat(studio);
        // Many servers let players wait for a stream that may never come.
        let (mut accepted, mut packets) = (false, Vec::new());
        let media = async {
            let mut source = self.0.dialler.play(point, &seat).await?;
            accepted = true;
            while packets.is_empty() {
                source.read(&mut packets).await?;
            }
            Ok(())
        };
        Ok(match tokio::time::timeout(TRIAL, media).await {
            Ok(Ok(())) => PullTrial::Plays,
            Ok(Err(failure)) => PullTrial::Failed(PushFailure::into(failure)),
            Err(_) if accepted => PullTrial::Failed(PullFailure::Silent),
            Err(_) => PullTrial::Failed(PullFailure::Lost(Loss::Timeout)),
        })
    }

    /// Has every broadcast of the studio fetch its stream from `point`, which is the caller's; one that is on does so
    /// at once. While an encoder publishes, that has its way.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Operate`].
    pub async fn set_pull(&self, caller: Caller, point: PushPoint) -> Result<PullInfo, Refused> {
        let known = self.admit(caller, Right::Operate).await?;
        let studio = known.id;
        let _show = self.show(studio).await;
        let info = self.0.store.set_pull(studio, point.clone(), caller.user).await?;
        self.0.relay.set_pull(studio, Some(point)).await;
        self.changed(&known, caller, Change::Pulled(true));
        Ok(info)
    }

    /// Fetches the stream from nowhere any more, at once also where it is live.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Operate`].
    pub async fn stop_pull(&self, caller: Caller) -> Result<(), Refused> {
        let known = self.admit(caller, Right::Operate).await?;
        let studio = known.id;
        let _show = self.show(studio).await;
        // First the relay: what was taken back is not used while the disk is waited for.
        self.0.relay.set_pull(studio, None).await;
        let had = self.0.store.pull(studio).is_some();
        self.0.store.drop_pull(studio).await?;
        if had {
            self.changed(&known, caller, Change::Pulled(false));
        }
        Ok(())
    }

    /// Tries again now to fetch the stream; nothing where that is not waited for.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Operate`].
    pub async fn retry_pull(&self, caller: Caller) -> Result<(), Refused> {
        let studio = self.admit(caller, Right::Operate).await?.id;
        self.0.relay.retry_pull(studio).await;
        Ok(())
    }

    /// What the studio can be played with, if it may be played.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Operate`].
    pub async fn sharing(&self, caller: Caller) -> Result<Option<PlayAddress>, Refused> {
        let studio = self.admit(caller, Right::Operate).await?.id;
        Ok(self.0.store.read_key(studio).await?.map(|key| self.play_address(key)))
    }

    /// Lets others play the studio's stream with its read key.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Operate`].
    pub async fn share(&self, caller: Caller) -> Result<PlayAddress, Refused> {
        let known = self.admit(caller, Right::Operate).await?;
        let studio = known.id;
        let before = self.0.store.read_key(studio).await?.is_some();
        let key = self.0.store.share(studio).await?;
        if !before {
            self.changed(&known, caller, Change::Shared(true));
        }
        Ok(self.play_address(key))
    }

    /// Lets nobody play it any more, and cuts off who does.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Operate`].
    pub async fn unshare(&self, caller: Caller) -> Result<(), Refused> {
        let known = self.admit(caller, Right::Operate).await?;
        let studio = known.id;
        let _show = self.show(studio).await;
        let before = self.0.store.read_key(studio).await?.is_some();
        self.0.store.unshare(studio).await?;
        self.0.relay.cut_viewers(studio).await;
        if before {
            self.changed(&known, caller, Change::Shared(false));
        }
        Ok(())
    }

    /// Another read key; the old one plays nothing from now on, and who plays is cut off.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Operate`].
    pub async fn renew_read_key(&self, caller: Caller) -> Result<PlayAddress, Refused> {
        let known = self.admit(caller, Right::Operate).await?;
        let studio = known.id;
        let _show = self.show(studio).await;
        let key = self.0.store.renew_read_key(studio).await?;
        self.0.relay.cut_viewers(studio).await;
        self.changed(&known, caller, Change::ReadKeyRenewed);
        Ok(self.play_address(key))
    }

    fn play_address(&self, key: ReadKey) -> PlayAddress {
        let settings = &self.0.settings;
        PlayAddress { server: settings.ingest_server.clone(), tls_server: settings.ingest_tls_server.clone(), key }
    }
}
