//! What is stored: plain records without secrets, as the rest of Telecast sees them.

use crate::domain::access::Operators;
use crate::domain::announce::Announces;
use crate::domain::duty::Duty;
use crate::domain::id::{ChatId, StudioId, TargetId, UserId};
use crate::domain::lang::Lang;
use crate::domain::quota::Quota;
use crate::domain::rtmp_url::PushPoint;
use crate::domain::target::{Target, TargetName};
use crate::domain::weekly::Weekly;
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime};

/// What is known of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Person {
    /// The language that they chose; none: their Telegram's.
    pub language: Option<Lang>,
    /// Their name as Telegram last told it. May hold anything: every screen escapes it.
    pub name: String,
    /// Whether the owner let them in.
    pub approved: bool,
    /// Whether they asked to be let in.
    pub asked: bool,
    /// When they last did.
    pub asked_at: Option<SystemTime>,
    /// Whether the owner wants to hear no more of them.
    pub blocked: bool,
    /// Whether they were told whose server this is, and what its host can see.
    pub told_host: bool,
}

/// Whose studio it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StudioKind {
    /// One person's, in their private chat.
    Private,
    /// A group's, run by its admins.
    Group,
}

/// What one chat owns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Studio {
    /// Our own number for it.
    pub id: StudioId,
    /// The chat, as it is now: groups change theirs.
    pub chat: ChatId,
    /// Whose it is.
    pub kind: StudioKind,
    /// The chat's title or the person's name. Every screen escapes it.
    #[serde(default)]
    pub title: String,
    /// Whether the owner let it in.
    #[serde(default)]
    pub approved: bool,
    /// Whether somebody asked to let it in.
    #[serde(default)]
    pub asked: bool,
    /// When somebody last did.
    #[serde(default)]
    pub asked_at: Option<SystemTime>,
    /// Whether the owner wants to hear no more of it, where it is a group's.
    #[serde(default)]
    pub blocked: bool,
    /// What the host lets it use.
    #[serde(default)]
    pub quota: Quota,
    /// The panel's language; none: that of whoever asks.
    #[serde(default)]
    pub language: Option<Lang>,
    /// How long pushes are kept for a publisher that dropped.
    #[serde(default = "default_hold")]
    pub hold: Duration,
    /// The panel's message in the chat.
    #[serde(default)]
    pub panel: Option<i32>,
    /// The topic of the group in which the panel was last asked for; it is told of everything there.
    #[serde(default)]
    pub topic: Option<i32>,
    /// Who operates it, where it is a group's.
    #[serde(default)]
    pub operators: Operators,
    /// Who is on duty.
    #[serde(default)]
    pub duty: Duty,
    /// Whether the panel is pinned during a show.
    #[serde(default)]
    pub pin: bool,
    /// Where its shows are announced.
    #[serde(default)]
    pub announces: Vec<Announces>,
    /// When it has its weekly show.
    #[serde(default)]
    pub weekly: Option<Weekly>,
    /// Whether its shows are recorded.
    #[serde(default)]
    pub record: bool,
}

impl Studio {
    /// One that nobody has set anything of.
    pub(crate) fn new(id: StudioId, chat: ChatId, kind: StudioKind, title: String) -> Self {
        Self {
            id,
            chat,
            kind,
            title,
            approved: false,
            asked: false,
            asked_at: None,
            blocked: false,
            quota: Quota::default(),
            language: None,
            hold: default_hold(),
            panel: None,
            topic: None,
            operators: Operators::default(),
            duty: Duty::default(),
            pin: false,
            announces: Vec::new(),
            weekly: None,
            record: false,
        }
    }
}

/// DESIGN.md §6: 10 minutes.
fn default_hold() -> Duration {
    Duration::from_secs(600)
}

/// A target to be.
#[derive(Clone, Debug)]
pub struct NewTarget {
    /// What people call it.
    pub name: TargetName,
    /// The catalogue's id of its platform.
    pub platform: String,
    /// Server and key.
    pub point: PushPoint,
    /// Where people watch.
    pub viewer_link: Option<String>,
    /// The platform's own name for the place of the show.
    pub status_id: Option<String>,
    /// Who pasted the key.
    pub key_owner: UserId,
}

/// A broadcast as it should be: what a restart goes on with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BroadcastRecord {
    /// Who said /golive.
    pub started_by: UserId,
    /// When.
    pub started_at: SystemTime,
    /// The targets that were asked for.
    pub targets: Vec<TargetId>,
    /// When the first picture was sent on.
    #[serde(default)]
    pub live_since: Option<SystemTime>,
    /// When media was last seen, kept to the minute.
    #[serde(default)]
    pub last_media: Option<SystemTime>,
}

/// Whose ingest key an encoder showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// The key, whole and valid.
    Exact {
        /// The studio that it feeds.
        studio: StudioId,
        /// Whose key it is.
        user: UserId,
    },
    /// The public part is known, the rest is wrong: cut when it was copied, or renewed since.
    Stale {
        /// The studio that it was for.
        studio: StudioId,
        /// Whose key it was.
        user: UserId,
    },
    /// Not one of ours.
    Unknown,
}

/// Where a studio's stream is fetched from, as everyone in it may know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullInfo {
    /// What may be shown of the address.
    pub shown: String,
    /// Who gave it, and may take it back.
    pub owner: UserId,
}

/// What a player may play by the key that it showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Playable {
    /// This studio's stream.
    Studio(StudioId),
    /// Nothing: the key is right, and its studio is not shared at present.
    Off,
    /// Nothing: it is not one of ours.
    Unknown,
}

/// A target as it lies in the store.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct TargetRecord {
    pub(super) target: Target,
    pub(super) server: super::keyring::Sealed,
    pub(super) key: super::keyring::Sealed,
    /// Set while a removal can still be undone.
    #[serde(default)]
    pub(super) removed_at: Option<SystemTime>,
    /// A show was sent with the key that it has.
    #[serde(default)]
    pub(super) used: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::Policy;

    #[test]
    fn a_studio_of_before_there_were_operators_is_any_admins() {
        let old = r#"{"id":3,"chat":-5,"kind":"group","title":"Show","approved":true,"hold":{"secs":600,"nanos":0}}"#;
        let mut studio: Studio = serde_json::from_str(old).unwrap();
        assert_eq!((studio.operators.clone(), studio.topic), (Operators::default(), None));
        assert_eq!(studio.duty, Duty::default());
        studio.duty.set(UserId(7), true);
        studio.duty.mute(SystemTime::UNIX_EPOCH, UserId(8), Some(SystemTime::now()));
        studio.operators = Operators { policy: Policy::Named, named: [UserId(7)].into() };
        studio.topic = Some(4);
        let kept = serde_json::to_string(&studio).unwrap();
        assert_eq!(serde_json::from_str::<Studio>(&kept).unwrap(), studio);
    }
}
