//! A21 to A25: where Telecast is made to send, and must not.

use super::house::House;
use crate::bed::field::{Behaviour, Door, Recorder, Sink, Value, chunked, talk};
use crate::bed::siege::{Ground, Outcome};
use crate::bed::{Fault, Result};
use crate::ssrf::{Counter, Found, play};
use futures_util::future::{BoxFuture, join_all};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use telecast::domain::id::StudioId;
use telecast::domain::rtmp_url::PushPoint;
use telecast::domain::status::{Barred, Loss, PushFailure};
use telecast::platform::Catalogue;
use telecast::relay::dial::{Dialler, Resolve};
use telecast::relay::gate::AddressGate;
use telecast::rtmp::Offer;
use telecast::rtmp::transport::ClientTls;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::OnceCell;
use tokio::time::{sleep, timeout};
use tokio_util::task::TaskTracker;

/// Both rows are one play.
static PLAYED: OnceCell<Found> = OnceCell::const_new();

async fn played() -> Result<&'static Found> {
    PLAYED.get_or_try_init(|| Box::pin(play())).await
}

pub(super) async fn a21(_: &Ground) -> Result<Outcome> {
    let Found { forms, refused, ways, packets, control, wrong, .. } = played().await?;
    let measured = format!(
        "{refused} of {forms} forms refused by each of {ways} ways, {packets} packets seen; {control} of 4 controls seen {wrong:?}"
    );
    Ok(Outcome::of(measured, refused == forms && *forms >= 60 && *packets == 0 && *control == 4))
}

pub(super) async fn a22(_: &Ground) -> Result<Outcome> {
    let Found { plays, held, packets, wrong, .. } = played().await?;
    let measured = format!("{held} of {plays} plays: one look-up for each dial, {packets} packets astray {wrong:?}");
    Ok(Outcome::of(measured, held == plays && *plays >= 10 && *packets == 0))
}

/// Enhanced RTMP v2, "Reconnect Request".
fn reconnect_request(to: &str) -> Vec<u8> {
    let info = [("level", "status"), ("code", "NetConnection.Connect.ReconnectRequest"), ("tcUrl", to)];
    let mut bytes = Vec::new();
    chunked(&talk::command(0, "onStatus", 0.0, &[Value::Null, Value::object(&info)]), 3, talk::CHUNK, &mut bytes);
    bytes
}

pub(super) async fn a23(g: &Ground) -> Result<Outcome> {
    let house = House::live(g).await?;
    let counter = Counter::start().await?;
    let hidden = [
        "rtmp://10.0.0.1/live",
        "rtmp://169.254.169.254/live",
        "//[::ffff:10.0.0.1]/live",
        "rtmp://0x0a000001/live",
        "http://169.254.169.254/latest/meta-data",
        "rtmp://8.8.8.8:22/live",
    ];
    let mut sinks = Vec::new();
    for to in hidden {
        let sink = Sink::start(&g.clip)?;
        sink.behave(Behaviour::Say(reconnect_request(to)));
        sinks.push(sink);
    }
    let (mut stayed, mut told) = (0, 0);
    for (number, sink) in sinks.iter().enumerate() {
        let name = format!("Mover{number}");
        house.studio.add_target(&name, &format!("rtmp://{}/live", sink.address()), "canary-mover-target").await?;
        // A target that is added joins the show.
        let sent = sink.until("a show", crate::bed::siege::SOON, |ledger| ledger.received.frames > 60).await;
        stayed += usize::from(sent.is_ok() && sink.look(|ledger| ledger.accepted == 1));
    }
    for to in hidden {
        let recorder = Recorder::start(Door::Elsewhere(Some(to.to_owned()), None)).await?;
        let said = house.says_of(&format!("rtmp://{}/live", recorder.address()), "canary-elsewhere-key").await?;
        let refused = ["private network", "another kind of service", "does not let me in", "does not take"];
        told += usize::from(refused.iter().any(|words| said.contains(words)) && recorder.heard().len() == 1);
    }
    let astray: usize =
        counter.seen().await?.iter().filter(|(to, _)| !to.ip().is_loopback()).map(|(_, count)| count).sum();
    let measured = format!(
        "ReconnectRequest to {} hidden places: {stayed} stayed where they were; redirects at connect: {told} told; {astray} \
         packets astray",
        hidden.len()
    );
    house.end(measured, stayed == hidden.len() && told == hidden.len() && astray == 0, 7).await
}

/// Passes bytes on, as a proxy does that hides who comes.
async fn forwarder(to: SocketAddr) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let tasks = TaskTracker::new();
    tasks.clone().spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            tasks.spawn(async move {
                if let Ok(mut far) = TcpStream::connect(to).await {
                    let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                }
            });
        }
    });
    Ok(address)
}

pub(super) async fn a24(g: &Ground) -> Result<Outcome> {
    let house = House::live(g).await?;
    let port = house.ingest.port();
    let around = forwarder(house.ingest).await?;
    let key = house.key.clone();
    let own = "leads back to this Telecast";
    let other = "another kind of service";
    let cases = [
        (format!("rtmp://127.0.0.1:{port}/live"), own),
        (format!("rtmp://localhost:{port}/live"), own),
        (format!("rtmp://127.8.8.8:{port}/live"), own),
        (format!("rtmp://0.0.0.0:{port}/live"), own),
        (format!("rtmp://{around}/live"), own),
        ("rtmp://127.0.0.1:22/live".to_owned(), other),
        ("rtmp://127.0.0.1:25/live".to_owned(), other),
        ("rtmp://127.0.0.1:6379/live".to_owned(), other),
        ("rtmp://10.0.0.1/live".to_owned(), "private network"),
    ];
    let mut wrong = Vec::new();
    for (server, words) in &cases {
        let said = house.says_of(server, &key).await?;
        if !said.contains(words) {
            wrong.push(format!("{server}: {said}"));
        }
    }
    let on = house.is_on();
    let measured = format!(
        "{} of {} told in their own words: own addresses and names, a proxy in front of us, ports 22, 25, 6379, a private \
         network; the encoder with that key goes on: {on} {wrong:?}",
        cases.len() - wrong.len(),
        cases.len()
    );
    house.end(measured, wrong.is_empty() && on, 0).await
}

/// Every name is one address.
struct One(SocketAddr);

impl Resolve for One {
    fn resolve(&self, _: String, _: u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
        let address = self.0;
        Box::pin(async move { Ok(vec![address]) })
    }
}

pub(super) async fn a25(_: &Ground) -> Result<Outcome> {
    let counter = Counter::start().await?;
    let flood = async |victim: &str, studios: u64, each: u64, name: &str| -> Result<(usize, usize)> {
        let to: SocketAddr = victim.parse()?;
        let dialler = Dialler::new(Arc::new(One(to)), AddressGate::default(), ClientTls::new(None)?);
        let dialler = dialler.knowing(Box::new(Catalogue::builtin().hosts()));
        let point = |number: u64| {
            PushPoint::from_url(&format!("rtmp://{}/live/key", name.replace('#', &number.to_string())))
                .map_err(|fault| Fault(fault.to_string()))
        };
        let mut dials = Vec::new();
        for number in 0..studios * each {
            let (point, seat, dialler) = (point(number)?, dialler.seat(StudioId(number % studios)), &dialler);
            dials.push(async move {
                let dialled = dialler.open(&point, Offer::default(), &seat);
                let barred = timeout(Duration::from_millis(400), Box::pin(dialled)).await;
                // Those that are let through stay.
                sleep(Duration::from_millis(400)).await;
                drop(seat);
                matches!(barred, Ok(Err(PushFailure::Lost(Loss::Blocked(Barred::Crowded)))))
            });
        }
        let barred = join_all(dials).await.into_iter().filter(|barred| *barred).count();
        Ok((counter.seen().await?.get(&to).copied().unwrap_or(0), barred))
    };
    let one = flood("8.8.8.8:1935", 1, 500, "n#.victim.example").await?;
    let all = flood("9.9.9.9:1935", 100, 5, "n#.victim.example").await?;
    let known = flood("8.8.4.4:1935", 10, 5, "a.rtmp.youtube.com").await?;
    let measured = format!(
        "500 targets of one studio under 500 names at one address: {} dialled, {} refused; 500 of 100 studios: {} dialled, {} \
         refused; 50 at a platform of the catalogue: {} dialled",
        one.0, one.1, all.0, all.1, known.0
    );
    let good = one == (4, 496) && all == (20, 480) && known.0 == 50;
    Ok(Outcome::of(measured, good))
}
