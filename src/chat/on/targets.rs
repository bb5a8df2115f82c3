//! /targets: switch, order, re-key, rename, link, remove. All of it works while live.

use super::tiles::press;
use super::{Done, Stop};
use crate::chat::command::Command;
use crate::chat::desk::{Desk, Talk, again};
use crate::chat::dialogue::{Dialogue, Step};
use crate::chat::label::{Label, Toast};
use crate::chat::menu::{Action, Deed};
use crate::chat::page::{Page, tap};
use crate::chat::said::Said;
use crate::chat::screen::{Add, Detail, Row, Screen, Target as View};
use crate::domain::access::Right;
use crate::domain::id::TargetId;
use crate::domain::target::{Target, TargetName};
use crate::service::{Refused, Retried};
use std::sync::Arc;

/// Targets on one page.
const PAGE: usize = 6;

impl Desk {
    pub(super) async fn targets(&self, talk: &Talk, page: usize) -> Done {
        // Anonymous admins may look; each change asks for who taps.
        let (caller, _) = self.admit(talk, Right::Stop).await?;
        let targets = self.service.targets(caller).await?;
        if targets.is_empty() {
            let page = Page::new(Screen::Target(View::None));
            self.turn(talk, page.row([tap(Label::AddTarget, again(Command::AddTarget))]).only_if(talk));
            return Ok(());
        }
        let pages = targets.len().div_ceil(PAGE);
        let page = page.min(pages - 1);
        let shown: Vec<_> = targets.iter().skip(page * PAGE).take(PAGE).collect();
        let rows = shown.iter().map(|target| Row {
            name: Said::from(&target.name),
            platform: self.platform_name(talk, target),
            on: target.enabled,
            flaw: target.flaw,
        });
        let screen = Screen::Target(View::List { rows: rows.collect(), page: page + 1, pages });
        let buttons = shown.iter().map(|target| {
            let flawed = target.flaw.is_some();
            let label = Label::Target { name: Said::from(&target.name), on: target.enabled, flawed };
            tap(label, Action::Target(target.id, Deed::Show))
        });
        let turns = [
            (page > 0).then(|| tap(Label::Previous, Action::Page(page - 1))),
            (page + 1 < pages).then(|| tap(Label::Next, Action::Page(page + 1))),
        ];
        let page = Page::new(screen).grid(2, buttons).row(turns.into_iter().flatten());
        let more = [tap(Label::AddTarget, again(Command::AddTarget)), tap(Label::TestAll, again(Command::Check))];
        self.turn(talk, page.row(more).only_if(talk));
        Ok(())
    }

    fn platform_name(&self, talk: &Talk, target: &Target) -> Said {
        Said::name(self.service.catalogue().get_or_custom(&target.platform).name.of(talk.lang))
    }

    /// A target of the studio that is talked about.
    pub(super) async fn target(&self, talk: &Talk, target: TargetId) -> Result<Target, Stop> {
        let (caller, _) = self.admit(talk, Right::Stop).await?;
        let found = self.service.targets(caller).await?.into_iter().find(|known| known.id == target);
        found.ok_or(Stop::Refused(Refused::NoSuchTarget))
    }

    pub(super) async fn target_detail(&self, talk: &Talk, target: TargetId) -> Done {
        let target = self.target(talk, target).await?;
        self.turn(talk, self.detail_page(talk, &target));
        Ok(())
    }

    fn detail_page(&self, talk: &Talk, target: &Target) -> Page {
        let platform = self.service.catalogue().get_or_custom(&target.platform);
        let detail = Detail {
            name: Said::from(&target.name),
            platform: self.platform_name(talk, target),
            server: Said::address(&target.shown_server),
            key: Said::address(&target.shown_key),
            link: target.viewer_link.as_deref().map(Said::address),
            press: press(platform, talk.lang),
            on: target.enabled,
            flaw: target.flaw,
            key_is_mine: target.key_owner == talk.user(),
        };
        let deed = |label, deed| tap(label, Action::Target(target.id, deed));
        let (place, count) = self.service.place_of(talk.about, target.id);
        let moves = [
            (place > 0).then(|| deed(Label::Earlier, Deed::Place(place - 1))),
            (place + 1 < count).then(|| deed(Label::Later, Deed::Place(place + 1))),
        ];
        let switch = if target.enabled { deed(Label::TurnOff, Deed::Off) } else { deed(Label::TurnOn, Deed::On) };
        Page::new(Screen::Target(View::Detail(Box::new(detail))))
            .row([switch, deed(Label::Test, Deed::Test), deed(Label::NewKey, Deed::Rekey)])
            .row((platform.servers.len() > 1).then(|| deed(Label::OtherServer, Deed::Servers)))
            .row([
                deed(Label::Rename, Deed::Rename),
                deed(Label::WatchLink, Deed::Link),
                deed(Label::Remove, Deed::Remove),
            ])
            .row(moves.into_iter().flatten())
            .row([tap(Label::Back, Action::Page(place / PAGE))])
            .only_if(talk)
    }

    /// A button of a target.
    pub(super) async fn target_deed(self: &Arc<Self>, talk: &Talk, id: TargetId, deed: Deed) -> Result<Toast, Stop> {
        let (caller, studio) = self.admit(talk, if deed == Deed::Show { Right::Stop } else { Right::Operate }).await?;
        let mut toast = Toast::Silent;
        match deed {
            Deed::Show => self.target_detail(talk, id).await?,
            Deed::On | Deed::Off => {
                let target = self.service.switch_target(caller, id, deed == Deed::On).await?;
                let name = Said::from(&target.name);
                toast = if target.enabled { Toast::On(name) } else { Toast::Off(name) };
                self.turn(talk, self.detail_page(talk, &target));
            }
            Deed::LeaveOut => {
                let target = self.service.switch_target(caller, id, false).await?;
                toast = Toast::Off(Said::from(&target.name));
            }
            Deed::Retry => {
                let (target, retried) = self.service.retry_target(caller, id).await?;
                let name = Said::from(&target.name);
                toast = match retried {
                    Retried::Now => Toast::Retrying { name, now: true },
                    Retried::WithThePicture => Toast::Retrying { name, now: false },
                    Retried::Off => Toast::Off(name),
                    Retried::NotLive => Toast::NotLive,
                };
            }
            Deed::Test => self.test(talk, id).await?,
            Deed::Rekey => self.rekey_ask(talk, id).await?,
            Deed::Servers => self.servers_ask(talk, id).await?,
            Deed::Server(number) => self.server_chosen(talk, id, number).await?,
            Deed::Place(to) => {
                let target = self.service.place_target(caller, id, to).await?;
                self.turn(talk, self.detail_page(talk, &target));
                let (place, count) = self.service.place_of(talk.about, id);
                toast = Toast::Place { name: Said::from(&target.name), place: place + 1, count };
            }
            Deed::Rename => {
                let name = Said::from(&self.target(talk, id).await?.name);
                self.set_dialogue(talk, &Dialogue::new(studio.id, Step::Rename(id))).await?;
                self.say(talk, asking(talk, View::RenameAsk { name }));
            }
            Deed::Link => {
                let target = self.target(talk, id).await?;
                self.set_dialogue(talk, &Dialogue::new(studio.id, Step::Link(id))).await?;
                let platform = self.service.catalogue().get_or_custom(&target.platform);
                let what = platform.viewer.ask.as_ref().map(|ask| Said::address(ask.of(talk.lang)));
                let mut page = asking(talk, View::LinkAsk { name: Said::from(&target.name), what });
                if target.viewer_link.is_some() {
                    page = page.row([tap(Label::RemoveLink, Action::Target(id, Deed::DropLink))]);
                }
                self.say(talk, page);
            }
            Deed::DropLink => {
                let target = self.service.set_viewer_link(caller, id, None).await?;
                self.forget_dialogue(talk).await?;
                self.turn(talk, Screen::Target(View::LinkGone { name: Said::from(&target.name) }));
            }
            Deed::Remove => {
                let target = self.service.remove_target(caller, id).await?;
                let page = Page::new(Screen::Target(View::Removed { name: Said::from(&target.name) }));
                let undo = tap(Label::Undo, Action::Target(id, Deed::Restore));
                self.turn(talk, page.row([undo]).only_if(talk).within(crate::store::UNDO));
            }
            Deed::Restore => {
                let target = self.service.restore_target(caller, id).await?;
                let page = Page::new(Screen::Target(View::Restored { name: Said::from(&target.name) }));
                self.turn(talk, page.row([tap(Label::Back, Action::Page(0))]).only_if(talk));
            }
        }
        if !matches!(deed, Deed::Show | Deed::Test | Deed::Rekey | Deed::Servers | Deed::Rename | Deed::Link) {
            self.panels.changed(studio.id);
        }
        Ok(toast)
    }

    /// A new name was sent.
    pub(super) async fn renamed(&self, talk: &Talk, target: TargetId, text: &str) -> Done {
        let Ok(name) = TargetName::parse(text) else {
            self.say(talk, Screen::Add(Add::NameFault));
            return Ok(());
        };
        let (caller, studio) = self.admit(talk, Right::Operate).await?;
        let target = self.service.rename_target(caller, target, name).await?;
        self.forget_dialogue(talk).await?;
        self.panels.changed(studio.id);
        self.say(talk, Screen::Target(View::Renamed { name: Said::from(&target.name) }));
        Ok(())
    }

    /// A watch link was sent.
    pub(super) async fn linked(&self, talk: &Talk, target: TargetId, text: &str) -> Done {
        let (caller, studio) = self.admit(talk, Right::Operate).await?;
        let target = self.service.set_viewer_link(caller, target, Some(text)).await?;
        self.forget_dialogue(talk).await?;
        self.panels.changed(studio.id);
        let link = Said::address(target.viewer_link.as_deref().unwrap_or_default());
        self.say(talk, Screen::Target(View::LinkSet { name: Said::from(&target.name), link }));
        Ok(())
    }
}

fn asking(talk: &Talk, view: View) -> Page {
    Page::new(Screen::Target(view)).row([tap(Label::Cancel, Action::Cancel)]).only(talk.user())
}
