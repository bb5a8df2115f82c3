//! Encoders: ffmpeg, ffmpeg 9 with Enhanced RTMP, GStreamer. Each keeps an FLV file of exactly what it sends.

use super::proc::Proc;
use super::{Result, fault, venv};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;
use tokio::sync::Mutex;

/// How long an encoder may take from its start to its first bytes.
const STARTS: Duration = Duration::from_secs(20);

/// The length of [`clip`], seconds: no frame of it is like another, so that nothing received can be taken for
/// something else that was sent.
pub const CLIP_SECONDS: u32 = 75;

/// An encoder that sends.
#[derive(Debug)]
pub struct Encoder {
    /// The program.
    pub proc: Proc,
    sent: PathBuf,
}

impl Encoder {
    /// ffmpeg sends [`clip`] once, or for `seconds`, to `url`. Its record is `<name>.flv` in `dir`.
    ///
    /// # Errors
    /// ffmpeg can't be started.
    pub async fn ffmpeg(name: &str, url: &str, seconds: u32, dir: &Path) -> Result<Self> {
        let clip = clip().await?;
        let sent = dir.join(format!("{name}.flv"));
        let mut command = Command::new("ffmpeg");
        command.args(["-nostdin", "-loglevel", "verbose", "-re", "-i"]).arg(clip);
        command.args(["-t", &seconds.to_string(), "-map", "0:v", "-map", "0:a", "-c", "copy", "-f", "tee"]);
        command.arg(tee(url, &sent));
        Ok(Self { proc: Proc::start(name, &command, dir)?, sent })
    }

    /// ffmpeg sends `seconds` of a picture whose keyframes fill several chunks, and a tone, with times from `first` seconds
    /// on.
    ///
    /// # Errors
    /// It can't be started.
    pub fn late(name: &str, url: &str, first: f64, seconds: u32, dir: &Path) -> Result<Self> {
        let sent = dir.join(format!("{name}.flv"));
        let (seconds, first) = (seconds.to_string(), first.to_string());
        let noise = "testsrc2=s=960x540:r=25,noise=alls=60";
        let mut command = Command::new("ffmpeg");
        command.args(["-nostdin", "-loglevel", "verbose", "-re", "-f", "lavfi", "-i", noise]);
        command.args(["-f", "lavfi", "-i", &chirp(100), "-t", &seconds, "-map", "0:v", "-map", "1:a"]);
        command.args(["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25", "-crf", "20"]);
        command.args(["-c:a", "aac", "-flags", "+global_header", "-output_ts_offset", &first, "-f", "tee"]);
        command.arg(tee(url, &sent));
        Ok(Self { proc: Proc::start(name, &command, dir)?, sent })
    }

    /// ffmpeg sends 600 kbit/s of picture for `seconds`, with a keyframe each 10 s, as encoders do by default.
    ///
    /// # Errors
    /// It can't be started.
    pub fn sparse(name: &str, url: &str, seconds: u32, dir: &Path) -> Result<Self> {
        let sent = dir.join(format!("{name}.flv"));
        let mut command = Command::new("ffmpeg");
        command.args(["-nostdin", "-loglevel", "verbose", "-re", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=25"]);
        command.args(["-f", "lavfi", "-i", &chirp(100), "-t", &seconds.to_string(), "-map", "0:v", "-map", "1:a"]);
        command.args(["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "250", "-b:v", "600k"]);
        command.args(["-minrate", "600k", "-maxrate", "600k", "-bufsize", "600k", "-x264-params", "nal-hrd=cbr"]);
        command.args(["-c:a", "aac", "-b:a", "64k", "-flags", "+global_header", "-f", "tee"]).arg(tee(url, &sent));
        Ok(Self { proc: Proc::start(name, &command, dir)?, sent })
    }

    /// ffmpeg 9 sends HEVC and AAC for `seconds`, as Enhanced RTMP does: with a `FourCC`.
    ///
    /// # Errors
    /// It can't be started.
    pub async fn enhanced(name: &str, url: &str, seconds: u32, dir: &Path) -> Result<Self> {
        let sent = dir.join(format!("{name}.flv"));
        let seconds = seconds.to_string();
        let mut command = Command::new(ffmpeg_9()?);
        command.args(["-nostdin", "-loglevel", "verbose", "-re"]);
        command.args(["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25", "-f", "lavfi", "-i", &chirp(100)]);
        command.args(["-t", &seconds, "-map", "0:v", "-map", "1:a", "-c:v", "libx265", "-preset", "ultrafast"]);
        command.args(["-x265-params", "log-level=none:keyint=50:min-keyint=50:bframes=0:pools=1"]);
        command.args(["-c:a", "aac", "-flags", "+global_header", "-f", "tee"]).arg(tee(url, &sent));
        Ok(Self { proc: Proc::start(name, &command, dir)?, sent })
    }

    /// ffmpeg 9 sends [`Coded::clip`] again and again, or for `seconds`, as Enhanced RTMP does where FLV has no number for
    /// the codec.
    ///
    /// # Errors
    /// It can't be started.
    pub async fn coded(name: &str, url: &str, coded: Coded, seconds: Option<u32>, dir: &Path) -> Result<Self> {
        let (clip, sent) = (coded.clip().await?, dir.join(format!("{name}.flv")));
        let mut command = Command::new(ffmpeg_9()?);
        command.args(["-nostdin", "-loglevel", "verbose", "-re", "-stream_loop", "-1", "-i"]).arg(clip);
        if let Some(seconds) = seconds {
            command.args(["-t", &seconds.to_string()]);
        }
        command.args(["-map", "0", "-c", "copy", "-f", "tee"]).arg(tee(url, &sent));
        Ok(Self { proc: Proc::start(name, &command, dir)?, sent })
    }

    /// ffmpeg 9 sends the sound of a clip as two tracks for `seconds`, beside its picture.
    ///
    /// # Errors
    /// It can't be started.
    pub async fn tracks(name: &str, url: &str, seconds: u32, dir: &Path) -> Result<Self> {
        let (clip, sent) = (Coded::H264.clip().await?, dir.join(format!("{name}.flv")));
        let mut command = Command::new(ffmpeg_9()?);
        command.args(["-nostdin", "-loglevel", "verbose", "-re", "-i"]).arg(clip).args(["-t", &seconds.to_string()]);
        command.args(["-map", "0:v", "-map", "0:a", "-map", "0:a", "-c", "copy", "-f", "tee"]).arg(tee(url, &sent));
        Ok(Self { proc: Proc::start(name, &command, dir)?, sent })
    }

    /// GStreamer's rtmpsink (librtmp) sends H.264 and AAC for about `seconds`.
    ///
    /// # Errors
    /// It can't be started.
    pub fn gstreamer(name: &str, url: &str, seconds: u32, dir: &Path) -> Result<Self> {
        let sent = dir.join(format!("{name}.flv"));
        let pipeline = format!(
            "videotestsrc is-live=true pattern=ball num-buffers={} ! video/x-raw,width=320,height=180,framerate=25/1 \
             ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=50 bitrate=300 ! h264parse \
             ! queue ! mux. audiotestsrc is-live=true wave=pink-noise num-buffers={} \
             ! audio/x-raw,rate=44100,channels=2 ! audioconvert ! avenc_aac ! aacparse ! queue ! mux. \
             flvmux name=mux streamable=true ! tee name=t ! queue ! rtmpsink location={url} t. ! queue \
             ! filesink buffer-mode=unbuffered location={}",
            seconds * 25,
            seconds * 44_100 / 1024,
            sent.display()
        );
        let mut command = Command::new("gst-launch-1.0");
        command.arg("--no-position").args(pipeline.split_whitespace());
        Ok(Self { proc: Proc::start(name, &command, dir)?, sent })
    }

    /// The FLV file of what it has sent. A tag more may be in it than went out, when it was killed.
    pub fn sent(&self) -> &Path {
        &self.sent
    }

    /// Waits until it sends.
    ///
    /// # Errors
    /// It ended, or does not send.
    pub async fn sends(&mut self) -> Result<()> {
        let sent = self.sent.clone();
        let some = |_: &Proc| std::fs::metadata(&sent).is_ok_and(|meta| meta.len() > 4096).then_some(());
        self.proc.wait("the first frames", STARTS, some).await
    }

    /// Waits until it has sent all that it should.
    ///
    /// # Errors
    /// It failed, or took longer than `within`.
    pub async fn finishes(&mut self, within: Duration) -> Result<()> {
        let status = self.proc.wait_for_end(within).await?;
        if status.success() { Ok(()) } else { fault(format!("the encoder failed:\n{}", self.proc.log())) }
    }
}

/// Both places get the same bytes from one muxer each; a failing connection ends the encoder.
fn tee(url: &str, sent: &Path) -> String {
    // Options of a tee's slave are parted by colons, so those of the address are not to be read as such.
    let url = url.replace('\\', "\\\\").replace('|', "\\|");
    format!("[f=flv:onfail=abort:flvflags=no_duration_filesize]{url}|[f=flv:flush_packets=1]{}", sent.display())
}

/// A tone that never repeats itself, so that no two AAC frames are alike.
fn chirp(seconds: u32) -> String {
    format!("aevalsrc='0.3*sin(2*PI*(200+8*t)*t)+0.02*(random(0)-0.5)':s=44100:c=stereo:d={seconds}")
}

/// ffmpeg 9, from PyPI.
///
/// # Errors
/// It is not there.
pub fn ffmpeg_9() -> Result<PathBuf> {
    let lib = venv().join("lib");
    let pythons = std::fs::read_dir(&lib).ok().into_iter().flatten().flatten();
    let binaries = pythons.map(|python| python.path().join("site-packages/imageio_ffmpeg/binaries"));
    let files = binaries.filter_map(|dir| std::fs::read_dir(dir).ok()).flatten().flatten();
    let found = files.map(|file| file.path()).find(|path| path.to_string_lossy().contains("/ffmpeg-"));
    found.map_or_else(|| fault(format!("no ffmpeg 9 in {}: tests/peers installs it", lib.display())), Ok)
}

/// H.264 and AAC, [`CLIP_SECONDS`] long, a keyframe every 2 s, made once.
///
/// # Errors
/// ffmpeg can't make it.
pub async fn clip() -> Result<PathBuf> {
    let arguments = "-s 640x360 -c:v libx264 -preset veryfast -b:v 900k -maxrate 1200k -bufsize 1200k -g 50 \
                     -keyint_min 50 -sc_threshold 0 -bf 2 -c:a aac -b:a 96k";
    made("clip-1", "ffmpeg".into(), CLIP_SECONDS, arguments).await
}

/// What a clip is coded in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coded {
    /// H.264, and AAC of 44.1 kHz in stereo.
    H264,
    /// HEVC, and AAC of 48 kHz in mono.
    Hevc,
    /// AV1, and AAC of 48 kHz in stereo.
    Av1,
    /// VP9, and Opus.
    Vp9,
}

impl Coded {
    /// A small clip of 12 s in closed groups of 2 s, made once.
    ///
    /// # Errors
    /// ffmpeg can't make it.
    pub async fn clip(self) -> Result<PathBuf> {
        let (name, arguments) = match self {
            Self::H264 => ("h264-1", "-c:v libx264 -preset veryfast -g 50 -sc_threshold 0 -bf 2 -ar 44100 -ac 2"),
            Self::Hevc => (
                "hevc-1",
                "-c:v libx265 -preset ultrafast -ar 48000 -ac 1 \
                 -x265-params log-level=none:keyint=50:min-keyint=50:scenecut=0:open-gop=0:bframes=2",
            ),
            Self::Av1 => ("av1-1", "-c:v libsvtav1 -preset 12 -g 50 -svtav1-params keyint=50 -ar 48000 -ac 2"),
            Self::Vp9 => ("vp9-1", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 50 -ar 48000 -ac 2"),
        };
        let sound = if self == Self::Vp9 { "libopus" } else { "aac" };
        let arguments = format!("-s 320x180 -b:v 300k {arguments} -c:a {sound} -b:a 64k");
        made(name, ffmpeg_9()?, 12, &arguments).await
    }
}

/// A clip of a test picture and a tone, made once.
async fn made(name: &str, ffmpeg: PathBuf, seconds: u32, arguments: &str) -> Result<PathBuf> {
    static MAKING: OnceLock<Mutex<()>> = OnceLock::new();
    let _one_at_a_time = MAKING.get_or_init(Mutex::default).lock().await;
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (clip, draft) = (dir.join(format!("{name}.flv")), dir.join(format!("{name}-{}.flv", std::process::id())));
    if clip.exists() {
        return Ok(clip);
    }
    let mut command = Command::new(ffmpeg);
    command.args(["-nostdin", "-loglevel", "warning", "-y", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=25"]);
    command.args(["-f", "lavfi", "-i", &chirp(seconds + 5), "-t", &seconds.to_string(), "-pix_fmt", "yuv420p"]);
    command.args(arguments.split_whitespace()).arg(&draft);
    let mut making = Proc::start(name, &command, dir)?;
    let status = making.wait_for_end(Duration::from_secs(120)).await?;
    if !status.success() {
        return fault(format!("ffmpeg made no clip:\n{}", making.log()));
    }
    std::fs::rename(&draft, &clip)?;
    Ok(clip)
}
