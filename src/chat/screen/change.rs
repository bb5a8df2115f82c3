//! What somebody has changed in a group's studio.

use crate::chat::said::Said;
use crate::domain::access::Policy;
use crate::domain::lang::Lang;
use crate::domain::target::TargetName;
use crate::domain::weekly::Weekly;
use crate::service::Change;
use std::time::Duration;

/// See [`Change`].
#[derive(Clone, Debug, PartialEq)]
pub(in crate::chat) enum ChangeView {
    Started,
    TookIn(Vec<Said>),
    Stopped,
    TookOut(Vec<Said>),
    KeptOnAir,
    Added(Said),
    Removed(Said),
    Restored(Said),
    Switched(Said, bool),
    Renamed {
        from: Said,
        to: Said,
    },
    Rekeyed(Said),
    Moved(Said),
    Reordered(Said, bool),
    Linked(Said, bool),
    Hold(Duration),
    Language(Lang),
    Policy(Policy),
    /// Nothing: somebody who is not known.
    Named(Option<Said>, bool),
    Pulled(bool),
    Shared(bool),
    ReadKeyRenewed,
    WatchPage(bool),
    WatchPageRenewed,
    Duty(bool),
    Pinned(bool),
    Recorded(bool),
    RecordingDeleted,
    Announces(Said, bool),
    Weekly(Option<Weekly>),
}

impl ChangeView {
    /// `name`: what people are called.
    pub(in crate::chat) fn of(change: &Change, name: impl Fn(crate::domain::id::UserId) -> Option<Said>) -> Self {
        let all = |names: &[TargetName]| names.iter().map(Said::from).collect();
        match change {
            Change::Started => Self::Started,
            Change::TookIn(names) => Self::TookIn(all(names)),
            Change::Stopped => Self::Stopped,
            Change::TookOut(names) => Self::TookOut(all(names)),
            Change::KeptOnAir => Self::KeptOnAir,
            Change::Added(name) => Self::Added(name.into()),
            Change::Removed(name) => Self::Removed(name.into()),
            Change::Restored(name) => Self::Restored(name.into()),
            Change::Switched(name, on) => Self::Switched(name.into(), *on),
            Change::Renamed { from, to } => Self::Renamed { from: from.into(), to: to.into() },
            Change::Rekeyed(name) => Self::Rekeyed(name.into()),
            Change::Moved(name) => Self::Moved(name.into()),
            Change::Reordered(name, earlier) => Self::Reordered(name.into(), *earlier),
            Change::Linked(name, there) => Self::Linked(name.into(), *there),
            Change::Hold(time) => Self::Hold(*time),
            Change::Language(lang) => Self::Language(*lang),
            Change::Policy(policy) => Self::Policy(*policy),
            Change::Named { user, yes } => Self::Named(name(*user), *yes),
            Change::Pulled(on) => Self::Pulled(*on),
            Change::Shared(on) => Self::Shared(*on),
            Change::ReadKeyRenewed => Self::ReadKeyRenewed,
            Change::WatchPage(on) => Self::WatchPage(*on),
            Change::WatchPageRenewed => Self::WatchPageRenewed,
            Change::Duty(on) => Self::Duty(*on),
            Change::Pinned(on) => Self::Pinned(*on),
            Change::Recorded(on) => Self::Recorded(*on),
            Change::RecordingDeleted => Self::RecordingDeleted,
            Change::Weekly(weekly) => Self::Weekly(weekly.clone()),
            Change::Announces { title, on } => Self::Announces(Said::name(title), *on),
        }
    }
}
