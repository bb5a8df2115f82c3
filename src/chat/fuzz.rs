//! Entry point for the fuzzer of `fuzz/`.

use super::command::Command;
use super::leak;
use super::update::{self, Place, What};
use crate::platform::Catalogue;
use std::sync::LazyLock;
use teloxide::types::Update;

/// Reads `json` as an update of Telegram's and what is said in it as a command: whether what is about no chat is nothing,
/// and keeps its number.
pub fn update(json: &[u8]) -> bool {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::builtin);
    let Ok(update) = serde_json::from_slice::<Update>(json) else { return true };
    let id = update.id.0;
    let incoming = update::read(update);
    if let What::Said(saying) = &incoming.what {
        Command::read(&saying.text, Some("telecast_bot"), saying.place == Place::Private);
        leak::holds_key(&saying.text, &CATALOGUE);
    }
    incoming.id == id && (incoming.chat.is_some() || matches!(incoming.what, What::Nothing))
}
