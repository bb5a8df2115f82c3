//! /check and the button Test: what would happen on each target, tried so that nobody sees it.

use super::Done;
use super::add_shown::soon_over;
use super::tiles::press;
use crate::chat::desk::{Desk, Talk};
use crate::chat::menu::{Action, Deed};
use crate::chat::outbox::Urgency;
use crate::chat::page::{Page, tap};
use crate::chat::said::Said;
use crate::chat::screen::{Check, Checked, Screen, Target as View};
use crate::chat::view::heard;
use crate::domain::access::{Caller, Right};
use crate::domain::id::{StudioId, TargetId};
use crate::domain::target::Target;
use crate::service::{Refused, Tested};
use futures_util::StreamExt as _;
use std::sync::Arc;

/// Targets that are tried at once.
const AT_ONCE: usize = 6;

impl Desk {
    /// Every target of the studio, those that are switched off too.
    pub(super) async fn check_all(self: &Arc<Self>, talk: &Talk) -> Done {
        let (caller, studio) = self.admit(talk, Right::Operate).await?;
        let targets = self.service.targets(caller).await?;
        if targets.is_empty() {
            return self.targets(talk, 0).await;
        }
        let (desk, talk) = (Arc::clone(self), talk.clone());
        self.spawn(async move { desk.try_all(&talk, caller, studio.id, targets).await });
        Ok(())
    }

    async fn try_all(&self, talk: &Talk, caller: Caller, studio: StudioId, targets: Vec<Target>) {
        let row = |target: &Target, check, ends| Checked {
            name: Said::from(&target.name),
            on: target.enabled,
            check,
            expiry: soon_over(ends),
            press: press(self.service.catalogue().get_or_custom(&target.platform), talk.lang),
        };
        let pending = targets.iter().map(|target| row(target, Check::Pending, None)).collect();
        let post =
            self.drawn(talk, &Page::new(Screen::Target(View::Checked { rows: pending, done: false, sound: None })));
        let number = self.outbox.send_numbered(talk.chat, Urgency::Reply, post);
        let ids: Vec<_> = targets.iter().map(|target| target.id).collect();
        let tried = futures_util::stream::iter(ids).map(|id| self.service.test_target(caller, id));
        let found: Vec<_> = tried.buffered(AT_ONCE).collect().await;
        let mut rows = Vec::new();
        let mut bad = Vec::new();
        for (target, found) in targets.iter().zip(found) {
            match found {
                Ok(Tested { found, key_ends }) => {
                    let row = row(target, Check::of(&found), key_ends);
                    if row.check.is_bad() {
                        bad.push(tap(crate::chat::label::Label::Name(row.name.clone()), show(target.id)));
                    }
                    rows.push(row);
                }
                // Removed meanwhile.
                Err(Refused::NoSuchTarget) => {}
                Err(refused) => return self.refuse(talk, refused.into(), None),
            }
        }
        let sound = self.service.panel(studio).and_then(|panel| panel.hearing).map(heard);
        let page = Page::new(Screen::Target(View::Checked { rows, done: true, sound })).grid(2, bad).only_if(talk);
        if let Ok(number) = number.await {
            let post = self.drawn(talk, &page);
            self.outbox.edit(talk.chat, Urgency::Reply, number, post);
        }
    }

    /// One target, in a task of its own.
    pub(super) async fn test(self: &Arc<Self>, talk: &Talk, id: TargetId) -> Done {
        let (caller, _) = self.admit(talk, Right::Operate).await?;
        let target = self.target(talk, id).await?;
        let (desk, talk) = (Arc::clone(self), talk.clone());
        self.spawn(async move {
            let name = Said::from(&target.name);
            let tested = |check| Page::from(Screen::Target(View::Tested { name: name.clone(), check }));
            let post = desk.drawn(&talk, &tested(Check::Pending));
            let number = desk.outbox.send_numbered(talk.chat, Urgency::Reply, post);
            let check = match desk.service.test_target(caller, id).await {
                Ok(tested) => Check::of(&tested.found),
                Err(refused) => return desk.refuse(&talk, refused.into(), None),
            };
            if let Ok(number) = number.await {
                let post = desk.drawn(&talk, &tested(check));
                desk.outbox.edit(talk.chat, Urgency::Reply, number, post);
            }
        });
        Ok(())
    }
}

fn show(target: TargetId) -> Action {
    Action::Target(target, Deed::Show)
}
