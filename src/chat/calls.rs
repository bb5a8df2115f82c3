//! Who is told: a studio's chat, without a sound where it is a group; and in private, with one, whoever must act. Where
//! nobody can be reached so, the group is asked once for somebody who can.

use super::alerts::{Matter, Told};
use super::desk::{Desk, Talk, lock, now, private_chat};
use super::label::{Label, Toast};
use super::menu::{Action, Errand};
use super::outbox::Urgency;
use super::page::{Page, Post, tap};
use super::said::Said;
use super::screen::{News, Screen};
use crate::domain::duty::Called;
use crate::domain::id::{ChatId, StudioId, UserId};
use crate::domain::lang::Lang;
use crate::service::Refused;
use crate::store::{Studio, StudioKind};
use std::sync::Arc;
use std::time::SystemTime;

/// A page for one chat. `Some`: the studio's title, because the chat is not the studio's own.
pub(super) type Paint<'a> = &'a (dyn Fn(Option<Said>) -> Page + Sync);

/// Who must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Nobody,
    Person(UserId),
    /// Whoever started the show, and who is on duty.
    Duty,
}

impl Desk {
    /// Tells a studio's chat, and in private, aloud, who must act. `matter`: what these messages are edited for later.
    pub(super) fn in_studio(self: &Arc<Self>, studio: StudioId, call: Call, matter: Option<Matter>, paint: Paint<'_>) {
        let Some(studio) = self.service.studio(studio) else { return };
        let called = self.called(&studio, call);
        let aloud = |called: &Called| {
            called.aloud && lock(&self.alerts).rings(now(), studio.id, private_chat(called.user), matter)
        };
        let own = called.iter().find(|called| private_chat(called.user) == studio.chat);
        let mut told = vec![self.told(&studio, studio.chat, own.is_some_and(aloud), own.is_some(), paint)];
        let others = called.iter().filter(|called| private_chat(called.user) != studio.chat);
        told.extend(others.map(|called| self.told(&studio, private_chat(called.user), aloud(called), true, paint)));
        if call == Call::Duty && studio.kind == StudioKind::Group {
            self.unless_reached(&studio, told[1..].to_vec());
        }
        let Some(matter) = matter else { return };
        let before = lock(&self.alerts).note(studio.id, matter, told.clone());
        for old in before {
            let Some(new) = told.iter().find(|new| new.letter.chat == old.letter.chat).cloned() else { continue };
            let outbox = self.outbox.clone();
            self.spawn(async move { outbox.withdraw(old.letter, new.letter).await });
        }
    }

    /// Whom an alert calls.
    pub(super) fn called(&self, studio: &Studio, call: Call) -> Vec<Called> {
        match call {
            Call::Nobody => Vec::new(),
            Call::Person(user) => {
                let aloud = !studio.duty.is_muted(SystemTime::now(), user);
                vec![Called { user, aloud }]
            }
            Call::Duty => self.service.called(studio.id, |user| self.operates_still(studio, user)),
        }
    }

    fn told(&self, studio: &Studio, chat: ChatId, aloud: bool, calls: bool, paint: Paint<'_>) -> Told {
        let page = paint(self.title_for(studio, chat));
        let mut post = self.drawn_there(studio, chat, &page, calls);
        post.silent = !aloud;
        Told { letter: self.outbox.letter(chat, Urgency::Alert, post), page, calls }
    }

    /// Where none of `told` arrives, the group is asked aloud, once in a show, for somebody who can be reached.
    fn unless_reached(self: &Arc<Self>, studio: &Studio, told: Vec<Told>) {
        let (desk, studio) = (Arc::clone(self), studio.clone());
        self.spawn(async move {
            for told in told {
                // What was withdrawn has another in its place, which arrives or not.
                if told.letter.clone().number().await.is_some() || told.letter.is_withdrawn() {
                    return;
                }
            }
            if !lock(&desk.alerts).is_alone(studio.id) {
                return;
            }
            let page = Page::new(Screen::News(News::NobodyCalled));
            let page = page.row([tap(Label::OnDuty, Action::Private(Errand::Duty))]);
            let mut post = desk.draw(desk.studio_lang(&studio), studio.chat, &page);
            post.topic = studio.topic;
            desk.outbox.send(studio.chat, Urgency::Alert, post);
        });
    }

    /// A page of a studio, for its own chat or for a person who is told of it in private. Who is called about a trouble
    /// may want no sound of it.
    fn drawn_there(&self, studio: &Studio, chat: ChatId, page: &Page, calls: bool) -> Post {
        let user = u64::try_from(chat.0).map(UserId);
        let mut page = page.clone();
        if let (true, Ok(user), Screen::News(News::Trouble { .. } | News::Stream { .. })) = (calls, user, &page.screen)
        {
            let muted = studio.duty.is_muted(SystemTime::now(), user);
            let label = if muted { Label::Unmute } else { Label::Mute };
            page = page.row([tap(label, Action::Mute(!muted))]);
        }
        match user {
            Ok(user) if chat != studio.chat => {
                self.draw(self.lang_about(studio, user), chat, &page.of(studio.id).only(user))
            }
            _ => Post { topic: studio.topic, ..self.draw(self.studio_lang(studio), chat, &page) },
        }
    }

    /// The language for a person who is told of a studio: who was not heard since the start speaks what is spoken there.
    fn lang_about(&self, studio: &Studio, user: UserId) -> Lang {
        self.known_lang(user).unwrap_or_else(|| self.studio_lang(studio))
    }

    /// Makes messages say something else, without another sound. They may still be on their way.
    pub(super) fn retell(&self, studio: &Studio, told: Vec<Told>, paint: Paint<'_>) {
        for told in told {
            let title = self.title_for(studio, told.letter.chat);
            let mut post = self.drawn_there(studio, told.letter.chat, &paint(title), told.calls);
            // One that was deleted is said anew.
            post.silent = true;
            let outbox = self.outbox.clone();
            self.spawn(async move { outbox.correct(told.letter, Urgency::Alert, post).await });
        }
    }

    /// `studio`: what it is about.
    pub(super) fn to_person(&self, user: UserId, studio: Option<&Studio>, page: Page, silent: bool) {
        let chat = private_chat(user);
        let lang = studio.map_or_else(|| self.lang_of(user), |studio| self.lang_about(studio, user));
        let mut post = self.draw(lang, chat, &page.only(user));
        post.silent = silent;
        self.outbox.send(chat, Urgency::Alert, post);
    }

    /// Somebody wants no sound of a studio for a while, or wants it again. The button under the alert turns round.
    pub(super) async fn mute(&self, talk: &Talk, on: bool) -> Result<Toast, Refused> {
        let studio = self.service.mute(self.viewer(talk), on).await?;
        let found = lock(&self.alerts).find(talk.chat, talk.message);
        if let Some((_, _, told)) = found.filter(|(of, ..)| *of == studio.id) {
            let post = self.drawn_there(&studio, talk.chat, &told.page, told.calls);
            self.outbox.edit(talk.chat, Urgency::Reply, talk.message, post);
        }
        Ok(if on { Toast::Muted } else { Toast::Unmuted })
    }
}
