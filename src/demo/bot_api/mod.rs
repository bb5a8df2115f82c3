//! A stand-in for the Telegram Bot API, strict where Telegram is strict, with the people on the other side of it.
//!
//! It must know nothing of Telecast: it would serve any bot. Rules and error texts are those of the real server
//! (tdlib/telegram-bot-api `Client.cpp`, tdlib/td); `tests/oracle` checks its JSON against an independent model.
//! Start with [`World`], then [`BotApi::start`]; [`Phone`] is what people do and see.

mod deeds;
mod entities;
mod fault;
mod html;
mod journal;
mod keyboard;
mod limiter;
mod line;
mod message;
mod methods;
mod page;
mod params;
mod people;
mod phone;
mod profile;
mod refusal;
mod server;
mod side;
mod transcript;
mod updates;
mod view;
mod world;

pub use deeds::Tapped;
pub use entities::{Entity, EntityKind, Marked};
pub use fault::{Fault, Trouble};
pub use keyboard::{Action, Button, Keyboard};
pub use limiter::Limits;
pub use message::{Content, File, Message, Service};
pub use people::{ChatKind, Rights, Role};
pub use phone::{Phone, Stuck};
pub use side::{Bilingual, Click, Encoder, Screen, Side, Tone};
pub use world::{Call, MING, OLIVIA, SAM, Toast, WEEKEND_SHOW, World};

use crate::service::watch::Hall;
use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// How to serve a world.
#[derive(Debug, Default)]
pub struct Setup {
    /// Where to listen, a loopback address; any free port of 127.0.0.1 when unset.
    pub listen: Option<SocketAddr>,
    /// A file for the journal. It will hold all that people type, keys included.
    pub journal: Option<PathBuf>,
    /// What the page's address must hold, where not everybody on this machine may use it.
    pub key: Option<String>,
    /// Takes the clicks in the page's side panel.
    pub clicks: Option<mpsc::Sender<Click>>,
}

/// A running stand-in. Dropping it stops it.
#[derive(Debug)]
pub struct BotApi {
    address: SocketAddr,
    shared: Arc<Shared>,
    tasks: TaskTracker,
    _stop: DropGuard,
}

/// What the handlers and the phone share.
#[derive(Debug)]
struct Shared {
    token: String,
    world: Mutex<World>,
    /// Counts what may interest a poll of the bot.
    queued: watch::Sender<u64>,
    /// Counts what people see change.
    seen: watch::Sender<u64>,
    side: watch::Sender<Side>,
    /// What can be watched at the side, by name.
    films: Mutex<HashMap<String, Arc<Hall>>>,
    clicks: Option<mpsc::Sender<Click>>,
    key: Option<String>,
    gate: line::Gate,
    closing: CancellationToken,
}

impl Shared {
    /// Works on the world under its lock, then wakes those whom the work concerns.
    fn with<T>(&self, work: impl FnOnce(&mut World) -> T) -> T {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let before = world.updates.waiting();
        let result = work(&mut world);
        let (seen, queued) = (std::mem::take(&mut world.seen), world.updates.waiting() > before);
        drop(world);
        if seen {
            self.seen.send_modify(|n| *n += 1);
        }
        if queued {
            self.queued.send_modify(|n| *n += 1);
        }
        result
    }
}

impl BotApi {
    /// Begins to serve `world`.
    ///
    /// # Errors
    /// The address is not loopback or is taken, or the journal can't be written.
    pub async fn start(mut world: World, setup: Setup) -> io::Result<Self> {
        let listen = setup.listen.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, 0).into());
        if !listen.ip().is_loopback() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the Bot API stand-in listens on loopback only"));
        }
        if let Some(path) = &setup.journal {
            world.journal = journal::Journal::open(path)?;
        }
        let gate = line::Gate::open(listen)?;
        let (address, line) = (gate.address()?, gate.line()?);
        let closing = CancellationToken::new();
        let shared = Arc::new(Shared {
            token: token(world.bot.id)?,
            world: Mutex::new(world),
            queued: watch::Sender::new(0),
            seen: watch::Sender::new(0),
            side: watch::Sender::new(Side::default()),
            films: Mutex::default(),
            clicks: setup.clicks,
            key: setup.key,
            gate,
            closing: closing.clone(),
        });
        let tasks = TaskTracker::new();
        let serve = axum::serve(line, server::router(shared.clone()));
        let end = closing.clone();
        tasks.spawn(async move {
            if let Err(error) = serve.with_graceful_shutdown(end.cancelled_owned()).await {
                tracing::error!(%error, "the Bot API stand-in has stopped");
            }
        });
        tasks.close();
        Ok(Self { address, shared, tasks, _stop: closing.drop_guard() })
    }

    /// The API URL to give to the bot, also the address of the chat page.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The bot's token, random, of Telegram's form.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.shared.token
    }

    /// What people do and see.
    #[must_use]
    pub fn phone(&self) -> Phone {
        Phone::new(self.shared.clone())
    }

    /// What the page shows at its side: send to it whenever it changes.
    #[must_use]
    pub fn side(&self) -> watch::Sender<Side> {
        self.shared.side.clone()
    }

    /// From now on the page can show what comes to `hall`, where a [`Screen`] names it so.
    pub fn show_film(&self, name: &str, hall: Arc<Hall>) {
        self.shared.films.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), hall);
    }

    /// Ends polls and pages, and frees the port.
    pub async fn stop(self) {
        self.shared.closing.cancel();
        self.shared.films.lock().unwrap_or_else(PoisonError::into_inner).drain().for_each(|(_, hall)| hall.close());
        self.tasks.wait().await;
    }
}

/// `<bot id>:<35 characters>`, as BotFather gives them.
fn token(bot: i64) -> io::Result<String> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut random = [0; 35];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let secret: String = random.iter().map(|b| char::from(LETTERS[usize::from(b % 64)])).collect();
    Ok(format!("{bot}:{secret}"))
}
