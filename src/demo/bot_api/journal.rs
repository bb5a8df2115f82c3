//! A file of JSON lines: every request with its answer, every update. `tests/oracle` checks it against the Bot API.
//! It holds what people typed, keys included, so it is written only where a test asks for it.

use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// The journal, or nothing.
#[derive(Debug, Default)]
pub(super) struct Journal(Option<File>);

impl Journal {
    /// Begins or continues the file.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        File::options().create(true).append(true).open(path).map(|file| Self(Some(file)))
    }

    pub(super) fn update(&mut self, update: &Value) {
        self.line(|| json!({"update": update}));
    }

    /// `unread` are the parameters that the stand-in did not look at; `fault` says that the answer is a staged one.
    pub(super) fn request(&mut self, method: &str, params: &Value, unread: &[&str], response: &Value, fault: bool) {
        self.line(
            || json!({"request": method, "params": params, "unread": unread, "response": response, "fault": fault}),
        );
    }

    fn line(&mut self, value: impl FnOnce() -> Value) {
        if let Some(file) = &mut self.0
            && let Err(error) = writeln!(file, "{}", value())
        {
            tracing::warn!(%error, "the Bot API stand-in can't write its journal");
            self.0 = None;
        }
    }
}
