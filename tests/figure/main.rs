//! Figures: what is claimed, measured. `tests/figures` runs it; a plain `cargo test` measures nothing.
//!
//! One file for each figure: its first line is what the list says of it, `Quick` in it makes it part of `tests/run`.
//! Each measures against real peers and returns a [`Figure`].

mod attacks;
#[path = "../bed/mod.rs"]
mod bed;
mod canaries;
mod catalogue;
mod codecs;
mod compose_compare;
mod cost;
mod faults;
mod fidelity;
mod first_frame;
mod fresh_clone;
mod fuzz;
mod golive_latency;
mod growth;
mod hold;
mod isolation;
mod kill_handlers;
mod kills;
mod ledger;
mod levels;
mod long_broadcast;
mod look;
mod memory;
mod origin;
mod pastes;
mod record;
mod reply_latency;
mod restart;
mod rights;
mod secrets;
mod silence;
mod soak;
mod speed;
mod ssrf;
mod status;
mod store_faults;
mod telegram_away;
mod three_failures;
mod timers;
mod trust_page;
mod watch;
mod wire_properties;
mod words;

use bed::Result;
use std::process::ExitCode;

/// What was measured.
#[derive(Debug)]
struct Figure {
    /// In words and numbers, one line.
    measured: String,
    /// What it should be.
    goal: &'static str,
    /// Whether it is.
    holds: bool,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--figure").skip(1);
    let Some(name) = arguments.next() else { return ExitCode::SUCCESS };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("{name}: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(measure(&name)) {
        Ok(Figure { measured, goal, holds }) => {
            let verdict = if holds { "holds" } else { "DOES NOT HOLD" };
            println!("{name}: {measured} (goal: {goal}): {verdict}");
            if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(fault) => {
            println!("{name}: could not be measured: {}", fault.0);
            ExitCode::FAILURE
        }
    }
}

async fn measure(name: &str) -> Result<Figure> {
    match name {
        "attacks" => attacks::measure().await,
        "canaries" => canaries::measure().await,
        "catalogue" => catalogue::measure().await,
        "codecs" => codecs::measure().await,
        "compose-compare" => compose_compare::measure().await,
        "cost" => cost::measure().await,
        "faults" => faults::measure().await,
        "fidelity" => fidelity::measure().await,
        "first-frame" => first_frame::measure().await,
        "fresh-clone" => fresh_clone::measure(),
        "fuzz" => fuzz::measure(),
        "golive-latency" => golive_latency::measure().await,
        "growth" => growth::measure().await,
        "hold" => hold::measure().await,
        "isolation" => isolation::measure().await,
        "kill-handlers" => kill_handlers::measure().await,
        "kills" => kills::measure().await,
        "ledger" => ledger::measure().await,
        "levels" => levels::measure().await,
        "long-broadcast" => long_broadcast::measure().await,
        "look" => look::measure().await,
        "memory" => memory::measure().await,
        "record" => record::measure().await,
        "origin" => origin::measure(),
        "pastes" => pastes::measure(),
        "reply-latency" => reply_latency::measure().await,
        "restart" => restart::measure().await,
        "rights" => rights::measure().await,
        "secrets" => secrets::measure().await,
        "silence" => silence::measure().await,
        "soak" => soak::measure().await,
        "speed" => speed::measure().await,
        "ssrf" => ssrf::measure().await,
        "store-faults" => store_faults::measure().await,
        "status" => status::measure().await,
        "telegram-away" => telegram_away::measure().await,
        "three-failures" => three_failures::measure().await,
        "timers" => timers::measure(),
        "trust-page" => trust_page::measure().await,
        "watch" => watch::measure().await,
        "wire-properties" => wire_properties::measure(),
        "words" => words::measure().await,
        _ => bed::fault("there is no such figure; tests/figures lists them"),
    }
}
