//! Everything that a demo is made of: the stand-ins, and the whole product between them, with nothing kept afterwards.

use super::bot_api::{BotApi, Click, Setup, World};
use super::encoder::Encoder;
use super::panel::Panel;
use super::platform::{Certificate, Origin, Platform, RoomPage};
use crate::app::{App, Settings, StartError, WebSettings};
use secrecy::SecretString;
use std::fs::DirBuilder;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// Clicks that may wait.
const CLICKS: usize = 8;

/// Where to listen; any free port where nothing is said or the port is taken.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ports {
    /// The chat page and the Bot API.
    pub page: Option<SocketAddr>,
    /// Telecast's own RTMP.
    pub ingest: Option<SocketAddr>,
    /// Telecast's own pages.
    pub web: Option<SocketAddr>,
    /// Alpha TV.
    pub alpha: Option<SocketAddr>,
    /// Beta Live.
    pub beta: Option<SocketAddr>,
}

impl Ports {
    /// Ports that are easy to read out, the same each time.
    #[must_use]
    pub fn friendly() -> Self {
        let local = |port| Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        Self { page: local(8642), ingest: local(1935), web: local(8643), alpha: local(1941), beta: local(1942) }
    }
}

/// A running demo.
pub struct Scene {
    /// Telegram.
    pub bot_api: BotApi,
    /// The platform on RTMP, with Bilibili's key form and status page.
    pub alpha: Arc<Platform>,
    /// The platform on RTMPS.
    pub beta: Arc<Platform>,
    /// Three more on RTMP, each with a peculiarity of its own.
    pub origin: Arc<Origin>,
    /// The test encoder.
    pub encoder: Arc<Encoder>,
    app: Arc<App>,
    room: RoomPage,
    panel: TaskTracker,
    stop: CancellationToken,
    _stop: DropGuard,
    _data: Scratch,
}

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
pub enum SceneFault {
    /// A stand-in could not be started.
    #[error("{0} could not be started: {1}")]
    StandIn(&'static str, io::Error),
    /// Telecast itself could not.
    #[error("{0}")]
    Telecast(#[from] StartError),
}

impl Scene {
    /// Starts the stand-ins, then Telecast against them.
    ///
    /// # Errors
    /// [`SceneFault`]; nothing is left running.
    pub async fn open(ports: Ports) -> Result<Self, SceneFault> {
        let stand_in = |name| move |cause| SceneFault::StandIn(name, cause);
        let certificate = Certificate::issue("Beta Live's own CA").map_err(io::Error::other);
        let certificate = certificate.map_err(stand_in("Beta Live"))?;
        let ca = certificate.ca_pem.clone();
        let alpha = Platform::alpha_tv(ports.alpha).await.map_err(stand_in("Alpha TV"))?;
        let beta = Platform::beta_live(certificate, ports.beta).await.map_err(stand_in("Beta Live"))?;
        let origin = Origin::start().await.map_err(stand_in("the platforms of the origin"))?;
        let room = RoomPage::start(alpha.watch()).await.map_err(stand_in("Alpha TV's status page"))?;
        let encoder = Arc::new(Encoder::new().map_err(stand_in("the test encoder"))?);
        let (clicks, clicked) = mpsc::channel(CLICKS);
        let bot_api = telegram(ports.page, clicks).await.map_err(stand_in("the chat page"))?;
        let data = Scratch::new().map_err(stand_in("the data directory"))?;

        for platform in [&alpha, &beta, &origin.lexiang, &origin.azure, &origin.wowza] {
            bot_api.show_film(platform.name(), platform.hall());
        }
        let ingest = super::listen(ports.ingest).await.and_then(|listener| listener.local_addr());
        let web = super::listen(ports.web).await.and_then(|listener| listener.local_addr());
        let web = web.map_err(stand_in("Telecast's pages"))?;
        let url = |text: String| text.parse().map_err(|_| io::Error::other("no URL"));
        let settings = Settings {
            listen: ingest.map_err(stand_in("Telecast"))?,
            web: Some(WebSettings {
                url: url(format!("http://{web}")).map_err(stand_in("Telecast's pages"))?,
                listen: web,
            }),
            extra_ca: Some(ca.into_bytes()),
            pages: Some(url(room.url()).map_err(stand_in("Alpha TV's status page"))?),
            ..Settings::local(
                SecretString::from(bot_api.token()),
                url(bot_api.url()).map_err(stand_in("the chat page"))?,
                data.0.clone(),
            )
        };
        let app = Arc::new(App::start(settings).await?);
        let stop = CancellationToken::new();
        let scene = Self {
            bot_api,
            alpha: Arc::new(alpha),
            beta: Arc::new(beta),
            origin: Arc::new(origin),
            encoder,
            app,
            room,
            panel: TaskTracker::new(),
            stop: stop.clone(),
            _stop: stop.drop_guard(),
            _data: data,
        };
        let panel = Panel::new(&scene, clicked);
        scene.panel.spawn(scene.stop.clone().run_until_cancelled_owned(panel.run()));
        scene.panel.close();
        Ok(scene)
    }

    /// Telecast.
    #[must_use]
    pub fn app(&self) -> Arc<App> {
        self.app.clone()
    }

    /// Stops everything in order: the source, Telecast, what is around it. Removes what was stored.
    pub async fn close(self) {
        self.stop.cancel();
        self.panel.wait().await;
        self.encoder.close().await;
        if let Some(app) = Arc::into_inner(self.app) {
            app.stop().await;
        }
        self.bot_api.stop().await;
        self.room.stop().await;
        self.alpha.stop().await;
        self.beta.stop().await;
        self.origin.stop().await;
    }
}

/// Telegram with the demo's people, at `wanted` where that is free.
async fn telegram(wanted: Option<SocketAddr>, clicks: mpsc::Sender<Click>) -> io::Result<BotApi> {
    let setup = |listen| Setup { listen, clicks: Some(clicks.clone()), ..Setup::default() };
    match BotApi::start(World::demo(), setup(wanted)).await {
        Err(_) if wanted.is_some() => BotApi::start(World::demo(), setup(None)).await,
        started => started,
    }
}

/// A directory that is gone when this is.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> io::Result<Self> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let name = format!("telecast-demo-{:016x}", u64::from_ne_bytes(random));
        let path = std::env::temp_dir().join(name);
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
