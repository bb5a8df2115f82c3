//! 添加平台、更换密钥。

use super::span;
use crate::chat::screen::{About, Add, Check, Expiry, NoteView, OddKey, PasteFaultView, Press, Understood};
use crate::domain::rtmp_url::UrlFault;
use crate::domain::secret::KeyFault;

pub(super) fn add(screen: &Add) -> String {
    match screen {
        Add::Platforms { studio: None } => {
            "<b>观众在哪里看？</b>\n\n列表里没有的，请选“其他 RTMP 服务器”，或者直接把服务器和密钥发给我。".into()
        }
        Add::Platforms { studio: Some(studio) } => {
            format!(
                "<b>为“{studio}”添加平台：观众在哪里看？</b>\n\n列表里没有的，请选“其他 RTMP 服务器”，或者直接把服务器和密钥发给我。"
            )
        }
        Add::Paste { about, rekey: None } => {
            let name = &about.name;
            format!("<b>{name}：请把{}发给我。</b>\n\n{}", wanted(about), hints(about))
        }
        Add::Paste { about, rekey: Some(target) } => format!("<b>请发送 {target} 的新密钥。</b>\n\n{}", hints(about)),
        Add::Encoder { name, notice } => {
            let notice = notice.as_ref().map(|notice| format!("\n\n{notice}")).unwrap_or_default();
            format!("<b>{name}是推流到我这里的，不用添加为平台。</b>{notice}")
        }
        Add::NeedKey { about, server, deleted } => {
            let hint = &about.key_hint;
            format!("<b>还差串流密钥。</b>\n\n服务器：<code>{server}</code>\n{hint}{}", gone(*deleted))
        }
        Add::NeedServer { about, key, deleted } => {
            let name = &about.name;
            format!(
                "<b>还差 {name} 的服务器地址。</b>\n\n密钥：<code>{key}</code>\n地址以 rtmp:// 或 rtmps:// 开头，就在密钥旁边。{}",
                gone(*deleted)
            )
        }
        Add::Fault { fault, about } => {
            format!("<b>{}</b>\n\n请重新发送，或用 /cancel 取消。\n{}", self::fault(*fault), about.key_hint)
        }
        Add::Understood(read) => understood(read),
        Add::Rest { lines } => {
            let lines = lines.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
            format!("<b>你的消息里还有别的内容，去掉密钥后放在这里：</b>\n\n{lines}")
        }
        Add::NameAsk { name } => format!("<b>“{name}”改叫什么？</b>\n\n最多 32 个字。"),
        Add::NameFault => "<b>名称需要 1 到 32 个字。</b>\n\n请换一个，或用 /cancel 取消。".into(),
        Add::Saved { name, live, press, linked, flaw } => {
            let mut text = if *live {
                format!("<b>{name} 已保存，并加入正在进行的直播。</b>")
            } else {
                format!("<b>{name} 已保存。</b>")
            };
            if let Some(press) = press {
                text += &format!("\n\n▶️ {}", self::press(press));
            }
            if flaw.is_some() && !live {
                text += "\n\n⚠️ 测试没有通过，已做标记。开播前请再测一次：/check";
            }
            if !linked {
                text += "\n\n小提示：再添加观看链接，/links 就能告诉大家在哪里看。";
            }
            text
        }
        Add::Rekeyed { name, live: true } => format!("<b>{name} 已换上新密钥，这场直播从现在起就用它。</b>"),
        Add::Rekeyed { name, live: false } => format!("<b>{name} 已换上新密钥。</b>"),
        Add::Expired => {
            "<b>超过 15 分钟没有完成，之前发的内容已清除。</b>\n\n没有保存任何内容，请重新开始：/addtarget、/targets"
                .into()
        }
        Add::NotTaken { deleted: true } => {
            "<b>你的消息里有密钥，所以我把它删除了。</b>\n\n我没有保存里面的任何内容。".into()
        }
        Add::NotTaken { deleted: false } => {
            "<b>你的消息里有密钥，请把它删除。</b>\n\n我没有保存里面的任何内容。".into()
        }
        Add::Forwarded => "<b>转发的消息我不读取密钥。</b>\n\n请复制文字，自己发送。".into(),
        Add::TooMany { limit } => {
            format!("<b>这个导播台已有 {limit} 个平台，达到上限。</b>\n\n请先用 /targets 移除一个。")
        }
    }
}

fn wanted(about: &About) -> &'static str {
    if about.free_name {
        "服务器地址"
    } else if about.server.is_some() {
        "串流密钥"
    } else {
        "服务器地址和串流密钥"
    }
}

fn hints(about: &About) -> String {
    let hint = &about.key_hint;
    let mut text = format!("{hint}\n");
    if let Some(server) = &about.server {
        text += &format!("服务器：<code>{server}</code>。不是这个？请把两项一起发来。\n");
    } else if !about.free_name {
        text += "两项可以放在一条消息里，顺序不限。\n";
    }
    let told = [("⚠️", &about.closed), ("📋", &about.needs), ("ℹ️", &about.notice)];
    for (sign, words) in told.iter().filter_map(|(sign, words)| Some((sign, words.as_ref()?))) {
        text += &format!("{sign} {words}\n");
    }
    if let Some(press) = &about.press {
        text += &format!("▶️ {}\n", self::press(press));
    }
    text + "我读完会立刻删除你的消息。"
}

pub(super) fn press(press: &Press) -> String {
    match &press.link {
        Some(link) => format!("{} {link}", press.say),
        None => press.say.to_string(),
    }
}

fn understood(read: &Understood) -> String {
    let Understood { platform, server, key, name, .. } = read;
    let mut text = match &read.check {
        Check::Pending => format!("<b>{name}：已识别，正在检查服务器……</b>\n"),
        Check::Reachable if read.rekey => format!("<b>{name}：服务器有响应。换成这个密钥吗？</b>\n"),
        Check::Reachable => format!("<b>{name}：服务器有响应。保存吗？</b>\n"),
        Check::Accepted { .. } if read.rekey => format!("<b>{name}：密钥有效。换成这个密钥吗？</b>\n"),
        Check::Accepted { .. } => format!("<b>{name}：密钥有效。保存吗？</b>\n"),
        Check::Live => format!("<b>{name}：这个密钥正在直播中使用。仍然保存吗？</b>\n"),
        Check::Turned(_) => format!("<b>{name} 不接受这个地址。</b>\n"),
        Check::Failed { failure, .. } if failure.is_answer() => {
            format!("<b>{name}：服务器有响应，但拒绝接入。</b>\n")
        }
        Check::Failed { .. } => format!("<b>{name}：连不上服务器。</b>\n"),
    };
    text += &format!("\n平台：{platform}\n服务器：<code>{server}</code>\n");
    text += &if read.made_up {
        format!("流名称：<code>{key}</code>\nℹ️ 这里的流名称可以随意，我就起了这个。\n")
    } else {
        format!("密钥：<code>{key}</code>\n")
    };
    for note in &read.notes {
        text += &format!("ℹ️ {}\n", self::note(note));
    }
    match &read.check {
        Check::Pending => {}
        Check::Reachable if read.made_up => text += "ℹ️ 对方是否接收，开播时才知道。\n",
        Check::Reachable => text += "ℹ️ 密钥是否有效，开播时才知道。\n",
        check @ (Check::Accepted { .. } | Check::Live) => text += &format!("ℹ️ {}\n", super::check::what(check)),
        check @ (Check::Turned(_) | Check::Failed { .. }) => {
            text += &format!("⚠️ {}也可以先保存，我会做个标记。\n", super::check::what(check));
        }
    }
    match read.expiry {
        Some(Expiry::Over) => text += "⚠️ 这个密钥已过期，请到平台获取新的。\n",
        Some(Expiry::In(left)) => text += &format!("⏳ 这个密钥将在 {}后过期。\n", span(left)),
        None => {}
    }
    match &read.odd_key {
        Some(OddKey { hint, sure: true }) => {
            text += &format!("⚠️ 这个密钥不像是 {platform} 的。正确的密钥：{hint}请确认没有复制错；也可以仍然保存。\n");
        }
        Some(OddKey { hint, sure: false }) => {
            text += &format!(
                "⚠️ 据我了解，{platform} 的密钥不是这个样子。正确的密钥：{hint}请确认没有复制错；也可以仍然保存。\n"
            );
        }
        None => {}
    }
    if read.others > 0 {
        let others = read.others;
        text += &format!("🌐 {platform} 还有 {others} 个服务器，适合其他地区，或在卡顿时使用：点“换服务器”。\n");
    }
    if let Some(ended) = &read.ended {
        text += &format!("⚠️ {ended}\n");
    }
    text + gone(read.deleted)
}

fn gone(deleted: bool) -> &'static str {
    if deleted {
        "\n🗑 含有密钥的消息已删除。"
    } else {
        "\n⚠️ 含有密钥的消息没能删除，请你手动删除。"
    }
}

fn note(note: &NoteView) -> &'static str {
    match note {
        NoteView::Swapped => "服务器和密钥填反了，已为你对调。",
        NoteView::Split => "已把整个地址拆成服务器和密钥。",
        NoteView::QuestionMark => "密钥开头缺的“?”已补上。",
        NoteView::Scheme => "地址开头缺的部分已补上。",
        NoteView::App => "地址末尾缺的部分已补上。",
        NoteView::ViewerPage => "网页地址已作为观看链接。",
        NoteView::KeyRepeated => "地址里也带了密钥，已从地址中去掉。",
        NoteView::MoreServers => "有多个服务器地址，用的是主地址。",
        NoteView::Login => "找到了用户名和密码，只有服务器要求登录时才会用到。",
        NoteView::LoginInAddress => "在地址里找到了用户名和密码，只有服务器要求登录时才会用到。",
        NoteView::OtherPlatform => "这个地址属于另一个平台，已按地址来识别。",
    }
}

fn fault(fault: PasteFaultView) -> &'static str {
    match fault {
        PasteFaultView::Nothing => "里面既没有服务器地址，也没有串流密钥。",
        PasteFaultView::ViewerPage | PasteFaultView::Server(UrlFault::WebPage) => {
            "这是观众看的网页。我需要的是推流地址和密钥。"
        }
        PasteFaultView::Server(UrlFault::Empty) => "服务器地址是空的。",
        PasteFaultView::Server(UrlFault::TooLong) => "服务器地址太长了。",
        PasteFaultView::Server(UrlFault::Scheme) => "服务器地址应以 rtmp:// 或 rtmps:// 开头。",
        PasteFaultView::Server(UrlFault::Malformed) => "无法识别这个服务器地址。",
        PasteFaultView::Server(UrlFault::NoApp) => "服务器地址末尾缺了一段，例如 /live。",
        PasteFaultView::Key(KeyFault::Empty) => "串流密钥是空的。",
        PasteFaultView::Key(KeyFault::TooLong) => "串流密钥不会这么长。",
        PasteFaultView::Key(KeyFault::Blanks) => "串流密钥里不能有空格。",
        PasteFaultView::Protocol => "这不是 RTMP 地址，而我只能用 RTMP 推流。请找 rtmp:// 或 rtmps:// 开头的地址。",
        PasteFaultView::SeveralTargets => "里面有好几个推流目标，请一次只发一个。",
        PasteFaultView::SeveralKeys => "分不清哪一段是密钥，请只发服务器和密钥。",
        PasteFaultView::TooLong => "内容太长了，服务器和密钥不会有这么多。",
    }
}
