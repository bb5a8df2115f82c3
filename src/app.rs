//! The one place that knows every module: what is started in which order, and stopped in which.
//!
//! Read [`App::start`] and [`App::stop`] first; [`run`] is the whole life of the process.

mod data;
mod doctor;
mod fault;
pub mod log;
mod openings;
mod owner;
mod process;
mod rotation;
mod runtime;
mod settings;

pub use data::{export, import, rotate_key};
pub use doctor::examine;
pub use fault::StartError;
pub use process::{Signals, keep_private, run};
pub use runtime::runtime;
pub use settings::{Recordings, Settings, Tls, Web as WebSettings};

use crate::chat;
use crate::platform::live_check::{LiveCheck, Web};
use crate::relay::Relay;
use crate::relay::dial::{Dialler, Resolve as _, SystemResolver};
use crate::relay::gate::AddressGate;
use crate::relay::ingest::{Ingest, Listeners};
use crate::service::{self, Service};
use crate::store::{Keyring, OpenError, Store};
use crate::web;
use openings::Openings;
use secrecy::{ExposeSecret, SecretString};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

/// How long the name in the public address may take to be resolved: encoders wait meanwhile.
const NAME: Duration = Duration::from_secs(2);
/// How long each step of [`App::stop`] may take; together less than the 10 s after which containers are killed.
const STEP: Duration = Duration::from_secs(1);
/// How long the last notices may take to be told; `chat` itself gives up a second sooner.
const LAST_WORDS: Duration = Duration::from_secs(4);

/// A running Telecast. It serves until [`App::stop`]; dropped without, its tasks go on until the runtime ends.
pub struct App {
    ingest_addr: SocketAddr,
    ingest_tls_addr: Option<SocketAddr>,
    web_addr: Option<SocketAddr>,
    store: Store,
    service: Service,
    /// One for each step of [`App::stop`], in that order.
    chat: Stage,
    ingest: Stage,
    relay: Stage,
    following: Stage,
}

/// Tasks that are stopped together.
#[derive(Default)]
struct Stage {
    token: CancellationToken,
    tasks: TaskTracker,
}

impl Stage {
    /// Goes on with `work` until it ends by itself.
    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(work);
    }

    /// Waits for every task, but no longer than `time`.
    async fn end(&self, what: &str, time: Duration) {
        self.token.cancel();
        self.tasks.close();
        if timeout(time, self.tasks.wait()).await.is_err() {
            tracing::warn!("{what} took too long to stop, and is left alone");
        }
    }
}

impl App {
    /// Starts everything: first what is stored, then the listeners, then what was live before, then encoders and chat
    /// are let in. Whether Telegram can be reached plays no part.
    ///
    /// # Errors
    /// [`StartError`] says all that is wrong and what to do. Nothing is left running.
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        let store = match open_store(&settings).await {
            // It has the ports as well.
            Err(running @ StartError::Store(OpenError::Locked(_))) => return Err(running),
            opened => opened,
        };
        let (store, openings) = StartError::all(store, Openings::of(&settings))?;
        let Openings { plain, tls, pages, client_tls } = openings;
        let web_addr = pages.as_ref().map(TcpListener::local_addr).transpose().map_err(StartError::System)?;
        let ingest_addr = plain.local_addr().map_err(StartError::System)?;
        let ingest_tls_addr =
            tls.as_ref().map(|(listener, _)| listener.local_addr()).transpose().map_err(StartError::System)?;

        let ingest_server = settings.public_address.unwrap_or_else(|| format!("rtmp://{}/live", reached(ingest_addr)));
        let mut own = vec![ingest_addr];
        own.extend(ingest_tls_addr);
        for address in [Some(&ingest_server), settings.public_tls_address.as_ref()].into_iter().flatten() {
            own.extend(addresses_of(address).await);
        }
        own.extend(web_addr);
        let ports = settings.catalogue.ports();
        let gate = AddressGate { private_allowed: settings.allow_private, own, ports };
        let live_pages = live_pages(&gate, settings.proxy.as_ref(), settings.pages)?;
        let dialler = Dialler::new(Arc::new(SystemResolver), gate, client_tls);
        let dialler = Arc::new(dialler.knowing(Box::new(settings.catalogue.hosts())));
        let marks = dialler.marks();
        let (chat, ingest, relay_stage, following) =
            (Stage::default(), Stage::default(), Stage::default(), Stage::default());
        let (tasks, token) = (relay_stage.tasks.clone(), relay_stage.token.clone());
        let (relay, reports) = Relay::new(Arc::clone(&dialler), settings.relay, tasks, token);
        let service_settings = service::Settings {
            ingest_server,
            ingest_tls_server: settings.public_tls_address,
            uplink_kbps: settings.uplink_mbps.map(|mbps| mbps.saturating_mul(1000)),
            files: settings.data.clone(),
            recordings_most: u64::from(settings.recordings.gib) << 30,
            recordings_keep: Duration::from_secs(u64::from(settings.recordings.days) * 86_400),
            public_url: settings.web.as_ref().map(|web| web.url.to_string()),
            apps: settings.apps.platforms().map(str::to_owned).collect(),
            ..service::Settings::default()
        };
        let (service, notices) = Service::new(store.clone(), relay, dialler, settings.catalogue, service_settings);

        service.mend_recordings().await;
        following.spawn(service.clone().tidy_recordings(following.token.clone()));
        following.spawn(service.clone().follow(reports, following.token.clone()));
        service.resume().await;
        following.spawn(service.clone().count_usage(following.token.clone()));
        let memory = service.memory();
        let arrivals = Ingest::start(Listeners { plain, tls, memory }, marks, &ingest.tasks, &ingest.token);
        let judges = ingest.tasks.clone();
        ingest.spawn(service.clone().receive(arrivals, judges, ingest.token.clone()));
        following.spawn(service.clone().watch_weekly(following.token.clone()));
        following
            .spawn(service.clone().watch_pages(LiveCheck::new(live_pages, settings.apps), following.token.clone()));
        following.spawn(rotation::watch(store.clone(), settings.data, settings.master_key, following.token.clone()));
        if let Some(pages) = pages {
            ingest.spawn(web::serve(pages, service.clone(), ingest.token.clone()));
            ingest.spawn(service.clone().project(ingest.tasks.clone(), ingest.token.clone()));
        }
        let bot = chat::Settings { token: settings.token, api_url: settings.api_url, proxy: settings.proxy };
        chat.spawn(chat::run_with(service.clone(), bot, notices, chat.token.clone(), settings.timing));
        tracing::info!(%ingest_addr, ?ingest_tls_addr, "waiting for encoders");
        Ok(Self { ingest_addr, ingest_tls_addr, web_addr, store, service, chat, ingest, relay: relay_stage, following })
    }

    /// Where RTMP is listened for.
    #[must_use]
    pub const fn ingest_addr(&self) -> SocketAddr {
        self.ingest_addr
    }

    /// Where RTMPS is listened for.
    #[must_use]
    pub const fn ingest_tls_addr(&self) -> Option<SocketAddr> {
        self.ingest_tls_addr
    }

    /// Where pages are served.
    #[must_use]
    pub const fn web_addr(&self) -> Option<SocketAddr> {
        self.web_addr
    }

    /// The code that makes whoever sends `/start <code>` the owner; nothing once somebody is. The chat prints it with a
    /// link as soon as Telegram can be reached.
    pub async fn claim_code(&self) -> Option<String> {
        self.service.claim_code().await.ok().flatten()
    }

    /// Stops everything within ten seconds. Shows go on after the next start: the pushes are closed without a goodbye.
    pub async fn stop(self) {
        self.chat.token.cancel();
        self.ingest.end("letting encoders in", STEP).await;
        self.relay.end("the relay", STEP * 2).await;
        self.following.end("following the relay", STEP).await;
        self.service.close_notices();
        self.chat.end("the chat", LAST_WORDS).await;
        if timeout(STEP * 2, self.store.close()).await.is_err() {
            tracing::error!("the disk took too long; what was acknowledged is safe");
        }
    }
}

async fn open_store(settings: &Settings) -> Result<Store, StartError> {
    let (data, key) = (settings.data.clone(), settings.master_key.clone());
    let open = move || {
        make_private(&data).map_err(|cause| StartError::Data { path: data.clone(), cause })?;
        let keys = Keyring::load_or_create(&data, &key)?;
        Ok(Store::open(&data, keys)?)
    };
    match tokio::task::spawn_blocking(open).await {
        Ok(opened) => opened,
        Err(died) => Err(StartError::System(io::Error::other(died))),
    }
}

/// Makes a directory that only this user may enter; one that is there stays as it is.
fn make_private(dir: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

/// Asks public pages, through the gate of every dial.
fn live_pages(gate: &AddressGate, proxy: Option<&SecretString>, stand_in: Option<Url>) -> Result<Web, StartError> {
    let gate = gate.clone();
    let allowed = Arc::new(move |address| gate.check(address).is_ok());
    let web = Web::new(allowed, proxy.map(ExposeSecret::expose_secret), stand_in);
    // The cause may quote the proxy's address with its password.
    web.map_err(|_| StartError::System(io::Error::other("no client for web pages")))
}

/// How an encoder on this machine reaches a listener.
fn reached(listener: SocketAddr) -> SocketAddr {
    if listener.ip().is_unspecified() { (Ipv4Addr::LOCALHOST, listener.port()).into() } else { listener }
}

/// What a public address stands for now, so that no show is sent to Telecast itself. A name that is not known yet
/// costs little: the dialler also refuses every connection that ends on this machine.
async fn addresses_of(server: &str) -> Vec<SocketAddr> {
    let Ok(url) = Url::parse(server) else { return Vec::new() };
    let port = url.port().unwrap_or(if url.scheme() == "rtmps" { 443 } else { 1935 });
    match url.host() {
        Some(url::Host::Ipv4(ip)) => vec![(ip, port).into()],
        Some(url::Host::Ipv6(ip)) => vec![(ip, port).into()],
        Some(url::Host::Domain(name)) => {
            let found = timeout(NAME, SystemResolver.resolve(name.to_owned(), port)).await;
            found.ok().and_then(Result::ok).unwrap_or_default()
        }
        None => Vec::new(),
    }
}
