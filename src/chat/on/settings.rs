//! What a studio is set to, and who operates a group's.

use super::Stop;
use crate::chat::command::Command;
use crate::chat::desk::{Desk, Talk, again};
use crate::chat::label::{Label, Toast};
use crate::chat::menu::{Action, Errand, WeeklyDeed};
use crate::chat::page::{Page, tap};
use crate::chat::said::Said;
use crate::chat::screen::{News, OperatorsView, Screen, Settings};
use crate::domain::access::{Policy, Right};
use crate::domain::id::UserId;
use crate::store::{Studio, StudioKind};
use std::sync::Arc;
use std::time::Duration;

/// The hold times to choose from, in minutes.
const HOLDS: [u64; 8] = [0, 1, 5, 10, 20, 30, 60, 120];
/// Admins to choose from at most.
const ADMINS: usize = 30;

impl Desk {
    pub(super) async fn settings(&self, talk: &Talk) -> Result<(), Stop> {
        let (_, studio) = self.admit(talk, Right::Operate).await?;
        self.say(talk, page(&studio, studio.hold).only_if(talk));
        Ok(())
    }

    pub(super) async fn set_hold(&self, talk: &Talk, hold: Duration) -> Result<(), Stop> {
        let (caller, studio) = self.admit(talk, Right::Operate).await?;
        let left = self.service.set_hold(caller, hold).await?;
        self.turn(talk, page(&studio, hold).only_if(talk));
        if let Some((left, clean)) = left {
            self.retell_held(&studio, left, clean);
        }
        Ok(())
    }

    /// Somebody goes on duty, or off.
    pub(super) async fn set_on_duty(&self, talk: &Talk, on: bool) -> Result<(), Stop> {
        let caller = if on { self.caller(talk).await? } else { self.viewer(talk) };
        self.service.set_on_duty(caller, on).await?;
        let page = Page::new(Screen::News(News::OnDuty { on, studio: self.foreign(talk) }));
        let label = if on { Label::OffDuty } else { Label::OnDuty };
        self.turn(talk, page.row([tap(label, Action::Duty(!on))]).only_if(talk));
        Ok(())
    }

    /// The panel is pinned during a show, or not.
    pub(super) async fn set_pin(self: &Arc<Self>, talk: &Talk, on: bool) -> Result<Toast, Stop> {
        let (caller, before) = self.admit(talk, Right::Operate).await?;
        let studio = self.service.set_pin(caller, on).await?;
        self.turn(talk, page(&studio, studio.hold).only_if(talk));
        let asks = on && before.kind == StudioKind::Group;
        if asks && self.telegram.may_pin(before.chat).await != Ok(true) {
            return Ok(Toast::MayNotPin);
        }
        self.panels.pin_now(self, &studio);
        Ok(Toast::Silent)
    }

    /// Who may operate?
    pub(super) async fn operators(&self, talk: &Talk) -> Result<(), Stop> {
        let (_, studio) = self.admit(talk, Right::Appoint).await?;
        self.turn(talk, self.operators_page(&studio));
        Ok(())
    }

    pub(super) async fn set_policy(&self, talk: &Talk, policy: Policy) -> Result<(), Stop> {
        let (caller, _) = self.admit(talk, Right::Appoint).await?;
        let studio = self.service.set_policy(caller, policy).await?;
        self.operators_changed(talk, &studio).await;
        Ok(())
    }

    pub(super) async fn name_operator(&self, talk: &Talk, user: UserId, yes: bool) -> Result<(), Stop> {
        let (caller, _) = self.admit(talk, Right::Appoint).await?;
        let studio = self.service.name_operator(caller, user, yes).await?;
        self.operators_changed(talk, &studio).await;
        Ok(())
    }

    async fn operators_changed(&self, talk: &Talk, studio: &Studio) {
        self.turn(talk, self.operators_page(studio));
        // Whoever operates no more loses their ingest key now.
        self.look_after(studio.chat).await;
    }

    fn operators_page(&self, studio: &Studio) -> Page {
        let operators = &studio.operators;
        let admins = self.admins.named(studio.chat);
        let named = admins.iter().filter(|(user, _)| operators.named.contains(user)).map(|(_, name)| Said::name(name));
        let view = OperatorsView { policy: operators.policy, named: named.collect() };
        let choice = |policy| {
            let label = Label::Policy { policy, chosen: policy == operators.policy };
            tap(label, Action::SetPolicy(policy))
        };
        let page = [Policy::Any, Policy::Video, Policy::Named]
            .into_iter()
            .fold(Page::new(Screen::Operators(view)), |page, policy| page.row([choice(policy)]));
        if operators.policy != Policy::Named {
            return page;
        }
        let person = |(user, name): &(UserId, String)| {
            let named = operators.named.contains(user);
            tap(Label::Operator { name: Said::name(name), named }, Action::Operator(*user, !named))
        };
        page.grid(2, admins.iter().take(ADMINS).map(person))
    }
}

fn page(studio: &Studio, hold: Duration) -> Page {
    let choice = |minutes| {
        let time = Duration::from_secs(minutes * 60);
        tap(Label::Time { time, chosen: time == hold }, Action::SetHold(time))
    };
    let operators = (studio.kind == StudioKind::Group).then_some(studio.operators.policy);
    let page = Page::new(Screen::Settings(Settings { hold, operators })).grid(4, HOLDS.map(choice));
    let page = page.row([
        tap(Label::Weekly, Action::Weekly(WeeklyDeed::Ask)),
        tap(Label::Pin(studio.pin), Action::Pin(!studio.pin)),
    ]);
    let page = page.row([tap(Label::Recordings, again(Command::Recordings))]);
    page.row(
        operators.into_iter().flat_map(|_| {
            [tap(Label::OnDuty, Action::Private(Errand::Duty)), tap(Label::Operators, Action::Operators)]
        }),
    )
}
