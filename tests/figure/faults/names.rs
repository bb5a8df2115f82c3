//! F21: names that nobody knows, that take long, that move. The relay runs within this program, with a resolver of ours.

use super::scene::{Ground, Outcome, SOON, comes, ms, pause, s};
use super::subject::Kind;
use crate::bed::field::invariants::{Balance, Verdicts};
use crate::bed::field::{Behaviour, Options, Publisher, now};
use crate::bed::{Fault, Result};
use futures_util::future::BoxFuture;
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use telecast::domain::id::{StudioId, TargetId};
use telecast::domain::rtmp_url::{PushPoint, ServerUrl};
use telecast::domain::secret::StreamKey;
use telecast::relay::dial::{Dialler, Resolve};
use telecast::relay::gate::AddressGate;
use telecast::relay::ingest::{Ingest, Listeners};
use telecast::relay::report::{Plan, PlannedTarget};
use telecast::relay::{Relay, RelaySettings};
use telecast::rtmp::Asks;
use telecast::rtmp::transport::ClientTls;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

const STUDIO: StudioId = StudioId(1);

/// Knows these names; what it does not know takes 10 s, or is not there.
#[derive(Clone, Default)]
struct Book(Arc<Mutex<HashMap<&'static str, SocketAddr>>>);

impl Resolve for Book {
    fn resolve(&self, host: String, _: u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(host.as_str()).copied();
        Box::pin(async move {
            if host.starts_with("hangs") {
                pause(s(10)).await;
            }
            found.map(|address| vec![address]).ok_or_else(|| io::Error::other("no such name"))
        })
    }
}

pub(super) async fn f21(g: &Ground) -> Result<Outcome> {
    if g.kind == Kind::Nginx {
        return nginx(g).await;
    }
    let sinks = [g.sink()?, g.sink()?, g.sink()?];
    let book = Book::default();
    let set = |name, at: usize| {
        book.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name, sinks[at].address());
    };
    set("good.example", 0);
    set("moves.example", 1);
    let (token, tracker) = (CancellationToken::new(), TaskTracker::new());
    let dialler = Dialler::new(Arc::new(book.clone()), AddressGate::open(), ClientTls::new(None)?);
    let marks = dialler.marks();
    let settings = RelaySettings::default();
    let (relay, mut reports) = Relay::new(Arc::new(dialler), settings, tracker.clone(), token.clone());
    tracker.spawn(async move { while reports.recv().await.is_some() {} });
    let plain = TcpListener::bind("127.0.0.1:0").await?;
    let ingest = plain.local_addr()?;
    let mut arrivals = Ingest::start(Listeners { plain, tls: None, memory: relay.memory() }, marks, &tracker, &token);
    let attach = relay.clone();
    tracker.spawn(async move {
        while let Some(arrival) = arrivals.recv().await {
            if let Asks::Publish(publish) = arrival.asks {
                let _ = attach.attach(STUDIO, publish).await;
            }
        }
    });
    let target = |id, host: &str| -> Result<PlannedTarget> {
        let server = ServerUrl::parse(&format!("rtmp://{host}/live")).map_err(|error| Fault(error.to_string()))?;
        let key = StreamKey::parse("canary-target").map_err(|error| Fault(error.to_string()))?;
        Ok(PlannedTarget {
            id: TargetId(id),
            point: PushPoint { server, key },
            settle: s(15),
            takes: Vec::new(),
            owners_turn: false,
            key_over: false,
        })
    };
    let names = ["good.example", "moves.example", "unknown.example", "hangs.example"];
    let targets = (1..).zip(names).map(|(id, name)| target(id, name)).collect::<Result<Vec<_>>>()?;
    relay.go_live(STUDIO, Plan { targets, hold: s(600), wait: s(600), pull: None }).await;
    let began = now();
    let publisher = Publisher::start(ingest, "key", &g.clip, Options::of(1)).await?;
    let first = sinks[0].until("the first frame", SOON, |ledger| ledger.frames() > 0).await? - began;
    pause(s(3)).await;
    let rest = sinks[0].look(|ledger| ledger.delay(990));
    sinks[0].forget_delays();
    set("moves.example", 2);
    let moved = now();
    sinks[1].behave(Behaviour::Down);
    let came = sinks[2].until("it to move", SOON, |ledger| ledger.frames() > 0).await.ok().map(|at| at - moved);
    pause(s(8)).await;
    set("unknown.example", 1);
    sinks[1].behave(Behaviour::Well);
    let known = now();
    let found = comes(s(30), || sinks[1].look(|ledger| ledger.newest().is_some_and(|one| one.began > known))).await;
    let found = found.then(|| now() - known);
    publisher.stall().await;
    pause(Duration::from_millis(300)).await;
    let summary = relay.stop(STUDIO).await;
    let dropped = summary.and_then(|summary| Some(summary.targets.get(&TargetId(1))?.dropped_bytes));
    pause(Duration::from_millis(200)).await;
    let ledger = sinks[0].ledger();
    let balance = Balance::of(&[&publisher], &ledger, dropped);
    token.cancel();
    let mut verdicts = Verdicts::default();
    verdicts.isolation(&ledger, rest);
    verdicts.order(&ledger);
    verdicts.ledger(&balance);
    let shown = |took: Option<u64>| took.map_or_else(|| "never".into(), |took| format!("after {} ms", ms(took)));
    let measured = format!(
        "beside a name that hangs for 10 s and one that is unknown, the first frame after {} ms; a name that moved was \
         followed {}, a name that came to be {}",
        ms(first),
        shown(came),
        shown(found)
    );
    let good = came.is_some_and(|took| took <= 1_300_000) && found.is_some() && first <= 1_500_000;
    Ok(Outcome { measured, good, verdicts, ledgers: 1, difference: balance.difference.unsigned_abs() })
}

/// It asks for names once, when it starts.
async fn nginx(g: &Ground) -> Result<Outcome> {
    let targets = ["rtmp://unknown.invalid/live/key".to_owned()];
    let mut subject = super::subject::Subject::start(Kind::Nginx, "key", &targets, &[], &[], &g.dir).await?;
    let ended = subject.proc.wait_for_end(s(60)).await;
    let log = subject.proc.log();
    let said = log.lines().find(|line| line.contains("host not found")).map(|_| "host not found").unwrap_or("nothing");
    let measured = format!(
        "asks once, at its start: with an unknown name it {} ({said})",
        if ended.is_ok() { "does not start" } else { "starts" }
    );
    Ok(Outcome { measured, ..Outcome::default() })
}
