//! Who may do what in a studio.

use crate::domain::id::{ChatId, UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How a person stands in the chat they speak in, asked of Telegram now, not when a menu was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The person's own private chat.
    Private,
    /// An administrator or the creator of the group.
    Admin(Powers),
    /// Some administrator who hides behind the group's name: may look and stop, not configure.
    AnonymousAdmin,
    /// Runs a show of a group that the bot was thrown out of, so that nobody there can be judged: may look and stop it.
    Left,
    /// Anyone else in the group.
    Member,
}

/// What an administrator of a group may do there, as far as that matters here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Powers {
    /// Made the group.
    pub creator: bool,
    /// May manage video chats.
    pub video_chats: bool,
    /// May appoint admins.
    pub appoints: bool,
    /// May post, where it is a channel.
    pub posts: bool,
    /// Does not want to be known as an admin.
    pub anonymous: bool,
}

/// Who asks, and from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The person.
    pub user: UserId,
    /// The chat whose studio is meant.
    pub chat: ChatId,
    /// The person's standing in that chat.
    pub standing: Standing,
}

/// What a verb asks of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Look at status and links.
    View,
    /// Stop a broadcast: any admin's, whoever operates. It is the one thing that must never wait for somebody else.
    Stop,
    /// Change or start anything.
    Operate,
    /// Say who operates: theirs who say who is an admin.
    Appoint,
}

/// Which admins of a group operate its studio.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// Any.
    #[default]
    Any,
    /// Those who may manage video chats.
    Video,
    /// Those who were named.
    Named,
}

/// Who operates a group's studio. Its creator always does, so that nobody is ever locked out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Operators {
    /// Which admins.
    pub policy: Policy,
    /// Those who were named, kept also while another policy is in force. A name counts for admins only.
    pub named: BTreeSet<UserId>,
}

impl Operators {
    /// Whether an admin with these powers is one of them.
    #[must_use]
    pub fn include(&self, user: UserId, powers: Powers) -> bool {
        powers.creator
            || match self.policy {
                Policy::Any => true,
                Policy::Video => powers.video_chats,
                Policy::Named => self.named.contains(&user),
            }
    }
}

impl Caller {
    /// Whether they hold `right` in a studio with these operators.
    #[must_use]
    pub fn may(&self, right: Right, operators: &Operators) -> bool {
        match (self.standing, right) {
            (Standing::Private, _) | (_, Right::View) => true,
            (Standing::Member, _) => false,
            (Standing::AnonymousAdmin | Standing::Left, right) => right == Right::Stop,
            (Standing::Admin(_), Right::Stop) => true,
            (Standing::Admin(powers), Right::Operate) => operators.include(self.user, powers),
            (Standing::Admin(powers), Right::Appoint) => powers.creator || powers.appoints,
        }
    }

    /// Whether others may be told that it was they.
    #[must_use]
    pub fn is_known(&self) -> bool {
        match self.standing {
            Standing::Private | Standing::Left | Standing::Member => true,
            Standing::Admin(powers) => !powers.anonymous,
            Standing::AnonymousAdmin => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREATOR: Powers =
        Powers { creator: true, video_chats: false, appoints: false, posts: false, anonymous: false };
    const VIDEO: Powers = Powers { creator: false, video_chats: true, ..CREATOR };
    const PLAIN: Powers = Powers { video_chats: false, ..VIDEO };

    #[test]
    fn policies_choose_among_admins_and_never_lock_the_creator_out() {
        let of = |policy| Operators { policy, named: [UserId(1)].into() };
        for (policy, video, named, plain) in
            [(Policy::Any, true, true, true), (Policy::Video, true, false, false), (Policy::Named, false, true, false)]
        {
            assert!(of(policy).include(UserId(9), CREATOR));
            assert_eq!(of(policy).include(UserId(2), VIDEO), video, "{policy:?}");
            assert_eq!(of(policy).include(UserId(1), PLAIN), named, "{policy:?}");
            assert_eq!(of(policy).include(UserId(3), PLAIN), plain, "{policy:?}");
        }
    }

    #[test]
    fn any_admin_stops_and_nobody_but_an_admin_does() {
        let named = Operators { policy: Policy::Named, named: BTreeSet::new() };
        let caller = |standing| Caller { user: UserId(1), chat: ChatId(-1), standing };
        for (standing, rights) in [
            (Standing::Member, [true, false, false, false]),
            (Standing::AnonymousAdmin, [true, true, false, false]),
            (Standing::Left, [true, true, false, false]),
            (Standing::Admin(PLAIN), [true, true, false, false]),
            (Standing::Admin(Powers { appoints: true, ..PLAIN }), [true, true, false, true]),
            (Standing::Admin(CREATOR), [true, true, true, true]),
            (Standing::Private, [true, true, true, true]),
        ] {
            let all = [Right::View, Right::Stop, Right::Operate, Right::Appoint];
            assert_eq!(all.map(|right| caller(standing).may(right, &named)), rights, "{standing:?}");
        }
    }
}
