//! 给部署者看的：服务器上有谁、用了多少，以及为什么现在不能开播。

use super::span;
use crate::chat::screen::{Host, InviteLine, Overview, StudioLine};
use crate::domain::quota::{Denied, Limit};

pub(super) fn host(screen: &Host) -> String {
    match screen {
        Host::Overview(all) => overview(all),
        Host::Studios { rows, search, page, pages, count } => {
            let mut text = match search {
                Some(search) => format!("<b>名字里有“{search}”的导播台：{count} 个</b>"),
                None => format!("<b>共 {count} 个导播台</b>"),
            };
            if *pages > 1 {
                text += &format!("，第 {page} 页，共 {pages} 页");
            }
            text += "\n\n要查找，请发送 /admin 加上名字的一部分。\n";
            rows.iter().for_each(|row| text += &format!("\n{}", line(row)));
            text
        }
        Host::Studio(studio) => self::studio(studio),
        Host::StopAsk { name, targets: 0 } => {
            format!("<b>要结束 {name} 的直播吗？</b>\n\n对方会知道是你结束的。")
        }
        Host::StopAsk { name, targets } => {
            format!("<b>要结束 {name} 在 {targets} 个平台上的直播吗？</b>\n\n对方会知道是你结束的。")
        }
        Host::Stopped { name } => format!("<b>{name} 的直播已结束。</b>\n\n已告知对方是你结束的。"),
        Host::LimitAsk { name, limit: Limit::Targets } => {
            format!("<b>{name} 最多可以有几个平台？</b>\n\n已有的平台不受影响。")
        }
        Host::LimitAsk { name, limit: Limit::Mbps } => {
            format!("<b>{name} 的一场直播，所有平台合计最多用多少带宽？</b>\n\n下次开播起生效。")
        }
        Host::LimitAsk { name, limit: Limit::Hours } => {
            format!("<b>{name} 每月最多直播几小时？</b>\n\n正在进行的直播不会被中断。")
        }
        Host::Invites { rows } if rows.is_empty() => {
            "<b>目前没有邀请链接。</b>\n\n打开邀请链接的人不用申请就能使用。给几个人或群用？多久有效？".into()
        }
        Host::Invites { rows } => {
            let count = rows.len();
            let mut text = format!(
                "<b>有 {count} 个邀请链接。</b>\n\n打开的人不用申请就能使用。收回链接后，已经进来的人不受影响。\n"
            );
            for (number, InviteLine { left, lasts }) in (1..).zip(rows) {
                text += &format!("\n{number}. 还能用 {left} 次，{}后失效", span(*lasts));
            }
            text
        }
        Host::Invited { link, group_link, uses, lasts } => format!(
            "<b>邀请链接已生成：可用 {uses} 次，{}内有效。</b>\n\n给个人：{link}\n拉我进群：{group_link}\n\n拿到链接的人都能使用，请只发给你想邀请的人。",
            span(*lasts)
        ),
        Host::Requests { count: 0 } => "<b>没有待处理的申请。</b>".into(),
        Host::Requests { count } => format!("<b>有 {count} 个申请等你处理。</b>\n\n点名字回复。"),
        Host::Blocked { name } => format!("<b>以后不会再收到 {name} 的申请。</b>\n\n对方不会得到通知。"),
        Host::Drained => {
            "<b>所有直播都已结束，现在可以升级服务器了。</b>\n\n重启之前不会有新的直播，重启后恢复正常。".into()
        }
    }
}

fn overview(all: &Overview) -> String {
    let Overview { live, more, studios, kbps, cap_kbps, bytes, draining } = all;
    let shows = live.len() + more;
    let mut text = match shows {
        0 => "<b>现在没有人在直播。</b>".to_owned(),
        _ => format!("<b>{shows} 场直播，共 {}。</b>", mbit(*kbps)),
    };
    text += &format!("\n\n{studios} 个导播台 · 本月 {}", gigabytes(*bytes));
    if let Some(cap) = cap_kbps {
        text += &format!("\n服务器最多能发 {}。用满后新的直播需要等待，已有的不会中断。", mbit(u64::from(*cap)));
    }
    if *draining {
        text += match shows {
            0 => "\n\n🚧 暂停开播。所有直播都已结束，现在可以升级。",
            _ => "\n\n🚧 暂停开播。正在进行的直播不受影响，最后一场结束后我会告诉你。",
        };
    }
    if shows > 0 {
        text += "\n";
    }
    live.iter().for_each(|row| text += &format!("\n{}", line(row)));
    if *more > 0 {
        text += &format!("\n……还有 {more} 场");
    }
    text
}

fn line(studio: &StudioLine) -> String {
    let StudioLine { name, targets, kbps, bytes, .. } = studio;
    let sent = gigabytes(*bytes);
    match studio {
        StudioLine { let_in: false, .. } => format!("<b>🚫 {name}</b> · 已停用"),
        StudioLine { live_for: Some(time), .. } => {
            format!("<b>🔴 {name}</b> · {} · {targets} 个平台 · {} · 本月 {sent}", span(*time), mbit(u64::from(*kbps)))
        }
        StudioLine { on: true, .. } => format!("<b>⏳ {name}</b> · 暂无画面 · {targets} 个平台 · 本月 {sent}"),
        _ => format!("<b>⚪ {name}</b> · {targets} 个平台 · 本月 {sent}"),
    }
}

fn studio(studio: &StudioLine) -> String {
    let limit =
        |value: Option<u32>, unit: &str| value.map_or("不限".to_owned(), |value| format!("最多 {value} {unit}"));
    let kind = if studio.group { "群组导播台" } else { "个人导播台" };
    format!(
        "{}\n\n{kind}，本月已直播 {} 小时。\n\n平台：{}\n每场带宽：{}\n每月时长：{}",
        line(studio),
        studio.hours,
        limit(studio.quota.targets, "个"),
        limit(studio.quota.mbps, "Mbit/s"),
        limit(studio.quota.hours, "小时")
    )
}

pub(super) fn denied(denied: Denied) -> String {
    match denied {
        Denied::Draining => {
            "<b>没有开播：服务器即将升级。</b>\n\n正在进行的直播不受影响，新的直播要等升级完成。请稍后再试。".into()
        }
        Denied::Memory => {
            "<b>没有开播：服务器内存紧张。</b>\n\n剩余的内存要留给正在进行的直播。请过一会儿再试；部署者可以在日志里看到原因。".into()
        }
        Denied::HostFull => {
            "<b>没有开播：服务器的带宽已用满。</b>\n\n其他人正在直播，我不会中断他们。请等有人下播后再试，或减少平台、降低码率。".into()
        }
        Denied::Mbps { mbps } => format!(
            "<b>没有开播：这个导播台所有平台合计最多 {mbps} Mbit/s。</b>\n\n按现在的码率和平台数会超出。请减少平台或降低码率，也可以联系部署者。"
        ),
        Denied::Hours { hours } => format!(
            "<b>没有开播：这个导播台本月的 {hours} 小时已用完。</b>\n\n部署者可以增加时长；每月 1 日（UTC）重新计算。"
        ),
    }
}

pub(super) fn denied_short(denied: Denied) -> String {
    match denied {
        Denied::Draining => "服务器即将升级，暂时不能开播。正在进行的直播不受影响，请稍后再试。".into(),
        Denied::Memory => "服务器内存紧张，要先保证正在进行的直播。请过一会儿再试。".into(),
        Denied::HostFull => "服务器的带宽已用满，我不会中断别人的直播。请等有人下播后再试，或减少平台。".into(),
        Denied::Mbps { mbps } => format!("这个导播台所有平台合计最多 {mbps} Mbit/s。请减少平台或降低码率。"),
        Denied::Hours { hours } => format!("这个导播台本月的 {hours} 小时已用完，部署者可以增加。"),
    }
}

/// `18 Mbit/s`，不到十的多一位小数。
fn mbit(kbps: u64) -> String {
    if kbps < 10_000 {
        format!("{}.{} Mbit/s", kbps / 1000, kbps % 1000 / 100)
    } else {
        format!("{} Mbit/s", kbps / 1000)
    }
}

/// `2.4 GB`，十以上不带小数。
fn gigabytes(bytes: u64) -> String {
    let tenths = bytes.div_ceil(100_000_000);
    if bytes == 0 {
        "0 GB".into()
    } else if tenths < 100 {
        format!("{}.{} GB", tenths / 10, tenths % 10)
    } else {
        format!("{} GB", tenths / 10)
    }
}
