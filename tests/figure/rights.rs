//! Who may do what, where: every cell of a table written before the code, encoders, and buttons that were tampered with.

mod callbacks;
mod cast;
mod cell;
mod encoders;
mod judge;
mod table;
mod ways;

use super::Figure;
use crate::bed::Result;
use crate::bed::house::House;
use cast::Cast;
use cell::Stage;
use futures_util::StreamExt as _;
use judge::Later;
use std::time::Duration;
use table::Cell;
use telecast::demo::bot_api::World;
use tokio::sync::Mutex;

/// Instances that share the cells; one bot has a pace.
const HOUSES: usize = 6;
/// Cells that are played at once in each.
const AT_ONCE: usize = 40;

pub(super) async fn measure() -> Result<Figure> {
    let (cells, mut wrong) = table::read()?;
    let (encoders, cells): (Vec<_>, Vec<_>) = cells.into_iter().partition(|cell| cell.row.starts_with("encoder."));
    let count = cells.len() + encoders.len();
    let only = crate::bed::setting::<String>("RIGHTS_ONLY");
    let wanted = |cell: &Cell| {
        only.as_ref().is_none_or(|only| format!("{} {}/{}", cell.row, cell.place, cell.role).contains(only))
    };
    let mut played = Vec::new();
    for cell in cells.into_iter().filter(wanted) {
        let there = cell.row.starts_with('/') && cell.place != "via" || ways::to(&cell).is_some();
        match (there, cell.expected) {
            (true, '-') | (false, '-') if !there => {}
            (true, '-') => wrong.push(format!("{cell:?}: there is such a button")),
            (true, _) => played.push(cell),
            (false, _) => wrong.push(format!("{cell:?}: there is no way to it")),
        }
    }
    let tried = played.len();
    let tampered = callbacks::tamper(played.clone());
    // Where no show may begin, nobody else's cells can be played.
    let (drained, played): (Vec<_>, Vec<_>) = played.into_iter().partition(|cell| cell.row == "Host.Drain");
    let shares: Vec<Vec<Cell>> =
        (0..HOUSES).map(|nth| played.iter().skip(nth).step_by(HOUSES).cloned().collect()).chain([drained]).collect();
    let houses = shares.into_iter().filter(|share| !share.is_empty()).map(live_in);
    let cells = futures_util::stream::iter(houses).buffer_unordered(3).collect::<Vec<_>>();
    let encoders: Vec<_> = encoders.into_iter().filter(wanted).collect();
    let on = encoders.iter().filter(|cell| cell.expected != '-').count();
    let (cells, encoders, tampered) = tokio::join!(cells, encoders::play(encoders), tampered);
    for found in cells {
        wrong.extend(found?);
    }
    let (slowest, found) = encoders?;
    wrong.extend(found);
    let (tampered, found) = tampered?;
    wrong.extend(found);
    wrong.sort();
    wrong.iter().for_each(|wrong| println!("{wrong}"));
    Ok(Figure {
        measured: format!(
            "{count} cells, {tried} of them played by chat and {on} by encoders, {tampered} taps tampered with: {} wrong; \
             an encoder cut off {:.0} s after its right was lost, at the latest",
            wrong.len(),
            slowest.as_secs_f64()
        ),
        goal: "0 wrong, ≤ 60 s",
        holds: wrong.is_empty() && slowest <= Duration::from_secs(60) && tried > 1000 && tampered > 200,
    })
}

/// Plays cells in one instance; what is wrong.
async fn live_in(cells: Vec<Cell>) -> Result<Vec<String>> {
    let mut world = World::new("Telecast", "telecast_demo_bot");
    let casts: Vec<_> = (0..).zip(&cells).map(|(n, cell)| Cast::of(&mut world, cell, n)).collect();
    let house = House::open(world).await?;
    let owners = Mutex::new(());
    let all = cells.iter().zip(casts).map(|(cell, cast)| {
        let (house, owners) = (&house, &owners);
        async move {
            // The owner has one private chat for all of these.
            let _turn = if cell.place == "own" && cell.role == "owner" { Some(owners.lock().await) } else { None };
            (cell, tokio::time::timeout(Duration::from_secs(120), play(house, cell, cast)).await)
        }
    });
    let played: Vec<_> = futures_util::stream::iter(all).buffer_unordered(AT_ONCE).collect().await;
    // What is told without being asked is on its way for a while.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let mut wrong = Vec::new();
    for (cell, outcome) in played {
        let is = format!("{} {}/{}", cell.row, cell.place, cell.role);
        match outcome {
            Err(_) => wrong.push(format!("{is}: took too long")),
            Ok(Err(fault)) => wrong.push(format!("{is}: {}", fault.0)),
            Ok(Ok((letter, found, later))) => {
                if letter != cell.expected {
                    wrong.push(format!("{is}: {letter} in place of {}", cell.expected));
                }
                let found = found.into_iter().chain(later.iter().flat_map(|later| later.look(&house.phone)));
                wrong.extend(found.map(|found| format!("{is}: {found}")));
            }
        }
    }
    if house.phone.flood_trips() > 0 {
        wrong.push(format!("the bot ran into the flood control {} times", house.phone.flood_trips()));
    }
    house.close().await;
    Ok(wrong)
}

async fn play(house: &House, cell: &Cell, cast: Cast) -> Result<(char, Vec<String>, Option<Later>)> {
    Stage::set(house, cell, cast).await?.play().await
}
