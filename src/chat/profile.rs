//! What Telegram shows of the bot before anybody speaks: its commands by place and language, its descriptions.

use super::command::Listed;
use super::telegram::{Fault, Telegram};
use super::text;
use crate::domain::lang::Lang;
use teloxide::types::{BotCommand, BotCommandScope};

/// Telegram's code for a language, none for what everybody else gets.
const LANGUAGES: [(Lang, Option<&str>); 2] = [(Lang::En, None), (Lang::Zh, Some("zh"))];

/// Sees to it that all of it is as it should be. Safe to repeat; writes only what differs.
pub(super) async fn set(telegram: &Telegram) -> Result<(), Fault> {
    let places = [
        (BotCommandScope::AllPrivateChats, Listed::PRIVATE),
        (BotCommandScope::AllGroupChats, Listed::MEMBERS),
        (BotCommandScope::AllChatAdministrators, Listed::ADMINS),
    ];
    for (lang, code) in LANGUAGES {
        for (scope, commands) in &places {
            let listed = commands.iter().map(|command| BotCommand::new(command.name(), text::listed(lang, *command)));
            telegram.set_commands(scope.clone(), code, listed.collect()).await?;
        }
        let (long, short) = text::profile(lang);
        telegram.set_descriptions(code, long, short).await?;
    }
    Ok(())
}
