//! Tests before the show, seen by nobody; the order of targets; what is removed and brought back.

use crate::bed::field::{Door, Recorder, Refusal};
use crate::chat_before::add;
use crate::scene::{OLIVIAS, OTHER_KEY, OTHER_SERVER, SOON, Scene};
use std::time::Duration;
use telecast::demo::bot_api::{OLIVIA, WEEKEND_SHOW};

/// A platform on this machine that can be rehearsed on.
const PROVING: &str = "[[platform]]\nid = \"proving\"\nname = { en = \"Proving TV\", zh = \"试播台\" }\n\
    checked = \"2026-11\"\nserver_like = \"rtmp://127.0.0.1/live\"\nhosts = ['^127\\.0\\.0\\.1$']\n\
    rehearsal = \"bandwidthtest=true\"\nkey = { kind = \"path\", hint = { en = \"Any.\", zh = \"随意\" } }\n";

fn at(recorder: &Recorder) -> String {
    format!("rtmp://{}/live {OTHER_KEY}", recorder.address())
}

async fn until_published(recorder: &Recorder) -> String {
    let heard = recorder.until("a publish", SOON, |heard| heard.with("publish").is_some()).await.unwrap();
    heard.with("publish").unwrap().join(" ")
}

#[tokio::test]
async fn where_a_platform_has_a_test_that_nobody_sees_the_key_is_tried_there_and_the_show_gets_the_plain_one() {
    let proving = Recorder::start(Door::Open).await.unwrap();
    let scene = Scene::owned_knowing(PROVING).await;
    let shown = scene.asks(OLIVIA, OLIVIAS, &at(&proving), "Proving TV takes your key. Save it?").await;
    assert!(shown.text().contains("It took your key in a test that nobody can see."), "{}", shown.text());
    let published = until_published(&proving).await;
    assert!(published.contains(&format!("{OTHER_KEY}?bandwidthtest=true")), "{published}");
    proving.until("a goodbye", SOON, |heard| heard.with("deleteStream").is_some()).await.unwrap();
    assert!(proving.heard().iter().all(|heard| heard.media == 0), "no picture was sent");
    scene.taps_for(OLIVIA, OLIVIAS, "Save", "Proving TV is saved.").await;

    let all = scene.asks(OLIVIA, OLIVIAS, "/check", "Nothing stands in the way of going live.").await;
    assert!(all.text().contains("✅ Proving TV: It took your key"), "{}", all.text());
    scene.asks(OLIVIA, OLIVIAS, "/targets", "Tap one to change it.").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Proving TV", "Server: ").await;
    assert_eq!(scene.taps_for_toast(OLIVIA, OLIVIAS, "Switch off").await.text, "Proving TV is off");
    scene.asks(OLIVIA, OLIVIAS, "/check", "Every platform is switched off.").await;
    scene.end().await;
}

#[tokio::test]
async fn elsewhere_it_only_connects_and_says_that_the_key_shows_later() {
    let other = Recorder::start(Door::Open).await.unwrap();
    let scene = Scene::owned().await;
    scene.asks(OLIVIA, OLIVIAS, &at(&other), "the server answers. Save it?").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Save", "127.0.0.1 is saved.").await;
    scene.asks(OLIVIA, OLIVIAS, "/check", "whether the key is right shows when you go live").await;
    let heard = other.heard();
    assert!(heard.len() >= 2 && heard.iter().all(|heard| heard.field("app") == Some("live")), "{heard:?}");
    assert!(heard.iter().all(|heard| heard.with("publish").is_none()), "nothing was published");
    scene.end().await;
}

#[tokio::test]
async fn what_fails_is_told_saved_all_the_same_and_marked_until_it_works() {
    let refusal = Refusal {
        at_publish: false,
        starts: false,
        says: Some(("NetConnection.Connect.Rejected".into(), "no such app".into())),
        closes: Duration::ZERO,
    };
    let picky = Recorder::start(Door::Refuses(refusal)).await.unwrap();
    let address = picky.address();
    let scene = Scene::owned().await;
    let shown = scene.asks(OLIVIA, OLIVIAS, &at(&picky), "does not take this address").await;
    assert!(shown.text().contains("“NetConnection.Connect.Rejected: no such app”"), "{}", shown.text());
    scene.taps_for(OLIVIA, OLIVIAS, "Save", "⚠️ Its test failed, so I marked it.").await;
    let list = scene.asks(OLIVIA, OLIVIAS, "/targets", "⚠️ did not let me in when it was last tested").await;
    assert!(list.has_button("⚠️ 127.0.0.1"), "{:?}", list.labels());
    let told = scene.asks(OLIVIA, OLIVIAS, "/check", "1 platform would not work now.").await;
    assert!(told.has_button("127.0.0.1"), "the way to it: {:?}", told.labels());

    drop(picky);
    // It takes its connections by and by.
    let open = loop {
        if let Ok(open) = Recorder::start_at(address, Door::Open, None).await {
            break open;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    scene.asks(OLIVIA, OLIVIAS, "/check", "Nothing stands in the way of going live.").await;
    scene.asks(OLIVIA, OLIVIAS, "/targets", "127.0.0.1 · Other RTMP server · 🟢 on").await;
    drop(open);
    scene.end().await;
}

#[tokio::test]
async fn a_key_that_a_show_uses_is_never_tested() {
    let proving = Recorder::start(Door::Open).await.unwrap();
    let scene = Scene::owned_knowing(PROVING).await;
    add(&scene, &at(&proving), "Proving TV").await;
    scene.asks(OLIVIA, OLIVIAS, "/golive", "Waiting for your").await;
    let before = proving.heard().len();
    let told = scene.asks(OLIVIA, OLIVIAS, "/check", "Nothing stands in the way").await;
    assert!(told.text().contains("🔴 Proving TV: Part of a show now, so I leave it alone."), "{}", told.text());
    // The same key once more, as somebody might paste it in another studio.
    scene.asks(OLIVIA, OLIVIAS, &at(&proving), "a show uses this key now").await;
    assert_eq!(proving.heard().len(), before, "nobody knocked");
    scene.end().await;
}

#[tokio::test]
async fn targets_stand_in_the_order_that_people_gave_them_and_a_restart_keeps_it() {
    let mut scene = Scene::owned().await;
    for n in 1..=8 {
        add(&scene, &format!("rtmp://host-{n}.example.invalid/live {OTHER_KEY}"), &format!("host-{n}.example.invalid"))
            .await;
    }
    let first = scene.asks(OLIVIA, OLIVIAS, "/targets", "Platforms, page 1 of 2").await;
    let labels = first.labels().join(" ");
    assert!(labels.contains("host-6") && !labels.contains("host-7"), "{labels}");
    let detail = scene.taps_for(OLIVIA, OLIVIAS, "host-1.", "Key: ••••6789 (your key)").await;
    assert!(detail.has_button("↓ Down") && !detail.has_button("↑ Up"), "{:?}", detail.labels());
    let toast = scene.taps_for_toast(OLIVIA, OLIVIAS, "↓ Down").await;
    assert_eq!(toast.text, "host-1.example.invalid is number 2 of 8 now.");
    scene.phone.wait_for_button(OLIVIAS, "↑ Up", SOON).await.unwrap();
    scene.stop().await;
    scene.start().await;
    let list = scene.asks(OLIVIA, OLIVIAS, "/targets", "Platforms, page 1 of 2").await;
    let place = |name: &str| list.text().find(name).unwrap();
    assert!(place("host-2.") < place("host-1.") && place("host-1.") < place("host-3."), "{}", list.text());
    scene.end().await;
}

#[tokio::test]
async fn what_was_removed_comes_back_by_its_button_also_after_a_restart() {
    let mut scene = Scene::owned().await;
    add(&scene, &format!("{OTHER_SERVER} {OTHER_KEY}"), "push.example.invalid").await;
    scene.asks(OLIVIA, OLIVIAS, "/targets", "Platforms").await;
    scene.taps_for(OLIVIA, OLIVIAS, "push", "Key: ••••6789").await;
    scene.taps_for(OLIVIA, OLIVIAS, "Remove", "push.example.invalid is removed.").await;
    scene.stop().await;
    scene.start().await;
    scene.taps_for(OLIVIA, OLIVIAS, "Undo", "push.example.invalid is back.").await;
    scene.asks(OLIVIA, OLIVIAS, "/targets", "push.example.invalid · ").await;
    scene.end().await;
}

#[tokio::test]
async fn a_request_to_be_let_in_can_be_answered_after_a_restart() {
    let mut scene = Scene::owned().await;
    let (sam, sams) = (telecast::demo::bot_api::SAM, crate::scene::SAMS);
    scene.asks(sam, sams, "/start", "This is a private Telecast.").await;
    scene.taps_for(sam, sams, "Ask for access", "I have asked the owner.").await;
    scene.hears(OLIVIAS, 0, "Sam asks to use your Telecast.").await;
    scene.stop().await;
    scene.start().await;
    scene.taps_for(OLIVIA, OLIVIAS, "Let in", "Sam can use this Telecast now.").await;
    scene.hears(sams, 0, "The owner has let you in.").await;
    scene.end().await;
}

#[tokio::test]
async fn in_a_group_a_test_is_an_operators_and_tells_no_secret() {
    let scene = Scene::with_group().await;
    let (ming, sam) = (telecast::demo::bot_api::MING, telecast::demo::bot_api::SAM);
    scene.asks(sam, WEEKEND_SHOW, "/check", "Only admins of this group can do that.").await;
    scene.asks(ming, WEEKEND_SHOW, "/check", "There is no platform yet.").await;
    scene.end().await;
}

#[tokio::test]
async fn an_address_that_is_not_dialled_is_told_with_its_reason_and_may_still_be_saved() {
    let scene = Scene::owned().await;
    scene.asks(OLIVIA, OLIVIAS, "/ingest", "Stream Key:").await;
    let own = scene.told(OLIVIAS).server;
    for (server, why) in [
        (own.tc_url(), "Its address leads back to this Telecast"),
        (format!("rtmp://localhost:{}/live", own.port()), "Its address leads back to this Telecast"),
        ("rtmp://127.0.0.1:6379/live".to_owned(), "Its port belongs to another kind of service"),
        ("rtmp://0x0a000001/live".to_owned(), "Its address leads into a private network"),
        ("rtmp://169.254.169.254/live".to_owned(), "Its address leads into a private network"),
    ] {
        let told = scene.asks(OLIVIA, OLIVIAS, &format!("{server}\n{OTHER_KEY}"), why).await;
        assert!(told.text().contains("You can save it anyway; I mark it."), "{}", told.text());
        scene.asks(OLIVIA, OLIVIAS, "/cancel", "").await;
    }
    scene.end().await;
}
