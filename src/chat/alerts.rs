//! Which messages tell of a trouble that is still on: when it is over they are made to say so, and when there is more to
//! say of it they make room. So a trouble is told by one message in each chat, whose buttons mean what they say.

use crate::domain::id::{ChatId, StudioId, TargetId};
use futures_util::future::Shared;
use std::collections::HashMap;
use tokio::sync::oneshot;

/// Troubles remembered at most.
const MOST: usize = 4096;

/// What is amiss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Matter {
    Source,
    Target(TargetId),
}

/// A message that tells of it: its chat, and its number once it is sent.
pub(super) type Told = (ChatId, Shared<oneshot::Receiver<i32>>);

/// Every trouble that was told and is not over.
#[derive(Debug, Default)]
pub(super) struct Alerts(HashMap<(StudioId, Matter), Vec<Told>>);

impl Alerts {
    /// These messages tell of a trouble, instead of those that are answered.
    pub(super) fn note(&mut self, studio: StudioId, matter: Matter, told: Vec<Told>) -> Vec<Told> {
        if self.0.len() >= MOST {
            self.0.clear();
        }
        self.0.insert((studio, matter), told).unwrap_or_default()
    }

    /// The messages that tell of a trouble.
    pub(super) fn told(&self, studio: StudioId, matter: Matter) -> Vec<Told> {
        self.0.get(&(studio, matter)).cloned().unwrap_or_default()
    }

    /// The trouble is over: the messages that told of it.
    pub(super) fn over(&mut self, studio: StudioId, matter: Matter) -> Vec<Told> {
        self.0.remove(&(studio, matter)).unwrap_or_default()
    }

    /// The show is over, and so is its trouble.
    pub(super) fn forget(&mut self, studio: StudioId) {
        self.0.retain(|(of, _), _| *of != studio);
    }
}
