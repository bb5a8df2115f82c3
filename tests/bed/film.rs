//! Films that the bot has sent, as ffmpeg has them. 5 reads what people's phones read; 9 has every decoder.

use super::encoder::ffmpeg_9;
use super::{Result, fault};
use std::path::Path;
use std::process::{Command, Output};

fn run(command: &mut Command) -> Result<Output> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(output);
    }
    fault(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// What a decoder has to say of it: nothing, where nothing is wrong.
///
/// # Errors
/// It cannot be read at all.
pub fn complaints(film: &Path) -> Result<String> {
    let decoded =
        run(Command::new(ffmpeg_9()?).args(["-nostdin", "-v", "error", "-i"]).arg(film).args(["-f", "null", "-"]))?;
    Ok(String::from_utf8_lossy(&decoded.stderr).into_owned())
}

/// What a prober says of its streams, `entries` of each on a line: `video,h264` for `codec_type,codec_name`.
///
/// # Errors
/// It cannot be read.
pub fn streams(film: &Path, entries: &str) -> Result<Vec<String>> {
    let entries = format!("stream={entries}");
    let probed = ["-v", "error", "-show_entries", &entries, "-of", "csv=p=0"];
    let probed = run(Command::new("ffprobe").args(probed).arg(film))?;
    Ok(String::from_utf8_lossy(&probed.stdout).lines().map(str::to_owned).collect())
}

/// Whether its first picture is one that decoding can begin with.
///
/// # Errors
/// It cannot be read.
pub fn begins_with_keyframe(film: &Path) -> Result<bool> {
    let flags = ["-v", "error", "-select_streams", "v", "-show_entries", "packet=flags", "-of", "csv=p=0"];
    Ok(run(Command::new("ffprobe").args(flags).arg(film))?.stdout.starts_with(b"K"))
}

/// How far a beep begins from the flash that it belongs to, at most, in ms: of a film that is dark and silent in between.
/// Not a number, where there is no such pair.
///
/// # Errors
/// It cannot be decoded.
pub fn apart(film: &Path) -> Result<f64> {
    let light = "signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-";
    let flashes = begins(&measured(film, &["-an", "-vf", light])?, 128.0);
    let loud =
        "asetnsamples=n=128:p=0,astats=metadata=1:reset=1,ametadata=print:key=lavfi.astats.Overall.RMS_level:file=-";
    let beeps = begins(&measured(film, &["-vn", "-af", loud])?, -20.0);
    let nearest = |flash: &f64| beeps.iter().map(|beep| (beep - flash).abs()).min_by(f64::total_cmp);
    // The sound of the last flash may not have come when the film ended.
    let pairs = flashes.iter().filter_map(nearest).filter(|apart| *apart < 0.2);
    Ok(pairs.map(|apart| apart * 1_000.0).reduce(f64::max).unwrap_or(f64::NAN))
}

/// When, in seconds, and what a filter has measured.
fn measured(film: &Path, filter: &[&str]) -> Result<Vec<(f64, f64)>> {
    let mut command = Command::new(ffmpeg_9()?);
    command.args(["-nostdin", "-v", "error", "-i"]).arg(film).args(filter).args(["-f", "null", "-"]);
    let printed = run(&mut command)?.stdout;
    let (mut time, mut all) = (None, Vec::new());
    for line in String::from_utf8_lossy(&printed).lines() {
        if let Some((_, at)) = line.split_once("pts_time:") {
            time = at.trim().parse().ok();
        } else if let (Some(at), Some((_, value))) = (time, line.split_once('=')) {
            // Silence is minus infinity.
            all.push((at, value.trim().parse().unwrap_or(f64::NEG_INFINITY)));
        }
    }
    Ok(all)
}

/// Where it rises above `most`.
fn begins(measured: &[(f64, f64)], most: f64) -> Vec<f64> {
    measured.windows(2).filter(|pair| pair[0].1 <= most && pair[1].1 > most).map(|pair| pair[1].0).collect()
}
