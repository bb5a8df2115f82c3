//! What /check and [Test] say.

use super::samples::{minutes, name};
use crate::chat::advice::Meaning;
use crate::chat::on::tiles;
use crate::chat::said::Said;
use crate::chat::screen::*;
use crate::chat::view::FailureView;
use crate::domain::lang::Lang;
use crate::domain::monitor::Hearing;
use crate::platform::{Catalogue, Closes};

/// One of each thing that a test finds.
fn checks() -> Vec<Check> {
    let catalogue = Catalogue::builtin();
    let twitch = catalogue.get_or_custom("twitch");
    let hung_up = catalogue.refusal(twitch, "", Some((Closes::Publish, 1))).as_ref().map(Meaning::of);
    vec![
        Check::Pending,
        Check::Reachable,
        Check::Accepted { may_notice_later: false },
        Check::Accepted { may_notice_later: true },
        Check::Live,
        Check::Turned(Said::words("")),
        Check::Turned(Said::words("no such application")),
        failed(FailureView::Timeout),
        failed(FailureView::Refused(Said::words("BadName"))),
        Check::Failed { failure: FailureView::Closed, meaning: hung_up },
    ]
}

pub(super) fn failed(failure: FailureView) -> Check {
    Check::Failed { failure, meaning: None }
}

pub(super) fn screens(lang: Lang) -> Vec<Target> {
    let press = tiles::about(Catalogue::builtin().get_or_custom("bilibili"), lang).press;
    let row = |check| Checked { name: name("B站 主号"), on: true, check, expiry: None, press: None };
    let off = Checked { on: false, ..row(Check::Reachable) };
    let pressed = Checked { press, expiry: Some(Expiry::In(minutes(150))), ..row(Check::Reachable) };
    let live = Checked { check: Check::Live, ..pressed.clone() };
    let over = Checked { expiry: Some(Expiry::Over), ..row(Check::Reachable) };
    let mut all: Vec<_> = checks().into_iter().map(|check| Target::Tested { name: name("Twitch"), check }).collect();
    all.push(Target::Checked { rows: vec![row(Check::Pending), row(Check::Pending)], done: false, sound: None });
    all.push(Target::Checked {
        rows: vec![row(Check::Accepted { may_notice_later: false }), off.clone()],
        done: true,
        sound: Some(Hearing::Fine(-18)),
    });
    let rows = checks().into_iter().skip(1).map(row).chain([off, pressed, live, over]).collect();
    all.push(Target::Checked { rows, done: true, sound: Some(Hearing::Silent(minutes(1))) });
    all
}
