//! What was sent and what came, by content, at every target of every run of the faults: the difference.

pub(super) use crate::faults::balances as measure;
