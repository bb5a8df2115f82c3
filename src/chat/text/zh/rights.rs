//! 谁来操作群里的导播台、谁改了什么，以及不再操作的人会怎样。

use super::show::listed;
use super::{span, weekly};
use crate::chat::said::Said;
use crate::chat::screen::{ChangeView, OperatorsView, Settings};
use crate::domain::access::Policy;

pub(super) fn settings(Settings { hold, operators }: &Settings) -> String {
    let mut text = if hold.is_zero() {
        "<b>断流后，各平台立即断开。</b>\n\n画面回来后直播会继续，但有的平台会生成新的一场。在推流端按下停止，直播就结束。\n\n要改成断流后保持多久？立即生效，直播中也一样。".to_owned()
    } else {
        format!(
            "<b>断流后，各平台再保持 {}。</b>\n\n这期间平台收到的是你最后的画面和静音，画面回来后直播继续。\n\n要改成多久？立即生效，直播中也一样。",
            span(*hold)
        )
    };
    if let Some(policy) = operators {
        text += &format!("\n\n谁可以操作：{}。", who(*policy));
    }
    text
}

pub(super) fn operators(view: &OperatorsView) -> String {
    let mut text = format!("<b>谁可以操作：{}。</b>", who(view.policy));
    if view.policy == Policy::Named {
        text += &match view.named.is_empty() {
            true => "\n\n还没有指定任何人，目前只有群主可以操作。请点下面的名字。".to_owned(),
            false => format!("\n\n已指定：{}；群主始终可以操作。点名字可以更改。", listed(&view.named)),
        };
    }
    text + "\n\n所有管理员随时都可以下播。只有能任命管理员的人可以更改这一项。不再是操作员的人，推流密钥一分钟内失效。"
}

fn who(policy: Policy) -> &'static str {
    match policy {
        Policy::Any => "所有管理员",
        Policy::Video => "能管理视频聊天的管理员",
        Policy::Named => "指定的管理员",
    }
}

pub(super) fn operators_only(policy: Policy) -> String {
    let who = match policy {
        Policy::Any | Policy::Video => "能管理视频聊天的管理员",
        Policy::Named => "指定的操作员",
    };
    format!(
        "<b>本群只有{who}可以这样做。</b>\n\n你可以下播，也可以查看所有信息。如需操作，请让能任命管理员的人在 /settings 里设置。"
    )
}

pub(super) const APPOINTERS_ONLY: &str =
    "<b>只有能任命管理员的人可以决定谁来操作。</b>\n\n请联系群主，或有权任命管理员的人。";

pub(super) fn changed(who: Option<&Said>, change: &ChangeView) -> String {
    let who = who.map_or("匿名管理员".to_owned(), Said::to_string);
    let what = match change {
        ChangeView::Started => "开播了".to_owned(),
        ChangeView::TookIn(names) => format!("把 {} 加入了直播", listed(names)),
        ChangeView::Stopped => "结束了直播".to_owned(),
        ChangeView::TookOut(names) => format!("让 {} 退出了直播", listed(names)),
        ChangeView::KeptOnAir => "让各平台继续保持".to_owned(),
        ChangeView::Added(name) => format!("添加了 {name}"),
        ChangeView::Removed(name) => format!("移除了 {name}"),
        ChangeView::Restored(name) => format!("恢复了 {name}"),
        ChangeView::Switched(name, true) => format!("打开了 {name}"),
        ChangeView::Switched(name, false) => format!("关闭了 {name}"),
        ChangeView::Renamed { from, to } => format!("把 {from} 改名为 {to}"),
        ChangeView::Rekeyed(name) => format!("更换了 {name} 的密钥"),
        ChangeView::Moved(name) => format!("更换了 {name} 的服务器"),
        ChangeView::Reordered(name, true) => format!("把 {name} 上移了一位"),
        ChangeView::Reordered(name, false) => format!("把 {name} 下移了一位"),
        ChangeView::Linked(name, true) => format!("设置了 {name} 的观看链接"),
        ChangeView::Linked(name, false) => format!("删除了 {name} 的观看链接"),
        ChangeView::Hold(time) if time.is_zero() => "设为断流时立即暂停".to_owned(),
        ChangeView::Hold(time) => format!("设为断流后保持 {}", span(*time)),
        ChangeView::Language(lang) => format!("把本群的语言设为“{}”", lang.name()),
        ChangeView::Policy(Policy::Any) => "设为所有管理员都可以操作".to_owned(),
        ChangeView::Policy(Policy::Video) => "设为只有能管理视频聊天的管理员可以操作".to_owned(),
        ChangeView::Policy(Policy::Named) => "设为只有指定的管理员可以操作".to_owned(),
        ChangeView::Named(Some(name), true) => format!("指定了 {name} 为操作员"),
        ChangeView::Named(Some(name), false) => format!("取消了 {name} 的操作权限"),
        ChangeView::Named(None, true) => "多指定了一位操作员".to_owned(),
        ChangeView::Named(None, false) => "取消了一位操作员的操作权限".to_owned(),
        ChangeView::Pulled(true) => "设置了拉流地址".to_owned(),
        ChangeView::Pulled(false) => "停止了拉流".to_owned(),
        ChangeView::Shared(true) => "允许别人拉流观看".to_owned(),
        ChangeView::Shared(false) => "关闭了拉流观看".to_owned(),
        ChangeView::WatchPage(true) => "打开了观看页".to_owned(),
        ChangeView::WatchPage(false) => "关闭了观看页".to_owned(),
        ChangeView::WatchPageRenewed => "更换了观看页的链接".to_owned(),
        ChangeView::ReadKeyRenewed => "更换了播放密钥".to_owned(),
        ChangeView::Weekly(Some(time)) => format!("把每周直播设为{}", weekly::time(time)),
        ChangeView::Weekly(None) => "取消了每周直播".to_owned(),
        ChangeView::Announces(place, true) => format!("设为在“{place}”发开播通知"),
        ChangeView::Announces(place, false) => format!("取消了在“{place}”的开播通知"),
        ChangeView::Pinned(true) => "设为直播时置顶状态面板".to_owned(),
        ChangeView::Pinned(false) => "设为不再置顶状态面板".to_owned(),
        ChangeView::Recorded(true) => "打开了直播录制".to_owned(),
        ChangeView::Recorded(false) => "关闭了直播录制".to_owned(),
        ChangeView::RecordingDeleted => "删除了一段录像".to_owned(),
        ChangeView::Duty(true) => "开始值班：需要处理的事会私聊响铃提醒".to_owned(),
        ChangeView::Duty(false) => "结束了值班".to_owned(),
    };
    format!("<b>👤 {who}</b> {what}。")
}

pub(super) fn withdrawn(name: &Said, by: Option<&Said>, others: bool) -> String {
    let who = by.map_or("密钥的主人".to_owned(), |by| format!("{by} "));
    let go_on = if others { "\n\n其他平台不受影响。" } else { "" };
    format!("<b>{name} 已移除：{who}收回了串流密钥。</b>{go_on}")
}

pub(super) fn lost(who: Option<&Said>, cut: bool) -> String {
    let who = who.map_or("有人".to_owned(), Said::to_string);
    if cut {
        format!(
            "<b>⚠️ {who} 不再是操作员，我已断开对方的推流。</b>\n\n如果正在直播，各平台会继续保持，等其他操作员用自己的密钥推流接上：/ingest。"
        )
    } else {
        format!("<b>👤 {who}</b> 不再是操作员，对方的推流密钥已失效。")
    }
}

pub(super) fn yours_lost(cut: bool, studio: Option<&Said>) -> String {
    let place = studio.map_or("那里".to_owned(), |studio| format!("“{studio}”"));
    let camera = if cut { "你的推流已断开，推流密钥" } else { "你的推流密钥" };
    format!(
        "<b>你不再是{place}的操作员。</b>\n\n{camera}在那里已失效。你借出的串流密钥仍然归你：/mykeys 可以查看，随时可以收回。"
    )
}

pub(super) fn thrown_out(studio: Option<&Said>) -> String {
    let place = studio.map_or("群里".to_owned(), |studio| format!("“{studio}”"));
    format!(
        "<b>⚠️ 直播还在进行，我却被移出了{place}。</b>\n\n只要推流不停，直播就会继续，之后自动结束。你随时可以在这里下播；其他操作请先把我重新拉进群。"
    )
}
