//! What each target makes of its bytes, and what must hold of it. One function each, of the target's name.

mod broadcast;
mod connection;
mod hold;
mod interleaved;
mod queue;
mod stream;

pub use broadcast::broadcast;
pub use hold::hold;
pub use interleaved::interleaved;
pub use queue::queue;
pub use stream::{media, mp4, sound, still, timeline};

use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::SystemTime;
use telecast::config::{Config, SETTINGS};
use telecast::domain::rtmp_url::{PushPoint, ServerUrl};
use telecast::platform::live_check::{Names, read};
use telecast::platform::{Catalogue, StatusPage, expiry};

/// Takes any bytes, and panics where what must hold of them does not.
pub type Target = fn(&[u8]);

/// Every target.
pub const TARGETS: &[(&str, Target)] = &[
    ("amf0", amf0),
    ("broadcast", broadcast),
    ("chunks", chunks),
    ("client", client),
    ("config", config),
    ("handshake", handshake),
    ("hold", hold),
    ("interleaved", interleaved),
    ("login", login),
    ("media", media),
    ("mp4", mp4),
    ("pages", pages),
    ("pastes", pastes),
    ("play", play),
    ("queue", queue),
    ("server", server),
    ("sound", sound),
    ("still", still),
    ("timeline", timeline),
    ("updates", updates),
    ("urls", urls),
    ("words", words),
];

/// The first byte, and the others.
fn headed(bytes: &[u8]) -> (usize, &[u8]) {
    bytes.split_first().map_or((0, bytes), |(first, rest)| (usize::from(*first), rest))
}

/// A stranger's commands and metadata.
pub fn amf0(bytes: &[u8]) {
    assert!(telecast::rtmp::fuzz::amf0(bytes));
}

/// A stranger's handshake: who they are, how long their reads are, then their bytes, repeated until it is whole where the
/// first byte says so.
pub fn handshake(bytes: &[u8]) {
    let (how, bytes) = headed(bytes);
    let (split, bytes) = headed(bytes);
    let whole: Vec<u8> = match bytes {
        [_, ..] if how & 2 != 0 => bytes.iter().copied().cycle().take(3_073 + (how >> 2)).collect(),
        _ => bytes.to_vec(),
    };
    // Above 128: reads longer than a byte can say.
    let split = if split > 128 { (split - 128) * 16 } else { split };
    assert!(telecast::rtmp::fuzz::handshake(&whole, how & 1 != 0, split));
}

/// A stranger's chunks, in reads as long as the first byte says.
pub fn chunks(bytes: &[u8]) {
    let (split, bytes) = headed(bytes);
    assert!(telecast::rtmp::fuzz::chunks(bytes, split));
}

/// What an encoder or a player sends behind the handshake, in reads as long as the first byte says.
pub fn server(bytes: &[u8]) {
    let (split, bytes) = headed(bytes);
    assert!(telecast::rtmp::fuzz::server(bytes, split));
}

/// What a server answers that is published to.
pub fn client(bytes: &[u8]) {
    let (split, bytes) = headed(bytes);
    assert!(telecast::rtmp::fuzz::client(bytes, split));
}

/// What a server answers that is played from.
pub fn play(bytes: &[u8]) {
    let (split, bytes) = headed(bytes);
    assert!(telecast::rtmp::fuzz::play(bytes, split));
}

/// Why a server does not take a connection: the challenges of logins are read out of its words.
pub fn login(bytes: &[u8]) {
    let words = String::from_utf8_lossy(bytes);
    for before in ["", "[ authmod=adobe ] : ?reason=needauth", "[ authmod=llnw ] : ?reason=needauth"] {
        assert!(telecast::rtmp::fuzz::login(&format!("{before}{words}")));
    }
}

/// Application, key, password and a server's words, a line each.
pub fn words(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.splitn(4, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (app, name, password, said) = (line(), line(), line(), line());
    // A server may repeat all of it.
    for said in [said, &format!("{said}{name}"), &format!("{name}{said}{password}{app}")] {
        assert!(telecast::rtmp::fuzz::words(app, name, password, said));
    }
}

/// What a person pastes: no panic, and nothing that is said of it holds the key.
pub fn pastes(bytes: &[u8]) {
    assert!(telecast::platform::fuzz::paste(&String::from_utf8_lossy(bytes)));
}

/// An update of Telegram's, as JSON.
pub fn updates(bytes: &[u8]) {
    assert!(telecast::chat::fuzz::update(bytes));
}

/// An address and, behind a line's end, where a server says to go instead: what is read is read the same again, TLS is not
/// left, and no password shows.
pub fn urls(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (url, reference) = text.split_once('\n').unwrap_or((&text, ""));
    if let Ok(point) = PushPoint::from_url(url) {
        assert!(!point.key.masked().contains(' '));
        assert!(expiry::expires_at(&point.key).is_none_or(|at| at > SystemTime::UNIX_EPOCH));
    }
    let Ok(server) = ServerUrl::parse(url) else { return };
    assert!(ServerUrl::parse(&server.expose()).as_ref() == Ok(&server), "not read the same again");
    assert!(format!("{server:?}").contains(server.host()));
    if let Some(login) = server.login() {
        let open = server.shown().replace(server.host(), "");
        assert!(login.expose().1.len() < 16 || !open.contains(login.expose().1), "a password shows");
    }
    if let Ok(next) = server.resolve(reference) {
        assert!(next.tls() || !server.tls(), "TLS is left");
        assert!(next.login() == server.login(), "another login");
    }
}

/// What a public page answers: which page by the first byte.
pub fn pages(bytes: &[u8]) {
    static PAGES: LazyLock<Vec<StatusPage>> =
        LazyLock::new(|| Catalogue::builtin().all().iter().flat_map(|platform| platform.status.clone()).collect());
    let (which, body) = headed(bytes);
    let page = &PAGES[which % PAGES.len()];
    let names = ["id", "channel", "user", "room", "video"].map(|name| (name.to_owned(), "a/b~c".to_owned()));
    let marked = [page.behind.as_deref().unwrap_or_default().as_bytes(), body].concat();
    for body in [body, &marked] {
        let answer = read(page, &Names::from(names.clone()), body);
        assert!(answer.is_err() || !body.is_empty(), "nothing is no answer");
    }
}

/// Settings, a line each: which one by its first character, then its value. No secret is in what is said of them.
pub fn config(bytes: &[u8]) {
    const MARK: &str = "planted";
    let text = String::from_utf8_lossy(bytes);
    let mut settings = HashMap::new();
    for line in text.lines() {
        let Some(first) = line.chars().next() else { continue };
        let (name, _) = SETTINGS[first as usize % SETTINGS.len()];
        let value = &line[first.len_utf8()..];
        // Files are opened, and what is none must not be named.
        let is_file = ["_FILE", "_CERT", "_TLS_KEY", "_CA", "_CATALOGUE"].iter().any(|end| name.ends_with(end));
        let is_secret = ["_TOKEN", "_PROXY", "_SECRET", "_KEY"].iter().any(|end| name.ends_with(end));
        let value = match (is_file, is_secret) {
            (true, _) => "/nowhere/planted".to_owned(),
            (_, true) => format!("{value}{MARK}"),
            _ => value.to_owned(),
        };
        settings.insert(name, value);
    }
    let said = match Config::from(|name| settings.get(name).cloned()) {
        Ok(config) => format!("{config:?}"),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    };
    // What a person did not mean as a secret may hold the word itself.
    assert!(text.contains(MARK) || !said.contains(MARK), "{said}");
}
