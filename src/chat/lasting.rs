//! Buttons that outlive this process: what they stand for is in their data, behind a mark that only this Telecast can
//! make, for one chat and one person. For what must not be lost with a restart: to undo, and to let somebody in.

use super::menu::{Action, Deed, Entry, Whose};
use crate::domain::id::{ChatId, StudioId, TargetId, UserId};
use crate::service::Applicant;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Longest data of a button, in bytes.
const MOST: usize = 64;
/// Characters of the mark: 96 bits.
const MARK: usize = 24;

/// Whether a button that does this outlives the process.
pub(super) fn lasts(action: &Action) -> bool {
    matches!(action, Action::Target(_, Deed::Restore) | Action::Admit { .. })
}

/// The data of a lasting button; nothing for one of another kind. `mark` is the keyed hash.
pub(super) fn seal(entry: &Entry, until: SystemTime, mark: impl Fn(&str) -> Option<String>) -> Option<String> {
    let body = body(entry)?;
    let until = until.duration_since(UNIX_EPOCH).ok()?.as_secs();
    let owner = if matches!(entry.whose, Whose::Only(_)) { 'o' } else { 'a' };
    let body = format!("{body}.{owner}.{until}");
    let data = format!("{body}.{}", short(&mark(&bound(&body, entry.at, entry.whose))?)?);
    (data.len() <= MOST).then_some(data)
}

/// What the data of a button in `at` that `user` taps stands for, unless it is none of these, too old, or not theirs.
pub(super) fn open(
    data: &str,
    at: ChatId,
    user: UserId,
    now: SystemTime,
    mark: impl Fn(&str) -> Option<String>,
) -> Option<Entry> {
    let (body, shown) = data.rsplit_once('.')?;
    let mut parts = body.split('.');
    let (of, action) = meaning(&mut parts)?;
    let whose = match parts.next()? {
        "o" => Whose::Only(user),
        "a" => Whose::Anybody,
        _ => return None,
    };
    let until = UNIX_EPOCH.checked_add(Duration::from_secs(parts.next()?.parse().ok()?))?;
    let real = mark(&bound(body, at, whose))?;
    let right: bool = subtle::ConstantTimeEq::ct_eq(short(&real)?.as_bytes(), shown.as_bytes()).into();
    (right && parts.next().is_none() && now < until).then_some(Entry { at, whose, of, action })
}

fn bound(body: &str, at: ChatId, whose: Whose) -> String {
    let whose = if let Whose::Only(user) = whose { user.to_string() } else { String::new() };
    format!("button/{at}/{whose}/{body}")
}

fn short(mark: &str) -> Option<&str> {
    mark.get(..MARK)
}

fn body(entry: &Entry) -> Option<String> {
    match (&entry.action, entry.of) {
        (Action::Target(target, Deed::Restore), Some(studio)) => Some(format!("u.{studio}.{target}")),
        (Action::Admit { applicant, yes }, _) => {
            let yes = if *yes { 'y' } else { 'n' };
            Some(match applicant {
                Applicant::Person(user) => format!("p.{user}.{yes}"),
                Applicant::Group(group) => format!("g.{group}.{yes}"),
            })
        }
        _ => None,
    }
}

fn meaning<'a>(parts: &mut impl Iterator<Item = &'a str>) -> Option<(Option<StudioId>, Action)> {
    let kind = parts.next()?;
    let (first, second) = (parts.next()?, parts.next()?);
    let yes = second == "y";
    Some(match kind {
        "u" => {
            let target = TargetId(second.parse().ok()?);
            (Some(StudioId(first.parse().ok()?)), Action::Target(target, Deed::Restore))
        }
        "p" => (None, Action::Admit { applicant: Applicant::Person(UserId(first.parse().ok()?)), yes }),
        "g" => (None, Action::Admit { applicant: Applicant::Group(ChatId(first.parse().ok()?)), yes }),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAT: ChatId = ChatId(-1_001_234_567_890);
    const ME: UserId = UserId(7_123_456_789);
    const HOUR: Duration = Duration::from_secs(3600);

    /// Stands in for the keyed hash.
    fn mark(text: &str) -> Option<String> {
        use sha2::Digest as _;
        Some(sha2::Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect())
    }

    fn undo(whose: Whose) -> Entry {
        let action = Action::Target(TargetId(4_000_000_000), Deed::Restore);
        Entry { at: CHAT, whose, of: Some(StudioId(1_000)), action }
    }

    #[test]
    fn a_lasting_button_stands_for_what_it_was_drawn_for_and_fits() {
        let until = SystemTime::now() + HOUR;
        let admit =
            |applicant, yes| Entry { of: None, action: Action::Admit { applicant, yes }, ..undo(Whose::Only(ME)) };
        for entry in [
            undo(Whose::Anybody),
            undo(Whose::Only(ME)),
            admit(Applicant::Person(ME), true),
            admit(Applicant::Group(CHAT), false),
        ] {
            let data = seal(&entry, until, mark).unwrap();
            assert!(data.len() <= MOST, "{data}");
            assert_eq!(open(&data, CHAT, ME, SystemTime::now(), mark), Some(entry));
        }
        assert_eq!(seal(&Entry { action: Action::Save, ..undo(Whose::Anybody) }, until, mark), None);
    }

    #[test]
    fn it_does_nothing_elsewhere_for_others_too_late_or_changed() {
        let now = SystemTime::now();
        let data = seal(&undo(Whose::Only(ME)), now + HOUR, mark).unwrap();
        assert_eq!(open(&data, ChatId(-2), ME, now, mark), None);
        assert_eq!(open(&data, CHAT, UserId(8), now, mark), None);
        assert_eq!(open(&data, CHAT, ME, now + HOUR * 2, mark), None);
        for changed in [data.replacen("u.1000", "u.1001", 1), data.replacen(".o.", ".a.", 1), format!("{data}0")] {
            assert_eq!(open(&changed, CHAT, ME, now, mark), None, "{changed}");
        }
        for hostile in ["", ".", "u.1.1", "u.1.1.o.9.", "\u{1f3ac}.1.1.a.1.1", "p.-1.y.o.99999999999999999999.0"] {
            assert_eq!(open(hostile, CHAT, ME, now, mark), None, "{hostile}");
        }
    }
}
