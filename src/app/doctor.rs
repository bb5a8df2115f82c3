//! `telecast doctor`: what keeps Telecast from working, one line each, with its cure. Changes nothing that a start would not.

use super::openings::{client_tls, listen, server_tls};
use super::{Settings, StartError, log, owner, runtime};
use crate::chat::{self, Checkup};
use crate::config::Config;
use crate::relay::dial::{Resolve as _, SystemResolver};
use crate::store::{KeySource, Keyring, OpenError, Store};
use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::timeout;
use url::Url;

/// How long Telegram has to answer each question.
const PATIENCE: Duration = Duration::from_secs(12);
/// How long a host name may take.
const NAME: Duration = Duration::from_secs(5);

/// Finds what is wrong, and says it. Succeeds where nothing is.
pub fn examine() -> ExitCode {
    let config = match Config::from_environment() {
        Ok(config) => config,
        Err(faults) => {
            faults.iter().for_each(|fault| tell(&Err(fault.to_string())));
            println!("With these mended, ask again: the rest hangs on them.");
            return ExitCode::from(2);
        }
    };
    // What is found is said here, not in the log.
    log::init("off");
    tell(&Ok("the settings can be read".into()));
    let findings = match runtime(false) {
        Ok(runtime) => runtime.block_on(findings(config)),
        Err(cause) => vec![Err(StartError::System(cause).to_string())],
    };
    findings.iter().for_each(tell);
    if findings.iter().all(Result::is_ok) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

type Finding = Result<String, String>;

fn tell(finding: &Finding) {
    match finding {
        Ok(well) => println!("✓ {well}"),
        Err(ill) => println!("✗ {ill}"),
    }
}

async fn findings(config: Config) -> Vec<Finding> {
    let settings = match Settings::from_config(config) {
        Ok(settings) => settings,
        Err(fault) => return vec![ill(fault)],
    };
    let (data, runs) = data(&settings).await;
    let mut findings = vec![data];
    let tls = settings.tls.as_ref().map(|tls| ("TELECAST_LISTEN_TLS", tls.listen));
    let web = settings.web.as_ref().map(|web| ("TELECAST_LISTEN_WEB", web.listen));
    for (setting, address) in [Some(("TELECAST_LISTEN", settings.listen)), tls, web].into_iter().flatten() {
        findings.push(match listen(setting, address) {
            Ok(_) => Ok(format!("{setting}: {address} is free")),
            Err(_) if runs => Ok(format!("{setting}: {address} is taken, by the Telecast that runs")),
            Err(fault) => Err(fault.to_string()),
        });
    }
    if let Some(tls) = &settings.tls {
        let well = |_| "TELECAST_TLS_CERT and TELECAST_TLS_KEY: RTMPS can be offered".into();
        findings.push(server_tls(tls).map(well).or_else(ill));
    }
    if let Some(extra) = &settings.extra_ca {
        let well = |_| "TELECAST_EXTRA_CA: its certificates can be read".into();
        findings.push(client_tls(Some(extra)).map(well).or_else(ill));
    }
    for address in [&settings.public_address, &settings.public_tls_address].into_iter().flatten() {
        findings.push(found(address).await);
    }
    let bot = chat::Settings { token: settings.token, api_url: settings.api_url, proxy: settings.proxy };
    findings.push(match chat::look(&bot, !runs, PATIENCE).await {
        Checkup::Well(name) => Ok(format!("Telegram answers, for @{name}")),
        Checkup::Ill(words) => Err(words),
    });
    findings
}

/// What of the data there is to say, and whether a Telecast runs on it.
async fn data(settings: &Settings) -> (Finding, bool) {
    let (path, key) = (settings.data.clone(), settings.master_key.clone());
    if !Store::is_in(&path) {
        return (Ok(format!("{} is made with the first start", path.display())), false);
    }
    let opened = tokio::task::spawn_blocking(move || open(&path, &key)).await;
    match opened.unwrap_or_else(|died| Err(StartError::System(std::io::Error::other(died)))) {
        Ok(studios) => (Ok(format!("the data can be read: {studios} studios")), false),
        Err(StartError::Store(OpenError::Locked(path))) => (Ok(format!("a Telecast runs on {}", path.display())), true),
        Err(fault) => (ill(fault), false),
    }
}

/// How many studios there are.
fn open(data: &Path, key: &KeySource) -> Result<usize, StartError> {
    let keys = Keyring::load_or_create(data, key)?;
    let studios = Store::open(data, keys)?.studios().len();
    // To open it is to write to it.
    owner::hand_over(data).map_err(|error| StartError::System(error.into()))?;
    Ok(studios)
}

/// Whether encoders find a public address.
async fn found(server: &str) -> Finding {
    let host = Url::parse(server).ok().and_then(|url| url.host_str().map(str::to_owned));
    let host = host.unwrap_or_default();
    let answer = timeout(NAME, SystemResolver.resolve(host.trim_matches(['[', ']']).to_owned(), 1935)).await;
    match answer {
        Ok(Ok(addresses)) if !addresses.is_empty() => Ok(format!("{host} is known by name servers")),
        _ => Err(format!("no name server knows {host}, so that no encoder finds it; mend its entry, or the address")),
    }
}

fn ill(fault: impl Display) -> Finding {
    Err(fault.to_string())
}
