//! What a platform's refusal means, and what to do.

use crate::chat::advice::Meaning;
use crate::chat::said::Said;
use crate::platform::Means;

pub(super) fn refused(name: &Said, words: &Said, meaning: Option<&Meaning>, go_on: &str, studio: &str) -> String {
    let what = match meaning.map(|meaning| meaning.means) {
        None | Some(Means::Key) => "refuses the stream key",
        Some(Means::KeyUsed) => "does not take this stream key a second time",
        Some(Means::KeyExpired) => "refuses the stream key: it has expired",
        Some(Means::NotStarted) => "waits for you to press start there",
        Some(Means::InUse) => "says that somebody else streams with this key",
        Some(Means::OverLimit) => "does not take a stream of this size",
        Some(Means::Address) => "does not know the server’s address",
        Some(Means::Login) => "doesn’t accept the user name or the password",
    };
    let said = if words.is_empty() { String::new() } else { format!("Its words: “{words}”. ") };
    let mut cure = meaning.map_or_else(|| default_cure(Means::Key).to_owned(), cure);
    if meaning.is_some_and(|meaning| meaning.means == Means::NotStarted) {
        cure += " I try again each minute for a quarter of an hour.";
    }
    format!("<b>🔴 {name} {what}{studio}.</b>\n\n{said}{go_on}{cure}")
}

/// What to do: the platform's own way where it is known.
pub(super) fn cure(meaning: &Meaning) -> String {
    match &meaning.say {
        Some(say) => say.en.to_string(),
        None => default_cure(meaning.means).to_owned(),
    }
}

fn default_cure(means: Means) -> &'static str {
    match means {
        Means::Key => {
            "Check there whether the key has changed, or whether you must press start first. Then retry, or give me the new key."
        }
        Means::KeyUsed => "Make a new live there, then tap “New key” and send me its key.",
        Means::KeyExpired => "Get a new key there, then tap “New key” and send it to me.",
        Means::NotStarted => "Press it there.",
        Means::InUse => {
            "Stop whatever else streams there. If it was your own earlier connection, wait a minute. Then retry."
        }
        Means::OverLimit => "Lower the bitrate or the size of the picture in your camera or OBS, then retry.",
        Means::Address => {
            "Compare the address with the one there. If it differs, tap “New key” and send me the right one with its stream key."
        }
        Means::Login => {
            "Check both there. Then tap “New key” and send me the server with the right ones in it, <code>rtmp://user:password@server/app</code>, and the stream key."
        }
    }
}
