//! What a doctor finds of Telegram, in the words of the log.

use super::Settings;
use super::telegram::{Fault, Telegram};
use std::time::Duration;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checkup {
    /// All is well with this bot, by its user name.
    Well(String),
    /// It is not: what is wrong and what to do.
    Ill(String),
}

/// Asks Telegram for the bot, as a start would, each question for no longer than `patience`. `alone`: no other program is
/// known to poll, so that it may be asked whether one does.
pub async fn look(settings: &Settings, alone: bool, patience: Duration) -> Checkup {
    let Settings { token, api_url, proxy } = settings;
    let telegram = match Telegram::new(token, api_url, proxy.as_ref(), patience) {
        Ok(telegram) => telegram,
        Err(bad) => return Checkup::Ill(bad.to_string()),
    };
    match found(&telegram, alone).await {
        Ok(found) => found,
        Err(fault) => Checkup::Ill(fault.to_string()),
    }
}

async fn found(telegram: &Telegram, alone: bool) -> Result<Checkup, Fault> {
    let name = telegram.name().await?;
    if let Some(host) = telegram.webhook().await? {
        let words = format!(
            "this bot's updates go to a webhook at {host}, so that nothing can be polled for; stop that program, or ask \
             @BotFather for a token of your own"
        );
        return Ok(Checkup::Ill(words));
    }
    if alone {
        // Without a number nothing is confirmed by it.
        telegram.updates(None, Duration::ZERO).await?;
    }
    Ok(Checkup::Well(name))
}
