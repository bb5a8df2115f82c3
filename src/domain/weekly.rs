//! A time of the week at which a studio has its show, on the clock of a place.

use jiff::Timestamp;
use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime};

/// How long before a show people are told what is missing.
pub const BEFORE: Duration = Duration::from_secs(2 * 60 * 60);

/// Places whose clocks can be chosen, by their names in the IANA time zone database.
pub const ZONES: [&str; 14] = [
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Asia/Singapore",
    "Asia/Kolkata",
    "Asia/Dubai",
    "Europe/Moscow",
    "Europe/Berlin",
    "Europe/London",
    "America/Sao_Paulo",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "Australia/Sydney",
    "UTC",
];

/// A time of the week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weekly {
    /// 0 is Monday, 6 Sunday.
    pub day: u8,
    /// Minutes after midnight.
    pub minute: u16,
    /// One of [`ZONES`].
    pub zone: String,
    /// The show whose people were told what is missing for it.
    #[serde(default)]
    pub told: Option<SystemTime>,
}

impl Weekly {
    /// At this time, of which nobody was told.
    #[must_use]
    pub const fn new(day: u8, minute: u16, zone: String) -> Self {
        Self { day, minute, zone, told: None }
    }

    /// The next show, at `now` or after it. Nothing, where the time is none.
    #[must_use]
    pub fn next(&self, now: SystemTime) -> Option<SystemTime> {
        let zone = TimeZone::get(&self.zone).ok()?;
        let now = Timestamp::try_from(now).ok()?;
        let day = Weekday::from_monday_zero_offset(i8::try_from(self.day).ok()?).ok()?;
        let time = Time::new(i8::try_from(self.minute / 60).ok()?, i8::try_from(self.minute % 60).ok()?, 0, 0).ok()?;
        let today = now.to_zoned_datetime(zone.clone()).date();
        // Today or one of the days to the same of next week.
        let days = std::iter::successors(Some(today), |date| date.tomorrow().ok()).take(8);
        days.filter(|date| date.weekday() == day).find_map(|date| {
            // A time that a clock leaves out is the one after the gap.
            let at = date.to_datetime(time).to_zoned_datetime(zone.clone()).ok()?.timestamp();
            if at >= now { SystemTime::try_from(at).ok() } else { None }
        })
    }

    /// The show of which people are to be told now: it begins within [`BEFORE`], and they were not told.
    #[must_use]
    pub fn due(&self, now: SystemTime) -> Option<SystemTime> {
        let next = self.next(now).filter(|next| next.duration_since(now).is_ok_and(|left| left <= BEFORE));
        next.filter(|next| self.told != Some(*next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SystemTime {
        text.parse::<Timestamp>().unwrap().try_into().unwrap()
    }

    #[test]
    fn a_show_is_on_its_day_at_its_time_by_the_clock_of_its_place() {
        let sunday = Weekly::new(6, 20 * 60, "Asia/Shanghai".into());
        let first = at("2026-11-29T12:00:00Z");
        assert_eq!(sunday.next(at("2026-11-26T00:00:00Z")), Some(first));
        assert_eq!(sunday.next(first), Some(first), "at its very minute too");
        assert_eq!(sunday.next(first + Duration::from_secs(1)), Some(at("2026-12-06T12:00:00Z")));
        // In Berlin the clocks go back on 2026-10-25, and 20:00 stays 20:00 there.
        let berlin = Weekly::new(6, 20 * 60, "Europe/Berlin".into());
        assert_eq!(berlin.next(at("2026-10-18T19:00:00Z")), Some(at("2026-10-25T19:00:00Z")));
        assert_eq!(berlin.next(at("2026-10-18T17:00:00Z")), Some(at("2026-10-18T18:00:00Z")));
        // 02:30 does not exist on 2026-03-29.
        let early = Weekly::new(6, 2 * 60 + 30, "Europe/Berlin".into());
        assert_eq!(early.next(at("2026-03-28T12:00:00Z")), Some(at("2026-03-29T01:30:00Z")));
        assert!(ZONES.iter().all(|zone| Weekly::new(0, 0, (*zone).into()).next(first).is_some()));
        for none in
            [Weekly::new(7, 0, "UTC".into()), Weekly::new(0, 1440, "UTC".into()), Weekly::new(0, 0, "Mars".into())]
        {
            assert_eq!(none.next(first), None);
        }
    }

    #[test]
    fn people_are_told_once_within_two_hours_before() {
        let mut sunday = Weekly::new(6, 20 * 60, "Asia/Shanghai".into());
        let first = at("2026-11-29T12:00:00Z");
        assert_eq!(sunday.due(first - BEFORE - Duration::from_secs(1)), None);
        assert_eq!(sunday.due(first - BEFORE), Some(first));
        assert_eq!(sunday.due(first - Duration::from_secs(60)), Some(first), "late, after a restart");
        sunday.told = Some(first);
        assert_eq!(sunday.due(first - BEFORE), None);
        assert_eq!(sunday.due(first + Duration::from_secs(7 * 86_400) - BEFORE), Some(at("2026-12-06T12:00:00Z")));
        let kept = serde_json::to_string(&sunday).unwrap();
        assert_eq!(serde_json::from_str::<Weekly>(&kept).unwrap(), sunday);
    }
}
