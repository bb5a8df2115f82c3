//! Who may ask Twitch, Kick, Trovo and YouTube, as their documentation has it: one application's id and secret, a token
//! that ends, the headers that go with each question. What goes to the wrong place is kept as a fault.

use super::{Asked, Manner};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

/// The id of the one application that they know.
pub const ID: &str = "application0id";
/// Its secret.
pub const SECRET: &str = "planted+application/secret=";

/// Where tokens are had.
struct TokenPlace {
    url: &'static str,
    /// Whose tokens they are.
    host: &'static str,
    /// What is answered to another id, and to another secret.
    no_id: (u16, &'static str),
    no_secret: (u16, &'static str),
}

const TOKENS: &[TokenPlace] = &[
    TokenPlace {
        url: "id.twitch.tv/oauth2/token",
        host: "api.twitch.tv",
        no_id: (400, r#"{"status":400,"message":"invalid client"}"#),
        no_secret: (403, r#"{"status":403,"message":"invalid client secret"}"#),
    },
    TokenPlace {
        url: "id.kick.com/oauth/token",
        host: "api.kick.com",
        no_id: (401, r#"{"error":"invalid_client"}"#),
        no_secret: (401, r#"{"error":"invalid_client"}"#),
    },
];

/// What the platforms know of applications.
pub struct Gate {
    state: Mutex<State>,
}

struct State {
    /// How long a token lives, and how long it says that it does.
    lives: Duration,
    says: String,
    /// How the places answer where tokens are had.
    manner: Manner,
    tokens: BTreeMap<&'static str, (String, Instant)>,
    issued: usize,
    faults: Vec<String>,
}

impl Default for Gate {
    fn default() -> Self {
        Self::new(Manner::Well, Duration::from_secs(7200), "7200")
    }
}

impl Gate {
    /// Tokens are given in `manner`, live for `lives`, and say that it is for `says`.
    pub fn new(manner: Manner, lives: Duration, says: &str) -> Self {
        let (tokens, issued, faults) = (BTreeMap::new(), 0, Vec::new());
        Self { state: Mutex::new(State { lives, says: says.to_owned(), manner, tokens, issued, faults }) }
    }

    /// Takes all tokens back.
    pub fn revoke(&self) {
        self.state().tokens.clear();
    }

    /// How many tokens were given.
    pub fn issued(&self) -> usize {
        self.state().issued
    }

    /// What nobody would do who has read the documentation.
    pub fn faults(&self) -> Vec<String> {
        self.state().faults.clone()
    }

    /// What is answered at the gate; none where the question goes through it.
    pub(super) fn judge(&self, asked: &Asked) -> Option<(Manner, String)> {
        let mut state = self.state();
        let (method, url) = asked.line.split_once(' ').unwrap_or_default();
        let url = Url::parse(&format!("https://{url}")).ok()?;
        let (host, path) = (url.host_str().unwrap_or_default(), url.path());
        let place = format!("{host}{path}");
        if let Some(known) = TOKENS.iter().find(|known| known.url == place) {
            return Some(state.token(known, method, &url, asked));
        }
        let header = |name: &str| asked.headers.get(name).map(String::as_str);
        let query: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
        let key = query.get("key").map(String::as_str);
        let bearer = header("authorization").map(|value| value.strip_prefix("Bearer ").unwrap_or(""));
        let no = |status, body: &str| Some((Manner::Status(status), body.to_owned()));
        match (host, path) {
            ("api.twitch.tv", "/helix/streams" | "/helix/users") => {
                state.only(&asked.line, method == "GET" && asked.body.is_empty() && key.is_none());
                match state.knows("api.twitch.tv", bearer) {
                    _ if header("client-id") != Some(ID) => no(
                        401,
                        r#"{"error":"Unauthorized","status":401,"message":"Client ID and OAuth token do not match"}"#,
                    ),
                    false => no(401, r#"{"error":"Unauthorized","status":401,"message":"Invalid OAuth token"}"#),
                    true => None,
                }
            }
            ("api.kick.com", "/public/v1/channels") => {
                state.only(&asked.line, method == "GET" && header("client-id").is_none() && key.is_none());
                let known = state.knows("api.kick.com", bearer);
                if known { None } else { no(401, r#"{"data":{},"message":"Unauthorized"}"#) }
            }
            ("open-api.trovo.live", "/openplatform/channels/id") => {
                let json =
                    asked.kind == "application/json" && serde_json::from_str::<serde_json::Value>(&asked.body).is_ok();
                state.only(&asked.line, method == "POST" && json && bearer.is_none() && key.is_none());
                let known = header("client-id") == Some(ID);
                if known {
                    None
                } else {
                    no(401, r#"{"status":10702,"error":"Unauthorized","message":"Invalid client id"}"#)
                }
            }
            ("www.googleapis.com", "/youtube/v3/videos") => {
                state.only(&asked.line, method == "GET" && bearer.is_none() && header("client-id").is_none());
                match key {
                    Some(SECRET) => None,
                    Some(_) => no(
                        400,
                        r#"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","errors":[{"reason":"badRequest"}],"status":"INVALID_ARGUMENT"}}"#,
                    ),
                    None => no(403, r#"{"error":{"code":403,"status":"PERMISSION_DENIED"}}"#),
                }
            }
            _ => {
                let bare = bearer.is_none() && header("client-id").is_none();
                state.only(&asked.line, bare && !asked.line.contains(ID) && !asked.body.contains(ID));
                None
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn only(&mut self, line: &str, sound: bool) {
        if !sound {
            self.faults.push(line.to_owned());
        }
    }

    fn knows(&self, host: &str, bearer: Option<&str>) -> bool {
        let known = self.tokens.get(host).filter(|(_, until)| Instant::now() < *until);
        known.is_some_and(|(token, _)| bearer == Some(token))
    }

    fn token(&mut self, place: &'static TokenPlace, method: &str, url: &Url, asked: &Asked) -> (Manner, String) {
        let form: Vec<(String, String)> = url::form_urlencoded::parse(asked.body.as_bytes()).into_owned().collect();
        let field = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let sound = method == "POST"
            && url.query().is_none()
            && form.len() == 3
            && !asked.headers.contains_key("authorization");
        self.only(&asked.line, sound && asked.kind == "application/x-www-form-urlencoded");
        if field("grant_type") != Some("client_credentials") {
            self.faults.push(format!("{}: another grant", asked.line));
            return (Manner::Status(400), r#"{"error":"unsupported_grant_type"}"#.to_owned());
        }
        let no = |(status, body): (u16, &str)| (Manner::Status(status), body.to_owned());
        if field("client_id") != Some(ID) {
            return no(place.no_id);
        }
        if field("client_secret") != Some(SECRET) {
            return no(place.no_secret);
        }
        self.issued += 1;
        let token = format!("token-{}-{}", self.issued, place.host);
        self.tokens.insert(place.host, (token.clone(), Instant::now() + self.lives));
        let says = &self.says;
        (self.manner, format!("{{\"access_token\":\"{token}\",\"expires_in\":{says},\"token_type\":\"bearer\"}}"))
    }
}
