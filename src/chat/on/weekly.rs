//! The weekly time of a show, by buttons alone, so that it can be set in a group too.

use super::Stop;
use crate::chat::calls::Call;
use crate::chat::desk::{Desk, Talk, private_chat};
use crate::chat::label::Label;
use crate::chat::menu::{Action, Deed, WeeklyDeed};
use crate::chat::page::{Button, Page, tap};
use crate::chat::said::Said;
use crate::chat::screen::{Screen, WeeklyView};
use crate::chat::view::ahead;
use crate::domain::access::Right;
use crate::domain::id::{StudioId, UserId};
use crate::domain::weekly::{Weekly, ZONES};
use crate::service::Missing;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

impl Desk {
    pub(super) async fn weekly(&self, talk: &Talk, deed: WeeklyDeed) -> Result<(), Stop> {
        let (caller, studio) = self.admit(talk, Right::Operate).await?;
        let step = |label, deed| tap(label, Action::Weekly(deed));
        let page = |view| Page::new(Screen::Weekly(view));
        let page = match deed {
            WeeklyDeed::Ask => {
                let off = studio.weekly.as_ref().map(|_| step(Label::NoWeekly, WeeklyDeed::Off));
                let days = (0..7).map(|day| step(Label::Day(day), WeeklyDeed::Day(day)));
                page(WeeklyView::Day(studio.weekly)).grid(3, days).row(off)
            }
            WeeklyDeed::Day(day) => {
                let hours = (0..24).map(|hour| step(Label::Clock(u16::from(hour) * 60), WeeklyDeed::Hour(day, hour)));
                page(WeeklyView::Hour).grid(4, hours)
            }
            WeeklyDeed::Hour(day, hour) => {
                let minutes = [0, 15, 30, 45].map(|minute| u16::from(hour) * 60 + minute);
                let minutes = minutes.map(|minute| step(Label::Clock(minute), WeeklyDeed::Minute(day, minute)));
                page(WeeklyView::Minute).row(minutes)
            }
            WeeklyDeed::Minute(day, minute) => {
                let zones = ZONES.into_iter().enumerate();
                let zones = zones.map(|(at, zone)| step(Label::Zone(zone), WeeklyDeed::Set(day, minute, at)));
                page(WeeklyView::Zone).grid(2, zones)
            }
            WeeklyDeed::Set(day, minute, at) => {
                let zone = ZONES.get(at).copied().unwrap_or("UTC").to_owned();
                let weekly = Weekly::new(day, minute, zone);
                self.service.set_weekly(caller, Some(weekly.clone())).await?;
                page(WeeklyView::Set(weekly)).row([step(Label::NoWeekly, WeeklyDeed::Off)])
            }
            WeeklyDeed::Off => {
                self.service.set_weekly(caller, None).await?;
                page(WeeklyView::Off).row([step(Label::Weekly, WeeklyDeed::Ask)])
            }
        };
        self.turn(talk, page.only_if(talk));
        Ok(())
    }

    /// A show comes: its studio reads what is missing, and who can give it is asked for it in private, aloud.
    pub(in crate::chat) fn show_coming(
        self: &Arc<Self>,
        studio: StudioId,
        at: SystemTime,
        targets: usize,
        missing: &[Missing],
    ) {
        let Some(known) = self.service.studio(studio) else { return };
        let left = ahead(at.duration_since(SystemTime::now()).unwrap_or_default());
        let rekey = |lacks: &Missing| {
            tap(Label::NewKeyNamed(Said::from(&lacks.name)), Action::Target(lacks.target, Deed::Rekey))
        };
        let mut by_owner: BTreeMap<UserId, Vec<&Missing>> = BTreeMap::new();
        for lacks in missing {
            by_owner.entry(lacks.owner).or_default().push(lacks);
        }
        let own = |owner: UserId| private_chat(owner) == known.chat;
        let told = missing.iter().map(|lacks| {
            let asked = if own(lacks.owner) { None } else { self.name_in(known.chat, lacks.owner) };
            (Said::from(&lacks.name), lacks.lack, asked)
        });
        let view = WeeklyView::Coming { left, none_on: targets == 0, missing: told.collect() };
        let buttons: Vec<Button> = missing.iter().map(rekey).collect();
        // In one's own studio one is asked there.
        let owner = by_owner.keys().copied().find(|owner| own(*owner));
        let call = owner.map_or(Call::Nobody, Call::Person);
        self.in_studio(studio, call, None, &|_| {
            Page::new(Screen::Weekly(view.clone())).grid(1, buttons.iter().cloned())
        });
        for (owner, lacks) in by_owner.into_iter().filter(|(owner, _)| !own(*owner)) {
            let missing = lacks.iter().map(|lacks| (Said::from(&lacks.name), lacks.lack)).collect();
            let view = WeeklyView::Asked { left, missing, studio: self.title_for(&known, private_chat(owner)) };
            let page = Page::new(Screen::Weekly(view)).grid(1, lacks.into_iter().map(rekey));
            self.to_person(owner, Some(&known), page.of(studio), known.duty.is_muted(SystemTime::now(), owner));
        }
    }
}
