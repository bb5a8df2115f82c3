//! What is said before the show.

use super::samples::{group, minutes, name};
use crate::chat::advice::CautionView;
use crate::chat::screen::News;
use crate::domain::status::Profile;
use crate::platform::Size;
use crate::platform::fit::Misfit;
use crate::service::Caution;

pub(super) fn samples() -> Vec<News> {
    let said = |names: &[&str], caution| CautionView { names: names.iter().map(|text| name(text)).collect(), caution };
    let misfit = |names: &[&str], misfit| said(names, Caution::Misfit { misfit, guess: false });
    let size = |width, height| Size { width, height };
    let picture = Misfit::Picture { codec: "HEVC" };
    let large = Misfit::TooLarge { is: size(3840, 2160), most: size(1920, 1080) };
    let fit = vec![
        misfit(&["Twitch"], picture),
        said(&["Kick", "TikTok"], Caution::Misfit { misfit: picture, guess: true }),
        misfit(&["Twitch", "Trovo"], Misfit::Sound { codec: "Opus" }),
        misfit(&["Twitch"], large),
        misfit(&["Twitch", "Trovo"], Misfit::TooFast { fps: 120, most: 60 }),
        misfit(&["Kick"], Misfit::Keyframes { every_s: 8, wanted_s: 2 }),
        misfit(&["B站 主号", "YouTube"], Misfit::Keyframes { every_s: 8, wanted_s: 2 }),
        misfit(&["CHZZK"], Misfit::BFrames { are: 2, most: 0 }),
        misfit(&["CHZZK", "SOOP"], Misfit::BFrames { are: 3, most: 1 }),
        misfit(&["Steam"], Misfit::Profile { is: Profile::High444, most: Profile::High }),
        misfit(&["Amazon IVS"], Misfit::Profile { is: Profile::High, most: Profile::Baseline }),
        misfit(&["Kick"], Misfit::PictureRate { kbps: 9_000, most: 8_000, cuts: true }),
        misfit(&["Twitch", "Trovo"], Misfit::PictureRate { kbps: 9_000, most: 6_000, cuts: false }),
        misfit(&["Kick", "Own IVS"], Misfit::PictureRate { kbps: 9_000, most: 8_000, cuts: true }),
        said(&["Kick"], Caution::Misfit { misfit: Misfit::Keyframes { every_s: 8, wanted_s: 2 }, guess: true }),
        misfit(&["Trovo"], Misfit::SoundRate { kbps: 320, most: 160 }),
        said(&["虎牙"], Caution::KeyEnds { left: minutes(40) }),
    ];
    let uplink = |targets, needed_kbps, others| {
        said(&[], Caution::Uplink { kbps: 6_000, targets, needed_kbps, most_kbps: 30_000, others })
    };
    let quota = said(&[], Caution::Quota { kbps: 6_000, targets: 4, needed_kbps: 25_200, mbps: 20 });
    let one = misfit(&["Kick"], Misfit::Keyframes { every_s: 8, wanted_s: 2 });
    vec![
        News::Forewarned { cautions: vec![one], studio: None },
        News::Forewarned { cautions: fit, studio: group() },
        News::Forewarned { cautions: vec![uplink(6, 37_800, false)], studio: None },
        News::Forewarned { cautions: vec![uplink(1, 44_100, true)], studio: None },
        News::Forewarned { cautions: vec![quota], studio: group() },
    ]
}
