//! Where a person is in a dialogue. Kept sealed in the store, because it may hold a key in progress; over after a
//! quarter of an hour.

use crate::domain::id::{StudioId, TargetId};
use crate::domain::login::Login;
use crate::domain::rtmp_url::{PushPoint, ServerUrl};
use crate::domain::secret::StreamKey;
use crate::domain::target::Flaw;
use crate::platform::paste::Understood;
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime};

/// How long an unanswered question stands.
const LASTS: Duration = Duration::from_secs(15 * 60);

/// A question that a person has yet to answer in their private chat. No Debug: it may hold a key.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Dialogue {
    /// Whose studio it is about.
    pub(super) of: StudioId,
    /// When it was asked.
    asked: SystemTime,
    pub(super) step: Step,
}

/// Which question.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Step {
    /// Which platform? A paste instead of a tap is an answer too.
    Platform,
    /// Server and key?
    Paste(Paste),
    /// Save it like this?
    Confirm(Draft),
    /// What shall it be called?
    Name(Draft),
    /// What shall this target be called?
    Rename(TargetId),
    /// Where do people watch this target?
    Link(TargetId),
    /// Where is the stream taken from?
    Pull,
}

/// What is known of server and key so far.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Paste {
    /// The platform that was chosen.
    pub(super) platform: Option<String>,
    /// The target that gets a new key.
    pub(super) rekey: Option<TargetId>,
    pub(super) server: Option<String>,
    pub(super) key: Option<String>,
    /// User and password that came before the server did.
    #[serde(default)]
    pub(super) login: Option<(String, String)>,
    pub(super) link: Option<String>,
}

/// A target that waits for its “Save”.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Draft {
    pub(super) platform: String,
    pub(super) server: String,
    pub(super) key: String,
    pub(super) name: String,
    pub(super) link: Option<String>,
    pub(super) rekey: Option<TargetId>,
    /// What a test found, once there was one.
    #[serde(default)]
    pub(super) tested: Option<Tested>,
}

/// What a test of a draft found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tested {
    pub(super) flaw: Option<Flaw>,
}

impl Dialogue {
    pub(super) fn new(of: StudioId, step: Step) -> Self {
        Self { of, asked: SystemTime::now(), step }
    }

    /// A clock that was set back does not end it.
    pub(super) fn is_over(&self) -> bool {
        self.asked.elapsed().is_ok_and(|since| since > LASTS)
    }
}

impl Paste {
    /// Takes what was understood beside what is known already. A login waits for its server.
    pub(super) fn take(&mut self, read: Understood) {
        self.server = read.server.map(|server| server.expose().to_string()).or(self.server.take());
        self.key = read.key.map(|key| key.expose().to_owned()).or(self.key.take());
        self.link = read.link.or(self.link.take());
        let login = read.login.map(|login| (login.expose().0.to_owned(), login.expose().1.to_owned()));
        self.login = login.or(self.login.take());
        if let Some(login) = self.login.as_ref().and_then(|(user, password)| Login::new(user, password))
            && let Some(server) = self.server.as_deref().and_then(|text| ServerUrl::parse(text).ok())
        {
            self.server = Some(server.with_login(login).expose().to_string());
        }
        if self.rekey.is_none() {
            self.platform = read.platform.or(self.platform.take());
        }
    }
}

impl Draft {
    /// Server and key, as they were understood.
    pub(super) fn point(&self) -> Option<PushPoint> {
        Some(PushPoint { server: ServerUrl::parse(&self.server).ok()?, key: StreamKey::parse(&self.key).ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_stands_for_a_quarter_of_an_hour() {
        let mut asked = Dialogue::new(StudioId(1), Step::Platform);
        assert!(!asked.is_over());
        asked.asked = SystemTime::now() - LASTS - Duration::from_secs(1);
        assert!(asked.is_over());
        asked.asked = SystemTime::now() + LASTS;
        assert!(!asked.is_over());
    }
}
