//! Encoders of H.264, HEVC and AV1 gone for 5, 20, 90 s and 9 min: no target is connected anew, decoders say nothing, the picture freezes and goes on, sound has no gap.

mod host;
mod paused;
mod strict;

use super::Figure;
use crate::bed::encoder::{Coded, Encoder, ffmpeg_9};
use crate::bed::flv::{self, Kind, Role, Tag};
use crate::bed::listener::Listener;
use crate::bed::proc::Proc;
use crate::bed::{Fault, Result, free_port, place, until};
use futures_util::future::try_join_all;
use host::Host;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use strict::{Seen, Strict};

const CODED: [Coded; 3] = [Coded::H264, Coded::Hevc, Coded::Av1];
const GONE: [u64; 3] = [5, 20, 90];
/// How long it sends before and after.
const SHOW: Duration = Duration::from_secs(10);
const SOON: Duration = Duration::from_secs(40);
/// The longest step of sound, in milliseconds.
const GAP: u32 = 50;
/// By how much a stream may come later after a hold, or earlier, in milliseconds.
const DELAY: i64 = 200;

/// One encoder that was away, and what its platforms recorded.
struct Case {
    coded: Coded,
    absence: Absence,
    reconnects: u32,
    ends: Vec<End>,
}

/// How it was away.
#[derive(Clone, Copy)]
enum Absence {
    /// Killed, and started anew.
    Gone(Duration),
    /// Stopped on an open connection, so that what it lacks comes in a burst.
    Silent(Duration),
    /// Cut off, by a clock of its own.
    Paused(Duration),
}

impl Absence {
    fn time(self) -> Duration {
        let (Self::Gone(time) | Self::Silent(time) | Self::Paused(time)) = self;
        time
    }

    fn name(self) -> &'static str {
        match self {
            Self::Gone(_) => "gone",
            Self::Silent(_) => "silent",
            Self::Paused(_) => "gone by a paused clock",
        }
    }
}

struct End {
    sink: &'static str,
    file: PathBuf,
    /// Where the server is ours.
    seen: Option<Seen>,
}

pub(super) async fn measure() -> Result<Figure> {
    let dir = place("hold")?;
    for coded in CODED {
        coded.clip().await?;
    }
    let host = Host::start().await?;
    let gone = CODED.into_iter().flat_map(|coded| GONE.map(|gone| (coded, Absence::Gone(Duration::from_secs(gone)))));
    let silent = CODED.map(|coded| (coded, Absence::Silent(Duration::from_secs(20))));
    let real = (1..).zip(gone.chain(silent)).map(|(number, (coded, absence))| run(&host, number, coded, absence, &dir));
    let mut cases = try_join_all(real).await?;
    for coded in CODED {
        let (clip, dir) = (coded.clip().await?, dir.clone());
        cases.push(tokio::task::spawn_blocking(move || paused::run(coded, &clip, &dir)).await??);
    }
    let (mut all, mut fine, mut reconnects, mut gap) = (0, 0, 0, 0);
    for case in &cases {
        reconnects += case.reconnects;
        for end in &case.ends {
            let found = look(case, end, &dir).await?;
            println!("{found}");
            (all, fine, gap) = (all + 1, fine + u32::from(found.holds), gap.max(found.gap));
        }
    }
    Ok(Figure {
        measured: format!(
            "{fine} of {all} recordings hold, {reconnects} targets connected anew, the longest step of sound {gap} ms"
        ),
        goal: "all, 0, 50 ms",
        holds: fine == all && all == 27 && reconnects == 0,
    })
}

/// An encoder is away for a while; what it sends goes to a server that waits and to one that does not.
async fn run(host: &Host, number: u32, coded: Coded, absence: Absence, dir: &Path) -> Result<Case> {
    let name = format!("{coded:?}-{}-{}", absence.name(), absence.time().as_secs());
    let (port, key) = (free_port()?, format!("planted-{number}"));
    let mut patient = Listener::enhanced(port, &format!("{name}-patient"), &key, dir).await?;
    let strict = Strict::start(&format!("{name}-strict"), dir).await?;
    host.go_live(number, &[(Listener::server(port), key), strict.target()]).await?;
    let mut encoder = Encoder::coded(&format!("{name}-first"), &host.url(number), coded, None, dir).await?;
    encoder.sends().await?;
    tokio::time::sleep(SHOW).await;
    if let Absence::Silent(time) = absence {
        encoder.proc.signal("STOP")?;
        tokio::time::sleep(time).await;
        encoder.proc.signal("CONT")?;
    } else {
        encoder.proc.kill();
        tokio::time::sleep(absence.time()).await;
        encoder = Encoder::coded(&format!("{name}-second"), &host.url(number), coded, None, dir).await?;
        encoder.sends().await?;
    }
    tokio::time::sleep(SHOW).await;
    let summary = host.stop(number).await;
    encoder.proc.kill();
    patient.proc.wait_for_end(SOON).await?;
    until("the strict server to hear the end", SOON, || strict.seen().over.then_some(())).await?;
    let reconnects = summary.targets.values().map(|target| target.reconnects).sum();
    let ends = vec![
        End { sink: "ffmpeg 9", file: patient.recording().to_owned(), seen: None },
        End { sink: "strict", file: strict.recording().to_owned(), seen: Some(strict.seen()) },
    ];
    Ok(Case { coded, absence, reconnects, ends })
}

/// What one recording is like.
struct Found {
    name: String,
    gap: u32,
    holds: bool,
    words: String,
}

impl std::fmt::Display for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let verdict = if self.holds { "holds" } else { "DOES NOT HOLD" };
        write!(f, "{:<42} {}: {verdict}", self.name, self.words)
    }
}

async fn look(case: &Case, end: &End, dir: &Path) -> Result<Found> {
    let tags = flv::read(&end.file)?;
    let gap = steps(&tags, Kind::Audio).max().unwrap_or(u32::MAX);
    let least = [Kind::Audio, Kind::Video].map(|kind| steps(&tags, kind).min().unwrap_or(0));
    let repeats = repeats(&tags);
    let Decoded { said, longest, after } = decode(&end.file, dir).await?;
    let frozen = Duration::from_millis(longest);
    // ffmpeg listens for one connection.
    let seen = end.seen.as_ref().map(|seen| (seen.connections, seen.cuts, seen.delay()));
    let (connections, cuts, delay) = seen.unwrap_or((1, 0, 0));
    let second = Duration::from_secs(1);
    let holds = case.reconnects == 0
        && (connections, cuts) == (1, 0)
        && said.is_empty()
        && gap <= GAP
        && least.into_iter().all(|step| step > 0)
        // A picture is repeated after up to 3.5 s of silence, and the next keyframe is up to 2 s away.
        && (case.absence.time().saturating_sub(4 * second)..case.absence.time() + 6 * second).contains(&frozen)
        && repeats > 0
        && after > 100
        && delay.abs() <= DELAY;
    let said = said.lines().next().unwrap_or("nothing").to_owned();
    Ok(Found {
        name: format!("{:?} {} s {}, {}", case.coded, case.absence.time().as_secs(), case.absence.name(), end.sink),
        gap,
        holds,
        words: format!(
            "{repeats} repeats, one picture for {:.1} s and {after} pictures after it, sound steps <= {gap} ms, a \
             decoder said {said}{}",
            frozen.as_secs_f32(),
            if seen.is_some() {
                format!(", {connections} connection(s), {cuts} cut, {delay} ms later than before")
            } else {
                String::new()
            },
        ),
    })
}

/// Milliseconds between frames of a kind, none where time goes back.
fn steps(tags: &[Tag], kind: Kind) -> impl Iterator<Item = u32> {
    let frame = move |tag: &&Tag| tag.kind == kind && matches!(tag.role(), Role::Keyframe | Role::Frame);
    let times: Vec<u32> = tags.iter().filter(frame).map(|tag| tag.timestamp).collect();
    (1..times.len()).map(move |at| times[at].saturating_sub(times[at - 1]))
}

/// How often a keyframe came once more.
fn repeats(tags: &[Tag]) -> usize {
    let keys: Vec<&Tag> = tags.iter().filter(|tag| tag.role() == Role::Keyframe).collect();
    keys.windows(2).filter(|pair| pair[0].payload == pair[1].payload).count()
}

struct Decoded {
    /// What the decoder said.
    said: String,
    /// For how long one picture stood, milliseconds.
    longest: u64,
    /// Pictures after that, each unlike the one before.
    after: usize,
}

/// Decodes a file as a player would, and looks at the pictures.
async fn decode(file: &Path, dir: &Path) -> Result<Decoded> {
    let sums = file.with_extension("sums");
    let mut command = Command::new(ffmpeg_9()?);
    command.args(["-nostdin", "-v", "error", "-i"]).arg(file).args(["-f", "null", "-"]);
    command
        .args(["-map", "0:v", "-fps_mode", "passthrough", "-enc_time_base", "1/1000", "-f", "framemd5", "-y"])
        .arg(&sums);
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut decoder = Proc::start(&format!("{name}-decoder"), &command, dir)?;
    decoder.wait_for_end(SOON).await?;
    let text = std::fs::read_to_string(&sums)?;
    // stream, dts, pts, duration, size, sum
    let pictures = text.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let mut fields = line.split(',').map(str::trim);
        let time = fields.nth(2).and_then(|time| time.parse::<u64>().ok());
        let sum = fields.nth(2).map(str::to_owned);
        time.zip(sum).ok_or_else(|| Fault(format!("{}: {line}", sums.display())))
    });
    let pictures = pictures.collect::<Result<Vec<(u64, String)>>>()?;
    let changes: Vec<u64> = (0..pictures.len())
        .filter(|at| *at == 0 || pictures[*at].1 != pictures[*at - 1].1)
        .map(|at| pictures[at].0)
        .collect();
    let longest =
        changes.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).enumerate().max_by_key(|(_, span)| *span);
    let (at, longest) = longest.unwrap_or_default();
    Ok(Decoded { said: decoder.log().trim().to_owned(), longest, after: changes.len().saturating_sub(at + 2) })
}
