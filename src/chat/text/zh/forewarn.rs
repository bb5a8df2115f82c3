//! 开播前的提醒：哪里不合适，以及在 OBS 的哪一项里改。

use super::{show::listed, span};
use crate::chat::advice::CautionView;
use crate::domain::status::Profile;
use crate::platform::fit::Misfit;
use crate::service::Caution;

pub(super) fn forewarned(cautions: &[CautionView], studio: &str) -> String {
    let mut text = format!("<b>⚠️ {studio}有些地方还不合适。</b>\n");
    for caution in cautions {
        text += &format!("\n• {}{}", line(caution), unsure(caution));
    }
    text
}

fn unsure(CautionView { caution, .. }: &CautionView) -> &'static str {
    match caution {
        // 句子里已经说了。
        Caution::Misfit { misfit: Misfit::Picture { .. }, .. } => "",
        Caution::Misfit { guess: true, .. } => "（这一限制尚未证实。）",
        _ => "",
    }
}

fn line(CautionView { names, caution }: &CautionView) -> String {
    let who = listed(names);
    match *caution {
        Caution::Misfit { misfit, guess } => match misfit {
            Misfit::Picture { codec } => {
                let so = if guess {
                    format!("{who}：不确定是否支持 {codec}，观众可能看不到画面。")
                } else {
                    format!("{who} 不支持 {codec}，所以我不会推到那里。")
                };
                format!("{so}请在 OBS 的“设置 → 输出 → 视频编码器”里选 H.264。")
            }
            Misfit::Sound { codec } => {
                format!("{who} 不支持 {codec}，观众可能听不到声音。请在 OBS 的“设置 → 输出 → 音频编码器”里选 AAC。")
            }
            Misfit::TooLarge { is, most } => format!(
                "{who} 最大支持 {}×{}，你的画面是 {}×{}。请在 OBS 的“设置 → 视频 → 输出（缩放）分辨率”里改小。",
                most.width, most.height, is.width, is.height
            ),
            Misfit::TooFast { fps, most } => format!(
                "{who} 最高支持每秒 {most} 帧，你的画面是 {fps} 帧。请在 OBS 的“设置 → 视频 → 帧率”里改为 {most}。"
            ),
            Misfit::Keyframes { every_s, wanted_s } => format!(
                "{who} 要求每 {wanted_s} 秒一个关键帧，你的推流每 {every_s} 秒才有一个。请在 OBS 的“设置 → 输出 → 关键帧间隔”里填 {wanted_s}。"
            ),
            Misfit::Profile { is, most } => {
                // 高于 High 的，取决于颜色格式，与所选的 Profile 无关。
                let by_colours = is > Profile::High;
                let (is, up_to) = (is.name(), most.name());
                let cure = if by_colours {
                    "请在 OBS 的“设置 → 高级 → 色彩格式”里选 NV12。".to_owned()
                } else {
                    format!("请在 OBS 的“设置 → 输出 → 配置（Profile）”里选 {}。", up_to.to_lowercase())
                };
                format!("{who} 的 H.264 最高只支持 {up_to}，你的推流是 {is}。{cure}")
            }
            Misfit::BFrames { are, most: 0 } => format!(
                "{who} 要求没有 B 帧，你的推流最多连续有 {are} 个。请在 OBS 的“设置 → 输出”里把“B 帧”改为 0；用 x264 时，在“x264 选项”里填 bframes=0。"
            ),
            Misfit::BFrames { are, most } => format!(
                "{who} 要求连续 B 帧不超过 {most} 个，你的推流有 {are} 个。请在 OBS 的“设置 → 输出”里把“B 帧”改为 {most}；用 x264 时，在“x264 选项”里填 bframes={most}。"
            ),
            Misfit::PictureRate { kbps, most, cuts } => {
                let cut = if cuts { "，超过会被断开" } else { "" };
                format!(
                    "{who} 的视频码率上限是 {most} kbit/s{cut}，你的推流是 {kbps}。请在 OBS 的“设置 → 输出 → 视频比特率”里改为 {most}。"
                )
            }
            Misfit::SoundRate { kbps, most } => format!(
                "{who} 的音频码率上限是 {most} kbit/s，你的推流是 {kbps}。请在 OBS 的“设置 → 输出 → 音频比特率”里改为 {most} 或更低。"
            ),
        },
        Caution::KeyEnds { left } => format!(
            "{who}：串流密钥将在 {}后过期，之后如果断线就连不上了。直播时间更长的话，请先到那边获取新密钥。",
            span(left)
        ),
        Caution::Uplink { kbps, targets, needed_kbps, most_kbps, others } => {
            let beside = if others { "，加上这里的其他直播" } else { "" };
            format!(
                "你的 {kbps} kbit/s 推到 {targets} 个平台{beside}，共需要 {} Mbit/s 上行带宽，而这台服务器只有 {}。请降低码率，或用 /targets 关掉一些平台。",
                needed_kbps.div_ceil(1000),
                most_kbps / 1000
            )
        }
        Caution::Quota { kbps, targets, needed_kbps, mbps } => format!(
            "你的 {kbps} kbit/s 推到 {targets} 个平台，共需要 {} Mbit/s，而部署者给这个导播台的上限是 {mbps}。正在进行的直播不会中断，但下一场将无法开播。请降低码率，或用 /targets 关掉一些平台。",
            needed_kbps.div_ceil(1000)
        ),
    }
}
