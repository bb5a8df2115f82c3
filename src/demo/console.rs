//! `demo --real`: the chat page as a private console of the real Telecast. Its data, its platforms and its shows are those
//! of the settings; only Telegram is a stand-in, and whoever has the page's address is the owner.

use super::bot_api::{Bilingual, BotApi, ChatKind, Click, Encoder as Shown, Rights, Role, Setup, Side, World};
use super::encoder::Encoder;
use super::panel::{copy, told_address};
use crate::app::{App, Settings, StartError};
use crate::chat::Timing;
use crate::config::Config;
use crate::domain::id::{ChatId, UserId};
use crate::store::{KeySource, Keyring, Store, StudioKind};
use secrecy::SecretString;
use std::fmt::Write as _;
use std::fs::DirBuilder;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// Where its page is, if that is free: the address is easy to find again, its key is new each time.
const PAGE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8642);
/// Who sits at it where nobody owns this Telecast yet. No user of Telegram has this number.
const NOBODY: UserId = UserId(1);
/// The data of a Telecast that nobody owns yet stays apart, so that its first real owner finds it as it was.
const APART: &str = "console";
/// Numbers that Telegram's own never come near: what the store has learnt of those stays true.
const MESSAGES: i32 = 1_900_000_000;
const UPDATES: u32 = 10_000_000;
/// How often the side panel is drawn.
const DRAW: Duration = Duration::from_secs(1);
const CLICKS: usize = 8;

/// A running console.
pub struct Console {
    bot_api: BotApi,
    key: String,
    app: App,
    encoder: Arc<Encoder>,
    side: TaskTracker,
    stop: CancellationToken,
    _stop: DropGuard,
}

/// Who sits at the console, and with which data.
struct Seat {
    data: PathBuf,
    user: UserId,
    name: String,
    groups: Vec<(ChatId, String)>,
    /// The last update that was dealt with.
    update: u32,
}

impl Console {
    /// Starts it with the host's settings, of which the token is not needed.
    ///
    /// # Errors
    /// As a start of Telecast. Nothing is left running.
    pub async fn open(config: Config) -> Result<Self, StartError> {
        let nowhere = config.public_address.as_str() == crate::config::THIS_MACHINE;
        let mut settings = Settings::from_config(config)?;
        let seat = Seat::take(settings.data.clone(), settings.master_key.clone()).await?;
        let (clicks, clicked) = mpsc::channel(CLICKS);
        let key = secret().map_err(StartError::System)?;
        let bot_api = serve(&seat, &key, clicks).await.map_err(StartError::System)?;
        if nowhere {
            settings.public_address = None;
        }
        settings.data.clone_from(&seat.data);
        settings.token = SecretString::from(bot_api.token().to_owned());
        settings.api_url = bot_api.url().parse().map_err(|_| StartError::System(io::Error::other("no URL")))?;
        settings.timing = Timing::default();
        let app = App::start(settings).await?;
        let encoder = Arc::new(Encoder::new().map_err(StartError::System)?);
        let stop = CancellationToken::new();
        let user = seat.user;
        let (side, desk) =
            (TaskTracker::new(), Desk { user, encoder: Arc::clone(&encoder), side: bot_api.side(), clicked });
        side.spawn(stop.clone().run_until_cancelled_owned(desk.run(bot_api.phone())));
        side.close();
        Ok(Self { bot_api, key, app, encoder, side, stop: stop.clone(), _stop: stop.drop_guard() })
    }

    /// What to open in a browser on this machine. Whoever has it is the owner.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}/?key={}", self.bot_api.url(), self.key)
    }

    /// Stops everything in order.
    pub async fn close(self) {
        self.stop.cancel();
        self.side.wait().await;
        self.encoder.close().await;
        self.app.stop().await;
        self.bot_api.stop().await;
    }
}

impl Seat {
    async fn take(data: PathBuf, key: KeySource) -> Result<Self, StartError> {
        let there = Store::is_in(&data);
        let store = if there { Some(open(data.clone(), key.clone()).await?) } else { None };
        if let Some((store, user)) = store.and_then(|store| store.owner().map(|owner| (store, owner))) {
            let groups = store.studios().into_iter().filter(|s| s.kind == StudioKind::Group && s.approved);
            let groups = groups.map(|studio| (studio.chat, studio.title)).collect();
            let (name, update) = (store.person(user).name, store.last_update().unwrap_or_default());
            store.close().await;
            return Ok(Self { data, user, name, groups, update });
        }
        let data = data.join(APART);
        DirBuilder::new().recursive(true).mode(0o700).create(&data).map_err(StartError::System)?;
        let store = open(data.clone(), key).await?;
        let failed = |error| StartError::System(io::Error::other(error));
        if let Some(code) = store.claim_code().await.map_err(failed)? {
            store.claim(&code, NOBODY).await.map_err(failed)?;
        }
        let update = store.last_update().unwrap_or_default();
        store.close().await;
        Ok(Self { data, user: NOBODY, name: String::new(), groups: Vec::new(), update })
    }
}

async fn open(data: PathBuf, key: KeySource) -> Result<Store, StartError> {
    let open = move || -> Result<Store, StartError> { Ok(Store::open(&data, Keyring::load_or_create(&data, &key)?)?) };
    match tokio::task::spawn_blocking(open).await {
        Ok(opened) => opened,
        Err(died) => Err(StartError::System(io::Error::other(died))),
    }
}

/// Telegram, with nobody in it but the owner, who runs every group.
async fn serve(seat: &Seat, key: &str, clicks: mpsc::Sender<Click>) -> io::Result<BotApi> {
    let world = || {
        let mut world = World::new("Telecast", "telecast_console_bot");
        let user = seat.user;
        world.add_person(user, if seat.name.is_empty() { "You" } else { &seat.name }, "");
        for (chat, title) in &seat.groups {
            let members = [(user, Role::Creator), (world.bot_id(), Role::Admin(Rights::ALL))];
            world.add_group(*chat, ChatKind::Supergroup, title, &members);
        }
        world.number_from(MESSAGES, seat.update.saturating_add(UPDATES)).be_console();
        world
    };
    let setup = |listen| Setup { listen, key: Some(key.to_owned()), clicks: Some(clicks.clone()), ..Setup::default() };
    match BotApi::start(world(), setup(Some(PAGE))).await {
        Err(_) => BotApi::start(world(), setup(None)).await,
        started => started,
    }
}

/// What is drawn beside the chat: an encoder.
struct Desk {
    user: UserId,
    encoder: Arc<Encoder>,
    side: watch::Sender<Side>,
    clicked: mpsc::Receiver<Click>,
}

impl Desk {
    async fn run(mut self, phone: super::bot_api::Phone) {
        let mut draw = tokio::time::interval(DRAW);
        let mut wanted = false;
        loop {
            tokio::select! {
                _ = draw.tick() => {}
                Some(click) = self.clicked.recv() => wanted = click == Click::Start,
            }
            let told = told_address(&phone, &[self.user]);
            match (&told, wanted) {
                (Some(point), true) => self.encoder.start(point.clone()),
                (_, false) => self.encoder.stop(),
                (None, true) => {}
            }
            let mut encoder: Shown = self.encoder.shown(told.as_ref().map(copy).unwrap_or_default());
            if wanted && told.is_none() {
                encoder.running = true;
                encoder.state = Bilingual::new(
                    "waits for its key: tap “Camera / OBS” in the chat",
                    "还没有密钥：请在聊天里点“推流设置”",
                );
            }
            let side = Side { encoder: Some(encoder), ..Side::default() };
            self.side.send_if_modified(|shown| std::mem::replace(shown, side.clone()) != side);
        }
    }
}

/// 128 random bits in hexadecimal.
fn secret() -> io::Result<String> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    Ok(random.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}
