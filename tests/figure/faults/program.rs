//! F34, F40, F41: what needs the whole program, its chat and its store.

use super::scene::{Ground, Outcome, SOON, ms, pause, s};
use crate::bed::Result;
use crate::bed::field::invariants::{Balance, Verdicts};
use crate::bed::field::{Clip, Options, Publisher, Sink, now};
use crate::bed::studio::{Studio, Wishes};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

/// The whole program with a show.
pub(crate) struct Show {
    pub(crate) studio: Studio,
    pub(crate) sinks: Vec<Sink>,
    pub(crate) ingest: SocketAddr,
    pub(crate) key: String,
}

impl Show {
    /// Alpha and Beta, live.
    async fn live(g: &Ground) -> Result<(Self, Publisher)> {
        Self::live_as(g, Wishes::default()).await
    }

    /// The same, in a program that is started so.
    pub(crate) async fn live_as(g: &Ground, wishes: Wishes) -> Result<(Self, Publisher)> {
        let studio = Studio::start(&g.dir, wishes).await?;
        let sinks = vec![g.sink()?, g.sink()?];
        for (name, sink) in ["Alpha", "Beta"].iter().zip(&sinks) {
            studio.add_target(name, &format!("rtmp://{}/live", sink.address()), &format!("canary-{name}")).await?;
        }
        let address = studio.ingest().await?;
        let ingest = address.server.trim_start_matches("rtmp://").trim_end_matches("/live").parse()?;
        let show = Self { studio, sinks, ingest, key: address.key };
        let publisher = show.publish(&g.clip, 1).await?;
        show.studio.source_seen().await?;
        show.studio.go_live().await?;
        for sink in &show.sinks {
            sink.until("a show", SOON, |ledger| ledger.received.frames > 150).await?;
        }
        Ok((show, publisher))
    }

    /// As encoders do: again each half second.
    pub(crate) async fn publish(&self, clip: &Arc<Clip>, source: u16) -> Result<Publisher> {
        let deadline = Instant::now() + SOON;
        loop {
            match Publisher::start(self.ingest, &self.key, clip, Options::of(source)).await {
                Err(_) if Instant::now() < deadline => pause(s(1) / 2).await,
                done => return done,
            }
        }
    }

    fn verdicts(&mut self, publishers: &[&Publisher], last: &Sink) -> (Verdicts, Balance) {
        let mut verdicts = Verdicts::default();
        for sink in &self.sinks {
            verdicts.order(&sink.ledger());
        }
        let balance = Balance::of(publishers, &last.ledger(), None);
        verdicts.ledger(&balance);
        let log = self.studio.telecast.log();
        verdicts.secrets(&log, &["canary", &self.key]);
        verdicts.note(7, log.contains("panicked").then(|| "it panicked".into()));
        (verdicts, balance)
    }
}

pub(super) async fn f34(g: &Ground) -> Result<Outcome> {
    let (mut show, publisher) = Show::live(g).await?;
    show.sinks[0].forget_delays();
    pause(s(3)).await;
    let rest = show.sinks[0].look(|ledger| ledger.delay(990));
    show.sinks[0].forget_delays();
    let edit = async |press: &[&str]| -> Result<i32> {
        let said = show.studio.say("/targets")?;
        for label in press {
            show.studio.press(said, label).await?;
        }
        Ok(said)
    };
    let said = edit(&["Beta", "Rename"]).await?;
    show.studio.answer(said, "be called").await?;
    let named = show.studio.say("Gamma")?;
    show.studio.answer(named, "It is called").await?;
    let renamed = show.sinks[1].look(|ledger| ledger.accepted);
    edit(&["Gamma", "Switch off"]).await?;
    let off = |ledger: &crate::bed::field::Ledger| ledger.newest().is_some_and(|one| one.ended.is_some());
    let switched = show.sinks[1].until("Beta to be off", SOON, off).await.is_ok();
    edit(&["Gamma", "Switch on"]).await?;
    let again = |ledger: &crate::bed::field::Ledger| {
        ledger.accepted == 2 && ledger.newest().is_some_and(|one| one.media.is_some())
    };
    let on = show.sinks[1].until("Beta to be on", SOON, again).await.is_ok();
    pause(s(2)).await;
    publisher.stall().await;
    pause(s(1) / 2).await;
    let first = show.sinks[0].ledger();
    let (inside, between) = first.missing();
    let last = show.sinks.remove(0);
    let (mut verdicts, balance) = show.verdicts(&[&publisher], &last);
    verdicts.isolation(&first, rest);
    let measured = format!(
        "renamed (connections {renamed}), switched off: {switched}, on: {on}; the other target: {} connection, {} bytes \
         lost, p99 {} ms",
        first.accepted,
        inside.bytes + between.bytes,
        first.delay(990)
    );
    let good = renamed == 1 && switched && on && first.accepted == 1 && inside.bytes + between.bytes == 0;
    Ok(Outcome { measured, good, verdicts, ledgers: 1, difference: balance.difference.unsigned_abs() })
}

pub(super) async fn f40(g: &Ground) -> Result<Outcome> {
    let (mut show, first) = Show::live(g).await?;
    show.studio.telecast.kill();
    let began = Instant::now();
    show.studio.start_again().await?;
    let listens = began.elapsed();
    let publisher = show.publish(&g.clip, 2).await?;
    let mut slowest = 0;
    for sink in &show.sinks {
        let at = sink.until("the show to go on", SOON, |ledger| ledger.account(2, 0).is_some()).await?;
        slowest = slowest.max(at - publisher.published().first.unwrap_or(at));
    }
    pause(s(2)).await;
    publisher.stall().await;
    pause(s(1) / 2).await;
    let last = show.sinks.remove(0);
    let (mut verdicts, balance) = show.verdicts(&[&first, &publisher], &last);
    verdicts.recovery(Some(slowest), 5_000_000);
    let measured = format!(
        "listening after {} ms; both targets have frames {} ms after the encoder's first",
        listens.as_millis(),
        ms(slowest)
    );
    let good = listens <= s(1) && slowest <= 5_000_000;
    Ok(Outcome { measured, good, verdicts, ledgers: 1, difference: balance.difference.unsigned_abs() })
}

pub(super) async fn f41(g: &Ground) -> Result<Outcome> {
    let (mut show, publisher) = Show::live(g).await?;
    show.studio.telecast.signal("TERM")?;
    let began = now();
    let status = show.studio.telecast.wait_for_end(s(15)).await?;
    let took = now() - began;
    pause(s(1) / 5).await;
    let goodbyes = show.sinks.iter().filter(|sink| {
        sink.look(|ledger| ledger.newest().and_then(|one| one.ended).is_some_and(|(_, in_order)| in_order))
    });
    let goodbyes = goodbyes.count();
    let last = show.sinks.remove(0);
    let (verdicts, balance) = show.verdicts(&[&publisher], &last);
    let measured = format!(
        "ended after {} ms with {status}; {goodbyes} of 2 targets were told that the show is over: it goes on when \
         Telecast is back",
        ms(took)
    );
    let good = took <= 3_000_000 && status.success() && goodbyes == 0;
    Ok(Outcome { measured, good, verdicts, ledgers: 1, difference: balance.difference.unsigned_abs() })
}
