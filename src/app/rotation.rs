//! A new master key is taken up while everything goes on: the key file is looked at now and then, what an older key
//! sealed is sealed anew, and then the older keys go from the file.

use crate::store::{KeySource, Keyring, Store};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};
use tokio_util::sync::CancellationToken;

/// How often the key file is looked at.
const LOOK: Duration = Duration::from_secs(5);

/// Seals anew what a restart or a crash left, then watches the key file until `token` is cancelled.
pub(super) async fn watch(store: Store, data: PathBuf, source: KeySource, token: CancellationToken) {
    let file = source.file(&data);
    let written = || file.as_ref().and_then(|file| std::fs::metadata(file).ok()?.modified().ok());
    let mut seen: Option<SystemTime> = written();
    let mut due = Keyring::count_keys(&data, &source).is_ok_and(|keys| keys > 1);
    loop {
        if due {
            due = !renew(&store, &data, &source).await;
            seen = written();
        }
        if token.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_none() {
            return;
        }
        due |= written() != seen;
    }
}

/// Whether it is done; else it is tried again.
async fn renew(store: &Store, data: &std::path::Path, source: &KeySource) -> bool {
    let ring = match Keyring::load_or_create(data, source) {
        Ok(ring) => ring,
        Err(error) => {
            tracing::warn!(%error, "the master key file cannot be read; I go on with the keys that I have");
            return true;
        }
    };
    if let Err(error) = store.adopt(&ring) {
        tracing::error!(%error, "the master key file was changed; I go on with the keys that I have");
        return true;
    }
    match store.reseal().await {
        Ok(0) if Keyring::count_keys(data, source).is_ok_and(|keys| keys == 1) => return true,
        Ok(records) => tracing::info!(records, "sealed with the newest master key"),
        Err(error) => {
            tracing::warn!(%error, "not everything could be sealed with the newest master key yet");
            return false;
        }
    }
    match ring.drop_older(data, source) {
        // Another key came behind it meanwhile.
        Ok(false) => return false,
        Ok(true) => tracing::info!("the older master key is not needed any more, and gone from its file"),
        Err(error) => tracing::info!(%error, "the older master keys are not needed any more: keep only the last"),
    }
    true
}
