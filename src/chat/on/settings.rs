//! What a studio is set to.

use super::Stop;
use crate::chat::desk::{Desk, Talk};
use crate::chat::label::Label;
use crate::chat::menu::Action;
use crate::chat::page::{Page, tap};
use crate::chat::screen::{Screen, Settings};
use crate::domain::access::Right;
use std::time::Duration;

/// The hold times to choose from, in minutes.
const HOLDS: [u64; 8] = [0, 1, 5, 10, 20, 30, 60, 120];

impl Desk {
    pub(super) async fn settings(&self, talk: &Talk) -> Result<(), Stop> {
        let (_, studio) = self.admit(talk, Right::Operate).await?;
        self.say(talk, page(studio.hold).only_if(talk));
        Ok(())
    }

    pub(super) async fn set_hold(&self, talk: &Talk, hold: Duration) -> Result<(), Stop> {
        let (caller, studio) = self.admit(talk, Right::Operate).await?;
        let left = self.service.set_hold(caller, hold).await?;
        self.turn(talk, page(hold).only_if(talk));
        if let Some(left) = left {
            self.retell_held(&studio, left);
        }
        Ok(())
    }
}

fn page(hold: Duration) -> Page {
    let choice = |minutes| {
        let time = Duration::from_secs(minutes * 60);
        tap(Label::Time { time, chosen: time == hold }, Action::SetHold(time))
    };
    Page::new(Screen::Settings(Settings { hold })).grid(4, HOLDS.map(choice))
}
