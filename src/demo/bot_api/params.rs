//! What a request carries, whether it came as JSON, as a form or as multipart. Remembers which parameters a method
//! read: the rest goes to the journal, where the oracle tells a rarely used parameter from a misspelt one.

use super::refusal::Refusal;
use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Largest body taken, bytes: Telegram's limit for uploads.
pub(super) const MAX_BODY: usize = 50 << 20;

/// A file in a multipart body.
#[derive(Clone, Debug)]
pub(super) struct Upload {
    pub(super) name: String,
    pub(super) bytes: Bytes,
}

/// The parameters of one request.
#[derive(Debug, Default)]
pub(super) struct Params {
    values: Map<String, Value>,
    files: BTreeMap<String, Upload>,
    read: Vec<&'static str>,
}

impl Params {
    /// Reads query string and body. Nothing in here depends on the method.
    pub(super) async fn of(request: Request) -> Result<Self, Refusal> {
        let mut params = Self::default();
        if let Some(query) = request.uri().query() {
            params.add_form(query.as_bytes());
        }
        let kind = request.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        if kind.starts_with("multipart/form-data") {
            let broken = |_| Refusal::bad("can't parse multipart/form-data");
            let mut parts = Multipart::from_request(request, &()).await.map_err(|_| Refusal::bad("wrong boundary"))?;
            while let Some(part) = parts.next_field().await.map_err(broken)? {
                let name = part.name().unwrap_or_default().to_owned();
                let file = part.file_name().map(str::to_owned);
                let bytes = part.bytes().await.map_err(broken)?;
                params.add_part(name, file, bytes)?;
            }
            return Ok(params);
        }
        let body = axum::body::to_bytes(request.into_body(), MAX_BODY)
            .await
            .map_err(|_| Refusal::plain(413, "Request Entity Too Large"))?;
        if kind.starts_with("application/json") && !body.is_empty() {
            match serde_json::from_slice(&body) {
                Ok(Value::Object(object)) => params.values.extend(object),
                _ => return Err(Refusal::bad("can't parse JSON object")),
            }
        } else {
            params.add_form(&body);
        }
        Ok(params)
    }

    fn add_form(&mut self, form: &[u8]) {
        let pairs = url::form_urlencoded::parse(form);
        self.values.extend(pairs.map(|(k, v)| (k.into_owned(), Value::String(v.into_owned()))));
    }

    fn add_part(&mut self, name: String, file: Option<String>, bytes: Bytes) -> Result<(), Refusal> {
        if let Some(file) = file {
            self.files.insert(name, Upload { name: file, bytes });
        } else {
            let text = String::from_utf8(bytes.into()).map_err(|_| Refusal::bad("strings must be encoded in UTF-8"))?;
            self.values.insert(name, Value::String(text));
        }
        Ok(())
    }

    fn get(&mut self, name: &'static str) -> Option<&Value> {
        self.read.push(name);
        self.values.get(name).filter(|v| !v.is_null())
    }

    /// A string, or anything else as the text it would have in a form. Empty counts as absent, as in the real server.
    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        let text = match self.get(name)? {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        Some(text).filter(|t| !t.is_empty())
    }

    /// A whole number, without counting it as read.
    pub(super) fn peek_int(&self, name: &str) -> Option<i64> {
        let value = self.values.get(name)?;
        value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
    }

    /// A whole number; 0 for what is none, as in the real server.
    pub(super) fn int(&mut self, name: &'static str) -> Option<i64> {
        self.text(name).map(|t| t.trim().parse().unwrap_or(0))
    }

    /// `true`, `yes` and `1`.
    pub(super) fn flag(&mut self, name: &'static str) -> bool {
        self.text(name).is_some_and(|t| matches!(t.to_ascii_lowercase().as_str(), "true" | "yes" | "1"))
    }

    /// An object or array, given as such or as JSON in a string. `words` name what can't be parsed.
    pub(super) fn json(&mut self, name: &'static str, words: &str) -> Result<Option<Value>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text).map(Some).map_err(|_| Refusal::bad(words)),
            Some(other) => Ok(Some(other.clone())),
        }
    }

    /// The upload in the field `name`, or the one that `attach://` points at.
    pub(super) fn upload(&mut self, name: &'static str) -> Option<Upload> {
        let field = self.text(name).and_then(|t| t.strip_prefix("attach://").map(str::to_owned));
        self.attached(field.as_deref().unwrap_or(name))
    }

    /// The upload in the field `name` of the body.
    pub(super) fn attached(&self, name: &str) -> Option<Upload> {
        self.files.get(name).cloned()
    }

    /// The parameters for the journal, files by name and size.
    pub(super) fn shown(&self) -> Value {
        let files = self.files.iter().map(|(k, f)| (k.clone(), format!("file:{}:{}", f.name, f.bytes.len()).into()));
        Value::Object(self.values.clone().into_iter().chain(files).collect())
    }

    /// The names that no one has read.
    pub(super) fn unread(&self) -> Vec<&str> {
        self.values.keys().map(String::as_str).filter(|k| !self.read.contains(k)).collect()
    }
}
