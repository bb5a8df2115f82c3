//! What is wrong with a stream that flows, and when that is worth telling: decides, second by second, and knows no clock.
//!
//! Nobody wants a false alarm: what is on purpose looks much like what is broken. So each fault must last before it is told,
//! twice as long each time that it comes again, and of pictures only their sizes are known, so that they are compared with
//! what the same encoder sends when all is well.

mod facts;
mod hearing;
mod sight;
mod symptom;

pub use facts::{Ailment, Fault, Finding, Level, Picture, Second, Sound};
pub use hearing::Hearing;

use hearing::Ear;
use sight::Eye;
use std::time::Instant;

/// Listens to one studio's stream and looks at it.
#[derive(Debug, Default)]
pub struct Monitor {
    ear: Ear,
    eye: Eye,
    on_air: bool,
}

impl Monitor {
    /// What the second before `now` brought. Only of a show that viewers see is anything told, and what was wrong before it
    /// began counts from there.
    pub fn second(&mut self, now: Instant, second: &Second, on_air: bool) -> Vec<Finding> {
        if on_air != self.on_air {
            self.on_air = on_air;
            self.ear.begin();
            self.eye.begin();
        }
        let mut found = Vec::new();
        self.ear.hear(now, second, &mut found);
        self.eye.see(now, second, &mut found);
        if !on_air {
            found.clear();
        }
        found
    }

    /// The encoder is away, so that what goes out is not its own: nothing is counted on from before.
    pub fn pause(&mut self) {
        self.ear.pause();
        self.eye.pause();
    }

    /// How it sounds now; none where that is not known.
    #[must_use]
    pub fn hearing(&self, now: Instant) -> Option<Hearing> {
        self.ear.hearing(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    /// A show with a clock of seconds.
    struct Show {
        monitor: Monitor,
        now: Instant,
        second: u64,
        on_air: bool,
    }

    const fn sound(db: f32) -> Sound {
        Sound::Level(Level { db, clips: false })
    }
    const TALK: Sound = sound(-18.0);
    const QUIET: Sound = sound(Level::FLOOR);

    /// 720p, as x264 has it: a camera, a slide, the camera's picture frozen, black, and a line that is too slow for the camera.
    const BLOCKS: u32 = 3_600;
    const CAMERA: Picture = picture(30, 8_000, 110_000);
    const SLIDE: Picture = picture(30, 60, 90_000);
    const FROZEN: Picture = picture(30, 730, 210_000);
    const TITLE: Picture = picture(30, 38, 14_000);
    const BLACK: Picture = picture(30, 38, 221);
    const BLURRED: Picture = picture(30, 900, 12_000);
    const JERKY: Picture = picture(3, 7_000, 60_000);

    /// With a keyframe each 2 s.
    const fn picture(frames: u32, small: u32, key: u32) -> Picture {
        Picture {
            frames,
            bytes: small * frames,
            small: Some(small),
            key: Some(key),
            gap: None,
            since_key: Duration::ZERO,
            blocks: BLOCKS,
            anew: false,
        }
    }

    impl Show {
        fn new() -> Self {
            Self { monitor: Monitor::default(), now: Instant::now(), second: 0, on_air: true }
        }

        fn before() -> Self {
            Self { on_air: false, ..Self::new() }
        }

        /// So many seconds of this: what is found, and after how many of them.
        fn runs(&mut self, seconds: u64, sound: Sound, shown: Option<Picture>) -> Vec<(u64, Finding)> {
            self.runs_as(seconds, |second| {
                let key = second % 2 == 0;
                let picture = shown.map(|shown| Picture {
                    bytes: shown.bytes + if key { shown.key.unwrap_or(0) } else { 0 },
                    key: shown.key.filter(|_| key),
                    gap: key.then_some(Duration::from_secs(2)),
                    since_key: Duration::from_millis(if key { 900 } else { 1_900 }),
                    ..shown
                });
                Second { sound, picture }
            })
        }

        fn runs_as(&mut self, seconds: u64, as_what: impl Fn(u64) -> Second) -> Vec<(u64, Finding)> {
            let mut found = Vec::new();
            for number in 1..=seconds {
                self.now += Duration::from_secs(1);
                self.second += 1;
                let second = as_what(self.second);
                found
                    .extend(self.monitor.second(self.now, &second, self.on_air).into_iter().map(|what| (number, what)));
            }
            found
        }
    }

    fn found(second: u64, fault: Fault) -> Vec<(u64, Finding)> {
        vec![(second, Finding::Found(fault, Duration::from_secs(second)))]
    }

    fn over(second: u64, ailment: Ailment, lasted: u64) -> Vec<(u64, Finding)> {
        vec![(second, Finding::Over(ailment, Duration::from_secs(lasted)))]
    }

    #[test]
    fn silence_is_told_once_when_it_has_lasted_20_s_and_taken_back_when_there_is_sound() {
        let mut show = Show::new();
        assert_eq!(show.runs(60, TALK, Some(CAMERA)), []);
        assert_eq!(show.runs(600, QUIET, Some(CAMERA)), found(20, Fault::Silent { ever: true }));
        assert_eq!(show.runs(9, TALK, Some(CAMERA)), over(3, Ailment::Sound, 600));
        assert_eq!(
            show.runs(60, QUIET, Some(CAMERA)),
            found(40, Fault::Silent { ever: true }),
            "later the second time"
        );
    }

    #[test]
    fn a_show_that_is_silent_from_its_beginning_is_told_so_and_what_was_before_it_does_not_count() {
        let mut show = Show::before();
        assert_eq!(show.runs(300, QUIET, Some(CAMERA)), []);
        assert_eq!(show.monitor.hearing(show.now), Some(Hearing::Silent(Duration::from_secs(300))));
        show.on_air = true;
        assert_eq!(show.runs(5, QUIET, Some(CAMERA)), []);
        assert_eq!(show.monitor.hearing(show.now), None, "it was never loud, and has not been silent for long");
        let told = show.runs(60, QUIET, Some(CAMERA));
        assert_eq!(told, [(15, Finding::Found(Fault::Silent { ever: false }, Duration::from_secs(20)))]);
    }

    #[test]
    fn who_speaks_seldom_or_whose_sound_cannot_be_measured_is_not_silent() {
        let mut show = Show::new();
        let talk = |second: u64| if second.is_multiple_of(15) { sound(-50.0) } else { QUIET };
        assert_eq!(show.runs_as(600, |second| Second { sound: talk(second), picture: None }), []);
        assert_eq!(show.runs(600, Sound::Unknown, Some(CAMERA)), []);
        assert_eq!(show.monitor.hearing(show.now), None);
    }

    #[test]
    fn a_picture_without_any_sound_is_told_and_sound_without_any_picture_is_a_radio() {
        let mut show = Show::new();
        assert_eq!(show.runs(300, Sound::Missing, Some(CAMERA)), found(20, Fault::NoSound));
        assert_eq!(show.monitor.hearing(show.now), Some(Hearing::Missing));
        assert_eq!(Show::new().runs(300, TALK, None), []);
        let mut show = Show::new();
        show.runs(10, TALK, Some(CAMERA));
        assert_eq!(show.runs(300, TALK, None), found(20, Fault::NoPicture));
        assert_eq!(show.runs(9, TALK, Some(CAMERA)), over(5, Ailment::Picture, 300));
    }

    #[test]
    fn what_goes_out_in_an_encoders_absence_counts_for_nothing() {
        let mut show = Show::new();
        for _ in 0..9 {
            assert_eq!(show.runs(12, QUIET, Some(BLACK)), []);
            show.monitor.pause();
        }
        assert_eq!(show.monitor.hearing(show.now), None);
    }

    #[test]
    fn a_camera_that_froze_is_told_after_long_and_slides_are_not() {
        let mut show = Show::new();
        assert_eq!(show.runs(120, TALK, Some(CAMERA)), []);
        assert_eq!(show.runs(300, TALK, Some(FROZEN)), found(90, Fault::Frozen));
        assert_eq!(show.runs(9, TALK, Some(CAMERA)), over(5, Ailment::Picture, 300));
        assert_eq!(show.runs(150, TALK, Some(FROZEN)), [], "it takes longer the second time");
        let mut show = Show::new();
        for _ in 0..20 {
            // What changes with a slide is over within a second.
            assert_eq!(show.runs(1, TALK, Some(CAMERA)), []);
            assert_eq!(show.runs(120, TALK, Some(SLIDE)), []);
        }
    }

    #[test]
    fn from_a_camera_to_a_break_and_back_nothing_is_told() {
        let mut show = Show::new();
        for _ in 0..5 {
            assert_eq!(show.runs(200, TALK, Some(CAMERA)), []);
            assert_eq!(show.runs(200, TALK, Some(TITLE)), []);
        }
    }

    #[test]
    fn a_picture_of_one_colour_is_told_soon_where_a_show_begins_with_it() {
        let mut show = Show::new();
        let told = show.runs(60, TALK, Some(BLACK));
        assert!(matches!(told[..], [(10..=15, Finding::Found(Fault::Blank { ever: false }, _))]), "{told:?}");
        assert!(matches!(show.runs(60, TALK, Some(CAMERA))[..], [(_, Finding::Over(Ailment::Picture, _))]));
        let told = show.runs(60, TALK, Some(BLACK));
        assert!(matches!(told[..], [(30..=35, Finding::Found(Fault::Blank { ever: true }, _))]), "{told:?}");
        let mut show = Show::new();
        assert_eq!(show.runs(600, TALK, Some(TITLE)), [], "words on a plain ground");
    }

    #[test]
    fn a_picture_that_froze_and_went_black_has_not_come_back() {
        let mut show = Show::new();
        show.runs(120, TALK, Some(CAMERA));
        assert_eq!(show.runs(100, TALK, Some(FROZEN)).len(), 1);
        let told = show.runs(100, TALK, Some(BLACK));
        assert!(matches!(told[..], [(_, Finding::Found(Fault::Blank { ever: true }, _))]), "{told:?}");
        let told = show.runs(20, TALK, Some(CAMERA));
        assert!(matches!(told[..], [(_, Finding::Over(Ailment::Picture, _))]), "once: {told:?}");
    }

    #[test]
    fn keyframes_that_come_too_seldom_are_told_when_that_was_seen_again_and_again() {
        let every = |every: u64| {
            move |second: u64| {
                let key = second.is_multiple_of(every);
                let (gap, since_key) = (key.then(|| Duration::from_secs(every)), Duration::from_secs(second % every));
                Second { sound: TALK, picture: Some(Picture { gap, since_key, ..CAMERA }) }
            }
        };
        for fine in [1, 2, 4, 5] {
            assert_eq!(Show::new().runs_as(600, every(fine)), [], "{fine} s");
        }
        let mut show = Show::new();
        let told = show.runs_as(120, every(10));
        assert!(matches!(told[..], [(20..=40, Finding::Found(Fault::RareKeyframes { every_s: 10 }, _))]), "{told:?}");
        let told = show.runs_as(30, every(2));
        assert!(matches!(told[..], [(_, Finding::Over(Ailment::Keyframes, _))]), "{told:?}");
    }

    #[test]
    fn a_line_that_became_too_slow_is_told_however_the_encoder_copes() {
        for poor in [BLURRED, JERKY] {
            let mut show = Show::new();
            show.runs(120, TALK, Some(CAMERA));
            let told = show.runs(60, TALK, Some(poor));
            let [(15..=30, Finding::Found(Fault::Starved { kbps, usual_kbps }, _))] = told[..] else {
                panic!("{told:?}")
            };
            assert!(kbps * 4 < usual_kbps && (2_000..2_500).contains(&usual_kbps), "{kbps} of {usual_kbps}");
            let told = show.runs(60, TALK, Some(CAMERA));
            assert!(matches!(told[..], [(_, Finding::Over(Ailment::Rate, _))]), "{told:?}");
        }
    }

    #[test]
    fn another_encoder_that_sends_less_is_no_line_that_became_too_slow() {
        let mut show = Show::new();
        assert_eq!(show.runs(120, TALK, Some(CAMERA)), []);
        show.runs(1, TALK, Some(Picture { anew: true, ..BLURRED }));
        assert_eq!(show.runs(200, TALK, Some(BLURRED)), []);
        show.monitor.pause();
        assert_eq!(show.runs(200, TALK, Some(JERKY)), []);
    }

    #[test]
    fn a_level_that_is_shown_changes_only_when_that_means_something() {
        let mut show = Show::new();
        let mut shown = Vec::new();
        for db in [-18.0, -16.5, -17.0, -19.9, -18.5, -30.0] {
            show.runs(10, sound(db), Some(CAMERA));
            shown.push(show.monitor.hearing(show.now));
        }
        shown.dedup();
        assert_eq!(shown, [-18, -30].map(|db| Some(Hearing::Fine(db))));
        show.runs(10, sound(-45.0), Some(CAMERA));
        assert_eq!(show.monitor.hearing(show.now), Some(Hearing::Quiet(-45)));
        show.runs(3, Sound::Level(Level { db: -2.0, clips: true }), Some(CAMERA));
        assert_eq!(show.monitor.hearing(show.now), Some(Hearing::TooLoud));
    }

    fn any_second() -> impl Strategy<Value = Second> {
        let sounds = prop_oneof![
            Just(Sound::Missing),
            Just(Sound::Unknown),
            (-130.0_f32..10.0, any::<bool>()).prop_map(|(db, clips)| Sound::Level(Level { db, clips }))
        ];
        let sizes = (any::<u32>(), any::<u32>(), prop::option::of(any::<u32>()), prop::option::of(any::<u32>()));
        let wild = (sizes, prop::option::of(0_u64..90), 0_u64..90, any::<u32>()).prop_map(
            |((frames, bytes, small, key), gap, since, blocks)| Picture {
                frames,
                bytes,
                small,
                key,
                gap: gap.map(Duration::from_secs),
                since_key: Duration::from_secs(since),
                blocks,
                anew: blocks % 7 == 0,
            },
        );
        let known = prop::sample::select(vec![CAMERA, SLIDE, FROZEN, TITLE, BLACK, BLURRED, JERKY]);
        (sounds, prop::option::of(prop_oneof![1 => wild, 4 => known]))
            .prop_map(|(sound, picture)| Second { sound, picture })
    }

    proptest! {
        /// Whatever comes: no panic, nothing is told twice before it is over, nothing is over that was not told, and of a show
        /// that nobody sees nothing is told.
        #[test]
        fn what_is_told_is_told_once(runs in prop::collection::vec((any_second(), 1_u64..120, 0_u32..20), 1..30),
                                     on_air in any::<bool>()) {
            let mut show = Show { on_air, ..Show::new() };
            let mut told: Vec<Fault> = Vec::new();
            for (second, lasts, pauses) in runs {
                for (_, finding) in show.runs_as(lasts, |_| second) {
                    prop_assert!(on_air);
                    match finding {
                        Finding::Found(fault, lasted) => {
                            let same = |told: &Fault| std::mem::discriminant(told) == std::mem::discriminant(&fault);
                            // Black from the beginning, and again later, are two.
                            let again = told.iter().any(same) && !matches!(fault, Fault::Blank { .. });
                            prop_assert!(!again, "{fault:?}");
                            prop_assert!(lasted >= Duration::from_secs(10));
                            told.push(fault);
                        }
                        Finding::Over(ailment, _) => {
                            let before = told.len();
                            told.retain(|fault| fault.ailment() != ailment);
                            prop_assert!(told.len() < before, "{ailment:?} was not told");
                        }
                    }
                }
                if pauses == 0 {
                    show.monitor.pause();
                }
            }
        }
    }
}
