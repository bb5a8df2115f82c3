//! What Telegram says instead of yes, classified.

use crate::domain::id::ChatId;
use std::time::Duration;
use teloxide::{ApiError, RequestError};

/// What Telegram, or the way to it, says instead of yes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::chat) enum Fault {
    /// Too many requests.
    #[error("Telegram asks to wait for {} s", .0.as_secs())]
    Wait(Duration),
    /// An edit would change nothing.
    #[error("nothing to change")]
    Unchanged,
    /// The message is not there, or not to be changed any more.
    #[error("the message is gone")]
    Gone,
    /// The bot may not speak there.
    #[error("the chat is closed to the bot")]
    Shut,
    /// The topic of the group is gone, or nobody may write there.
    #[error("the topic is gone or closed")]
    Topic,
    /// The group has become another chat.
    #[error("the group has become a supergroup")]
    Moved(ChatId),
    /// Somebody else polls with this token.
    #[error("another program polls with this bot's token; stop it")]
    Conflict,
    /// The token is none.
    #[error("Telegram does not know the bot's token; check it, or ask @BotFather for a new one")]
    Token,
    /// No answer, or none that can be read.
    #[error("{0}")]
    Unreachable(Way),
    /// Anything else is a fault of ours.
    #[error("Telegram refused a request")]
    Refused,
}

/// What is wrong with the way to Telegram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::chat) enum Way {
    /// No connection.
    #[error("Telegram cannot be reached: no connection; check the network, TELECAST_API_URL and TELECAST_PROXY")]
    Closed,
    /// A connection without an answer.
    #[error("Telegram does not answer: the connection hangs; check the network and TELECAST_PROXY")]
    Silent,
    /// Half an answer.
    #[error("Telegram cannot be heard: connections break off; check the network and TELECAST_PROXY")]
    Broken,
    /// An answer, but not the Bot API's.
    #[error(
        "something else answers in place of Telegram, perhaps a proxy's error page; check TELECAST_API_URL and \
         TELECAST_PROXY, or wait"
    )]
    Strange,
    /// Telegram's own fault.
    #[error("Telegram has a fault of its own (5xx), which passes")]
    Ailing,
}

/// What an error means. Texts of the server's are newer than teloxide's list of them, so they are looked through.
pub(super) fn fault(error: &RequestError) -> Fault {
    let api = match error {
        RequestError::RetryAfter(seconds) => return Fault::Wait(seconds.duration()),
        RequestError::MigrateToChatId(chat) => return Fault::Moved(ChatId(chat.0)),
        RequestError::Network(error) => return Fault::Unreachable(way(error)),
        RequestError::InvalidJson { .. } => return Fault::Unreachable(Way::Strange),
        RequestError::Io(_) => return Fault::Unreachable(Way::Broken),
        RequestError::Api(api) => api,
    };
    match api {
        ApiError::MessageNotModified => return Fault::Unchanged,
        ApiError::MessageToEditNotFound
        | ApiError::MessageToDeleteNotFound
        | ApiError::MessageIdInvalid
        | ApiError::MessageCantBeEdited
        | ApiError::MessageCantBeDeleted => return Fault::Gone,
        ApiError::TerminatedByOtherGetUpdates => return Fault::Conflict,
        ApiError::InvalidToken => return Fault::Token,
        _ => {}
    }
    let words = api.to_string().to_ascii_lowercase();
    let has = |part: &str| words.contains(part);
    if has("to send video") || has("to send photo") {
        // Everything else may be sent there.
        Fault::Refused
    } else if has("thread not found") || has("topic_closed") || has("topic_deleted") {
        Fault::Topic
    } else if has("conflict") || has("terminated by other getupdates") {
        Fault::Conflict
    } else if has("bot was blocked")
        || has("forbidden")
        || has("kicked")
        || has("deactivated")
        || has("chat not found")
        || has("not enough rights to send")
        || has("initiate conversation")
    {
        Fault::Shut
    } else if has("message is not modified") {
        Fault::Unchanged
    } else if has("message to") || has("message can't be") {
        Fault::Gone
    } else if has("internal server error") || has("bad gateway") {
        Fault::Unreachable(Way::Ailing)
    } else {
        Fault::Refused
    }
}

/// How a request was lost.
fn way(error: &reqwest::Error) -> Way {
    if error.is_connect() {
        Way::Closed
    } else if error.is_timeout() {
        Way::Silent
    } else {
        Way::Broken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_that_takes_no_videos_or_photos_takes_everything_else() {
        let said = |words: &str| fault(&RequestError::Api(ApiError::Unknown(words.into())));
        assert_eq!(said("Bad Request: not enough rights to send videos to the chat"), Fault::Refused);
        assert_eq!(said("Bad Request: not enough rights to send photos to the chat"), Fault::Refused);
        assert_eq!(said("Bad Request: not enough rights to send text messages to the chat"), Fault::Shut);
    }
}
