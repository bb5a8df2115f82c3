//! 平台列表、我的密钥、推流地址。

use crate::chat::screen::{Detail, Encoder, Ingest, Keys, ServerRow, Target};

pub(super) fn target(screen: &Target) -> String {
    match screen {
        Target::None => "<b>还没有转播平台。</b>\n\n先添加一个：观众在哪里看。".into(),
        Target::List { rows, page, pages } => {
            let mut text = if *pages > 1 {
                format!("<b>转播平台（第 {page} 页，共 {pages} 页）</b>\n\n点一个来修改。\n")
            } else {
                "<b>转播平台</b>\n\n点一个来修改。\n".to_owned()
            };
            for row in rows {
                let state = match row.flaw {
                    _ if !row.on => "⚪ 已关闭",
                    Some(flaw) => super::check::flaw(flaw),
                    None => "🟢 已打开",
                };
                text += &format!("\n<b>{}</b> · {} · {state}", row.name, row.platform);
            }
            text
        }
        Target::Detail(detail) => self::detail(detail),
        Target::Servers { name, rows } => {
            let mut text = format!("<b>{name}：用哪个服务器？</b>\n\n密钥不变。\n");
            for (number, ServerRow { server, say, on }) in (1..).zip(rows) {
                let say = say.as_ref().map_or("默认线路".to_owned(), ToString::to_string);
                let on = if *on { " · 🟢 正在使用" } else { "" };
                text += &format!("\n{number}. <code>{server}</code>\n{say}{on}");
            }
            text
        }
        Target::Moved { name, server, live } => {
            let live = if *live { "正在重新连接。" } else { "下次直播起生效。" };
            format!("<b>{name} 已换服务器。</b>\n\n<code>{server}</code>\n{live}")
        }
        Target::Tested { name, check } => super::check::tested(&name.to_string(), check),
        Target::Checked { rows, done, sound } => super::check::checked(rows, *done, *sound),
        Target::RenameAsk { name } => format!("<b>“{name}”改叫什么？</b>\n\n最多 32 个字，或用 /cancel 取消。"),
        Target::Renamed { name } => format!("<b>已改名为“{name}”。</b>"),
        Target::LinkAsk { name, what: Some(what) } => {
            format!(
                "<b>观众在哪里看 {name}？</b>\n\n请发送{what}\n\n能打开这个页面的链接都可以。也可以用 /cancel 取消。"
            )
        }
        Target::LinkAsk { name, what: None } => {
            format!("<b>观众在哪里看 {name}？</b>\n\n请发送网页链接，或用 /cancel 取消。")
        }
        Target::LinkSet { name, link } => format!("<b>{name} 的观看链接：</b>\n{link}"),
        Target::LinkGone { name } => format!("<b>{name} 的观看链接已删除。</b>"),
        Target::LinkFault { too_long: true } => "<b>链接太长了。</b>\n\n请发短一点的，或用 /cancel 取消。".into(),
        Target::LinkFault { too_long: false } => {
            "<b>这个链接不能用。</b>\n\n观看链接以 https:// 开头。请重新发送，或用 /cancel 取消。".into()
        }
        Target::Removed { name } => format!("<b>{name} 已移除。</b>\n\n10 分钟内可以撤销。"),
        Target::Restored { name } => format!("<b>{name} 已恢复。</b>"),
    }
}

fn detail(detail: &Detail) -> String {
    let Detail { name, platform, server, key, .. } = detail;
    let state = if detail.on { "🟢 已打开：下次直播会用到" } else { "⚪ 已关闭" };
    let owner = if detail.key_is_mine { "你的密钥" } else { "由别人借出" };
    let flaw = detail.flaw.map(|flaw| format!("\n{}", super::check::flaw(flaw))).unwrap_or_default();
    let press = detail.press.as_ref().map(|press| format!("\n\n▶️ {}", super::add::press(press))).unwrap_or_default();
    let link = detail.link.as_ref().map_or("还没有".to_owned(), ToString::to_string);
    format!(
        "<b>{name}</b> · {state}{flaw}\n\n平台：{platform}\n服务器：<code>{server}</code>\n密钥：<code>{key}</code>（{owner}）\n观看链接：{link}{press}"
    )
}

pub(super) fn keys(screen: &Keys) -> String {
    match screen {
        Keys::None => "<b>我这里没有你的串流密钥。</b>".into(),
        Keys::List { rows, count, page, pages } => {
            let mut text = format!(
                "<b>我保管着你的 {count} 个串流密钥。</b>\n\n收回后，对应的平台或拉流会立即移除，正在直播也一样。\n"
            );
            for row in rows {
                let lent = match &row.studio {
                    Some(studio) => format!("借给“{studio}”"),
                    None => "你自己的导播台".to_owned(),
                };
                text += &format!("\n<b>{}</b> <code>{}</code> · {lent}", row.name, row.key);
            }
            if *pages > 1 {
                text += &format!("\n\n第 {page} 页，共 {pages} 页");
            }
            text
        }
        Keys::Withdrawn { name } => format!("<b>{name} 的密钥已删除，平台也已移除。</b>"),
        Keys::ForgetAsk { targets: 0 } => {
            "<b>要删除你的全部数据吗？</b>\n\n包括你自己的导播台（正在进行的直播会结束）、推流密钥、名字和语言。此操作无法撤销。".into()
        }
        Keys::ForgetAsk { targets } => {
            format!(
                "<b>要删除你的全部数据吗？</b>\n\n包括用了你串流密钥的 {targets} 个平台、你自己的导播台（正在进行的直播会结束）、推流密钥、名字和语言。此操作无法撤销。"
            )
        }
        Keys::Forgotten { targets: 0, owner: false } => {
            "<b>你的数据已全部删除。</b>\n\n你的使用权也已取消。".into()
        }
        Keys::Forgotten { targets, owner: false } => {
            format!("<b>你的数据已全部删除。</b>\n\n删除了 {targets} 个串流密钥，你的使用权也已取消。")
        }
        Keys::Forgotten { targets: 0, owner: true } => {
            "<b>你的数据已删除，只保留一项：你仍是这个 Telecast 的主人。</b>".into()
        }
        Keys::Forgotten { targets, owner: true } => {
            format!("<b>你的数据已删除，只保留一项：你仍是这个 Telecast 的主人。</b>\n\n删除了 {targets} 个串流密钥。")
        }
        Keys::Spared => "<b>没有删除任何内容。</b>".into(),
    }
}

pub(super) fn ingest(screen: &Ingest) -> String {
    match screen {
        Ingest::Address { encoder, server, tls_server, key, studio, renewed } => {
            let mut text = match (renewed, studio) {
                (true, _) => "<b>这是新的推流密钥，旧的已失效。</b>\n\n".to_owned(),
                (false, Some(studio)) => format!("<b>向“{studio}”推流</b>\n\n"),
                (false, None) => "<b>用摄像机、手机或 OBS 推流</b>\n\n".to_owned(),
            };
            text += &match encoder {
                Encoder::Obs => format!(
                    "OBS：设置 → 直播 → 服务选“自定义…”\n服务器：<code>{server}</code>\n推流码：<code>{key}</code>\n输出：关键帧间隔 2 秒。"
                ),
                Encoder::Larix => {
                    format!("Larix：设置 → 连接 → 新建\nURL：<code>{server}/{key}</code>\n最后一段就是密钥。")
                }
                Encoder::TencentMeeting => format!(
                    "腾讯会议：直播 → 自定义直播平台\n推流地址：<code>{server}</code>\n推流密钥：<code>{key}</code>"
                ),
            };
            if let Some(tls) = tls_server {
                text += &format!("\n加密地址：<code>{tls}</code>");
            }
            text + "\n\n点按钮即可复制；密钥只在你要求时显示。密钥属于你个人，请勿转发。画面到了我会告诉你。"
        }
        Ingest::Key { key, url } => format!(
            "<b>这是你的推流密钥，显示一分钟。</b>\n\n密钥：<tg-spoiler><code>{key}</code></tg-spoiler>\n完整地址：<tg-spoiler><code>{url}</code></tg-spoiler>\n\n拿到密钥的人可以代替你推流。这条消息会自动删除，不能转发。"
        ),
        Ingest::RenewAsk => "<b>要换新的推流密钥吗？</b>\n\n旧密钥立即失效，正在用它推流的会被断开。".into(),
    }
}
