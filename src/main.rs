//! Command line of Telecast.

use clap::{Parser, Subcommand};
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
    /// Try everything on this machine: stand-ins for Telegram, the platforms and an encoder. Needs no account.
    Demo {
        /// Play the story by itself and say whether each step works.
        #[arg(long)]
        tour: bool,
    },
}

fn main() -> ExitCode {
    match Cli::parse().command {
        None => app::run(),
        Some(Command::Demo { tour }) => demo::run(tour),
    }
}
