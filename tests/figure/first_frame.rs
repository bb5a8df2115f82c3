//! From /golive, with the encoder already on, to the first video frame at a local target: a keyframe, after the headers.

use super::Figure;
use crate::bed::encoder::Encoder;
use crate::bed::flv::{self, Kind, Role, Tag};
use crate::bed::nginx::Nginx;
use crate::bed::studio::{Studio, Wishes};
use crate::bed::{Result, place};
use std::path::Path;
use std::time::{Duration, Instant};

const ROUNDS: u32 = 10;
const GOAL: Duration = Duration::from_millis(300);

pub(super) async fn measure() -> Result<Figure> {
    let dir = place("first-frame")?;
    let nginx = Nginx::start("nginx", &["planted"], &dir).await?;
    let studio = Studio::start(&dir, Wishes::default()).await?;
    studio.add_target("Alpha", &nginx.server(), "planted").await?;
    let ingest = studio.ingest().await?;
    let mut encoder = Encoder::ffmpeg("encoder", &ingest.url(), 70, &dir).await?;
    encoder.sends().await?;
    studio.source_seen().await?;

    let recording = nginx.recording("planted");
    let (mut slowest, mut sound) = (Duration::ZERO, 0);
    for _ in 0..ROUNDS {
        let before = flv::read(&recording).map_or(0, |tags| tags.len());
        let asked = Instant::now();
        studio.say("/golive")?;
        let (at, good) = first_picture(&recording, before).await?;
        slowest = slowest.max(at - asked);
        sound += u32::from(good);
        studio.panel("a live show", Duration::from_secs(10), |text| text.contains("Live for")).await?;
        studio.stop_live().await?;
    }
    Ok(Figure {
        measured: format!(
            "the slowest of {ROUNDS} took {} ms from the command to the picture in the target's file, \
             {sound} began with headers and a keyframe",
            slowest.as_millis()
        ),
        goal: "300 ms at most, all so begun",
        holds: slowest <= GOAL && sound == ROUNDS,
    })
}

/// When a picture came after the first `before` tags, and whether headers and then a keyframe began it.
async fn first_picture(recording: &Path, before: usize) -> Result<(Instant, bool)> {
    let picture = |tag: &Tag| tag.kind == Kind::Video && matches!(tag.role(), Role::Keyframe | Role::Frame);
    let mut seen = None;
    crate::bed::until("a picture", Duration::from_secs(10), || {
        let tags = flv::read(recording).ok()?;
        let fresh = tags.get(before..)?;
        let first = fresh.iter().position(picture)?;
        let header = |kind| fresh[..first].iter().any(|tag| tag.kind == kind && tag.role() == Role::Header);
        let good = fresh[first].role() == Role::Keyframe && header(Kind::Video) && header(Kind::Audio);
        seen = Some((Instant::now(), good));
        seen
    })
    .await
}
