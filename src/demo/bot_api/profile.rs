//! What the bot says of itself: names, descriptions, commands per scope and language, the menu button.

use super::people::Chat;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Scope and two-letter language, empty for all.
type Place = (Scope, String);

/// Whom a list of commands is shown to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    Default,
    Private,
    Groups,
    Admins,
    Chat(i64),
    ChatAdmins(i64),
    Member(i64, i64),
}

/// The bot's card.
#[derive(Debug)]
pub(super) struct Profile {
    own_name: String,
    /// `setMyName`, `setMyDescription` and `setMyShortDescription`, by field and language.
    texts: BTreeMap<(&'static str, String), String>,
    pub(super) commands: BTreeMap<Place, Vec<(String, String)>>,
    pub(super) menu: BTreeMap<Option<i64>, Value>,
}

impl Profile {
    pub(super) fn new(name: &str) -> Self {
        Self { own_name: name.into(), texts: BTreeMap::new(), commands: BTreeMap::new(), menu: BTreeMap::new() }
    }

    pub(super) fn set_text(&mut self, field: &'static str, language: String, text: String) {
        if text.is_empty() {
            self.texts.remove(&(field, language));
        } else {
            self.texts.insert((field, language), text);
        }
    }

    /// `field` as shown to speakers of `language`: theirs, else the one for all.
    pub(super) fn text(&self, field: &'static str, language: &str) -> &str {
        let exact = self.texts.get(&(field, language.to_owned()));
        let found = exact.or_else(|| self.texts.get(&(field, String::new())));
        found.map_or(if field == "name" { &self.own_name } else { "" }, String::as_str)
    }

    /// The commands that `user` sees in `chat`: the narrowest scope that has a list, and in it the person's language
    /// before the one for all.
    pub(super) fn commands_for(&self, chat: &Chat, user: i64, language: &str) -> &[(String, String)] {
        let admin = chat.member(user).is_admin();
        let mut scopes = vec![Scope::Member(chat.id, user)];
        if chat.is_group() && admin {
            scopes.push(Scope::ChatAdmins(chat.id));
        }
        scopes.push(Scope::Chat(chat.id));
        if chat.is_group() {
            if admin {
                scopes.push(Scope::Admins);
            }
            scopes.push(Scope::Groups);
        } else {
            scopes.push(Scope::Private);
        }
        scopes.push(Scope::Default);
        let two = language.get(..2).unwrap_or_default();
        let places = scopes.into_iter().flat_map(|s| [(s.clone(), two.to_owned()), (s, String::new())]);
        places.into_iter().find_map(|place| self.commands.get(&place)).map_or(&[], Vec::as_slice)
    }
}

/// `BotCommand`s.
pub(super) fn commands_json(commands: &[(String, String)]) -> Value {
    commands.iter().map(|(name, words)| json!({"command": name, "description": words})).collect()
}
