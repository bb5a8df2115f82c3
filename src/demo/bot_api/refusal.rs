//! How the Bot API says no: an HTTP status, a description in the server's own words, sometimes a parameter.

use serde_json::{Value, json};

/// An error answer of the Bot API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The HTTP status, repeated as `error_code`.
    pub(super) code: u16,
    /// The words, prefix included.
    pub(super) description: String,
    /// What a client can act on without reading words.
    pub(super) parameters: Option<Parameters>,
}

/// `ResponseParameters` of the Bot API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parameters {
    /// Seconds until the request may be repeated.
    RetryAfter(u64),
    /// The supergroup that this group has become.
    MigrateTo(i64),
}

/// What a method answers.
pub(super) type Answer = Result<Value, Refusal>;

impl Refusal {
    /// 400 with the server's rule for the first letter: lower case, except for words like `BUTTON_DATA_INVALID`.
    pub(super) fn bad(words: impl Into<String>) -> Self {
        Self::new(400, "Bad Request", words.into())
    }

    /// 403.
    pub(super) fn forbidden(words: impl Into<String>) -> Self {
        Self::new(403, "Forbidden", words.into())
    }

    /// 429, with the seconds to wait.
    pub(super) fn too_many(seconds: u64) -> Self {
        Self {
            code: 429,
            description: format!("Too Many Requests: retry after {seconds}"),
            parameters: Some(Parameters::RetryAfter(seconds)),
        }
    }

    /// 400 from a group that has become the supergroup `id`.
    pub(super) fn migrated(id: i64) -> Self {
        Self {
            parameters: Some(Parameters::MigrateTo(id)),
            ..Self::bad("group chat was upgraded to a supergroup chat")
        }
    }

    /// 409: someone else polls.
    pub(super) fn conflict() -> Self {
        let words = "terminated by other getUpdates request; make sure that only one bot instance is running";
        Self::new(409, "Conflict", words.into())
    }

    /// Any status with its full description.
    pub(super) fn plain(code: u16, description: &str) -> Self {
        Self { code, description: description.into(), parameters: None }
    }

    fn new(code: u16, prefix: &str, mut words: String) -> Self {
        let shouts = words.chars().nth(1).is_some_and(|c| c == '_' || c.is_ascii_uppercase());
        if let (Some(first), false) = (words.get_mut(0..1), shouts) {
            first.make_ascii_lowercase();
        }
        Self { code, description: format!("{prefix}: {words}"), parameters: None }
    }

    /// The body as sent.
    pub(super) fn body(&self) -> Value {
        let mut body = json!({"ok": false, "error_code": self.code, "description": self.description});
        match self.parameters {
            Some(Parameters::RetryAfter(seconds)) => body["parameters"] = json!({"retry_after": seconds}),
            Some(Parameters::MigrateTo(id)) => body["parameters"] = json!({"migrate_to_chat_id": id}),
            None => {}
        }
        body
    }
}
