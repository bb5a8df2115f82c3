//! The weekly time of a show.

use super::{many, span};
use crate::chat::screen::WeeklyView;
use crate::domain::weekly::Weekly;
use crate::service::Lack;

pub(super) fn weekly(screen: &WeeklyView) -> String {
    match screen {
        WeeklyView::Day(None) => "<b>On which day of the week is your show?</b>\n\nTwo hours before, I say what is missing, such as this week’s key for Facebook, and ask the person who can give it.".into(),
        WeeklyView::Day(Some(set)) => format!("<b>Your weekly show: {}.</b>\n\nOn which day shall it be?", time(set)),
        WeeklyView::Hour => "<b>In which hour does it begin?</b>".into(),
        WeeklyView::Minute => "<b>At which minute?</b>".into(),
        WeeklyView::Zone => "<b>By the clock of which place?</b>\n\nIt keeps to that clock also when it is put forward or back.".into(),
        WeeklyView::Set(set) => format!(
            "<b>🗓 Your weekly show: {}.</b>\n\nTwo hours before, I say what is missing, and ask the person who can give it. I do not go live by myself: send /golive when you are ready.",
            time(set)
        ),
        WeeklyView::Off => "<b>There is no weekly show any more.</b>".into(),
        WeeklyView::Coming { left, none_on: true, .. } => format!(
            "<b>🗓 The show begins in {}, and no platform is switched on.</b>\n\nAdd one, or switch on those you want: /targets.",
            span(*left)
        ),
        WeeklyView::Coming { left, missing, .. } if missing.is_empty() => {
            format!("<b>🗓 The show begins in {}. No key is missing.</b>\n\nSend /golive when you are ready.", span(*left))
        }
        WeeklyView::Coming { left, missing, .. } => {
            let count = many(missing.len(), "key is", "keys are");
            let mut text = format!("<b>🗓 The show begins in {}, and {count} missing.</b>\n", span(*left));
            for (name, lack, asked) in missing {
                text += &format!("\n• {}", self::lack(&name.to_string(), *lack));
                if let Some(asked) = asked {
                    text += &format!(" I asked {asked}.");
                }
            }
            text
        }
        WeeklyView::Asked { left, missing, studio } => {
            let place = studio.as_ref().map(|studio| format!(" in “{studio}”")).unwrap_or_default();
            let mut text = format!("<b>🗓 The show{place} begins in {} and needs something from you.</b>\n", span(*left));
            for (name, lack) in missing {
                text += &format!("\n• {}", self::lack(&name.to_string(), *lack));
            }
            text + "\n\nMake it there, then tap below and send it to me. Without it I go live everywhere else."
        }
    }
}

fn lack(name: &str, lack: Lack) -> String {
    match lack {
        Lack::KeyUsed => format!("{name} needs this week’s key: it takes each key for one show only."),
        Lack::KeyEnds => format!("{name} needs a new key: the one that I have ends before the show."),
    }
}

pub(super) fn time(set: &Weekly) -> String {
    format!("{} at {} ({})", day(set.day), clock(set.minute), zone(&set.zone))
}

pub(super) fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

pub(super) fn day(day: u8) -> &'static str {
    const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    DAYS[usize::from(day % 7)]
}

pub(super) fn zone(zone: &str) -> &'static str {
    match zone {
        "Asia/Shanghai" => "Beijing",
        "Asia/Tokyo" => "Tokyo",
        "Asia/Singapore" => "Singapore",
        "Asia/Kolkata" => "India",
        "Asia/Dubai" => "Dubai",
        "Europe/Moscow" => "Moscow",
        "Europe/Berlin" => "Berlin, Paris",
        "Europe/London" => "London",
        "America/Sao_Paulo" => "São Paulo",
        "America/New_York" => "New York",
        "America/Chicago" => "Chicago",
        "America/Los_Angeles" => "Los Angeles",
        "Australia/Sydney" => "Sydney",
        _ => "UTC",
    }
}
