//! 信号本身：面板上的音量，以及哪里不对劲。

use super::span;
use crate::domain::monitor::{Ailment, Fault, Finding, Hearing};
use std::time::Duration;

/// 面板上的一行。
pub(super) fn hearing(hearing: Hearing) -> String {
    match hearing {
        Hearing::Fine(db) => format!("🔊 声音正常（{}）", decibels(db)),
        Hearing::Quiet(db) => format!("🔉 声音很小（{}）", decibels(db)),
        Hearing::TooLoud => "📢 声音太大，已经失真".to_owned(),
        Hearing::Silent(lasts) => format!("🔇 已经 {} 没有声音", span(lasts)),
        Hearing::Missing => "🔇 只有画面，没有声音".to_owned(),
    }
}

fn decibels(db: i32) -> String {
    if db < 0 { format!("−{} dB", db.unsigned_abs()) } else { format!("{db} dB") }
}

/// `studio`：哪个导播台，可以为空。
pub(super) fn found(finding: Finding, studio: &str) -> String {
    match finding {
        Finding::Found(fault, lasted) => trouble(fault, lasted, studio),
        Finding::Over(ailment, lasted) => recovered(ailment, lasted, studio),
    }
}

fn trouble(fault: Fault, lasted: Duration, studio: &str) -> String {
    let for_so_long = span(lasted);
    match fault {
        Fault::Silent { ever: true } => format!(
            "<b>🔇 {studio}声音没了，已经 {for_so_long}听不到声音。</b>\n\n观众看得到画面，但听不到声音。声音恢复后，我会在这里告诉你。\n\n{UNMUTE}"
        ),
        Fault::Silent { ever: false } => format!(
            "<b>🔇 {studio}观众听不到声音，开播到现在一直没有声音。</b>\n\n画面正常播出。有声音后，我会在这里告诉你。\n\n{UNMUTE}"
        ),
        Fault::NoSound => format!(
            "<b>🔇 {studio}推流里完全没有声音。</b>\n\n现在只播出画面，有的平台不显示没有声音的直播。\n\n{UNMUTE}"
        ),
        Fault::NoPicture => format!(
            "<b>⚠️ {studio}画面停住了，最近 {for_so_long}只收到声音。</b>\n\n观众看到的是静止画面。直播我先替你保持着，画面恢复后会在这里告诉你。\n\n• OBS：如果提示编码过载，请降低分辨率或换一个视频编码器；再看看摄像头是否还连着。\n• 手机推流：请保持 App 在前台、屏幕常亮。\n• 会议软件：请重新共享。"
        ),
        Fault::Frozen => format!(
            "<b>🟡 {studio}画面好像卡住了，最近 {for_so_long}似乎没有动过。</b>\n\n我只能根据数据量变少来判断。如果正在放 PPT 或休息画面，不用理会。如果不是，请点“看画面”确认，然后重开摄像头、在 OBS 里重新选择视频源，或在会议里重新共享。"
        ),
        Fault::Blank { ever } => {
            let since = if ever { format!("最近 {for_so_long}") } else { "开播到现在".to_owned() };
            format!(
                "<b>⚫ {studio}画面好像是空的，{since}似乎一直是黑屏或纯色。</b>\n\n我只能根据数据量很小来判断，请点“看画面”确认。如果不是有意的：\n\n• OBS：切到正确的场景，检查视频源有没有显示。\n• 摄像头：取下镜头盖，允许 App 使用摄像头。\n• 会议软件：开始共享。"
            )
        }
        Fault::RareKeyframes { every_s } => format!(
            "<b>🟡 {studio}关键帧每 {every_s} 秒才有一个，平台希望每 2 秒一个。</b>\n\n直播照常进行，但观众打开直播要等更久，平台也可能报警。在 OBS 的 设置 → 输出 → 关键帧间隔 里填 2；手机推流请把关键帧间隔（GOP）设为 2 秒。下次开始推流时生效。"
        ),
        Fault::Starved { kbps, usual_kbps } => format!(
            "<b>🟠 {studio}收到的码率骤降，只有 {kbps} kbit/s，平时约 {usual_kbps}。</b>\n\n多半是推流端网络太慢，观众看到的画面会模糊或卡顿。收到的我都照常转推。请靠近 Wi-Fi、改用网线或换个网络，或者调低码率。"
        ),
    }
}

const UNMUTE: &str = "• OBS：看混音器的音量条动不动，取消静音，或重新选择麦克风。\n• 手机推流：允许 App 使用麦克风，并取消静音。\n• 腾讯会议：取消静音；共享屏幕时，勾选“同时共享电脑声音”。";

fn recovered(ailment: Ailment, after: Duration, studio: &str) -> String {
    let after = span(after);
    match ailment {
        Ailment::Sound => format!("<b>✅ {studio}声音恢复了，中断了 {after}。</b>"),
        Ailment::Picture => format!("<b>✅ {studio}画面恢复了，停了 {after}。</b>"),
        Ailment::Keyframes => format!("<b>✅ {studio}关键帧间隔正常了。</b>"),
        Ailment::Rate => format!("<b>✅ {studio}码率恢复正常了，低了 {after}。</b>"),
    }
}
