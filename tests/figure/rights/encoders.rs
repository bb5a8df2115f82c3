//! Encoders: who goes on publishing, who is cut off and how soon, who is let in.

use super::cast::Cast;
use super::cell::Stage;
use super::table::Cell;
use crate::bed::Result;
use crate::bed::field::Publisher;
use crate::bed::house::House;
use futures_util::future::join_all;
use std::time::{Duration, Instant};
use telecast::demo::bot_api::World;
use telecast::domain::access::Operators;
use telecast::domain::status::Phase;

/// Whoever is not cut off by now goes on.
const GOES_ON: Duration = Duration::from_secs(65);

/// Plays all rows of encoders; the longest time from a loss of the right to the cut, and what is wrong.
pub(super) async fn play(cells: Vec<Cell>) -> Result<(Duration, Vec<String>)> {
    let mut world = World::new("Telecast", "telecast_demo_bot");
    let cells: Vec<_> = cells.into_iter().filter(|cell| cell.expected != '-').collect();
    let casts: Vec<_> = (0..).zip(&cells).map(|(n, cell)| Cast::of(&mut world, cell, n)).collect();
    let house = House::open(world).await?;
    let owners = tokio::sync::Mutex::new(());
    let all = cells.iter().zip(casts).map(|(cell, cast)| {
        let (house, owners) = (&house, &owners);
        async move {
            let _turn = if cell.role == "owner" { Some(owners.lock().await) } else { None };
            (cell, one(house, cell, cast).await)
        }
    });
    let (mut slowest, mut wrong) = (Duration::ZERO, Vec::new());
    for (cell, outcome) in join_all(all).await {
        let is = format!("{} {}/{}", cell.row, cell.place, cell.role);
        match outcome {
            Ok((letter, took, found)) => {
                slowest = slowest.max(took);
                if letter != cell.expected {
                    wrong.push(format!("{is}: {letter} in place of {}", cell.expected));
                }
                wrong.extend(found.map(|found| format!("{is}: {found}")));
            }
            Err(fault) => wrong.push(format!("{is}: {}", fault.0)),
        }
    }
    house.close().await;
    Ok((slowest, wrong))
}

/// What becomes of one encoder: its letter, how soon it was cut off, and what is wrong besides.
async fn one(house: &House, cell: &Cell, cast: Cast) -> Result<(char, Duration, Option<String>)> {
    let stage = Stage::set(house, cell, cast).await?;
    let Some(studio) = stage.studio else { return Ok(('-', Duration::ZERO, None)) };
    let chosen = matches!(&*cell.place, "video" | "named");
    if chosen {
        // Chosen by chat, when they publish already.
        let named = cast.operators(cell).named;
        let operators = Operators { named, ..Operators::default() };
        house.store.update_studio(studio, move |studio| studio.operators = operators).await?;
    }
    let key = house.store.ingest_key(studio, cast.rio).await?;
    if cell.row == "encoder.comes" {
        become_so(&stage, chosen).await?;
        let began = Instant::now();
        let Ok(publisher) = house.publish_with(key.expose()).await else { return Ok(('r', began.elapsed(), None)) };
        let cut = is_cut(&publisher, GOES_ON).await;
        return Ok((if cut { 'r' } else { 'D' }, if cut { began.elapsed() } else { Duration::ZERO }, None));
    }
    let publisher = house.publish_with(key.expose()).await?;
    let keeper = if cell.place == "own" { cast.rio } else { cast.keeper };
    stage.say(keeper, stage.here(), "/golive")?;
    let live = || matches!(house.relay.status(studio).phase, Phase::Live { .. });
    stage.until("live", live).await?;
    let began = Instant::now();
    become_so(&stage, chosen).await?;
    if !is_cut(&publisher, GOES_ON).await {
        let on = live() && house.relay.status(studio).source.is_some();
        return Ok(('D', Duration::ZERO, (!on).then(|| "the show does not go on".to_owned())));
    }
    let took = began.elapsed();
    stage.until("held or over", || !live()).await?;
    let held = matches!(house.relay.status(studio).phase, Phase::Held { .. });
    Ok((if held { 'x' } else { 'e' }, took, None))
}

/// The person becomes what they are by now; which admins operate is chosen by chat.
async fn become_so(stage: &Stage<'_>, chosen: bool) -> Result<()> {
    stage.become_so().await?;
    if chosen {
        let (keeper, group) = (stage.cast.keeper, stage.group);
        stage.say(keeper, group, "/settings")?;
        stage.tap(keeper, group, "Who may operate").await?;
        let label = if stage.cell.place == "video" { "Admins of video chats" } else { "Admins whom I name" };
        stage.tap(keeper, group, label).await?;
    }
    Ok(())
}

/// Whether the encoder's connection has ended within the time.
async fn is_cut(publisher: &Publisher, within: Duration) -> bool {
    let deadline = Instant::now() + within;
    while Instant::now() < deadline {
        if publisher.published().ended.is_some() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}
