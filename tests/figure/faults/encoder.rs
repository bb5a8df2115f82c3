//! F01 to F07: encoders that go and come back, and their clocks.

use super::scene::{Ground, Outcome, SOON, Scene, comes, ms, pause, s};
use crate::bed::Result;
use crate::bed::field::{Behaviour, Ledger, Options, VIDEO, now};
use std::net::Ipv4Addr;
use std::time::Duration;

/// From the returning encoder's first frame to the first of its frames at the platform, µs.
async fn back(scene: &Scene, source: u16, within: Duration) -> Option<u64> {
    let sink = &scene.sinks[0];
    let came = sink.until("the returned picture", within, |ledger| ledger.account(source, 0).is_some()).await.ok()?;
    let first = scene.encoder().published().first?;
    Some(came.saturating_sub(first))
}

pub(super) fn connections(scene: &Scene) -> u64 {
    scene.sinks.iter().map(|sink| sink.look(|ledger| ledger.accepted)).max().unwrap_or(0)
}

fn longest_gap(scene: &Scene) -> u64 {
    ms(scene.sinks.iter().map(|sink| sink.look(Ledger::silence)).max().unwrap_or(0))
}

pub(super) fn told(took: Option<u64>) -> String {
    took.map_or_else(|| "never".into(), |took| format!("after {} ms", ms(took)))
}

/// RST, back after `gone` from time `base`.
async fn returns(g: &Ground, gone: Duration, base: u32, limit: u64) -> Result<Outcome> {
    let mut scene = Scene::live(g).await?;
    let before = scene.sinks[0].look(|ledger| ledger.time(VIDEO)).unwrap_or(0);
    scene.encoder().reset().await;
    let lost = now();
    pause(gone).await;
    let fed = scene.sinks[0].look(|ledger| ledger.filler.frames);
    scene.publish(Options { base, ..Options::of(2) }).await?;
    let took = back(&scene, 2, SOON).await;
    let away = ms(now() - lost);
    pause(s(2)).await;
    let after = scene.sinks[0].look(|ledger| ledger.time(VIDEO)).unwrap_or(0);
    let went_back = scene.sinks.iter().map(|sink| sink.look(|ledger| ledger.backwards)).sum::<u64>();
    let connections = connections(&scene);
    scene.verdicts.recovery(took, limit);
    let measured = format!(
        "picture {}, {connections} connection(s) in {away} ms, {fed} filler frames, longest silence {} ms, time went \
         on by {} ms and back {went_back} times",
        told(took),
        longest_gap(&scene),
        i64::from(after) - i64::from(before)
    );
    let good = took.is_some_and(|took| took <= limit) && connections == 1 && went_back == 0 && after > before;
    scene.close(measured, good).await
}

pub(super) async fn f01(g: &Ground) -> Result<Outcome> {
    returns(g, s(2), 0, 500_000).await
}

pub(super) async fn f02(g: &Ground) -> Result<Outcome> {
    let mut scene = Scene::live(g).await?;
    scene.encoder().vanish().await;
    pause(s(5)).await;
    let asked = now();
    let from = |last| Ipv4Addr::new(127, 0, 0, last).into();
    scene.publish(Options { from: from(2), ..Options::of(2) }).await?;
    let let_in = now() - asked;
    let took = back(&scene, 2, SOON).await;
    let mut refused = String::new();
    // One that sends is taken over three times in a minute; this one was silent and does not count.
    for source in 3..8 {
        pause(s(1)).await;
        if let Err(error) = scene.try_publish(Options { from: from(source as u8), ..Options::of(source) }).await {
            refused = format!("takeover {} refused: {}", source - 2, error.0);
            break;
        }
    }
    let alive = scene.sinks[0].look(|ledger| ledger.received.frames);
    let goes_on = comes(s(3), || scene.sinks[0].look(|ledger| ledger.received.frames > alive + 30)).await;
    let connections = connections(&scene);
    scene.verdicts.recovery(took, 500_000);
    let measured = format!(
        "let in after {} ms, picture {}, {connections} connection(s); {}, the one in charge goes on: {goes_on}",
        ms(let_in),
        told(took),
        if refused.is_empty() { "no takeover refused" } else { &refused }
    );
    let good = let_in <= 100_000 && connections == 1 && refused.starts_with("takeover 4") && goes_on;
    scene.close(measured, good).await
}

pub(super) async fn f03_5(g: &Ground) -> Result<Outcome> {
    returns(g, s(5), 0, 500_000).await
}

pub(super) async fn f03_20(g: &Ground) -> Result<Outcome> {
    returns(g, s(20), 0, 500_000).await
}

pub(super) async fn f03_60(g: &Ground) -> Result<Outcome> {
    returns(g, s(60), 0, 500_000).await
}

pub(super) async fn f03_90(g: &Ground) -> Result<Outcome> {
    returns(g, s(90), 0, 500_000).await
}

pub(super) async fn f03_300(g: &Ground) -> Result<Outcome> {
    returns(g, s(300), 0, 500_000).await
}

pub(super) async fn f04(g: &Ground) -> Result<Outcome> {
    let mut scene = Scene::live(g).await?;
    scene.sinks[0].behave(Behaviour::CutIdle(s(7)));
    scene.sinks[1].behave(Behaviour::CutIdle(s(5)));
    scene.encoder().stall().await;
    pause(s(22)).await;
    let gap = longest_gap(&scene);
    let ended = |ledger: &Ledger| ledger.connections.iter().filter(|one| one.ended.is_some()).count();
    let cut: usize = scene.sinks.iter().map(|sink| sink.look(ended)).sum();
    let again = now();
    scene.encoder().go_on().await;
    let frames = scene.sinks[0].look(|ledger| ledger.received.frames);
    let back = scene.sinks[0].until("frames", SOON, |ledger| ledger.received.frames > frames).await.ok();
    let back = back.map(|at| at.saturating_sub(again));
    pause(s(2)).await;
    // The next keyframe may be a whole GOP away.
    scene.verdicts.recovery(back, 1_500_000);
    let measured = format!(
        "{cut} connections cut by the targets in 22 s of silence, longest silence at one {gap} ms, media {}",
        told(back)
    );
    scene.close(measured, cut == 0).await
}

pub(super) async fn f05(g: &Ground) -> Result<Outcome> {
    // Far from where the first one was.
    returns(g, s(1), 0, 500_000).await
}

pub(super) async fn f06(g: &Ground) -> Result<Outcome> {
    let scene = Scene::live(g).await?;
    for order in [3_600_000, -5_000, 3_600_000] {
        scene.encoder().jump(order).await;
        pause(s(2)).await;
    }
    scene.encoder().jitter(40).await;
    pause(s(3)).await;
    let look = |count: fn(&Ledger) -> u64| scene.sinks[0].look(count);
    let (back, step) = (look(|ledger| ledger.backwards), look(|ledger| u64::from(ledger.step)));
    let measured =
        format!("time went back {back} times, longest step {step} ms, {} connection(s)", connections(&scene));
    let good = back == 0 && step <= 1_000 && connections(&scene) == 1;
    scene.close(measured, good).await
}

/// From 3 s before `edge` on.
async fn crosses(g: &Ground, edge: u64) -> Result<(Scene, String, bool)> {
    let mut scene = Scene::of(g, vec![g.sink()?, g.sink()?]).await?;
    let base = (edge - 5_000) as u32;
    scene.publish(Options { base, ..Options::of(1) }).await?;
    scene.settle().await?;
    pause(s(6)).await;
    let ledger = scene.sinks[0].ledger();
    let lost = scene.lost();
    let time = ledger.time(VIDEO).unwrap_or(0);
    let crossed = u64::from(time.wrapping_sub(base)) > 5_000;
    let faults = ledger.strange + ledger.backwards + ledger.unready + ledger.torn + ledger.garbled;
    let words = format!(
        "{} frames equal, {lost} lost, {faults} out of order or changed, now at {time} ms",
        ledger.received.frames
    );
    Ok((scene, words, crossed && lost == 0 && faults == 0 && ledger.step < 200))
}

pub(super) async fn f07_24(g: &Ground) -> Result<Outcome> {
    let (scene, words, good) = crosses(g, 1 << 24).await?;
    scene.close(words, good).await
}

pub(super) async fn f07_32(g: &Ground) -> Result<Outcome> {
    let (scene, words, good) = crosses(g, 1 << 32).await?;
    scene.close(words, good).await
}
