//! What must come of each paste of tests/pastes/*.toml, and what comes of it. blind.toml was written by somebody who had
//! not seen the parser; its head explains the fields. own.toml has the same ones, and `notes`: all that must be said.

use serde::Deserialize;
use telecast::platform::Catalogue;
use telecast::platform::paste::{PasteFault, PasteNote, Understood, understand};

#[derive(Deserialize)]
struct File {
    paste: Vec<Paste>,
}

/// A paste and what must come of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)] // `because` is for readers
pub(crate) struct Paste {
    /// Who might paste it.
    pub(crate) says: String,
    pub(crate) text: String,
    /// The tile that was opened.
    pub(crate) platform: Option<String>,
    expect_platform: String,
    #[serde(default)]
    also_platform: Vec<String>,
    server: Option<String>,
    #[serde(default)]
    also_server: Vec<String>,
    #[serde(default)]
    server_default_ok: bool,
    key: Option<String>,
    #[serde(default)]
    key_free: bool,
    user: Option<String>,
    password: Option<String>,
    fault: Option<String>,
    #[serde(default)]
    also_fault: Vec<String>,
    ask: Vec<String>,
    #[serde(default)]
    also_ask: Vec<Vec<String>>,
    notes: Option<Vec<String>>,
    because: Option<String>,
}

/// The pastes of one file.
pub(crate) fn read(file: &str) -> Vec<Paste> {
    let File { paste } = toml::from_str(file).unwrap_or_else(|fault| panic!("{fault}"));
    paste
}

pub(crate) fn blind() -> Vec<Paste> {
    read(include_str!("blind.toml"))
}

pub(crate) fn own() -> Vec<Paste> {
    read(include_str!("own.toml"))
}

impl Paste {
    /// What is not as it must be, a line each. Every key of these files is made up, so they may be printed.
    pub(crate) fn faults(&self, catalogue: &Catalogue) -> Vec<String> {
        let tile = self.platform.as_deref().map(|id| catalogue.get(&id_of(id)).unwrap_or_else(|| panic!("no {id}")));
        let found = understand(&self.text, catalogue, tile);
        let mut faults = Vec::new();
        let mut expect = |what: &str, right: bool, expected: &dyn std::fmt::Debug, came: &dyn std::fmt::Debug| {
            if !right {
                faults.push(format!("{what}: expected {expected:?}, came {came:?}"));
            }
        };
        let platform = found.platform.as_deref().unwrap_or("custom");
        let platforms = || std::iter::once(&self.expect_platform).chain(&self.also_platform);
        expect("platform", platforms().any(|id| id_of(id) == platform), &self.expect_platform, &platform);
        let server = found.server.as_ref().map(|server| server.tc_url());
        let same = server == self.server || server.as_ref().is_some_and(|server| self.also_server.contains(server));
        expect("server", same, &self.server, &server);
        let key = found.key.as_ref().map(|key| key.expose());
        expect("key", self.key_free || key == self.key.as_deref(), &self.key, &key);
        let login = found.server.as_ref().and_then(|server| server.login()).map(|login| login.expose());
        let expected = self.user.as_deref().zip(self.password.as_deref());
        expect("login", login == expected, &expected, &login);
        let told = told(&found);
        let right = told == self.fault.as_deref() || told.is_some_and(|told| self.also_fault.iter().any(|f| f == told));
        expect("fault", right, &self.fault, &told);
        let asked = self.asked(&found, catalogue);
        expect("ask", asked == self.ask || self.also_ask.contains(&asked), &self.ask, &asked);
        if let Some(notes) = &self.notes {
            let came: Vec<_> = found.notes.iter().map(|note| format!("{note:?}")).collect();
            expect("notes", &came == notes, notes, &came);
        }
        faults
    }

    /// What a person still has to be asked.
    fn asked(&self, found: &Understood, catalogue: &Catalogue) -> Vec<String> {
        if matches!(found.fault, Some(PasteFault::SeveralKeys | PasteFault::SeveralTargets)) {
            return vec!["which".into()];
        }
        let platform = catalogue.get_or_custom(found.platform.as_deref().unwrap_or("custom"));
        let nothing = found.server.is_none() && found.key.is_none();
        let filled = !nothing && self.server_default_ok && platform.default_server().is_some();
        let mut asked = Vec::new();
        if found.server.is_none() && !filled {
            asked.push("server".to_owned());
        }
        if found.key.is_none() && !(platform.free_name && found.server.is_some()) {
            asked.push("key".to_owned());
        }
        // A default server in place of a question makes the target ready.
        if asked == ["server"] && self.ask.is_empty() && platform.default_server().is_some() {
            asked.clear();
        }
        if filled && asked.is_empty() && self.ask == ["server"] {
            asked.clone_from(&self.ask);
        }
        asked
    }
}

/// Ids of the files that the catalogue spells otherwise.
fn id_of(id: &str) -> String {
    match id {
        "azure_media_services" => "azure".into(),
        _ => id.replace('_', "-"),
    }
}

/// What is told to the person who pasted it.
fn told(found: &Understood) -> Option<&'static str> {
    match found.fault {
        Some(PasteFault::Nothing) => Some("nothing"),
        Some(PasteFault::ViewerPage) => Some("viewer_page"),
        Some(PasteFault::Protocol) => Some("protocol"),
        Some(PasteFault::SeveralKeys | PasteFault::SeveralTargets) => Some("several_keys"),
        Some(PasteFault::Server(_)) => Some("server"),
        Some(PasteFault::Key(_)) => Some("key"),
        Some(PasteFault::TooLong) => Some("too_long"),
        None if found.server.is_none() && found.notes.contains(&PasteNote::ViewerPage) => Some("viewer_page"),
        None => None,
    }
}
