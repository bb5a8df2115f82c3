//! What would happen on a platform, as far as it can be tried.

use super::{many, news, refusal, span};
use crate::chat::screen::{Check, Checked, Expiry};
use crate::domain::monitor::Hearing;
use crate::domain::target::Flaw;

/// What the button Test found.
pub(super) fn tested(name: &str, check: &Check) -> String {
    match check {
        Check::Pending => format!("<b>{name}: testing …</b>"),
        Check::Reachable => {
            format!(
                "<b>{name}: the server takes my connection.</b>\n\nWhether the key is right shows when you go live."
            )
        }
        Check::Accepted { .. } => format!("<b>{name} takes your key.</b>\n\n{}", what(check)),
        Check::Live => format!("<b>{name} is part of a show now, so I leave it alone.</b>\n\n/status shows how it is."),
        Check::Turned(_) => format!("<b>{name} does not take this address.</b>\n\n{}", what(check)),
        Check::Failed { failure, .. } => {
            let short = if failure.is_answer() {
                "the server answers, but does not let me in"
            } else {
                "I could not connect to the server"
            };
            format!("<b>{name}: {short}.</b>\n\n{}", what(check))
        }
    }
}

/// /check.
pub(super) fn checked(rows: &[Checked], done: bool, sound: Option<Hearing>) -> String {
    let bad = rows.iter().filter(|row| row.on && (row.check.is_bad() || row.expiry == Some(Expiry::Over))).count();
    let platforms = many(rows.len(), "platform", "platforms");
    let mut text = match (done, bad) {
        (false, _) => format!("<b>Testing {platforms} …</b>\n\nNobody can see this test.\n"),
        (true, _) if rows.iter().all(|row| !row.on) => {
            "<b>Every platform is switched off.</b>\n\nThis is what would happen with them on:\n".to_owned()
        }
        (true, 0) => "<b>Nothing stands in the way of going live.</b>\n\nThis is what would happen:\n".to_owned(),
        (true, _) => {
            format!("<b>{} would not work now.</b>\n\nThis is what would happen:\n", many(bad, "platform", "platforms"))
        }
    };
    for Checked { name, on, check, expiry, press } in rows {
        let over = *expiry == Some(Expiry::Over);
        let sign = match check {
            Check::Pending => "⏳",
            Check::Live => "🔴",
            _ if over || check.is_bad() => "⚠️",
            _ if !on => "⚪",
            Check::Accepted { .. } => "✅",
            _ => "🟢",
        };
        let off = if *on { "" } else { " (switched off)" };
        text += &format!("\n{sign} <b>{name}</b>{off}: {}", what(check));
        match expiry {
            Some(Expiry::Over) => text += " Its key has expired: get a new one there.",
            Some(Expiry::In(left)) => text += &format!(" Its key expires in {}.", span(*left)),
            None => {}
        }
        if let Some(press) = press.as_ref().filter(|_| check.is_ahead()) {
            text += &format!(" ▶️ {}", super::add::press(press));
        }
    }
    text += &sound.map(|sound| format!("\n\n{}", super::stream::hearing(sound))).unwrap_or_default();
    text
}

/// One sentence or two.
pub(super) fn what(check: &Check) -> String {
    match check {
        Check::Pending => "testing …".into(),
        Check::Reachable => "Its server takes my connection; whether the key is right shows when you go live.".into(),
        Check::Accepted { may_notice_later: false } => "It took your key in a test that nobody can see.".into(),
        Check::Accepted { may_notice_later: true } => {
            "It took your key in a test that nobody can see. A wrong key it may notice only half a minute later.".into()
        }
        Check::Live => "Part of a show now, so I leave it alone.".into(),
        Check::Turned(words) if words.is_empty() => {
            "Its server answers, but refuses this address. Compare it with the one on the platform.".into()
        }
        Check::Turned(words) => {
            format!("Its server answers, but refuses this address: “{words}”. Compare it with the one on the platform.")
        }
        Check::Failed { failure, meaning } => {
            let cure = meaning.as_ref().map(|meaning| format!(" {}", refusal::cure(meaning))).unwrap_or_default();
            format!("{}.{cure}", news::failure(failure))
        }
    }
}

/// The mark of a target whose last test failed.
pub(super) fn flaw(flaw: Flaw) -> &'static str {
    match flaw {
        Flaw::Unreachable => "⚠️ could not be reached when it was last tested",
        Flaw::Refused => "⚠️ did not let me in when it was last tested",
    }
}
