//! A configured destination.

use crate::domain::id::{TargetId, UserId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A target as everyone in its studio may know it. Its server and key are the store's to give, and only to the dialler.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Its identity within the studio.
    pub id: TargetId,
    /// The name that people gave it.
    pub name: TargetName,
    /// The catalogue's id of its platform, such as `bilibili`, or `custom`.
    pub platform: String,
    /// What may be shown of the server and the key.
    pub shown_server: String,
    /// What may be shown of the key.
    pub shown_key: String,
    /// Where people watch, when it is known.
    pub viewer_link: Option<String>,
    /// People took its link away: none is looked up for it.
    #[serde(default)]
    pub unlinked: bool,
    /// The platform's own name for the place of the show (Bilibili's room or uid), for its status page.
    pub status_id: Option<String>,
    /// Whether a broadcast sends to it.
    pub enabled: bool,
    /// Who pasted its key, and may withdraw it.
    pub key_owner: UserId,
    /// Its place among the studio's targets, from the lowest; those of the same stand by age.
    #[serde(default)]
    pub rank: u32,
    /// What was wrong when it was last tested; nothing as soon as it takes a stream.
    #[serde(default)]
    pub flaw: Option<Flaw>,
}

/// What a test found wrong with a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Flaw {
    /// Its server could not be connected to.
    Unreachable,
    /// Its server answered, and did not let Telecast in.
    Refused,
}

/// Puts `target` at a place, from 0; `None` where it stands there already, is not among them, or there is no such place.
#[must_use]
pub fn moved(order: &[TargetId], target: TargetId, to: usize) -> Option<Vec<TargetId>> {
    let at = order.iter().position(|id| *id == target).filter(|at| *at != to && to < order.len())?;
    let mut order = order.to_vec();
    order.remove(at);
    order.insert(to, target);
    Some(order)
}

/// A name of 1 to 32 characters on one line. It may hold anything else, so every screen escapes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TargetName(String);

/// A name that is empty or longer than 32 characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 32 characters")]
pub struct NameFault;

impl TargetName {
    /// Takes `text` with its blanks and control characters made single spaces.
    ///
    /// # Errors
    /// [`NameFault`] when nothing or too much is left.
    pub fn parse(text: &str) -> Result<Self, NameFault> {
        let words: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let name = words.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() || name.chars().count() > 32 { Err(NameFault) } else { Ok(Self(name)) }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TargetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for TargetName {
    type Error = NameFault;
    fn try_from(text: String) -> Result<Self, NameFault> {
        Self::parse(&text)
    }
}

impl From<TargetName> for String {
    fn from(name: TargetName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_moves_to_a_place_that_there_is_and_the_others_keep_theirs_among_themselves() {
        let order = [1, 2, 3].map(TargetId);
        let go = |id, to| moved(&order, TargetId(id), to).map(|order| order.iter().map(|id| id.0).collect());
        assert_eq!(go(2, 0), Some(vec![2, 1, 3]));
        assert_eq!(go(1, 2), Some(vec![2, 3, 1]));
        assert_eq!((go(1, 0), go(3, 3), go(9, 0)), (None, None, None));
    }

    #[test]
    fn a_target_of_before_there_was_an_order_has_no_place_no_flaw_and_the_link_that_is_looked_up() {
        let old = r#"{"id":1,"name":"A","platform":"custom","shown_server":"","shown_key":"","viewer_link":null,
            "status_id":null,"enabled":true,"key_owner":7}"#;
        let target: Target = serde_json::from_str(old).unwrap();
        assert_eq!((target.rank, target.flaw, target.unlinked), (0, None, false));
    }
}
