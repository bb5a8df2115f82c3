//! The weekly time of a show.

use super::samples::{group, minutes, name};
use crate::chat::screen::{Screen, WeeklyView};
use crate::domain::weekly::Weekly;
use crate::service::Lack;

pub(super) fn sunday() -> Weekly {
    Weekly::new(6, 20 * 60 + 5, "Asia/Shanghai".into())
}

pub(super) fn screens() -> Vec<Screen> {
    let (left, none_on) = (minutes(120), false);
    let missing = || vec![(name("Facebook"), Lack::KeyUsed, Some(name("Olivia"))), (name("虎牙"), Lack::KeyEnds, None)];
    let asked = || vec![(name("Facebook"), Lack::KeyUsed), (name("虎牙"), Lack::KeyEnds)];
    let each = (0..7).map(|day| WeeklyView::Set(Weekly::new(day, 9 * 60, "Europe/London".into())));
    let all = [
        WeeklyView::Day(None),
        WeeklyView::Day(Some(sunday())),
        WeeklyView::Hour,
        WeeklyView::Minute,
        WeeklyView::Zone,
        WeeklyView::Set(sunday()),
        WeeklyView::Off,
        WeeklyView::Coming { left, none_on: true, missing: vec![] },
        WeeklyView::Coming { left, none_on, missing: vec![] },
        WeeklyView::Coming { left, none_on, missing: missing() },
        WeeklyView::Coming { left, none_on, missing: missing().into_iter().take(1).collect() },
        WeeklyView::Asked { left, missing: asked(), studio: None },
        WeeklyView::Asked { left, missing: asked(), studio: group() },
    ];
    all.into_iter().chain(each).map(Screen::Weekly).collect()
}
