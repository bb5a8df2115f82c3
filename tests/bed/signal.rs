//! Signals as encoders send them, without a line: encoded in one go, and cut into seconds.

use super::{Result, fault, flv};
use bytes::Bytes;
use std::path::Path;
use std::process::Command;
use telecast::media::packet::{Kind, Packet, Role};
use telecast::media::tag;

/// What ffmpeg makes of `inputs` (of its lavfi) in so many seconds, put to `file` as FLV.
///
/// # Errors
/// It does not.
pub fn encode(inputs: &[&str], seconds: usize, encoded: &str, file: &Path) -> Result<()> {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-y"]);
    command.args(inputs.iter().flat_map(|input| ["-f", "lavfi", "-i", input]));
    command.args(["-t", &seconds.to_string(), "-pix_fmt", "yuv420p", "-c:a", "aac", "-flags", "+global_header"]);
    let output = command.args(encoded.split_whitespace()).args(["-f", "flv"]).arg(file).output()?;
    if output.status.success() { Ok(()) } else { fault(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

/// A file's packets, second by second.
///
/// # Errors
/// It cannot be read.
pub fn seconds(file: &Path) -> Result<Vec<Vec<Packet>>> {
    let mut seconds: Vec<Vec<Packet>> = Vec::new();
    for tag in flv::read(file)? {
        let kind = match tag.kind {
            flv::Kind::Audio => Kind::Audio,
            flv::Kind::Video => Kind::Video,
            flv::Kind::Data => Kind::Data,
        };
        let payload = Bytes::from(tag.payload);
        let packet = Packet { kind, role: tag::role(kind, &payload), timestamp: tag.timestamp, payload };
        let second = if packet.role == Role::SequenceHeader { 0 } else { tag.timestamp as usize / 1_000 };
        seconds.resize_with(seconds.len().max(second + 1), Vec::new);
        seconds[second].push(packet);
    }
    Ok(seconds)
}
