//! 开播会怎样：能试的都试过。

use super::{news, refusal, span};
use crate::chat::screen::{Check, Checked, Expiry};
use crate::domain::monitor::Hearing;
use crate::domain::target::Flaw;

/// “测试”按钮的结果。
pub(super) fn tested(name: &str, check: &Check) -> String {
    match check {
        Check::Pending => format!("<b>{name}：正在测试……</b>"),
        Check::Reachable => format!("<b>{name}：服务器接受连接。</b>\n\n密钥是否有效，开播时才知道。"),
        Check::Accepted { .. } => format!("<b>{name}：密钥有效。</b>\n\n{}", what(check)),
        Check::Live => format!("<b>{name} 正在直播中，就不去打扰它了。</b>\n\n发送“状态”查看情况。"),
        Check::Turned(_) => format!("<b>{name} 不接受这个地址。</b>\n\n{}", what(check)),
        Check::Failed { failure, .. } => {
            let short = if failure.is_answer() { "服务器有响应，但拒绝接入" } else { "连不上服务器" };
            format!("<b>{name}：{short}。</b>\n\n{}", what(check))
        }
    }
}

/// /check。
pub(super) fn checked(rows: &[Checked], done: bool, sound: Option<Hearing>) -> String {
    let bad = rows.iter().filter(|row| row.on && (row.check.is_bad() || row.expiry == Some(Expiry::Over))).count();
    let mut text = match (done, bad) {
        (false, _) => format!("<b>正在测试 {} 个平台……</b>\n\n观众看不到这次测试。\n", rows.len()),
        (true, _) if rows.iter().all(|row| !row.on) => "<b>所有平台都已关闭。</b>\n\n打开后会是这样：\n".to_owned(),
        (true, 0) => "<b>可以开播，没有发现问题。</b>\n\n如果现在开播：\n".to_owned(),
        (true, _) => format!("<b>有 {bad} 个平台现在播不出去。</b>\n\n如果现在开播：\n"),
    };
    for Checked { name, on, check, expiry, press } in rows {
        let over = *expiry == Some(Expiry::Over);
        let sign = match check {
            Check::Pending => "⏳",
            Check::Live => "🔴",
            _ if over || check.is_bad() => "⚠️",
            _ if !on => "⚪",
            Check::Accepted { .. } => "✅",
            _ => "🟢",
        };
        let off = if *on { "" } else { "（已关闭）" };
        text += &format!("\n{sign} <b>{name}</b>{off}：{}", what(check));
        match expiry {
            Some(Expiry::Over) => text += "密钥已过期，请到平台获取新的。",
            Some(Expiry::In(left)) => text += &format!("密钥 {}后过期。", span(*left)),
            None => {}
        }
        if let Some(press) = press.as_ref().filter(|_| check.is_ahead()) {
            text += &format!("▶️ {}", super::add::press(press));
        }
    }
    text += &sound.map(|sound| format!("\n\n{}", super::stream::hearing(sound))).unwrap_or_default();
    text
}

/// 一两句话。
pub(super) fn what(check: &Check) -> String {
    match check {
        Check::Pending => "正在测试……".into(),
        Check::Reachable => "服务器接受连接；密钥是否有效，开播时才知道。".into(),
        Check::Accepted { may_notice_later: false } => "已用观众看不到的方式试过，密钥有效。".into(),
        Check::Accepted { may_notice_later: true } => {
            "已用观众看不到的方式试过，密钥被接受。如果密钥有误，对方可能过半分钟才会发现。".into()
        }
        Check::Live => "正在直播中，就不去打扰它了。".into(),
        Check::Turned(words) if words.is_empty() => "服务器有响应，但不接受这个地址，请与平台上的地址核对。".into(),
        Check::Turned(words) => format!("服务器有响应，但不接受这个地址：“{words}”。请与平台上的地址核对。"),
        Check::Failed { failure, meaning } => {
            let cure = meaning.as_ref().map(refusal::cure).unwrap_or_default();
            format!("{}。{cure}", news::failure(failure))
        }
    }
}

/// 上次测试没有通过的平台。
pub(super) fn flaw(flaw: Flaw) -> &'static str {
    match flaw {
        Flaw::Unreachable => "⚠️ 上次测试时连不上",
        Flaw::Refused => "⚠️ 上次测试时被拒绝",
    }
}
