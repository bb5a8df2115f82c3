//! The whole product with a Bot API beside it and the store in one's hands.

use super::field::{Clip, Options, Publisher};
use super::{Fault, Result, free_port};
use secrecy::SecretString;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;
use telecast::chat::{self, Timing};
use telecast::demo::bot_api::{BotApi, Phone, Setup, World};
use telecast::domain::access::Operators;
use telecast::domain::id::{ChatId, StudioId, UserId};
use telecast::domain::lang::Lang;
use telecast::domain::rtmp_url::{PushPoint, ServerUrl};
use telecast::domain::secret::StreamKey;
use telecast::domain::target::TargetName;
use telecast::platform::Catalogue;
use telecast::relay::dial::{Dialler, SystemResolver};
use telecast::relay::gate::AddressGate;
use telecast::relay::ingest::{Ingest, Listeners};
use telecast::relay::{Relay, RelaySettings};
use telecast::rtmp::transport::ClientTls;
use telecast::service::{self, Notice, Service};
use telecast::store::{NewTarget, Store, StudioKind};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Who owns the instance.
pub const OWNER: UserId = UserId(1);

/// Everything.
pub struct House {
    pub phone: Phone,
    pub store: Store,
    pub service: Service,
    pub relay: Relay,
    pub ingest: SocketAddr,
    nowhere: u16,
    clip: Arc<Clip>,
    publishers: AtomicU16,
    chat: tokio::sync::Mutex<Chat>,
    dialler: Arc<Dialler>,
    timing: Timing,
    api: BotApi,
    tasks: TaskTracker,
    token: CancellationToken,
    files: TempDir,
}

impl House {
    /// Starts all of it in `world`; [`OWNER`] owns it.
    pub async fn open(world: World) -> Result<Self> {
        Self::open_with(world, Timing { hold: Duration::from_secs(5), ..Timing::default() }).await
    }

    /// The same with another patience.
    pub async fn open_with(mut world: World, timing: Timing) -> Result<Self> {
        world.add_person(OWNER, "Olivia", "en");
        let api = BotApi::start(world, Setup::default()).await?;
        let (store, tasks, token) = (Store::temporary()?, TaskTracker::new(), CancellationToken::new());
        let dialler = Dialler::new(Arc::new(SystemResolver), AddressGate::open(), ClientTls::new(None)?);
        let dialler = Arc::new(dialler);
        let (relay, reports) = Relay::new(Arc::clone(&dialler), RelaySettings::default(), tasks.clone(), token.clone());
        let files = tempfile::tempdir()?;
        let (service, notices) = serve(&store, &relay, &dialler, &files);
        tasks.spawn(service.clone().follow(reports, token.clone()));
        let plain = TcpListener::bind(("127.0.0.1", 0)).await?;
        let ingest = plain.local_addr()?;
        let arrivals =
            Ingest::start(Listeners { plain, tls: None, memory: relay.memory() }, dialler.marks(), &tasks, &token);
        tasks.spawn(service.clone().receive(arrivals, tasks.clone(), token.clone()));
        let Some(code) = service.claim_code().await.map_err(Fault::from)? else { return Err(Fault("owned".into())) };
        service.claim(OWNER, &code).await?;
        let chat = Chat::open(&api, service.clone(), notices, timing)?;
        let phone = api.phone();
        // What the bot wants to be told of, Telegram knows by its first poll.
        phone.say(OWNER, Phone::private(OWNER), "/cancel")?;
        phone.wait_for_text(Phone::private(OWNER), 0, "nothing to cancel", Duration::from_secs(40)).await?;
        Ok(Self {
            phone,
            store,
            service,
            relay,
            ingest,
            nowhere: free_port()?,
            clip: Clip::new(500)?,
            publishers: AtomicU16::new(1),
            chat: tokio::sync::Mutex::new(chat),
            dialler,
            timing,
            api,
            tasks,
            token,
            files,
        })
    }

    /// A server where nobody is.
    pub fn nowhere(&self) -> Result<PushPoint> {
        let server = ServerUrl::parse(&format!("rtmp://127.0.0.1:{}/live", self.nowhere));
        let server = server.map_err(|fault| Fault(format!("{fault:?}")))?;
        let key = StreamKey::parse("matrix-target-key-0123456789").map_err(|fault| Fault(format!("{fault:?}")))?;
        Ok(PushPoint { server, key })
    }

    /// A recording of the studio, in which there is little to see.
    pub fn record(&self, studio: StudioId) -> Result<()> {
        let dir = self.files.path().join("recordings").join(studio.0.to_string());
        std::fs::create_dir_all(&dir)?;
        Ok(std::fs::write(dir.join("20261126T203005Z-5s.mp4"), "no film")?)
    }

    /// A target of a platform that has several servers, at a server where nobody is.
    pub async fn add_target(&self, studio: StudioId, owner: UserId) -> Result<()> {
        self.add_target_named(studio, owner, "Alpha").await
    }

    /// The same under another name.
    pub async fn add_target_named(&self, studio: StudioId, owner: UserId, name: &str) -> Result<()> {
        let catalogue = Catalogue::builtin();
        let platform = catalogue.all().iter().find(|p| p.servers.len() > 1 && p.owner_press.is_none());
        let platform = platform.ok_or(Fault("no platform has two servers".into()))?.id.clone();
        let name = TargetName::parse(name).map_err(|fault| Fault(format!("{fault:?}")))?;
        let (viewer_link, status_id) = (None, None);
        let point = self.nowhere()?;
        self.store
            .add_target(studio, NewTarget { name, platform, point, viewer_link, status_id, key_owner: owner })
            .await?;
        Ok(())
    }

    /// A studio that is let in and knows its language.
    pub async fn studio(&self, chat: ChatId, kind: StudioKind, operators: Operators) -> Result<StudioId> {
        let studio = self.store.open_studio(chat, kind, "Matrix").await?.id;
        let change = move |studio: &mut telecast::store::Studio| {
            (studio.approved, studio.language, studio.operators) = (true, Some(Lang::En), operators);
        };
        self.store.update_studio(studio, change).await?;
        Ok(studio)
    }

    /// An encoder with the ingest key of `user`.
    pub async fn publish(&self, studio: StudioId, user: UserId) -> Result<Publisher> {
        let key = self.store.ingest_key(studio, user).await?;
        self.publish_with(key.expose()).await
    }

    /// An encoder with this key.
    pub async fn publish_with(&self, key: &str) -> Result<Publisher> {
        let number = self.publishers.fetch_add(1, Ordering::Relaxed);
        Publisher::start(self.ingest, key, &self.clip, Options::of(number)).await
    }

    /// The bot begins anew, with what is stored.
    pub async fn restart(&self) -> Result<()> {
        let mut chat = self.chat.lock().await;
        chat.close().await;
        let (service, notices) = serve(&self.store, &self.relay, &self.dialler, &self.files);
        *chat = Chat::open(&self.api, service, notices, self.timing)?;
        Ok(())
    }

    pub async fn close(self) {
        self.token.cancel();
        self.chat.into_inner().close().await;
        self.tasks.close();
        let _ = tokio::time::timeout(Duration::from_secs(10), self.tasks.wait()).await;
        self.store.close().await;
    }
}

/// A bot.
struct Chat {
    service: Service,
    task: TaskTracker,
    token: CancellationToken,
}

impl Chat {
    fn open(api: &BotApi, service: Service, notices: mpsc::Receiver<Notice>, timing: Timing) -> Result<Self> {
        let (api_url, proxy) = (api.url().parse()?, None);
        let bot = chat::Settings { token: SecretString::from(api.token().to_owned()), api_url, proxy };
        let (task, token) = (TaskTracker::new(), CancellationToken::new());
        task.spawn(chat::run_with(service.clone(), bot, notices, token.clone(), timing));
        Ok(Self { service, task, token })
    }

    async fn close(&self) {
        self.token.cancel();
        self.service.close_notices();
        self.task.close();
        let _ = tokio::time::timeout(Duration::from_secs(10), self.task.wait()).await;
    }
}

fn serve(store: &Store, relay: &Relay, dialler: &Arc<Dialler>, files: &TempDir) -> (Service, mpsc::Receiver<Notice>) {
    let public_url = Some("https://live.example.com".to_owned());
    let settings = service::Settings { files: files.path().to_owned(), public_url, ..service::Settings::default() };
    let dialler = Arc::clone(dialler);
    Service::new(store.clone(), relay.clone(), dialler, Catalogue::builtin(), settings)
}
