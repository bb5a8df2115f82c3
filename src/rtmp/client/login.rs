//! Logins that servers ask for before they take a connection: Adobe's (`authmod=adobe`), Wowza's own way, and
//! Limelight's (`authmod=llnw`). Neither has a specification: this is what ffmpeg (rtmpproto.c) and librtmp do. A
//! server says no to `connect` and why, and is dialled again each time: with the user's name, then with the answer to its
//! challenge. Both follow app and tcUrl as a query. Pure.

use crate::domain::status::LoginFault;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use std::fmt;

/// Bytes of one value of a challenge; servers send 24.
const MAX_VALUE: usize = 256;
/// Limelight's digest is of RFC 2617, §3.2.2, with these.
const REALM: &str = "live";
const METHOD: &str = "publish";
const QOP: &str = "auth";
const COUNT: &str = "00000001";

/// Who logs in.
#[derive(Clone, Copy)]
pub struct Account<'a> {
    /// The user.
    pub user: &'a str,
    /// It is proved, and never sent.
    pub password: &'a str,
}

impl fmt::Debug for Account<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Account")
    }
}

/// How far one server was answered.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Fresh,
    Named,
    Answered,
}

#[derive(Clone, Copy)]
enum Method {
    Adobe,
    Limelight,
}

/// A login at one server.
#[derive(Default)]
pub(super) struct Login(Stage);

impl Login {
    /// Reads why a server does not take a connection; what is to follow the application `app` on the next one, or nothing
    /// where it is about no login. `random` goes into the answer.
    pub(super) fn heed(
        &mut self,
        words: &str,
        account: Option<Account<'_>>,
        app: &str,
        random: u32,
    ) -> Result<Option<String>, LoginFault> {
        let method = match words.split_once("authmod=") {
            Some((_, name)) if name.starts_with("adobe") => Method::Adobe,
            Some((_, name)) if name.starts_with("llnw") => Method::Limelight,
            Some(_) => return Err(LoginFault::Unknown),
            None => return Ok(None),
        };
        let account = account.ok_or(LoginFault::Needed)?;
        // Limelight's word is shorter.
        if words.contains("?reason=authfail") {
            return Err(LoginFault::WrongPassword);
        }
        if words.contains("?reason=nosuchuser") {
            return Err(LoginFault::NoSuchUser);
        }
        if let Some((_, challenge)) = words.split_once("?reason=needauth") {
            if self.0 == Stage::Answered {
                return Err(LoginFault::WrongPassword);
            }
            self.0 = Stage::Answered;
            let challenge = Challenge::read(challenge).ok_or(LoginFault::Unknown)?;
            return Ok(Some(match method {
                Method::Adobe => adobe(&account, &challenge, random),
                Method::Limelight => limelight(&account, &challenge, app, random),
            }));
        }
        if !words.contains("need auth") {
            return Ok(None);
        }
        if self.0 != Stage::Fresh {
            return Err(LoginFault::WrongPassword);
        }
        self.0 = Stage::Named;
        let name = if let Method::Adobe = method { "adobe" } else { "llnw" };
        Ok(Some(format!("?authmod={name}&user={}", account.user)))
    }
}

/// `&user=…&salt=…&challenge=…&opaque=…` or `&user=…&nonce=…`; what is missing is empty.
#[derive(Debug, Default, PartialEq, Eq)]
struct Challenge<'w> {
    user: &'w str,
    salt: &'w str,
    challenge: &'w str,
    opaque: &'w str,
    nonce: &'w str,
}

impl<'w> Challenge<'w> {
    /// `None` where a value is too long, or no text that stands in a query.
    fn read(text: &'w str) -> Option<Self> {
        let mut read = Self::default();
        for (name, value) in text.trim_end().split('&').filter_map(|pair| pair.split_once('=')) {
            let place = match name {
                "user" => &mut read.user,
                "salt" => &mut read.salt,
                "challenge" => &mut read.challenge,
                "opaque" => &mut read.opaque,
                "nonce" => &mut read.nonce,
                _ => continue,
            };
            if value.len() > MAX_VALUE || value.chars().any(|c| c.is_control() || c.is_whitespace()) {
                return None;
            }
            *place = value;
        }
        Some(read)
    }

    /// The user as the server knows them.
    fn user<'a>(&'a self, account: &'a Account<'_>) -> &'a str {
        if self.user.is_empty() { account.user } else { self.user }
    }
}

fn md5(parts: &[&str]) -> [u8; 16] {
    let mut hash = Md5::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn adobe(account: &Account<'_>, asked: &Challenge<'_>, random: u32) -> String {
    let (user, mine) = (account.user, format!("{random:08x}"));
    let salted = STANDARD.encode(md5(&[asked.user(account), asked.salt, account.password]));
    let theirs = if asked.opaque.is_empty() { asked.challenge } else { asked.opaque };
    let response = STANDARD.encode(md5(&[&salted, theirs, &mine]));
    let opaque = if asked.opaque.is_empty() { String::new() } else { format!("&opaque={}", asked.opaque) };
    format!("?authmod=adobe&user={user}&challenge={mine}&response={response}{opaque}")
}

fn limelight(account: &Account<'_>, asked: &Challenge<'_>, app: &str, random: u32) -> String {
    let (user, nonce, mine) = (account.user, asked.nonce, format!("{random:08x}"));
    let path = app.split('?').next().unwrap_or_default();
    let instance = if path.contains('/') { "" } else { "/_definst_" };
    let who = hex(&md5(&[asked.user(account), ":", REALM, ":", account.password]));
    let what = hex(&md5(&[METHOD, ":/", path, instance]));
    let response = hex(&md5(&[&who, ":", nonce, ":", COUNT, ":", &mine, ":", QOP, ":", &what]));
    format!("?authmod=llnw&user={user}&nonce={nonce}&cnonce={mine}&nc={COUNT}&response={response}")
}

/// Any words, at every stage, with and without an account, for the fuzzers: whether what would be sent stays in bounds and
/// holds no password.
pub(in crate::rtmp) fn rehearse(words: &str) -> bool {
    let account = Account { user: "anna", password: "pass\u{1}word" };
    [Stage::Fresh, Stage::Named, Stage::Answered].into_iter().all(|stage| {
        let needs = Login(stage).heed(words, None, "live", 7);
        let heard = Login(stage).heed(words, Some(account), "live/x?y=z", 7);
        let sent = heard.ok().flatten().unwrap_or_default();
        !matches!(needs, Ok(Some(_))) && sent.len() <= 2 * MAX_VALUE + 128 && !sent.contains(account.password)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ANNA: Account<'_> = Account { user: "anna", password: "s3cret" };
    const NEED: &str = "[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : ";
    const ASK: &str = "[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=needauth&user=anna&salt=c2FsdA==\
                       &challenge=Y2hhbA==&opaque=b3BhcXVl";

    #[test]
    fn the_name_is_told_first_and_then_the_challenge_answered_with_adobes_digest() {
        let mut login = Login::default();
        let told = login.heed(NEED, Some(ANNA), "live", 1).unwrap();
        assert_eq!(told.as_deref(), Some("?authmod=adobe&user=anna"));
        let told = login.heed(ASK, Some(ANNA), "live", 0xdead_beef).unwrap();
        // By other code: base64(md5(base64(md5("anna" "c2FsdA==" "s3cret")) "b3BhcXVl" "deadbeef"))
        let answer = "?authmod=adobe&user=anna&challenge=deadbeef&response=1Qt4xGne6y7apevak4NLMQ==&opaque=b3BhcXVl";
        assert_eq!(told.as_deref(), Some(answer));
        assert_eq!(login.heed(ASK, Some(ANNA), "live", 2), Err(LoginFault::WrongPassword), "once");
        assert_eq!(login.heed(NEED, Some(ANNA), "live", 2), Err(LoginFault::WrongPassword));
    }

    #[test]
    fn limelights_digest_is_that_of_http_over_the_application_and_its_instance() {
        let need = "[ code=403 need auth; authmod=llnw ]";
        let ask = "[ authmod=llnw ] : ?reason=needauth&user=anna&nonce=abc123";
        for (app, response) in
            [("live?x=1", "e6e4a4968b696925613b19d21722bf6c"), ("live/room", "e7768b142ef128ae3a6d4a27b521368e")]
        {
            let mut login = Login::default();
            let told = login.heed(need, Some(ANNA), app, 1).unwrap();
            assert_eq!(told.as_deref(), Some("?authmod=llnw&user=anna"));
            let told = login.heed(ask, Some(ANNA), app, 0xdead_beef).unwrap().unwrap();
            let begins = "?authmod=llnw&user=anna&nonce=abc123&cnonce=deadbeef&nc=00000001&response=";
            assert_eq!(told, format!("{begins}{response}"));
        }
    }

    #[test]
    fn each_no_has_its_own_name() {
        let hear = |words: &str, account| Login::default().heed(words, account, "live", 1);
        assert_eq!(hear(NEED, None), Err(LoginFault::Needed));
        assert_eq!(hear(&NEED.replace("adobe", "other"), Some(ANNA)), Err(LoginFault::Unknown));
        for (reason, fault) in [
            ("authfailed", LoginFault::WrongPassword),
            ("authfail", LoginFault::WrongPassword),
            ("nosuchuser", LoginFault::NoSuchUser),
        ] {
            let words = format!("[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason={reason}&opaque=x");
            assert_eq!(hear(&words, Some(ANNA)), Err(fault), "{reason}");
        }
        for words in ["", "no such app", "[ authmod=adobe ] : ?reason=blocked"] {
            assert_eq!(hear(words, Some(ANNA)), Ok(None), "{words}");
        }
    }

    #[test]
    fn a_challenge_that_is_too_long_or_no_text_is_not_answered() {
        for salt in ["x".repeat(MAX_VALUE + 1), "a b".into(), "a\r\nb".into(), "\u{2028}".into()] {
            let words = format!("[ authmod=adobe ] : ?reason=needauth&salt={salt}&opaque=x");
            assert_eq!(Login::default().heed(&words, Some(ANNA), "live", 1), Err(LoginFault::Unknown));
        }
        let pairs = "&".repeat(60_000) + "&salt=1&salt=2&==&=&user&opaque=3";
        let read = Challenge::read(&pairs).unwrap();
        assert_eq!(read, Challenge { salt: "2", opaque: "3", ..Challenge::default() });
    }

    proptest! {
        #[test]
        fn no_words_make_a_login_panic_or_give_the_password_away(words in any::<String>(), values in "\\PC{0,300}") {
            prop_assert!(rehearse(&words));
            for words in [format!("authmod=adobe?reason=needauth&salt={values}"), format!("authmod=llnw {values}need auth")] {
                prop_assert!(rehearse(&words));
            }
        }
    }
}
