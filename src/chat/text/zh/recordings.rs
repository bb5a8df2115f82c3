//! /recordings：录像。

use super::{span, weekly::zone};
use crate::chat::screen::{RecordingView, RecordingsView, Way};
use crate::chat::view::size;

pub(super) fn recordings(screen: &RecordingsView) -> String {
    match screen {
        RecordingsView::List { on, keeps, count } => {
            let mut text = if *on {
                "<b>⏺ 正在为你录制每场直播。</b>\n\n推出去什么就录什么，画质和你推来的一样。".to_owned()
            } else {
                "<b>现在不录制直播。</b>\n\n点下面的按钮打开，直播中途打开也行。推出去什么就录什么，画质和你推来的一样。"
                    .to_owned()
            };
            text += &format!("每段录像保留 {}，到期自动删除。", span(*keeps));
            text += &match count {
                0 => "\n\n还没有录像。".to_owned(),
                _ => format!("\n\n共有 {count} 段录像："),
            };
            text
        }
        RecordingsView::One { recording, way } => {
            let mut text = format!("<b>🎞 {}</b>\n\n{}", when(recording), facts(recording));
            match way {
                Way::Here => {}
                Way::Link => text += "\n\n文件太大，聊天里发不了，请用链接下载：拿到链接的人一周内都能下载。",
                Way::Disk => {
                    text += &format!(
                        "\n\n文件太大，聊天里发不了。群播的管理者可以在“recordings”目录里找到它：<code>{}</code>。",
                        recording.name
                    );
                }
            }
            text
        }
        RecordingsView::Film(recording) => format!("<b>🎞 {}</b>\n{}", when(recording), facts(recording)),
        RecordingsView::Deleted(recording) => format!("<b>🗑 已删除 {} 的录像。</b>", when(recording)),
        RecordingsView::Gone => "<b>这段录像已经不在了。</b>".into(),
        RecordingsView::NotHere => {
            "<b>这台服务器不保存录像。</b>\n\n要录像请联系群播的管理者。最近一分钟仍可用 /clip 截取。".into()
        }
        RecordingsView::Unfit => "<b>这段录像聊天里发不了。</b>\n\n请返回，如果有链接，用链接下载。".into(),
    }
}

fn when(recording: &RecordingView) -> String {
    format!("{}（{}时间）", recording.at, zone(&recording.zone))
}

fn facts(recording: &RecordingView) -> String {
    format!("{} · {}", span(recording.name.lasts()), size(recording.bytes))
}

/// 按钮上的一行：日期不带年份。
pub(super) fn short(recording: &RecordingView) -> String {
    format!("{} · {}", recording.at.get(5..).unwrap_or_default(), span(recording.name.lasts()))
}
