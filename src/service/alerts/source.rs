//! A broadcast's encoder that is gone, or goes again and again.

use super::{Alert, FALLS, UNSTABLE};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// An encoder that is back sooner is not told of.
const PATIENCE: Duration = Duration::from_secs(10);
/// One that is known to come and go is told of as gone when it stays away for so long.
const GONE: Duration = Duration::from_secs(30);

/// How the encoder of one broadcast fares.
#[derive(Debug, Default)]
pub(super) struct Source {
    gone: Option<Gone>,
    /// Since when it is known to come and go, which was told.
    unstable: Option<Instant>,
    /// Since when it is back.
    back: Option<Instant>,
    falls: VecDeque<Instant>,
}

#[derive(Debug)]
struct Gone {
    since: Instant,
    sound_only: bool,
    told: bool,
}

impl Source {
    pub(super) fn is_gone(&self) -> bool {
        self.gone.is_some()
    }

    /// It is gone. One that stopped in order is told of each time: its show ends in a minute.
    pub(super) fn held(&mut self, now: Instant, clean: bool, sound_only: bool) -> Option<Alert> {
        let since = self.gone.as_ref().map_or(now, |gone| gone.since);
        if self.gone.is_none() {
            self.falls.retain(|fall| *fall + UNSTABLE > now);
            self.falls.push_back(now);
        }
        self.back = None;
        let unstable = !clean && self.unstable.is_none() && self.falls.len() >= FALLS;
        self.gone = Some(Gone { since, sound_only, told: clean });
        if clean {
            self.unstable = None;
            return Some(Alert::Held { clean, sound_only });
        }
        unstable.then(|| {
            self.unstable = Some(since);
            Alert::SourceUnstable
        })
    }

    /// That it is gone is told otherwise.
    pub(super) fn told(&mut self) {
        if let Some(gone) = &mut self.gone {
            (gone.told, self.unstable) = (true, None);
        }
    }

    /// It is back. While it comes and goes, that is no news.
    pub(super) fn resumed(&mut self, now: Instant) -> Option<Alert> {
        let gone = self.gone.take()?;
        self.back = Some(now);
        gone.told.then(|| Alert::Resumed { after: now.saturating_duration_since(gone.since) })
    }

    pub(super) fn due(&mut self, now: Instant) -> Option<Alert> {
        if self.next_due().is_none_or(|due| due > now) {
            return None;
        }
        if let Some(gone) = &mut self.gone {
            (gone.told, self.unstable) = (true, None);
            return Some(Alert::Held { clean: false, sound_only: gone.sound_only });
        }
        self.falls.clear();
        self.unstable.take().map(|since| Alert::Resumed { after: now.saturating_duration_since(since) })
    }

    pub(super) fn next_due(&self) -> Option<Instant> {
        match (&self.gone, self.unstable, self.back) {
            (Some(gone), None, _) if !gone.told => Some(gone.since + PATIENCE),
            (Some(gone), Some(_), _) => Some(gone.since + GONE),
            (None, Some(_), Some(back)) => Some(back + UNSTABLE),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(sound_only: bool) -> Option<Alert> {
        Some(Alert::Held { clean: false, sound_only })
    }

    fn resumed(after: u64) -> Option<Alert> {
        Some(Alert::Resumed { after: Duration::from_secs(after) })
    }

    #[test]
    fn one_that_comes_and_goes_is_told_of_once_until_it_has_been_there_for_long() {
        let (mut source, start) = (Source::default(), Instant::now());
        let at = |second| start + Duration::from_secs(second);
        for second in [0, 20] {
            assert_eq!(source.held(at(second), false, false), None);
            assert_eq!(source.resumed(at(second + 4)), None);
        }
        assert_eq!(source.held(at(40), false, false), Some(Alert::SourceUnstable));
        for second in [44, 60, 80] {
            assert_eq!(source.resumed(at(second)), None);
            assert_eq!(source.held(at(second + 4), false, false), None);
            assert_eq!(source.due(at(second + 16)), None, "it is known to come and go");
        }
        assert_eq!(source.resumed(at(100)), None);
        assert_eq!(source.due(at(399)), None);
        assert_eq!((source.next_due(), source.due(at(400))), (Some(at(400)), resumed(360)));
        assert_eq!(
            (source.held(at(401), false, false), source.due(at(411))),
            (None, held(false)),
            "its past is forgotten"
        );
    }

    #[test]
    fn one_that_came_and_went_and_stays_away_is_told_of_as_gone_and_one_that_stops_in_order_at_once() {
        let (mut source, start) = (Source::default(), Instant::now());
        let at = |second| start + Duration::from_secs(second);
        for second in [0, 20] {
            source.held(at(second), false, true);
            source.resumed(at(second + 4));
        }
        assert_eq!(source.held(at(40), false, true), Some(Alert::SourceUnstable));
        assert_eq!((source.due(at(69)), source.due(at(70))), (None, held(true)));
        assert_eq!(source.resumed(at(90)), resumed(50));
        assert_eq!(source.held(at(100), false, true), Some(Alert::SourceUnstable));
        assert_eq!(source.held(at(110), true, true), Some(Alert::Held { clean: true, sound_only: true }));
        assert_eq!(source.resumed(at(120)), resumed(20));
    }
}
