//! Recordings: each plays to within 2 s of a kill -9, 50 times (`RECORD_TRIALS`), and a full disk ends them without touching the show.

use super::Figure;
use super::kill_handlers::chance;
use crate::bed::proc::Proc;
use crate::bed::studio::{Studio, Wishes};
use crate::bed::tmpfs::Tmpfs;
use crate::bed::{Result, fault, film, place, setting, until};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use telecast::demo::platform::Platform;

const TRIALS: usize = 50;
const FPS: u64 = 25;
/// How much of the end may be missing, in pictures.
const MISSING: u64 = 2 * FPS;
const SOON: Duration = Duration::from_secs(30);
/// What is left free for all else, and a little: MiB.
const SPARE: u32 = 1_024 + 100;

/// A picture whose one keyframe is its first: whatever begins with a keyframe begins with that one.
fn encoder(url: &str, dir: &Path) -> Result<Proc> {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-re", "-f", "lavfi", "-i", &format!("testsrc2=s=640x360:r={FPS}")]);
    command.args([
        "-f",
        "lavfi",
        "-i",
        "sine=r=44100",
        "-pix_fmt",
        "yuv420p",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
    ]);
    command.args(["-g", "200", "-b:v", "2M", "-c:a", "aac", "-f", "flv", url]);
    Proc::start("encoder", &command, dir)
}

/// A studio that records, with one platform.
async fn studio(dir: &Path) -> Result<(Studio, Platform)> {
    let alpha = Platform::alpha_tv(None).await?;
    let studio = Studio::start(dir, Wishes { log: "info", ..Wishes::default() }).await?;
    studio.add_target("Alpha", &alpha.server(), alpha.key()).await?;
    let said = studio.say("/recordings")?;
    studio.press(said, "Record shows").await?;
    studio.answer(said, "I record your shows.").await?;
    Ok((studio, alpha))
}

/// Pictures of the platform's newest connection.
fn sent(alpha: &Platform) -> u64 {
    alpha.received().connections.last().map_or(0, |connection| connection.video_frames)
}

/// The newest recording, of which no more may be there than has been written.
fn newest(data: &Path) -> Result<PathBuf> {
    let studios = std::fs::read_dir(data.join("recordings"))?.flatten();
    let files = studios.flat_map(|studio| std::fs::read_dir(studio.path()).into_iter().flatten().flatten());
    files.map(|file| file.path()).max().map_or_else(|| fault("nothing was recorded"), Ok)
}

/// Pictures that a decoder makes of it.
fn pictures(file: &Path) -> Result<u64> {
    let counts = ["-v", "quiet", "-select_streams", "v", "-count_frames", "-show_entries", "stream=nb_read_frames"];
    let told = Command::new("ffprobe").args(counts).args(["-of", "csv=p=0"]).arg(file).output()?;
    Ok(String::from_utf8_lossy(&told.stdout).trim().trim_end_matches(',').parse().unwrap_or_default())
}

/// What one kill left.
struct Left {
    /// Pictures that are missing at the end of the file as the kill left it, and once it is mended.
    cut: u64,
    mended: u64,
    plays: bool,
}

async fn kill(studio: &mut Studio, alpha: &Platform, url: &str, dir: &Path, trial: usize) -> Result<Left> {
    let before = alpha.received().connections.last().map_or(0, |connection| connection.number);
    let encoder = encoder(url, dir)?;
    if trial == 0 {
        studio.say("/golive")?;
    }
    let began = alpha.wait("a new connection", SOON, |received| {
        received.live().filter(|live| live.number > before && live.video_frames > 0).map(|_| ())
    });
    began.await.or_else(|missed| fault(missed.to_string()))?;
    tokio::time::sleep(Duration::from_millis(2_200 + chance(trial) % 5_000)).await;
    studio.telecast.kill();
    let sent = sent(alpha);
    drop(encoder);
    let file = newest(&studio.data())?;
    let copy = dir.join("cut.mp4");
    std::fs::copy(&file, &copy)?;
    let cut = sent.saturating_sub(pictures(&copy)?);
    studio.start_again().await?;
    let whole = || newest(&studio.data()).ok().filter(|file| !file.to_string_lossy().contains(".part."));
    let mended = until("a file that is whole", SOON, whole).await?;
    let plays = film::complaints(&mended)?.is_empty();
    Ok(Left { cut, mended: sent.saturating_sub(pictures(&mended)?), plays })
}

/// How many lines say that recording has ended, and the longest step between two pictures at the platform.
async fn full(dir: &Path) -> Result<(usize, Duration, bool)> {
    let disk = Tmpfs::mount(dir.join("data"), SPARE)?;
    let (studio, alpha) = studio(dir).await?;
    let url = studio.ingest().await?.url();
    let _encoder = encoder(&url, dir)?;
    studio.source_seen().await?;
    studio.go_live().await?;
    studio.panel("a recording", SOON, |text| text.contains("⏺ Recording")).await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let filler = disk.path().join("filler");
    std::fs::write(&filler, vec![0; 100 << 20])?;
    let said = studio.say("/status")?;
    studio.answer(0, "I stopped recording").await?;
    studio.panel("a show that goes on", SOON, |text| text.contains("Live for") && !text.contains("⏺")).await?;
    let before = sent(&alpha);
    alpha
        .wait("pictures", SOON, |received| {
            received.live().filter(|live| live.video_frames > before + 5 * FPS).map(|_| ())
        })
        .await
        .or_else(|missed| fault(missed.to_string()))?;
    let told = studio.phone.messages(studio.chat()).iter().filter(|m| m.text().contains("I stopped recording")).count();
    std::fs::remove_file(filler)?;
    let received = alpha.received();
    let step = received.live().map_or(Duration::MAX, |live| live.longest_step);
    studio.stop_live().await?;
    let film = newest(&studio.data())?;
    let plays = film::complaints(&film)?.is_empty() && pictures(&film)? >= 2 * FPS && said > 0;
    Ok((told, step, plays && received.connections.len() == 1))
}

pub(super) async fn measure() -> Result<Figure> {
    let trials = setting("RECORD_TRIALS").unwrap_or(TRIALS);
    let dir = place("record")?;
    let (mut studio, alpha) = studio(&dir).await?;
    let url = studio.ingest().await?.url();
    let (mut worst, mut wrong) = ((0, 0), 0);
    for trial in 0..trials {
        let Left { cut, mended, plays } = kill(&mut studio, &alpha, &url, &dir, trial).await?;
        worst = (worst.0.max(cut), worst.1.max(mended));
        if !plays || mended > MISSING || cut > MISSING {
            wrong += 1;
            println!("trial {trial}: {cut} pictures missing as it was left, {mended} once mended, plays {plays}");
        }
    }
    drop(studio);
    let (told, step, whole) = full(&place("record-full")?).await?;
    let seconds = |pictures: u64| pictures as f64 / FPS as f64;
    Ok(Figure {
        measured: format!(
            "{} of {trials} recordings play after kill -9 without a word; at most {:.2} s missing, {:.2} s as the kill left them; \
             disk full: told {told} time, the longest step between two pictures at the platform {} ms, what was recorded \
             plays and one connection: {whole}",
            trials - wrong,
            seconds(worst.1),
            seconds(worst.0),
            step.as_millis(),
        ),
        goal: "all; ≤ 2 s; once, no picture lost (≤ 60 ms), yes",
        holds: wrong == 0 && told == 1 && whole && step <= Duration::from_millis(60),
    })
}
