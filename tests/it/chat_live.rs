//! Shows by chat, with a real picture on its way to platforms on this machine.

use crate::scene::{MINGS, OLIVIAS, SOON, Scene};
use std::time::{Duration, Instant};
use telecast::demo::bot_api::{Fault, MING, OLIVIA, Rights, Role, SAM, Trouble, WEEKEND_SHOW};
use telecast::demo::encoder::{Encoder, State};
use telecast::demo::platform::{Mood, Platform};
use telecast::domain::id::{ChatId, UserId};
use telecast::domain::rtmp_url::PushPoint;
use telecast::domain::secret::StreamKey;
use telecast::domain::status::PushFailure;

/// A platform that `user` has added in their private chat, for whatever studio was asked.
pub(crate) async fn add(scene: &Scene, user: UserId, chat: ChatId, save: &str) -> Platform {
    let alpha = Platform::alpha_tv(None).await.unwrap();
    scene.phone.say(user, chat, &format!("{}\n{}", alpha.server(), alpha.key())).unwrap();
    scene.phone.wait_for_button(chat, save, SOON).await.unwrap();
    scene.taps(user, chat, save);
    alpha
}

/// Until the platform has had so many more frames.
pub(crate) async fn flows(platform: &Platform, frames: u64) -> u64 {
    let seen = |received: &telecast::demo::platform::Received| received.live().map_or(0, |live| live.video_frames);
    let before = seen(&platform.received());
    let enough = |received: &telecast::demo::platform::Received| Some(seen(received)).filter(|n| *n >= before + frames);
    platform.wait("a picture that flows", SOON, enough).await.unwrap()
}

#[tokio::test]
async fn a_message_to_forward_says_live_only_while_there_is_something_to_watch() {
    let scene = Scene::owned().await;
    let alpha = add(&scene, OLIVIA, OLIVIAS, "Save").await;
    scene.hears(OLIVIAS, 0, "is saved.").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Watch link", "Where do people watch").await;
    scene.asks(OLIVIA, OLIVIAS, "https://example.invalid/watch", "People watch").await;
    let says_live = async |live: bool| {
        let links = scene.asks(OLIVIA, OLIVIAS, "/links", "Watch here:").await;
        assert_eq!(links.text().contains("Live now."), live, "{}", links.text());
        assert!(links.text().contains("https://example.invalid/watch"), "{}", links.text());
    };
    says_live(false).await;
    scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    let point = scene.told(OLIVIAS);
    scene.asks(OLIVIA, OLIVIAS, "/golive", "Waiting for your camera or OBS").await;
    says_live(false).await;
    let encoder = Encoder::new().unwrap();
    encoder.start(point);
    flows(&alpha, 30).await;
    says_live(true).await;
    encoder.close().await;
    scene.asks(OLIVIA, OLIVIAS, "/stoplive now", "The show is over.").await;
    says_live(false).await;
    scene.end().await;
}

#[tokio::test]
async fn golive_answers_at_once_waits_for_the_encoder_and_one_message_tells_how_it_goes() {
    let scene = Scene::owned().await;
    let alpha = add(&scene, OLIVIA, OLIVIAS, "Save").await;
    scene.hears(OLIVIAS, 0, "is saved.").await;
    scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    let point = scene.told(OLIVIAS);

    let asked = Instant::now();
    let panel = scene.asks(OLIVIA, OLIVIAS, "/golive", "Waiting for your camera or OBS").await;
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    let encoder = Encoder::new().unwrap();
    encoder.start(point);
    flows(&alpha, 30).await;
    let live = scene.hears(OLIVIAS, 0, "Live for").await;
    assert_eq!(live.id, panel.id, "the panel is edited, not sent anew");
    assert!(live.text().contains("640×360 · ") && live.text().contains("H.264 · AAC"), "{}", live.text());

    // Stopping asks once, and can be thought better of.
    scene.asks(OLIVIA, OLIVIAS, "/stoplive", "End the show on 1 platform").await;
    let toast = scene.taps_for_toast(OLIVIA, OLIVIAS, "Keep it live").await;
    assert_eq!(toast.text, "It stays live");
    flows(&alpha, 10).await;
    let report = scene.asks(OLIVIA, OLIVIAS, "/stoplive now", "The show is over. It was live for").await;
    assert!(report.text().contains('✅'), "{}", report.text());
    let ended = alpha.wait("a goodbye", SOON, |received| received.connections.last()?.ended.map(|_| received.clone()));
    assert!(ended.await.unwrap().connections[0].ended_in_order);
    scene.hears(OLIVIAS, 0, "Not live").await;
    encoder.close().await;
    scene.end().await;
}

#[tokio::test]
async fn the_first_picture_is_announced_with_a_button_and_a_cut_key_is_told_to_its_owner() {
    let scene = Scene::owned().await;
    let alpha = add(&scene, OLIVIA, OLIVIAS, "Save").await;
    scene.hears(OLIVIAS, 0, "is saved.").await;
    scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    let point = scene.told(OLIVIAS);
    let cut = StreamKey::parse(&point.key.expose()[..28]).unwrap();
    let encoder = Encoder::new().unwrap();
    encoder.start(PushPoint { key: cut, ..point.clone() });
    scene.hears(OLIVIAS, 0, "is trying an old or incomplete key of yours").await;
    let mut state = encoder.state();
    state.wait_for(|state| matches!(state, State::Failed(_))).await.unwrap();

    encoder.stop();
    encoder.start(point);
    let seen = scene.hears(OLIVIAS, 0, "Your picture is here.").await;
    assert!(seen.text().contains("640×360") && seen.text().contains("Nobody sees it yet."), "{}", seen.text());
    scene.phone.tap(OLIVIA, OLIVIAS, seen.id, "Go live").unwrap();
    flows(&alpha, 30).await;
    scene.asks(OLIVIA, OLIVIAS, "/stoplive now", "The show is over.").await;
    encoder.close().await;
    scene.end().await;
}

#[tokio::test]
async fn two_encoders_that_fight_over_a_key_are_parted_and_its_owner_is_told_once() {
    let scene = Scene::owned().await;
    scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    let point = scene.told(OLIVIAS);
    // Each comes back by itself a second after it was cut off.
    let (one, other) = (Encoder::new().unwrap(), Encoder::new().unwrap());
    let (mut ones, mut others) = (one.state(), other.state());
    let sends = |state: &State| matches!(state, State::Sending { .. });
    one.start(point.clone());
    ones.wait_for(sends).await.unwrap();
    other.start(point);
    scene.hears(OLIVIAS, 0, "Two cameras or OBS are fighting over your stream.").await;
    let refused = |state: &State| {
        let State::Failed(PushFailure::Refused { words }) = state else { return false };
        words.contains("Another encoder is live with this stream key.")
    };
    let loser = async {
        tokio::select! {
            _ = ones.wait_for(refused) => true,
            _ = others.wait_for(refused) => false,
        }
    };
    let first_lost = tokio::time::timeout(SOON, loser).await.expect("one of them is told no");
    // More attempts than one are refused in the meantime, and nobody is told of them.
    let (winner, out, mut state) = if first_lost { (&other, &one, ones) } else { (&one, &other, others) };
    for _ in 0..2 {
        state.wait_for(|state| *state == State::Connecting).await.unwrap();
        state.wait_for(refused).await.unwrap();
    }
    winner.stop();
    let let_in = tokio::time::timeout(SOON, state.wait_for(sends)).await;
    assert!(let_in.is_ok_and(|state| state.is_ok()), "whoever was refused gets in when the other has stopped");
    let told = scene.phone.messages(OLIVIAS).iter().filter(|m| m.text().contains("are fighting over")).count();
    assert_eq!(told, 1);
    out.close().await;
    winner.close().await;
    scene.end().await;
}

#[tokio::test]
async fn a_show_goes_on_while_telegram_is_away_and_over_a_restart() {
    let mut scene = Scene::owned().await;
    scene.expect_refusals();
    let alpha = add(&scene, OLIVIA, OLIVIAS, "Save").await;
    scene.hears(OLIVIAS, 0, "is saved.").await;
    scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    let encoder = Encoder::new().unwrap();
    encoder.start(scene.told(OLIVIAS));
    scene.hears(OLIVIAS, 0, "Your picture is here.").await;
    scene.asks(OLIVIA, OLIVIAS, "/golive", "Live for").await;
    flows(&alpha, 30).await;

    scene.phone.inject(Fault::new(Trouble::BadGateway).always());
    flows(&alpha, 60).await;
    scene.phone.clear_faults();
    scene.asks(OLIVIA, OLIVIAS, "/links", "No watch link is known.").await;

    scene.stop().await;
    scene.start().await;
    let back = alpha.wait("the picture after the restart", SOON, |received| {
        received.live().filter(|live| live.number == 2 && live.video_frames > 30 && live.begins_well()).map(drop)
    });
    back.await.unwrap();
    let first = &alpha.received().connections[0];
    assert!(first.ended.is_some() && !first.ended_in_order, "a restart says no goodbye");
    scene.asks(OLIVIA, OLIVIAS, "/status", "Live for").await;
    scene.asks(OLIVIA, OLIVIAS, "/stoplive now", "The show is over.").await;
    encoder.close().await;
    scene.end().await;
}

#[tokio::test]
async fn a_show_that_was_live_however_short_and_before_whatever_restart_is_not_called_never_live() {
    let mut scene = Scene::owned().await;
    let alpha = add(&scene, OLIVIA, OLIVIAS, "Save").await;
    scene.hears(OLIVIAS, 0, "is saved.").await;
    scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    let encoder = Encoder::new().unwrap();
    encoder.start(scene.told(OLIVIAS));
    scene.hears(OLIVIAS, 0, "Your picture is here.").await;
    scene.phone.say(OLIVIA, OLIVIAS, "/golive").unwrap();
    flows(&alpha, 1).await;
    let report = scene.asks(OLIVIA, OLIVIAS, "/stoplive now", "The show is over. It was live for").await;
    assert!(report.text().contains('✅'), "{}", report.text());

    let sent = scene.phone.say(OLIVIA, OLIVIAS, "/golive").unwrap();
    scene.hears(OLIVIAS, sent, "Live for").await;
    flows(&alpha, 30).await;
    drop(encoder);
    scene.stop().await;
    scene.phone.advance(Duration::from_secs(60));
    scene.start().await;
    let sent = scene.phone.say(OLIVIA, OLIVIAS, "/status").unwrap();
    scene.hears(OLIVIAS, sent, "I was restarted and am waiting for your camera or OBS").await;
    let sent = scene.phone.say(OLIVIA, OLIVIAS, "/stoplive now").unwrap();
    let report = scene.hears(OLIVIAS, sent, "The show is over. It was live for").await;
    assert!(!report.text().contains("never got through"), "nothing is known of that: {}", report.text());
    scene.end().await;
}

#[tokio::test]
async fn a_groups_troubles_are_silent_there_and_ring_where_the_show_was_started() {
    let scene = Scene::with_group().await;
    scene.asks(OLIVIA, WEEKEND_SHOW, "/addtarget", "add the platform in private").await;
    let opened = scene.goes_private(OLIVIA, WEEKEND_SHOW).await;
    scene.hears(OLIVIAS, opened, "A new platform for “周末直播 Weekend Show”").await;
    let alpha = add(&scene, OLIVIA, OLIVIAS, "Save").await;
    scene.hears(OLIVIAS, 0, "is saved.").await;
    scene.asks(OLIVIA, WEEKEND_SHOW, "/ingest", "give you server and key in private").await;
    let opened = scene.goes_private(OLIVIA, WEEKEND_SHOW).await;
    scene.hears(OLIVIAS, opened, "Stream Key:").await;
    let encoder = Encoder::new().unwrap();
    encoder.start(scene.told(OLIVIAS));
    scene.hears(OLIVIAS, 0, "Your picture is here in “周末直播 Weekend Show”.").await;
    alpha.set_mood(Mood::Refusing);
    scene.asks(OLIVIA, WEEKEND_SHOW, "/golive", "Live for").await;

    let aloud = scene.hears(OLIVIAS, 0, "refuses the stream key in “周末直播 Weekend Show”.").await;
    assert!(!aloud.silent && aloud.text().contains("the stream key is not valid"), "{}", aloud.text());
    let quiet = scene.hears(WEEKEND_SHOW, 0, "refuses the stream key.").await;
    assert!(quiet.silent, "{}", quiet.text());
    // Members look and cannot stop it; admins who hide can.
    scene.asks(SAM, WEEKEND_SHOW, "/status", "refused").await;
    let toast = scene.taps_for_toast(SAM, WEEKEND_SHOW, "Stop").await;
    assert!(toast.text.starts_with("Only admins of this group"), "{toast:?}");

    alpha.set_mood(Mood::Well);
    scene.taps(OLIVIA, OLIVIAS, "Retry");
    flows(&alpha, 30).await;
    scene.phone.set_anonymous(WEEKEND_SHOW, MING, true);
    let said = scene.phone.say_anonymously(MING, WEEKEND_SHOW, "/stoplive now").unwrap();
    scene.hears(WEEKEND_SHOW, said, "The show is over.").await;
    encoder.close().await;
    scene.end().await;
}

#[tokio::test]
async fn who_is_no_admin_any_more_is_cut_off_and_their_key_opens_nothing() {
    let scene = Scene::with_group().await;
    scene.phone.set_bot_role(OLIVIA, WEEKEND_SHOW, Role::Admin(Rights::ALL));
    scene.phone.set_role(OLIVIA, WEEKEND_SHOW, SAM, Role::Admin(Rights::default()));
    scene.asks(MING, WEEKEND_SHOW, "/ingest", "give you server and key in private").await;
    let opened = scene.goes_private(OLIVIA, WEEKEND_SHOW).await;
    scene.hears(OLIVIAS, opened, "Stream Key:").await;
    let encoder = Encoder::new().unwrap();
    encoder.start(scene.told(OLIVIAS));
    scene.hears(OLIVIAS, 0, "Your picture is here in “周末直播 Weekend Show”.").await;

    let mut state = encoder.state();
    scene.phone.set_role(MING, WEEKEND_SHOW, OLIVIA, Role::Member);
    tokio::time::timeout(SOON, state.wait_for(|state| matches!(state, State::Failed(_)))).await.unwrap().unwrap();
    scene.asks(OLIVIA, WEEKEND_SHOW, "/ingest", "Only admins of this group can do that.").await;
    assert!(!matches!(&*state.borrow(), State::Sending { .. }), "{:?}", state.borrow());
    encoder.close().await;
    assert!(scene.phone.messages(MINGS).is_empty());
    scene.end().await;
}

#[tokio::test]
async fn what_is_over_when_telegram_is_back_is_told_once_as_over_and_without_a_sound() {
    let scene = Scene::owned().await;
    let alpha = add(&scene, OLIVIA, OLIVIAS, "Save").await;
    scene.hears(OLIVIAS, 0, "is saved.").await;
    scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    let (encoder, point) = (Encoder::new().unwrap(), scene.told(OLIVIAS));
    encoder.start(point.clone());
    scene.hears(OLIVIAS, 0, "Your picture is here.").await;
    let panel = scene.asks(OLIVIA, OLIVIAS, "/golive", "Live for").await;
    flows(&alpha, 30).await;

    // A stop that was meant is told at once, and twice so, while nobody can be told.
    scene.phone.set_reachable(false);
    for _ in 0..2 {
        let mut state = encoder.state();
        encoder.stop();
        state.wait_for(|state| *state == State::Off).await.unwrap();
        tokio::time::sleep(Duration::from_secs(2)).await;
        encoder.start(point.clone());
        flows(&alpha, 60).await;
    }
    scene.phone.set_reachable(true);
    let told = scene.hears(OLIVIAS, panel.id, "Your picture is back").await;
    assert!(told.silent && told.edited.is_none(), "{}", told.text());
    scene.asks(OLIVIA, OLIVIAS, "/links", "No watch link is known.").await;
    let news: Vec<_> = scene.phone.messages(OLIVIAS).into_iter().filter(|m| m.by_bot && m.id > panel.id).collect();
    assert_eq!(news.len(), 3, "twice over, and the answer:\n{}", scene.phone.transcript(OLIVIAS));
    scene.asks(OLIVIA, OLIVIAS, "/stoplive now", "The show is over.").await;
    encoder.close().await;
    scene.end().await;
}
