//! The whole product with a Bot API beside it and the store in one's hands, and the people and the group of each cell.

use super::table::Cell;
use crate::bed::field::{Clip, Options, Publisher};
use crate::bed::{Fault, Result, free_port};
use secrecy::SecretString;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;
use telecast::chat::{self, Timing};
use telecast::demo::bot_api::{BotApi, ChatKind, Phone, Rights, Role, Setup, World};
use telecast::domain::access::{Operators, Policy};
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
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Who owns the instance.
pub(crate) const OWNER: UserId = UserId(1);
/// The topic in which everything is said, where a group has topics.
pub(crate) const TOPIC: i32 = 700_000;

/// Everything.
pub(crate) struct House {
    pub(crate) phone: Phone,
    pub(crate) store: Store,
    pub(crate) service: Service,
    pub(crate) relay: Relay,
    pub(crate) ingest: SocketAddr,
    nowhere: u16,
    clip: Arc<Clip>,
    publishers: AtomicU16,
    chat: tokio::sync::Mutex<Chat>,
    dialler: Arc<Dialler>,
    api: BotApi,
    tasks: TaskTracker,
    token: CancellationToken,
}

impl House {
    /// Starts all of it in `world`; [`OWNER`] owns it.
    pub(crate) async fn open(mut world: World) -> Result<Self> {
        world.add_person(OWNER, "Olivia", "en");
        let api = BotApi::start(world, Setup::default()).await?;
        let (store, tasks, token) = (Store::temporary()?, TaskTracker::new(), CancellationToken::new());
        let dialler = Dialler::new(Arc::new(SystemResolver), AddressGate::open(), ClientTls::new(None)?);
        let dialler = Arc::new(dialler);
        let (relay, reports) = Relay::new(Arc::clone(&dialler), RelaySettings::default(), tasks.clone(), token.clone());
        let (service, notices) = serve(&store, &relay, &dialler);
        tasks.spawn(service.clone().follow(reports, token.clone()));
        let plain = TcpListener::bind(("127.0.0.1", 0)).await?;
        let ingest = plain.local_addr()?;
        let arrivals =
            Ingest::start(Listeners { plain, tls: None, memory: relay.memory() }, dialler.marks(), &tasks, &token);
        tasks.spawn(service.clone().receive(arrivals, tasks.clone(), token.clone()));
        let Some(code) = service.claim_code().await.map_err(Fault::from)? else { return Err(Fault("owned".into())) };
        service.claim(OWNER, &code).await?;
        let chat = Chat::open(&api, service.clone(), notices)?;
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
            api,
            tasks,
            token,
        })
    }

    /// A server where nobody is.
    pub(crate) fn nowhere(&self) -> Result<PushPoint> {
        let server = ServerUrl::parse(&format!("rtmp://127.0.0.1:{}/live", self.nowhere));
        let server = server.map_err(|fault| Fault(format!("{fault:?}")))?;
        let key = StreamKey::parse("matrix-target-key-0123456789").map_err(|fault| Fault(format!("{fault:?}")))?;
        Ok(PushPoint { server, key })
    }

    /// A target of a platform that has several servers, at a server where nobody is.
    pub(crate) async fn add_target(&self, studio: StudioId, owner: UserId) -> Result<()> {
        self.add_target_named(studio, owner, "Alpha").await
    }

    /// The same under another name.
    pub(crate) async fn add_target_named(&self, studio: StudioId, owner: UserId, name: &str) -> Result<()> {
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
    pub(crate) async fn studio(&self, chat: ChatId, kind: StudioKind, operators: Operators) -> Result<StudioId> {
        let studio = self.store.open_studio(chat, kind, "Matrix").await?.id;
        let change = move |studio: &mut telecast::store::Studio| {
            (studio.approved, studio.language, studio.operators) = (true, Some(Lang::En), operators);
        };
        self.store.update_studio(studio, change).await?;
        Ok(studio)
    }

    /// An encoder with the ingest key of `user`.
    pub(crate) async fn publish(&self, studio: StudioId, user: UserId) -> Result<Publisher> {
        let key = self.store.ingest_key(studio, user).await?;
        self.publish_with(key.expose()).await
    }

    /// An encoder with this key.
    pub(crate) async fn publish_with(&self, key: &str) -> Result<Publisher> {
        let number = self.publishers.fetch_add(1, Ordering::Relaxed);
        Publisher::start(self.ingest, key, &self.clip, Options::of(number)).await
    }

    /// The bot begins anew, with what is stored.
    pub(crate) async fn restart(&self) -> Result<()> {
        let mut chat = self.chat.lock().await;
        chat.close().await;
        let (service, notices) = serve(&self.store, &self.relay, &self.dialler);
        *chat = Chat::open(&self.api, service, notices)?;
        Ok(())
    }

    pub(crate) async fn close(self) {
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
    fn open(api: &BotApi, service: Service, notices: mpsc::Receiver<Notice>) -> Result<Self> {
        let (api_url, proxy) = (api.url().parse()?, None);
        let bot = chat::Settings { token: SecretString::from(api.token().to_owned()), api_url, proxy };
        let timing = Timing { hold: Duration::from_secs(5), ..Timing::default() };
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

fn serve(store: &Store, relay: &Relay, dialler: &Arc<Dialler>) -> (Service, mpsc::Receiver<Notice>) {
    let (dialler, settings) = (Arc::clone(dialler), service::Settings::default());
    Service::new(store.clone(), relay.clone(), dialler, Catalogue::builtin(), settings)
}

/// The people and the group of one cell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cast {
    /// Runs the group, whatever becomes of the others.
    pub(super) keeper: UserId,
    /// Whom the cell is about.
    pub(super) rio: UserId,
    /// Another admin of the group.
    pub(super) xi: UserId,
    /// Knows nobody.
    pub(super) stranger: UserId,
    pub(super) group: ChatId,
    /// How the group is numbered after it has become a supergroup.
    pub(super) moved: ChatId,
}

impl Cast {
    /// Puts those of cell number `n` into the world.
    pub(super) fn of(world: &mut World, cell: &Cell, n: u64) -> Self {
        let person = |nth| UserId(10_000 + 4 * n + nth);
        let basic = -500_000 - n.cast_signed();
        let is_moved = cell.place == "moved";
        let group = ChatId(if is_moved { basic } else { -1_003_000_000_000 - n.cast_signed() });
        let rio = if cell.role == "owner" { OWNER } else { person(1) };
        let cast = Self {
            keeper: person(0),
            rio,
            xi: person(2),
            stranger: person(3),
            group,
            moved: ChatId(-1_000_000_000_000 + basic),
        };
        for (user, name) in [(cast.keeper, "Kim"), (person(1), "Rio"), (cast.xi, "Xi"), (cast.stranger, "Sasha")] {
            world.add_person(user, name, "en");
        }
        let video = Rights { can_manage_video_chats: true, ..Rights::default() };
        let plain = Rights { can_pin_messages: true, ..Rights::default() };
        let role = match (&*cell.place, &*cell.role) {
            (_, "creator") => Role::Creator,
            (_, "video") => Role::Admin(video),
            ("group", "owner") | (_, "member") => Role::Member,
            (_, "hidden" | "seen") => Role::Admin(Rights::ALL),
            _ => Role::Admin(plain),
        };
        let keeper = if role == Role::Creator { Role::Admin(Rights::ALL) } else { Role::Creator };
        // Of who loses a right, only an admin is told; where an encoder publishes, the bot has to ask.
        let asks = cell.place == "group" && cell.role == "former" && cell.row.starts_with("encoder");
        let told = matches!(&*cell.role, "seen" | "former" | "gone") && !asks;
        let bot = match cell.place.as_str() {
            "unlet" => Role::Left,
            _ if told => Role::Admin(Rights::ALL),
            _ => Role::Member,
        };
        let members = [(cast.keeper, keeper), (rio, role), (cast.xi, Role::Admin(plain)), (world.bot_id(), bot)];
        let kind = if is_moved { ChatKind::Group } else { ChatKind::Supergroup };
        world.add_group(group, kind, "Matrix", &members);
        if cell.place == "topic" {
            world.add_topic(group, TOPIC);
        }
        cast
    }

    /// Who operates the group.
    pub(super) fn operators(&self, cell: &Cell) -> Operators {
        let mut named = std::collections::BTreeSet::new();
        if cell.place == "named" {
            named.insert(self.keeper);
            if cell.role == "named" {
                named.insert(self.rio);
            }
        }
        let policy = match cell.place.as_str() {
            "video" => Policy::Video,
            "named" => Policy::Named,
            _ => Policy::Any,
        };
        Operators { policy, named }
    }
}
