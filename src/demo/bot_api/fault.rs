//! Staged troubles: what the network and Telegram do on a bad day.

use crate::domain::id::ChatId;
use std::time::Duration;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// 429 with these seconds to wait. The request has no effect.
    TooMany(u64),
    /// 500, without effect.
    Internal,
    /// 502 with an HTML page of the proxy, without effect.
    BadGateway,
    /// 400 as in a group that takes no videos from plain members, without effect.
    NoVideos,
    /// 409 as from a second poller, without effect.
    Conflict,
    /// 401, as after the token was revoked, without effect.
    Unauthorized,
    /// No answer for so long, then the usual one.
    Hang(Duration),
    /// The request takes effect, and the connection breaks in the middle of the answer.
    Reset,
}

/// A trouble, and what it befalls.
#[derive(Clone, Debug)]
pub struct Fault {
    trouble: Trouble,
    method: Option<String>,
    chat: Option<i64>,
    times: u32,
}

impl Fault {
    /// Befalls the next request, whatever it is.
    #[must_use]
    pub const fn new(trouble: Trouble) -> Self {
        Self { trouble, method: None, chat: None, times: 1 }
    }

    /// Befalls only this method.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_ascii_lowercase());
        self
    }

    /// Befalls only requests to this chat.
    #[must_use]
    pub const fn chat(mut self, chat: ChatId) -> Self {
        self.chat = Some(chat.0);
        self
    }

    /// Befalls so many requests.
    #[must_use]
    pub const fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Befalls requests until [`Phone::clear_faults`](super::Phone::clear_faults).
    #[must_use]
    pub const fn always(self) -> Self {
        self.times(u32::MAX)
    }
}

/// The troubles ahead.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub(super) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The trouble for this request, spent by asking.
    pub(super) fn next(&mut self, method: &str, chat: Option<i64>) -> Option<Trouble> {
        let fits = |f: &Fault| f.method.as_deref().is_none_or(|m| m == method) && (f.chat.is_none() || f.chat == chat);
        let at = self.0.iter().position(fits)?;
        let fault = self.0.get_mut(at)?;
        let trouble = fault.trouble;
        if fault.times != u32::MAX {
            fault.times = fault.times.saturating_sub(1);
        }
        if fault.times == 0 {
            self.0.remove(at);
        }
        Some(trouble)
    }
}
