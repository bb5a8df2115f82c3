//! What will not do, before the show: what it is, and the setting that cures it, in OBS's own words.

use super::{show::listed, span};
use crate::chat::advice::CautionView;
use crate::domain::status::Profile;
use crate::platform::fit::Misfit;
use crate::service::Caution;

pub(super) fn forewarned(cautions: &[CautionView], studio: &str) -> String {
    let mut text = format!("<b>⚠️ Not everything fits yet{studio}.</b>\n");
    for caution in cautions {
        text += &format!("\n• {}{}", line(caution), unsure(caution));
    }
    text
}

fn unsure(CautionView { caution, .. }: &CautionView) -> &'static str {
    match caution {
        // Its own words say so.
        Caution::Misfit { misfit: Misfit::Picture { .. }, .. } => "",
        Caution::Misfit { guess: true, .. } => " I am not sure of that limit.",
        _ => "",
    }
}

fn line(CautionView { names, caution }: &CautionView) -> String {
    let (who, s) = (listed(names), if names.len() == 1 { "s" } else { "" });
    match *caution {
        Caution::Misfit { misfit, guess } => match misfit {
            Misfit::Picture { codec } => {
                let so = if guess {
                    format!("{who}: I don’t know that {codec} is taken there, so viewers may see nothing.")
                } else {
                    format!("{who} take{s} no {codec}, so I send nothing there.")
                };
                format!("{so} In OBS, Settings → Output → Video Encoder: choose H.264.")
            }
            Misfit::Sound { codec } => format!(
                "{who} take{s} no {codec}, so viewers may hear nothing. In OBS, Settings → Output → Audio Encoder: choose AAC."
            ),
            Misfit::TooLarge { is, most } => format!(
                "{who} take{s} {}×{} at most, your picture has {}×{}. In OBS: Settings → Video → Output (Scaled) Resolution.",
                most.width, most.height, is.width, is.height
            ),
            Misfit::TooFast { fps, most } => format!(
                "{who} take{s} {most} fps at most, your picture has {fps}. In OBS, Settings → Video → FPS: choose {most}."
            ),
            Misfit::Keyframes { every_s, wanted_s } => format!(
                "{who} want{s} a keyframe each {wanted_s} s, yours come each {every_s} s. In OBS, Settings → Output → Keyframe Interval: set {wanted_s}."
            ),
            Misfit::Profile { is, most } => {
                // What is above High is so by its colours, whatever profile was chosen.
                let by_colours = is > Profile::High;
                let (is, up_to) = (is.name(), most.name());
                let cure = if by_colours {
                    "In OBS: Settings → Advanced → Color Format: NV12.".to_owned()
                } else {
                    format!("In OBS, Settings → Output → Profile: choose {}.", up_to.to_lowercase())
                };
                format!("{who} take{s} H.264 up to its profile {up_to}, yours is {is}. {cure}")
            }
            Misfit::BFrames { are, most: 0 } => format!(
                "{who} want{s} no B-frames, yours has up to {are} in a row. In OBS, Settings → Output: set B-Frames to 0, or with x264 write bframes=0 into x264 Options."
            ),
            Misfit::BFrames { are, most } => format!(
                "{who} want{s} at most {} in a row, yours has {are}. In OBS, Settings → Output: set B-Frames to {most}, or with x264 write bframes={most} into x264 Options.",
                super::many(most as usize, "B-frame", "B-frames")
            ),
            Misfit::PictureRate { kbps, most, cuts } => {
                let cut = if cuts { ", and cut off whoever sends more" } else { "" };
                let cut = if names.len() == 1 { cut.replace("cut off", "cuts off") } else { cut.to_owned() };
                format!(
                    "{who} take{s} {most} kbit/s of picture at most{cut}; yours has {kbps}. In OBS, Settings → Output → Video Bitrate: set {most}."
                )
            }
            Misfit::SoundRate { kbps, most } => format!(
                "{who} take{s} {most} kbit/s of sound at most, yours has {kbps}. In OBS, Settings → Output → Audio Bitrate: set {most} or less."
            ),
        },
        Caution::KeyEnds { left } => format!(
            "{who}: the stream key expires in {}. If the connection drops after that, it is refused; for a longer show, get a new key there.",
            span(left)
        ),
        Caution::Uplink { kbps, targets, needed_kbps, most_kbps, others } => {
            let beside = if others { ", with the other shows here," } else { "" };
            format!(
                "Your {kbps} kbit/s to {}{beside} need {} Mbit/s, but this Telecast can send {}. Lower the bitrate, or turn platforms off under /targets.",
                super::many(targets, "platform", "platforms"),
                needed_kbps.div_ceil(1000),
                most_kbps / 1000
            )
        }
        Caution::Quota { kbps, targets, needed_kbps, mbps } => format!(
            "Your {kbps} kbit/s to {} need {} Mbit/s, but the host of this server lets this studio send {mbps}. A show that runs is not cut; the next one would not begin. Lower the bitrate, or turn platforms off under /targets.",
            super::many(targets, "platform", "platforms"),
            needed_kbps.div_ceil(1000)
        ),
    }
}
