//! What Telegram shows of the bot before anybody speaks: its commands by place and language, its descriptions, its menu.
//! What was set last is remembered, so that a start without a change asks nothing.

use super::command::Listed;
use super::desk::{Desk, private_chat};
use super::telegram::{Fault, Telegram};
use super::text;
use crate::domain::id::UserId;
use crate::domain::lang::Lang;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;
use teloxide::types::{BotCommand, BotCommandScope, Recipient};

impl Desk {
    /// Sees to it, in a task of its own, that all of it is as it should be.
    pub(super) fn set_profile(self: &Arc<Self>) {
        let desk = Arc::clone(self);
        self.spawn(async move {
            let wanted = desk.wanted_profile();
            if wanted.is_some() && desk.service.profile_mark() == wanted {
                return;
            }
            // Telegram limits these calls too; commands work without being listed.
            for pause in [0, 5, 30, 300] {
                tokio::time::sleep(Duration::from_secs(pause)).await;
                match set(&desk.telegram, desk.service.owner()).await {
                    Ok(()) => {
                        if let Err(refused) = desk.service.set_profile_mark(wanted).await {
                            tracing::warn!(%refused, "that the list of commands was set is forgotten");
                        }
                        return;
                    }
                    Err(fault) => tracing::debug!(%fault, "the list of commands was not set"),
                }
            }
        });
    }

    /// A mark of all that should be set, for this bot and this owner.
    fn wanted_profile(&self) -> Option<String> {
        let mut all = format!("{:?} {:?}", self.name(), self.service.owner());
        for lang in Lang::ALL {
            for command in [Listed::MEMBERS, Listed::ADMINS, &Listed::owners()].concat() {
                let _ = write!(all, "\n{} {}", command.name(), text::listed(lang, command));
            }
            let _ = write!(all, "\n{:?}", text::profile(lang));
        }
        self.service.mark_of(&all)
    }
}

/// Sets all of it that is not so. Safe to repeat.
async fn set(telegram: &Telegram, owner: Option<UserId>) -> Result<(), Fault> {
    let mut places = vec![
        (BotCommandScope::AllPrivateChats, Listed::PRIVATE.to_vec()),
        (BotCommandScope::AllGroupChats, Listed::MEMBERS.to_vec()),
        (BotCommandScope::AllChatAdministrators, Listed::ADMINS.to_vec()),
    ];
    if let Some(owner) = owner {
        let chat_id = Recipient::Id(teloxide::types::ChatId(private_chat(owner).0));
        places.push((BotCommandScope::Chat { chat_id }, Listed::owners()));
    }
    for lang in Lang::ALL {
        // What everybody else gets has none.
        let code = (lang != Lang::default()).then(|| lang.code());
        for (scope, commands) in &places {
            let listed = commands.iter().map(|command| BotCommand::new(command.name(), text::listed(lang, *command)));
            telegram.set_commands(scope.clone(), code, listed.collect()).await?;
        }
        let (long, short) = text::profile(lang);
        telegram.set_descriptions(code, long, short).await?;
    }
    telegram.set_menu().await
}
