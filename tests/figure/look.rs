//! /look: how soon what goes out is a video in the chat, and whether that plays, begins with a keyframe and sounds in time.

use super::Figure;
use crate::bed::encoder::ffmpeg_9;
use crate::bed::nginx::Nginx;
use crate::bed::proc::Proc;
use crate::bed::studio::{Studio, Wishes};
use crate::bed::{Fault, Result, film, place};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use telecast::demo::bot_api::{Content, Phone};

/// Looks at each stream, at moments that lie otherwise between its keyframes each time.
const LOOKS: u32 = 3;
const SOON: Duration = Duration::from_secs(30);

/// What is sent, and by what the panel says that it has come.
struct Row {
    name: &'static str,
    size: &'static str,
    rate: u32,
    /// Pictures from a flash to the next.
    flash: u32,
    video: &'static str,
    seen: &'static str,
    /// The one before goes on sending until this one takes over.
    over: bool,
}

const ROWS: [Row; 7] = [
    row("H.264 24", 24, "-c:v libx264 -preset ultrafast -g 48 -bf 0", "24 fps"),
    row("H.264 25, B-frames", 25, "-c:v libx264 -preset veryfast -g 50 -bf 3", "25 fps"),
    row("H.264 30, B-frames", 30, "-c:v libx264 -preset veryfast -g 60 -bf 2", "30 fps"),
    row("H.264 60", 60, "-c:v libx264 -preset ultrafast -g 120 -bf 0", "60 fps"),
    row(
        "HEVC 25, B-frames",
        25,
        "-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=50:min-keyint=50:open-gop=0:bframes=3:pools=1",
        "HEVC",
    ),
    row("H.264 30 anew", 30, "-c:v libx264 -preset ultrafast -g 60 -bf 0", "30 fps"),
    Row {
        size: "640x360",
        seen: "640×360",
        over: true,
        ..row("another size amid the show", 25, "-c:v libx264 -preset ultrafast -g 50 -bf 0", "")
    },
];

const fn row(name: &'static str, rate: u32, video: &'static str, seen: &'static str) -> Row {
    Row { name, size: "320x180", rate, flash: if rate == 25 { 10 } else { rate / 2 }, video, seen, over: false }
}

impl Row {
    /// A flash and a beep together, again and again.
    fn start(&self, url: &str, dir: &Path) -> Result<Proc> {
        let Self { size, rate, flash, .. } = self;
        let picture = format!(
            "color=black:s={size}:r={rate},drawbox=t=fill:w=iw:h=ih:color=white:enable='lt(mod(n,{flash}),{})'",
            rate / 10
        );
        let every = f64::from(*flash) / f64::from(*rate);
        let sound = format!("aevalsrc='if(lt(mod(t+0.00001,{every}),0.1),0.8*sin(2*PI*1000*t),0)':s=44100:c=stereo");
        let mut command = Command::new(ffmpeg_9()?);
        command.args(["-nostdin", "-v", "warning", "-re", "-f", "lavfi", "-i", &picture]);
        command.args(["-re", "-f", "lavfi", "-i", &sound, "-pix_fmt", "yuv420p", "-t", "120"]);
        command.args(self.video.split_whitespace()).args(["-c:a", "aac", "-flags", "+global_header", "-f", "flv", url]);
        Proc::start(&self.name.replace([' ', ',', '.'], "-"), &command, dir)
    }
}

/// What was found of one video.
struct Look {
    after: Duration,
    plays: bool,
    keyed: bool,
    /// How far a beep is from its flash, in ms.
    apart: f64,
}

pub(super) async fn measure() -> Result<Figure> {
    let dir = place("look")?;
    let nginx = Nginx::start("nginx", &["look"], &dir).await?;
    let studio = Studio::start(&dir, Wishes::default()).await?;
    studio.add_target("Alpha", &nginx.server(), "look").await?;
    let ingest = studio.ingest().await?;
    let (mut looks, mut wrong): (Vec<Look>, Vec<String>) = (Vec::new(), Vec::new());
    let mut encoder: Option<Proc> = None;
    for row in ROWS {
        let live = encoder.is_some();
        let before = encoder.take().filter(|_| row.over);
        encoder = Some(row.start(&ingest.url(), &dir)?);
        if !live {
            studio.source_seen().await?;
            studio.go_live().await?;
        }
        studio.panel(row.name, SOON, |text| text.contains(row.seen) && text.contains("Live for")).await?;
        drop(before);
        for number in 0..LOOKS {
            tokio::time::sleep(Duration::from_millis(1_600 + 170 * u64::from(number))).await;
            let look = look(&studio, &dir.join("look.mp4"), row.size).await?;
            let Look { after, plays, keyed, apart } = look;
            if !(plays && keyed && apart <= 40.0 && after <= Duration::from_secs(2)) {
                wrong.push(format!(
                    "{}: {after:?}, plays {plays}, keyframe first {keyed}, apart {apart:.0} ms",
                    row.name
                ));
            }
            looks.push(look);
        }
    }
    let slowest = looks.iter().map(|look| look.after).max().unwrap_or(Duration::MAX);
    let apart = looks.iter().map(|look| look.apart).fold(0.0, f64::max);
    Ok(Figure {
        measured: format!(
            "{} looks at {} streams (24, 25, 30, 60 fps, with B-frames, HEVC, after a change of the picture): in the chat \
             after {:.0} ms at the latest; {} decode without a word and begin with a keyframe; a beep is {apart:.0} ms from \
             its flash at most{}",
            looks.len(),
            ROWS.len(),
            slowest.as_secs_f64() * 1_000.0,
            looks.iter().filter(|look| look.plays && look.keyed).count(),
            wrong.iter().map(|wrong| format!("; {wrong}")).collect::<String>(),
        ),
        goal: "≤ 2000 ms; all; ≤ 40 ms",
        holds: wrong.is_empty(),
    })
}

/// One look. What it says is put to `file`, and must be of this size.
async fn look(studio: &Studio, file: &Path, size: &str) -> Result<Look> {
    let said = studio.say("/look")?;
    let began = Instant::now();
    let video = |phone: &Phone| {
        let newer = phone.messages(studio.chat()).into_iter().filter(|message| message.id > said);
        newer.rev().find_map(|message| if let Content::Video(file, _) = message.content { Some(file) } else { None })
    };
    let found = studio.phone.wait("a video", SOON, video).await?;
    let after = began.elapsed();
    let bytes = studio.phone.file(&found.id).ok_or(Fault("no file".into()))?;
    std::fs::write(file, &bytes)?;
    let complaints = film::complaints(file)?;
    if !complaints.is_empty() {
        eprintln!("{complaints}");
    }
    let shown = format!("{}x{}", found.pixels.0, found.pixels.1);
    let plays = complaints.is_empty() && shown == size;
    Ok(Look { after, plays, keyed: film::begins_with_keyframe(file)?, apart: film::apart(file)? })
}
