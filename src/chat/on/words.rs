//! Answers by a word: in private about the trouble that was told last, or the show that one has on; in a group in answer
//! to a message of the bot's, for that is all that a plain member bot hears.

use super::{LATE, Stop};
use crate::chat::alerts::Matter;
use crate::chat::command::Command;
use crate::chat::desk::{Desk, Talk, lock};
use crate::chat::dialogue::Dialogue;
use crate::chat::menu::Deed;
use crate::chat::screen::{Screen, Show};
use crate::chat::update::Saying;
use crate::chat::word::Word;
use crate::domain::access::Right;
use crate::domain::id::ChatId;
use std::sync::Arc;

/// What a word is about.
struct About {
    chat: ChatId,
    matter: Option<Matter>,
    /// The message that told of it.
    message: Option<i32>,
}

impl Desk {
    /// Does what a word asks for; says whether it was one, and about something.
    pub(super) async fn worded(
        self: &Arc<Self>,
        talk: &Talk,
        saying: &Saying,
    ) -> Result<bool, (Stop, Option<Command>)> {
        let Some(word) = Word::read(&saying.text).filter(|_| !saying.forwarded) else { return Ok(false) };
        let Some(about) = self.meant(talk, saying) else { return Ok(false) };
        let talk = Talk { about: about.chat, ..talk.clone() };
        let plain = |stop| (stop, None);
        let toast = match word {
            Word::End if saying.at.elapsed().is_ok_and(|age| age > LATE) => {
                self.command(&talk, Command::StopLive { now: false, names: String::new() }, Some(saying.at)).await?;
                return Ok(true);
            }
            Word::End => {
                self.end_now(&talk).await.map_err(plain)?;
                return Ok(true);
            }
            Word::Status => {
                self.status(&talk).await.map_err(plain)?;
                return Ok(true);
            }
            Word::GoOn if self.sleeps(&talk).await.map_err(plain)? => {
                self.command(&talk, Command::GoLive(String::new()), Some(saying.at)).await?;
                return Ok(true);
            }
            Word::Hold | Word::GoOn => self.keep_holding(&talk).await.map_err(plain)?,
            Word::Retry => {
                let Some(Matter::Target(target)) = about.matter else { return Ok(false) };
                self.target_deed(&talk, target, Deed::Retry).await.map_err(plain)?
            }
            Word::Mute if talk.private() => {
                let told = Talk { message: about.message.unwrap_or(talk.message), ..talk.clone() };
                self.mute(&told, true).await.map_err(|refused| plain(refused.into()))?
            }
            Word::Mute => return Ok(false),
        };
        self.say(&talk, Screen::Show(Show::Said(toast)));
        Ok(true)
    }

    /// Whether the show that is talked about has stood still since a restart.
    async fn sleeps(&self, talk: &Talk) -> Result<bool, Stop> {
        let (_, studio) = self.admit(talk, Right::Stop).await?;
        Ok(self.service.panel(studio.id).is_some_and(|panel| panel.asleep))
    }

    /// What is spoken of: what is answered, else the last trouble that was told here, else a show of theirs. A question
    /// of ours that stands open is answered before that.
    fn meant(&self, talk: &Talk, saying: &Saying) -> Option<About> {
        let told = {
            let alerts = lock(&self.alerts);
            let answered = saying.answers.as_ref().and_then(|answered| alerts.find(talk.chat, answered.message));
            answered.or_else(|| alerts.newest(talk.chat).filter(|_| talk.private()))
        };
        if let Some((studio, matter, told)) = told {
            return Some(About { chat: self.chat_of(studio)?, matter: Some(matter), message: told.number() });
        }
        let here = About { chat: talk.chat, matter: None, message: None };
        if !talk.private() {
            let answers = saying.answers.as_ref().and_then(|answered| answered.by.as_deref());
            return answers.filter(|by| self.name().is_some_and(|name| name.eq_ignore_ascii_case(by))).map(|_| here);
        }
        if self.service.dialogue::<Dialogue>(talk.user()).is_some_and(|dialogue| !dialogue.is_over()) {
            return None;
        }
        let shows = self.service.shows_of(talk.user());
        let own = shows.iter().find(|chat| **chat == talk.chat).or(shows.first());
        own.map(|chat| About { chat: *chat, ..here })
    }
}
