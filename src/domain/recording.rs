//! What a recording is called: when it began, how long it is, what it is. The name of its file says all that is known of it.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// The one way in which a time is written.
const TIME: &str = "%Y%m%dT%H%M%SZ";

/// What a recording's file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Container {
    /// Fragmented MP4.
    Mp4,
    /// FLV, where MP4 has no place for a codec.
    Flv,
}

impl Container {
    /// What the file's name ends with.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Mp4 => "mp4",
            Self::Flv => "flv",
        }
    }
}

/// A recording that is whole. The name of its file is what [`fmt::Display`] writes: `20261126T203005Z-3725s.mp4`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordingName {
    /// When it began, in seconds since 1970.
    pub began: u64,
    /// How long it plays, in seconds.
    pub seconds: u32,
    /// What it is.
    pub container: Container,
}

impl RecordingName {
    /// Reads what [`fmt::Display`] writes, and nothing else.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let (stem, extension) = name.rsplit_once('.')?;
        let container = [Container::Mp4, Container::Flv].into_iter().find(|one| one.extension() == extension)?;
        let (time, seconds) = stem.split_once('-')?;
        let seconds = seconds.strip_suffix('s')?.parse().ok()?;
        let read = Self { began: parse_time(time)?, seconds, container };
        (read.to_string() == name).then_some(read)
    }

    /// How long it plays.
    #[must_use]
    pub fn lasts(&self) -> Duration {
        Duration::from_secs(self.seconds.into())
    }
}

impl fmt::Display for RecordingName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}s.{}", time(self.began), self.seconds, self.container.extension())
    }
}

/// Seconds since 1970 as a time in a name.
#[must_use]
pub fn time(seconds: u64) -> String {
    let at = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok()).unwrap_or_default();
    TimeZone::UTC.to_datetime(at).strftime(TIME).to_string()
}

/// What [`time`] wrote.
#[must_use]
pub fn parse_time(text: &str) -> Option<u64> {
    let at = TimeZone::UTC.to_timestamp(DateTime::strptime(TIME, text).ok()?).ok()?;
    u64::try_from(at.as_second()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_says_when_how_long_and_what_and_nothing_else_is_a_name() {
        let name = RecordingName { began: 1_795_725_005, seconds: 3_725, container: Container::Mp4 };
        assert_eq!(name.to_string(), "20261126T203005Z-3725s.mp4");
        for other in [
            "",
            "../20261126T203005Z-3725s.mp4",
            "20261126T203005Z-3725s.mkv",
            "20261126T203005Z-03725s.mp4",
            "20261126T203005Z-+1s.mp4",
            "20261326T203005Z-1s.mp4",
            "20261126T203005Z.part.mp4",
            "20261126T203005Z-1s.mp4/..",
        ] {
            assert_eq!(RecordingName::parse(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(began in 0..4_000_000_000u64, seconds: u32, flv: bool) {
            let container = if flv { Container::Flv } else { Container::Mp4 };
            let name = RecordingName { began, seconds, container };
            prop_assert_eq!(RecordingName::parse(&name.to_string()), Some(name));
        }

        #[test]
        fn nothing_that_is_read_leads_out_of_its_directory(text: String) {
            if let Some(name) = RecordingName::parse(&text) {
                prop_assert!(!name.to_string().contains('/'));
            }
        }
    }
}
