//! 观看页：聊天里的话，以及页面上的话。

use crate::chat::screen::WatchView;
use crate::chat::text::PageWords;

pub(super) fn watch(view: &WatchView) -> String {
    match view {
        WatchView::NoAddress => "<b>这台服务器还没有观看页的网址。</b>\n\n请部署者设置 TELECAST_PUBLIC_URL，填观众能打开的 https:// 网址。设好以后，不用任何平台，观众用浏览器就能看。".into(),
        WatchView::Closed { now: true, .. } => {
            "<b>观看页已关闭。</b>\n\n正在看的人已断开。重新打开后，原来的链接继续有效。".into()
        }
        WatchView::Closed { studio, now: false } => {
            let of = studio.as_ref().map(|studio| format!("“{studio}”的")).unwrap_or_default();
            format!(
                "<b>要开一个{of}观看页吗？</b>\n\n拿到链接的人用浏览器就能看直播，手机也可以，比现场晚两三秒，不需要任何平台。最多 50 人同时看，每人占用的带宽和一个转播平台一样多。"
            )
        }
        WatchView::Open { link, watching, studio, renewed } => {
            let head = match (renewed, studio) {
                (true, _) => "<b>这是新链接，旧的已失效。</b>".to_owned(),
                (false, Some(studio)) => format!("<b>“{studio}”的直播可以在这里看：</b>"),
                (false, None) => "<b>观众可以在这里看直播：</b>".to_owned(),
            };
            let now = if *watching > 0 { format!("👀 {watching} 人正在看。\n") } else { String::new() };
            format!("{head}\n\n{link}\n\n{now}开播到下播之间才有画面。拿到链接的人都能看，最多 50 人同时看。")
        }
        WatchView::RenewAsk => "<b>要换新链接吗？</b>\n\n旧链接立即失效，正在看的人会被断开。".into(),
    }
}

pub(super) const PAGE: PageWords = PageWords {
    tag: "zh-CN",
    before: "还没开播，开播后会自动播放。",
    held: "画面暂时中断，请稍候。",
    paused: "直播暂停，恢复后会自动播放。",
    over: "直播已结束。",
    codec: "这个浏览器放不了这种格式的画面，请换个浏览器或设备试试。",
    connecting: "正在连接……",
    sound: "点一下打开声音",
    mute: "静音",
    whole: "全屏",
    watching: "正在观看",
    full: "观看人数已满，有空位时会自动进入。",
    gone: "链接已失效，请向给你链接的人要新的。",
    script: "请允许本页运行 JavaScript。",
};
