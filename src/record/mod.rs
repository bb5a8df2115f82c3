//! Shows as files: the ring that clips are cut from, and recordings. Blocking, for tasks that may wait for a disk; knows no
//! people, no words and no network.
//!
//! Read [`Ring`] first.

mod ring;
mod space;

pub use ring::Ring;
pub use space::{SPARE, free};
