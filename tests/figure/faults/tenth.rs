//! Ten targets; the tenth goes through everything that a platform and a line can do, one after the other.

use super::scene::{Ground, SOON, Scene, keyed, pause, s};
use super::subject::Kind;
use super::{KBPS, apart};
use crate::Figure;
use crate::bed::field::{Behaviour, Clip, Ledger, Line, Options, Sink};
use crate::bed::{Result, place};
use std::sync::Arc;
use std::time::Duration;

/// Targets that nothing is done to.
const WELL: usize = 9;

/// Its name, what it is, and for how many seconds.
type Fault = (&'static str, What, u64);

/// A fault of the tenth.
enum What {
    /// It does this on its connection.
    Does(Behaviour),
    /// It resets its connection, and does this from then on.
    ComesBackTo(Behaviour),
    /// The line to it does.
    Line { delay: u32, loss: u32, percent: u32, hole: bool },
}

fn faults() -> Vec<Fault> {
    use What::{ComesBackTo, Does};
    let line = |delay, loss, percent, hole| What::Line { delay, loss, percent, hole };
    let ping = [2, 0, 0, 0, 0, 0, 6, 4, 0, 0, 0, 0, 0, 6, 0, 0, 0, 9];
    vec![
        ("F20 down", Does(Behaviour::Down), 6),
        ("F23 handshake never answered", ComesBackTo(Behaviour::MuteHandshake), 6),
        ("F23 accepted late", ComesBackTo(Behaviour::Late(s(6))), 9),
        ("F24 BadName", ComesBackTo(Behaviour::Refuse("NetStream.Publish.BadName", "no")), 6),
        ("F25 hung up", ComesBackTo(Behaviour::HangUp), 6),
        ("F26 closed after 2 s", Does(Behaviour::CutAfter(s(2))), 9),
        ("F27 deaf", Does(Behaviour::Deaf), 16),
        ("F28 dead line", line(0, 0, 0, true), 14),
        ("F29 half the rate", line(0, 0, 50, false), 12),
        ("F30 loss", line(75, 20, 0, false), 10),
        ("F31 garbage", Does(Behaviour::Say(vec![0xff; 4_096])), 5),
        ("F31 chunk size 1", Does(Behaviour::ChunkSize(1)), 5),
        ("F31 pings", Does(Behaviour::Flood(ping.repeat(200))), 6),
    ]
}

pub(crate) async fn measure() -> Result<Figure> {
    apart()?;
    let (dir, clip) = (place("isolation")?, Clip::new(KBPS)?);
    let (mut lost, mut connections, mut added, mut worst) = (0, 0, 0, "nothing");
    let (mut tenths, mut difference, mut rest) = (0, 0, 0);
    let faults = faults();
    for (number, fault) in faults.iter().enumerate() {
        let dir = dir.join(number.to_string());
        std::fs::create_dir_all(&dir)?;
        let ground = Ground { dir, clip: Arc::clone(&clip), kind: Kind::Telecast };
        let one = one(&ground, fault).await?;
        println!(
            "{}: {} bytes lost, p99 {} ms, {} at rest, {} connections of the tenth",
            fault.0, one.lost, one.slowest, one.rest, one.tenth
        );
        lost += one.lost;
        connections = connections.max(one.connections);
        tenths += one.tenth;
        difference += one.difference;
        rest = rest.max(one.rest);
        let more = one.slowest.saturating_sub(one.rest);
        if more > added {
            (added, worst) = (more, fault.0);
        }
    }
    Ok(Figure {
        measured: format!(
            "{} faults, {tenths} connections of the tenth: the other nine lost {lost} bytes over {connections} \
             connections each time, p99 {rest} ms at rest, at most {added} ms more ({worst}), ledgers differ by \
             {difference} bytes",
            faults.len()
        ),
        goal: "0 bytes over 9 connections, at most 50 ms more, 0 bytes",
        holds: lost == 0 && connections == WELL as u64 && added <= 50 && difference == 0,
    })
}

/// What one fault of the tenth did to the nine.
struct One {
    lost: u64,
    connections: u64,
    tenth: u64,
    rest: u32,
    slowest: u32,
    difference: u64,
}

async fn one(ground: &Ground, (_, fault, seconds): &Fault) -> Result<One> {
    let mut sinks = (0..WELL).map(|_| ground.sink()).collect::<Result<Vec<_>>>()?;
    let mut line = Line::start(&ground.dir).await?;
    let mut targets: Vec<String> = sinks.iter().enumerate().map(|(number, sink)| keyed(sink, number)).collect();
    sinks.push(Sink::start_at(line.end(), &ground.clip, None, None)?);
    targets.push(format!("rtmp://{}/live/canary-target-9", line.start_of()));
    let mut scene = Scene::with(ground, sinks, &targets, &[]).await?;
    scene.publish(Options::of(1)).await?;
    scene.settle().await?;
    scene.sinks[WELL].until("the tenth to be well", SOON, |ledger| ledger.received.frames > 60).await?;
    scene.sinks.iter().for_each(Sink::forget_delays);
    match fault {
        What::Does(behaviour) => scene.sinks[WELL].behave(behaviour.clone()),
        What::ComesBackTo(behaviour) => {
            scene.sinks[WELL].behave(Behaviour::ResetAfter(Duration::ZERO));
            pause(Duration::from_millis(20)).await;
            scene.sinks[WELL].behave(behaviour.clone());
        }
        What::Line { delay, loss, percent, hole } => {
            line.delay(*delay)?;
            line.loss(*loss)?;
            line.rate(KBPS * 125 * percent / 100)?;
            line.hole(*hole)?;
        }
    }
    pause(s(*seconds)).await;
    let nine = || scene.sinks[..WELL].iter();
    let slowest = nine().map(|sink| sink.look(|ledger| ledger.delay(990))).max().unwrap_or(0);
    let missed = |ledger: &Ledger| {
        let (inside, between) = ledger.missing();
        inside.bytes + between.bytes
    };
    let lost = nine().map(|sink| sink.look(missed)).sum();
    let connections = nine().map(|sink| sink.look(|ledger| ledger.accepted)).sum();
    let tenth = scene.sinks[WELL].look(|ledger| ledger.attempts);
    let rest = scene.rest();
    scene.sinks[WELL].behave(Behaviour::Well);
    let difference = scene.close(String::new(), true).await?.difference;
    Ok(One { lost, connections, tenth, rest, slowest, difference })
}
