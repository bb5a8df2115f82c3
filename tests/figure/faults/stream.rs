//! F08 to F15: what is in an encoder's stream, or is not.

use super::encoder::{connections, told};
use super::said::{header, message};
use super::scene::{Ground, Outcome, SOON, Scene, comes, pause, s};
use crate::bed::Result;
use crate::bed::field::invariants::Resources;
use crate::bed::field::{AUDIO, Behaviour, Clip, DATA, Ledger, Options, Sink, VIDEO, now};
use std::time::Duration;

pub(super) async fn f08(g: &Ground) -> Result<Outcome> {
    let mut scene = Scene::live(g).await?;
    scene.encoder().keyframes(false).await;
    pause(s(14)).await;
    // By now no keyframe is held any more: one who comes waits for the next.
    scene.sinks[1].behave(Behaviour::Down);
    pause(s(3)).await;
    scene.sinks[1].behave(Behaviour::Well);
    pause(s(12)).await;
    let early = scene.sinks[1].look(|ledger| ledger.shows() && ledger.accepted > 1);
    let memory = Resources::of(scene.subject.proc.id()).rss_kib;
    let keyframe = now();
    scene.encoder().keyframes(true).await;
    let picture = |ledger: &Ledger| ledger.shows() && ledger.accepted > 1;
    let came = scene.sinks[1].until("a picture", SOON, picture).await.ok().map(|at| at.saturating_sub(keyframe));
    pause(s(1)).await;
    let unready = scene.sinks[1].look(|ledger| ledger.unready);
    scene.verdicts.recovery(came, 1_500_000);
    scene.isolated([0]);
    let measured = format!(
        "a target that came without a keyframe got {}, {unready} pictures too early; picture {} of keyframes; relay \
         {memory} KiB; the other target lost nothing",
        if early { "pictures" } else { "no picture" },
        told(came)
    );
    scene.close(measured, !early && unready == 0 && came.is_some()).await
}

pub(super) async fn f09(g: &Ground) -> Result<Outcome> {
    let mut scene = Scene::live(g).await?;
    let before = scene.sinks[0].look(|ledger| ledger.header(VIDEO).map(<[u8]>::to_vec)).unwrap_or_default();
    let mut other = before.clone();
    if let Some(level) = other.get_mut(8) {
        *level = 0x2a;
    }
    let time = scene.sinks[0].look(|ledger| ledger.time(VIDEO)).unwrap_or(0);
    scene.encoder().send(message(VIDEO, time + 500, &other)).await;
    let same = |ledger: &Ledger| ledger.header(VIDEO) == Some(&other[..]);
    let came = scene.sinks[0].until("the new header", SOON, same).await.is_ok();
    pause(s(2)).await;
    let in_place = connections(&scene);
    let mut late = false;
    scene.sinks[1].behave(Behaviour::Down);
    pause(Duration::from_millis(300)).await;
    scene.sinks[1].behave(Behaviour::Well);
    if scene.sinks[1].until("its return", SOON, |ledger| ledger.accepted > 1 && ledger.frames() > 0).await.is_ok() {
        pause(s(1)).await;
        late = scene.sinks[1].look(same);
    }
    let measured =
        format!("new header in order: {came}, over {in_place} connection; one who comes later begins with it: {late}");
    scene.isolated([0]);
    scene.close(measured, came && in_place == 1 && late).await
}

pub(super) async fn f09_codec(g: &Ground) -> Result<Outcome> {
    let mut scene = Scene::live(g).await?;
    let avc = header(&g.clip, VIDEO);
    // HEVC by its old number, with as much of a configuration as a relay looks at.
    let hevc = b"\x1c\0\0\0\0\x01\x01\x60\0".to_vec();
    let mut took = Vec::new();
    for (number, codec) in [(12, &hevc), (7, &avc)] {
        let (from, before) = (now(), connections(&scene));
        scene.encoder().codec(number, codec.clone()).await;
        let goes_on = |ledger: &Ledger| {
            ledger.header(VIDEO) == Some(&codec[..])
                && ledger.shows()
                && ledger.newest().is_some_and(|one| one.last > from + 1_500_000)
        };
        let came = scene.sinks[0].until("the other codec", SOON, goes_on).await.is_ok();
        took.push((came, connections(&scene) - before));
        pause(s(1)).await;
    }
    let unready = scene.sinks[0].look(|ledger| ledger.unready);
    let measured = format!(
        "to HEVC: goes on {}, over {} new connection; back to H.264: {}, {}; {unready} frames without their header",
        took[0].0, took[0].1, took[1].0, took[1].1
    );
    let good = took == [(true, 1), (true, 1)] && unready == 0;
    scene.verdicts.recovery(good.then_some(1_500_000), 3_000_000);
    scene.close(measured, good).await
}

/// An encoder of one track, the other one `later`, or never.
async fn track(g: &Ground, kind: u8, later: Option<Duration>) -> Result<(Scene, Option<u64>, bool)> {
    let mut scene = Scene::of(g, vec![g.sink()?, g.sink()?]).await?;
    let options = Options { headers: false, plays: false, ..Options::of(1) };
    let publisher = scene.publish(options).await?;
    let headers = message(DATA, 0, &header(&g.clip, DATA));
    publisher.send(headers).await;
    publisher.only(Some(kind)).await;
    publisher.send(message(kind, 0, &header(&g.clip, kind))).await;
    let began = now();
    scene.encoder().go_on().await;
    let came = scene.sinks[0].until("a track alone", SOON, |ledger| ledger.time(kind).is_some()).await.ok();
    let mut joined = later.is_none();
    if let Some(later) = later {
        pause(later).await;
        let other = if kind == AUDIO { VIDEO } else { AUDIO };
        let time = scene.sinks[0].look(|ledger| ledger.time(kind)).unwrap_or(0);
        scene.encoder().send(message(other, time, &header(&g.clip, other))).await;
        scene.encoder().only(None).await;
        let frames = scene.sinks[0].look(|ledger| ledger.received.frames);
        let both = |ledger: &Ledger| ledger.time(other).is_some() && ledger.received.frames > frames + 100;
        joined = scene.sinks[0].until("both tracks", SOON, both).await.is_ok();
    } else {
        pause(s(3)).await;
    }
    Ok((scene, came.map(|at| at.saturating_sub(began)), joined))
}

pub(super) async fn f10_sound(g: &Ground) -> Result<Outcome> {
    let (scene, took, _) = track(g, AUDIO, None).await?;
    scene.close(format!("sound alone {}", told(took)), took.is_some_and(|took| took <= 1_000_000)).await
}

pub(super) async fn f10_picture(g: &Ground) -> Result<Outcome> {
    let (scene, took, _) = track(g, VIDEO, None).await?;
    scene.close(format!("picture alone {}", told(took)), took.is_some_and(|took| took <= 1_000_000)).await
}

pub(super) async fn f10_late(g: &Ground) -> Result<Outcome> {
    let (scene, took, joined) = track(g, VIDEO, Some(s(10))).await?;
    let connections = connections(&scene);
    let words = format!("picture {}, sound joined after 10 s: {joined}, {connections} connection(s)", told(took));
    scene.close(words, took.is_some_and(|took| took <= 1_000_000) && joined).await
}

pub(super) async fn f11(g: &Ground) -> Result<Outcome> {
    let scene = Scene::live(g).await?;
    scene.encoder().only(Some(VIDEO)).await;
    pause(s(20)).await;
    scene.encoder().only(None).await;
    pause(s(3)).await;
    let ledger = scene.sinks[0].ledger();
    let filler = ledger.filler.frames;
    let held = scene.encoder().published().held;
    let lost = scene.lost().saturating_sub(held.frames);
    let words = format!(
        "20 s without sound: {} connection(s), {lost} frames lost, {filler} of filler, sound is back",
        ledger.accepted
    );
    scene.close(words, ledger.accepted == 1 && lost == 0 && filler == 0).await
}

pub(super) async fn f12(g: &Ground) -> Result<Outcome> {
    let mut scene = Scene::of(g, vec![g.sink()?, g.sink()?]).await?;
    let options = Options { headers: false, plays: false, ..Options::of(1) };
    let publisher = scene.publish(options).await?;
    let number = [0, 0x40, 0, 0, 0, 0, 0, 0, 0];
    let metadata = header(&g.clip, DATA);
    // Some cameras put two numbers in front; data that nobody knows; metadata once more.
    publisher.send(message(DATA, 0, &[&number[..], &number, &metadata].concat())).await;
    publisher.send(message(DATA, 0, b"\x02\0\x09onNothing\x05")).await;
    for kind in [VIDEO, AUDIO] {
        publisher.send(message(kind, 0, &header(&g.clip, kind))).await;
    }
    publisher.go_on().await;
    scene.settle().await?;
    scene.encoder().send(message(DATA, 9_000, &metadata)).await;
    pause(s(1)).await;
    let lost = scene.lost();
    let words = format!("publishes; {} frames, {lost} lost", scene.sinks[0].ledger().received.frames);
    scene.close(words, lost == 0).await
}

pub(super) async fn f13(g: &Ground) -> Result<Outcome> {
    let mut scene = Scene::of(g, vec![g.sink()?, g.sink()?]).await?;
    let began = now();
    scene.publish(Options { headers: false, plays: false, ..Options::of(1) }).await?;
    let closed = comes(s(40), || scene.encoder().published().ended.is_some()).await;
    let after = scene.encoder().published().ended.map(|(at, _)| at - began);
    let free = scene.publish(Options::of(2)).await.is_ok();
    let words = format!("closed {}, the next encoder is let in: {free}", told(after.filter(|_| closed)));
    scene.settle().await?;
    scene.close(words, after.is_some_and(|after| (15_000_000..=25_000_000).contains(&after)) && free).await
}

pub(super) async fn f14(g: &Ground) -> Result<Outcome> {
    // Keyframes of about 4 MB in 25 Mbit/s, then three times the rate.
    let clip = Clip::shaped(33_000, 150)?;
    let mut scene = Scene::of(
        &Ground { clip: std::sync::Arc::clone(&clip), ..g.clone() },
        vec![Sink::start(&clip)?, Sink::start(&clip)?],
    )
    .await?;
    scene.publish_as(&clip, Options::of(1)).await?;
    let came = scene.sinks[0].until("great keyframes", SOON, |ledger| ledger.received.frames > 150).await.is_ok();
    let early = scene.sinks[0].look(|ledger| ledger.missing().0.frames);
    scene.encoder().pace(3.0).await;
    pause(s(5)).await;
    scene.encoder().pace(1.0).await;
    pause(s(2)).await;
    let keyframe = clip.bytes(0..1) >> 10;
    let ledger = scene.sinks[0].ledger();
    let lost = ledger.missing().0.frames - early;
    let memory = Resources::of(scene.subject.proc.id()).rss_kib;
    let words = format!(
        "keyframes of {keyframe} KiB: {} frames, {lost} lost, p99 {} ms, relay {memory} KiB",
        ledger.received.frames,
        ledger.delay(990)
    );
    scene.close(words, came && lost == 0).await
}

pub(super) async fn f15(g: &Ground) -> Result<Outcome> {
    let mut scene = Scene::of(g, vec![g.sink()?, g.sink()?]).await?;
    scene.publish(Options { chunk: 128, ..Options::of(1) }).await?.interleave().await;
    scene.settle().await?;
    let ledger = scene.sinks[0].ledger();
    pause(s(3)).await;
    let lost = scene.lost();
    let words = format!("{} frames equal, {lost} lost, {} changed", ledger.received.frames, ledger.strange);
    scene.close(words, lost == 0 && ledger.strange == 0).await
}
