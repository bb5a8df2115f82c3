//! What answers mean, and what a group must have read and not have read in the end.

use super::cast::TOPIC;
use telecast::demo::bot_api::{Message, Phone, Toast};
use telecast::domain::id::ChatId;

/// What is left to look at when everything has been told.
pub(super) struct Later {
    pub(super) group: ChatId,
    pub(super) lines: Option<usize>,
    pub(super) silent_after: Option<i32>,
    pub(super) in_topic: bool,
    pub(super) who: &'static str,
}

/// The lines of a group that say what `who` has changed.
fn lines(phone: &Phone, group: ChatId, who: &str) -> Vec<String> {
    let texts = phone.messages(group).into_iter().map(|message| message.text().to_owned());
    let withdrew = format!("{who} withdrew");
    let names =
        if who == "Rio" { ["👤 Rio ", "👤 Rio "] } else { ["👤 An anonymous admin", "👤 匿名管理员"] };
    let did =
        |text: &String| names.iter().any(|name| text.starts_with(name)) && !text.contains("no longer an operator");
    texts.filter(|text| did(text) || text.contains(&withdrew)).collect()
}

impl Later {
    /// What is wrong when everything has been told.
    pub(super) fn look(&self, phone: &Phone) -> Vec<String> {
        let mut wrong = Vec::new();
        let said = lines(phone, self.group, self.who);
        if let Some(lines) = self.lines.filter(|lines| said.len() != *lines) {
            wrong.push(format!("{} lines of who did what in place of {lines}: {said:?}", said.len()));
        }
        let messages = phone.messages(self.group);
        let mut by_bot = messages.iter().filter(|message| message.by_bot);
        if let Some(after) = self.silent_after
            // That somebody lost their right is told of that, not of what they said then.
            && let Some(message) = by_bot
                .clone()
                .find(|message| message.id > after && !message.text().contains("is no longer an operator here"))
        {
            wrong.push(format!("said {:?}", message.text()));
        }
        let astray = |message: &&Message| message.topic != Some(TOPIC);
        if self.in_topic
            && let Some(message) = by_bot.find(astray)
        {
            wrong.push(format!("said outside the topic: {:?}", message.text()));
        }
        wrong
    }
}

/// What an answer to a tap means.
pub(super) fn letter(toast: &Toast) -> char {
    match words(&toast.text) {
        'D' if toast.url.is_some() => 'L',
        'D' if toast.alert || toast.text.contains("is too old") || toast.text.contains("somebody else") => '?',
        letter => letter,
    }
}

/// What an answer means by its first words.
pub(super) fn words(text: &str) -> char {
    let begins = |start: &str| text.starts_with(start);
    match () {
        // The owner chooses Chinese in a cell of their own.
        () if begins("Only admins of this group") || begins("只有本群管理员") => 'a',
        () if begins("Only admins who") => 'o',
        () if begins("Only those who may appoint") => 'c',
        () if begins("You write as the group") => 'p',
        () if begins("This is a private Telecast") => 's',
        () if begins("Only the owner of this Telecast") => 'w',
        () if begins("I am not in that group any more") => 'g',
        () => 'D',
    }
}
