//! How loud the sound is, beside what ffmpeg's astats says of it, and what it costs to know that of twenty studios.

use super::Figure;
use crate::bed::signal::{encode, seconds};
use crate::bed::{Result, fault, place};
use std::path::Path;
use std::process::Command;
use std::time::Instant;
use telecast::domain::monitor::{Hearing, Level, Monitor, Second, Sound};
use telecast::media::packet::Packet;
use telecast::media::{picture, sound};

/// Of each signal so many seconds are sent; what an encoder begins with is not yet the signal.
const SECONDS: usize = 12;
const BEGIN: usize = 2;
/// How far a level may be from astats', in dB.
const APART: f64 = 1.0;
/// Of a core, for [`STUDIOS`].
const MOST: f64 = 0.01;
const STUDIOS: usize = 20;

/// A signal, how it is encoded, and whether it is too loud.
struct Row {
    name: &'static str,
    signal: &'static str,
    encoded: &'static str,
    clips: bool,
}

const ROWS: [Row; 10] = [
    row("silence, 48 kHz", "anullsrc=r=48000:cl=stereo", "-b:a 128k"),
    row("silence, 44.1 kHz mono", "anullsrc=r=44100:cl=mono", "-b:a 64k"),
    row("−20 dB tone, 48 kHz", "aevalsrc='0.1414*sin(2*PI*1000*t)|0.1414*sin(2*PI*1000*t)':s=48000", "-b:a 160k"),
    row("−20 dB tone, 44.1 kHz", "aevalsrc='0.1414*sin(2*PI*440*t)|0.1414*sin(2*PI*440*t)':s=44100", "-b:a 128k"),
    row("−20 dB tone, mono", "aevalsrc='0.1414*sin(2*PI*1000*t)':s=48000", "-b:a 64k"),
    row("tone on the left alone", "aevalsrc='0.2*sin(2*PI*700*t)|0':s=48000", "-b:a 128k"),
    row("pink noise, 22.05 kHz", "anoisesrc=c=pink:a=0.5:r=22050:seed=7,aformat=channel_layouts=stereo", "-b:a 96k"),
    row("music, −40 dB", CHORD, "-b:a 128k"),
    Row {
        clips: true,
        ..row(
            "clipping, 48 kHz",
            "aevalsrc='clip(4*sin(2*PI*300*t),-1,1)|clip(2*sin(2*PI*300*t),-1,1)':s=48000",
            "-b:a 192k",
        )
    },
    Row { clips: true, ..row("clipping, mono", "aevalsrc='clip(3*sin(2*PI*440*t),-1,1)':s=44100", "-b:a 128k") },
];

const CHORD: &str =
    "aevalsrc='0.01*(sin(2*PI*220*t)+sin(2*PI*277*t)+sin(2*PI*330*t))|0.01*(sin(2*PI*440*t)+sin(2*PI*554*t))':s=48000";
const PICTURE: &str = "testsrc2=s=640x360:r=30";
const BOTH: &str = "-c:v libx264 -preset ultrafast -g 60 -b:a 160k";
/// Syllables, four in a second, and a breath after each three seconds.
const SPEECH: &str = "aevalsrc='(0.5*random(0)-0.25)*pow(max(0,sin(2*PI*2*t)),2)*lt(mod(t,4),3)|(0.5*random(1)-0.25)*pow(max(0,sin(2*PI*2*t)),2)*lt(mod(t,4),3)':s=48000";

const fn row(name: &'static str, signal: &'static str, encoded: &'static str) -> Row {
    Row { name, signal, encoded, clips: false }
}

pub(super) async fn measure() -> Result<Figure> {
    let dir = place("levels")?;
    let (mut worst, mut wrong): (f64, Vec<String>) = (0.0, Vec::new());
    for Row { name, signal, encoded, clips } in ROWS {
        let file = dir.join("signal.flv");
        encode(&[signal], SECONDS, encoded, &file)?;
        let said = astats(&file, "")?;
        let said = said.last().copied().unwrap_or(f64::NAN).max(Level::FLOOR.into());
        let mut meter = sound::Meter::default();
        let heard: Vec<_> = seconds(&file)?
            .iter()
            .map(|packets| {
                meter.note(packets);
                meter.second()
            })
            .collect();
        let mut levels = Vec::new();
        for heard in &heard[BEGIN..SECONDS - 1] {
            let Sound::Level(level) = heard else { return fault(format!("{name}: {heard:?}")) };
            levels.push(*level);
        }
        let level = Level::mean(&levels).map_or(f64::NAN, |level| level.db.into());
        let apart = (level - said).abs();
        worst = worst.max(apart);
        let silent = said < -60.0;
        let told = levels.iter().all(|level| level.clips == clips && level.is_silent() == silent);
        println!("{name:24} astats {said:7.2} dB, here {level:7.2} dB, {apart:.2} dB apart");
        if apart > APART || !told {
            wrong.push(format!("{name}: {apart:.2} dB, {levels:?}"));
        }
    }
    // What is shown of speech is about its loudest moment.
    let file = dir.join("speech.flv");
    encode(&[PICTURE, SPEECH], SECONDS, BOTH, &file)?;
    let loudest = astats(&file, "asetnsamples=n=1024:p=0,")?.into_iter().fold(Level::FLOOR.into(), f64::max);
    let speech = seconds(&file)?;
    let shown = shown(&speech);
    let Some(Hearing::Fine(db)) = shown else { return fault(format!("speech: {shown:?}")) };
    println!("speech: its loudest moment {loudest:.1} dB by astats, shown as {db} dB");
    if (f64::from(db) - loudest).abs() > 3.0 {
        wrong.push(format!("speech: {db} dB, and {loudest:.1}"));
    }
    let file = dir.join("silence.flv");
    encode(&[PICTURE, "anullsrc=r=48000:cl=stereo"], SECONDS, BOTH, &file)?;
    let (share, silence) = (cost(&speech), cost(&seconds(&file)?));
    Ok(Figure {
        measured: format!(
            "{} signals (silence, tones, noise, music, clipping; mono, stereo; 22.05, 44.1, 48 kHz): {worst:.2} dB from astats at \
             most; {STUDIOS} studios take {:.3} % of a core, pictures measured too, and {:.3} % where all are silent{}",
            ROWS.len(),
            share * 100.0,
            silence * 100.0,
            wrong.iter().map(|wrong| format!("; {wrong}")).collect::<String>(),
        ),
        goal: "≤ 1 dB; ≤ 1 % of a core",
        holds: wrong.is_empty() && share <= MOST && silence <= MOST,
    })
}

/// What astats says of a file: of the whole, or of each part where `before` cuts it into such.
fn astats(file: &Path, before: &str) -> Result<Vec<f64>> {
    let reset = u8::from(!before.is_empty());
    let filter =
        format!("{before}astats=metadata=1:reset={reset},ametadata=print:key=lavfi.astats.Overall.RMS_level:file=-");
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-i"])
        .arg(file)
        .args(["-vn", "-af", &filter, "-f", "null", "-"])
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().filter_map(|line| line.split_once("RMS_level=")?.1.parse().ok()).collect())
}

/// What a panel says of it at the end.
fn shown(seconds: &[Vec<Packet>]) -> Option<Hearing> {
    let (mut sound, mut picture, mut monitor) =
        (sound::Meter::default(), picture::Meter::default(), Monitor::default());
    let mut now = Instant::now();
    for packets in seconds {
        now += std::time::Duration::from_secs(1);
        sound.note(packets);
        picture.note(packets);
        let second = Second { sound: sound.second(), picture: picture.second() };
        monitor.second(now, &second, true);
    }
    monitor.hearing(now)
}

/// Which part of a core it takes to keep 20 studios under watch in which people speak.
pub(crate) fn share() -> Result<f64> {
    let file = place("share")?.join("speech.flv");
    encode(&[PICTURE, SPEECH], SECONDS, BOTH, &file)?;
    Ok(cost(&seconds(&file)?))
}

/// Which part of a core it takes to keep [`STUDIOS`] under watch.
fn cost(seconds: &[Vec<Packet>]) -> f64 {
    let before = on_cpu();
    for _ in 0..STUDIOS {
        std::hint::black_box(shown(&seconds[..SECONDS]));
    }
    (on_cpu() - before) / SECONDS as f64
}

/// For how long this thread has run, in seconds.
fn on_cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split_whitespace().next().and_then(|ran| ran.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1e9
}
