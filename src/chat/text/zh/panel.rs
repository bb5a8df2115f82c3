//! 状态面板。

use super::{news::failure, show::listed, sources, span, stream::hearing};
use crate::chat::view::{PageView, PanelView, PhaseView, PullView, Reach, SourceView, StateView, TargetView};

/// 一行里最多写出几个平台。
const NAMED: usize = 2;

pub(super) fn panel(view: &PanelView) -> String {
    let mut text = match view.phase {
        PhaseView::Idle => "<b>⚪ 未开播</b>".to_owned(),
        PhaseView::Waiting { left, again: false } if view.pull.is_some() => {
            format!("<b>🟡 等待画面</b>\n拉到画面就自动开播，最多再等 {}。", span(left))
        }
        PhaseView::Waiting { left, again: false } => {
            format!("<b>🟡 等待推流</b>\n画面一到就自动开播，最多再等 {}。", span(left))
        }
        PhaseView::Waiting { left, again: true } => {
            format!("<b>🟡 我刚重启过，正在等待推流</b>\n推流恢复就继续直播，最多再等 {}。", span(left))
        }
        PhaseView::Live { lasted } => format!("<b>{}</b>", live(&span(lasted), &view.reach())),
        PhaseView::Held { lasted, left } => {
            format!("<b>🟠 断流保护中：画面断了，各平台还保持着</b>\n已播 {}，再保持 {}。", span(lasted), span(left))
        }
        PhaseView::Paused { left } => {
            format!("<b>🟠 已暂停：画面断了</b>\n各平台已断开。{}内恢复推流，就继续直播。", span(left))
        }
        PhaseView::Asleep => "<b>🟠 我重启过，直播中断了</b>\n继续，还是结束？".to_owned(),
    };
    let pulled = view.pull.as_ref().and_then(sources::pull);
    text += &match &view.source {
        Some(source) if view.pull == Some(PullView::Receiving) => format!("\n📷 拉流：{}", self::source(source)),
        Some(source) => {
            let whose = view.publisher.as_ref().map(|name| format!("{name}：")).unwrap_or_default();
            format!("\n📷 {whose}{}", self::source(source))
        }
        None => format!("\n{}", pulled.unwrap_or_else(|| "📷 没有信号源".to_owned())),
    };
    // 完全没有声音时，上一行已经写明。
    let sounds = view.source.as_ref().is_some_and(|source| source.audio.is_some());
    text += &view.hearing.filter(|_| sounds).map(|heard| format!("\n{}", hearing(heard))).unwrap_or_default();
    if view.viewers > 0 {
        text += &format!("\n👁 正在拉流观看：{}", view.viewers);
    }
    if view.recording {
        text += "\n⏺ 录制中";
    }
    if let Some(watching @ 1..) = view.watching {
        text += &format!("\n👀 观看页：{watching} 人在看");
    }
    if !view.on_duty.is_empty() {
        text += &format!("\n🔔 值班：{}", listed(&view.on_duty));
    }
    text.push('\n');
    for target in &view.targets {
        text += &line(target);
    }
    if view.targets.is_empty() {
        text += "\n还没有转播平台：/addtarget";
    }
    if view.targets.iter().any(|target| target.state == StateView::Sending(PageView::Missing)) {
        text += "\n\nℹ️ “推流正常”指平台在接收画面；观众是否可见，我无法向它查询。";
    }
    if view.targets.iter().any(|target| target.state == StateView::Sending(PageView::Recording)) {
        text += "\n\nℹ️ 直播页在播录像时，观众看到的不是你现在的画面。请到该平台关闭轮播或录像，或者在那里点开播。";
    }
    if !view.links.is_empty() {
        text += "\n\n<b>观看链接</b>";
        for link in &view.links {
            text += &super::link(link);
        }
    }
    text
}

/// 结论，消息预览里看得到。
fn live(lasted: &str, reach: &Reach) -> String {
    match reach {
        Reach::All(0) => format!("🔴 直播中 · {lasted} · 没有平台"),
        Reach::All(up) => format!("🔴 直播中 · {lasted} · {up} 个平台"),
        Reach::NotOn(names, _) if names.len() <= NAMED => format!("🟠 直播中 · {lasted} · {} 没有播出", listed(names)),
        Reach::NotOn(names, of) => format!("🟠 直播中 · {lasted} · {of} 个平台中有 {} 个没有播出", names.len()),
        Reach::OwnPage => format!("🔴 直播中 · {lasted} · 在观看页"),
        Reach::Connecting => format!("🟡 直播中 · {lasted} · 正在连接"),
    }
}

/// 信号源的画面和声音。
pub(super) fn source(source: &SourceView) -> String {
    let mut parts = Vec::new();
    if let Some((width, height)) = source.size {
        parts.push(format!("{width}×{height}"));
    }
    parts.extend(source.fps.map(|fps| format!("{fps} 帧/秒")));
    parts.extend(source.video.map(str::to_owned));
    parts.push(source.audio.map_or("没有声音".to_owned(), str::to_owned));
    if source.kbps > 0 {
        parts.push(format!("{} kbit/s", source.kbps));
    }
    parts.join(" · ")
}

fn sending(page: PageView) -> (&'static str, String) {
    let told = match page {
        PageView::Missing => "推流正常".to_owned(),
        PageView::Soon(Some(usual)) => format!("推流正常，观众还看不到，通常最多等 {}", span(usual)),
        PageView::Soon(None) => "推流正常，观众还看不到，可能要等一两分钟".to_owned(),
        PageView::NotSeen => "推流正常，直播页上还没看到开播".to_owned(),
        PageView::Recording => return ("🟠", "推流正常，但直播页正在播录像".to_owned()),
        PageView::Silent => "推流正常，直播页没有回应，无法确认观众能否看到".to_owned(),
    };
    ("🟢", told)
}

fn line(target: &TargetView) -> String {
    let name = &target.name;
    let (icon, state) = match target.state {
        StateView::Off => ("⚪", "已关闭".to_owned()),
        StateView::Ready => ("⚪", "就绪".to_owned()),
        StateView::Waiting => ("🟡", "等待画面".to_owned()),
        StateView::Connecting => ("🟡", "连接中".to_owned()),
        StateView::Accepted => ("🟡", "已接受，开始推流".to_owned()),
        StateView::Sending(page) => sending(page),
        StateView::OnAir => ("🟢", "观众可见".to_owned()),
        StateView::Slow => ("🟠", "跟不上，正在丢帧".to_owned()),
        StateView::Reconnecting { attempt, left } => ("🟠", format!("重连中，{}后第 {attempt} 次尝试", span(left))),
        StateView::Refused { retry: Some(left) } if target.turn.is_some() => {
            ("🔵", format!("等你点开播，{}后再试", span(left)))
        }
        StateView::Refused { retry: Some(left) } => ("🔴", format!("被拒绝，{}后再试", span(left))),
        StateView::Refused { retry: None } => ("🔴", "被拒绝".to_owned()),
    };
    let mut text = format!("\n{icon} <b>{name}</b> · {state}");
    let up = matches!(target.state, StateView::Accepted | StateView::Sending(_) | StateView::OnAir | StateView::Slow);
    let mut figures = Vec::new();
    if up {
        figures.push(format!("{} kbit/s", target.kbps));
        figures.extend((!target.uptime.is_zero()).then(|| span(target.uptime)));
    }
    if target.dropped_frames > 0 {
        figures.push(format!("丢 {} 帧", target.dropped_frames));
    }
    if !figures.is_empty() {
        text += &format!("\n     {}", figures.join(" · "));
    }
    if let Some(title) = &target.title {
        text += &format!("\n     “{title}”");
    }
    if let Some(turn) = &target.turn {
        text += &format!("\n     👉 {}", turn.zh);
    } else if let Some(why) = &target.failure {
        text += &format!("\n     {}", failure(why));
    }
    text
}
