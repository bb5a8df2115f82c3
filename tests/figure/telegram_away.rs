//! Telegram away in each way that it can be: the stream does not notice, and log and doctor say what it is in one line.

use super::Figure;
use crate::bed::field::{Clip, Options, Publisher, Sink};
use crate::bed::proc::Proc;
use crate::bed::studio::{Studio, Wishes};
use crate::bed::{Result, fault, place};
use std::path::Path;
use std::time::{Duration, Instant};
use telecast::demo::bot_api::{Fault, Phone, Trouble};

/// A poll that hangs is given up after its hold and Telecast's patience, 40 s.
const NOTICED: Duration = Duration::from_secs(60);
const EXAMINED: Duration = Duration::from_secs(60);
/// After a token that was not known Telecast tries again in a minute.
const BACK: Duration = Duration::from_secs(90);
/// How long each trouble lasts at least: the stream must flow all the time.
const LASTS: Duration = Duration::from_secs(5);
/// No platform went without a frame for so long, ms.
const GAP: u64 = 500;

/// What is done to Telegram, and words of the line that says so.
const TROUBLES: [(&str, Option<Trouble>, &str); 6] = [
    ("unreachable", None, "Telegram cannot be reached: no connection"),
    ("502 with HTML", Some(Trouble::BadGateway), "something else answers in place of Telegram"),
    ("hang", Some(Trouble::Hang(Duration::MAX)), "Telegram does not answer: the connection hangs"),
    ("409", Some(Trouble::Conflict), "another program polls with this bot's token"),
    ("reset in the body", Some(Trouble::Reset), "Telegram cannot be heard: connections break off"),
    ("401, token revoked", Some(Trouble::Unauthorized), "Telegram does not know the bot's token"),
];

pub(super) async fn measure() -> Result<Figure> {
    let dir = place("telegram-away")?;
    let clip = Clip::new(2_000)?;
    let sink = Sink::start(&clip)?;
    let mut studio = Studio::start(&dir, Wishes { log: "info", ..Wishes::default() }).await?;
    studio.add_target("Alpha", &format!("rtmp://{}/live", sink.address()), "planted").await?;
    let ingest = studio.ingest().await?;
    let address = ingest.server.split('/').nth(2).unwrap_or_default().parse();
    let Ok(address) = address else { return fault(format!("{} is no address", ingest.server)) };
    let _encoder = Publisher::start(address, &ingest.key, &clip, Options::of(1)).await?;
    studio.source_seen().await?;
    studio.go_live().await?;
    let (mut logged, mut examined, mut slowest) = (0, 0, Duration::ZERO);
    for (what, trouble, words) in TROUBLES {
        let began = Instant::now();
        let before = studio.telecast.log().len();
        befall(&studio.phone, trouble);
        // Whoever writes ends the poll that Telegram holds.
        studio.say("/links")?;
        let lines = said(&mut studio, before, words).await?;
        slowest = slowest.max(began.elapsed());
        let found = examine(&studio, &dir, what).await?;
        let right = found.len() == 1 && found[0].contains(words);
        println!("{what}: log {lines:?}; doctor {found:?}");
        logged += usize::from(lines.len() == 1);
        examined += usize::from(right);
        tokio::time::sleep(LASTS.saturating_sub(began.elapsed())).await;
        studio.phone.clear_faults();
        studio.phone.set_reachable(true);
        let back = |telecast: &Proc| telecast.log()[before..].contains("Telegram answers again").then_some(());
        studio.telecast.wait(&format!("the end of “{what}”"), BACK, back).await?;
    }
    let all_well = examine(&studio, &dir, "nothing").await?.is_empty();
    let (connections, gap, dropped) = sink.look(|ledger| {
        let newest = ledger.newest().map_or(u64::MAX, |newest| newest.gap);
        (ledger.accepted, newest / 1000, ledger.missing().0.frames)
    });
    let secret = studio.telecast.log().contains(studio.token());
    let all = TROUBLES.len();
    Ok(Figure {
        measured: format!(
            "{logged} of {all} troubles in one line of the log within {:.0} s, {examined} of {all} in one of the doctor's, \
             none when all is well: {all_well}; meanwhile {connections} connection to the platform, {dropped} frames \
             missing, {gap} ms without one at most; token in the log: {secret}",
            slowest.as_secs_f64()
        ),
        goal: "6, 6, one connection, nothing missing, at most 500 ms; no token",
        holds: logged == all
            && examined == all
            && all_well
            && connections == 1
            && dropped == 0
            && gap <= GAP
            && !secret,
    })
}

fn befall(phone: &Phone, trouble: Option<Trouble>) {
    match trouble {
        Some(trouble) => phone.inject(Fault::new(trouble).always()),
        None => phone.set_reachable(false),
    }
}

/// The warnings since `before`, once one has those words.
async fn said(studio: &mut Studio, before: usize, words: &str) -> Result<Vec<String>> {
    let warnings = |telecast: &Proc| {
        let log = telecast.log();
        let lines = log[before..].lines().filter(|line| line.contains(" WARN ") || line.contains("ERROR"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let there = |telecast: &Proc| warnings(telecast).iter().any(|line| line.contains(words)).then_some(());
    studio.telecast.wait(&format!("“{words}” in the log"), NOTICED, there).await?;
    Ok(warnings(&studio.telecast))
}

/// What the doctor finds amiss.
async fn examine(studio: &Studio, dir: &Path, what: &str) -> Result<Vec<String>> {
    let mut command = studio.command();
    command.arg("doctor");
    let name = format!("doctor-{}", what.split(' ').next().unwrap_or_default().trim_end_matches(','));
    let mut doctor = Proc::start(&name, &command, dir)?;
    doctor.wait_for_end(EXAMINED).await?;
    Ok(doctor.log().lines().filter(|line| !line.starts_with('✓')).map(str::to_owned).collect())
}
