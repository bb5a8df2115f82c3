//! How Wowza and Limelight ask who publishes, strictly. There is no specification: this is the server's side of what
//! ffmpeg and librtmp both do, and it counts because both are let in by it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};

/// The way of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `authmod=adobe`.
    Adobe,
    /// `authmod=llnw`.
    Limelight,
}

/// Who may publish.
#[derive(Clone, Debug)]
pub struct LetIn {
    /// The one application.
    pub app: String,
    /// The one user.
    pub user: String,
    /// And their password.
    pub password: String,
}

/// What was asked of somebody; each is answered once.
#[derive(Debug, Default)]
pub struct Tokens {
    asked: Vec<String>,
    next: u32,
}

/// What comes of a `connect`.
#[derive(Debug)]
pub enum Verdict {
    /// It is let in.
    In,
    /// It is turned away with these words: come again with a name, with the answer to this challenge, or not at all.
    Out(String),
}

impl Tokens {
    fn draw(&mut self) -> String {
        self.next += 1;
        let token = STANDARD.encode(&md5(&["token", &self.next.to_string()])[..8]);
        self.asked.push(token.clone());
        token
    }

    fn take(&mut self, token: &str) -> bool {
        let before = self.asked.len();
        self.asked.retain(|asked| asked != token);
        self.asked.len() < before
    }
}

fn md5(parts: &[&str]) -> [u8; 16] {
    let mut hash = Md5::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

fn hex(bytes: [u8; 16]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The salt of a user, always the same.
fn salt(user: &str) -> String {
    STANDARD.encode(&md5(&["salt", user])[..6])
}

/// Judges app and tcUrl of a `connect`; both must carry the same.
pub fn judge(method: Method, account: &LetIn, (app, tc_url): (&str, &str), tokens: &mut Tokens) -> Verdict {
    let name = if method == Method::Adobe { "adobe" } else { "llnw" };
    let out = |words: String| Verdict::Out(format!("[ AccessManager.Reject ] : [ {words}"));
    let (path, query) = app.split_once('?').unwrap_or((app, ""));
    if path != account.app || !tc_url.ends_with(&format!("/{app}")) || tc_url.contains('@') {
        return out(format!("code=404 no such application {path} ] : "));
    }
    let value = |key: &str| query.split('&').filter_map(|pair| pair.split_once('=')).find(|(k, _)| *k == key);
    let value = |key: &str| value(key).map(|(_, value)| value).unwrap_or_default();
    if value("authmod") != name {
        return out(format!("code=403 need auth; authmod={name} ] : "));
    }
    let user = value("user");
    if user != account.user {
        return out(format!("authmod={name} ] : ?reason=nosuchuser&user={user}"));
    }
    if value("response").is_empty() {
        let token = tokens.draw();
        return out(match method {
            Method::Adobe => {
                let salt = salt(user);
                format!("authmod=adobe ] : ?reason=needauth&user={user}&salt={salt}&challenge={token}&opaque={token}")
            }
            Method::Limelight => format!("authmod=llnw ] : ?reason=needauth&user={user}&nonce={token}"),
        });
    }
    let (token, expected) = match method {
        Method::Adobe => {
            let salted = STANDARD.encode(md5(&[user, &salt(user), &account.password]));
            let opaque = value("opaque");
            (opaque, STANDARD.encode(md5(&[&salted, opaque, value("challenge")])))
        }
        Method::Limelight => {
            let who = hex(md5(&[user, ":live:", &account.password]));
            let instance = if path.contains('/') { "" } else { "/_definst_" };
            let what = hex(md5(&["publish:/", path, instance]));
            let (nonce, count) = (value("nonce"), value("nc"));
            (nonce, hex(md5(&[&who, ":", nonce, ":", count, ":", value("cnonce"), ":auth:", &what])))
        }
    };
    if !tokens.take(token) || value("response") != expected {
        return out(format!("authmod={name} ] : ?reason=authfailed&user={user}"));
    }
    Verdict::In
}
