//! One channel's question: the names that it needs, the page, and what goes with it.

use super::apps::{App, Pass};
use super::grant::Step;
use super::pace::Outcome;
use super::read::{self, Names, Unreadable};
use super::web::{Fault, Form, Question};
use super::{LiveCheck, every, lookups, needs, pages};
use crate::domain::status::{Seen, Sight};
use crate::platform::{Access, Application, Body, Encoding, Lookup, Platform, StatusPage, viewer};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::HeaderMap;
use tokio::time::Instant;
use url::Url;

/// Of a name in a URL, these stay: a link's names are escaped already where they must be.
const STAYS: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/').remove(b':').remove(b'%');

/// What is asked of a platform, names in braces.
struct Ask<'a> {
    access: Access,
    url: &'a str,
    body: Option<&'a Body>,
    form: Form,
}

impl LiveCheck {
    /// Asks about the place that `names` tell, and adds those that are found. Of pages that fail, the next one is asked
    /// after so many `failures`.
    pub(super) async fn ask(&self, platform: &Platform, names: &mut Names, failures: u32) -> Outcome {
        let now = Instant::now().into_std();
        let app = self.apps.of(platform).is_some_and(|(app, _)| !app.grant().rests(now));
        let wanted: Vec<Lookup> = lookups(platform, names, app).cloned().collect();
        for lookup in wanted {
            let ask = Ask { access: lookup.access, url: &lookup.url, body: None, form: Form::Json };
            let found = match self.answer(platform, &ask, names).await {
                Ok(bytes) => read::name(&bytes, &lookup.pointer, &lookup.only_if),
                Err(failed) => return failed,
            };
            match found {
                Some(found) => drop(names.insert(lookup.to, found)),
                None => return Outcome::Failed(None),
            }
        }
        let known = |page: &&StatusPage| needs(page).all(|name| names.contains_key(name));
        let pages: Vec<_> = pages(platform, app).filter(known).collect();
        let Some(page) = pages.get(failures as usize % pages.len().max(1)) else { return Outcome::Failed(None) };
        let form = if page.behind.is_some() { Form::Page } else { Form::Json };
        let ask = Ask { access: page.access, url: &page.url, body: page.body.as_ref(), form };
        match self.answer(platform, &ask, names).await {
            Ok(bytes) => match read::read(page, names, &bytes) {
                Ok(sight) => {
                    let title = page.title.as_deref().filter(|_| sight == Some(Sight::Live));
                    let title = title.and_then(|title| read::title(&bytes, title));
                    Outcome::Answered(sight.map(|sight| Seen { sight, title }), every(page))
                }
                Err(Unreadable) => Outcome::Failed(None),
            },
            Err(failed) => failed,
        }
    }

    async fn answer(&self, platform: &Platform, ask: &Ask<'_>, names: &Names) -> Result<Vec<u8>, Outcome> {
        let failed = |fault| Outcome::Failed(if let Fault::Refused(_, after) = fault { after } else { None });
        if ask.access == Access::Open {
            return self.send(platform, ask, names, None).await.map_err(failed);
        }
        let (app, application) = self.apps.of(platform).ok_or(Outcome::Failed(None))?;
        // With an old token it may be refused once, and is asked again with a new one.
        for _ in 0..2 {
            let pass = self.pass(platform, app, application).await.ok_or(Outcome::Failed(None))?;
            let token = pass.token.clone();
            let fault = match self.send(platform, ask, names, Some(pass)).await {
                Ok(answer) => {
                    app.grant().taken();
                    return Ok(answer);
                }
                Err(fault) => fault,
            };
            let refused = matches!(fault, Fault::Refused(status, _) if application.refused_by.contains(&status));
            if !refused {
                return Err(failed(fault));
            }
            if !app.grant().refused(token.as_ref(), Instant::now().into_std()) {
                app.warn(platform);
                return Err(failed(fault));
            }
        }
        Err(Outcome::Failed(None))
    }

    /// What goes with a question to `platform`, with a token of now; none where it is not to be asked now.
    async fn pass(&self, platform: &Platform, app: &App, application: &Application) -> Option<Pass> {
        let step = || app.step(application, Instant::now().into_std());
        if let Step::Ask(token) = step() {
            return app.pass(application, token);
        }
        // Who waited here finds the token of the one before.
        let _one = app.fetching.lock().await;
        if let (Step::Fetch, Some(url)) = (step(), &application.token_url) {
            let (url, body) = (Url::parse(url).ok()?, (Encoding::Form, app.credentials()?));
            let secret = Some(HeaderMap::new());
            let asks =
                Question { url, body: Some(body), secret, form: Form::Json, fixed: true, platform: &platform.id };
            let asked = self.put(asks).await;
            let now = Instant::now().into_std();
            let refused = matches!(asked, Err(Fault::Refused(status, None)) if (400..500).contains(&status));
            if !asked.is_ok_and(|(answer, _)| app.granted(&answer, now)) {
                app.grant().denied(now);
                if refused {
                    app.warn(platform);
                }
            }
        }
        if let Step::Ask(token) = step() { app.pass(application, token) } else { None }
    }

    async fn send(
        &self,
        platform: &Platform,
        ask: &Ask<'_>,
        names: &Names,
        pass: Option<Pass>,
    ) -> Result<Vec<u8>, Fault> {
        let mut names = names.clone();
        let (secret, own) = pass.map_or((None, Names::new()), |pass| (Some(pass.headers), pass.names));
        // A name of the place is no way to the host's secrets.
        names.retain(|name, _| !name.starts_with("app_"));
        let body = match ask.body {
            Some(body) => Some((body.encoding, body_of(body, &names).ok_or(Fault::NotAsked)?)),
            None => None,
        };
        names.extend(own);
        let url = url_of(ask.url, &names).ok_or(Fault::NotAsked)?;
        let fixed = Url::parse(ask.url).is_ok_and(|named| named.host_str() == url.host_str());
        // A secret goes where the catalogue says, never to a host that a person named.
        if secret.is_some() && !fixed {
            return Err(Fault::NotAsked);
        }
        let asks = Question { url, body, secret, form: ask.form, fixed, platform: &platform.id };
        self.put(asks).await.map(|(bytes, _)| bytes)
    }

    /// Asks, unless the host wants to be left alone.
    pub(super) async fn put(&self, question: Question<'_>) -> Result<(Vec<u8>, HeaderMap), Fault> {
        let host = question.url.host_str().unwrap_or_default().to_owned();
        if !self.pace().may_ask(&host, Instant::now().into_std()) {
            return Err(Fault::NotAsked);
        }
        let asked = self.web.ask(question).await;
        if let Err(Fault::Refused(_, Some(after))) = asked {
            self.pace().leave(&host, after, Instant::now().into_std());
        }
        asked
    }
}

pub(super) fn url_of(template: &str, names: &Names) -> Option<Url> {
    let names = names.iter().map(|(name, value)| {
        let stays = if name.starts_with("app_") { NON_ALPHANUMERIC } else { STAYS };
        (name.clone(), utf8_percent_encode(value, stays).to_string())
    });
    let names = names.collect();
    Url::parse(&viewer::fill(template, &names)?).ok()
}

/// A body with its names in place; none where a name holds more than letters, digits and a little between: what could
/// end the text that it stands in.
fn body_of(body: &Body, names: &Names) -> Option<String> {
    let plain = |value: &str| value.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c));
    let sound = viewer::placeholders(&body.text).all(|name| names.get(name).is_some_and(|value| plain(value)));
    if sound { viewer::fill(&body.text, names) } else { None }
}
