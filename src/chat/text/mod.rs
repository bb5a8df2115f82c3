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
/// Longest text under a film. Telegram takes 1024.
const MAX_CAPTION: usize = 1000;
/// Longest toast. Telegram takes 200.
const MAX_TOAST: usize = 200;

/// Everything that is said in one language. A language more is one module with such a value, its line in [`words`], and
/// its name in [`Lang`].
struct Words {
    /// A screen as Telegram's HTML.
    page: fn(&Screen) -> String,
    /// A toast, without markup.
    toast: fn(&Toast) -> String,
    /// What a button says.
    label: fn(&Label) -> String,
    /// A command's line in Telegram's list of commands.
    listed: fn(Listed) -> &'static str,
    /// What an empty chat with the bot shows, and what its profile says.
    profile: (&'static str, &'static str),
    /// Words that are commands in private.
    commands: &'static [(&'static str, Listed)],
    /// Behind the word for the end of the show: it asks nothing.
    now: &'static [&'static str],
    camera: CameraWords,
    page_words: PageWords,
}

/// What the page says that sets up a camera app.
#[derive(Debug)]
pub struct CameraWords {
    /// The language, as HTML names it (BCP 47).
    pub tag: &'static str,
    /// The heading, for a studio of this title.
    pub title: fn(&str) -> String,
    /// The button that opens the app on this phone.
    pub open: &'static str,
    /// What the button is for.
    pub here: &'static str,
    /// What the code below it is for.
    pub there: &'static str,
    /// That the key is a secret.
    pub yours: &'static str,
    /// Of a link that no longer works.
    pub over: &'static str,
}

/// What stands on a studio's own page.
#[derive(Debug)]
pub struct PageWords {
    /// The language, as HTML names it (BCP 47).
    pub tag: &'static str,
    /// There is no show, and there was none.
    pub before: &'static str,
    /// A still picture is shown.
    pub held: &'static str,
    /// The picture was away for too long.
    pub paused: &'static str,
    /// There is no show any more.
    pub over: &'static str,
    /// The browser lacks the codec.
    pub codec: &'static str,
    /// Until it is known how things are.
    pub connecting: &'static str,
    /// The button for sound, while there is none.
    pub sound: &'static str,
    /// The same, while there is some.
    pub mute: &'static str,
    /// The button for the whole screen.
    pub whole: &'static str,
    /// What the number of those who watch means.
    pub watching: &'static str,
    /// Nobody more is let in.
    pub full: &'static str,
    /// Of a link that no longer works.
    pub gone: &'static str,
    /// Where scripts are not allowed.
    pub script: &'static str,
}

impl PageWords {
    /// In one language.
    #[must_use]
    pub fn of(lang: Lang) -> &'static Self {
        &words(lang).page_words
    }
}

impl CameraWords {
    /// In one language.
    #[must_use]
    pub fn of(lang: Lang) -> &'static Self {
        &words(lang).camera
    }
}

fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::En => &en::WORDS,
        Lang::Zh => &zh::WORDS,
    }
}

/// `screen` as Telegram's HTML.
pub(super) fn page(lang: Lang, screen: &Screen) -> String {
    fit((words(lang).page)(screen), MAX_PAGE)
}

/// The same, short enough to stand under a film.
pub(super) fn caption(lang: Lang, screen: &Screen) -> String {
    fit((words(lang).page)(screen), MAX_CAPTION)
}

/// A toast, without markup.
pub(super) fn toast(lang: Lang, toast: &Toast) -> String {
    (words(lang).toast)(toast).chars().take(MAX_TOAST).collect()
}

/// What a button says.
pub(super) fn label(lang: Lang, label: &Label) -> String {
    (words(lang).label)(label)
}

/// A command's line in Telegram's list of commands.
pub(super) fn listed(lang: Lang, command: Listed) -> &'static str {
    (words(lang).listed)(command)
}

/// What an empty chat with the bot shows, and what its profile says.
pub(super) fn profile(lang: Lang) -> (&'static str, &'static str) {
    words(lang).profile
}

/// The command that a word is, in any language: people write in the one that they think in.
pub(super) fn command(word: &str) -> Option<Listed> {
    let all = Lang::ALL.into_iter().flat_map(|lang| words(lang).commands);
    all.into_iter().find_map(|(known, command)| (*known == word).then_some(*command))
}

/// Whether a word behind the one for the end of the show means at once.
pub(super) fn is_now(word: &str) -> bool {
    Lang::ALL.into_iter().any(|lang| words(lang).now.iter().any(|now| word.eq_ignore_ascii_case(now)))
}

/// Cuts at the end of a line, where no markup is open.
fn fit(text: String, most: usize) -> String {
    if text.chars().count() <= most {
        return text;
    }
    let end = text.char_indices().nth(most).map_or(text.len(), |(at, _)| at);
    let end = text[..end].rfind('\n').unwrap_or(0);
    format!("{}\n…", &text[..end])
}

#[cfg(test)]
mod tests;
