//! Announcing shows to an audience.

use super::{show::listed, span};
use crate::chat::screen::Announce;
use crate::chat::view::LinkView;

pub(super) fn announce(screen: &Announce) -> String {
    match screen {
        Announce::Live { title, links } => format!("<b>🔴 {title} is live. Watch here:</b>\n{}", pages(links)),
        Announce::Over { title, links, lasted } if links.is_empty() => {
            format!("<b>⚪ {title} was live for {}. The show is over.</b>", span(*lasted))
        }
        Announce::Over { title, links, lasted } => format!(
            "<b>⚪ {title} was live for {}. The show is over.</b>\n\nWhere a platform keeps recordings, look here:\n{}",
            span(*lasted),
            pages(links)
        ),
        Announce::Clip { title, links } if links.is_empty() => format!("<b>🎬 From {title}</b>"),
        Announce::Clip { title, links } => {
            format!("<b>🎬 From {title}, live now. Watch here:</b>\n{}", pages(links))
        }
        Announce::Places { places, studio } => {
            let whose = studio.as_ref().map_or("your shows".to_owned(), |studio| format!("the shows of “{studio}”"));
            let mut text = if places.is_empty() {
                format!("<b>I don’t announce {whose} anywhere yet.</b>")
            } else {
                format!("<b>I announce {whose} in: {}.</b>", listed(places))
            };
            text += "\n\nAs soon as a platform is on air I post the watch links there, and when the show is over I change that message to say so. Platforms without a watch link are left out.\n\nAdd me to a channel or a group with a button below. Where I am already, or for a topic, send /announce there.";
            text
        }
        Announce::Here { studios } if studios.is_empty() => {
            "<b>No shows are announced here yet.</b>\n\nShall I post the watch links here whenever a show is on air?"
                .into()
        }
        Announce::Here { studios } => format!(
            "<b>Here I announce the shows of: {}.</b>\n\nI post the watch links when a show is on air, and mark the message when it is over.",
            listed(studios)
        ),
        Announce::Channel { place } => format!(
            "<b>📣 You added me to “{place}”. Shall I announce shows there?</b>\n\nI post the watch links when a show is on air, and mark the message when it is over. Nothing else."
        ),
        Announce::Added { place, studio } => format!(
            "<b>✅ From now on I announce the shows of {studio} in “{place}”.</b>\n\nIt takes effect at once, also for a show that is on."
        ),
        Announce::Gone { place, studio } => format!(
            "<b>I no longer announce the shows of {studio} in “{place}”.</b>\n\nWhat I posted there already still changes when its show is over."
        ),
        Announce::NotYourChat { place } => format!(
            "<b>Only an admin of “{place}” can have me announce shows there.</b>\n\nIn a channel it must be one who may post. Ask one of them to send me /announce."
        ),
    }
}

fn pages(links: &[LinkView]) -> String {
    links.iter().map(super::link).collect()
}
