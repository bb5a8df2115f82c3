//! Three hours of a group's show on six platforms with faults by chance: Telegram's limits, sounds, the panel's age.

mod script;
mod show;

use super::Figure;
use crate::bed::{Fault, Result};
use std::time::Duration;

/// Each makes other faults.
const SEEDS: [u64; 3] = [1, 2, 3];
const SOUNDS: usize = 5;
const STALE: Duration = Duration::from_secs(20);

pub(super) async fn measure() -> Result<Figure> {
    let seeds = crate::bed::setting("LONG_BROADCAST_SEED").map_or(SEEDS.to_vec(), |seed| vec![seed]);
    let mut told = Vec::new();
    let mut holds = true;
    for seed in seeds {
        // One thread, whose clock can be stopped.
        let played = tokio::task::spawn_blocking(move || -> Result<show::Seen> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(show::play(seed))
        });
        let seen = played.await.map_err(|died| Fault(died.to_string()))??;
        for sound in &seen.sounds {
            println!("seed {seed}, aloud in {sound}");
        }
        holds &= seen.floods == 0 && seen.sounds.len() <= SOUNDS && seen.stalest <= STALE && seen.faults >= 30;
        told.push(format!(
            "seed {seed}: {} faults, {} of 10800 s with all six on; {} messages and {} edits, {} times 429, {} with sound, \
             panel at most {} s old",
            seen.faults,
            seen.well,
            seen.messages,
            seen.edits,
            seen.floods,
            seen.sounds.len(),
            seen.stalest.as_secs(),
        ));
    }
    Ok(Figure { measured: told.join("; "), goal: "0 times 429, at most 5 with sound, never over 20 s", holds })
}
