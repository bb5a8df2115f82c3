//! What an encoder is given. The key belongs to a person in a studio.

use super::{IngestAddress, Refused, Service};
use crate::domain::access::{Caller, Right};
use crate::domain::secret::IngestKey;

impl Service {
    /// Server and key for the caller's encoder.
    ///
    /// # Errors
    /// See [`Service::admit`]; the caller needs [`Right::Operate`].
    pub async fn ingest(&self, caller: Caller) -> Result<IngestAddress, Refused> {
        let studio = self.admit(caller, Right::Operate).await?.id;
        Ok(self.address(self.0.store.ingest_key(studio, caller.user).await?))
    }

    /// The same with a new key. The old one is worth nothing from now on; whoever publishes with it is cut off.
    ///
    /// # Errors
    /// See [`Service::ingest`].
    pub async fn renew_ingest(&self, caller: Caller) -> Result<IngestAddress, Refused> {
        let studio = self.admit(caller, Right::Operate).await?.id;
        let _show = self.show(studio).await;
        let key = self.0.store.renew_ingest_key(studio, caller.user).await?;
        self.cut_off(studio, caller.user).await;
        Ok(self.address(key))
    }

    fn address(&self, key: IngestKey) -> IngestAddress {
        let settings = &self.0.settings;
        IngestAddress { server: settings.ingest_server.clone(), tls_server: settings.ingest_tls_server.clone(), key }
    }
}
