//! A stand-in for a streaming platform, strict as a real one: it takes a publish with its one key, once at a time, and
//! counts what comes. Knows nothing of Telecast.
//!
//! Start with [`Platform::start`]; [`Received`] is what its viewers would have seen.

mod certificate;
pub mod login;
mod origin;
mod received;
mod room_page;
mod session;

pub use certificate::Certificate;
pub use origin::Origin;
pub use received::{Connection, First, Received};
pub use room_page::RoomPage;

use super::bot_api::{Bilingual, Screen, Tone};
use crate::domain::rtmp_url::{PushPoint, ServerUrl};
use crate::domain::secret::StreamKey;
use crate::rtmp::transport::ServerTls;
use crate::service::watch::Hall;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long a refusal is shown on the screen.
const REFUSED_SHOWN: Duration = Duration::from_secs(15);

/// What a platform is.
#[derive(Debug)]
pub struct Setup {
    /// Its name: "Alpha TV".
    pub name: String,
    /// The application of its server address.
    pub app: String,
    /// The one key of its one account; without one, it takes any name.
    pub key: Option<String>,
    /// Speaks RTMPS with this certificate, else RTMP.
    pub tls: Option<Certificate>,
    /// Asks for a login as Wowza does, Adobe's, and lets in who this is.
    pub login: Option<(String, String)>,
    /// Where to listen; any free port of 127.0.0.1 when unset or taken.
    pub listen: Option<SocketAddr>,
}

/// How a platform behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// As it should.
    #[default]
    Well,
    /// Refuses every key.
    Refusing,
    /// Accepts a publish and reads nothing of it.
    Deaf,
    /// Nothing listens, and whoever was connected is cut off.
    Down,
}

/// A running platform. Dropping it stops it.
#[derive(Debug)]
pub struct Platform {
    account: Arc<Account>,
    address: SocketAddr,
    mood: watch::Sender<Mood>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// What the connections of a platform share.
#[derive(Debug)]
struct Account {
    name: String,
    app: String,
    key: Option<String>,
    tls: bool,
    login: Option<login::LetIn>,
    tokens: Mutex<login::Tokens>,
    received: watch::Sender<Received>,
    /// Where its viewers watch.
    hall: Arc<Hall>,
}

/// Waited for something in vain. Says what was there instead.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{platform}: waited {within:?} in vain for {what}; it has received {received:?}")]
pub struct Missed {
    platform: String,
    within: Duration,
    what: String,
    received: Box<Received>,
}

impl Platform {
    /// Begins to take publishers.
    ///
    /// # Errors
    /// No port is free, or the certificate is none.
    pub async fn start(setup: Setup) -> io::Result<Self> {
        let tls = setup.tls.as_ref().map(|c| ServerTls::new(c.chain_pem.as_bytes(), c.key_pem.as_bytes()));
        let tls = tls.transpose().map_err(io::Error::other)?;
        let listener = super::listen(setup.listen).await?;
        let address = listener.local_addr()?;
        let login = setup.login.map(|(user, password)| login::LetIn { app: setup.app.clone(), user, password });
        let account = Arc::new(Account {
            name: setup.name,
            app: setup.app,
            key: setup.key,
            tls: tls.is_some(),
            login,
            tokens: Mutex::default(),
            received: watch::Sender::new(Received::default()),
            hall: Arc::default(),
        });
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let (mood, door) = (watch::Sender::new(Mood::Well), session::Door { account: account.clone(), tls });
        let work = door.open(listener, mood.subscribe(), tasks.clone());
        tasks.spawn(stop.clone().run_until_cancelled_owned(work));
        Ok(Self { account, address, mood, tasks, stop })
    }

    /// "Alpha TV" of the demo: RTMP, with the key form and the public status page of Bilibili.
    ///
    /// # Errors
    /// See [`Platform::start`].
    pub async fn alpha_tv(listen: Option<SocketAddr>) -> io::Result<Self> {
        let (name, app) = ("Alpha TV".into(), "live-bvc".into());
        let key = format!("?streamname=live_{}_20261125&key={}&schedule=rtmp&pflag=1", RoomPage::UID, secret()?);
        Self::start(Setup { name, app, key: Some(key), tls: None, login: None, listen }).await
    }

    /// "Beta Live" of the demo: RTMPS, with a certificate that only its own CA vouches for.
    ///
    /// # Errors
    /// See [`Platform::start`].
    pub async fn beta_live(certificate: Certificate, listen: Option<SocketAddr>) -> io::Result<Self> {
        let (name, app, key) = ("Beta Live".into(), "app".into(), format!("beta-{}", secret()?));
        Self::start(Setup { name, app, key: Some(key), tls: Some(certificate), login: None, listen }).await
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.account.name
    }

    /// What its dashboard says under "Server".
    #[must_use]
    pub fn server(&self) -> String {
        let scheme = if self.account.tls { "rtmps" } else { "rtmp" };
        format!("{scheme}://{}/{}", self.address, self.account.app)
    }

    /// The same with user and password in it, as people paste it who were given those.
    #[must_use]
    pub fn server_with_login(&self) -> String {
        match &self.account.login {
            Some(who) => self.server().replace("://", &format!("://{}:{}@", who.user, who.password)),
            None => self.server(),
        }
    }

    /// What its dashboard says under "Stream key"; empty where any name will do.
    #[must_use]
    pub fn key(&self) -> &str {
        self.account.key.as_deref().unwrap_or_default()
    }

    /// Server and key, as an encoder needs them.
    #[must_use]
    pub fn point(&self) -> Option<PushPoint> {
        Some(PushPoint { server: ServerUrl::parse(&self.server()).ok()?, key: StreamKey::parse(self.key()).ok()? })
    }

    /// All that it has received.
    #[must_use]
    pub fn received(&self) -> Received {
        self.account.received.borrow().clone()
    }

    /// The same, to be watched.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Received> {
        self.account.received.subscribe()
    }

    /// Where its viewers watch what it receives.
    #[must_use]
    pub fn hall(&self) -> Arc<Hall> {
        Arc::clone(&self.account.hall)
    }

    /// Waits until `look` finds something in what was received; looks again at every change.
    ///
    /// # Errors
    /// Nothing was found `within` the time.
    pub async fn wait<T>(
        &self,
        what: &str,
        within: Duration,
        mut look: impl FnMut(&Received) -> Option<T>,
    ) -> Result<T, Missed> {
        let mut received = self.watch();
        let mut found = None;
        let seen = received.wait_for(|received| {
            found = look(received);
            found.is_some()
        });
        let _ = timeout(within, seen).await;
        found.ok_or_else(|| Missed {
            platform: self.name().into(),
            within,
            what: what.into(),
            received: Box::new(self.received()),
        })
    }

    /// Makes it behave otherwise, at once.
    pub fn set_mood(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    /// Its screen in the side panel: what it receives, or while that is nothing, the platform as which to add it.
    #[must_use]
    pub fn screen(&self, add_as: Bilingual) -> Screen {
        let received = self.account.received.borrow();
        let now = Instant::now();
        let facts = match received.live() {
            Some(live) => live.facts(now),
            None => vec![(Bilingual::new("Add it as", "添加时选择"), add_as)],
        };
        let refused = received.last_refusal.filter(|at| now - *at < REFUSED_SHOWN);
        let (state, tone) = match (received.live(), refused) {
            (Some(live), _) => {
                let seconds = (now - live.began).as_secs();
                (Bilingual::new(format!("live for {seconds} s"), format!("已直播 {seconds} 秒")), Tone::Good)
            }
            (None, Some(_)) => (Bilingual::new("refused a wrong key", "拒绝了错误的密钥"), Tone::Bad),
            (None, None) => (Bilingual::new("waiting for a stream", "等待推流"), Tone::Idle),
        };
        let mut copy = vec![(Bilingual::new("Server", "服务器"), self.server_with_login())];
        copy.extend(self.account.key.clone().map(|key| (Bilingual::new("Stream key", "串流密钥"), key)));
        let film = received.live().map(|_| self.name().to_owned());
        Screen { name: Bilingual::plain(self.name()), state, tone, film, facts, copy }
    }

    /// Cuts everybody off and frees the port.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// 128 random bits in hexadecimal.
fn secret() -> io::Result<String> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}
