//! The whole program under attack: its chat, its store and its ingest.

use crate::bed::field::invariants::Resources;
use crate::bed::field::{Ledger, Options, Publisher, Sink};
use crate::bed::siege::{Ground, SOON};
use crate::bed::studio::{Studio, Wishes};
use crate::bed::{Result, until};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use crate::bed::siege::Outcome;

/// What the program may keep of new people, messages and targets, KiB.
const MEMORY: u64 = 4 << 10;

/// The program, Olivia's show in it, and a platform that takes it.
pub(super) struct House {
    pub(super) studio: Studio,
    pub(super) ingest: SocketAddr,
    pub(super) key: String,
    sink: Sink,
    publisher: Publisher,
    base: Resources,
    early: u64,
}

impl House {
    /// Olivia is live.
    ///
    /// # Errors
    /// It does not come so far.
    pub(super) async fn live(g: &Ground) -> Result<Self> {
        let studio = Studio::start(&g.dir, Wishes { log: "info,telecast=debug", ..Wishes::default() }).await?;
        let sink = Sink::start(&g.clip)?;
        studio.add_target("Alpha", &format!("rtmp://{}/live", sink.address()), "canary-house-target").await?;
        let address = studio.ingest().await?;
        let ingest = address.server.trim_start_matches("rtmp://").trim_end_matches("/live").parse()?;
        let publisher = Publisher::start(ingest, &address.key, &g.clip, Options::of(1)).await?;
        studio.source_seen().await?;
        studio.go_live().await?;
        sink.until("a show", SOON, |ledger| ledger.received.frames > 150).await?;
        let (base, early) = (Resources::of(studio.telecast.id()), sink.look(missed));
        Ok(Self { studio, ingest, key: address.key, sink, publisher, base, early })
    }

    /// An encoder with this name from this address: how long until it is let in, or the words of the refusal.
    pub(super) async fn publishes(&self, name: &str, from: Ipv4Addr, g: &Ground) -> Result<Duration, String> {
        let options = Options { from: IpAddr::V4(from), headers: false, plays: false, ..Options::of(2) };
        let began = Instant::now();
        match Publisher::start(self.ingest, name, &g.clip, options).await {
            Ok(publisher) => {
                let took = began.elapsed();
                drop(publisher);
                Ok(took)
            }
            Err(fault) => Err(fault.0),
        }
    }

    /// Whether Olivia's encoder is still let in.
    pub(super) fn is_on(&self) -> bool {
        self.publisher.published().ended.is_none()
    }

    /// Ends the run where the show itself was what was tried.
    pub(super) fn stop(mut self) {
        self.studio.telecast.kill();
    }

    /// What the bot says to a server and a key that somebody pastes, once it has looked at it.
    ///
    /// # Errors
    /// It says nothing.
    pub(super) async fn says_of(&self, server: &str, key: &str) -> Result<String> {
        let said = self.studio.say("/addtarget")?;
        self.studio.press(said, "Other RTMP server").await?;
        self.studio.answer(said, "send me").await?;
        let pasted = self.studio.say(&format!("{server}\n{key}"))?;
        let checked = |text: &str| !text.contains("Checking the server");
        let look = || {
            let all = self.studio.phone.messages(self.studio.chat());
            all.into_iter().rev().find(|m| m.by_bot && m.id > pasted && checked(m.text())).map(|m| m.text().to_owned())
        };
        let answer = until("an answer to a paste", SOON, look).await;
        self.studio.say("/cancel")?;
        answer
    }

    /// Ends the run: the same process, nothing lost beside, no secret in the log. The program is larger than a relay, and
    /// what it remembers is bounded, so that it may keep some; connections that
    /// go on count in `more_files`.
    ///
    /// # Errors
    /// The show cannot be looked at.
    pub(super) async fn end(mut self, measured: impl Into<String>, good: bool, more_files: usize) -> Result<Outcome> {
        let before = self.sink.look(|ledger| ledger.received.frames);
        let goes_on = self.sink.until("the show", SOON, |l| l.received.frames > before + 30).await.is_ok();
        let lost = self.sink.look(missed) - self.early;
        let settled = || {
            let now = Resources::of(self.studio.telecast.id());
            (now.rss_kib <= self.base.rss_kib + MEMORY && now.files <= self.base.files + 1 + more_files).then_some(())
        };
        let settled = until("it to settle", Duration::from_secs(5), settled).await.is_ok();
        let now = Resources::of(self.studio.telecast.id());
        let grown = now.rss_kib.saturating_sub(self.base.rss_kib);
        let same = self.studio.telecast.ended().is_none();
        let log = self.studio.telecast.log();
        let (panicked, told) = (log.contains("panicked"), log.contains("canary") || log.contains(&self.key));
        let alive = goes_on && lost == 0 && settled && same && !panicked && !told;
        let faults = [
            (!same, "the process ended"),
            (!goes_on, "the show stopped"),
            (panicked, "a task panicked"),
            (told, "a key was logged"),
        ];
        let faults: String = faults.iter().filter(|(wrong, _)| *wrong).map(|(_, words)| format!(", {words}")).collect();
        let files = now.files.saturating_sub(self.base.files);
        drop(self.publisher);
        Ok(Outcome {
            measured: measured.into(),
            good: good && alive,
            alive: format!("{lost} frames lost beside, +{grown} KiB, +{files} files{faults}"),
        })
    }
}

fn missed(ledger: &Ledger) -> u64 {
    let (inside, between) = ledger.missing();
    inside.frames + between.frames
}
