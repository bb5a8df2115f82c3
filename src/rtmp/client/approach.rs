//! What comes before a server takes a connection: it may ask for a login, or name another server. Each step is a
//! connection of its own, and there are at most six: three up to a login, and as many at another server. Pure.

use super::login::{Account, Login};
use super::session::Rejection;
use crate::domain::status::PushFailure;
use crate::rtmp::handshake::Marks;
use std::fmt;

/// Where an approach is.
#[derive(Default)]
pub struct Approach<'a> {
    account: Option<Account<'a>>,
    login: Login,
    credentials: String,
    moved: bool,
    marks: Option<&'a Marks>,
}

/// A connection that came to nothing.
pub struct Turned {
    /// What is told, unless the approach goes on.
    pub failure: PushFailure,
    pub(super) rejection: Option<Rejection>,
}

/// What is to be dialled next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The same server.
    Same,
    /// The server of this URL, a stranger's word.
    Other(String),
}

impl fmt::Debug for Approach<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Approach")
    }
}

impl fmt::Debug for Turned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.failure.fmt(f)
    }
}

impl<'a> Approach<'a> {
    /// With what to log in, where that is asked for.
    #[must_use]
    pub fn new(account: Option<Account<'a>>) -> Self {
        Self { account, ..Self::default() }
    }

    /// The same that leaves a mark with each handshake.
    #[must_use]
    pub fn marked(self, marks: &'a Marks) -> Self {
        Self { marks: Some(marks), ..self }
    }

    pub(super) fn marks(&self) -> Option<&'a Marks> {
        self.marks
    }

    /// Decides whether and where to dial again; `app` is the application that was asked for, `random` must be new each
    /// time.
    ///
    /// # Errors
    /// What is to be told: the approach is over.
    pub fn heed(&mut self, turned: &Turned, app: &str, random: u32) -> Result<Next, PushFailure> {
        let Some(rejection) = &turned.rejection else { return Err(turned.failure.clone()) };
        if let Some(to) = &rejection.redirect {
            if std::mem::replace(&mut self.moved, true) {
                return Err(turned.failure.clone());
            }
            (self.login, self.credentials) = (Login::default(), String::new());
            return Ok(Next::Other(to.clone()));
        }
        match self.login.heed(&rejection.words, self.account, app, random) {
            Ok(Some(credentials)) => self.credentials = credentials,
            Ok(None) => return Err(turned.failure.clone()),
            Err(fault) => return Err(PushFailure::Login(fault)),
        }
        Ok(Next::Same)
    }

    /// What is to follow the application.
    pub(super) fn credentials(&self) -> &str {
        &self.credentials
    }

    /// What must not come back in a server's words. A user's name is told to everybody who asks there.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        let password = self.account.map(|account| account.password).into_iter();
        let answer = self.credentials.split_once("&response=").map(|(_, answer)| answer);
        password.chain(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::status::LoginFault;

    const ACCOUNT: Account<'_> = Account { user: "anna", password: "s3cret" };

    fn turned(words: &str, redirect: Option<&str>) -> Turned {
        let rejection = Rejection { words: words.into(), redirect: redirect.map(str::to_owned) };
        Turned { failure: PushFailure::Refused { words: "no".into() }, rejection: Some(rejection) }
    }

    #[test]
    fn a_server_that_only_says_no_is_not_dialled_again() {
        let mut approach = Approach::new(Some(ACCOUNT));
        let no = PushFailure::Refused { words: "no".into() };
        assert_eq!(approach.heed(&turned("no such app", None), "live", 1), Err(no.clone()));
        let lost = Turned { failure: no.clone(), rejection: None };
        assert_eq!(approach.heed(&lost, "live", 1), Err(no));
    }

    #[test]
    fn another_server_is_followed_once_and_the_login_begins_anew_there() {
        let (need, ask) =
            ("[ code=403 need auth; authmod=adobe ]", "[ authmod=adobe ] : ?reason=needauth&salt=a&opaque=b");
        let mut approach = Approach::new(Some(ACCOUNT));
        let mut dials = 1;
        for turned in [
            turned(need, None),
            turned(ask, None),
            turned("", Some("rtmp://b.example/live")),
            turned(need, None),
            turned(ask, None),
        ] {
            let other = turned.rejection.as_ref().is_some_and(|rejection| rejection.redirect.is_some());
            let next = approach.heed(&turned, "live", dials).unwrap();
            assert_eq!(next, if other { Next::Other("rtmp://b.example/live".into()) } else { Next::Same });
            assert_eq!(approach.credentials().is_empty(), other);
            dials += 1;
        }
        assert_eq!(dials, 6);
        for again in [turned("", Some("rtmp://c.example/live")), turned("", Some(""))] {
            assert!(matches!(approach.heed(&again, "live", 9), Err(PushFailure::Refused { .. })));
        }
        let wrong = Err(PushFailure::Login(LoginFault::WrongPassword));
        assert_eq!(approach.heed(&turned(ask, None), "live", 9), wrong);
    }
}
