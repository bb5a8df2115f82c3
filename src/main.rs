//! Command line of Telecast.

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use telecast::{app, demo};

/// A Telegram bot that puts one live stream on many platforms at once. Without a command it runs, with the settings of
/// the environment and of .env (see .env.example).
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Look for what keeps Telecast from working, and say the cure: settings, data, ports, Telegram. It may be
    /// asked while Telecast runs.
    Doctor,
    /// Write all that is stored to a file; secrets stay sealed. While Telecast runs, it makes such files itself.
    Export {
        /// The file to write.
        file: PathBuf,
    },
    /// Put an export in the place of what is stored. Telecast must not run; what was there is kept beside it.
    Import {
        /// A file that `telecast export` or Telecast itself has written, as in exports/ of the data directory.
        file: PathBuf,
    },
    /// Replace the master key that seals stored secrets by a new one, while Telecast runs or not.
    RotateKey,
    /// Try everything on this machine: stand-ins for Telegram, the platforms and an encoder. Needs no account.
    Demo {
        /// Play a story by itself and say whether each step works: of two platforms, or `origin`, of the four where
        /// Telecast began.
        #[arg(long, num_args = 0..=1, default_missing_value = "story")]
        tour: Option<demo::Tour>,
        /// Not a demo: the real Telecast, with the settings of the environment and of .env, led from the chat page in place
        /// of Telegram. On this machine alone, by whoever has the address that is printed.
        #[arg(long, conflicts_with = "tour")]
        real: bool,
    },
}

fn main() -> ExitCode {
    app::keep_private();
    match Cli::parse().command {
        None => app::run(),
        Some(Command::Doctor) => app::examine(),
        Some(Command::Export { file }) => app::export(&file),
        Some(Command::Import { file }) => app::import(&file),
        Some(Command::RotateKey) => app::rotate_key(),
        Some(Command::Demo { real: true, .. }) => demo::run_real(),
        Some(Command::Demo { tour, .. }) => demo::run(tour),
    }
}
