//! F20 to F33: what platforms do, and the lines to them. The first platform of each run is unharmed.

use super::scene::{Ground, Outcome, SOON, Scene, comes, keyed, ms, pause, s};
use super::subject::Kind;
use crate::bed::Result;
use crate::bed::field::{Behaviour, Clip, Ledger, Line, Options, Sink, now};
use std::time::Duration;

/// A platform at the end of a line, and what leads there.
pub(super) async fn lined(g: &Ground) -> Result<(Line, Sink, String)> {
    let line = Line::start(&g.dir).await?;
    let sink = Sink::start_at(line.end(), &g.clip, None, None)?;
    let url = format!("rtmp://{}/live/canary-target-1", line.start_of());
    Ok((line, sink, url))
}

/// A live run whose second platform is at the end of a line.
async fn far(g: &Ground, set: impl FnOnce(&mut Line) -> Result<()>) -> Result<(Scene, Line)> {
    let near = g.sink()?;
    let (mut line, sink, url) = lined(g).await?;
    set(&mut line)?;
    let targets = [keyed(&near, 0), url];
    let mut scene = Scene::with(g, vec![near, sink], &targets, &[]).await?;
    scene.publish(Options::of(1)).await?;
    scene.settle().await?;
    Ok((scene, line))
}

/// Until the second platform has a new frame on a connection that began after `from`.
async fn well_again(scene: &Scene, from: u64, within: Duration) -> Option<u64> {
    let fresh = |ledger: &Ledger| ledger.connections.iter().rev().any(|one| one.began >= from && one.media.is_some());
    let came = scene.sinks[1].until("frames again", within, fresh).await.ok()?;
    Some(came.saturating_sub(from))
}

fn told(took: Option<u64>) -> String {
    took.map_or_else(|| "never".into(), |took| format!("after {} ms", ms(took)))
}

fn asked(scene: &Scene) -> u64 {
    scene.sinks[1].look(|ledger| ledger.asked)
}

pub(super) async fn f20(g: &Ground) -> Result<Outcome> {
    let mut scene = Scene::live(g).await?;
    scene.sinks[1].behave(Behaviour::Down);
    pause(s(8)).await;
    let up = now();
    scene.sinks[1].behave(Behaviour::Well);
    let took = well_again(&scene, up, s(30)).await;
    pause(s(1)).await;
    let unready = scene.sinks[1].look(|ledger| ledger.unready);
    scene.isolated([0]);
    scene.verdicts.recovery(took, 1_300_000);
    let words = format!("refused for 8 s; frames {} of its return, {unready} of them before a keyframe", told(took));
    scene.close(words, took.is_some_and(|took| took <= 1_300_000)).await
}

pub(super) async fn f20_hole(g: &Ground) -> Result<Outcome> {
    let near = g.sink()?;
    let (mut line, sink, url) = lined(g).await?;
    line.hole(true)?;
    let targets = [keyed(&near, 0), url];
    let mut scene = Scene::with(g, vec![near, sink], &targets, &[]).await?;
    scene.publish(Options::of(1)).await?;
    scene.settle().await?;
    pause(s(8)).await;
    let timeouts = scene.said(&["target=2", "Timeout"]);
    let up = now();
    line.hole(false)?;
    let took = well_again(&scene, up, s(30)).await;
    scene.isolated([0]);
    let words = format!("SYN lost: {timeouts} attempts given up; frames {} of the line's return", told(took));
    // A SYN that was lost is sent again by the kernel, a new attempt comes after 5 s.
    scene.close(words, took.is_some_and(|took| took <= 7_500_000)).await
}

pub(super) async fn f23(g: &Ground) -> Result<Outcome> {
    let sinks = vec![g.sink()?, g.sink()?, g.sink()?, g.sink()?, g.sink()?];
    for (sink, behaviour) in sinks[1..].iter().zip([
        Behaviour::Late(s(8)),
        Behaviour::Late(s(25)),
        Behaviour::MuteHandshake,
        Behaviour::MuteConnect,
    ]) {
        sink.behave(behaviour);
    }
    let mut scene = Scene::of(g, sinks).await?;
    scene.publish(Options::of(1)).await?;
    scene.settle().await?;
    pause(s(32)).await;
    let first = |sink: &Sink| {
        let ledger = sink.ledger();
        let accepted = ledger.connections.iter().find(|one| one.media.is_some());
        accepted.and_then(|one| Some((one.media?.0.saturating_sub(one.began), ledger.unready, ledger.accepted)))
    };
    let late: Vec<_> = scene.sinks[1..3].iter().map(first).collect();
    let mute: Vec<u64> = scene.sinks[3..5].iter().map(|sink| sink.look(|ledger| ledger.attempts)).collect();
    let shown: Vec<String> = late.iter().map(|late| told(late.map(|late| late.0))).collect();
    scene.isolated([0]);
    let words = format!(
        "accepted late: frames {} and {}, from a keyframe; never answered: {mute:?} attempts in 35 s",
        shown[0], shown[1]
    );
    let good = late.iter().all(|late| late.is_some_and(|late| late.1 == 0 && late.2 == 1))
        && mute.iter().all(|attempts| (1..=3).contains(attempts));
    scene.close(words, good).await
}

pub(super) async fn f24(g: &Ground) -> Result<Outcome> {
    let sinks = vec![g.sink()?, g.sink()?, g.sink()?, g.sink()?, g.sink()?];
    for (sink, behaviour) in sinks[1..].iter().zip([
        Behaviour::Refuse("NetStream.Publish.BadName", "Stream already publishing"),
        Behaviour::Refuse("NetStream.Publish.Denied", "this key is not ours"),
        Behaviour::RefuseConnect,
        Behaviour::HangUp,
    ]) {
        sink.behave(behaviour);
    }
    let mut scene = Scene::of(g, sinks).await?;
    scene.publish(Options::of(1)).await?;
    scene.settle().await?;
    pause(s(20)).await;
    let attempts: Vec<u64> = scene.sinks[1..].iter().map(|sink| sink.look(|ledger| ledger.attempts)).collect();
    let refused: Vec<usize> =
        (2..=5).map(|target| scene.said(&[&format!("target={target} "), "state=Refused"])).collect();
    let words = scene.said(&["this key is not ours"]) > 0;
    scene.isolated([0]);
    let measured = format!(
        "{attempts:?} attempts in 25 s (BadName, Denied, _error, hung up), told as refused {refused:?} times, in the \
         platform's words: {words}"
    );
    let good = attempts.iter().all(|attempts| *attempts <= 4) && refused.iter().all(|times| *times == 1) && words;
    scene.close(measured, good).await
}

pub(super) async fn f25(g: &Ground) -> Result<Outcome> {
    let mut scene = Scene::live(g).await?;
    scene.sinks[1].behave(Behaviour::ResetAfter(Duration::ZERO));
    pause(Duration::from_millis(100)).await;
    scene.sinks[1].behave(Behaviour::HangUp);
    pause(s(75)).await;
    let asked = asked(&scene);
    scene.isolated([0]);
    let words = format!("{asked} publishes in 75 s, of which at most 10 in 10 min come at the fast pace");
    scene.close(words, asked <= 12).await
}

pub(super) async fn f26_short(g: &Ground) -> Result<Outcome> {
    let mut scene = Scene::live(g).await?;
    scene.sinks[1].behave(Behaviour::CutAfter(s(2)));
    pause(s(75)).await;
    let asked = asked(&scene);
    scene.isolated([0]);
    let words = format!("closed 2 s after each publish: {asked} publishes in 75 s");
    scene.close(words, (3..=12).contains(&asked)).await
}

pub(super) async fn f26_long(g: &Ground) -> Result<Outcome> {
    let mut scene = Scene::live(g).await?;
    // It has been sending: this is no refusal.
    pause(s(15)).await;
    scene.sinks[1].behave(Behaviour::CutAfter(s(12)));
    let cut = now();
    pause(Duration::from_millis(200)).await;
    scene.sinks[1].behave(Behaviour::Well);
    let took = well_again(&scene, cut, SOON).await;
    scene.verdicts.recovery(took, 1_300_000);
    scene.isolated([0]);
    scene.close(format!("closed after 20 s: frames {}", told(took)), took.is_some_and(|took| took <= 1_000_000)).await
}

pub(super) async fn f27(g: &Ground) -> Result<Outcome> {
    let (near, deaf) = (g.sink()?, Sink::start_at(([127, 0, 0, 1], 0).into(), &g.clip, None, Some(16 << 10))?);
    let mut scene = Scene::of(g, vec![near, deaf]).await?;
    scene.publish(Options::of(1)).await?;
    scene.settle().await?;
    let began = now();
    scene.sinks[1].behave(Behaviour::Deaf);
    let anew = |ledger: &Ledger| ledger.attempts > 1;
    let tried = scene.sinks[1].until("a new attempt", s(40), anew).await.ok().map(|at| at.saturating_sub(began));
    let up = now();
    scene.sinks[1].behave(Behaviour::Well);
    let took = well_again(&scene, began, s(20)).await.and(Some(now() - up));
    scene.sinks[1].forget_delays();
    pause(s(3)).await;
    let late = scene.sinks[1].look(|ledger| ledger.delay(990));
    scene.isolated([0]);
    scene.verdicts.recovery(took, 2_000_000);
    let words = format!("a new attempt {} of the last byte read; then p99 {late} ms", told(tried));
    // Its buffers take some seconds of this rate before anything stands still.
    scene.close(words, tried.is_some_and(|tried| tried <= 16_000_000)).await
}

pub(super) async fn f28(g: &Ground) -> Result<Outcome> {
    let (mut scene, mut line) = far(g, |_| Ok(())).await?;
    let began = now();
    line.hole(true)?;
    // What a log or a second connection shows: the hole lets nothing through to be counted at the platform.
    let lost = comes(s(60), || scene.said(&["target=2", "failure=Some"]) > 0).await;
    let found = (lost && g.kind == Kind::Telecast).then(|| now() - began);
    pause(s(2)).await;
    let up = now();
    line.hole(false)?;
    let took = well_again(&scene, up, s(60)).await;
    scene.isolated([0]);
    scene.verdicts.recovery(took, 7_500_000);
    let words = match (found, g.kind) {
        (found, Kind::Telecast) => format!("found out {}; frames {} of the line's return", told(found), told(took)),
        _ => format!("the line was dead for 62 s; new frames {} of its return", told(took)),
    };
    scene.close(words, found.is_some_and(|found| found <= 15_000_000)).await
}

async fn narrow(g: &Ground, percent: u32) -> Result<Outcome> {
    // What lies in the kernel is little of a stream as wide as people send.
    let g = &Ground { clip: Clip::new(4_000)?, ..g.clone() };
    let (mut scene, mut line) = far(g, |line| line.delay(20)).await?;
    // What the clip comes to, with its headers and acknowledgements.
    let rate = g.clip.bytes(0..2_910) / 40;
    line.rate(rate as u32 * percent / 100)?;
    pause(s(15)).await;
    scene.sinks[1].forget_delays();
    let before = scene.sinks[1].ledger();
    let sent = scene.encoder().published();
    pause(s(25)).await;
    let after = scene.sinks[1].ledger();
    let (first, last) = (before.missing().0.bytes, after.missing().0.bytes);
    let all = scene.encoder().published().sent.bytes - sent.sent.bytes;
    let (slow, dropped) = (after.delay(990), (last - first) as f64 * 100.0 / all as f64);
    let connections = after.accepted;
    let torn = after.torn + after.unready;
    scene.isolated([0]);
    let words = format!("{dropped:.0} % dropped, {torn} torn pictures, p99 {slow} ms, {connections} connection(s)");
    line.rate(0)?;
    pause(s(8)).await;
    scene.close(words, torn == 0 && connections == 1 && slow <= 5_500).await
}

pub(super) async fn f29_50(g: &Ground) -> Result<Outcome> {
    narrow(g, 50).await
}

pub(super) async fn f29_90(g: &Ground) -> Result<Outcome> {
    narrow(g, 90).await
}

pub(super) async fn f30(g: &Ground) -> Result<Outcome> {
    let (mut scene, _line) = far(g, |line| {
        line.delay(75)?;
        line.loss(20)
    })
    .await?;
    scene.sinks[1].forget_delays();
    let held = if g.kind == Kind::Telecast { 600 } else { 60 };
    pause(s(held)).await;
    let far = scene.sinks[1].ledger();
    let (missing, _) = far.missing();
    scene.isolated([0]);
    let words = format!(
        "2 % loss at 150 ms for {held} s: {} connection(s), {} frames lost, p99 {} ms",
        far.accepted,
        missing.frames,
        far.delay(990)
    );
    scene.close(words, far.accepted == 1).await
}

/// A message of a type and a length, of bytes that mean nothing.
fn noise(kind: u8, length: u32) -> Vec<u8> {
    let mut bytes = vec![2, 0, 0, 0];
    bytes.extend(&length.to_be_bytes()[1..]);
    bytes.extend([kind, 0, 0, 0, 0]);
    bytes
}

fn control(kind: u8, value: &[u8]) -> Vec<u8> {
    [&noise(kind, value.len() as u32), value].concat()
}

pub(super) async fn f31(g: &Ground) -> Result<Outcome> {
    let ping = control(4, &[0, 6, 0, 0, 0, 9]);
    let garbage: Vec<u8> = (0..4_096_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let long = [noise(22, (16 << 20) - 1), vec![0; 4_096]].concat();
    let faults = [
        ("garbage", Behaviour::Say(garbage)),
        ("chunk size 1", Behaviour::ChunkSize(1)),
        ("chunk size 2^31-1", Behaviour::ChunkSize(0x7fff_ffff)),
        ("chunk size 0", Behaviour::ChunkSize(0)),
        ("16 MB message", Behaviour::Say(long)),
        ("ping flood", Behaviour::Flood(ping.repeat(200))),
        ("window 1", Behaviour::Say(control(5, &[0, 0, 0, 1]))),
    ];
    let mut sinks = vec![g.sink()?];
    for (_, behaviour) in &faults {
        let sink = g.sink()?;
        sink.behave(behaviour.clone());
        sinks.push(sink);
    }
    let mut scene = Scene::of(g, sinks).await?;
    scene.publish(Options::of(1)).await?;
    scene.settle().await?;
    pause(s(8)).await;
    let served: Vec<bool> = scene.sinks[1..]
        .iter()
        .map(|sink| sink.look(|ledger| ledger.accepted == 1 && ledger.received.frames > 200))
        .collect();
    let shown = |served: bool| if served { "served" } else { "cut off" };
    let seen: Vec<String> =
        faults.iter().zip(&served).map(|((name, _), served)| format!("{name} {}", shown(*served))).collect();
    // A flood is not read: from here on nobody says anything.
    scene.sinks[6].behave(Behaviour::Well);
    scene.isolated([0]);
    // What is legal is no reason to hang up; whom a flood of pings pleases is left open.
    let good = [served[1], served[2], served[6]] == [true; 3] && [served[0], served[3], served[4]] == [false; 3];
    scene.close(seen.join(", "), good).await
}

pub(super) async fn f32(g: &Ground) -> Result<Outcome> {
    let other = g.sink()?;
    let to = format!("rtmp://{}/live", other.address());
    let ask = reconnect_request(&to);
    let mut scene = Scene::live(g).await?;
    scene.sinks[1].behave(Behaviour::Say(ask));
    let moved = other.until("the push at its new address", SOON, |ledger| ledger.received.frames > 50).await.is_ok();
    scene.sinks[1].behave(Behaviour::Well);
    scene.isolated([0]);
    let words = if moved { "went to the new address" } else { "stayed where it was, unharmed" };
    scene.close(words.into(), moved).await
}

/// Enhanced RTMP v2, "Reconnect Request".
fn reconnect_request(to: &str) -> Vec<u8> {
    let text = |text: &str| [&(text.len() as u16).to_be_bytes()[..], text.as_bytes()].concat();
    let value = |value: &str| [&[2], &text(value)[..]].concat();
    let fields = [("level", "status"), ("code", "NetConnection.Connect.ReconnectRequest"), ("tcUrl", to)];
    let object: Vec<u8> = fields.iter().flat_map(|(key, said)| [text(key), value(said)].concat()).collect();
    let body = [&value("onStatus")[..], &[0; 9], &[5, 3], &object, &[0, 0, 9]].concat();
    // Type 3 between each 128 bytes.
    let mut out = noise(20, body.len() as u32);
    out[0] = 3;
    for (index, part) in body.chunks(128).enumerate() {
        if index > 0 {
            out.push(0xc3);
        }
        out.extend(part);
    }
    out
}

pub(super) async fn f33(g: &Ground) -> Result<Outcome> {
    let sinks = (0..40).map(|_| g.sink()).collect::<Result<Vec<_>>>()?;
    let mut scene = Scene::of(g, sinks).await?;
    scene.publish(Options::of(1)).await?;
    scene.settle().await?;
    let fall = now();
    for sink in &scene.sinks {
        sink.behave(Behaviour::ResetAfter(Duration::ZERO));
    }
    pause(Duration::from_millis(5)).await;
    for sink in &scene.sinks {
        sink.behave(Behaviour::Well);
    }
    let all = || {
        scene.sinks.iter().all(|sink| sink.look(|l| l.connections.iter().any(|c| c.began > fall && c.media.is_some())))
    };
    let back = comes(s(20), all).await.then(|| now() - fall);
    let mut times: Vec<u64> = scene
        .sinks
        .iter()
        .flat_map(|sink| {
            sink.look(|ledger| {
                ledger.connections.iter().map(|one| one.began).filter(|at| *at > fall).collect::<Vec<_>>()
            })
        })
        .collect();
    times.sort_unstable();
    let most = times.iter().map(|from| times.iter().filter(|at| (*from..from + 950_000).contains(*at)).count()).max();
    let blocked = scene.encoder().published().blocked;
    let words = format!(
        "all 40 fell; {} dials in the busiest second, all back {}, the encoder waited {} ms at most",
        most.unwrap_or(0),
        told(back),
        ms(blocked)
    );
    let good = most.is_some_and(|most| most <= 21) && back.is_some() && blocked <= 100_000;
    scene.close(words, good).await
}
