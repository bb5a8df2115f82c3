//! 拉流，以及允许别人拉流观看。

use super::news::failure;
use crate::chat::screen::{Played, PullCheck, Pulled};
use crate::chat::view::{FailureView, PullFailureView, PullView};
use crate::domain::rtmp_url::UrlFault;
use crate::domain::status::LoginFault;

const HOW: &str = "开播后我从这里拉流，直到下播。如果有摄像机或 OBS 向我推流，以推流为准；推流停了，再继续拉流。";

pub(super) fn pulled(screen: &Pulled) -> String {
    match screen {
        Pulled::Ask { studio } => {
            let of = studio.as_ref().map(|studio| format!("“{studio}”")).unwrap_or_default();
            format!(
                "<b>{of}从哪个地址拉流？</b>\n\n请发送播放（拉流）地址，形如 rtmp://host/live/name，也可以是 rtmps:// 开头。\n{HOW}\n我读完会立刻删除你的消息。"
            )
        }
        Pulled::Is { from, studio } => {
            let of = studio.as_ref().map(|studio| format!("“{studio}”")).unwrap_or_default();
            format!("<b>{of}已设置拉流。</b>\n\n拉流地址：<code>{from}</code>\n{HOW}")
        }
        Pulled::Saved { from, deleted, check } => {
            let (head, more) = match check {
                PullCheck::Pending => ("已保存，正在试拉……", String::new()),
                PullCheck::Plays => ("已保存，这个地址有画面。", HOW.to_owned()),
                PullCheck::Failed(why) => (
                    "已保存，但现在拉不到画面。",
                    format!("⚠️ {}。开播后我会一直重试，直到拉到为止。", pull_failure(why)),
                ),
                PullCheck::Live => ("已保存，正在改从这里拉流。", "发送“状态”查看进展。".to_owned()),
            };
            let gone = if *deleted {
                "🗑 含有地址的消息已删除。"
            } else {
                "⚠️ 含有地址的消息没能删除；如果地址里有密钥，请你手动删除。"
            };
            let more = if more.is_empty() { more } else { format!("{more}\n") };
            format!("<b>{head}</b>\n\n拉流地址：<code>{from}</code>\n{more}\n{gone}")
        }
        Pulled::Fault(fault) => format!("<b>{}</b>\n\n请重新发送，或用 /cancel 取消。", self::fault(*fault)),
        Pulled::Stopped => "<b>已停止拉流。</b>\n\n现在只用摄像机、手机或 OBS 推流：/ingest".into(),
    }
}

fn fault(fault: UrlFault) -> &'static str {
    match fault {
        UrlFault::Empty | UrlFault::Scheme => "拉流地址应以 rtmp:// 或 rtmps:// 开头。",
        UrlFault::TooLong => "这个地址太长了。",
        UrlFault::WebPage => "这是网页。我需要的是 rtmp:// 开头的播放地址。",
        UrlFault::Malformed => "无法识别这个地址。",
        UrlFault::NoApp => "地址末尾缺了一段，完整的形如 rtmp://host/live/name。",
    }
}

pub(super) fn played(screen: &Played) -> String {
    match screen {
        Played::Off { cut: true, .. } => {
            "<b>已关闭，别人不能再拉流观看。</b>\n\n正在观看的已断开。重新打开后，原来的地址继续有效。".into()
        }
        Played::Off { studio, cut: false } => {
            let of = studio.as_ref().map(|studio| format!("“{studio}”的")).unwrap_or_default();
            format!(
                "<b>允许别人拉取{of}这路流吗？</b>\n\n我会给你一个带专用密钥的播放地址，可用于 VLC、OBS、ffmpeg 或其他服务器。用它不能推流，最多 10 路同时观看。"
            )
        }
        Played::On { url, tls_url, studio, renewed } => {
            let of = studio.as_ref().map(|studio| format!("“{studio}”：")).unwrap_or_default();
            let mut text = if *renewed {
                "<b>这是新的播放密钥，旧的已失效。</b>\n\n".to_owned()
            } else {
                format!("<b>{of}别人可以拉流观看了。</b>\n\n")
            };
            text += &format!("播放地址：<tg-spoiler><code>{url}</code></tg-spoiler>");
            if let Some(tls) = tls_url {
                text += &format!("\n加密地址：<tg-spoiler><code>{tls}</code></tg-spoiler>");
            }
            text + "\n\n拿到地址的人只要有画面就能看到，开播前也一样；用它不能推流。最多 10 路同时观看。"
        }
        Played::RenewAsk => "<b>要换新的播放密钥吗？</b>\n\n旧密钥立即失效，正在用它观看的会被断开。".into(),
    }
}

/// 面板上关于拉流的一行。
pub(super) fn pull(view: &PullView) -> Option<String> {
    Some(match view {
        PullView::Connecting => "📷 拉流：连接中".to_owned(),
        PullView::Waiting => "📷 拉流：已连上，那边还没有画面".to_owned(),
        PullView::Retrying { attempt, left, why } => {
            let why = why.as_ref().map(|why| format!("\n     {}", pull_failure(why))).unwrap_or_default();
            format!("📷 拉不到画面，{}后第 {attempt} 次尝试{why}", super::span(*left))
        }
        PullView::Receiving | PullView::Resting => return None,
    })
}

/// 拉不到画面的原因，句末不带标点。
fn pull_failure(why: &PullFailureView) -> String {
    match why {
        PullFailureView::Refused(words) if words.is_empty() => "对方服务器拒绝播放".into(),
        PullFailureView::Refused(words) => format!("对方服务器拒绝播放：“{words}”"),
        PullFailureView::Login(LoginFault::Needed) => {
            "对方要求用户名和密码，请把两者写进地址再发一次，形如 rtmp://用户名:密码@host/live/name".into()
        }
        PullFailureView::Login(fault) => failure(&FailureView::Login(*fault)),
        PullFailureView::Ended => "对方服务器说这路流已结束".into(),
        PullFailureView::Silent => "已连上，但没有画面传来".into(),
        PullFailureView::Lost(loss) => failure(loss),
    }
}
