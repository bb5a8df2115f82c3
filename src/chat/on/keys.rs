//! /mykeys and /forget: what is mine I may take back.

use super::start::in_private;
use super::{Done, Stop};
use crate::chat::desk::{Desk, Talk};
use crate::chat::label::{Label, Toast};
use crate::chat::menu::{Action, Errand};
use crate::chat::page::{Page, tap};
use crate::chat::said::Said;
use crate::chat::screen::{Group, Keys, Lent, Pulled, Screen};
use crate::domain::access::Right;
use crate::domain::id::{StudioId, TargetId};
use crate::service::Refused;

/// Keys on one page.
const PAGE: usize = 6;

impl Desk {
    /// What is lent, a page of it.
    pub(super) async fn my_keys(&self, talk: &Talk, page: usize) -> Done {
        if self.only_in_private(talk).await? {
            return Ok(());
        }
        self.settle_own(talk).await?;
        let (lent, pulls) = (self.service.my_keys(talk.user()), self.service.my_pulls(talk.user()));
        if lent.is_empty() && pulls.is_empty() {
            self.turn(talk, Screen::Keys(Keys::None));
            return Ok(());
        }
        let keys = lent.iter().map(|key| {
            let row = Lent {
                name: Said::from(&key.target.name),
                key: Said::address(&key.target.shown_key),
                studio: (!key.personal).then(|| Said::name(&key.title)),
            };
            (row, Action::Withdraw(key.studio, key.target.id))
        });
        let urls = pulls.iter().map(|pull| {
            let row = Lent {
                name: Said::name(host_of(&pull.shown)),
                key: Said::address(&pull.shown),
                studio: (!pull.personal).then(|| Said::name(&pull.title)),
            };
            (row, Action::WithdrawPull(pull.studio))
        });
        let all: Vec<_> = keys.chain(urls).collect();
        let pages = all.len().div_ceil(PAGE);
        let page = page.min(pages - 1);
        let shown = &all[page * PAGE..all.len().min((page + 1) * PAGE)];
        let rows = shown.iter().map(|(row, _)| row.clone()).collect();
        let screen = Screen::Keys(Keys::List { rows, count: all.len(), page: page + 1, pages });
        let buttons = shown.iter().map(|(row, action)| tap(Label::Withdraw(row.name.clone()), action.clone()));
        let turns = [
            (page > 0).then(|| tap(Label::Previous, Action::KeysPage(page - 1))),
            (page + 1 < pages).then(|| tap(Label::Next, Action::KeysPage(page + 1))),
        ];
        let page = Page::new(screen).grid(2, buttons).row(turns.into_iter().flatten());
        self.turn(talk, page.only(talk.user()));
        Ok(())
    }

    pub(super) async fn withdraw(&self, talk: &Talk, studio: StudioId, target: TargetId) -> Result<Toast, Stop> {
        let gone = self.service.withdraw(talk.user(), studio, target).await?;
        self.turn(talk, Screen::Keys(Keys::Withdrawn { name: Said::from(&gone.name) }));
        Ok(Toast::Silent)
    }

    pub(super) async fn withdraw_pull(&self, talk: &Talk, studio: StudioId) -> Done {
        self.service.withdraw_pull(talk.user(), studio).await?;
        self.turn(talk, Screen::Pulled(Pulled::Stopped));
        Ok(())
    }

    pub(super) async fn forget_ask(&self, talk: &Talk) -> Done {
        if self.only_in_private(talk).await? {
            return Ok(());
        }
        self.settle_own(talk).await?;
        let targets = self.service.my_keys(talk.user()).len();
        let page = Page::new(Screen::Keys(Keys::ForgetAsk { targets }));
        let row = [tap(Label::ForgetAll, Action::ForgetAll), tap(Label::Cancel, Action::Spare)];
        self.say(talk, page.row(row).only(talk.user()));
        Ok(())
    }

    pub(super) async fn forget(&self, talk: &Talk) -> Result<Toast, Stop> {
        let owner = self.service.owner() == Some(talk.user());
        let own = self.service.studio_of(talk.chat);
        let told = own.and_then(|own| Some((own.id, self.announcer.take(self, &own)?)));
        let forgotten = self.service.forget(talk.user()).await;
        if let Some((studio, told)) = told {
            self.announcer.settle(self, studio, told, forgotten.is_ok()).await;
        }
        let targets = forgotten?.targets;
        crate::chat::desk::lock(&self.heard).remove(&talk.user());
        self.turn(talk, Screen::Keys(Keys::Forgotten { targets, owner }));
        Ok(Toast::Silent)
    }

    /// In a group: offers to go on in private.
    async fn only_in_private(&self, talk: &Talk) -> Result<bool, Stop> {
        if talk.private() {
            return Ok(false);
        }
        self.admit(talk, Right::View).await?;
        let page = Page::new(Screen::Group(Group::KeysInPrivate));
        self.say(talk, page.row([in_private(Label::OpenPrivate, Errand::Keys)]));
        Ok(true)
    }

    /// Keys are a person's own matter, whatever studio is talked about, and whatever they may do in any by now.
    async fn settle_own(&self, talk: &Talk) -> Done {
        let user = talk.user();
        let theirs = !self.service.my_keys(user).is_empty() || !self.service.my_pulls(user).is_empty();
        match self.settle(&Talk { about: talk.chat, ..talk.clone() }).await {
            Err(Refused::Private { .. }) if theirs => Ok(()),
            settled => settled.map(drop).map_err(Stop::from),
        }
    }
}

/// The server in what may be shown of a URL.
fn host_of(shown: &str) -> &str {
    let rest = shown.split_once("://").map_or(shown, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}
