//! The host's own applications with the platforms: what goes with a question, and the tokens that they are given.

use super::grant::{Grant, Step, Token};
use super::read::Names;
use crate::platform::{Application, Platform, viewer};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Longest token taken, in bytes.
const MAX_TOKEN: usize = 4096;

/// What a platform gave to the host for its application; which of both there is differs by platform.
#[derive(Clone, Debug, Default)]
pub struct HostApp {
    /// Its name there.
    pub id: Option<SecretString>,
    /// What proves that it is the host's.
    pub secret: Option<SecretString>,
}

/// The host's applications, by the platforms' ids.
#[derive(Debug, Default)]
pub struct Apps(BTreeMap<String, App>);

#[derive(Debug, Default)]
pub(super) struct App {
    host: HostApp,
    grant: Mutex<Grant>,
    /// One at a time asks for a token; the others take it.
    pub(super) fetching: tokio::sync::Mutex<()>,
}

/// What goes with one question.
pub(super) struct Pass {
    pub(super) token: Option<Token>,
    pub(super) headers: HeaderMap,
    /// What may stand in its URL and body.
    pub(super) names: Names,
}

impl Apps {
    /// All that the host has.
    pub fn new(apps: impl IntoIterator<Item = (String, HostApp)>) -> Self {
        let app = |(id, host)| (id, App { host, ..App::default() });
        Self(apps.into_iter().map(app).collect())
    }

    /// The platforms' ids.
    pub fn platforms(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(super) fn of<'a>(&'a self, platform: &'a Platform) -> Option<(&'a App, &'a Application)> {
        self.0.get(&platform.id).zip(platform.application.as_ref())
    }
}

impl App {
    /// What a question at `now` needs.
    pub(super) fn step(&self, application: &Application, now: Instant) -> Step {
        self.grant().step(application.token_url.is_some(), now)
    }

    /// What goes with a question that has `token`; none where the host lacks what the application needs.
    pub(super) fn pass(&self, application: &Application, token: Option<Token>) -> Option<Pass> {
        let text = |secret: &Option<SecretString>| Some(secret.as_ref()?.expose_secret().to_owned());
        let known = [("app_id", text(&self.host.id)), ("app_secret", text(&self.host.secret))];
        let mut names: Names = known.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?))).collect();
        names.extend(token.as_ref().map(|token| ("app_token".to_owned(), token.text.expose_secret().to_owned())));
        let mut headers = HeaderMap::new();
        for (name, template) in &application.headers {
            let mut value = HeaderValue::from_str(&viewer::fill(template, &names)?).ok()?;
            value.set_sensitive(true);
            headers.insert(HeaderName::from_bytes(name.as_bytes()).ok()?, value);
        }
        names.remove("app_token");
        Some(Pass { token, headers, names })
    }

    /// What is posted for a token.
    pub(super) fn credentials(&self) -> Option<String> {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", self.host.id.as_ref()?.expose_secret())
            .append_pair("client_secret", self.host.secret.as_ref()?.expose_secret())
            .append_pair("grant_type", "client_credentials")
            .finish();
        Some(form)
    }

    /// Takes the token in `answer`; false where there is none.
    pub(super) fn granted(&self, answer: &[u8], now: Instant) -> bool {
        let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
        let token = answer.get("access_token").and_then(Value::as_str);
        let plain =
            |text: &&str| !text.is_empty() && text.len() <= MAX_TOKEN && text.bytes().all(|b| b.is_ascii_graphic());
        let Some(token) = token.filter(plain) else { return false };
        // Some write it as text.
        let life = answer.get("expires_in").and_then(|life| life.as_u64().or_else(|| life.as_str()?.parse().ok()));
        self.grant().granted(token.into(), life.map(Duration::from_secs), now);
        true
    }

    /// Tells the host, once until it is taken again.
    pub(super) fn warn(&self, platform: &Platform) {
        if self.grant().tells() {
            let platform = &platform.name.en;
            tracing::warn!(%platform, "this platform refuses the application that the settings name (or its quota is used up), so nobody is told whether viewers see a show there; docs/live-status.md says what to look at");
        }
    }

    pub(super) fn grant(&self) -> MutexGuard<'_, Grant> {
        self.grant.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::Catalogue;

    #[test]
    fn a_platforms_headers_are_filled_and_marked_as_secret_and_nothing_prints_them() {
        let host = HostApp { id: Some("me".into()), secret: Some("planted+&=".into()) };
        let apps = Apps::new([("twitch".to_owned(), host)]);
        let catalogue = Catalogue::builtin();
        let (app, application) = apps.of(catalogue.get("twitch").unwrap()).unwrap();
        assert!(app.pass(application, None).is_none(), "it has no token yet");
        assert_eq!(
            app.credentials().unwrap(),
            "client_id=me&client_secret=planted%2B%26%3D&grant_type=client_credentials"
        );
        let now = Instant::now();
        for bad in
            ["", "{}", "{\"access_token\":\"\"}", "{\"access_token\":\"a\\nb\"}", "<html>", "{\"access_token\":1}"]
        {
            assert!(!app.granted(bad.as_bytes(), now), "{bad}");
        }
        assert!(app.granted(br#"{"access_token":"plantedtoken","expires_in":"3600","token_type":"bearer"}"#, now));
        let Step::Ask(token) = app.step(application, now) else { panic!("a token is there") };
        let pass = app.pass(application, token).unwrap();
        assert_eq!(pass.headers["authorization"], "Bearer plantedtoken");
        assert_eq!(pass.headers["client-id"], "me");
        assert!(!format!("{:?} {apps:?}", pass.headers).contains("planted"));
    }
}
