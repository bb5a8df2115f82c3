//! Shows as files: the ring that clips are cut from, and recordings. Blocking, for tasks that may wait for a disk; knows no
//! people, no words and no network.
//!
//! Read [`Ring`] first, then [`Archive`] with [`Recording`].

mod archive;
mod film;
mod mend;
mod recording;
mod ring;
mod space;

pub use archive::{Archive, Kept};
pub use recording::Recording;
pub use ring::Ring;
