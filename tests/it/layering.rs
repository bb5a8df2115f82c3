//! Keeps the directions and bounds of ARCHITECTURE.md: who may import whom, who may name which crate, who may open a key.

use std::fs;
use std::path::Path;

/// Which modules a module may import; `domain` is everyone's. `app`, `demo` and `main` see [`BELOW_APP`] and more.
const LAYERS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("media", &[]),
    ("rtmp", &["media"]),
    ("platform", &[]),
    ("store", &[]),
    ("relay", &["rtmp", "media"]),
    ("record", &["media"]),
    ("service", &["record", "relay", "rtmp", "media", "store", "platform"]),
    ("chat", &["service", "store", "platform"]),
    ("web", &["chat", "service"]),
    ("config", &[]),
    ("app", BELOW_APP),
    ("demo", &["app", "chat", "config", "media", "platform", "record", "relay", "rtmp", "service", "store"]),
    ("main", &["app", "chat", "config", "demo", "media", "platform", "relay", "rtmp", "service", "store"]),
    ("lib", &[]),
];
const BELOW_APP: &[&str] =
    &["chat", "config", "media", "platform", "record", "relay", "rtmp", "service", "store", "web"];

/// A crate, and the only module that may name it.
const CRATES: &[(&str, &str)] = &[("rml_rtmp", "rtmp"), ("rml_amf0", "rtmp"), ("sled", "store"), ("teloxide", "chat")];

/// Who may open a key: the dialler, the sealing of records, the platform's key readers, and the screen and the page that
/// give people their own ingest key; what makes links to watch pages. The demo's people paste theirs.
const OPENERS: &[&str] =
    &["domain/secret.rs", "relay/dial.rs", "store/", "platform/", "chat/", "web/", "service/watch.rs", "demo/"];

/// Who may write to the terminal: commands, the demo, and the poll that prints the owner's link. All else is said to the log,
/// which one place makes.
const SAYERS: &[&str] = &["app/", "demo/", "chat/poll.rs", "main.rs"];
const LOG: &str = "app/log.rs";

const MAX_LINES: usize = 400;

/// What is wrong with a file of `src/`; `path` is relative to that.
fn faults(path: &str, text: &str) -> Vec<String> {
    let module = path.split('/').next().unwrap_or(path).trim_end_matches(".rs");
    let Some((_, below)) = LAYERS.iter().find(|(name, _)| *name == module) else {
        return vec![format!("{path}: a module that no layer is known for")];
    };
    let mut faults = Vec::new();
    let lines = text.lines().count();
    if lines > MAX_LINES {
        faults.push(format!("{path}: {lines} lines, more than {MAX_LINES}"));
    }
    let (code, tests) = split(text);
    for (part, depth) in [(&code, depth(path)), (&tests, depth(path) + 1)] {
        for import in imports(part, depth) {
            let known = LAYERS.iter().any(|(name, _)| *name == import);
            if known && import != module && import != "domain" && !below.contains(&import.as_str()) {
                faults.push(format!("{path}: {module} must not import {import}"));
            }
        }
        for (name, home) in CRATES.iter().filter(|(name, home)| *home != module && names_crate(part, name)) {
            faults.push(format!("{path}: only {home} may name {name}"));
        }
        if part.contains("unbounded_channel") {
            faults.push(format!("{path}: every queue has a bound"));
        }
    }
    for (what, why, allowed) in [
        ("tokio::spawn(", "spawn on the TaskTracker", false),
        ("env::var", "only config reads the environment", module == "config"),
        ("print!(", "what is said goes to the log", false),
        ("println!(", "what is said goes to the log", SAYERS.iter().any(|sayer| path.starts_with(sayer))),
        ("tracing_subscriber::fmt", "one place makes the log", path == LOG),
        ("registry()", "one place makes the log", path == LOG),
        (".expose(", "may not open a key", OPENERS.iter().any(|opener| path.starts_with(opener))),
    ] {
        if !allowed && code.contains(what) {
            faults.push(format!("{path}: `{what}`: {why}"));
        }
    }
    for (what, modules) in [("tokio::", ["domain", "media"]), ("Instant::now", ["domain", "media"])] {
        if modules.contains(&module) && code.contains(what) {
            faults.push(format!("{path}: {module} must not name `{what}`"));
        }
    }
    faults
}

/// The code proper and the tests at its foot, both without comments.
fn split(text: &str) -> (String, String) {
    let (mut code, mut tests) = (String::new(), String::new());
    let mut part = &mut code;
    for line in text.lines() {
        if line.starts_with("#[cfg(test)]") {
            part = &mut tests;
        }
        // The slashes of a URL are no comment.
        let comment = line.match_indices("//").find(|(at, _)| !line[..*at].ends_with(':')).map(|(at, _)| at);
        part.push_str(&line[..comment.unwrap_or(line.len())]);
        part.push('\n');
    }
    (code, tests)
}

/// How many `super::` lead from a file's module to the root of the crate.
fn depth(path: &str) -> usize {
    let parts = path.split('/').count();
    if path.ends_with("/mod.rs") { parts - 1 } else { parts }
}

/// The modules of the crate's root that `code` names.
fn imports(code: &str, depth: usize) -> Vec<String> {
    let root = "super::".repeat(depth);
    let starts = ["crate::", "telecast::", root.as_str()];
    let named = starts.iter().flat_map(|start| code.match_indices(start).map(|(at, start)| &code[at + start.len()..]));
    named.flat_map(heads).collect()
}

/// The first word of a path, or of each path of a group in braces.
fn heads(path: &str) -> Vec<String> {
    let word = |text: &str| {
        let text = text.trim_start();
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
        text[..end].to_owned()
    };
    let Some(group) = path.strip_prefix('{') else { return vec![word(path)] };
    let (mut depth, mut heads, mut start) = (0, Vec::new(), 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                heads.push(word(&group[start..at]));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    heads
}

fn names_crate(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let whole = !before.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let rest = &code[at + name.len()..];
        let used = code[..at].ends_with("use ") && rest.starts_with([';', ' ']);
        whole && (rest.starts_with("::") || used)
    })
}

fn walk(dir: &Path, found: &mut Vec<String>, root: &Path) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found, root);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            found.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
        }
    }
}

#[test]
fn every_file_keeps_its_layer() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files, &root);
    assert!(files.len() > 20, "the walk found only {files:?}");
    let faults: Vec<_> =
        files.iter().flat_map(|path| faults(path, &fs::read_to_string(root.join(path)).unwrap())).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_peer_from_pypi_is_pinned_once_and_in_one_place() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let pins = fs::read_to_string(tests.join("requirements.txt")).unwrap();
    let pins: Vec<_> = pins.lines().filter(|line| !line.starts_with('#')).collect();
    let mut names: Vec<_> = pins.iter().map(|pin| pin.split_once("==").expect(pin).0.to_lowercase()).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), pins.len(), "{pins:?}");
    let mut others = Vec::new();
    for dir in fs::read_dir(&tests).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        others.extend(fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()));
    }
    others.retain(|name| name.contains("requirements"));
    assert!(others.is_empty(), "{others:?}");
    let oracle = fs::read_to_string(tests.join("oracle/run")).unwrap();
    assert!(oracle.contains("requirements.txt") && names.contains(&"aiogram".to_owned()));
}

#[test]
fn the_check_finds_each_kind_of_fault() {
    for (path, text, fault) in [
        ("relay/push.rs", "use crate::store::Store;", "relay must not import store"),
        ("relay/push.rs", "fn f() { crate::service::Service::new() }", "relay must not import service"),
        ("rtmp/client.rs", "use crate::{\n    media::{a, b},\n    relay::Relay,\n};", "rtmp must not import relay"),
        ("store/mod.rs", "use super::chat;", "store must not import chat"),
        ("store/people.rs", "use super::super::chat::x;", "store must not import chat"),
        (
            "store/people.rs",
            "#[cfg(test)]\nmod tests {\n use super::super::super::chat;\n}",
            "store must not import chat",
        ),
        ("chat/mod.rs", "use crate::demo::World;", "chat must not import demo"),
        ("app.rs", "use crate::demo::World;", "app must not import demo"),
        ("domain/x.rs", "use tokio::time::Instant;", "domain must not name `tokio::`"),
        ("media/x.rs", "let now = Instant::now();", "media must not name `Instant::now`"),
        ("relay/x.rs", "let a = rml_rtmp::x();", "only rtmp may name rml_rtmp"),
        ("service/x.rs", "use sled;", "only store may name sled"),
        ("demo/x.rs", "use teloxide::types::Chat;", "only chat may name teloxide"),
        ("relay/x.rs", "let (a, b) = mpsc::unbounded_channel();", "every queue has a bound"),
        ("relay/x.rs", "tokio::spawn(async {});", "spawn on the TaskTracker"),
        ("app.rs", "let x = std::env::var(\"X\");", "only config reads the environment"),
        ("service/x.rs", "let x = key.expose();", "may not open a key"),
        ("relay/x.rs", "eprintln!(\"{point:?}\");", "goes to the log"),
        ("service/x.rs", "tracing_subscriber::fmt::init();", "one place makes the log"),
        ("helper/x.rs", "", "no layer is known"),
        ("relay/x.rs", &"\n".repeat(MAX_LINES + 1), "more than 400"),
    ] {
        let found = faults(path, text);
        assert!(found.len() == 1 && found[0].contains(fault), "{path}: {text}\n{found:?}");
    }
}

#[test]
fn the_check_lets_pass_what_is_right() {
    for (path, text) in [
        ("chat/mod.rs", "use crate::service::Service;\nuse teloxide::Bot;"),
        ("relay/x.rs", "// as crate::store does, with sled::Db\nuse crate::{domain, rtmp::{a, b}};\nuse super::chat;"),
        ("store/mod.rs", "use crate::domain::id;\nuse super::domain;\n"),
        ("main.rs", "use telecast::app;\nlet cap = \"teloxide=info\";"),
        ("relay/x.rs", "let url = \"rtmp://host\"; let unsledded = 1;"),
        ("relay/x.rs", "#[cfg(test)]\nmod tests { fn f() { tokio::spawn(async {}); key.expose(); } }"),
    ] {
        assert_eq!(faults(path, text), Vec::<String>::new(), "{path}: {text}");
    }
}
