//! The end of /addtarget: “Save” and “Change name”.

use super::tiles::press;
use super::{Done, Stop};
use crate::chat::command::Command;
use crate::chat::desk::{Desk, Talk, again};
use crate::chat::dialogue::{Dialogue, Draft, Step};
use crate::chat::label::{Label, Toast};
use crate::chat::menu::{Action, Deed};
use crate::chat::page::{Page, tap};
use crate::chat::said::Said;
use crate::chat::screen::{Add, Screen};
use crate::domain::access::Right;
use crate::domain::target::TargetName;
use crate::platform::viewer;
use crate::service::NewTarget;

impl Desk {
    /// “Save”.
    pub(super) async fn save(&self, talk: &Talk) -> Result<Toast, Stop> {
        let Some((talk, Step::Confirm(draft))) = self.asked(talk) else { return Ok(Toast::OldDraft) };
        self.keep(&talk, draft).await?;
        Ok(Toast::Silent)
    }

    /// [Change name].
    pub(super) async fn change_name(&self, talk: &Talk) -> Result<Toast, Stop> {
        let Some((talk, Step::Confirm(draft))) = self.asked(talk) else { return Ok(Toast::OldDraft) };
        let (_, studio) = self.admit(&talk, Right::Operate).await?;
        let name = Said::name(&draft.name);
        self.set_dialogue(&talk, &Dialogue::new(studio.id, Step::Name(draft))).await?;
        self.say(
            &talk,
            Page::new(Screen::Add(Add::NameAsk { name })).row([tap(Label::Cancel, Action::Cancel)]).only(talk.user()),
        );
        Ok(Toast::Silent)
    }

    /// A name was sent.
    pub(super) async fn named(&self, talk: &Talk, mut draft: Draft, text: &str) -> Done {
        match TargetName::parse(text) {
            Ok(name) => draft.name = name.as_str().to_owned(),
            Err(_) => {
                self.say(talk, Screen::Add(Add::NameFault));
                return Ok(());
            }
        }
        self.keep(talk, draft).await
    }

    /// What the person was asked, and for which studio, unless it is over.
    pub(super) fn asked(&self, talk: &Talk) -> Option<(Talk, Step)> {
        let dialogue = self.service.dialogue::<Dialogue>(talk.user()).filter(|dialogue| !dialogue.is_over())?;
        let about = self.chat_of(dialogue.of)?;
        Some((Talk { about, ..talk.clone() }, dialogue.step))
    }

    async fn keep(&self, talk: &Talk, draft: Draft) -> Done {
        let (caller, studio) = self.admit(talk, Right::Operate).await?;
        let (Some(point), Ok(name)) = (draft.point(), TargetName::parse(&draft.name)) else {
            self.forget_dialogue(talk).await?;
            self.turn(talk, Screen::Add(Add::Expired));
            return Ok(());
        };
        let live = self.service.panel(studio.id).is_some_and(|panel| panel.has_broadcast());
        let flaw = draft.tested.and_then(|tested| tested.flaw);
        let target = match draft.rekey {
            Some(target) => self.service.rekey_target(caller, target, point, flaw).await?,
            None => {
                let platform = Some(draft.platform.clone());
                let new = NewTarget { name, platform, point, viewer_link: draft.link.clone(), flaw };
                self.service.add_target(caller, new).await?
            }
        };
        self.forget_dialogue(talk).await?;
        self.panels.changed(studio.id);
        if draft.tested.is_none() {
            // The test was overtaken by the tap: it is done behind its back, for the mark.
            let (service, id) = (self.service.clone(), target.id);
            self.spawn(async move { drop(service.test_target(caller, id).await) });
        }
        let said = Said::from(&target.name);
        if draft.rekey.is_some() {
            let live = live && target.enabled;
            self.turn(talk, Screen::Add(Add::Rekeyed { name: said, live }));
            return Ok(());
        }
        let platform = self.service.catalogue().get_or_custom(&target.platform);
        let press = press(platform, talk.lang);
        // A page's place that is known leads to its link as soon as the platform is asked.
        let leads = |place: &String| viewer::leads_to_link(platform, place);
        let linked = target.viewer_link.is_some() || target.status_id.as_ref().is_some_and(leads);
        let page = Page::new(Screen::Add(Add::Saved { name: said, live, press, linked, flaw }));
        let mut next = vec![tap(Label::AddAnother, again(Command::AddTarget))];
        if !live {
            next.push(tap(Label::GoLive, again(Command::GoLive(String::new()))));
        }
        let link = tap(Label::WatchLink, Action::Target(target.id, Deed::Link));
        let page = page.row(next).row((!linked).then_some(link)).row([tap(Label::Camera, again(Command::Ingest))]);
        self.turn(talk, page.only(talk.user()));
        Ok(())
    }
}
