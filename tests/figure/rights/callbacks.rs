//! Buttons that were tampered with: forged, of another chat, of another person, of before a restart, over their time, and
//! tapped or delivered once more. Each is refused, or changes nothing.

use super::cast::Cast;
use super::cell::{SOON, Stage};
use super::table::Cell;
use super::ways;
use crate::bed::Result;
use crate::bed::house::House;
use futures_util::StreamExt as _;
use std::time::Duration;
use telecast::demo::bot_api::{Phone, Tapped, World};
use telecast::domain::id::{ChatId, UserId};

/// How long [Stop now] works, and a little longer.
const OVER: Duration = Duration::from_secs(31);

/// A button that was drawn for a person who may tap it.
struct Drawn<'a> {
    stage: Stage<'a>,
    chat: ChatId,
    message: i32,
    data: String,
}

/// Tampers with every kind of button in every place; how many taps that were, and what is wrong.
pub(super) async fn tamper(cells: Vec<Cell>) -> Result<(usize, Vec<String>)> {
    let mut world = World::new("Telecast", "telecast_demo_bot");
    let mine = [("own", "guest"), ("group", "creator"), ("via", "admin")];
    let cells: Vec<_> = cells
        .into_iter()
        .filter(|cell| mine.contains(&(&*cell.place, &*cell.role)) && ways::to(cell).is_some())
        .collect();
    let casts: Vec<_> = (0..).zip(&cells).map(|(n, cell)| Cast::of(&mut world, cell, n)).collect();
    let house = House::open(world).await?;
    let (mut taps, mut wrong, mut drawn) = (0, Vec::new(), Vec::new());
    let all = cells.iter().zip(casts).map(|(cell, cast)| {
        let house = &house;
        async move { (cell, draw_and_tamper(house, cell, cast).await) }
    });
    for (cell, outcome) in futures_util::stream::iter(all).buffer_unordered(40).collect::<Vec<_>>().await {
        match outcome {
            Ok((tried, found, button)) => {
                taps += tried;
                wrong.extend(found.into_iter().map(|found| format!("{} {}: {found}", cell.row, cell.place)));
                drawn.push(button);
            }
            Err(fault) => wrong.push(format!("{} {}: {}", cell.row, cell.place, fault.0)),
        }
    }
    // What is told without being asked is on its way for a while.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let before = everything(&drawn).await?;
    house.phone.deliver_again(100);
    taps += 100;
    house.restart().await?;
    for button in &drawn {
        taps += 1;
        let (rio, is) = (button.stage.cast.rio, &button.stage.cell.row);
        // What was removed can be brought back after a restart too.
        let lasts = is == "Target.Restore";
        let said = accepted(&house, rio, button.chat, button.message, &button.data).await?;
        if lasts && said.is_none() {
            wrong.push(format!("{is} {}: does nothing after a restart", button.stage.cell.place));
        }
        if let Some(said) = said.filter(|_| !lasts) {
            wrong.push(format!("{is} {}: works after a restart: {said}", button.stage.cell.place));
        }
    }
    let after = everything(&drawn).await?;
    let differ = before.iter().zip(&after).zip(&drawn).filter(|((before, after), _)| before != after);
    wrong.extend(differ.map(|(_, button)| format!("{} changed the store the second time", button.stage.cell.row)));
    drop(drawn);
    house.close().await;
    Ok((taps, wrong))
}

async fn everything(drawn: &[Drawn<'_>]) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for button in drawn {
        all.push(button.stage.kept().await?);
    }
    Ok(all)
}

async fn draw_and_tamper<'a>(house: &'a House, cell: &'a Cell, cast: Cast) -> Result<(usize, Vec<String>, Drawn<'a>)> {
    let mut stage = Stage::set(house, cell, cast).await?;
    let Some(way) = ways::to(cell) else { return crate::bed::fault("no way") };
    let (chat, message, data) = stage.walk(&way).await?;
    let before = stage.kept().await?;
    let mut wrong = Vec::new();
    let mut last = data.clone();
    let end = if last.pop() == Some('0') { '1' } else { '0' };
    last.push(end);
    let cut = data[..data.len() / 2].to_owned();
    let (rio, stranger) = (cast.rio, cast.stranger);
    let elsewhere = if chat == stage.group { Phone::private(rio) } else { stage.group };
    house.phone.say(stranger, Phone::private(stranger), "/cancel")?;
    house.phone.say(rio, Phone::private(rio), "/cancel")?;
    let trials: [(&str, UserId, ChatId, &str); 7] = [
        ("with another last digit", rio, chat, &last),
        ("cut in half", rio, chat, &cut),
        ("without data", rio, chat, ""),
        ("with a query of another kind", rio, chat, "Run(GoLive(\"\"))"),
        ("in another chat", rio, elsewhere, &data),
        ("by another person in their chat", stranger, Phone::private(stranger), &data),
        ("by another admin in another chat", cast.keeper, Phone::private(cast.keeper), &data),
    ];
    house.phone.say(cast.keeper, Phone::private(cast.keeper), "/cancel")?;
    for (how, user, place, data) in trials {
        if let Some(said) = accepted(house, user, place, message, data).await? {
            wrong.push(format!("works {how}: {said}"));
        }
    }
    if stage.kept().await? != before {
        wrong.push("changed the store though it was refused".to_owned());
    }
    let mut taps = trials.len();
    if matches!(&*cell.row, "StopNow" | "KeepLive") {
        tokio::time::sleep(OVER).await;
        taps += 1;
        if let Some(said) = accepted(house, rio, chat, message, &data).await? {
            wrong.push(format!("works when its time is over: {said}"));
        }
    } else {
        let query = house.phone.forge_tap(rio, chat, message, &data)?;
        house.phone.wait_for_toast(&Tapped::Asked(query), SOON).await?;
        let once = stage.kept().await?;
        let query = house.phone.forge_tap(rio, chat, message, &data)?;
        house.phone.wait_for_toast(&Tapped::Asked(query), SOON).await?;
        taps += 2;
        if stage.kept().await? != once {
            wrong.push("changed the store when it was tapped once more".to_owned());
        }
    }
    Ok((taps, wrong, Drawn { stage, chat, message, data }))
}

/// What was said to a tap that should have been refused, if it was not.
async fn accepted(house: &House, user: UserId, chat: ChatId, message: i32, data: &str) -> Result<Option<String>> {
    let query = house.phone.forge_tap(user, chat, message, data)?;
    let toast = house.phone.wait_for_toast(&Tapped::Asked(query), SOON).await?;
    // One of them has chosen Chinese.
    let refused = ["This button is too old", "This menu belongs to somebody else", "这个按钮已失效"];
    Ok((!refused.iter().any(|start| toast.text.starts_with(start))).then_some(toast.text))
}
