//! A program that runs beside the test, and dies with it.

use super::{Result, fault, until};
use std::fs::File;
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// A running program; dropping it kills it. What it says, on both outputs, is in its log.
#[derive(Debug)]
pub struct Proc {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Proc {
    /// Starts `command`; its log is `<name>.log` in `dir`, continued where there is one. The kernel kills it should
    /// the test be killed, so that nothing outlives a run.
    ///
    /// # Errors
    /// There is no such program: `tests/peers` installs it.
    pub fn start(name: &str, command: &Command, dir: &Path) -> Result<Self> {
        let log = dir.join(format!("{name}.log"));
        let out = File::options().create(true).append(true).open(&log)?;
        let mut guarded = Command::new("setpriv");
        guarded.args(["--pdeathsig", "KILL", "--"]).arg(command.get_program()).args(command.get_args());
        for (key, value) in command.get_envs() {
            match value {
                Some(value) => guarded.env(key, value),
                None => guarded.env_remove(key),
            };
        }
        if let Some(dir) = command.get_current_dir() {
            guarded.current_dir(dir);
        }
        let child = guarded.stdin(Stdio::piped()).stdout(out.try_clone()?).stderr(out).spawn()?;
        Ok(Self { name: name.into(), child, log })
    }

    /// All that it said so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// The file of what it said.
    pub fn log_file(&self) -> &Path {
        &self.log
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Waits until `look` finds something, and no longer than the program lives.
    ///
    /// # Errors
    /// It ended, or the time is over; the words hold the end of the log.
    pub async fn wait<T>(
        &mut self,
        what: &str,
        within: Duration,
        mut look: impl FnMut(&Self) -> Option<T>,
    ) -> Result<T> {
        let mut ended = None;
        let this = &mut *self;
        let found = until(what, within, || {
            // Asked before the look, so that what it said last is seen.
            let gone = this.ended();
            if let Some(found) = look(this) {
                return Some(Some(found));
            }
            ended = gone;
            gone.map(|_| None)
        })
        .await;
        match found {
            Ok(Some(found)) => Ok(found),
            Ok(None) => fault(format!("{} ended ({ended:?}) before {what}:\n{}", self.name, self.tail())),
            Err(error) => fault(format!("{}; {} says:\n{}", error.0, self.name, self.tail())),
        }
    }

    /// Waits for words in its log.
    ///
    /// # Errors
    /// As [`wait`](Self::wait).
    pub async fn wait_for(&mut self, words: &str, within: Duration) -> Result<()> {
        self.wait(words, within, |proc| proc.log().contains(words).then_some(())).await
    }

    /// Waits until somebody accepts connections there.
    ///
    /// # Errors
    /// As [`wait`](Self::wait).
    pub async fn wait_for_port(&mut self, port: u16, within: Duration) -> Result<()> {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let open = || TcpStream::connect_timeout(&address, Duration::from_millis(100)).is_ok();
        self.wait(&format!("port {port}"), within, |_| open().then_some(())).await
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// It did not end within the time.
    pub async fn wait_for_end(&mut self, within: Duration) -> Result<ExitStatus> {
        let ended = until("its end", within, || self.child.try_wait().ok().flatten()).await;
        ended.or_else(|error| fault(format!("{}; {} says:\n{}", error.0, self.name, self.tail())))
    }

    /// Types into its standard input.
    ///
    /// # Errors
    /// It does not read.
    pub fn type_in(&mut self, text: &str) -> Result<()> {
        let Some(stdin) = &mut self.child.stdin else { return fault("it has no standard input") };
        Ok(stdin.write_all(text.as_bytes())?)
    }

    /// Sends a signal, such as `TERM`, `STOP` or `CONT`.
    ///
    /// # Errors
    /// It has ended.
    pub fn signal(&self, name: &str) -> Result<()> {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status()?;
        if sent.success() { Ok(()) } else { fault(format!("{} takes no signal {name}", self.name)) }
    }

    /// `kill -9`, and waits for the end.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Drop for Proc {
    fn drop(&mut self) {
        self.kill();
    }
}
