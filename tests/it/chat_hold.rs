//! Shows whose picture goes away: who is asked what, and what their answers do.

use crate::chat_live::{add, flows};
use crate::scene::{OLIVIAS, SOON, Scene};
use std::time::{Duration, SystemTime};
use telecast::demo::bot_api::{Action, MING, Message, OLIVIA, Phone, SAM, Tapped, Toast, WEEKEND_SHOW};
use telecast::demo::encoder::Encoder;
use telecast::demo::platform::{Mood, Platform};
use telecast::domain::id::ChatId;
use telecast::domain::rtmp_url::PushPoint;

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// Olivia's own show with one platform, before the encoder is started; and what to give to that.
async fn prepared(scene: &Scene) -> (Platform, PushPoint) {
    let alpha = add(scene, OLIVIA, OLIVIAS, "Save").await;
    scene.hears(OLIVIAS, 0, "is saved.").await;
    scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    (alpha, scene.told(OLIVIAS))
}

/// An encoder whose picture goes out.
async fn live(scene: &Scene, chat: ChatId, alpha: &Platform, point: &PushPoint) -> Encoder {
    let encoder = Encoder::new().unwrap();
    encoder.start(point.clone());
    scene.hears(OLIVIAS, 0, "Your picture is here").await;
    scene.asks(OLIVIA, chat, "/golive", "Live for").await;
    flows(alpha, 30).await;
    encoder
}

/// What a button of a message was, tapped long after the message has lost it.
async fn taps_late(scene: &Scene, message: &Message, label: &str) -> Toast {
    let button = message.keyboard.iter().flatten().find(|button| button.label.contains(label)).unwrap();
    let Action::Data(data) = &button.action else { panic!("{button:?}") };
    let query = scene.phone.forge_tap(OLIVIA, OLIVIAS, message.id, data).unwrap();
    scene.phone.wait_for_toast(&Tapped::Asked(query), SOON).await.unwrap()
}

#[tokio::test]
async fn after_a_stop_of_the_encoder_one_is_kept_on_air_or_ends_at_once() {
    let mut scene = Scene::owned().await;
    let (alpha, point) = prepared(&scene).await;
    scene.set_hold(OLIVIAS, seconds(68)).await;
    let encoder = live(&scene, OLIVIAS, &alpha, &point).await;

    encoder.stop();
    let held = scene.hears(OLIVIAS, 0, "Your camera or OBS was stopped.").await;
    assert!(!held.silent && held.text().contains("for 1 min, then the show ends."), "{}", held.text());
    let toast = scene.taps_for_toast(OLIVIA, OLIVIAS, "Keep me on air").await;
    assert_eq!(toast.text, "I keep you on air");
    let kept = scene.hears(OLIVIAS, 0, "I keep you on air for another 1 min 8 s.").await;
    assert_eq!((kept.id, kept.labels()), (held.id, vec!["⏹ End now"]));

    // A minute before the end there is one message about it, the one that asks.
    let asked = scene.hears(OLIVIAS, kept.id, "Your picture is still gone: in one minute the show is paused.").await;
    assert!(!asked.silent, "{}", asked.text());
    assert_eq!(asked.labels(), ["Keep me on air", "⏹ End now"]);
    scene.until("the older message to go", |phone| phone.deletions(OLIVIAS).contains(&kept.id)).await;
    encoder.start(point);
    let back = scene.hears(OLIVIAS, 0, "Your picture is back after").await;
    assert_eq!((back.id, back.labels().len()), (asked.id, 0));
    flows(&alpha, 30).await;
    assert_eq!(alpha.received().connections.len(), 1, "the platform never lost its connection");

    // The buttons of then do no harm to the show of now.
    assert_eq!(taps_late(&scene, &asked, "Keep me on air").await.text, "Your picture is back already");
    taps_late(&scene, &asked, "End now").await;
    scene.hears(OLIVIAS, 0, "End the show on 1 platform").await;
    scene.taps(OLIVIA, OLIVIAS, "Keep it live");
    flows(&alpha, 10).await;

    encoder.stop();
    let held = scene.hears(OLIVIAS, asked.id, "Your camera or OBS was stopped.").await;
    // Another hold time makes no pause of the end that was told of.
    scene.asks(OLIVIA, OLIVIAS, "/settings", "I keep you on air for 1 min 8 s").await;
    scene.taps(OLIVIA, OLIVIAS, "30 min");
    let told = |phone: &Phone| phone.message(OLIVIAS, held.id).unwrap().text().to_owned();
    scene.until("what is left", |phone| !told(phone).contains("for 1 min")).await;
    let now = told(&scene.phone);
    assert!(now.contains("was stopped") && now.contains(" s, then the show ends."), "{now}");
    scene.taps(OLIVIA, OLIVIAS, "End now");
    let over = scene.hears(OLIVIAS, 0, "The show is over.").await;
    assert_eq!(over.id, held.id);
    let ended = alpha.wait("a goodbye", SOON, |received| received.connections.last()?.ended.map(|_| received.clone()));
    assert!(ended.await.unwrap().connections[0].ended_in_order);
    assert_eq!(taps_late(&scene, &held, "Keep me on air").await.text, "There is no show right now");
    encoder.close().await;
    scene.end().await;
}

#[tokio::test]
async fn a_hold_time_set_while_held_counts_at_once_and_off_lets_the_platforms_go() {
    let scene = Scene::owned().await;
    let (alpha, point) = prepared(&scene).await;
    let settings = scene.asks(OLIVIA, OLIVIAS, "/settings", "I keep you on air for 10 min").await;
    let choices = [
        "Off",
        "1 min",
        "5 min",
        "✅ 10 min",
        "20 min",
        "30 min",
        "1 h",
        "2 h",
        "🗓 Weekly show",
        "📌 Pin the panel",
        "🎞 Recordings",
    ];
    assert_eq!(settings.labels(), choices);
    scene.taps(OLIVIA, OLIVIAS, "2 h");
    let turned = scene.hears(OLIVIAS, 0, "I keep you on air for 2 h").await;
    assert_eq!((turned.id, turned.labels()[7]), (settings.id, "✅ 2 h"));
    let encoder = live(&scene, OLIVIAS, &alpha, &point).await;

    drop(encoder);
    let held = scene.hears(OLIVIAS, 0, "Your picture is gone.").await;
    assert!(held.text().contains("for 2 h and go on"), "{}", held.text());
    scene.asks(OLIVIA, OLIVIAS, "/settings", "I keep you on air for 2 h").await;
    scene.taps(OLIVIA, OLIVIAS, "30 min");
    // Since the picture went, a little more than 10 s have passed.
    let told = scene.hears(OLIVIAS, 0, "I keep you on air for another 29 min").await;
    assert_eq!((told.id, told.labels()), (held.id, vec!["⏹ End now", "Keep me on air"]));
    scene.taps(OLIVIA, OLIVIAS, "Off");
    scene.hears(OLIVIAS, 0, "I let the platforms go at once").await;
    let paused = scene.hears(OLIVIAS, held.id, "The show is paused").await;
    let encoder = Encoder::new().unwrap();
    encoder.start(point);
    let back = scene.hears(OLIVIAS, 0, "Your picture is back after").await;
    assert_eq!(back.id, paused.id);
    flows(&alpha, 30).await;
    encoder.close().await;
    scene.asks(OLIVIA, OLIVIAS, "/stoplive now", "The show is over.").await;
    scene.end().await;
}

#[tokio::test]
async fn before_a_groups_hold_ends_its_starter_is_asked_aloud_and_any_admin_may_answer() {
    let mut scene = Scene::with_group().await;
    scene.asks(OLIVIA, WEEKEND_SHOW, "/addtarget", "add the platform in private").await;
    let opened = scene.goes_private(OLIVIA, WEEKEND_SHOW).await;
    scene.hears(OLIVIAS, opened, "A new platform for “周末直播 Weekend Show”").await;
    let alpha = add(&scene, OLIVIA, OLIVIAS, "Save").await;
    scene.hears(OLIVIAS, 0, "is saved.").await;
    scene.asks(OLIVIA, WEEKEND_SHOW, "/ingest", "give you server and key in private").await;
    let opened = scene.goes_private(OLIVIA, WEEKEND_SHOW).await;
    scene.hears(OLIVIAS, opened, "Stream Key:").await;
    let point = scene.told(OLIVIAS);
    scene.set_hold(WEEKEND_SHOW, seconds(68)).await;
    let encoder = live(&scene, WEEKEND_SHOW, &alpha, &point).await;

    drop(encoder);
    let ask = "Your picture is still gone in “周末直播 Weekend Show”: in one minute the show is paused.";
    let aloud = scene.hears(OLIVIAS, 0, ask).await;
    let quiet = scene.hears(WEEKEND_SHOW, 0, "Your picture is still gone: in one minute").await;
    assert!(!aloud.silent && quiet.silent);
    let toast = scene.taps_for_toast(SAM, WEEKEND_SHOW, "Keep me on air").await;
    assert!(toast.alert && toast.text.starts_with("Only admins of this group"), "{toast:?}");
    let toast = scene.taps_for_toast(MING, WEEKEND_SHOW, "Keep me on air").await;
    assert_eq!((toast.text.as_str(), toast.alert), ("继续保持", false));
    // Whoever was asked reads that it is answered.
    let kept = scene.hears(WEEKEND_SHOW, 0, "I keep you on air for another 1 min 8 s.").await;
    assert_eq!(kept.id, quiet.id);
    let kept = scene.hears(OLIVIAS, 0, "I keep you on air for another 1 min 8 s in “周末直播 Weekend Show”.").await;
    assert_eq!(kept.id, aloud.id);

    let encoder = Encoder::new().unwrap();
    encoder.start(point);
    scene.hears(OLIVIAS, 0, "Your picture is back after").await;
    flows(&alpha, 30).await;
    assert_eq!(alpha.received().connections.len(), 1, "the platform never lost its connection");
    scene.asks(OLIVIA, WEEKEND_SHOW, "/stoplive now", "The show is over.").await;
    encoder.close().await;
    scene.end().await;
}

#[tokio::test]
async fn a_paused_show_says_where_a_new_video_may_begin_goes_on_with_the_picture_and_can_be_ended() {
    let mut scene = Scene::owned().await;
    let (alpha, point) = prepared(&scene).await;
    scene.set_hold(OLIVIAS, seconds(1)).await;
    let encoder = live(&scene, OLIVIAS, &alpha, &point).await;

    drop(encoder);
    let paused = scene.hears(OLIVIAS, 0, "The show is paused: there is no picture.").await;
    assert!(!paused.silent && paused.text().contains("is back within 30 min"), "{}", paused.text());
    assert!(paused.text().contains("A new video may begin on: "), "{}", paused.text());
    let encoder = Encoder::new().unwrap();
    encoder.start(point);
    let back = scene.hears(OLIVIAS, 0, "Your picture is back after").await;
    assert_eq!(back.id, paused.id);
    flows(&alpha, 30).await;
    let connections = alpha.received().connections;
    assert!(connections.len() == 2 && !connections[0].ended_in_order, "a pause says no goodbye");

    drop(encoder);
    let paused = scene.hears(OLIVIAS, paused.id, "The show is paused").await;
    scene.taps(OLIVIA, OLIVIAS, "End now");
    let over = scene.hears(OLIVIAS, 0, "The show is over.").await;
    assert_eq!(over.id, paused.id);
    scene.hears(OLIVIAS, 0, "Not live").await;
    scene.end().await;
}

#[tokio::test]
async fn a_platform_that_refuses_is_tried_with_the_picture_if_somebody_wants_that_while_the_show_is_paused() {
    let mut scene = Scene::owned().await;
    let (alpha, point) = prepared(&scene).await;
    scene.set_hold(OLIVIAS, seconds(1)).await;
    alpha.set_mood(Mood::Refusing);
    let encoder = Encoder::new().unwrap();
    encoder.start(point.clone());
    scene.hears(OLIVIAS, 0, "Your picture is here").await;
    let told = scene.asks(OLIVIA, OLIVIAS, "/golive", "refuses the stream key").await;
    assert!(!told.text().contains("other platforms"), "there are none: {}", told.text());
    drop(encoder);
    scene.hears(OLIVIAS, 0, "The show is paused").await;
    alpha.set_mood(Mood::Well);
    let toast = scene.taps_for_toast(OLIVIA, OLIVIAS, "Retry").await;
    assert_eq!(toast.text, "I try 127.0.0.1 as soon as your picture comes");
    let encoder = Encoder::new().unwrap();
    encoder.start(point);
    flows(&alpha, 30).await;
    scene.asks(OLIVIA, OLIVIAS, "/stoplive now", "The show is over.").await;
    encoder.close().await;
    scene.end().await;
}

#[tokio::test]
async fn where_nobody_is_to_be_kept_on_air_a_stop_is_only_told_as_the_end() {
    let mut scene = Scene::owned().await;
    let (alpha, point) = prepared(&scene).await;
    scene.set_hold(OLIVIAS, seconds(0)).await;
    let encoder = live(&scene, OLIVIAS, &alpha, &point).await;
    encoder.close().await;
    let over = scene.hears(OLIVIAS, 0, "The show is over.").await;
    assert!(over.text().contains("Your camera or OBS was stopped."), "{}", over.text());
    scene.hears(OLIVIAS, 0, "Not live").await;
    let kept = scene.phone.messages(OLIVIAS).iter().any(|message| message.text().contains("I keep you on air"));
    assert!(!kept);
    scene.end().await;
}

#[tokio::test]
async fn a_show_that_stood_still_over_a_restart_goes_on_by_a_word() {
    let mut scene = Scene::owned().await;
    let (alpha, point) = prepared(&scene).await;
    let encoder = live(&scene, OLIVIAS, &alpha, &point).await;
    drop(encoder);
    scene
        .restarts_with(async |store| {
            let studio = store.studio_of(OLIVIAS).unwrap().id;
            let mut record = store.broadcast(studio).unwrap();
            let ago = |hours| Some(SystemTime::now() - hours * seconds(3600));
            (record.live_since, record.last_media) = (ago(3), ago(2));
            store.set_broadcast(studio, Some(record)).await.unwrap();
        })
        .await;
    let asked = scene.hears(OLIVIAS, 0, "your show has stood still for 2 h").await;
    assert_eq!(asked.labels(), ["▶️ Go on", "⏹ End now"]);

    scene.asks(OLIVIA, OLIVIAS, "Go on!", "I was restarted and am waiting for your camera or OBS").await;
    let encoder = Encoder::new().unwrap();
    encoder.start(point);
    flows(&alpha, 30).await;
    assert_eq!(alpha.received().connections.len(), 2);
    // With nothing to go on with, it is what keeps the platforms.
    scene.asks(OLIVIA, OLIVIAS, "continue", "Your picture is back already.").await;
    scene.asks(OLIVIA, OLIVIAS, "/stoplive now", "The show is over.").await;
    encoder.close().await;
    scene.end().await;
}
