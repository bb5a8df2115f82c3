//! relaybench: a load generator, sinks and a runner that measure Telecast's relay beside others in one run.
//!
//! `RELAYBENCH` says where it is; without it, it is looked for beside the project.

mod awake;

use super::field::invariants::Resources;
use super::proc::Proc;
use super::{Result, example, example_relay, fault, free_port, setting};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// By then every GOP of 2 s has been replaced, and nothing grows any more.
const FULL: Duration = Duration::from_secs(6);

/// relaybench, built.
#[derive(Debug)]
pub struct Bench {
    home: PathBuf,
    program: PathBuf,
    out: PathBuf,
}

/// What came of a load that was held for long.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    /// Frames that the targets should have got, and those that they got, whole.
    pub sent: f64,
    /// See `sent`.
    pub got: f64,
    /// Frames of picture and sound that never came or came changed, by number and checksum.
    pub lost: f64,
    /// Publishers that were cut off.
    pub dead: f64,
    /// The relay's processor time as a part of one core.
    pub load: f64,
}

/// Resident memory that a relay takes for each session, KiB, looked at every 50 ms.
#[derive(Clone, Copy, Debug)]
pub struct Growth {
    /// On average over time.
    pub mean: f64,
    /// At most.
    pub most: f64,
}

/// Processor time of each Gbit that a relay sent, s.
#[derive(Clone, Copy, Debug)]
pub struct Apart {
    /// Of the threads that relay.
    pub relaying: f64,
    /// Of the one that does not.
    pub beside: f64,
}

/// One row: what was measured of one system in one run or window.
#[derive(Clone, Debug)]
pub struct Row(Value);

impl Bench {
    /// Finds it, and builds it in `target`; its results go to `dir`.
    ///
    /// # Errors
    /// It is not there, or does not build.
    pub fn new(dir: &Path) -> Result<Self> {
        let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/relaybench");
        let home = setting("RELAYBENCH").unwrap_or_else(beside);
        if !home.join("bench.py").is_file() {
            let home = home.display();
            return fault(format!("{home} holds no relaybench: set RELAYBENCH to where it is"));
        }
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("relaybench");
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--release"]).current_dir(home.join("relaybench"));
        let built = build.env("CARGO_TARGET_DIR", &target).output()?;
        if !built.status.success() {
            return fault(format!("relaybench does not build:\n{}", String::from_utf8_lossy(&built.stderr)));
        }
        Ok(Self { home, program: target.join("release/relaybench"), out: dir.join("relaybench.jsonl") })
    }

    /// Runs `what` (`setup`, `kill`, `stall`, `flat`; for `paced` see [`Bench::paced`]) with `systems`, interleaved.
    ///
    /// # Errors
    /// It can't be run, or a system could not be measured.
    pub fn run(&self, what: &str, systems: &[&str], options: &[&str]) -> Result<Vec<Row>> {
        let _ = std::fs::remove_file(&self.out);
        let relay = example_relay();
        let mut command = Command::new("python3");
        command.arg(self.home.join("bench.py")).arg(what).arg("--systems").arg(systems.join(",")).args(options);
        command.arg("--out").arg(&self.out).env("RB_BIN", &self.program).env("TELECAST_RELAY", relay);
        if !command.stdin(Stdio::null()).status()?.success() {
            return fault("relaybench failed");
        }
        let lines = std::fs::read_to_string(&self.out)?;
        let rows: Vec<Row> = lines.lines().filter_map(|line| serde_json::from_str(line).ok()).map(Row).collect();
        match rows.iter().find_map(Row::fault) {
            Some(error) => fault(error),
            None => Ok(rows),
        }
    }
}

/// Publishers, a relay and its targets, all of which flow.
struct Running {
    publishers: Tool,
    relay: Proc,
    /// Resident memory of the relay before anybody published, KiB.
    idle: f64,
    sinks: Tool,
}

impl Bench {
    /// Holds 100 sessions of `kbps` with 3 targets each for `seconds`: its own runner's loads end before.
    ///
    /// # Errors
    /// Something can't be started, or not every target gets its stream.
    pub async fn hold(&self, kbps: u32, seconds: u64, dir: &Path) -> Result<Held> {
        let Running { mut publishers, relay, mut sinks, .. } =
            self.flowing((100, 3, kbps), seconds, (&example_relay(), &[]), dir).await?;
        sinks.tell("reset")?;
        publishers.tell("reset")?;
        let (before, used, began) = (publishers.ask("snap")?, processor(relay.id())?, Instant::now());
        sinks.ask("snap")?;
        sleep(Duration::from_secs(seconds)).await;
        let load = (processor(relay.id())? - used) / began.elapsed().as_secs_f64();
        let after = publishers.ask("snap")?;
        // What is gathered arrives within this.
        sleep(Duration::from_secs(1)).await;
        let came = sinks.ask("snap")?;
        let lost = ["lost", "alost", "crc_bad"].iter().map(|name| came.sum("targets", name)).sum();
        let sent = 3.0 * (after.number("frames") - before.number("frames"));
        Ok(Held { sent, got: came.sum("targets", "frames"), lost, dead: after.number("dead"), load })
    }

    /// What each of so many sessions with so many targets of so many kbit/s takes, looked at for `seconds` once their caches
    /// are full.
    ///
    /// # Errors
    /// See [`Bench::hold`].
    pub async fn growth(&self, load: (u32, u16, u32), seconds: u64, dir: &Path) -> Result<Growth> {
        let running = self.flowing(load, seconds, (&example_relay(), &[]), dir).await?;
        sleep(FULL).await;
        let (end, mut grown) = (Instant::now() + Duration::from_secs(seconds), Vec::new());
        while Instant::now() < end {
            grown.push((resident(&running.relay) - running.idle) / f64::from(load.0));
            sleep(Duration::from_millis(50)).await;
        }
        let most = grown.iter().copied().fold(0.0, f64::max);
        Ok(Growth { mean: grown.iter().sum::<f64>() / grown.len() as f64, most })
    }

    /// What 20 sessions of 6 Mbit/s with 4 targets each cost `examples/beside` on one core that is told `arguments`, measured for
    /// `seconds`: of the threads that relay, and of the one of this name.
    ///
    /// # Errors
    /// See [`Bench::hold`]; a frame was lost.
    pub async fn apart(&self, arguments: &[&str], name: &str, seconds: u64, dir: &Path) -> Result<Apart> {
        let Running { publishers: _publishers, relay, mut sinks, .. } =
            self.flowing((20, 4, 6_000), seconds, (&example("beside"), arguments), dir).await?;
        sinks.tell("reset")?;
        let used = || -> Result<[f64; 2]> { Ok([processor(relay.id())?, processor_of(relay.id(), name)?]) };
        let before = used()?;
        sinks.ask("snap")?;
        sleep(Duration::from_secs(seconds)).await;
        let (after, came) = (used()?, sinks.ask("snap")?);
        let lost: f64 = ["lost", "alost", "crc_bad"].iter().map(|name| came.sum("targets", name)).sum();
        if lost > 0.0 {
            return fault(format!("{lost} frames were lost"));
        }
        let gbit = came.sum("targets", "bytes") * 8e-9;
        let beside = (after[1] - before[1]) / gbit;
        Ok(Apart { relaying: (after[0] - before[0]) / gbit - beside, beside })
    }

    /// So many sessions with so many targets of so many kbit/s, which may go on for `seconds`.
    async fn flowing(
        &self,
        (sessions, targets, kbps): (u32, u16, u32),
        seconds: u64,
        (program, arguments): (&Path, &[&str]),
        dir: &Path,
    ) -> Result<Running> {
        let (port, ingest) = (free_row(targets)?, free_port()?.to_string());
        let count = targets.to_string();
        let mut sinks = Tool::start(&self.program, &["sink", "--port", &port.to_string(), "--targets", &count])?;
        let mut command = Command::new("taskset");
        command.args(["-c", "0"]).arg(program).args(["--listen", &format!("127.0.0.1:{ingest}")]).args(arguments);
        for session in 0..sessions {
            let urls = (0..targets).map(|target| format!("rtmp://127.0.0.1:{}/live/k{session:03}", port + target));
            command.args(["--route", &format!("k{session:03}={}", urls.collect::<Vec<_>>().join(","))]);
        }
        let mut relay = Proc::start("long", &command, dir)?;
        relay.wait_for("ready", Duration::from_secs(10)).await?;
        sleep(Duration::from_millis(300)).await;
        let idle = resident(&relay);
        let (many, kbps, most) = (sessions.to_string(), kbps.to_string(), (seconds + 60).to_string());
        let load = ["gen", "--port", &ingest, "--sessions", &many, "--kbps", &kbps, "--max-seconds", &most];
        let publishers = Tool::start(&self.program, &load)?;
        let flowing = |snap: &Row| snap.sum("targets", "flowing") as u32 == u32::from(targets) * sessions;
        let deadline = Instant::now() + Duration::from_secs(30);
        while !flowing(&sinks.ask("snap")?) {
            if Instant::now() > deadline {
                return fault("not every target gets its stream");
            }
            sleep(Duration::from_millis(200)).await;
        }
        Ok(Running { publishers, relay, idle, sinks })
    }
}

/// Platforms that take what they are sent, at ports in a row.
pub struct Sinks {
    tool: Tool,
    port: u16,
}

impl Bench {
    /// So many of them, which take any key.
    ///
    /// # Errors
    /// They cannot be started.
    pub fn sinks(&self, count: u16) -> Result<Sinks> {
        let port = free_row(count)?;
        let tool = Tool::start(&self.program, &["sink", "--port", &port.to_string(), "--targets", &count.to_string()])?;
        Ok(Sinks { tool, port })
    }
}

/// The first of so many ports in a row, below those that the system gives away.
fn free_row(count: u16) -> Result<u16> {
    let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let row = (20_000..32_000).step_by(count.into()).find(|first| (*first..first + count).all(free));
    row.map_or_else(|| fault("no ports are free"), Ok)
}

impl Sinks {
    /// The first one's.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What all of them have taken.
    ///
    /// # Errors
    /// They are gone.
    pub fn bytes(&mut self) -> Result<f64> {
        Ok(self.tool.ask("snap")?.sum("targets", "bytes"))
    }
}

/// A generator or a sink, told and asked by line.
struct Tool {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Tool {
    /// Starts it and waits for its first line: it is ready.
    fn start(program: &Path, arguments: &[&str]) -> Result<Self> {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).arg(program).args(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else { return fault("no pipes") };
        let mut tool = Self { child, input, output: BufReader::new(output) };
        let ready = tool.line()?;
        match ready.0.get("error") {
            Some(error) => fault(format!("relaybench: {error}")),
            None => Ok(tool),
        }
    }

    fn tell(&mut self, word: &str) -> Result<()> {
        Ok(writeln!(self.input, "{word}")?)
    }

    fn ask(&mut self, word: &str) -> Result<Row> {
        self.tell(word)?;
        self.line()
    }

    fn line(&mut self) -> Result<Row> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(Row(serde_json::from_str(&line)?))
    }
}

impl Drop for Tool {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn resident(relay: &Proc) -> f64 {
    Resources::of(relay.id()).rss_kib as f64
}

/// Processor time of a program so far, s (`/proc/PID/task/*/schedstat`).
pub fn processor(id: u32) -> Result<f64> {
    threads(id, |_| true)
}

/// The same of its threads of this name.
fn processor_of(id: u32, name: &str) -> Result<f64> {
    threads(id, |known| known == name)
}

fn threads(id: u32, counts: impl Fn(&str) -> bool) -> Result<f64> {
    let mut sum = 0.0;
    for task in std::fs::read_dir(format!("/proc/{id}/task"))? {
        let task = task?.path();
        if counts(std::fs::read_to_string(task.join("comm"))?.trim_end()) {
            let text = std::fs::read_to_string(task.join("schedstat"))?;
            sum += text.split(' ').next().and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
        }
    }
    Ok(sum / 1e9)
}

impl Row {
    /// Why it tells nothing: its load could not be run, or did not reach every target.
    fn fault(&self) -> Option<String> {
        let error = self.0.get("error").map(ToString::to_string);
        let whole = self.number("M") * self.number("N");
        let flowing = self.0.get("flowing").and_then(Value::as_f64).filter(|flowing| *flowing < whole);
        let why = error.or_else(|| flowing.map(|flowing| format!("{flowing} of {whole} targets got the stream")))?;
        Some(format!("{}: {why}", self.system()))
    }

    /// The sum of a number over a list.
    pub fn sum(&self, list: &str, name: &str) -> f64 {
        self.at(list).as_array().into_iter().flatten().filter_map(|one| one[name].as_f64()).sum()
    }

    /// Whose it is.
    pub fn system(&self) -> &str {
        self.0["system"].as_str().unwrap_or_default()
    }

    /// A number; not a number where there is none.
    pub fn number(&self, path: &str) -> f64 {
        self.at(path).as_f64().unwrap_or(f64::NAN)
    }

    /// A list of numbers, or of yes and no as 1 and 0.
    pub fn numbers(&self, path: &str) -> Vec<f64> {
        let number = |value: &Value| value.as_f64().or(value.as_bool().map(f64::from));
        self.at(path).as_array().into_iter().flatten().filter_map(number).collect()
    }

    /// Who else used the machine so little that a window counts: steal below 2 %, others below 0.4 of a core.
    pub fn counts(&self) -> bool {
        self.number("steal") <= 0.02 * self.number("dur") && self.number("other_cpu") <= 0.4
    }

    fn at(&self, path: &str) -> &Value {
        path.split('.').fold(&self.0, |value, name| &value[name])
    }
}

/// The middle one; not a number where there is none.
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    match numbers.len() {
        0 => f64::NAN,
        count if count % 2 == 0 => f64::midpoint(numbers[middle - 1], numbers[middle]),
        _ => numbers[middle],
    }
}
