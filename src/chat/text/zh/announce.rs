//! 给观众的开播通知。

use super::{show::listed, span};
use crate::chat::screen::Announce;
use crate::chat::view::LinkView;

pub(super) fn announce(screen: &Announce) -> String {
    match screen {
        Announce::Live { title, links } => format!("<b>🔴 {title} 开播了，在这里看：</b>\n{}", pages(links)),
        Announce::Over { title, links, lasted } if links.is_empty() => {
            format!("<b>⚪ {title} 的直播已结束，共播出 {}。</b>", span(*lasted))
        }
        Announce::Over { title, links, lasted } => format!(
            "<b>⚪ {title} 的直播已结束，共播出 {}。</b>\n\n平台如果保留回放，可以在这里看：\n{}",
            span(*lasted),
            pages(links)
        ),
        Announce::Clip { title, links } if links.is_empty() => format!("<b>🎬 {title} 直播片段</b>"),
        Announce::Clip { title, links } => format!("<b>🎬 {title} 正在直播，在这里看：</b>\n{}", pages(links)),
        Announce::Places { places, studio } => {
            let whose = studio.as_ref().map(|studio| format!("“{studio}”的")).unwrap_or_default();
            let mut text = if places.is_empty() {
                format!("<b>还没有在任何地方发{whose}开播通知。</b>")
            } else {
                format!("<b>{whose}开播通知发在：{}。</b>", listed(places))
            };
            text += "\n\n平台一开播，我就把观看链接发到那里；直播结束后，会把那条消息改为已结束。没有观看链接的平台不会列出。\n\n点下面的按钮，把我添加到频道或群组。我已经在的群，或者要发到某个话题，请在那里发送 /announce。";
            text
        }
        Announce::Here { studios } if studios.is_empty() => {
            "<b>这里还没有开播通知。</b>\n\n要在每次开播时把观看链接发到这里吗？".into()
        }
        Announce::Here { studios } => {
            format!("<b>这里会通知这些直播：{}。</b>\n\n开播时发观看链接，结束后把消息改为已结束。", listed(studios))
        }
        Announce::Channel { place } => format!(
            "<b>📣 你把我添加到了“{place}”，要在那里发开播通知吗？</b>\n\n开播时发观看链接，结束后把消息改为已结束，不发别的内容。"
        ),
        Announce::Added { place, studio } => {
            format!("<b>✅ 以后 {studio} 开播，我会在“{place}”通知。</b>\n\n立即生效，正在进行的直播也会通知。")
        }
        Announce::Gone { place, studio } => {
            format!("<b>{studio} 开播后，我不再在“{place}”通知。</b>\n\n已经发出的消息，直播结束后仍会改为已结束。")
        }
        Announce::NotYourChat { place } => format!(
            "<b>只有“{place}”的管理员可以设置那里的开播通知。</b>\n\n频道还需要有发消息的权限。请让其中一位给我发送 /announce。"
        ),
    }
}

fn pages(links: &[LinkView]) -> String {
    links.iter().map(super::link).collect()
}
