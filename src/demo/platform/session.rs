//! From TCP accept to the end of a publish.

use super::login::{self, Method, Verdict};
use super::{Account, Mood};
use crate::media::packet::Packet;
use crate::rtmp::transport::{ServerTls, Stream};
use crate::rtmp::{self, Source, SourceEnd};
use crate::service::watch::Air;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// From TCP accept to the publish command.
const PUBLISH: Duration = Duration::from_secs(10);
/// A publisher that sends nothing for so long is gone.
const SILENCE: Duration = Duration::from_secs(30);

/// Where publishers come in.
pub(super) struct Door {
    pub(super) account: Arc<Account>,
    pub(super) tls: Option<ServerTls>,
}

impl Door {
    /// Accepts until it is dropped; with it end all connections.
    pub(super) async fn open(self, listener: TcpListener, mut mood: watch::Receiver<Mood>, tasks: TaskTracker) {
        let door = Arc::new(self);
        let Ok(address) = listener.local_addr() else { return };
        let mut listener = Some(listener);
        loop {
            let Some(open) = listener.take() else { return };
            let cut = CancellationToken::new();
            let _cut = cut.clone().drop_guard();
            tokio::select! {
                () = door.accept(&open, mood.clone(), &tasks, &cut) => {}
                down = mood.wait_for(|mood| *mood == Mood::Down) => if down.is_err() { return },
            }
            drop((open, _cut));
            if mood.wait_for(|mood| *mood != Mood::Down).await.is_err() {
                return;
            }
            listener = listen_again(address).await;
        }
    }

    async fn accept(
        self: &Arc<Self>,
        listener: &TcpListener,
        mood: watch::Receiver<Mood>,
        tasks: &TaskTracker,
        cut: &CancellationToken,
    ) {
        loop {
            match listener.accept().await {
                Ok((tcp, _)) => {
                    let (door, mood, cut) = (self.clone(), mood.clone(), cut.clone());
                    tasks.spawn(async move { cut.run_until_cancelled(door.serve(tcp, mood)).await });
                }
                // Too many open files, or a client that was gone at once.
                Err(_) => sleep(Duration::from_millis(100)).await,
            }
        }
    }

    async fn serve(&self, tcp: TcpStream, mood: watch::Receiver<Mood>) {
        let asked = async {
            let _ = tcp.set_nodelay(true);
            let stream = match &self.tls {
                Some(tls) => tls.accept(tcp).await.ok()?,
                None => tcp.into(),
            };
            match &self.account.login {
                None => rtmp::accept(stream).await.ok(),
                Some(_) => rtmp::accept_judged(stream, judge(self.account.clone())).await.ok(),
            }
        };
        let Ok(Some(publish)) = timeout(PUBLISH, asked).await else { return };
        let account = &self.account;
        // A login follows the application that it was judged with.
        let app = publish.app();
        let app = if account.login.is_some() { app.split('?').next().unwrap_or(app) } else { app };
        let right = app == account.app && account.key.as_deref().is_none_or(|key| key == publish.name());
        if !right || *mood.borrow() == Mood::Refusing {
            account.received.send_modify(|received| received.refuse(Instant::now()));
            return publish.reject("the stream key is not valid").await;
        }
        let Some(present) = Present::enter(account, publish.encoder(), publish.name()) else {
            account.received.send_modify(|received| received.refuse(Instant::now()));
            return publish.reject("this stream key is in use").await;
        };
        if let Ok(source) = publish.begin().await {
            present.receive(source, mood).await;
        }
    }
}

/// Asks who wants to connect for the account's login.
fn judge(account: Arc<Account>) -> rtmp::Judge {
    Box::new(move |app, tc_url| {
        let Some(who) = &account.login else { return Ok(()) };
        let mut tokens = account.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        match login::judge(Method::Adobe, who, (app, tc_url), &mut tokens) {
            Verdict::In => Ok(()),
            Verdict::Out(words) => Err(words),
        }
    })
}

/// The one publisher of an account, as long as it is there, however it ends.
struct Present<'a> {
    account: &'a Account,
    in_order: bool,
}

impl<'a> Present<'a> {
    fn enter(account: &'a Account, encoder: &str, name: &str) -> Option<Self> {
        let mut entered = false;
        let name = account.key.is_none().then(|| name.to_owned());
        account.received.send_modify(|received| entered = received.begin(encoder, name, Instant::now()));
        if entered {
            account.hall.begin_anew();
            account.hall.set_air(Air::Live);
        }
        entered.then_some(Self { account, in_order: false })
    }

    async fn receive(mut self, mut source: Source<Stream>, mut mood: watch::Receiver<Mood>) {
        let mut packets: Vec<Packet> = Vec::new();
        loop {
            let deaf = async { mood.wait_for(|mood| *mood == Mood::Deaf).await.is_ok() };
            let read = tokio::select! {
                biased;
                _ = deaf => return hold(self, source, mood).await,
                read = timeout(SILENCE, source.read(&mut packets)) => read,
            };
            if !packets.is_empty() {
                self.account.received.send_modify(|received| received.take(&packets, Instant::now()));
                self.account.hall.show(&packets);
                packets.clear();
            }
            match read {
                Ok(Ok(_)) => {}
                Ok(Err(end)) => {
                    self.in_order = matches!(end, SourceEnd::Clean);
                    return;
                }
                Err(_) => return,
            }
        }
    }
}

/// Keeps a connection open and reads nothing, until the platform hears again. It counts as ended.
async fn hold(present: Present<'_>, source: Source<Stream>, mut mood: watch::Receiver<Mood>) {
    drop(present);
    let _ = mood.wait_for(|mood| *mood != Mood::Deaf).await;
    drop(source);
}

impl Drop for Present<'_> {
    fn drop(&mut self) {
        let in_order = self.in_order;
        self.account.received.send_modify(|received| received.end(in_order, Instant::now()));
        self.account.hall.set_air(Air::Over);
    }
}

/// The port that was given up, as soon as it is free again.
async fn listen_again(address: SocketAddr) -> Option<TcpListener> {
    for _ in 0..50 {
        if let Ok(listener) = TcpListener::bind(address).await {
            return Some(listener);
        }
        sleep(Duration::from_millis(100)).await;
    }
    None
}
