//! 每周直播的时间。

use super::span;
use crate::chat::screen::WeeklyView;
use crate::domain::weekly::Weekly;
use crate::service::Lack;

pub(super) fn weekly(screen: &WeeklyView) -> String {
    match screen {
        WeeklyView::Day(None) => {
            "<b>每周哪天直播？</b>\n\n开播前两小时，我会说明还缺什么，例如 Facebook 本周的密钥，并提醒能提供的人。"
                .into()
        }
        WeeklyView::Day(Some(set)) => format!("<b>每周直播：{}。</b>\n\n要改到哪天？", time(set)),
        WeeklyView::Hour => "<b>几点开始？</b>".into(),
        WeeklyView::Minute => "<b>几分开始？</b>".into(),
        WeeklyView::Zone => "<b>按哪里的时间？</b>\n\n当地进入或结束夏令时，也以当地时间为准。".into(),
        WeeklyView::Set(set) => format!(
            "<b>🗓 每周直播：{}。</b>\n\n开播前两小时，我会说明还缺什么，并提醒能提供的人。我不会自动开播，准备好后请自己开播。",
            time(set)
        ),
        WeeklyView::Off => "<b>已取消每周直播。</b>".into(),
        WeeklyView::Coming { left, none_on: true, .. } => format!(
            "<b>🗓 离开播还有 {}，但没有打开任何平台。</b>\n\n请用 /targets 添加平台，或打开需要的平台。",
            span(*left)
        ),
        WeeklyView::Coming { left, missing, .. } if missing.is_empty() => {
            format!("<b>🗓 离开播还有 {}，密钥都齐了。</b>\n\n准备好后请开播。", span(*left))
        }
        WeeklyView::Coming { left, missing, .. } => {
            let mut text = format!("<b>🗓 离开播还有 {}，还缺 {} 个密钥。</b>\n", span(*left), missing.len());
            for (name, lack, asked) in missing {
                text += &format!("\n• {}", self::lack(&name.to_string(), *lack));
                if let Some(asked) = asked {
                    text += &format!("已提醒 {asked}。");
                }
            }
            text
        }
        WeeklyView::Asked { left, missing, studio } => {
            let place = studio.as_ref().map(|studio| format!("“{studio}”")).unwrap_or_default();
            let mut text = format!("<b>🗓 {place}离开播还有 {}，需要你提供密钥。</b>\n", span(*left));
            for (name, lack) in missing {
                text += &format!("\n• {}", self::lack(&name.to_string(), *lack));
            }
            text + "\n\n请到那边获取，再点下面的按钮发给我。没有也不影响其他平台开播。"
        }
    }
}

fn lack(name: &str, lack: Lack) -> String {
    match lack {
        Lack::KeyUsed => format!("{name} 需要本周的密钥：每个密钥只能用于一场直播。"),
        Lack::KeyEnds => format!("{name} 需要新密钥：现在的密钥在开播前就会过期。"),
    }
}

pub(super) fn time(set: &Weekly) -> String {
    format!("{} {}（{}时间）", day(set.day), clock(set.minute), zone(&set.zone))
}

pub(super) fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

pub(super) fn day(day: u8) -> &'static str {
    const DAYS: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
    DAYS[usize::from(day % 7)]
}

pub(super) fn zone(zone: &str) -> &'static str {
    match zone {
        "Asia/Shanghai" => "北京",
        "Asia/Tokyo" => "东京",
        "Asia/Singapore" => "新加坡",
        "Asia/Kolkata" => "印度",
        "Asia/Dubai" => "迪拜",
        "Europe/Moscow" => "莫斯科",
        "Europe/Berlin" => "柏林、巴黎",
        "Europe/London" => "伦敦",
        "America/Sao_Paulo" => "圣保罗",
        "America/New_York" => "纽约",
        "America/Chicago" => "芝加哥",
        "America/Los_Angeles" => "洛杉矶",
        "Australia/Sydney" => "悉尼",
        _ => "UTC",
    }
}
