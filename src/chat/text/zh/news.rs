//! 主动通知，以及平台失败的原因。

use super::{forewarn, panel::source, refusal, rights, show::listed, show::report, span, stream};
use crate::chat::advice::Meaning;
use crate::chat::said::Said;
use crate::chat::screen::{News, TroubleView};
use crate::chat::view::FailureView;
use crate::domain::status::{Barred, LoginFault};

pub(super) fn news(news: &News) -> String {
    match news {
        News::SourceSeen { source: seen, studio } => {
            format!("<b>📷 {}收到画面了。</b>\n\n{}\n观众还看不到。现在开播吗？", of(studio), source(seen))
        }
        News::Held { clean: true, hold, studio, .. } => {
            format!("<b>⏸ {}推流端已停止推流。</b>\n\n各平台再保持 {}，之后直播结束。", of(studio), span(*hold))
        }
        News::SourceUnstable { studio } => format!(
            "<b>🟠 {}画面时断时续，五分钟内断了三次。</b>\n\n每次断流我都会让各平台保持，画面稳定五分钟后告诉你。请检查推流端的网络；降低码率也许有帮助。",
            of(studio)
        ),
        News::Kept { hold, studio } => format!(
            "<b>🟠 {}断流保护中，各平台再保持 {}。</b>\n\n画面回来立即继续；到时还没有画面，直播就会暂停。",
            of(studio),
            span(*hold)
        ),
        News::NotRecorded { full, studio } => {
            let why = if *full { "录像空间满了" } else { "服务器磁盘写不进去" };
            format!(
                "<b>⏺ {}录制停止了：{why}。</b>\n\n直播不受影响，已录的部分都在。要继续录制，请先删掉旧录像，再关闭并重新打开录制：/recordings。",
                of(studio)
            )
        }
        News::HoldEnding { hold, studio } => format!(
            "<b>⚠️ {}画面还没回来，一分钟后直播将暂停。</b>\n\n到时各平台会断开。是否再保持 {}？",
            of(studio),
            span(*hold)
        ),
        News::Held { clean: false, hold, sound_only, studio } => {
            let mut text = format!(
                "<b>⚠️ {}画面断了。</b>\n\n断流保护中：各平台再保持 {}，画面回来立即继续。请检查摄像机、OBS 和网络。",
                of(studio),
                span(*hold)
            );
            if *sound_only {
                text += "\n\n这期间没法定格你最后的画面，有的平台可能会提前断开。下次请在推流端设置：关键帧间隔 2 秒，使用封闭 GOP（closed GOP），关闭帧内刷新（intra refresh）。";
            }
            text
        }
        News::HeldPulled { hold, sound_only, studio } => {
            let mut text = format!(
                "<b>⚠️ {}画面断了。</b>\n\n断流保护中：各平台再保持 {}，画面回来立即继续。我会一直重试拉流；请检查对方服务器，如果刚才在推流，也请检查摄像机或 OBS。",
                of(studio),
                span(*hold)
            );
            if *sound_only {
                text += "\n\n这期间没法定格你最后的画面，有的平台可能会提前断开。";
            }
            text
        }
        News::Resumed { after, studio } => format!("<b>✅ {}画面恢复了，中断 {}。</b>", of(studio), span(*after)),
        News::Paused { left, new, maybe, studio } => {
            let mut text = format!(
                "<b>⏸ {}直播已暂停，画面断了。</b>\n\n各平台已断开。{}内恢复推流，直播会继续。",
                of(studio),
                span(*left)
            );
            if !new.is_empty() {
                text += &format!("\n会生成新的一场：{}", listed(new));
            }
            if !maybe.is_empty() {
                text += &format!("\n可能生成新的一场：{}", listed(maybe));
            }
            text
        }
        News::Trouble { name, trouble, meaning, others, studio } => {
            self::trouble(name, trouble, meaning.as_ref(), *others, studio)
        }
        News::Recovered { name, after, studio } => {
            format!("<b>✅ {}{name} 恢复了，中断 {}。</b>", of(studio), span(*after))
        }
        News::Stream { finding, studio } => stream::found(*finding, &of(studio)),
        News::Withdrawn { name, by, others } => rights::withdrawn(name, by.as_ref(), *others),
        News::LostRight { who, cut } => rights::lost(who.as_ref(), *cut),
        News::YourRightLost { cut, studio } => rights::yours_lost(*cut, studio.as_ref()),
        News::ThrownOut { studio } => rights::thrown_out(studio.as_ref()),
        News::OnDuty { on: true, studio } => format!(
            "<b>🔔 {}你在值班。</b>\n\n直播有事需要处理时，我会在这里响铃提醒你；随时可以静音一小时。",
            of(studio)
        ),
        News::OnDuty { on: false, studio } => {
            format!("<b>{}你已结束值班。</b>\n\n你自己开的直播需要处理时，我仍会提醒你。", of(studio))
        }
        News::NobodyCalled => "<b>🔔 直播有事需要处理，但我私聊不到任何人。</b>\n\n开播的人没有私聊过我，或者已不再是操作员。谁来值班？点下面的按钮，之后需要处理的事我会私聊响铃提醒；群里只发消息，不响铃。".to_owned(),
        News::NotAnnounced { place } => format!(
            "<b>📣 无法再在“{place}”发开播通知：我被移出了、没有发消息的权限，或者那里的管理员取消了。</b>\n\n要继续，请重新添加我（频道里需要能发消息的管理员）：私聊发送 /announce 即可设置。"
        ),
        News::Changed { who, change } => rights::changed(who.as_ref(), change),
        News::Forewarned { cautions, studio } => forewarn::forewarned(cautions, &of(studio)),
        News::StaleKey { studio } => format!(
            "<b>⚠️ {}有推流端在用你的旧密钥，或者密钥不完整。</b>\n\n我没有让它连上。如果是你，请重新复制完整的密钥。",
            of(studio)
        ),
        News::Contested { studio } => format!(
            "<b>⚠️ {}有两个推流端在互相抢占。</b>\n\n我保留正在推流的那个，在它停下之前不让另一个连上。请停掉不需要的那个；如果不是你的，请换一个新密钥。",
            of(studio)
        ),
        News::WaitExpired { studio } => {
            format!("<b>{}一直没等到画面，已停止等待。</b>\n\n推流准备好后，请再次开播。", of(studio))
        }
        News::Ended { report: view } => report(view),
        News::EndedByHost { report: view } => {
            format!("<b>⏹ 部署者结束了你的直播。</b>\n\n{}\n\n如有疑问，请联系部署者。", report(view))
        }
        News::ResumeAsked { still, studio } => {
            format!("<b>{}我重启过，直播已中断 {}。</b>\n\n要继续吗？", of(studio), span(*still))
        }
    }
}

fn go_on(others: bool) -> &'static str {
    if others { "其他平台不受影响。" } else { "" }
}

fn of(studio: &Option<Said>) -> String {
    studio.as_ref().map(|studio| format!("“{studio}”：")).unwrap_or_default()
}

fn trouble(
    name: &Said,
    trouble: &TroubleView,
    meaning: Option<&Meaning>,
    others: bool,
    studio: &Option<Said>,
) -> String {
    let (studio, go_on) = (of(studio), go_on(others));
    let (trying, losing) = if others {
        ("我会一直重连，其他平台不受影响。", "这个平台会丢一些帧，其他平台不受影响。")
    } else {
        ("我会一直重连。", "这个平台会丢一些帧。")
    };
    match trouble {
        TroubleView::Refused { words } => refusal::refused(name, words, meaning, go_on, &studio),
        TroubleView::Codec(codec) => format!(
            "<b>🔴 {studio}{name} 不支持 {codec}，我没有推到那里。</b>\n\n推过去观众也看不到画面。{go_on}请在 OBS 的“设置 → 输出 → 视频编码器”里选 H.264，改好后我会自动推到那里。"
        ),
        TroubleView::KeyOver => format!(
            "<b>🔴 {studio}{name} 的串流密钥已过期，我没有推到那里。</b>\n\n{go_on}请到那边获取新密钥，再点“换密钥”，把它发给我。"
        ),
        TroubleView::Login(fault) => login(name, *fault, go_on, &studio),
        TroubleView::Lost(Some(why)) => {
            let say = meaning.map(refusal::cure).unwrap_or_default();
            format!("<b>🟠 {studio}连不上 {name}。</b>\n\n{}。{trying}{say}", failure(why))
        }
        TroubleView::Lost(None) => format!("<b>🟠 {studio}连不上 {name}。</b>\n\n{trying}"),
        TroubleView::Slow => {
            format!("<b>🟠 {studio}{name} 跟不上你的推流。</b>\n\n{losing}降低码率会有帮助。")
        }
        TroubleView::Unstable(Some(why)) => format!(
            "<b>🟠 {studio}{name} 不稳定，五分钟内断了三次。</b>\n\n{}。我会一直重连，稳定五分钟后告诉你。",
            failure(why)
        ),
        TroubleView::Unstable(None) => {
            format!("<b>🟠 {studio}{name} 不稳定，五分钟内断了三次。</b>\n\n我会一直重连，稳定五分钟后告诉你。")
        }
    }
}

fn login(name: &Said, fault: LoginFault, go_on: &str, studio: &str) -> String {
    let form = "<code>rtmp://用户名:密码@服务器/应用名</code>";
    let (what, cure) = match fault {
        LoginFault::Needed => {
            ("要求用户名和密码", format!("请点“换密钥”，把写上这两项的服务器地址（{form}）和串流密钥一起发给我。"))
        }
        LoginFault::WrongPassword => (
            "不认可用户名或密码",
            format!("请到那边核对，再点“换密钥”，把写上正确用户名和密码的服务器地址（{form}）和串流密钥一起发给我。"),
        ),
        LoginFault::NoSuchUser => (
            "没有这个用户名",
            format!("请到那边核对，再点“换密钥”，把写上正确用户名的服务器地址（{form}）和串流密钥一起发给我。"),
        ),
        LoginFault::Unknown => (
            "要求的登录方式我不支持",
            "那边如果有不用登录的推流地址，请点“换密钥”，把地址和串流密钥发给我。".to_owned(),
        ),
    };
    format!("<b>🔴 {studio}{name} {what}。</b>\n\n{go_on}{cure}")
}

/// 平台失败的原因，句末不带标点。
pub(super) fn failure(failure: &FailureView) -> String {
    match failure {
        FailureView::Refused(words) if words.is_empty() => "对方拒绝了串流密钥".into(),
        FailureView::Refused(words) => format!("对方拒绝了串流密钥：“{words}”"),
        FailureView::Login(fault) => match fault {
            LoginFault::Needed => "对方要求用户名和密码".into(),
            LoginFault::WrongPassword => "对方不认可用户名或密码".into(),
            LoginFault::NoSuchUser => "对方没有这个用户名".into(),
            LoginFault::Unknown => "对方要求的登录方式我不支持".into(),
        },
        FailureView::Codec(codec) => format!("对方不支持 {codec}，所以没有推过去"),
        FailureView::KeyOver => "串流密钥已过期，所以没有推过去".into(),
        FailureView::Dns => "服务器域名不存在，或暂时查不到".into(),
        FailureView::Blocked(why) => barred(*why).into(),
        FailureView::Down => "对方没有应答，服务器可能没有运行".into(),
        FailureView::Timeout => "对方没有响应".into(),
        FailureView::Tls => "加密连接失败：证书不被信任".into(),
        FailureView::Protocol => "对方没有按 RTMP 协议应答".into(),
        FailureView::Closed => "对方关闭了连接".into(),
        FailureView::Reset => "连接中断".into(),
        FailureView::Stalled => "连接还在，但对方不再接收数据".into(),
        FailureView::Internal => "我这边出了故障，部署者可以在日志里看到".into(),
    }
}

fn barred(why: Barred) -> &'static str {
    match why {
        Barred::Inside => "这个地址在内网，我不会去连接；部署者可以放行",
        Barred::Port => "这个端口属于别的服务，我不会去连接；请核对地址",
        Barred::Own => "这个地址又指回了我自己，画面会绕圈",
        Barred::Crowded => {
            "我不认识这台服务器，这样的服务器每个导播台最多推 4 路、总共最多 20 路；部署者可以把它加进平台目录"
        }
    }
}
