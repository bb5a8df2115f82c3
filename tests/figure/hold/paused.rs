//! A hold of 9 min in a few seconds, over real sockets: the clock goes on by a millisecond whenever everybody has had
//! time to read and to answer.

use super::host::Host;
use super::strict::Strict;
use super::{Absence, Case, End};
use crate::bed::encoder::Coded;
use crate::bed::flv::{self, Tag};
use crate::bed::{Fault, Result, fault};
use std::path::Path;
use std::time::Duration;
use telecast::media::packet::{Kind, Packet};
use telecast::media::tag::role;
use telecast::rtmp::transport::Stream;
use telecast::rtmp::{self, Request};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::task::TaskTracker;

/// How often everybody may run in a millisecond.
const TURNS: u32 = 8;
const GONE: Duration = Duration::from_secs(540);

/// On a runtime of its own, whose clock is paused.
pub(super) fn run(coded: Coded, clip: &Path, dir: &Path) -> Result<Case> {
    let tags = flv::read(clip)?;
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().start_paused(true).build()?;
    runtime.block_on(async {
        TaskTracker::new().spawn(clock());
        let (host, strict) = (Host::start().await?, Strict::start(&format!("{coded:?}-paused"), dir).await?);
        host.go_live(1, &[strict.target()]).await?;
        send(&host, &tags).await?;
        sleep(GONE).await;
        send(&host, &tags).await?;
        let summary = host.stop(1).await;
        let begun = std::time::Instant::now();
        while !strict.seen().over {
            if begun.elapsed() > Duration::from_secs(20) {
                return fault("the platform did not hear the end");
            }
            sleep(Duration::from_millis(1)).await;
        }
        let reconnects = summary.targets.values().map(|target| target.reconnects).sum();
        let end = End { sink: "strict", file: strict.recording().to_owned(), seen: Some(strict.seen()) };
        Ok(Case { coded, absence: Absence::Paused(GONE), reconnects, ends: vec![end] })
    })
}

/// As long as this runs, nobody finds the runtime idle, so that time never jumps.
async fn clock() {
    loop {
        for _ in 0..TURNS {
            tokio::task::yield_now().await;
        }
        tokio::time::advance(Duration::from_millis(1)).await;
    }
}

/// An encoder that sends these tags as their times come to pass, and is cut off.
async fn send(host: &Host, tags: &[Tag]) -> Result<()> {
    let tcp = TcpStream::connect(host.ingest).await?;
    // The kernel's clock is not paused.
    tcp.set_nodelay(true)?;
    let stream = Stream::from(tcp);
    let request = Request { app: "live", tc_url: "rtmp://127.0.0.1/live", name: "encoder-1" };
    let publish = async { rtmp::connect(stream, &request).await?.publish().await };
    let mut sink = publish.await.map_err(|failure| Fault(format!("the relay takes no encoder: {failure:?}")))?;
    let begun = Instant::now();
    for tag in tags {
        let kind = match tag.kind {
            flv::Kind::Video => Kind::Video,
            flv::Kind::Audio => Kind::Audio,
            flv::Kind::Data => continue,
        };
        let due = begun + Duration::from_millis(tag.timestamp.into());
        while Instant::now() < due {
            let step = timeout_at(due, sink.step()).await;
            if let Ok(Err(_)) = step {
                return fault("the relay cut its encoder off");
            }
        }
        let payload = bytes::Bytes::from(tag.payload.clone());
        let role = role(kind, &payload);
        sink.queue(&mut vec![Packet { kind, role, timestamp: tag.timestamp, payload }]);
        while !sink.is_empty() {
            if sink.step().await.is_err() {
                return fault("the relay cut its encoder off");
            }
        }
    }
    Ok(())
}
