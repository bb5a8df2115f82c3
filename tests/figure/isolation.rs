//! Ten targets, the tenth goes through every fault of platforms and lines: what the other nine lose, and wait longer.

pub(super) use crate::faults::tenth::measure;
