//! Ten targets; the tenth goes through everything that a platform and a line can do.

use super::scene::{Ground, Scene, keyed, pause, s};
use super::subject::Kind;
use super::{KBPS, apart};
use crate::Figure;
use crate::bed::field::{Behaviour, Clip, Line, Options, Sink};
use crate::bed::{Result, place};
use std::time::Duration;

/// Targets that nothing is done to.
const WELL: usize = 9;

/// What the tenth does, in this order, and for how long.
fn faults() -> Vec<(&'static str, Behaviour, u64)> {
    vec![
        ("F20 down", Behaviour::Down, 6),
        ("F23 handshake", Behaviour::MuteHandshake, 6),
        ("F23 late", Behaviour::Late(s(8)), 10),
        ("F24 BadName", Behaviour::Refuse("NetStream.Publish.BadName", "no"), 6),
        ("F25 hung up", Behaviour::HangUp, 6),
        ("F26 closed", Behaviour::CutAfter(s(2)), 8),
        ("F27 deaf", Behaviour::Deaf, 18),
        ("F31 garbage", Behaviour::Say(vec![0xff; 4_096]), 5),
        ("F31 chunk size 1", Behaviour::ChunkSize(1), 5),
        ("F31 pings", Behaviour::Flood([2, 0, 0, 0, 0, 0, 6, 4, 0, 0, 0, 0, 0, 6, 0, 0, 0, 9].repeat(200)), 6),
    ]
}

pub(crate) async fn measure() -> Result<Figure> {
    apart()?;
    let (dir, clip) = (place("isolation")?, Clip::new(KBPS)?);
    let ground = Ground { dir, clip, kind: Kind::Telecast };
    let mut sinks = (0..WELL).map(|_| ground.sink()).collect::<Result<Vec<_>>>()?;
    let mut line = Line::start(&ground.dir).await?;
    let mut targets: Vec<String> = sinks.iter().enumerate().map(|(number, sink)| keyed(sink, number)).collect();
    sinks.push(Sink::start_at(line.end(), &ground.clip, None, None)?);
    targets.push(format!("rtmp://{}/live/canary-target-9", line.start_of()));
    let mut scene = Scene::with(&ground, sinks, &targets, &[]).await?;
    scene.publish(Options::of(1)).await?;
    scene.settle().await?;

    let mut worst = (0, "nothing");
    let mut done = 0;
    for (name, behaviour, seconds) in faults() {
        scene.sinks[WELL].behave(behaviour);
        watch(&scene, name, seconds, &mut worst).await;
        scene.sinks[WELL].behave(Behaviour::Well);
        pause(s(2)).await;
        done += 1;
    }
    for (name, set) in
        [("F28 dead line", (0, 0, 0, true)), ("F29 half the rate", (0, 0, 50, false)), ("F30 loss", (75, 20, 0, false))]
    {
        let (delay, loss, percent, hole) = set;
        line.delay(delay)?;
        line.loss(loss)?;
        line.rate(KBPS * 125 * percent / 100)?;
        line.hole(hole)?;
        watch(&scene, name, 18, &mut worst).await;
        line.hole(false)?;
        done += 1;
    }
    line.rate(0)?;
    pause(s(2)).await;
    let lost: u64 = scene.sinks[..WELL]
        .iter()
        .map(|sink| {
            sink.look(|ledger| {
                let (inside, between) = ledger.missing();
                inside.bytes + between.bytes
            })
        })
        .sum();
    let connections: u64 = scene.sinks[..WELL].iter().map(|sink| sink.look(|ledger| ledger.accepted)).sum();
    let tenth = scene.sinks[WELL].look(|ledger| ledger.attempts);
    let rest = scene.rest();
    let outcome = scene.close(String::new(), true).await?;
    let added = worst.0.saturating_sub(rest);
    Ok(Figure {
        measured: format!(
            "{done} faults, {tenth} connections of the tenth: the other nine lost {lost} bytes over {connections} \
             connections, p99 {rest} ms at rest, at most {added} ms more ({}), ledgers differ by {} bytes",
            worst.1, outcome.difference
        ),
        goal: "0 bytes over 9 connections, at most 50 ms more, 0 bytes",
        holds: lost == 0 && connections == WELL as u64 && added <= 50 && outcome.difference == 0,
    })
}

/// Lets a fault last, and notes the slowest p99 of the nine.
async fn watch(scene: &Scene, name: &'static str, seconds: u64, worst: &mut (u32, &'static str)) {
    scene.sinks[..WELL].iter().for_each(Sink::forget_delays);
    pause(Duration::from_secs(seconds)).await;
    let slowest = scene.sinks[..WELL].iter().map(|sink| sink.look(|ledger| ledger.delay(990))).max().unwrap_or(0);
    println!("{name}: p99 of the nine {slowest} ms");
    if slowest > worst.0 {
        *worst = (slowest, name);
    }
}
