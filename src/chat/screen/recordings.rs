//! Recordings of shows.

use crate::domain::recording::RecordingName;
use std::time::Duration;

/// See the module.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::chat) enum RecordingsView {
    /// All of them.
    List {
        /// Shows are recorded.
        on: bool,
        /// How long each is kept.
        keeps: Duration,
        count: usize,
    },
    /// One of them, and how one gets at it.
    One {
        recording: RecordingView,
        way: Way,
    },
    /// Under the film.
    Film(RecordingView),
    Deleted(RecordingView),
    Gone,
    /// The host has switched recordings off.
    NotHere,
    /// It has turned out that a message does not hold it.
    Unfit,
}

/// A recording.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::chat) struct RecordingView {
    pub(in crate::chat) name: RecordingName,
    /// When it began, by the clock of `zone`.
    pub(in crate::chat) at: String,
    /// As the time zone database calls it.
    pub(in crate::chat) zone: String,
    pub(in crate::chat) bytes: u64,
}

/// How one gets at a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::chat) enum Way {
    /// As a message here, and by a link if there is one.
    Here,
    /// Only by a link.
    Link,
    /// Only on the server's disk.
    Disk,
}
