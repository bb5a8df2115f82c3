//! What a studio may use of its host: limits, what was used this month, and whether a show may begin.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime};

/// What a show needs beside its media for TCP, IP and TLS, in percent.
const OVERHEAD: u64 = 5;

/// What the host lets one studio use; nothing means that nothing was set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Quota {
    /// Targets it may have.
    pub targets: Option<u32>,
    /// Mbit/s that its show may send in all.
    pub mbps: Option<u32>,
    /// Hours it may be live in a calendar month (UTC).
    pub hours: Option<u32>,
}

/// One of the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Limit {
    /// [`Quota::targets`].
    Targets,
    /// [`Quota::mbps`].
    Mbps,
    /// [`Quota::hours`].
    Hours,
}

impl Quota {
    /// What is set of one limit.
    #[must_use]
    pub fn of(&self, limit: Limit) -> Option<u32> {
        match limit {
            Limit::Targets => self.targets,
            Limit::Mbps => self.mbps,
            Limit::Hours => self.hours,
        }
    }

    /// Sets one limit, or takes it away.
    pub fn set(&mut self, limit: Limit, value: Option<u32>) {
        match limit {
            Limit::Targets => self.targets = value,
            Limit::Mbps => self.mbps = value,
            Limit::Hours => self.hours = value,
        }
    }

    /// Whether a show may begin. No show that runs is ever ended for another one.
    ///
    /// # Errors
    /// What stands against it, the host's own reason first.
    pub fn admits(&self, load: &Load) -> Result<(), Denied> {
        if load.draining {
            return Err(Denied::Draining);
        }
        if load.short_of_memory {
            return Err(Denied::Memory);
        }
        if let Some(hours) = self.hours
            && load.live_this_month >= Duration::from_secs(u64::from(hours) * 3600)
        {
            return Err(Denied::Hours { hours });
        }
        if let Some(mbps) = self.mbps
            && with_overhead(load.own_kbps) > u64::from(mbps) * 1000
        {
            return Err(Denied::Mbps { mbps });
        }
        // Who is alone on the host is only warned that it is much.
        if let Some(cap) = load.cap_kbps
            && load.others_kbps > 0
            && with_overhead(load.own_kbps + load.others_kbps) > u64::from(cap)
        {
            return Err(Denied::HostFull);
        }
        Ok(())
    }

    /// Whether there is room for `load`, of a show with one more who watches it.
    #[must_use]
    pub fn has_room(&self, load: &Load) -> bool {
        self.holds(load) && !load.short_of_memory
    }

    /// Whether the line holds `load`, of a show with all who watch it: who watches must not cost a platform a frame.
    #[must_use]
    pub fn holds(&self, load: &Load) -> bool {
        let own = self.mbps.is_none_or(|mbps| with_overhead(load.own_kbps) <= u64::from(mbps) * 1000);
        let all = with_overhead(load.own_kbps + load.others_kbps + load.others_watch_kbps);
        own && load.cap_kbps.is_none_or(|cap| all <= u64::from(cap))
    }
}

fn with_overhead(kbps: u64) -> u64 {
    kbps.saturating_mul(100 + OVERHEAD) / 100
}

/// What is on the host when a show would begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// No new shows, because the host is to be upgraded.
    pub draining: bool,
    /// What memory there is, is kept for the shows that run.
    pub short_of_memory: bool,
    /// What the show would send in all, as far as it is known.
    pub own_kbps: u64,
    /// What the other shows send to their targets.
    pub others_kbps: u64,
    /// What those are sent who watch them on pages of Telecast's. They give way to a show that begins.
    pub others_watch_kbps: u64,
    /// What the host can send, where it is known.
    pub cap_kbps: Option<u32>,
    /// How long the studio was live this month.
    pub live_this_month: Duration,
}

/// Why a show may not begin now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// The host is to be upgraded as soon as the shows that run are over.
    Draining,
    /// The host is short of memory.
    Memory,
    /// Other shows fill what the host can send.
    HostFull,
    /// It would send more than the studio may.
    Mbps {
        /// What it may.
        mbps: u32,
    },
    /// The studio's hours of this month are used up.
    Hours {
        /// What it had.
        hours: u32,
    },
}

/// What a studio used in a month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Which month, [`month_of`].
    pub month: u32,
    /// Bytes of media that were sent to targets.
    pub bytes: u64,
    /// Seconds that it was live.
    pub live_s: u64,
}

impl Usage {
    /// What was used in `month`, which may be nothing yet.
    #[must_use]
    pub fn in_month(self, month: u32) -> Self {
        if self.month == month { self } else { Self { month, ..Self::default() } }
    }

    /// With so much more.
    #[must_use]
    pub fn and(self, bytes: u64, live: Duration) -> Self {
        Self { bytes: self.bytes.saturating_add(bytes), live_s: self.live_s.saturating_add(live.as_secs()), ..self }
    }
}

/// The calendar month of a time in UTC: `202611` for November 2026. 0 where no calendar reaches.
#[must_use]
pub fn month_of(time: SystemTime) -> u32 {
    let Ok(time) = Timestamp::try_from(time) else { return 0 };
    let date = TimeZone::UTC.to_datetime(time).date();
    u32::try_from(i32::from(date.year()) * 100 + i32::from(date.month())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    #[test]
    fn months_are_those_of_the_calendar() {
        for (seconds, month) in [
            (0, 197_001),
            (951_782_399, 200_002),
            (951_868_799, 200_002),
            (951_868_800, 200_003),
            (1_704_067_199, 202_312),
            (1_704_067_200, 202_401),
            (1_795_651_200, 202_611),
        ] {
            assert_eq!(month_of(UNIX_EPOCH + Duration::from_secs(seconds)), month, "{seconds}");
        }
    }

    #[test]
    fn a_show_begins_within_its_limits_and_the_hosts() {
        let all = Quota { targets: None, mbps: Some(20), hours: Some(10) };
        let hour = Duration::from_secs(3600);
        let load = Load { own_kbps: 18_000, others_kbps: 0, cap_kbps: Some(10_000), ..Load::default() };
        assert_eq!(Quota::default().admits(&load), Ok(()), "who is alone may fill the host");
        assert_eq!(all.admits(&load), Ok(()));
        assert_eq!(all.admits(&Load { own_kbps: 20_000, ..load }), Err(Denied::Mbps { mbps: 20 }), "with its overhead");
        assert_eq!(all.admits(&Load { live_this_month: hour * 10, ..load }), Err(Denied::Hours { hours: 10 }));
        assert_eq!(all.admits(&Load { live_this_month: hour * 9, ..load }), Ok(()));
        let full = Load { others_kbps: 1, ..load };
        assert_eq!(Quota::default().admits(&full), Err(Denied::HostFull));
        assert_eq!(Quota::default().admits(&Load { cap_kbps: None, ..full }), Ok(()));
        assert_eq!(
            Quota::default().admits(&Load { others_watch_kbps: 99_000, ..load }),
            Ok(()),
            "who watches gives way"
        );
        assert_eq!(all.admits(&Load { draining: true, ..full }), Err(Denied::Draining));
    }

    #[test]
    fn one_more_watches_where_neither_the_studio_nor_the_host_is_full() {
        let all = Quota { targets: None, mbps: Some(20), hours: None };
        let load = Load { own_kbps: 9_000, cap_kbps: Some(10_000), ..Load::default() };
        assert!(all.has_room(&load) && all.has_room(&Load { draining: true, ..load }), "no show begins");
        assert!(!all.has_room(&Load { others_kbps: 1_000, ..load }));
        assert!(!all.has_room(&Load { own_kbps: 10_000, ..load }), "nor where it is alone");
        assert!(!all.has_room(&Load { own_kbps: 20_000, cap_kbps: None, ..load }));
        assert!(!all.has_room(&Load { others_watch_kbps: 1_000, ..load }));
        let short = Load { short_of_memory: true, ..load };
        assert!(!all.has_room(&short) && all.holds(&short), "nobody is sent away for that");
    }

    #[test]
    fn a_new_month_begins_with_nothing() {
        let used = Usage { month: 202_610, bytes: 5, live_s: 60 }.and(7, Duration::from_secs(30));
        assert_eq!(used, Usage { month: 202_610, bytes: 12, live_s: 90 });
        assert_eq!(used.in_month(202_611), Usage { month: 202_611, bytes: 0, live_s: 0 });
        assert_eq!(used.in_month(202_610), used);
    }
}
