//! Local stand-ins: what `demo` runs instead of Telegram, the platforms and an encoder, and what the tests run against.

pub mod bot_api;
pub mod clip;
pub mod console;
pub mod encoder;
mod panel;
pub mod platform;
pub mod scene;
pub mod tour;

use crate::app::{self, Signals, StartError};
use crate::config::Config;
use console::Console;
use scene::{Ports, Scene, SceneFault};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use tokio::net::TcpListener;

/// What the demo plays by itself.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Tour {
    /// The show of two platforms, from the claim to the report.
    Story,
    /// Bilibili, Tencent Lexiang, Azure style and Wowza, from what is pasted to the picture.
    Origin,
}

/// Runs the whole product against the stand-ins, until Ctrl-C; a `tour` is played by itself and ends.
pub fn run(tour: Option<Tour>) -> ExitCode {
    app::log::init("error");
    match app::runtime(false).map_err(Fault::System).and_then(|runtime| runtime.block_on(live(tour))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the real Telecast with the chat page in Telegram's place, until Ctrl-C.
pub fn run_real() -> ExitCode {
    let config = match Config::without_telegram() {
        Ok(config) => config,
        Err(faults) => {
            eprintln!("Telecast cannot start with these settings:");
            faults.iter().for_each(|fault| eprintln!("  {fault}"));
            return ExitCode::from(2);
        }
    };
    app::log::init(&config.log);
    let low_latency = config.low_latency;
    let lived = app::runtime(low_latency).map_err(Fault::System).and_then(|runtime| runtime.block_on(real(config)));
    match lived {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}

async fn real(config: Config) -> Result<(), Fault> {
    let mut signals = Signals::listen()?;
    let console = Console::open(config).await?;
    println!("Open  {}", console.url());
    println!("It works on this machine alone; whoever has this address can do what you can. Ctrl-C ends it.");
    signals.next().await;
    tokio::select! {
        () = console.close() => Ok(()),
        () = signals.next() => Err(Fault::Interrupted),
    }
}

/// Why a demo did not end well.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("The demo cannot start: {0}.")]
    Start(#[from] SceneFault),
    #[error("Telecast cannot start: {0}.")]
    Real(#[from] StartError),
    #[error("The demo cannot start: {0}.")]
    System(#[from] io::Error),
    #[error("✗ {0}")]
    Tour(#[from] tour::Failed),
    #[error("Interrupted.")]
    Interrupted,
}

async fn live(tour: Option<Tour>) -> Result<(), Fault> {
    let mut signals = Signals::listen()?;
    let scene = Scene::open(Ports::friendly()).await?;
    let result = if let Some(tour) = tour {
        let tell = |step: &str| println!("{step}");
        let played = async {
            match tour {
                Tour::Story => tour::play(&scene, tell).await,
                Tour::Origin => tour::play_origin(&scene, tell).await,
            }
        };
        println!("The tour takes about 40 s; watch it at {}", scene.bot_api.url());
        tokio::select! {
            played = played => played.map_err(Fault::Tour),
            () = signals.next() => Err(Fault::Interrupted),
        }
    } else {
        let server = format!("rtmp://{}/live", scene.app().ingest_addr());
        println!("Open  {}  and be one of several people in Telegram. Ctrl-C ends the demo.", scene.bot_api.url());
        println!("Your own OBS or ffmpeg: send to  {server}  with the key that the bot gives you (/ingest).");
        signals.next().await;
        Ok(())
    };
    tokio::select! {
        () = scene.close() => result,
        () = signals.next() => Err(Fault::Interrupted),
    }
}

/// Listens at `wanted`, or at any free port of this machine when that is taken.
async fn listen(wanted: Option<SocketAddr>) -> io::Result<TcpListener> {
    if let Some(address) = wanted
        && let Ok(listener) = TcpListener::bind(address).await
    {
        return Ok(listener);
    }
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await
}
