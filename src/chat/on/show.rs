//! /golive, /stoplive, /status, /links.

use super::{Done, Stop};
use crate::chat::command::Command;
use crate::chat::desk::{Desk, Talk, again};
use crate::chat::label::{Label, Toast};
use crate::chat::menu::{Action, Deed};
use crate::chat::outbox::Urgency;
use crate::chat::page::{Page, tap};
use crate::chat::said::Said;
use crate::chat::screen::{Screen, Show};
use crate::chat::view::{PanelView, ReportView, coarse, links};
use crate::domain::access::Right;
use crate::domain::id::{StudioId, TargetId};
use crate::domain::status::{Phase, TargetState};
use crate::domain::target::Target;
use crate::service::{GoLive, KeepHolding, Panel, StopLive};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// How long [Stop now] works, and a second /stoplive means it.
const STOP: Duration = Duration::from_secs(30);

/// Names that are not known are repeated at most.
const UNKNOWN: usize = 5;

impl Desk {
    pub(super) async fn go_live(self: &Arc<Self>, talk: &Talk, names: &str) -> Done {
        let (caller, _) = self.admit(talk, Right::Operate).await?;
        let named = match self.named_targets(talk, names).await? {
            Ok(named) => named,
            Err(screen) => {
                self.say(talk, Screen::Show(screen));
                return Ok(());
            }
        };
        let panel = match self.service.go_live(caller, named.as_deref()).await? {
            GoLive::Started(panel) | GoLive::Waiting(panel) | GoLive::AlreadyLive { panel, .. } => panel,
            GoLive::KeysOver(targets) => {
                let names = targets.iter().map(|target| Said::from(&target.name)).collect();
                let page = Page::new(Screen::Show(Show::KeysOver { names }));
                // Which of several it is for, the list tells.
                let button = match &targets[..] {
                    [target] => tap(Label::NewKey, Action::Target(target.id, Deed::Rekey)),
                    _ => tap(Label::Targets, again(Command::Targets)),
                };
                self.say(talk, page.row([button]).only_if(talk));
                return Ok(());
            }
            GoLive::NoTargets => {
                let none = self.service.targets(caller).await?.is_empty();
                let (show, button) = if none {
                    (Show::NoTargets, tap(Label::AddTarget, again(Command::AddTarget)))
                } else {
                    (Show::AllOff, tap(Label::Targets, again(Command::Targets)))
                };
                self.say(talk, Page::new(Screen::Show(show)).row([button]).only_if(talk));
                return Ok(());
            }
        };
        // Where many go live at once, whoever asks something else is answered first.
        self.show_panel(talk, &panel, Urgency::Alert).await
    }

    /// Puts the panel where it belongs, as the newest message, and tells who asked from elsewhere.
    async fn show_panel(self: &Arc<Self>, talk: &Talk, panel: &Panel, urgency: Urgency) -> Done {
        if talk.chat == panel.chat {
            self.settle_title(talk).await?;
            // What is told by itself is told where the panel is.
            self.service.set_topic(panel.studio, talk.topic).await?;
        } else {
            let view = PanelView::of(panel, crate::chat::desk::now());
            let post = self.drawn(talk, &Page::new(Screen::Panel(view)));
            self.outbox.send(talk.chat, urgency, post);
        }
        self.panels.show(self, panel.studio, urgency, false);
        Ok(())
    }

    async fn settle_title(&self, talk: &Talk) -> Done {
        self.settle(talk).await?;
        Ok(())
    }

    pub(super) async fn status(self: &Arc<Self>, talk: &Talk) -> Done {
        let panel = self.service.status(self.viewer(talk)).await?;
        self.show_panel(talk, &panel, Urgency::Reply).await
    }

    pub(super) async fn links(&self, talk: &Talk) -> Done {
        let (found, live) = self.service.links(self.viewer(talk)).await?;
        self.say(
            talk,
            Screen::Show(if found.is_empty() { Show::NoLinks } else { Show::Links { links: links(&found), live } }),
        );
        Ok(())
    }

    pub(super) async fn stop_live(self: &Arc<Self>, talk: &Talk, now: bool, names: &str) -> Done {
        self.admit(talk, Right::Stop).await?;
        let named = match self.named_targets(talk, names).await? {
            Ok(named) => named,
            Err(screen) => {
                self.say(talk, Screen::Show(screen));
                return Ok(());
            }
        };
        let panel = self.service.status(self.viewer(talk)).await?;
        if !panel.has_broadcast() {
            self.say(talk, Screen::Show(Show::NotLive));
            return Ok(());
        }
        // A tap on the panel's button is no typing, so it asks each time.
        let twice = !talk.tapped && self.stops_again(talk.about, talk.user(), STOP);
        if now || named.is_some() || twice {
            return self.stop_now(talk, named.as_deref()).await;
        }
        let page = Page::new(Screen::Show(stop_ask(&panel, self.foreign(talk))));
        let row = [tap(Label::StopNow, Action::StopNow), tap(Label::KeepLive, Action::KeepLive)];
        self.say(talk, page.row(row).only_if(talk).within(STOP));
        Ok(())
    }

    /// Ends the show, or takes some targets out of it.
    pub(super) async fn stop_now(&self, talk: &Talk, named: Option<&[TargetId]>) -> Done {
        let caller = self.caller(talk).await?;
        let (show, studio) = match self.service.stop_live(caller, named).await? {
            StopLive::Stopped(report) => {
                (Show::Report(ReportView::of(&report)), self.service.studio_of(talk.about).map(|studio| studio.id))
            }
            StopLive::Removed { targets, panel } => {
                let of = |id: &TargetId| panel.targets.iter().find(|shown| shown.target.id == *id);
                let names = |ids: &[TargetId]| {
                    ids.iter().filter_map(|id| of(id).map(|shown| Said::from(&shown.target.name))).collect()
                };
                let show = if targets.is_empty() {
                    Show::NotInIt { targets: names(named.unwrap_or_default()) }
                } else {
                    Show::TakenOut { targets: names(&targets) }
                };
                (show, Some(panel.studio))
            }
            StopLive::NotLive => (Show::NotLive, None),
        };
        if let Some(studio) = studio {
            self.panels.changed(studio);
            if matches!(show, Show::Report(_)) {
                self.panels.ended(self, studio);
                crate::chat::desk::lock(&self.alerts).forget(studio);
                self.report_there(talk, studio, &show);
            }
        }
        self.turn(talk, Screen::Show(show));
        Ok(())
    }

    /// What a show was is read in its own chat too, when it was ended from elsewhere.
    fn report_there(&self, talk: &Talk, studio: StudioId, show: &Show) {
        let Some(studio) = self.service.studio(studio).filter(|studio| studio.chat != talk.chat) else { return };
        let page = Page::new(Screen::Show(show.clone()));
        let mut post = self.draw(self.studio_lang(&studio), studio.chat, &page);
        (post.silent, post.topic) = (true, studio.topic);
        self.outbox.send(studio.chat, Urgency::Alert, post);
    }

    /// Ends a show without a picture. One that has a picture by now asks first: the button was not about that.
    pub(super) async fn end_now(self: &Arc<Self>, talk: &Talk) -> Done {
        let panel = self.service.status(self.viewer(talk)).await?;
        if matches!(panel.phase, Phase::Live { .. } | Phase::Waiting { .. }) {
            return self.stop_live(talk, false, "").await;
        }
        self.stop_now(talk, None).await
    }

    /// Keeps a show on air without a picture.
    pub(super) async fn keep_holding(&self, talk: &Talk) -> Result<Toast, Stop> {
        let caller = self.caller(talk).await?;
        Ok(match self.service.keep_holding(caller).await? {
            KeepHolding::Kept { hold } => {
                self.tell_kept(talk, hold);
                Toast::Kept
            }
            KeepHolding::Live => Toast::BackAlready,
            KeepHolding::Paused => Toast::PausedAlready,
            KeepHolding::NotLive => Toast::NotLive,
        })
    }

    /// The targets that `names` mean; `None` for all. Names may have blanks in them and be parted by commas or blanks.
    async fn named_targets(&self, talk: &Talk, names: &str) -> Result<Result<Option<Vec<TargetId>>, Show>, Stop> {
        if names.trim().is_empty() {
            return Ok(Ok(None));
        }
        let targets = self.service.targets(self.viewer(talk)).await?;
        if targets.is_empty() {
            // That there is none says more than that this one is not.
            return Ok(Ok(None));
        }
        Ok(match find(names, &targets) {
            Ok(found) => Ok(Some(found)),
            Err(unknown) => Err(Show::UnknownNames {
                names: unknown.iter().take(UNKNOWN).map(|name| Said::name(name)).collect(),
                known: targets.iter().map(|target| Said::from(&target.name)).collect(),
            }),
        })
    }
}

fn stop_ask(panel: &Panel, studio: Option<Said>) -> Show {
    let part = panel
        .targets
        .iter()
        .filter(|shown| panel.asleep || shown.status.as_ref().is_some_and(|status| status.state != TargetState::Off));
    let waiting = matches!(panel.phase, Phase::Waiting { .. });
    let since = panel.live_since.filter(|_| !waiting);
    Show::StopAsk {
        targets: part.map(|shown| Said::from(&shown.target.name)).collect(),
        live_for: since.map(|since| coarse(SystemTime::now().duration_since(since).unwrap_or_default())),
        studio,
    }
}

/// Finds targets by name: all of `names` as one, else each word or part between commas.
fn find(names: &str, targets: &[Target]) -> Result<Vec<TargetId>, Vec<String>> {
    let one = |name: &str| {
        let name = name.trim().to_lowercase();
        let exact = targets.iter().filter(|target| target.name.as_str().to_lowercase() == name);
        let begins = targets.iter().filter(|target| target.name.as_str().to_lowercase().starts_with(&name));
        let platform = targets.iter().filter(|target| target.platform == name);
        [exact.collect::<Vec<_>>(), begins.collect(), platform.collect()]
            .into_iter()
            .find(|found| !found.is_empty())
            .map(|found| found.iter().map(|target| target.id).collect::<Vec<_>>())
    };
    if let Some(found) = one(names) {
        return Ok(found);
    }
    let commas = names.contains([',', '，', '、']);
    let parts = names.split(|c: char| if commas { ",，、".contains(c) } else { c.is_whitespace() });
    let (mut found, mut unknown) = (Vec::new(), Vec::new());
    for part in parts.map(str::trim).filter(|part| !part.is_empty()) {
        match one(part) {
            Some(more) => found.extend(more.into_iter().filter(|id| !found.contains(id)).collect::<Vec<_>>()),
            None => unknown.push(part.to_owned()),
        }
    }
    match (found.is_empty(), unknown.is_empty()) {
        (false, true) => Ok(found),
        (true, true) => Err(vec![names.to_owned()]),
        (_, false) => Err(unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::UserId;
    use crate::domain::target::TargetName;

    fn target(id: u32, name: &str, platform: &str) -> Target {
        Target {
            id: TargetId(id),
            name: TargetName::parse(name).unwrap(),
            platform: platform.into(),
            shown_server: String::new(),
            shown_key: String::new(),
            viewer_link: None,
            unlinked: false,
            status_id: None,
            enabled: true,
            key_owner: UserId(1),
            rank: 0,
            flaw: None,
        }
    }

    #[test]
    fn targets_are_found_by_name_beginning_or_platform() {
        let all = [target(1, "Alpha TV", "custom"), target(2, "Alpha", "twitch"), target(3, "哔哩哔哩", "bilibili")];
        let ids = |names: &str| find(names, &all).map(|ids| ids.iter().map(|id| id.0).collect::<Vec<_>>());
        assert_eq!(ids("alpha"), Ok(vec![2]));
        assert_eq!(ids("alpha tv"), Ok(vec![1]));
        assert_eq!(ids("哔哩"), Ok(vec![3]));
        assert_eq!(ids("bilibili twitch"), Ok(vec![3, 2]));
        assert_eq!(ids("Alpha TV、哔哩哔哩"), Ok(vec![1, 3]));
        assert_eq!(ids("Alpha, nobody, <b>"), Err(vec!["nobody".into(), "<b>".into()]));
        assert_eq!(ids(","), Err(vec![",".into()]), "never nothing");
    }
}
