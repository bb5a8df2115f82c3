//! 开播、下播、观看链接。

use super::{news::failure, span};
use crate::chat::said::Said;
use crate::chat::screen::Show;
use crate::chat::view::{ReportView, StateView, size};
use crate::domain::status::Ending;

pub(super) fn show(screen: &Show) -> String {
    match screen {
        Show::NoTargets => "<b>还没有可以开播的平台。</b>\n\n请先添加一个，一分钟就好。".into(),
        Show::KeysOver { names } => {
            format!("<b>没有开播：{} 的串流密钥已过期。</b>\n\n请到那边获取新密钥发给我，再开播。", listed(names))
        }
        Show::AllOff => "<b>所有平台都已关闭。</b>\n\n请用 /targets 打开需要的平台。".into(),
        Show::UnknownNames { names, known } => {
            format!("<b>没有叫 {} 的平台，什么都没有改动。</b>\n\n现有：{}", listed(names), listed(known))
        }
        Show::StopAsk { targets, live_for, studio } => {
            let count = targets.len();
            let place = studio.as_ref().map(|studio| format!("“{studio}”：")).unwrap_or_default();
            match live_for {
                Some(time) if targets.is_empty() => format!("<b>{place}结束直播吗？已播 {}。</b>", span(*time)),
                None if targets.is_empty() => format!("<b>{place}结束直播吗？</b>"),
                Some(time) => {
                    format!("<b>{place}结束 {count} 个平台的直播吗？已播 {}。</b>\n\n{}", span(*time), listed(targets))
                }
                None => format!("<b>{place}结束 {count} 个平台的直播吗？</b>\n\n{}", listed(targets)),
            }
        }
        Show::Said(toast) => format!("<b>{}。</b>", said(&super::toast(toast))),
        Show::Report(report) => self::report(report),
        Show::TakenOut { targets } => format!("<b>已停止：{}。</b>\n\n其他平台继续。", listed(targets)),
        Show::NotInIt { targets } => format!("<b>什么都没有改动。</b>\n\n{} 不在这场直播里。", listed(targets)),
        Show::NotLive => "<b>现在没有直播。</b>".into(),
        Show::Links { links, live } => {
            let mut text = if *live {
                "<b>🔴 正在直播，在这里看：</b>\n".to_owned()
            } else {
                "<b>在这里看：</b>\n".to_owned()
            };
            for link in links {
                text += &super::link(link);
            }
            text
        }
        Show::NoLinks => "<b>还没有观看链接。</b>\n\n管理员可在 /targets → 平台 → 观看链接 中添加。".into(),
    }
}

/// 把一行提示写成消息里的一句话，里面可能有名字。
fn said(line: &str) -> String {
    Said::words(line.trim_end_matches('。')).to_string()
}

pub(super) fn listed(names: &[Said]) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join("、")
}

/// 一场直播的总结。
pub(super) fn report(report: &ReportView) -> String {
    if report.live_for.is_zero() {
        return "<b>已停止。没有画面到来，这场没有播出。</b>".into();
    }
    let mut text = format!("<b>直播已结束，共播出 {}。</b>", span(report.live_for));
    text += match report.ending {
        Ending::Stopped => "",
        Ending::EncoderStopped => "\n推流端停止了推流。",
        Ending::PictureLost => "\n断流后，画面没有及时恢复。",
    };
    if !report.targets.is_empty() {
        text.push('\n');
    }
    for target in &report.targets {
        let name = &target.name;
        let mut line = if target.was_out() {
            format!("\n⚪ <b>{name}</b>：已关闭")
        } else if target.uptime.is_zero() {
            format!("\n🔴 <b>{name}</b>：始终没有推上去")
        } else if matches!(target.state, StateView::Refused { .. }) {
            format!("\n🔴 <b>{name}</b>：{}，之后被拒绝", span(target.uptime))
        } else {
            format!("\n✅ <b>{name}</b>：{}", span(target.uptime))
        };
        if target.sent > 0 {
            line += &format!(" · 已推送 {}", size(target.sent));
        }
        if target.reconnects > 0 {
            line += &format!(" · 重连 {} 次", target.reconnects);
        }
        if target.dropped_frames > 0 {
            line += &format!(" · 丢 {} 帧", target.dropped_frames);
        }
        if let Some(why) = &target.failure {
            line += &format!("\n     {}", failure(why));
        }
        text += &line;
    }
    text
}
