//! A user and a password. As in [`super::secret`], nothing here can be printed by accident.

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Longest user name and longest password taken, in bytes each.
pub const MAX_LOGIN: usize = 256;

/// With what a server lets one publish that asks for a login. The password never travels in clear.
#[derive(Clone)]
pub struct Login {
    user: SecretString,
    password: SecretString,
}

impl Login {
    /// `None` where one of them is empty, longer than [`MAX_LOGIN`] or holds control characters.
    #[must_use]
    pub fn new(user: &str, password: &str) -> Option<Self> {
        let fits = |text: &str| (1..=MAX_LOGIN).contains(&text.len()) && !text.chars().any(char::is_control);
        (fits(user) && fits(password)).then(|| Self { user: user.into(), password: password.into() })
    }

    /// Reads `user:password` as it stands before the host of a URL (RFC 3986 §3.2.1). A `%` that begins no escape is
    /// itself: people paste passwords as they are.
    #[must_use]
    pub fn from_userinfo(text: &str) -> Option<Self> {
        let (user, password) = text.split_once(':')?;
        let [user, password] =
            [user, password].map(|part| Zeroizing::new(percent_decode_str(part).collect::<Vec<u8>>()));
        Self::new(std::str::from_utf8(&user).ok()?, std::str::from_utf8(&password).ok()?)
    }

    /// What [`Self::from_userinfo`] reads as the same.
    pub(super) fn userinfo(&self) -> Zeroizing<String> {
        let part = |secret: &SecretString| {
            Zeroizing::new(utf8_percent_encode(secret.expose_secret(), NON_ALPHANUMERIC).to_string())
        };
        Zeroizing::new(format!("{}:{}", *part(&self.user), *part(&self.password)))
    }

    /// User and password in clear. Only the dialler calls this.
    #[must_use]
    pub fn expose(&self) -> (&str, &str) {
        (self.user.expose_secret(), self.password.expose_secret())
    }
}

impl PartialEq for Login {
    fn eq(&self, other: &Self) -> bool {
        let same =
            |a: &SecretString, b: &SecretString| a.expose_secret().as_bytes().ct_eq(b.expose_secret().as_bytes());
        (same(&self.user, &other.user) & same(&self.password, &other.password)).into()
    }
}

impl Eq for Login {}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_read_as_it_is_typed_and_comes_back_from_its_own_form() {
        for (text, user, password) in [
            ("anna:s3cret", "anna", "s3cret"),
            ("anna:p%40ss%3Aword", "anna", "p@ss:word"),
            ("anna:50%:off%zz", "anna", "50%:off%zz"),
            ("安娜:密 码", "安娜", "密 码"),
        ] {
            let login = Login::from_userinfo(text).unwrap();
            assert_eq!(login.expose(), (user, password));
            assert_eq!(Login::from_userinfo(&login.userinfo()), Some(login));
        }
        for text in ["anna", "anna:", ":s3cret", "", "anna:%00", "anna:%ff"] {
            assert_eq!(Login::from_userinfo(text), None, "{text}");
        }
        assert_eq!(Login::new("anna", &"x".repeat(MAX_LOGIN + 1)), None);
        assert_ne!(Login::new("anna", "one"), Login::new("anna", "two"));
        assert_eq!(format!("{:?}", Login::new("anna", "s3cret")), "Some(•••)");
    }
}
