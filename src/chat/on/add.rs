//! /addtarget, once the platform is known: server and key. The message with the key is deleted as soon as it is
//! read. The state lies sealed in the store, so that a restart loses nothing.

use super::add_shown::fault_view;
use super::tiles::about;
use super::{Done, Stop};
use crate::chat::command::Command;
use crate::chat::desk::{Desk, Talk};
use crate::chat::dialogue::{Dialogue, Draft, Paste, Step};
use crate::chat::label::Label;
use crate::chat::leak::holds_key;
use crate::chat::menu::{Action, DraftDeed};
use crate::chat::page::{Page, tap};
use crate::chat::said::Said;
use crate::chat::screen::{About, Add, PasteFaultView, Screen};
use crate::domain::access::{Caller, Right};
use crate::domain::id::TargetId;
use crate::domain::rtmp_url::{PushPoint, ServerUrl};
use crate::platform::paste::{self, PasteFault};
use crate::platform::rest::rest_of;
use crate::platform::{Catalogue, Platform};
use std::sync::Arc;

impl Desk {
    /// A target is to get a new key.
    pub(super) async fn rekey_ask(&self, talk: &Talk, target: TargetId) -> Done {
        let (caller, studio) = self.admit(talk, Right::Operate).await?;
        let known = self.target(talk, target).await?;
        let platform = self.service.catalogue().get_or_custom(&known.platform);
        // A new key for the old server, unless both are sent.
        let server = self.service.server_of(caller, target).await?;
        let server_shown = Some(Said::address(&server.shown()));
        // Whoever has a target there has what it needs.
        let about = About { server: server_shown, needs: None, closed: None, ..about(platform, talk.lang) };
        let (platform, server) = (Some(platform.id.clone()), Some(server.expose().to_string()));
        let paste = Paste { platform, server, rekey: Some(target), ..Paste::default() };
        self.set_dialogue(talk, &Dialogue::new(studio.id, Step::Paste(paste))).await?;
        let rekey = Some(Said::from(&known.name));
        let screen = Screen::Add(Add::Paste { about, rekey });
        self.say(talk, Page::new(screen).row([tap(Label::Cancel, Action::Cancel)]).only(talk.user()));
        Ok(())
    }

    /// A platform, or at once its server and key, is what /addtarget asks for and may have behind it.
    pub(super) async fn add_given(self: &Arc<Self>, talk: &Talk, text: &str) -> Done {
        match self.platform_named(text) {
            Some(id) => self.platform_chosen(talk, &id).await,
            None => self.pasted(talk, Paste::default(), text).await,
        }
    }

    /// Text in a private chat: an answer to what was asked? Says whether it was dealt with.
    pub(super) async fn answered(self: &Arc<Self>, talk: &Talk, text: &str, forwarded: bool) -> Result<bool, Stop> {
        let catalogue = self.service.catalogue();
        let dialogue = self.service.dialogue::<Dialogue>(talk.user());
        let of = |dialogue: Dialogue| Some((self.chat_of(dialogue.of)?, dialogue));
        let Some((about, dialogue)) = dialogue.and_then(of) else {
            // Server and key out of the blue are an /addtarget.
            if forwarded || !holds_key(text, catalogue) {
                return Ok(false);
            }
            self.pasted(talk, Paste::default(), text).await?;
            return Ok(true);
        };
        if dialogue.is_over() {
            self.forget_dialogue(talk).await?;
            if matches!(dialogue.step, Step::Paste(_) | Step::Pull) || holds_key(text, catalogue) {
                self.outbox.delete(talk.chat, talk.message);
            }
            self.say(talk, Screen::Add(Add::Expired));
            return Ok(true);
        }
        if forwarded {
            self.say(talk, Screen::Add(Add::Forwarded));
            return Ok(true);
        }
        let talk = &Talk { about, ..talk.clone() };
        match dialogue.step {
            // No name, and no page: whoever sends a key wants it added.
            Step::Rename(_) | Step::Link(_) if holds_key(text, catalogue) => {
                self.pasted(talk, Paste::default(), text).await?;
            }
            Step::Platform => self.add_given(talk, text).await?,
            Step::Paste(paste) => self.pasted(talk, paste, text).await?,
            // What is no server and no key is an answer to “Save it?”, whose key lies nowhere else.
            Step::Confirm(_) if !may_be_paste(text, catalogue) => {
                self.draft_deed(talk, DraftDeed::Show { deleted: true }).await?;
            }
            Step::Name(draft) if !holds_key(text, catalogue) => self.named(talk, draft, text).await?,
            // Another paste in place of [Save]: the first was wrong.
            Step::Confirm(draft) | Step::Name(draft) => {
                let server = draft.rekey.map(|_| draft.server);
                let paste = Paste { platform: Some(draft.platform), server, rekey: draft.rekey, ..Paste::default() };
                self.pasted(talk, paste, text).await?;
            }
            Step::Rename(target) => self.renamed(talk, target, text).await?,
            Step::Link(target) => self.linked(talk, target, text).await?,
            Step::Pull => self.url_given(talk, text).await?,
        }
        Ok(true)
    }

    /// Server or key or both were sent.
    async fn pasted(self: &Arc<Self>, talk: &Talk, mut paste: Paste, text: &str) -> Done {
        let (caller, studio) = self.admit(talk, Right::Operate).await?;
        let catalogue = self.service.catalogue();
        let chosen = catalogue.get_or_custom(paste.platform.as_deref().unwrap_or("custom"));
        let read = paste::understand(text, catalogue, Some(chosen));
        let harmless = matches!(read.fault, Some(PasteFault::Nothing | PasteFault::ViewerPage));
        if let Some(fault) = read.fault {
            // Nothing of a message that is not wholly understood is taken, and nothing of it is left lying about.
            if !harmless {
                self.erase(talk).await;
            }
            self.set_dialogue(talk, &Dialogue::new(studio.id, Step::Paste(paste))).await?;
            let screen = Screen::Add(Add::Fault { fault: fault_view(fault), about: about(chosen, talk.lang) });
            self.say(talk, Page::new(screen).row([tap(Label::Cancel, Action::Cancel)]).only(talk.user()));
            return Ok(());
        }
        let (notes, rest) = (read.notes.clone(), rest_of(text, &read));
        paste.take(read);
        let chosen = catalogue.get_or_custom(paste.platform.as_deref().unwrap_or("custom"));
        let parts = Parts::of(&paste);
        let composed = catalogue.compose(parts.server, parts.key, Some(chosen));
        let step = match &composed {
            Some((platform, point)) => Step::Confirm(self.draft(talk, caller, &paste, platform, point).await?),
            None => Step::Paste(paste.clone()),
        };
        self.set_dialogue(talk, &Dialogue::new(studio.id, step.clone())).await?;
        let deleted = self.erase(talk).await;
        if let Some(rest) = rest.filter(|_| deleted) {
            self.say(talk, Screen::Add(Add::Rest { lines: rest.lines().map(Said::address).collect() }));
        }
        match (step, composed) {
            (Step::Confirm(draft), Some((_, point))) => {
                let understood = self.understood(talk, &draft, &point, &notes, deleted);
                self.show(talk, caller, draft, point, understood);
            }
            _ => self.need_more(talk, &paste, chosen, deleted),
        }
        Ok(())
    }

    fn need_more(&self, talk: &Talk, paste: &Paste, platform: &Platform, deleted: bool) {
        let about = about(platform, talk.lang);
        let parts = Parts::of(paste);
        let add = match (parts.server, parts.key) {
            (Some(server), _) => Add::NeedKey { about, server: Said::address(&server.shown()), deleted },
            (None, Some(key)) => Add::NeedServer { about, key: Said::address(&key.masked()), deleted },
            (None, None) => Add::Fault { fault: PasteFaultView::Nothing, about },
        };
        self.say(talk, Page::new(Screen::Add(add)).row([tap(Label::Cancel, Action::Cancel)]).only(talk.user()));
    }

    async fn draft(
        &self,
        talk: &Talk,
        caller: Caller,
        paste: &Paste,
        platform: &Platform,
        point: &PushPoint,
    ) -> Result<Draft, Stop> {
        let targets = self.service.targets(caller).await?;
        let name = match targets.iter().find(|target| Some(target.id) == paste.rekey) {
            Some(target) => target.name.as_str().to_owned(),
            None => {
                let custom = platform.id == "custom";
                let first = if custom { point.server.host() } else { platform.name.of(talk.lang) };
                free_name(first, |name| targets.iter().any(|target| target.name.as_str() == name))
            }
        };
        Ok(Draft {
            platform: platform.id.clone(),
            server: point.server.expose().to_string(),
            key: point.key.expose().to_owned(),
            name,
            link: paste.link.clone(),
            rekey: paste.rekey,
            tested: None,
        })
    }

    pub(super) async fn set_dialogue(&self, talk: &Talk, dialogue: &Dialogue) -> Done {
        Ok(self.service.set_dialogue(talk.user(), Some(dialogue)).await?)
    }

    /// Leaves what is asked for something else. A draft that only waits for its “Save” stays: its key is deleted from the
    /// chat, and whoever looks something up meanwhile would have to fetch it anew.
    pub(super) async fn interrupt(&self, talk: &Talk, with: Option<&Command>) -> Done {
        let drafted = self.asked(talk).is_some_and(|(_, step)| matches!(step, Step::Confirm(_)));
        if !drafted || with.is_some_and(Command::begins_anew) {
            self.forget_dialogue(talk).await?;
        }
        Ok(())
    }

    /// Leaves whatever is asked. Says whether something was.
    pub(super) async fn forget_dialogue(&self, talk: &Talk) -> Result<bool, Stop> {
        if self.service.dialogue::<Dialogue>(talk.user()).is_none() {
            return Ok(false);
        }
        self.service.set_dialogue::<Dialogue>(talk.user(), None).await?;
        Ok(true)
    }
}

/// Whether `text` may be a server or a key, and is not one word as people write them.
fn may_be_paste(text: &str, catalogue: &Catalogue) -> bool {
    let word = text.trim().trim_end_matches(['.', '!']);
    let plain = word.len() < 20 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    let fault = paste::understand(text, catalogue, None).fault;
    !plain && !matches!(fault, Some(PasteFault::Nothing | PasteFault::ViewerPage))
}

/// Server and key that were sent so far.
struct Parts {
    server: Option<ServerUrl>,
    key: Option<crate::domain::secret::StreamKey>,
}

impl Parts {
    fn of(paste: &Paste) -> Self {
        Self {
            server: paste.server.as_deref().and_then(|text| ServerUrl::parse(text).ok()),
            key: paste.key.as_deref().and_then(|text| crate::domain::secret::StreamKey::parse(text).ok()),
        }
    }
}

/// `first`, or with a number after it when that is taken.
fn free_name(first: &str, taken: impl Fn(&str) -> bool) -> String {
    let first: String = first.chars().take(28).collect();
    let others = (2..).map(|number| format!("{first} {number}"));
    std::iter::once(first.clone()).chain(others).find(|name| !taken(name)).unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        assert_eq!(free_name("Twitch", |_| false), "Twitch");
        assert_eq!(free_name("Twitch", |name| name == "Twitch"), "Twitch 2");
        assert_eq!(free_name("Twitch", |name| name != "Twitch 4"), "Twitch 4");
    }
}
