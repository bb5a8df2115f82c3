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
use crate::service::{LentPull, Refused};

/// Keys shown at most; the oldest come first and can be withdrawn until the others show.
const MOST: usize = 30;

impl Desk {
    pub(super) async fn my_keys(&self, talk: &Talk) -> Done {
        if self.only_in_private(talk).await? {
            return Ok(());
        }
        self.settle_own(talk).await?;
        let (lent, pulls) = (self.service.my_keys(talk.user()), self.service.my_pulls(talk.user()));
        if lent.is_empty() && pulls.is_empty() {
            self.turn(talk, Screen::Keys(Keys::None));
            return Ok(());
        }
        let shown = &lent[..lent.len().min(MOST)];
        let rows = shown.iter().map(|key| Lent {
            name: Said::from(&key.target.name),
            key: Said::address(&key.target.shown_key),
            studio: (!key.personal).then(|| Said::name(&key.title)),
        });
        let pulls = &pulls[..pulls.len().min(MOST)];
        let urls = pulls.iter().map(|pull| Lent {
            name: Said::name(host_of(&pull.shown)),
            key: Said::address(&pull.shown),
            studio: (!pull.personal).then(|| Said::name(&pull.title)),
        });
        let page = Page::new(Screen::Keys(Keys::List { rows: rows.chain(urls).collect() }));
        let buttons = shown
            .iter()
            .map(|key| tap(Label::Withdraw(Said::from(&key.target.name)), Action::Withdraw(key.studio, key.target.id)));
        let withdraw =
            |pull: &LentPull| tap(Label::Withdraw(Said::name(host_of(&pull.shown))), Action::WithdrawPull(pull.studio));
        self.turn(talk, page.grid(2, buttons.chain(pulls.iter().map(withdraw))).only(talk.user()));
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
        let row = [tap(Label::ForgetAll, Action::ForgetAll), tap(Label::Cancel, Action::Cancel)];
        self.say(talk, page.row(row).only(talk.user()));
        Ok(())
    }

    pub(super) async fn forget(&self, talk: &Talk) -> Result<Toast, Stop> {
        let owner = self.service.owner() == Some(talk.user());
        let targets = self.service.forget(talk.user()).await?.targets;
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
