//! Whether a stream is what a platform takes. Pure: it compares what was measured with what the catalogue says.

use super::limits::{Limits, Size};
use crate::domain::status::{Profile, SourceStatus, VideoInfo};
use std::time::Duration;

/// Between keyframes, encoders are a few frames late.
const LATE: Duration = Duration::from_millis(300);

/// Something about a stream that a platform does not take, or not well. Rates are in kbit/s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// The picture's codec.
    Picture {
        /// As people call it.
        codec: &'static str,
    },
    /// The sound's codec.
    Sound {
        /// As people call it.
        codec: &'static str,
    },
    /// The picture is too large.
    TooLarge {
        /// What it is.
        is: Size,
        /// What it may be, upright too.
        most: Size,
    },
    /// Too many pictures a second.
    TooFast {
        /// How many there are.
        fps: u32,
        /// How many there may be.
        most: u32,
    },
    /// Keyframes are too rare.
    Keyframes {
        /// Whole seconds between them, rounded.
        every_s: u32,
        /// What is wanted.
        wanted_s: u32,
    },
    /// The picture's H.264 profile is too high.
    Profile {
        /// What it is.
        is: Profile,
        /// The highest that is taken.
        most: Profile,
    },
    /// Too many B-frames in a row.
    BFrames {
        /// How many there are.
        are: u32,
        /// How many there may be.
        most: u32,
    },
    /// The picture has too many bits.
    PictureRate {
        /// What was measured.
        kbps: u32,
        /// What is taken for a picture of this size.
        most: u32,
        /// Whoever sends more is cut off.
        cuts: bool,
    },
    /// The sound has too many bits.
    SoundRate {
        /// What was measured.
        kbps: u32,
        /// What is taken.
        most: u32,
    },
}

/// What of `source` does not fit `limits`, the worst first. What is not known or not measured yet fits.
#[must_use]
pub fn misfits(source: &SourceStatus, limits: &Limits) -> Vec<Misfit> {
    let mut found = Vec::new();
    if let Some(video) = &source.video {
        if !takes(limits, video.codec) {
            found.push(Misfit::Picture { codec: video.codec });
        }
        let high = video.profile.zip(limits.profile).filter(|(is, most)| is > most);
        found.extend(high.map(|(is, most)| Misfit::Profile { is, most }));
        let many = limits.bframes.filter(|most| video.bframes > *most);
        found.extend(many.map(|most| Misfit::BFrames { are: video.bframes, most }));
        found.extend(rate(source, video, limits));
        found.extend(keyframes(video, limits));
        found.extend(size(video, limits));
        found.extend(
            limits
                .fps
                .filter(|most| video.fps > *most as f32 * 1.02)
                .map(|most| Misfit::TooFast { fps: video.fps.round() as u32, most }),
        );
    }
    if let Some(audio) = &source.audio {
        if !limits.a_codecs.is_empty() && limits.a_codecs.iter().all(|codec| codec.name() != audio.codec) {
            found.push(Misfit::Sound { codec: audio.codec });
        }
        let most = limits.a_kbps.filter(|most| audio.kbps > above(*most, 30));
        found.extend(most.map(|most| Misfit::SoundRate { kbps: audio.kbps, most }));
    }
    found
}

/// Whether pictures in `codec` are taken; where nothing is known, they are.
#[must_use]
pub fn takes(limits: &Limits, codec: &str) -> bool {
    limits.v_codecs.is_empty() || limits.v_codecs.iter().any(|known| known.name() == codec)
}

fn keyframes(video: &VideoInfo, limits: &Limits) -> Option<Misfit> {
    let wanted_s = limits.keyint_s.or(limits.keyint_max_s)?;
    let most = Duration::from_secs(limits.keyint_max_s.unwrap_or(wanted_s).into()) + LATE;
    let gap = video.keyframe_gap;
    (gap > most).then(|| Misfit::Keyframes { every_s: gap.as_secs_f32().round() as u32, wanted_s })
}

/// Encoders are told what the picture may have, so that the sound is taken off.
fn rate(source: &SourceStatus, video: &VideoInfo, limits: &Limits) -> Option<Misfit> {
    let sound = source.audio.as_ref().map_or(0, |audio| audio.kbps);
    let kbps = source.kbps.saturating_sub(sound);
    let short = video.width.min(video.height);
    let rung = limits
        .rungs
        .iter()
        .find(|rung| short > 0 && video.fps > 0.0 && short <= rung.height && video.fps <= rung.fps as f32 * 1.02);
    let most = rung.map(|rung| rung.v_kbps).or(limits.v_kbps)?;
    (kbps > above(most, if limits.cuts { 5 } else { 15 })).then_some(Misfit::PictureRate {
        kbps,
        most,
        cuts: limits.cuts,
    })
}

fn size(video: &VideoInfo, limits: &Limits) -> Option<Misfit> {
    let most = limits.max_res?;
    let (long, short) = (video.width.max(video.height), video.width.min(video.height));
    let fits = long <= most.width.max(most.height) && short <= most.width.min(most.height);
    let is = Size { width: video.width, height: video.height };
    (!fits).then_some(Misfit::TooLarge { is, most })
}

/// `most` and some more: encoders never keep to a rate exactly.
fn above(most: u32, percent: u64) -> u32 {
    most.saturating_add((u64::from(most) * percent / 100) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::status::AudioInfo;
    use crate::platform::Catalogue;
    use std::time::Instant;

    fn source(codec: &'static str, width: u32, height: u32, fps: f32, gap_ms: u64, kbps: u32) -> SourceStatus {
        let profile = (codec == "H.264").then_some(Profile::High);
        let keyframe_gap = Duration::from_millis(gap_ms);
        let video = VideoInfo { codec, width, height, fps, keyframe_gap, profile, bframes: 0 };
        let audio = AudioInfo { codec: "AAC", sample_rate: 48_000, channels: 2, kbps: 160 };
        SourceStatus { since: Instant::now(), video: Some(video), audio: Some(audio), kbps }
    }

    fn at(id: &str, source: &SourceStatus) -> Vec<Misfit> {
        misfits(source, &Catalogue::builtin().get(id).unwrap().limits)
    }

    #[test]
    fn what_obs_sends_by_default_but_for_rare_keyframes_fits_everywhere_or_is_named() {
        let usual = source("H.264", 1920, 1080, 30.0, 2_010, 4_660);
        let rare = source("H.264", 1920, 1080, 30.0, 8_333, 4_660);
        for id in ["kick", "twitch", "youtube", "facebook", "bilibili", "custom"] {
            assert_eq!(at(id, &usual), [], "{id}");
        }
        let keyframes = |wanted_s| [Misfit::Keyframes { every_s: 8, wanted_s }];
        assert_eq!(at("kick", &rare), keyframes(2));
        assert_eq!(at("youtube", &rare), keyframes(2));
        assert_eq!(at("youtube", &source("H.264", 1920, 1080, 30.0, 4_000, 4_660)), [], "4 s are still taken");
        assert_eq!(at("chzzk", &usual), keyframes(1).map(|_| Misfit::Keyframes { every_s: 2, wanted_s: 1 }));
        assert_eq!(at("custom", &rare), [], "nothing is known of it");
    }

    #[test]
    fn rates_are_the_pictures_own_and_those_of_its_size() {
        let heavy = source("H.264", 1920, 1080, 60.0, 2_000, 9_160);
        assert_eq!(at("kick", &heavy), [Misfit::PictureRate { kbps: 9_000, most: 8_000, cuts: true }]);
        assert_eq!(at("twitch", &heavy), [Misfit::PictureRate { kbps: 9_000, most: 6_000, cuts: false }]);
        assert_eq!(at("facebook", &heavy)[..], [] as [Misfit; 0]);
        let small = source("H.264", 1280, 720, 30.0, 2_000, 6_160);
        assert_eq!(at("facebook", &small)[..1], [Misfit::PictureRate { kbps: 6_000, most: 4_000, cuts: false }]);
        assert_eq!(at("kick", &source("H.264", 1920, 1080, 60.0, 2_000, 8_500)), [], "a little over is no news");
        assert_eq!(at("kick", &source("H.264", 1920, 1080, 60.0, 0, 0)), [], "not measured yet");
    }

    #[test]
    fn profiles_and_bframes_are_compared_where_a_platform_names_them() {
        let mut usual = source("H.264", 1920, 1080, 30.0, 1_000, 4_660);
        usual.video.as_mut().unwrap().bframes = 2;
        for id in ["chzzk", "soop-global", "livepeer", "dolby-millicast"] {
            assert_eq!(at(id, &usual), [Misfit::BFrames { are: 2, most: 0 }], "{id}");
        }
        assert_eq!(at("twitch", &usual), [], "it names none");
        assert_eq!(at("steam", &usual), [], "High is what it takes");
        let video = usual.video.as_mut().unwrap();
        (video.bframes, video.profile) = (0, Some(Profile::High444));
        let high = [Misfit::Profile { is: Profile::High444, most: Profile::High }];
        assert_eq!((at("steam", &usual), at("chzzk", &usual)), (high.to_vec(), Vec::new()));
    }

    #[test]
    fn codecs_sizes_and_pictures_a_second_are_compared_where_they_are_known() {
        let hevc = source("HEVC", 3840, 2160, 60.0, 2_000, 10_000);
        assert_eq!(at("youtube", &hevc), []);
        let most = Size { width: 1920, height: 1080 };
        let large = Misfit::TooLarge { is: Size { width: 3840, height: 2160 }, most };
        let found = at("twitch", &hevc);
        assert_eq!(found[0], Misfit::Picture { codec: "HEVC" });
        assert!(found.contains(&large), "{found:?}");
        assert_eq!(at("twitch", &source("H.264", 1080, 1920, 60.0, 2_000, 5_000)), [], "upright");
        assert_eq!(
            at("twitch", &source("H.264", 1280, 720, 120.0, 2_000, 5_000)),
            [Misfit::TooFast { fps: 120, most: 60 }]
        );
        assert_eq!(at("bilibili", &source("AV1", 1280, 720, 30.0, 2_000, 5_000)), [Misfit::Picture { codec: "AV1" }]);
        assert_eq!(at("custom", &source("VVC", 9_999, 9_999, 300.0, 60_000, 99_000)), []);
        let mut opus = source("H.264", 1280, 720, 30.0, 2_000, 3_000);
        opus.audio = Some(AudioInfo { codec: "Opus", sample_rate: 48_000, channels: 2, kbps: 510 });
        let sound = [Misfit::Sound { codec: "Opus" }, Misfit::SoundRate { kbps: 510, most: 320 }];
        assert_eq!(at("twitch", &opus), sound);
    }
}
