//! The watch page in a browser for a minute, through an encoder that drops out: no stall, 3 s late at most; and the demo plays.

use super::Figure;
use crate::bed::browser::Browser;
use crate::bed::encoder::ffmpeg_9;
use crate::bed::studio::{Studio, Wishes};
use crate::bed::{Fault, Result, fault, free_port, place};
use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};
use telecast::demo::bot_api::OLIVIA;
use telecast::demo::scene::{Ports, Scene};
use telecast::demo::tour;

/// Of the strip below the picture, in which the time stands: squares from left to right, white for a bit that is set, the highest
/// first.
const BITS: usize = 20;
const SQUARE: usize = 32;
const RATE: u32 = 25;
/// How long it plays, when the encoder is lost, and how long it is away.
const PLAYS: Duration = Duration::from_secs(60);
const LOST: Duration = Duration::from_secs(25);
const AWAY: Duration = Duration::from_secs(5);
/// How long the demo's story may take until both platforms play.
const STORY: Duration = Duration::from_secs(60);
/// A phone, as the page of docs shows it.
const PHONE: (u32, u32, f64) = (390, 600, 2.0);
/// A desk, as the page of the demo is shown.
const DESK: (u32, u32, f64) = (1280, 940, 1.0);

/// An encoder that shows the time of this machine in each picture, as it is when that is drawn.
struct Clock {
    ffmpeg: Child,
    ended: Arc<AtomicBool>,
}

impl Clock {
    fn start(url: &str) -> Result<Self> {
        let (width, height) = (BITS * SQUARE, SQUARE);
        let strip = format!("{width}x{height}");
        let picture = format!("testsrc2=s={width}x{}:r={RATE}", 360 - height);
        let mut command = Command::new(ffmpeg_9()?);
        command.args(["-nostdin", "-v", "error", "-f", "rawvideo", "-pix_fmt", "gray", "-s", &strip]);
        command.args(["-r", &RATE.to_string(), "-i", "pipe:0", "-f", "lavfi", "-i", &picture]);
        command.args(["-f", "lavfi", "-i", "sine=f=330:r=44100", "-filter_complex"]);
        command.args(["[1][0]vstack=shortest=1,format=yuv420p[v]", "-map", "[v]", "-map", "2", "-shortest"]);
        command.args("-c:v libx264 -preset veryfast -tune zerolatency -b:v 1500k -g 50 -c:a aac -f flv".split(' '));
        let mut ffmpeg = command.arg(url).stdin(Stdio::piped()).spawn()?;
        let Some(mut to) = ffmpeg.stdin.take() else { return fault("no pipe") };
        let ended = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&ended);
        std::thread::spawn(move || {
            let begin = Instant::now();
            for number in 0.. {
                let due = begin + Duration::from_secs(1) * number / RATE;
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                if stop.load(Ordering::Relaxed) || to.write_all(&drawn(millis())).is_err() {
                    return;
                }
            }
        });
        Ok(Self { ffmpeg, ended })
    }
}

impl Drop for Clock {
    /// As where its machine dies.
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        let _ = self.ffmpeg.kill();
        let _ = self.ffmpeg.wait();
    }
}

fn millis() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or_default() % (1 << BITS)
}

fn drawn(time: u64) -> Vec<u8> {
    let row: Vec<u8> = (0..BITS).rev().flat_map(|bit| [if time >> bit & 1 == 1 { 235 } else { 16 }; SQUARE]).collect();
    row.repeat(SQUARE)
}

/// Notes each stall, and of each picture when it was drawn and when it is seen. `window.seen`: late by, ms, of new ones.
fn watcher() -> String {
    format!(
        "(() => {{
            const video = document.querySelector('video'), canvas = document.createElement('canvas');
            [canvas.width, canvas.height] = [{BITS} * {SQUARE}, {SQUARE}];
            const context = canvas.getContext('2d', {{ willReadFrequently: true }});
            const seen = window.seen = {{ late: [], stalls: [], air: [], newest: -1, begun: performance.now() }};
            const at = () => Math.round(performance.now() - seen.begun) / 1000;
            for (const event of ['waiting', 'stalled', 'error', 'pause'])
                video.addEventListener(event, () => seen.stalls.push(event + ' at ' + at()));
            const said = document.getElementById('said');
            let air = '';
            new MutationObserver(() => {{
                const now = said.hidden ? 'live' : said.textContent;
                if (now !== air) seen.air.push((air = now) + ' at ' + at());
            }}).observe(said, {{ attributes: true, childList: true }});
            let moved = [performance.now(), video.currentTime];
            setInterval(() => {{
                if (video.currentTime !== moved[1]) moved = [performance.now(), video.currentTime];
                else if (performance.now() - moved[0] > 300) {{ seen.stalls.push('still at ' + at()); moved[0] += 1e6; }}
            }}, 50);
            const look = () => {{
                context.drawImage(video, 0, video.videoHeight - {SQUARE}, canvas.width, {SQUARE}, 0, 0, canvas.width, {SQUARE});
                const pixels = context.getImageData(0, {SQUARE} / 2, canvas.width, 1).data;
                let time = 0;
                for (let bit = 0; bit < {BITS}; bit += 1) time = time * 2 + (pixels[(bit * {SQUARE} + {SQUARE} / 2) * 4] > 128);
                const all = 2 ** {BITS}, late = (Date.now() % all - time + all) % all;
                const newer = (time - seen.newest + all) % all;
                if (seen.newest < 0 || newer > 0 && newer < all / 2) {{ seen.newest = time; seen.late.push(late); }}
                video.requestVideoFrameCallback(look);
            }};
            video.requestVideoFrameCallback(look);
            return true;
        }})()"
    )
}

pub(super) async fn measure() -> Result<Figure> {
    let dir = place("watch")?;
    let port = free_port()?;
    let env = vec![
        ("TELECAST_PUBLIC_URL", format!("https://127.0.0.1:{port}").into()),
        ("TELECAST_LISTEN_WEB", format!("127.0.0.1:{port}").into()),
    ];
    let studio = Studio::start(&dir, Wishes { env, ..Wishes::default() }).await?;
    let asked = studio.say("/watch")?;
    studio.press(asked, "Turn the page on").await?;
    let opened = studio.answer(asked, "People can watch here:").await?;
    let link = opened.split_whitespace().find(|word| word.starts_with("https://127.0.0.1"));
    let page = link.ok_or(Fault(format!("no link in:\n{opened}")))?.replace("https:", "http:");
    let url = studio.ingest().await?.url();
    let clock = Clock::start(&url)?;
    studio.source_seen().await?;
    studio.go_live().await?;

    let picture = dir.join("phone.png");
    let (began, to) = (Instant::now(), picture.clone());
    let watched = tokio::task::spawn_blocking(move || watch(&page, &to));
    tokio::time::sleep(LOST).await;
    drop(clock);
    studio.panel("a hold", Duration::from_secs(10), |text| text.contains("Your picture is gone")).await?;
    tokio::time::sleep((LOST + AWAY).saturating_sub(began.elapsed())).await;
    let _again = Clock::start(&url)?;
    let seen = watched.await??;
    let mut late: Vec<f64> = seen["late"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    late.sort_by(f64::total_cmp);
    let stalls: Vec<String> = seen["stalls"].as_array().into_iter().flatten().map(ToString::to_string).collect();
    println!("{} · {}", seen["air"], picture.display());
    let demo = demo(&dir.join("demo.png")).await?;
    let (Some(middle), Some(latest)) = (late.get(late.len() / 2), late.last()) else {
        return fault(format!("no picture was seen: {seen}"));
    };
    // Of each second that the encoder was there, most pictures.
    let enough = late.len() as f64 > 0.8 * f64::from(RATE) * (PLAYS - AWAY - Duration::from_secs(3)).as_secs_f64();
    Ok(Figure {
        measured: format!(
            "{} pictures in 60 s, {middle:.0} ms late in the middle and {latest:.0} ms at most, through {} s without an \
             encoder; {} stalls{}; platforms that play on the demo's page: {demo}",
            late.len(),
            AWAY.as_secs(),
            stalls.len(),
            stalls.iter().map(|stall| format!("; {stall}")).collect::<String>(),
        ),
        goal: "≤ 3000 ms; no stall; 2",
        holds: enough && *latest <= 3_000.0 && stalls.is_empty() && demo == 2,
    })
}

/// Plays the page for a minute; what was seen of it.
fn watch(page: &str, picture: &Path) -> Result<Value> {
    let mut browser = Browser::open(page)?;
    let (width, height, sharp) = PHONE;
    browser.be_phone(width, height, sharp)?;
    browser.wait_for("document.querySelector('video')?.currentTime > 0.5")?;
    let began = Instant::now();
    browser.wait_for(&watcher())?;
    std::thread::sleep(Duration::from_secs(10));
    std::fs::File::create(picture)?.write_all(&browser.picture()?)?;
    std::thread::sleep(PLAYS.saturating_sub(began.elapsed()));
    browser.wait_for("window.seen")
}

/// How many platforms play on the demo's page at once, while its story is told.
async fn demo(picture: &Path) -> Result<u64> {
    let scene = Scene::open(Ports::default()).await?;
    let (url, to) = (format!("{}/#{}/{}", scene.bot_api.url(), OLIVIA.0, OLIVIA.0), picture.to_owned());
    let seen = tokio::task::spawn_blocking(move || {
        let mut browser = Browser::open(&url)?;
        let (width, height, sharp) = DESK;
        browser.be_phone(width, height, sharp)?;
        let playing = "[...document.querySelectorAll('.tube video')].filter(video => video.currentTime > 2).length";
        let panel =
            "[...document.querySelectorAll('.message')].findLast(m => m.innerText.includes('Beta Live · sending'))";
        let end = Instant::now() + STORY;
        let seen = loop {
            let both = browser.wait_for(&format!("{panel} && {playing} > 1 && {playing}"));
            match both {
                Err(late) if Instant::now() > end => return Err(late),
                Err(_) => {}
                Ok(seen) => break seen.as_u64().unwrap_or_default(),
            }
        };
        let show = "document.querySelectorAll('.card.screen')[1].scrollIntoView({block: 'end'})";
        browser.wait_for(&format!("({panel}.scrollIntoView({{block: 'end'}}), {show}, true)"))?;
        std::fs::File::create(to)?.write_all(&browser.picture()?)?;
        Ok(seen)
    });
    let story = tour::play(&scene, |_| {});
    let (seen, story) = tokio::join!(seen, story);
    story.map_err(|failed| Fault(failed.to_string()))?;
    scene.close().await;
    seen?
}
