//! kill -9 in mid-show, 50 times: listening again, receiving again, and nothing lost that the chat had acknowledged.

use super::Figure;
use crate::bed::encoder::Encoder;
use crate::bed::flv;
use crate::bed::nginx::Nginx;
use crate::bed::studio::{IngestAddress, Studio, Wishes};
use crate::bed::{Result, fault, place, until};
use std::path::Path;
use std::time::{Duration, Instant};

const TRIALS: u32 = 50;
const LISTENS: Duration = Duration::from_secs(1);
const RECEIVES: Duration = Duration::from_secs(2);
const SOON: Duration = Duration::from_secs(15);

pub(super) async fn measure() -> Result<Figure> {
    let dir = place("restart")?;
    let nginx = Nginx::start("nginx", &["planted-a", "planted-b"], &dir).await?;
    let mut studio = Studio::start(&dir, Wishes::default()).await?;
    studio.add_target("Alpha", &nginx.server(), "planted-a").await?;
    studio.add_target("Beta 0", &nginx.server(), "planted-b").await?;
    let ingest = studio.ingest().await?;
    let mut encoder = Encoder::ffmpeg("encoder-0", &ingest.url(), 70, &dir).await?;
    studio.source_seen().await?;
    studio.go_live().await?;

    let (mut kept, mut listens, mut receives) = (0, Duration::ZERO, Duration::ZERO);
    for trial in 1..=TRIALS {
        let name = format!("Beta {trial}");
        rename(&studio, &format!("Beta {}", trial - 1), &name).await?;
        studio.telecast.kill();
        encoder.proc.kill();

        let started = Instant::now();
        studio.start_again().await?;
        listens = listens.max(started.elapsed());
        encoder = Encoder::ffmpeg(&format!("encoder-{trial}"), &ingest.url(), 70, &dir).await?;
        receives = receives.max(again(&mut encoder, &nginx).await?);
        kept += u32::from(all_is_there(&studio, &name, &ingest, &dir).await?);
        println!("trial {trial}: {kept} kept so far, listening in {listens:?}, receiving in {receives:?} at most");
    }
    Ok(Figure {
        measured: format!(
            "what was acknowledged was there in {kept} of {TRIALS} trials, listening within {} ms, receiving again \
             within {} ms of the encoder's return",
            listens.as_millis(),
            receives.as_millis()
        ),
        goal: "50 of 50, 1 s, 2 s",
        holds: kept == TRIALS && listens <= LISTENS && receives <= RECEIVES,
    })
}

/// Renames a target in chat; returns as soon as that is acknowledged.
async fn rename(studio: &Studio, old: &str, new: &str) -> Result<()> {
    let said = studio.say("/targets")?;
    studio.press(said, old).await?;
    studio.press(said, "Rename").await?;
    studio.answer(said, "be called").await?;
    let named = studio.say(new)?;
    studio.answer(named, "It is called").await.map(drop)
}

/// How long both targets waited for media after the encoder's first.
async fn again(encoder: &mut Encoder, nginx: &Nginx) -> Result<Duration> {
    let places = ["planted-a", "planted-b"].map(|key| nginx.recording(key));
    let before = places.each_ref().map(|place| flv::frames(place));
    encoder.sends().await?;
    let returned = Instant::now();
    let grown = || places.iter().zip(before).all(|(place, before)| flv::frames(place) > before);
    until("media at both targets", SOON, || grown().then_some(())).await?;
    Ok(returned.elapsed())
}

/// The show, the name given last, the other target and the ingest key.
async fn all_is_there(studio: &Studio, name: &str, ingest: &IngestAddress, dir: &Path) -> Result<bool> {
    studio.say("/status")?;
    let live = studio.panel("a live show", SOON, |text| text.contains("Live for") && text.contains(name)).await;
    if let Err(lost) = live {
        std::fs::write(dir.join("lost.txt"), lost.0)?;
        return Ok(false);
    }
    let said = studio.say("/targets")?;
    let list = studio.answer(said, "Tap one to change it").await?;
    let same = studio.ingest().await?.url() == ingest.url();
    if list.is_empty() {
        return fault("an empty list of platforms");
    }
    Ok(same && list.contains("Alpha") && list.contains(name))
}
