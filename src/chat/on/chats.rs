//! Groups as such: the bot comes and goes, groups become supergroups, somebody posts a key; and who is let in.

use super::start::{group_hello, in_private};
use super::{Stop, stranger_page, title_of};
use crate::chat::desk::{Desk, Talk, lock, private_chat};
use crate::chat::label::Label;
use crate::chat::leak::holds_key;
use crate::chat::menu::Errand;
use crate::chat::outbox::Urgency;
use crate::chat::page::Page;
use crate::chat::said::Said;
use crate::chat::screen::{Access, Group, Screen};
use crate::chat::update::{Person, Place};
use crate::domain::access::{Caller, Standing};
use crate::domain::id::ChatId;
use crate::service::{Applicant, Asked, Joined};

impl Desk {
    /// The bot came into a chat, left it, or is something else there now.
    pub(super) async fn me(&self, chat: ChatId, by: &Person, place: &Place, was_in: bool, is_in: bool) {
        self.admins.doubt(chat);
        let title = match place {
            _ if !is_in => {
                self.outbox.shut(chat);
                if let Err(error) = self.service.shut_out_of(chat).await {
                    tracing::error!(%chat, %error, "a chat that is gone is still announced in");
                }
                return self.thrown_out(chat);
            }
            Place::Private => return self.outbox.open(chat),
            Place::Group { title } => title,
        };
        self.outbox.open(chat);
        // It may come for announcements only, and then this becomes nobody's studio.
        if was_in || self.means_to_announce(by.id).is_some() {
            return;
        }
        let joined = self.service.join_group(by.id, chat, title).await;
        let lang = self.lang_in(place, chat, Some(by));
        if let Some(studio) = self.service.studio_of(chat)
            && studio.approved
            && studio.language.is_none()
            && let Err(error) = self.service.set_studio_language(studio.id, lang).await
        {
            tracing::error!(studio = %studio.id, %error, "the group's language was not kept");
        }
        let page = match joined {
            Ok(Joined::Approved) => group_hello(),
            Ok(Joined::Stranger) => {
                let asked = self.service.is_asked_about(chat);
                self.untold(chat, asked);
                stranger_page(asked)
            }
            Err(refused) => Page::new(Screen::No(super::no_of(refused.into()))),
        };
        let mut post = self.draw(lang, chat, &page);
        post.silent = true;
        self.outbox.send(chat, Urgency::Reply, post);
    }

    /// A group became a supergroup.
    pub(in crate::chat) async fn moved(&self, old: ChatId, new: ChatId) {
        self.announcer.moved(old, new);
        let had = self.service.studio_of(old).is_some();
        match self.service.move_studio(old, new).await {
            Ok(studio) => {
                lock(&self.alerts).moved(old);
                self.panels.moved(studio.id, new);
                self.panels.changed(studio.id);
            }
            Err(error) if had => tracing::error!(%old, %new, %error, "a group's studio did not move along"),
            Err(_) => {}
        }
    }

    /// Somebody posted a stream key where all can read it. Says whether so.
    pub(super) async fn leaked(&self, talk: &Talk, text: &str) -> bool {
        if !holds_key(text, self.service.catalogue()) {
            return false;
        }
        let deleted = self.erase(talk).await;
        let page = Page::new(Screen::Group(Group::KeyPosted { deleted }));
        let mut post = self.drawn(talk, &page.row([in_private(Label::OpenPrivate, Errand::AddTarget)]));
        if deleted {
            post.reply_to = None;
        }
        self.outbox.send(talk.chat, Urgency::Reply, post);
        true
    }

    /// A stranger asks to be let in, for themselves or for their group.
    pub(super) async fn ask_access(&self, talk: &Talk) -> Result<(), Stop> {
        let standing = if talk.private() { Standing::Private } else { Standing::Member };
        let caller = Caller { user: talk.user(), chat: talk.chat, standing };
        let asked = self.service.ask_access(caller, &title_of(talk)).await?;
        // The answer comes when somebody else taps, so the language is kept from now on.
        if talk.private() {
            self.service.set_language(talk.user(), talk.lang).await?;
        } else if let Some(studio) = self.service.studio_of(talk.chat).filter(|studio| studio.language.is_none()) {
            self.service.set_studio_language(studio.id, talk.lang).await?;
        }
        self.turn(
            talk,
            Screen::Access(match asked {
                Asked::Told => Access::Asked,
                Asked::Before => Access::AskedBefore,
                Asked::Declined => Access::Declined,
                Asked::Approved => Access::LetIn,
            }),
        );
        Ok(())
    }

    /// The owner lets somebody in, or not.
    pub(super) async fn let_in(&self, talk: &Talk, applicant: Applicant, yes: bool) -> Result<(), Stop> {
        self.service.approve(talk.user(), applicant, yes).await?;
        let said = Said::name(&self.service.name_of(applicant));
        self.turn(talk, Screen::Access(Access::Answered { name: said, yes }));
        let answer = |answer| Page::new(Screen::Access(answer));
        let (chat, welcome, lang) = match applicant {
            Applicant::Person(user) => (private_chat(user), answer(Access::Welcome), self.lang_of(user)),
            Applicant::Group(group) => {
                let lang = self.service.studio_of(group).and_then(|studio| studio.language);
                (group, group_hello(), lang.unwrap_or(talk.lang))
            }
        };
        let page = if yes { welcome } else { answer(Access::Declined) };
        let post = self.draw(lang, chat, &page);
        self.outbox.send(chat, Urgency::Reply, post);
        Ok(())
    }
}
