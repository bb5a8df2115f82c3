//! How soon the chat is told that nothing is heard in a show, and that nothing is told of slides and pauses for breath.

use super::Figure;
use crate::bed::nginx::Nginx;
use crate::bed::proc::Proc;
use crate::bed::studio::{Studio, Wishes};
use crate::bed::{Result, fault, place};
use std::process::Command;
use std::time::{Duration, Instant};
use telecast::demo::bot_api::Phone;

/// Speech, then silence, then speech, in seconds of the encoder.
const SPEAKS: u64 = 75;
const SILENT: u64 = 40;
const AGAIN: u64 = 25;
/// From the first silent second to the message, and from sound to its end: the line and a panel's pace come on top.
const TOLD: Duration = Duration::from_secs(25);
const OVER: Duration = Duration::from_secs(10);
const SOON: Duration = Duration::from_secs(30);

pub(super) async fn measure() -> Result<Figure> {
    let dir = place("silence")?;
    let nginx = Nginx::start("nginx", &["silence"], &dir).await?;
    let studio = Studio::start(&dir, Wishes::default()).await?;
    studio.add_target("Alpha", &nginx.server(), "silence").await?;
    let ingest = studio.ingest().await?;
    let silence = format!("gte(t,{SPEAKS})*lt(t,{})", SPEAKS + SILENT);
    let speech =
        format!("aevalsrc='(0.5*random(0)-0.25)*pow(max(0,sin(2*PI*2*t)),2)*lt(mod(t,4),3)*(1-{silence})':s=48000");
    let slide = "color=0xf0f0f0:s=640x360:r=25,drawbox=x=60:y=60:w=300:h=20:color=black:t=fill,drawgrid=w=40:h=40:color=0xd0d0d0";
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "warning", "-re", "-f", "lavfi", "-i", slide, "-re", "-f", "lavfi", "-i", &speech]);
    command.args(["-t", &(SPEAKS + SILENT + AGAIN).to_string(), "-pix_fmt", "yuv420p", "-c:v", "libx264"]);
    command.args(["-preset", "veryfast", "-g", "50", "-c:a", "aac", "-flags", "+global_header", "-f", "flv"]);
    let begun = Instant::now();
    let encoder = Proc::start("encoder", command.arg(ingest.url()), &dir)?;
    studio.source_seen().await?;
    let from = studio.phone.messages(studio.chat()).last().map_or(0, |message| message.id);
    studio.go_live().await?;
    studio.panel("its level", SOON, |text| text.contains("🔊 Sound: fine (−")).await?;
    let gone = told(&studio, from, "🔇 Your sound is gone", SPEAKS + 60).await?;
    let told_after = begun.elapsed().saturating_sub(Duration::from_secs(SPEAKS));
    studio.panel("the silence", SOON, |text| text.contains("🔇 Sound: silent for")).await?;
    let back = told(&studio, from, "✅ There is sound again", 60).await?;
    let over_after = begun.elapsed().saturating_sub(Duration::from_secs(SPEAKS + SILENT));
    let troubles = ["🔇", "🟡", "⚫", "🟠", "⚠️"];
    let news = |phone: &Phone| {
        phone.messages(studio.chat()).into_iter().filter(|message| message.id > from).collect::<Vec<_>>()
    };
    let others: Vec<_> = news(&studio.phone).into_iter().filter(|message| message.id != gone).collect();
    let wrong = others.iter().filter(|message| troubles.iter().any(|icon| message.text().starts_with(icon))).count();
    drop(encoder);
    if back != gone {
        return fault("the end of it was told by another message");
    }
    let (told_s, over_s) = (told_after.as_secs_f32(), over_after.as_secs_f32());
    Ok(Figure {
        measured: format!(
            "of {SPEAKS} s of a slide and of speech with pauses nothing was told; silence was told after {told_s:.1} s, and the same \
             message said that it was over {over_s:.1} s after there was sound; {wrong} other troubles were told"
        ),
        goal: "≤ 25 s, not before 20 s; ≤ 10 s; 0",
        holds: told_after <= TOLD && told_after >= Duration::from_secs(20) && over_after <= OVER && wrong == 0,
    })
}

/// The number of the message that says so.
async fn told(studio: &Studio, from: i32, words: &str, within_s: u64) -> Result<i32> {
    let find = |phone: &Phone| {
        let newer = phone.messages(studio.chat()).into_iter().filter(|message| message.id > from);
        newer.rev().find(|message| message.text().starts_with(words)).map(|message| message.id)
    };
    Ok(studio.phone.wait(words, Duration::from_secs(within_s), find).await?)
}
