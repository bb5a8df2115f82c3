//! The life of the process: limits, signals, exit codes.

use super::{App, Settings, StartError, log, runtime};
use crate::config::Config;
use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit, umask};
use std::io;
use std::process::ExitCode;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Exit code for faults that another try would not mend.
const MISCONFIGURED: u8 = 2;
/// Each encoder, platform and request to Telegram takes a file descriptor.
const ENOUGH_FILES: u64 = 4096;

/// Runs Telecast until it is told to stop.
pub fn run() -> ExitCode {
    let config = match Config::from_environment() {
        Ok(config) => config,
        Err(faults) => {
            eprintln!("Telecast cannot start with these settings:");
            faults.iter().for_each(|fault| eprintln!("  {fault}"));
            return MISCONFIGURED.into();
        }
    };
    log::init(&config.log);
    claim_host();
    let lived =
        runtime(config.low_latency).map_err(StartError::System).and_then(|runtime| runtime.block_on(live(config)));
    match lived {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Telecast cannot start: {error}.");
            ExitCode::FAILURE
        }
    }
}

async fn live(config: Config) -> Result<(), StartError> {
    let mut signals = Signals::listen().map_err(StartError::System)?;
    let settings = Settings::from_config(config)?;
    let app = tokio::select! {
        app = App::start(settings) => app?,
        () = signals.next() => return Ok(()),
    };
    signals.next().await;
    tracing::info!("stopping; another signal ends at once");
    tokio::select! {
        () = app.stop() => tracing::info!("stopped"),
        () = signals.next() => {
            tracing::warn!("ended at once");
            // Not by returning: the runtime would wait for the disk.
            std::process::exit(1);
        }
    }
    Ok(())
}

/// SIGTERM and SIGINT.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// From now on these signals no longer end the process by themselves.
    ///
    /// # Errors
    /// The operating system refuses.
    pub fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Until one comes. Cancel safe.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Files are made for this user alone, and nothing of this process's memory, where keys are in clear at times, goes to a core
/// dump or to another process of the same user. For each command, before it reads or writes anything.
pub fn keep_private() {
    umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let kept = setrlimit(Resource::Core, none).and(set_dumpable_behavior(DumpableBehavior::NotDumpable));
    if let Err(error) = kept {
        eprintln!("Core dumps cannot be switched off here ({error}); they would hold keys.");
    }
}

/// As many files may be open as the host allows.
fn claim_host() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::debug!(%error, "the limit of open files stays as it was");
    }
    let files = getrlimit(Resource::Nofile).current;
    if files.is_some_and(|files| files < ENOUGH_FILES) {
        tracing::warn!(
            ?files,
            "few files may be open at once; raise the limit (ulimit -n, LimitNOFILE=) for many shows"
        );
    }
}
