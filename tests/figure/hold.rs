//! An encoder is killed for 5 s and returns: the target's connection stays, its file decodes without a word, sound has no gap.

use super::Figure;
use crate::bed::encoder::Encoder;
use crate::bed::flv::{self, Kind, Role, Tag};
use crate::bed::nginx::Nginx;
use crate::bed::proc::Proc;
use crate::bed::studio::{Studio, Wishes};
use crate::bed::{Result, place, until};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// How much is sent before and after, in frames of the target's file.
const FRAMES: usize = 500;
const GONE: Duration = Duration::from_secs(5);
const SOON: Duration = Duration::from_secs(40);
/// Milliseconds.
const GAP: u32 = 50;

pub(super) async fn measure() -> Result<Figure> {
    let dir = place("hold")?;
    let nginx = Nginx::start("nginx", &["planted"], &dir).await?;
    let studio = Studio::start(&dir, Wishes::default()).await?;
    studio.add_target("Alpha", &nginx.server(), "planted").await?;
    let ingest = studio.ingest().await?;
    let recording = nginx.recording("planted");
    studio.say("/golive")?;
    let mut encoder = Encoder::ffmpeg("encoder-0", &ingest.url(), 70, &dir).await?;
    encoder.sends().await?;
    until("a show", SOON, || (flv::frames(&recording) > FRAMES).then_some(())).await?;

    encoder.proc.kill();
    tokio::time::sleep(GONE).await;
    let mut encoder = Encoder::ffmpeg("encoder-1", &ingest.url(), 70, &dir).await?;
    encoder.sends().await?;
    let held = flv::frames(&recording);
    until("the show to go on", SOON, || (flv::frames(&recording) > held + FRAMES).then_some(())).await?;
    studio.stop_live().await?;
    encoder.proc.kill();

    let tags = flv::read(&recording)?;
    let (gap, back) = (steps(&tags, Kind::Audio).max().unwrap_or(0), steps(&tags, Kind::Video).min().unwrap_or(0));
    let silent = tags.iter().filter(|tag| tag.is_silence()).count();
    let connections = nginx.proc.log().matches("publish: name='planted'").count();
    let said = decode(&recording, &dir).await?;
    Ok(Figure {
        measured: format!(
            "{connections} connection, {silent} silent frames, the longest step of sound {gap} ms, the shortest of the \
             picture {back} ms, a decoder said {} bytes: {}",
            said.len(),
            said.lines().next().unwrap_or("nothing")
        ),
        goal: "1 connection, at least 5 s of silence, 50 ms, above 0 ms, nothing",
        holds: connections == 1 && silent > 200 && gap <= GAP && back > 0 && said.is_empty(),
    })
}

/// Milliseconds between frames of a kind, none where time goes back.
fn steps(tags: &[Tag], kind: Kind) -> impl Iterator<Item = u32> {
    let frame = move |tag: &&Tag| tag.kind == kind && matches!(tag.role(), Role::Keyframe | Role::Frame);
    let times: Vec<u32> = tags.iter().filter(frame).map(|tag| tag.timestamp).collect();
    (1..times.len()).map(move |at| times[at].saturating_sub(times[at - 1]))
}

/// What ffmpeg says when it decodes a file.
async fn decode(file: &Path, dir: &Path) -> Result<String> {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-i"]).arg(file).args(["-f", "null", "-"]);
    let mut decoder = Proc::start("decoder", &command, dir)?;
    decoder.wait_for_end(SOON).await?;
    Ok(decoder.log().trim().to_owned())
}
