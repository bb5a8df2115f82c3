//! When trouble is worth telling: decides, knows no clock and tells nobody itself.
//!
//! Refusals are told at once, all other trouble when it has lasted; a target that falls again and again is told once
//! as unstable, and then not before it has been well for a while. So it is with an encoder.

mod source;

use super::Trouble;
use crate::domain::id::{StudioId, TargetId};
use crate::domain::status::{PushFailure, TargetState};
use source::Source;
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// Trouble of a target that ends sooner is not told: for so long it is tried again each second, and nobody could do more.
const TARGET_PATIENCE: Duration = Duration::from_secs(30);
/// So many falls within [`UNSTABLE`] are told as one.
const FALLS: usize = 3;
/// The window of [`FALLS`], and how long a target must be well after.
const UNSTABLE: Duration = Duration::from_secs(300);

/// What is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Alert {
    Held {
        clean: bool,
        sound_only: bool,
    },
    /// The encoder comes and goes.
    SourceUnstable,
    Resumed {
        after: Duration,
    },
    Trouble(TargetId, Trouble),
    Recovered(TargetId, Duration),
}

/// Everything that is amiss, by studio.
#[derive(Debug, Default)]
pub(super) struct Alerts {
    sources: BTreeMap<StudioId, Source>,
    targets: BTreeMap<(StudioId, TargetId), Patient>,
}

#[derive(Debug, Default)]
struct Patient {
    /// Since when it is in trouble, and what the trouble is now.
    ill: Option<(Instant, Trouble)>,
    /// Nothing was told since it got another key or address.
    anew: bool,
    /// The platform has taken it again, and nothing speaks against it so far.
    accepted: bool,
    /// Since when it is well, where that matters.
    well: Option<Instant>,
    /// The trouble that was told and not taken back, and since when it was on.
    told: Option<(Instant, Trouble)>,
    falls: VecDeque<Instant>,
}

impl Alerts {
    /// The encoder of a broadcast is gone.
    pub(super) fn held(&mut self, now: Instant, studio: StudioId, clean: bool, sound_only: bool) -> Option<Alert> {
        self.sources.entry(studio).or_default().held(now, clean, sound_only)
    }

    /// Whether the encoder of a broadcast is gone already.
    pub(super) fn is_held(&self, studio: StudioId) -> bool {
        self.sources.get(&studio).is_some_and(Source::is_gone)
    }

    /// That the encoder is gone is told otherwise: its hold ends, or is over.
    pub(super) fn source_told(&mut self, studio: StudioId) {
        self.sources.get_mut(&studio).into_iter().for_each(Source::told);
    }

    /// The encoder is back.
    pub(super) fn resumed(&mut self, now: Instant, studio: StudioId) -> Option<Alert> {
        self.sources.get_mut(&studio)?.resumed(now)
    }

    /// The broadcast is over, and so is its trouble.
    pub(super) fn ended(&mut self, studio: StudioId) {
        self.sources.remove(&studio);
        self.targets.retain(|(of, _), _| *of != studio);
    }

    /// A target changed its state.
    pub(super) fn target(
        &mut self,
        now: Instant,
        studio: StudioId,
        id: TargetId,
        state: &TargetState,
        failure: Option<PushFailure>,
    ) -> Option<Alert> {
        let trouble = match state {
            TargetState::Off | TargetState::Waiting => {
                self.targets.remove(&(studio, id));
                return None;
            }
            // On the way: neither ill nor well. Where nothing was amiss before, it has another key or address.
            TargetState::Connecting => {
                if let Some(patient) = self.targets.get_mut(&(studio, id)).filter(|_| failure.is_none()) {
                    (patient.anew, patient.ill) = (true, None);
                }
                return None;
            }
            // Nearly there: whether it is well is seen within a minute, and then there was little to tell.
            TargetState::Accepted => {
                if let Some(patient) = self.targets.get_mut(&(studio, id)) {
                    patient.accepted = true;
                }
                return None;
            }
            TargetState::Sending | TargetState::OnAir => None,
            TargetState::Slow => Some(Trouble::Slow),
            TargetState::Reconnecting { .. } => Some(Trouble::Lost(failure)),
            TargetState::Refused { .. } => Some(match failure {
                Some(PushFailure::Login(fault)) => Trouble::Login(fault),
                Some(PushFailure::Codec(codec)) => Trouble::Codec(codec),
                Some(PushFailure::KeyOver) => Trouble::KeyOver,
                Some(PushFailure::Refused { words }) => Trouble::Refused { words, hung_up_s: None },
                Some(PushFailure::HungUp { after_s }) => {
                    Trouble::Refused { words: String::new(), hung_up_s: Some(after_s) }
                }
                _ => Trouble::Refused { words: String::new(), hung_up_s: None },
            }),
        };
        let patient = self.targets.entry((studio, id)).or_default();
        let alert = match trouble {
            Some(trouble) => patient.falls_ill(now, trouble),
            None => patient.gets_well(now),
        };
        alert.map(|alert| alert.of(id))
    }

    /// What is due by `now`.
    pub(super) fn due(&mut self, now: Instant) -> Vec<(StudioId, Alert)> {
        let mut alerts = Vec::new();
        for (studio, source) in &mut self.sources {
            alerts.extend(source.due(now).map(|alert| (*studio, alert)));
        }
        for ((studio, id), patient) in &mut self.targets {
            alerts.extend(patient.due(now).map(|alert| (*studio, alert.of(*id))));
        }
        alerts
    }

    /// When [`Alerts::due`] has something next, if ever.
    pub(super) fn next_due(&self) -> Option<Instant> {
        let sources = self.sources.values().filter_map(Source::next_due);
        sources.chain(self.targets.values().filter_map(Patient::next_due)).min()
    }
}

/// An alert of a target that is yet to be named.
enum Unnamed {
    Trouble(Trouble),
    Recovered(Duration),
}

impl Unnamed {
    fn of(self, id: TargetId) -> Alert {
        match self {
            Self::Trouble(trouble) => Alert::Trouble(id, trouble),
            Self::Recovered(after) => Alert::Recovered(id, after),
        }
    }
}

impl Patient {
    fn falls_ill(&mut self, now: Instant, trouble: Trouble) -> Option<Unnamed> {
        (self.well, self.accepted) = (None, false);
        let since = self.ill.as_ref().map_or(now, |(since, _)| *since);
        if self.ill.is_none() {
            self.falls.retain(|fall| *fall + UNSTABLE > now);
            self.falls.push_back(now);
        }
        self.ill = Some((since, trouble.clone()));
        match (&self.told, trouble) {
            (Some((_, told)), _) if told.is_final() && !self.anew => None,
            (_, trouble) if trouble.is_final() => Some(self.tell(since, trouble)),
            (None, Trouble::Lost(failure)) if self.falls.len() >= FALLS => {
                Some(self.tell(since, Trouble::Unstable(failure)))
            }
            (None, Trouble::Slow) if self.falls.len() >= FALLS => Some(self.tell(since, Trouble::Unstable(None))),
            _ => None,
        }
    }

    fn gets_well(&mut self, now: Instant) -> Option<Unnamed> {
        (self.ill, self.anew) = (None, false);
        self.well.get_or_insert(now);
        match &self.told {
            Some((_, Trouble::Unstable(_))) | None => None,
            Some((since, _)) => {
                let after = now.saturating_duration_since(*since);
                self.told = None;
                Some(Unnamed::Recovered(after))
            }
        }
    }

    fn due(&mut self, now: Instant) -> Option<Unnamed> {
        if self.next_due().is_none_or(|due| due > now) {
            return None;
        }
        if let Some((since, trouble)) = self.ill.clone() {
            return Some(self.tell(since, trouble));
        }
        let (since, _) = self.told.take()?;
        self.falls.clear();
        Some(Unnamed::Recovered(now.saturating_duration_since(since)))
    }

    fn next_due(&self) -> Option<Instant> {
        match (&self.ill, &self.told, self.well) {
            (Some((since, _)), told, _) if (told.is_none() || self.anew) && !self.accepted => {
                Some(*since + TARGET_PATIENCE)
            }
            (None, Some((_, Trouble::Unstable(_))), Some(well)) => Some(well + UNSTABLE),
            _ => None,
        }
    }

    fn tell(&mut self, since: Instant, trouble: Trouble) -> Unnamed {
        (self.told, self.anew) = (Some((since, trouble.clone())), false);
        Unnamed::Trouble(trouble)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::status::Loss;

    const STUDIO: StudioId = StudioId(1);
    const TARGET: TargetId = TargetId(1);

    /// Alerts with a clock of seconds.
    struct Ward(Alerts, Instant);

    impl Ward {
        fn new() -> Self {
            Self(Alerts::default(), Instant::now())
        }
        fn at(&self, second: u64) -> Instant {
            self.1 + Duration::from_secs(second)
        }
        fn lost(&mut self, second: u64) -> Option<Alert> {
            let (now, state) = (self.at(second), TargetState::Reconnecting { attempt: 1, at: self.at(second) });
            self.0.target(now, STUDIO, TARGET, &state, Some(PushFailure::Lost(Loss::Reset)))
        }
        fn refused(&mut self, second: u64) -> Option<Alert> {
            let (now, words) = (self.at(second), "no".to_owned());
            let state = TargetState::Refused { retry_at: None };
            self.0.target(now, STUDIO, TARGET, &state, Some(PushFailure::Refused { words }))
        }
        fn begins_anew(&mut self, second: u64) {
            assert_eq!(self.0.target(self.at(second), STUDIO, TARGET, &TargetState::Connecting, None), None);
        }
        fn accepted(&mut self, second: u64) {
            assert_eq!(self.0.target(self.at(second), STUDIO, TARGET, &TargetState::Accepted, None), None);
        }
        fn sends(&mut self, second: u64) -> Option<Alert> {
            self.0.target(self.at(second), STUDIO, TARGET, &TargetState::Sending, None)
        }
        fn due(&mut self, second: u64) -> Option<Alert> {
            let mut due = self.0.due(self.at(second));
            assert!(due.len() <= 1);
            due.pop().map(|(_, alert)| alert)
        }
    }

    #[test]
    fn what_comes_of_another_key_is_told_whether_it_is_refused_too_or_lost_or_well() {
        let mut ward = Ward::new();
        let refused = || Trouble::Refused { words: "no".to_owned(), hung_up_s: None };
        assert_eq!(ward.refused(0), Some(Alert::Trouble(TARGET, refused())));
        // A retry is no other key.
        let failure = Some(PushFailure::Refused { words: "no".to_owned() });
        ward.0.target(ward.at(5), STUDIO, TARGET, &TargetState::Connecting, failure);
        assert_eq!((ward.refused(6), ward.due(100)), (None, None));
        ward.begins_anew(110);
        assert_eq!((ward.lost(113), ward.refused(116)), (None, Some(Alert::Trouble(TARGET, refused()))));
        ward.begins_anew(120);
        ward.lost(121);
        assert_eq!((ward.due(150), ward.due(151)), (None, Some(Alert::Trouble(TARGET, lost()))));
        ward.begins_anew(160);
        assert_eq!(ward.sends(162), Some(Alert::Recovered(TARGET, Duration::from_secs(41))));
    }

    fn lost() -> Trouble {
        Trouble::Lost(Some(PushFailure::Lost(Loss::Reset)))
    }

    #[test]
    fn a_target_that_has_taken_it_again_in_time_is_not_told_of_however_long_it_takes_to_be_sure() {
        let mut ward = Ward::new();
        ward.lost(0);
        ward.accepted(2);
        assert_eq!((ward.due(30), ward.0.next_due()), (None, None));
        assert_eq!(ward.sends(32), None);
        ward.lost(100);
        ward.accepted(101);
        ward.lost(110);
        assert_eq!(ward.0.next_due(), Some(ward.at(130)), "it is ill since it fell first");
        assert_eq!(ward.due(130), Some(Alert::Trouble(TARGET, lost())));
    }

    #[test]
    fn a_loss_is_told_when_it_lasts_and_taken_back_once() {
        let mut ward = Ward::new();
        assert_eq!(ward.lost(0), None);
        assert_eq!(ward.lost(29), None);
        assert_eq!(ward.due(29), None);
        assert_eq!(ward.0.next_due(), Some(ward.at(30)));
        assert_eq!(ward.due(30), Some(Alert::Trouble(TARGET, lost())));
        assert_eq!(ward.due(99), None);
        assert_eq!(ward.sends(100), Some(Alert::Recovered(TARGET, Duration::from_secs(100))));
        assert_eq!(ward.sends(101), None);
    }

    #[test]
    fn a_short_loss_is_not_told() {
        let mut ward = Ward::new();
        assert_eq!(ward.lost(0), None);
        assert_eq!(ward.sends(10), None);
        assert_eq!(ward.due(20), None);
        assert_eq!(ward.0.next_due(), None);
    }

    #[test]
    fn a_refusal_is_told_at_once_and_once() {
        let mut ward = Ward::new();
        let told = Alert::Trouble(TARGET, Trouble::Refused { words: "no".into(), hung_up_s: None });
        assert_eq!(ward.lost(0), None);
        assert_eq!(ward.refused(1), Some(told));
        assert_eq!(ward.refused(60), None);
        assert_eq!(ward.lost(61), None);
        assert_eq!(ward.due(999), None);
    }

    #[test]
    fn who_falls_again_and_again_is_told_of_once_until_well_for_long() {
        let mut ward = Ward::new();
        for second in [0, 20] {
            assert_eq!(ward.lost(second), None);
            assert_eq!(ward.sends(second + 5), None);
        }
        let unstable = Trouble::Unstable(Some(PushFailure::Lost(Loss::Reset)));
        assert_eq!(ward.lost(40), Some(Alert::Trouble(TARGET, unstable)));
        for second in [50, 70, 90] {
            assert_eq!(ward.sends(second), None);
            assert_eq!(ward.due(second), None);
            assert_eq!(ward.lost(second + 2), None);
            assert_eq!(ward.due(second + 18), None, "it is known to be unstable");
        }
        assert_eq!(ward.sends(200), None);
        assert_eq!(ward.due(499), None);
        assert_eq!(ward.due(500), Some(Alert::Recovered(TARGET, Duration::from_secs(460))));
        assert_eq!(ward.lost(501), None, "its past is forgotten");
    }

    #[test]
    fn an_encoder_that_is_soon_back_is_not_told_of_but_one_that_stopped_in_order_is() {
        let mut ward = Ward::new();
        let at = |second| ward.1 + Duration::from_secs(second);
        let (zero, nine, ten, forty) = (at(0), at(9), at(10), at(40));
        let alerts = &mut ward.0;
        assert_eq!(alerts.held(zero, STUDIO, false, false), None);
        assert_eq!(alerts.resumed(nine, STUDIO), None);
        assert_eq!(alerts.held(nine, STUDIO, true, false), Some(Alert::Held { clean: true, sound_only: false }));
        assert_eq!(alerts.resumed(ten, STUDIO), Some(Alert::Resumed { after: Duration::from_secs(1) }));
        alerts.ended(STUDIO);
        assert_eq!(alerts.held(ten, STUDIO, false, false), None, "its past is over with the show");
        assert_eq!(alerts.due(forty), [(STUDIO, Alert::Held { clean: false, sound_only: false })]);
        assert_eq!(alerts.due(forty), []);
        alerts.ended(STUDIO);
        assert_eq!(alerts.resumed(forty, STUDIO), None);
        assert_eq!(alerts.held(zero, STUDIO, false, false), None);
        alerts.source_told(STUDIO);
        assert_eq!(alerts.due(forty), []);
        assert_eq!(alerts.resumed(forty, STUDIO), Some(Alert::Resumed { after: Duration::from_secs(40) }));
    }

    #[test]
    fn one_that_falls_silent_and_then_stops_is_told_of_at_once_and_missed_from_the_beginning() {
        let mut ward = Ward::new();
        let (zero, ten, forty) = (ward.at(0), ward.at(10), ward.at(40));
        let alerts = &mut ward.0;
        assert!(alerts.held(zero, STUDIO, false, true).is_none() && alerts.is_held(STUDIO));
        assert_eq!(alerts.due(ten), [(STUDIO, Alert::Held { clean: false, sound_only: true })]);
        let told = alerts.held(forty, STUDIO, true, true);
        assert_eq!(told, Some(Alert::Held { clean: true, sound_only: true }));
        assert_eq!(alerts.resumed(forty, STUDIO), Some(Alert::Resumed { after: Duration::from_secs(40) }));
        assert!(!alerts.is_held(STUDIO));
    }
}
