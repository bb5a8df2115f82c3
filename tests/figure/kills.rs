//! Kill and power cut at every write of the store, over changes of every kind: nothing acknowledged is lost, and it opens.

mod script;

use super::Figure;
use crate::bed::{Fault, Result, disk, fault};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use telecast::domain::id::UserId;
use telecast::store::Store;

/// At the same time.
const AT_ONCE: usize = 2;
/// Kills at any moment, with many who write.
const CROWDS: usize = 300;
/// Of a disk that lies about syncs, and of a program that acknowledges too early: the judge must find these.
const CONTROLS: usize = 40;
/// Sealed by chance at the first start, so that they differ where that was cut short; whether they open is seen.
const OWN: [&str; 2] = ["\"meta/check\"", "\"meta/index\""];

/// One process that is killed.
#[derive(Clone, Debug)]
struct Trial {
    base: &'static str,
    kill: Kill,
}

#[derive(Clone, Debug)]
enum Kill {
    /// At a write, in a way of `disk.c`'s.
    At(usize, &'static str),
    /// Many write; after so many ms.
    Crowd(u64),
    /// As [`Kill::At`] with a power cut, on a disk that does not sync.
    Lying(usize),
    /// As [`Kill::At`], acknowledged too early.
    Early(usize),
}

/// What became of one.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    Whole,
    /// Something that was acknowledged is not there, or something else is.
    Lost(String),
    Shut(String),
    /// The trial itself failed.
    Broke(String),
}

struct Ground {
    dir: PathBuf,
    library: PathBuf,
}

pub(super) async fn measure() -> Result<Figure> {
    let argument = |start: &str| std::env::args().find_map(|argument| Some(argument.strip_prefix(start)?.to_owned()));
    if let Some(dir) = argument("script=") {
        let early = argument("early=").is_some();
        script::play(dir.as_ref(), argument("kept=").as_deref().map(Path::new), early).await?;
        std::process::exit(0);
    }
    if let Some(dir) = argument("crowd=") {
        script::crowd(dir.as_ref()).await?;
    }
    let most = crate::bed::setting("KILL_TRIALS").unwrap_or(usize::MAX);
    let Figure { measured, goal, holds } = some(most).await?;
    let holds = holds && most == usize::MAX;
    if holds {
        super::trust_page::note("kills", &measured)?;
    }
    Ok(Figure { measured, goal, holds })
}

/// The same with about so many trials, evenly chosen.
pub(super) async fn some(most: usize) -> Result<Figure> {
    let ground = Ground::make()?;
    tokio::task::spawn_blocking(move || ground.all(most)).await?
}

impl Ground {
    /// In memory where there is room: what a disk would lose is taken back by `disk.c`.
    fn make() -> Result<Self> {
        let shared = Path::new("/dev/shm");
        let dir = if shared.is_dir() {
            shared.join(format!("telecast-kills-{}", std::process::id()))
        } else {
            crate::bed::place("kills")?
        };
        std::fs::create_dir_all(&dir)?;
        let library = disk::library(&dir)?;
        Ok(Self { dir, library })
    }

    fn all(&self, most: usize) -> Result<Figure> {
        let mut trials = Vec::new();
        for base in ["empty", "worn", "killed"] {
            let kinds = self.learn(base)?;
            println!("{base}: {} writes, syncs and renames", kinds.len());
            for (kind, at) in kinds.chars().zip(1..) {
                trials.extend(["", ",power"].map(|way| Trial { base, kill: Kill::At(at, way) }));
                if kind == 'w' {
                    trials.push(Trial { base, kill: Kill::At(at, ",torn") });
                }
            }
            if base == "worn" {
                let some = (1..=CONTROLS).map(|part| part * kinds.len() / (CONTROLS + 1));
                trials.extend(some.flat_map(|at| [Kill::Lying(at), Kill::Early(at)]).map(|kill| Trial { base, kill }));
            }
        }
        trials.extend((0..CROWDS).map(|n| Trial { base: "worn", kill: Kill::Crowd(30 + (n as u64 * 7) % 60) }));
        let is_control = |trial: &Trial| matches!(trial.kill, Kill::Lying(_) | Kill::Early(_));
        let (controls, kills): (Vec<_>, Vec<_>) = trials.into_iter().partition(is_control);
        let step = kills.len().div_ceil(most).max(1);
        let trials: Vec<Trial> = kills.into_iter().step_by(step).chain(controls).collect();
        let found = self.run(&trials)?;
        std::fs::remove_dir_all(&self.dir)?;
        Ok(judge(&trials, &found, most))
    }

    /// Makes a base and plays the script over it once, undisturbed: what each write is, and the state behind each change.
    fn learn(&self, base: &'static str) -> Result<String> {
        let (dir, kept) = (self.dir.join(base), self.dir.join(format!("{base}-kept")));
        std::fs::create_dir_all(&dir)?;
        std::fs::create_dir_all(&kept)?;
        if base != "empty" {
            // Somebody else's data, so that files have grown and pages were split.
            for _ in 0..2 {
                let mut crowd = self.child(&dir, "crowd=", &[]).stdout(Stdio::null()).spawn()?;
                std::thread::sleep(Duration::from_millis(250));
                crowd.kill()?;
                crowd.wait()?;
            }
            if base == "worn" {
                drop(Store::open(&dir, script::ring(2)?)?);
            }
        }
        let (trial, kinds) = (self.dir.join("learning"), self.dir.join("kinds"));
        copy(&dir, &trial)?;
        let mut child = self.child(&trial, "script=", &[("DISK_KINDS", &kinds.display().to_string())]);
        let status = child.arg(format!("kept={}", kept.display())).stdout(Stdio::null()).status()?;
        std::fs::remove_dir_all(&trial)?;
        if !status.success() {
            return fault(format!("the script ends with {status}"));
        }
        Ok(std::fs::read_to_string(kinds)?)
    }

    fn child(&self, dir: &Path, what: &str, told: &[(&str, &str)]) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap_or_default());
        command.args(["--figure", "kills"]).arg(format!("{what}{}", dir.display()));
        command.env("LD_PRELOAD", &self.library).env("DISK_DIR", dir).env("DISK_SAME", "1");
        command.envs(told.iter().copied()).stdin(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn run(&self, trials: &[Trial]) -> Result<Vec<Found>> {
        let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        std::thread::scope(|scope| {
            for worker in 0..AT_ONCE {
                let (next, found) = (&next, &found);
                scope.spawn(move || {
                    let dir = self.dir.join(format!("trial-{worker}"));
                    while let Some((at, trial)) =
                        Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, trials.get(at)?)))
                    {
                        let outcome = self.one(trial, &dir).unwrap_or_else(|fault| Found::Broke(fault.0));
                        if let Ok(mut found) = found.lock() {
                            found.push((at, outcome));
                        }
                    }
                });
            }
        });
        let mut found = found.into_inner().map_err(|_| Fault("a trial panicked".into()))?;
        found.sort_by_key(|(at, _)| *at);
        Ok(found.into_iter().map(|(_, found)| found).collect())
    }

    fn one(&self, trial: &Trial, dir: &Path) -> Result<Found> {
        copy(&self.dir.join(trial.base), dir)?;
        let (what, told, early) = match &trial.kill {
            Kill::At(at, way) => ("script=", vec![("DISK_KILL", format!("{at}{way}"))], false),
            Kill::Lying(at) => {
                ("script=", vec![("DISK_KILL", format!("{at},power")), ("DISK_LIES", "1".into())], false)
            }
            Kill::Early(at) => ("script=", vec![("DISK_KILL", format!("{at}"))], true),
            Kill::Crowd(_) => ("crowd=", Vec::new(), false),
        };
        let told: Vec<(&str, &str)> = told.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let mut command = self.child(dir, what, &told);
        if early {
            command.arg("early=yes");
        }
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        if let Kill::Crowd(after) = trial.kill {
            std::thread::sleep(Duration::from_millis(after));
            child.kill()?;
        }
        let mut said = String::new();
        if let Some(mut out) = child.stdout.take() {
            out.read_to_string(&mut said)?;
        }
        let status = child.wait()?;
        if status.code().is_some_and(|code| code != 0) {
            return fault(format!("the script ends with {status}"));
        }
        self.look(trial, dir, &said)
    }

    /// Opens what the killed process left.
    fn look(&self, trial: &Trial, dir: &Path, said: &str) -> Result<Found> {
        let store = match Store::open(dir, script::ring(2)?) {
            Ok(store) => store,
            Err(error) => return Ok(Found::Shut(error.to_string())),
        };
        // A line that is cut was not acknowledged.
        let whole = said.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')?.split_once(' '));
        let told: Vec<(u64, usize)> =
            whole.filter_map(|(user, number)| Some((user.parse().ok()?, number.parse().ok()?))).collect();
        let sealed = store
            .studios()
            .iter()
            .flat_map(|studio| store.targets(studio.id).into_iter().map(|target| (studio.id, target.id)))
            .all(|(studio, target)| store.push_point(studio, target).is_some());
        if !sealed {
            return Ok(Found::Lost("a key does not open".into()));
        }
        if let Kill::Crowd(_) = trial.kill {
            for user in 1..=8 {
                let last = told.iter().filter(|(who, _)| *who == user).map(|(_, number)| *number).max();
                let there = store.person(UserId(user)).name.parse().unwrap_or(0);
                if last.is_some_and(|last| there < last || there > last + 1) {
                    return Ok(Found::Lost(format!("{user}: {last:?} was acknowledged, {there} is there")));
                }
            }
            return Ok(Found::Whole);
        }
        let last = told.iter().map(|(_, number)| *number).max().unwrap_or(0);
        let (now, kept) = (dir.join("now"), self.dir.join(format!("{}-kept", trial.base)));
        store.export(&now)?;
        let now = state(&now)?;
        for change in [last, last + 1] {
            if state(&kept.join(change.to_string())).is_ok_and(|state| state == now) {
                return Ok(Found::Whole);
            }
        }
        Ok(Found::Lost(format!("not the state behind change {last} or the next")))
    }
}

/// What an export says, but for [`OWN`] and its last line.
fn state(path: &Path) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(path)?;
    let own = |line: &&str| OWN.iter().any(|key| line.contains(key)) || !line.starts_with("{\"key\"");
    Ok(text.lines().filter(|line| !own(line)).map(str::to_owned).collect())
}

fn judge(trials: &[Trial], found: &[Found], most: usize) -> Figure {
    let (mut kills, mut lost, mut shut, mut broke) = (0, 0, 0, 0);
    let (mut lying, mut liars, mut early, mut hasty, mut ways) = (0, 0, 0, 0, [0; 4]);
    for (trial, found) in trials.iter().zip(found) {
        let bad = *found != Found::Whole;
        match &trial.kill {
            Kill::Lying(_) => (liars, lying) = (liars + 1, lying + usize::from(bad)),
            Kill::Early(_) => (hasty, early) = (hasty + 1, early + usize::from(bad)),
            kill => {
                kills += 1;
                lost += usize::from(matches!(found, Found::Lost(_)));
                shut += usize::from(matches!(found, Found::Shut(_)));
                broke += usize::from(matches!(found, Found::Broke(_)));
                ways[match kill {
                    Kill::At(_, "") => 0,
                    Kill::At(_, ",torn") => 1,
                    Kill::At(..) => 2,
                    _ => 3,
                }] += 1;
                if bad {
                    println!("{trial:?}: {found:?}");
                }
            }
        }
    }
    let [before, torn, power, crowd] = ways;
    Figure {
        measured: format!(
            "{kills} kills ({before} before a write, {torn} amid one, {power} with all that was not synced gone, {crowd} at \
             any moment with 8 who write): {lost} lost what was acknowledged, {shut} did not open, {broke} could not be \
             judged; controls: of {liars} on a disk that lies about syncs {lying} are found, of {hasty} that acknowledge too \
             early {early}"
        ),
        goal: "at least 2,500 kills, 0 lost, all open; both controls found",
        holds: (kills >= 2_500 || kills * 2 >= most)
            && lost + shut + broke == 0
            && lying * 2 > liars
            && early * 4 > hasty,
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    // What was opened there last may still be tidying up.
    while let Err(error) = std::fs::remove_dir_all(to) {
        if !to.exists() {
            break;
        }
        if error.kind() != std::io::ErrorKind::DirectoryNotEmpty && error.kind() != std::io::ErrorKind::NotFound {
            return Err(error.into());
        }
    }
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
