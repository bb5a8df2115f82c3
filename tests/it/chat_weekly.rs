//! The weekly time of a show: two hours before, whoever can give what is missing is asked for it.

use crate::scene::{OLIVIAS, SOON, Scene};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use telecast::demo::bot_api::{MING, OLIVIA, SAM, WEEKEND_SHOW};
use telecast::domain::rtmp_url::{PushPoint, ServerUrl};
use telecast::domain::secret::StreamKey;
use telecast::domain::target::TargetName;
use telecast::store::{KeySource, Keyring, NewTarget, Store};

/// A quarter of an hour that begins within the next hour, by the clock of UTC: its day from Monday, and its minute.
fn soon() -> (usize, u64) {
    let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + 45 * 60;
    // 1970 began on a Thursday.
    (usize::try_from((at / 86_400 + 3) % 7).unwrap(), at % 86_400 / 900 * 15)
}

fn facebook() -> PushPoint {
    let server = ServerUrl::parse("rtmps://live-api-s.facebook.com:443/rtmp/").unwrap();
    PushPoint { server, key: StreamKey::parse("FB-123456789012345-0-AbCdEfGhIjKlMnOp").unwrap() }
}

#[tokio::test]
async fn a_key_that_had_its_show_is_asked_of_its_owner_once_and_the_group_reads_that() {
    let mut scene = Scene::with_group().await;
    scene.stop().await;
    let open = |scene: &Scene| {
        let data = scene.data.path();
        Store::open(data, Keyring::load_or_create(data, &KeySource::Data).unwrap()).unwrap()
    };
    let store = open(&scene);
    let studio = store.studio_of(WEEKEND_SHOW).unwrap().id;
    let new = NewTarget {
        name: TargetName::parse("Facebook").unwrap(),
        platform: "facebook".into(),
        point: facebook(),
        viewer_link: None,
        status_id: None,
        key_owner: OLIVIA,
    };
    let target = store.add_target(studio, new).await.unwrap().id;
    assert!(!store.is_used(studio, target), "a new key had no show");
    store.note_used(studio, target).await.unwrap();
    store.close().await;
    drop(store);
    scene.phone.advance(Duration::from_secs(60));
    scene.start().await;

    let (day, minute) = soon();
    let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let clock = |minute: u64| format!("{:02}:{:02}", minute / 60, minute % 60);
    scene.asks(MING, WEEKEND_SHOW, "/settings", "Who operates here").await;
    let toast = scene.taps_for_toast(SAM, WEEKEND_SHOW, "Weekly show").await;
    assert!(toast.alert, "{toast:?}");
    scene.taps_for(MING, WEEKEND_SHOW, "Weekly show", "On which day of the week is your show?").await;
    scene.taps_for(MING, WEEKEND_SHOW, &days[day][..3], "In which hour does it begin?").await;
    scene.taps_for(MING, WEEKEND_SHOW, &clock(minute / 60 * 60), "At which minute?").await;
    scene.taps_for(MING, WEEKEND_SHOW, &clock(minute), "By the clock of which place?").await;
    let set = format!("Your weekly show: {} at {} (UTC).", days[day], clock(minute));
    scene.taps_for(MING, WEEKEND_SHOW, "UTC", &set).await;
    scene.hears(WEEKEND_SHOW, 0, "👤 阿明 Ming set the weekly show to").await;

    let words = "Facebook needs this week’s key: it takes each key for one show only. I asked Olivia.";
    let told = scene.phone.wait_for_text(WEEKEND_SHOW, 0, words, SOON * 2).await.unwrap();
    assert!(told.silent && told.text().starts_with("🗓 The show begins in "), "{}", told.text());
    let asked = scene.hears(OLIVIAS, 0, "needs something from you.").await;
    assert!(!asked.silent && asked.text().contains("“周末直播 Weekend Show”"), "{}", asked.text());
    let toast = scene.taps_for_toast(OLIVIA, OLIVIAS, "New key for Facebook").await;
    assert!(!toast.alert, "{toast:?}");
    scene.asks(OLIVIA, OLIVIAS, "/cancel", "Cancelled").await;

    // Told once, over a restart too.
    scene.stop().await;
    scene.phone.advance(Duration::from_secs(60));
    scene.start().await;
    scene.asks(MING, WEEKEND_SHOW, "/status", "Not live").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let count = |words: &str| {
        let messages = scene.phone.messages(WEEKEND_SHOW);
        messages.iter().filter(|message| message.text().contains(words)).count()
    };
    assert_eq!(count("The show begins in"), 1, "{}", scene.phone.transcript(WEEKEND_SHOW));
    scene.asks(MING, WEEKEND_SHOW, "/settings", "Who operates here").await;
    scene.taps_for(MING, WEEKEND_SHOW, "Weekly show", "On which day shall it be?").await;
    scene.taps_for(MING, WEEKEND_SHOW, "No weekly show", "There is no weekly show any more.").await;
    scene.hears(WEEKEND_SHOW, 0, "👤 阿明 Ming called the weekly show off.").await;
    scene.stop().await;
    let store = open(&scene);
    store.rekey_target(studio, target, facebook(), OLIVIA).await.unwrap();
    assert!(!store.is_used(studio, target), "a new key is for a new show");
    store.close().await;
    drop(store);
    scene.phone.advance(Duration::from_secs(60));
    scene.start().await;
    scene.end().await;
}
