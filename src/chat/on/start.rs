//! First contact, help, language, cancel.

use super::{Stop, title_of};
use crate::chat::command::Command;
use crate::chat::desk::{Desk, Talk, again, lock, now};
use crate::chat::label::Label;
use crate::chat::menu::{Action, Errand};
use crate::chat::page::{Button, Page, tap};
use crate::chat::said::Said;
use crate::chat::screen::{Access, Group, Hello, Screen};
use crate::domain::access::{Caller, Right, Standing};
use crate::domain::lang::Lang;
use crate::service::{Claim, Refused};
use crate::store::Studio;
use std::sync::Arc;

impl Desk {
    pub(super) async fn start(self: &Arc<Self>, talk: &Talk, payload: &str) -> Result<(), Stop> {
        let invitation = payload.strip_prefix('i').filter(|code| code.len() == 32);
        if !talk.private() {
            if let Some(code) = invitation {
                self.invited(talk, code).await?;
            }
            // Brought in by a link of /announce, it is there for that.
            let ticket = lock(&self.menus).redeem(now(), payload, talk.user());
            if let Some(ticket) = ticket.filter(|ticket| ticket.errand == Errand::Announce) {
                return self.announce_by_link(talk, ticket.studio).await;
            }
            self.admit(talk, Right::View).await?;
            self.say(talk, group_hello());
            return Ok(());
        }
        if let Some(code) = invitation {
            if self.invited(talk, code).await? {
                return self.welcome(talk).await;
            }
            self.say(talk, Screen::Access(Access::InviteOver));
            return Ok(());
        }
        if payload.is_empty() {
            return self.welcome(talk).await;
        }
        let ticket = lock(&self.menus).redeem(now(), payload, talk.user());
        if let Some(ticket) = ticket {
            let Some(about) = self.chat_of(ticket.studio) else { return Ok(()) };
            let talk = Talk { about, ..talk.clone() };
            if matches!(ticket.errand, Errand::AddTarget | Errand::Rekey(_))
                && let Some(host) = self.untold_host(&talk)
            {
                self.say(&talk, Screen::Hello(Hello::Server(host)));
                self.service.told_host(talk.user()).await?;
            }
            return match ticket.errand {
                Errand::AddTarget => self.add_target(&talk).await,
                Errand::Ingest => self.ingest(&talk).await,
                Errand::Keys => self.my_keys(&talk, 0).await,
                Errand::Target(target) => self.target_detail(&talk, target).await,
                Errand::Rekey(target) => self.rekey_ask(&talk, target).await,
                Errand::Announce => self.announce(&talk).await,
                Errand::Duty => self.set_on_duty(&talk, true).await,
            };
        }
        // A claim code is 32 digits; a link of ours begins with a letter that those lack.
        if payload.starts_with('t') {
            self.say(talk, Screen::Hello(Hello::LinkExpired));
            return Ok(());
        }
        let screen = match self.service.claim(talk.user(), payload).await? {
            Claim::Yours => {
                self.settle(talk).await?;
                self.set_profile();
                Hello::Claimed
            }
            Claim::AlreadyYours => Hello::AlreadyOwner,
            Claim::Wrong => Hello::ClaimWrong,
        };
        let page = Page::new(Screen::Hello(screen.clone()));
        self.say(talk, if screen == Hello::ClaimWrong { page } else { steps(page, talk, false) });
        Ok(())
    }

    /// Somebody opened an invitation; says whether they, or their group, are in now.
    async fn invited(&self, talk: &Talk, code: &str) -> Result<bool, Stop> {
        let standing = if talk.private() { Standing::Private } else { Standing::Member };
        let caller = Caller { user: talk.user(), chat: talk.chat, standing };
        let is_in = self.service.accept_invite(caller, code, &title_of(talk)).await?;
        if is_in
            && !talk.private()
            && let Some(studio) = self.service.studio_of(talk.chat).filter(|studio| studio.language.is_none())
        {
            self.service.set_studio_language(studio.id, talk.lang).await?;
        }
        Ok(is_in)
    }

    /// Whose server this is, where that is not the person's and they were not told.
    fn untold_host(&self, talk: &Talk) -> Option<Said> {
        let owner = self.service.owner().filter(|owner| *owner != talk.user())?;
        (!self.service.person(talk.user()).told_host).then(|| Said::name(&self.service.person(owner).name))
    }

    async fn welcome(&self, talk: &Talk) -> Result<(), Stop> {
        let studio = self.settle(talk).await?;
        let host = self.untold_host(talk);
        let told = host.is_some();
        let panel = self.service.panel(studio.id);
        let (targets, camera, show) = panel.map_or((0, false, None), |panel| {
            let show = panel.has_broadcast().then(|| panel.is_live());
            (panel.targets.len(), panel.source.is_some(), show)
        });
        self.say(
            talk,
            steps(Page::new(Screen::Hello(Hello::Welcome { targets, camera, show, host })), talk, show.is_some()),
        );
        if told {
            self.service.told_host(talk.user()).await?;
        }
        Ok(())
    }

    /// Notes the chat's title and language, for what is told without being asked.
    pub(super) async fn settle(&self, talk: &Talk) -> Result<Studio, Refused> {
        let studio = self.service.open(self.viewer(talk), &title_of(talk)).await?;
        // A group keeps the language that it began with; a person's follows them.
        if studio.language.is_none() || (talk.private() && studio.language != Some(talk.lang)) {
            self.service.set_studio_language(studio.id, talk.lang).await?;
        }
        Ok(studio)
    }

    /// Something that is no command and no answer.
    pub(super) async fn not_understood(&self, talk: &Talk) -> Result<(), Stop> {
        match self.settle(talk).await {
            Ok(_) => self.say(talk, menu(Page::new(Screen::Hello(Hello::NotUnderstood)), talk)),
            Err(refused) => return Err(refused.into()),
        }
        Ok(())
    }

    pub(super) async fn help(&self, talk: &Talk) -> Result<(), Stop> {
        self.settle(talk).await?;
        if talk.private() {
            self.say(talk, menu(Page::new(Screen::Hello(Hello::Help)), talk));
        } else {
            self.say(talk, Screen::Hello(Hello::GroupHelp));
        }
        Ok(())
    }

    pub(super) async fn language(&self, talk: &Talk) -> Result<(), Stop> {
        // A stranger is spoken to in the language of their Telegram, and nothing is kept of them.
        self.admit(talk, if talk.private() { Right::View } else { Right::Operate }).await?;
        let page = Page::new(Screen::Hello(Hello::Language));
        let choices = Lang::ALL.map(|lang| tap(Label::Name(Said::name(lang.name())), Action::Language(lang)));
        self.say(talk, page.row(choices).only_if(talk));
        Ok(())
    }

    pub(super) async fn set_language(&self, talk: &Talk, lang: Lang) -> Result<(), Stop> {
        if talk.private() {
            self.admit(talk, Right::View).await?;
            self.service.set_language(talk.user(), lang).await?;
            if let Some(studio) = self.service.studio_of(talk.chat) {
                self.service.set_studio_language(studio.id, lang).await?;
                self.panels.changed(studio.id);
            }
        } else {
            let caller = self.caller(talk).await?;
            let studio = self.service.choose_language(caller, lang).await?;
            self.panels.changed(studio.id);
        }
        self.turn(&Talk { lang, ..talk.clone() }, Screen::Hello(Hello::LanguageSet));
        Ok(())
    }

    pub(super) async fn cancel(&self, talk: &Talk) -> Result<(), Stop> {
        // Dialogues are held in private only.
        if !talk.private() {
            return Ok(());
        }
        let screen = if self.forget_dialogue(talk).await? { Hello::Cancelled } else { Hello::NothingToCancel };
        self.turn(talk, Screen::Hello(screen));
        Ok(())
    }
}

/// The next step, under a page of the private chat.
fn steps(page: Page, talk: &Talk, show: bool) -> Page {
    let run = |label, command| tap(label, again(command));
    let third =
        if show { run(Label::Status, Command::Status) } else { run(Label::GoLive, Command::GoLive(String::new())) };
    page.row([run(Label::AddTarget, Command::AddTarget), run(Label::Camera, Command::Ingest)])
        .row([third])
        .only(talk.user())
}

/// All that can be done, under a page of the private chat.
pub(super) fn menu(page: Page, talk: &Talk) -> Page {
    let run = |label, command| tap(label, again(command));
    page.row([run(Label::AddTarget, Command::AddTarget), run(Label::GoLive, Command::GoLive(String::new()))])
        .row([run(Label::Camera, Command::Ingest), run(Label::Targets, Command::Targets)])
        .row([
            run(Label::Status, Command::Status),
            run(Label::Help, Command::Help),
            run(Label::Language, Command::Language),
        ])
        .only(talk.user())
}

/// The greeting in a group.
pub(super) fn group_hello() -> Page {
    Page::new(Screen::Group(Group::Hello)).row([in_private(Label::SetUpPrivately, Errand::AddTarget)])
}

/// A button that goes on in the private chat.
pub(super) fn in_private(label: Label, errand: Errand) -> Button {
    tap(label, Action::Private(errand))
}
