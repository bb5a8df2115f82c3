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
