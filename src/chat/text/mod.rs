//! All words, in each language: one function per group of screens, whole sentences, nothing put together from
//! fragments that another language would order differently.

mod en;
mod zh;

use super::command::Listed;
use super::label::{Label, Toast};
use super::screen::Screen;
use crate::domain::lang::Lang;

/// Longest message sent, in characters. Telegram takes 4096.
const MAX_PAGE: usize = 4000;
/// Longest toast. Telegram takes 200.
const MAX_TOAST: usize = 200;

/// `screen` as Telegram's HTML.
pub(super) fn page(lang: Lang, screen: &Screen) -> String {
    fit(match lang {
        Lang::En => en::page(screen),
        Lang::Zh => zh::page(screen),
    })
}

/// A toast, without markup.
pub(super) fn toast(lang: Lang, toast: &Toast) -> String {
    let words = match lang {
        Lang::En => en::toast(toast),
        Lang::Zh => zh::toast(toast),
    };
    words.chars().take(MAX_TOAST).collect()
}

/// What a button says.
pub(super) fn label(lang: Lang, label: &Label) -> String {
    match lang {
        Lang::En => en::label(label),
        Lang::Zh => zh::label(label),
    }
}

/// A command's line in Telegram's list of commands.
pub(super) fn listed(lang: Lang, command: Listed) -> &'static str {
    match lang {
        Lang::En => en::listed(command),
        Lang::Zh => zh::listed(command),
    }
}

/// What an empty chat with the bot shows, and what its profile says.
pub(super) fn profile(lang: Lang) -> (&'static str, &'static str) {
    match lang {
        Lang::En => (en::DESCRIPTION, en::SHORT_DESCRIPTION),
        Lang::Zh => (zh::DESCRIPTION, zh::SHORT_DESCRIPTION),
    }
}

/// Cuts at the end of a line, where no markup is open.
fn fit(text: String) -> String {
    if text.chars().count() <= MAX_PAGE {
        return text;
    }
    let end = text.char_indices().nth(MAX_PAGE).map_or(text.len(), |(at, _)| at);
    let end = text[..end].rfind('\n').unwrap_or(0);
    format!("{}\n…", &text[..end])
}

#[cfg(test)]
mod tests;
