//! The weekly time of a show, and what is missing for the next one.

use crate::chat::said::Said;
use crate::domain::weekly::Weekly;
use crate::service::Lack;
use std::time::Duration;

/// See the module.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::chat) enum WeeklyView {
    /// On which day? With what is set.
    Day(Option<Weekly>),
    /// In which hour?
    Hour,
    /// At which minute?
    Minute,
    /// By the clock of which place?
    Zone,
    Set(Weekly),
    Off,
    /// A show comes: to its studio. Each thing that is missing, with who was asked for it.
    Coming {
        left: Duration,
        none_on: bool,
        missing: Vec<(Said, Lack, Option<Said>)>,
    },
    /// A show comes: to who can give what is missing.
    Asked {
        left: Duration,
        missing: Vec<(Said, Lack)>,
        studio: Option<Said>,
    },
}
